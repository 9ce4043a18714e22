# How long answers are good: by what they tell of, by the state it is in, by what the user says.

use std/assert
use std/testing *
use ../lib/moto.nu *

@before-all
def server [] { moto start $env.TEST_PYTHON $env.TEST_DIR }

@before-each
def folder [] { {AWS_CACHE_DIR: ($env.TEST_DIR | path join $"cache-(random chars --length 8)")} }

# Returns when an entry of a kind (`answer`, `stream`) is good again, after 5 s at the latest.
def wait-for [kind: string, operation: string]: nothing -> nothing {
    for _ in 1..50 {
        if (aws cache list | where kind == $kind and key =~ $operation | any {|entry| not $entry.expired }) { break }
        sleep 100ms
    }
}

def ttl [service: string, operation: string]: nothing -> any { aws call $service $operation --meta | get meta.ttl }

@test
def "each pace has its time" [] {
    load-env $in
    let paces = aws cache ttl
    assert equal ($paces | select pace ttl) [
        [pace ttl]; [hot 10sec] [listing 1min] [config 5min] [identity 10min] [catalog 1day] [final 1wk]
    ]
    assert equal (ttl ec2 DescribeInstances) 10sec
    assert equal (ttl ec2 DescribeVpcs) 5min
    assert equal (ttl iam ListRoles) 10min
    assert equal (ttl ec2 DescribeInstanceTypes) 1day
}

@test
def "one operation tells how long and why, a service tells of its reads" [] {
    load-env $in
    assert equal (aws cache ttl ec2 describe-vpcs) {operation: DescribeVpcs, kept: true, ttl: 5min, pace: config, because: "config: what people set up"}
    assert equal (aws cache ttl ec2 RunInstances | select kept ttl) {kept: false, ttl: null}
    assert equal (aws cache ttl secretsmanager GetSecretValue | get kept) false
    assert str contains (aws cache ttl lambda ListFunctions | get because) "cache.sensitive"
    let reads = aws cache ttl s3
    assert (($reads | where operation == ListObjectsV2 | get 0.ttl) == 1min)
    assert ("PutObject" not-in $reads.operation)
    let error = try { aws cache ttl ec2 DescribeNothing } catch {|error| $error.msg }
    assert str contains $error "DescribeNothing"
}

@test
def "who says most wins" [] {
    load-env $in
    $env.config.plugins.aws_perf = {cache: {ttls: {ec2: 1min, "ec2:DescribeVpcs": 2min}}}
    assert equal (ttl ec2 DescribeVpcs) 2min
    assert equal (ttl ec2 DescribeSubnets) 1min
    assert equal (aws cache ttl ec2 DescribeSubnets | get because) "plugin setting `cache.ttls.ec2`"
    with-env {AWS_PERF_TTL_EC2: 3min} { assert equal (ttl ec2 DescribeInternetGateways) 3min }
    with-env {AWS_PERF_TTL: 4sec} {
        assert equal (ttl iam ListUsers) 4sec
        assert equal (ttl ec2 DescribeRouteTables) 1min
    }
    assert equal (aws call ec2 DescribeSecurityGroups --ttl 7sec --meta | get meta.ttl) 7sec
    $env.config.plugins.aws_perf = {cache: {ttls: {ec2: soon}}}
    assert str contains (try { ttl ec2 DescribeVpcs } catch {|error| $error.msg }) "cache.ttls.ec2"
}

@test
def "what is told is what holds" [] {
    load-env $in
    with-env {AWS_PERF_TTL: 20sec} {
        assert equal (aws cache ttl | get ttl | uniq) [20sec]
        assert equal (ttl ec2 DescribeVpcs) 20sec
    }
    with-env {AWS_PERF_CACHE: false} {
        let told = aws cache ttl ec2 DescribeVpcs
        assert equal ($told | select kept ttl) {kept: false, ttl: null}
        assert str contains $told.because "AWS_PERF_CACHE"
        assert equal (ttl ec2 DescribeVpcs) null
    }
}

@test
def "settings that mean nothing are told where somebody looks" [] {
    load-env $in
    let code = "$env.config.plugins.aws_perf.cache.ttls = {nope: 1min, ec2: 2min, iam: null, sns: 90000, 'sns:ListTopicz': 1min, 'ec2:CreateVpc': 1min, 'sfn:list-executions': 1min}; [(aws cache ttl ec2 DescribeVpcs) (aws cache ttl sns ListTopics)] | get ttl | to nuon"
    let sensitive = "lambda:ListFunktions lambdda:* lambda:ListFunctions secretsmanager:GetSecretValue"
    let told = with-env {AWS_PERF_TTL_EC3: "1min", AWS_PERF_TTL_COGNITO_IDP: "1min", AWS_PERF_CACHE_SENSITIVE: $sensitive} { ^$nu.current-exe --no-config-file --plugins $env.TEST_PLUGIN --commands $code | complete }
    assert equal ($told.stdout | from nuon) [2min 90sec]
    let lines = $told.stderr | lines | uniq | sort
    assert equal $lines [
        "aws_perf: plugin setting `cache.ttls.ec2:CreateVpc`: answers of ec2 CreateVpc are not kept"
        "aws_perf: plugin setting `cache.ttls.nope` names no service"
        "aws_perf: plugin setting `cache.ttls.sns:ListTopicz`: sns has no operation 'ListTopicz'"
        "aws_perf: setting `cache.sensitive` with lambda:ListFunktions: lambda has no operation 'ListFunktions'"
        "aws_perf: setting `cache.sensitive` with lambdda:* names no service"
        "aws_perf: setting `cache.sensitive` with secretsmanager:GetSecretValue: answers of secretsmanager GetSecretValue are not kept"
        "aws_perf: variable AWS_PERF_TTL_EC3 names no service"
    ]
}

@test
def "what is on its way is asked again soon" [] {
    load-env $in
    let role = "arn:aws:iam::123456789012:role/flow"
    let definition = {StartAt: end, States: {end: {Type: Wait, Seconds: 60, End: true}}} | to json
    let machine = aws call stepfunctions CreateStateMachine {name: slow, definition: $definition, roleArn: $role} | get stateMachineArn
    sleep 15100ms
    let executions = {|| aws call stepfunctions ListExecutions {stateMachineArn: $machine} --meta | get meta }
    assert equal (do $executions | get ttl) 10sec
    let run = aws call stepfunctions StartExecution {stateMachineArn: $machine, input: "{}"} | get executionArn
    sleep 15100ms
    let seen = do $executions
    assert equal $seen.ttl 2sec
    assert equal (do $executions | get cache) memory
    sleep 2100ms
    assert equal (do $executions | get cache) network
    # The same where the answer is a stream.
    aws stream stepfunctions ListExecutions {stateMachineArn: $machine} | ignore
    assert equal (aws cache list | where kind == stream | get ttl) [2sec]
    # Whoever says how long means it.
    assert equal (aws call stepfunctions ListExecutions {stateMachineArn: $machine} --ttl 1min --refresh --meta | get meta.ttl) 1min
    aws call stepfunctions StopExecution {executionArn: $run} | ignore
}

@test
def "who is in a hurry takes an old answer, and a new one comes behind" [] {
    load-env $in
    let first = aws call sns ListTopics --ttl 1ms --meta
    assert equal $first.meta.stale false
    sleep 10ms
    let asked = date now
    let old = aws call sns ListTopics --stale --meta
    assert equal [$old.meta.cache $old.meta.stale $old.data] [memory true $first.data]
    assert ($old.meta.age >= 10ms)
    wait-for answer ListTopics
    let new = aws call sns ListTopics --meta
    assert not $new.meta.stale
    assert ($new.meta.cache in [memory disk])
    assert ((date now) - $new.meta.age > $asked) "the new answer is from after the old one was given"
    # Nothing is kept: it is asked.
    assert equal (aws call sns ListSubscriptions --stale --meta | get meta | select cache stale) {cache: network, stale: false}
    for flags in [{ aws call sns ListTopics --stale --refresh } { aws call sns ListTopics --stale --no-cache }] {
        assert str contains (try { do $flags; "nothing" } catch {|error| $error.msg }) "--stale"
    }
}

@test
def "who takes an old answer and ends at once leaves a new one" [] {
    load-env $in
    aws call sns ListTopics --ttl 1ms | ignore
    sleep 50ms
    let code = "aws call sns ListTopics --stale --meta | get meta.stale | to nuon"
    let old = ^$nu.current-exe --no-config-file --plugins $env.TEST_PLUGIN --commands $code
    assert equal $old "true"
    wait-for answer ListTopics
    assert equal (aws call sns ListTopics --meta | get meta.cache) disk
}

@test
def "a stream in a hurry is old, and is renewed behind" [] {
    load-env $in
    let first = aws stream sns ListTopics --ttl 1ms
    sleep 10ms
    let read = aws stream sns ListTopics --stale --meta | first
    assert equal [$read.meta.cache $read.meta.stale $read.data] [memory true $first]
    wait-for stream ListTopics
    let new = aws stream sns ListTopics --meta | first | get meta
    assert not $new.stale
    assert ($new.cache in [memory disk])
    assert str contains (try { aws stream sns ListTopics --stale --refresh; "nothing" } catch {|error| $error.msg }) "--stale"
    # A process that ends at once leaves a new one as well.
    aws stream sns ListTopics --ttl 1ms --refresh | ignore
    sleep 50ms
    ^$nu.current-exe --no-config-file --plugins $env.TEST_PLUGIN --commands "aws stream sns ListTopics --stale | first"
    wait-for stream ListTopics
    assert equal (aws stream sns ListTopics --meta | first | get meta.cache) disk
}

@test
def "what is kept answers where AWS cannot, and says so" [] {
    load-env $in
    aws call sns ListTopics --ttl 1ms | ignore
    aws stream sns ListSubscriptions --ttl 1ms | ignore
    sleep 10ms
    moto delay 2sec
    let run = ^$nu.current-exe --no-config-file --plugins $env.TEST_PLUGIN --commands "aws call sns ListTopics --timeout 300ms --meta | get meta | select cache stale | to nuon" | complete
    let streamed = ^$nu.current-exe --no-config-file --plugins $env.TEST_PLUGIN --commands "aws stream sns ListSubscriptions --timeout 300ms --meta | get meta.stale | to nuon" | complete
    let never = try { with-env {AWS_PERF_STALE_IF_ERROR: 0sec} { aws call sns ListTopics --timeout 300ms } } catch {|error| $error.msg }
    moto delay 0ms
    assert equal ($run.stdout | from nuon) {cache: disk, stale: true}
    assert str contains $run.stderr "sns ListTopics is answered from the cache"
    assert equal ($streamed.stdout | from nuon) [true]
    assert str contains $streamed.stderr "sns ListSubscriptions is answered from the cache"
    assert str contains $never "300ms"
}

@test
def "credentials that have ended answer from the cache, and are told where AWS is asked" [] {
    load-env $in
    let folder = mktemp --directory --tmpdir-path $env.TEST_DIR
    let process = $folder | path join keys.json
    let keys = {Version: 1, AccessKeyId: test, SecretAccessKey: test, SessionToken: test}
    $"[profile session]\nregion = eu-west-1\ncredential_process = cat ($process)\n" | save ($folder | path join config)
    hide-env --ignore-errors AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
    $env.AWS_CONFIG_FILE = $folder | path join config
    $env.AWS_PROFILE = "session"
    $keys | insert Expiration ((date now) + 1hr | format date "%Y-%m-%dT%H:%M:%SZ") | to json | save $process
    aws call sns ListTopics | ignore
    aws call sns ListSubscriptions --ttl 1ms | ignore
    aws stream sns ListTopics --ttl 1ms | ignore
    $keys | insert Expiration ((date now) - 1hr | format date "%Y-%m-%dT%H:%M:%SZ") | to json | save --force $process
    # In a process that never had the good ones.
    let told = {|code| ^$nu.current-exe --no-config-file --plugins $env.TEST_PLUGIN --commands $"try { ($code) } catch {|error| $error.details?.code? | default $error.msg } | to nuon" | complete | get stdout | from nuon }
    assert equal (do $told "aws call sns ListTopics --meta | get meta.cache") disk
    assert equal (do $told "aws call sns ListSubscriptions --stale --meta | get meta.stale") true
    assert equal (do $told "aws stream sns ListTopics --stale --meta | first | get meta.stale") true
    # Nobody is told an old answer instead of how to renew them.
    assert equal (do $told "aws call sns ListSubscriptions") "aws_perf::expired_credentials"
    assert equal (do $told "aws stream sns ListTopics") "aws_perf::expired_credentials"
}

@test
def "settings are read as they stand where a command is called, closures too" [] {
    load-env $in
    def told []: nothing -> duration { aws cache ttl ec2 DescribeVpcs | get ttl }
    $env.config.plugins.aws_perf = {cache: {ttls: {ec2: 1min}}}
    assert equal (told) 1min
    $env.config.plugins.aws_perf = {|| {cache: {ttls: {ec2: 2min}}} }
    assert equal (told) 2min
    do { $env.config.plugins.aws_perf = {cache: {ttls: {ec2: 3min}}}; assert equal (told) 3min }
    assert equal (told) 2min
    $env.config.plugins = {}
    assert equal (told) 5min
}

@test
def "a write forgets what it touches and leaves the rest, also in other regions" [] {
    load-env $in
    let name = $"q-(random chars --length 8)"
    let url = aws call sqs CreateQueue {QueueName: $name} | get QueueUrl
    # Nothing of a service is kept for 15 seconds after a write.
    sleep 15100ms
    let from = {|ask| do $ask | get meta.cache }
    let attributes = { aws call sqs GetQueueAttributes {QueueUrl: $url, AttributeNames: [All]} --meta }
    for ask in [$attributes { aws call sqs ListQueues --meta } { aws call sqs ListQueues --region us-east-1 --meta }] {
        assert equal [(do $from $ask) (do $from $ask)] [network memory]
    }
    aws call sqs SendMessage {QueueUrl: $url, MessageBody: hello} | ignore
    assert equal (do $from { aws call sqs ListQueues --meta }) memory
    let after = do $attributes
    assert equal [$after.meta.cache $after.data.Attributes.ApproximateNumberOfMessages] [network "1"]
    aws call sqs CreateQueue {QueueName: $"($name)-2"} | ignore
    assert equal (do $from { aws call sqs ListQueues --meta }) network
    assert equal (do $from { aws call sqs ListQueues --region us-east-1 --meta }) memory
}
