# Answers of AWS through the cache: from the network once, then from memory, in other shells from disk.

use std/assert
use std/testing *
use ../lib/moto.nu *

@before-all
def server [] { moto start $env.TEST_PYTHON $env.TEST_DIR }

@before-each
def folder [] { {AWS_CACHE_DIR: ($env.TEST_DIR | path join $"cache-(random chars --length 8)")} }

# Another shell with a plugin of its own.
def other [code: string]: nothing -> any {
    ^$nu.current-exe --no-config-file --plugins $env.TEST_PLUGIN --commands $"($code) | to nuon" | from nuon
}

def asked [operation: string]: nothing -> int { moto requests | where operation == $operation | length }

@test
def "network, then memory, then disk in another shell" [] {
    load-env $in
    moto forget
    let first = aws call sns ListTopics --meta
    let second = aws call sns ListTopics --meta
    let third = other "aws call sns ListTopics --meta"
    assert equal [$first.meta.cache $second.meta.cache $third.meta.cache] [network memory disk]
    assert equal [$second.data $third.data] [$first.data $first.data]
    assert equal [$second.meta.attempts $third.meta.attempts] [0 0]
    assert equal $first.meta.ttl 5min
    assert ($third.meta.age > 0sec and $third.meta.age < 10sec)
    assert equal $first.meta.key "default:eu-west-1:sns:ListTopics:empty-params"
    assert equal (asked ListTopics) 1
}

@test
def "spellings of one question are one question" [] {
    load-env $in
    let kept = {|parameters| aws call ec2 describe-vpcs $parameters --meta | get meta.cache }
    assert equal (do $kept {Filters: [{Name: state, Values: [available]}], MaxResults: 5}) network
    assert equal (do $kept {MaxResults: 5, Filters: [{Values: [available], Name: state}]}) memory
    assert equal (do $kept {max_results: 5, filters: [{name: state, values: [available]}], NextToken: null}) memory
    assert equal (do $kept {MaxResults: 6, Filters: [{Name: state, Values: [available]}]}) network
}

@test
def "flags decide" [] {
    load-env $in
    let cache = {|| $in.meta.cache }
    assert equal (aws call kms ListKeys --no-cache --meta | do $cache) bypass
    assert equal (aws call kms ListKeys --meta | do $cache) network
    assert equal (aws call kms ListKeys --meta | do $cache) memory
    assert equal (aws call kms ListKeys --refresh --meta | do $cache) network
    sleep 30ms
    assert equal (aws call kms ListKeys --ttl 20ms --meta | do $cache) network
    # An answer lives as long as it was stored for, however old it may be for who asks.
    sleep 30ms
    assert equal (aws call kms ListKeys --ttl 1hr --meta | do $cache) network
    assert equal (aws call kms ListAliases --ttl 1hr --meta | get meta.ttl) 1hr
    for flags in [[--refresh --no-cache] [--no-cache --ttl 1sec]] {
        let code = $"try { aws call kms ListKeys ($flags | str join ' ') } catch {|e| $e.details.code }"
        assert equal (other $code) "aws_perf::invalid_input"
    }
    assert equal (with-env {AWS_PERF_CACHE: "false"} { aws call kms ListAliases --meta | do $cache }) bypass
    with-env {AWS_PERF_TTL: 1ms} { aws call sns ListTopics --refresh | ignore }
    sleep 5ms
    assert equal (aws call sns ListTopics --meta | do $cache) network
}

@test
def "who reads after a write sees it, in any shell" [] {
    load-env $in
    let names = {|| aws call sqs ListQueues | get QueueUrls? | default [] | each { path basename } | sort }
    let there = "aws call sqs ListQueues | get QueueUrls? | default [] | each { path basename } | sort"
    assert equal [(do $names) (other $there)] [[] []]
    aws call sqs CreateQueue {QueueName: one} | ignore
    assert equal [(do $names) (other $there)] [[one] [one]]
    other "aws call sqs CreateQueue {QueueName: two}"
    assert equal [(do $names) (other $there)] [[one two] [one two]]
    # While a change settles nothing is kept.
    assert equal (aws call sqs ListQueues --meta | get meta | select cache ttl) {cache: network, ttl: null}
    for url in (aws call sqs ListQueues).QueueUrls { aws call sqs DeleteQueue {QueueUrl: $url} }
    assert equal [(do $names) (other $there)] [[] []]
}

@test
def "shells that keep nothing, or nothing on disk, tell and hear of changes" [] {
    load-env $in
    let kept = {|| aws call sns ListTopics --meta | {cache: $in.meta.cache, topics: ($in.data.Topics | length)} }
    do $kept
    assert equal (do $kept) {cache: memory, topics: 0}
    with-env {AWS_PERF_CACHE: "false"} { other "aws call sns CreateTopic {Name: by-who-keeps-nothing}" }
    assert equal (do $kept) {cache: network, topics: 1}
    with-env {AWS_PERF_CACHE_DISK: "0"} { other "aws call sns CreateTopic {Name: by-who-keeps-in-memory}" }
    assert equal (do $kept) {cache: network, topics: 2}
    sleep 15100ms
    do $kept
    assert equal (do $kept | get cache) memory
    let removed = with-env {AWS_PERF_CACHE: "false"} { other "aws invalidate --service sns | length" }
    assert ($removed > 0)
    assert equal (do $kept | get cache) network
    # The other way round: in memory only, and another shell writes, or removes.
    let remembered = {|| with-env {AWS_PERF_CACHE_DISK: 0} { do $kept } }
    do $remembered
    assert equal (do $remembered | get cache) memory
    other "aws call sns CreateTopic {Name: by-another}"
    assert equal (do $remembered) {cache: network, topics: 3}
    sleep 15100ms
    do $remembered
    assert equal (do $remembered | get cache) memory
    other "aws cache clear"
    assert equal (do $remembered | get cache) network
    for topic in (aws call sns ListTopics).Topics { aws call sns DeleteTopic {TopicArn: $topic.TopicArn} }
}

@test
def "callers, regions and endpoints never share answers" [] {
    load-env $in
    let cache = {|| aws call sns ListTopics --meta | get meta.cache }
    assert equal [(do $cache) (do $cache)] [network memory]
    assert equal (with-env {AWS_ACCESS_KEY_ID: another} { do $cache }) network
    assert equal (with-env {AWS_REGION: us-east-2} { do $cache }) network
    assert equal (with-env {AWS_ENDPOINT_URL: $"($env.AWS_ENDPOINT_URL)/"} { do $cache }) network
    assert equal (with-env {AWS_MOCK_MODE: "true"} { do $cache }) bypass
    assert equal (do $cache) memory
}

@test
def "who asks the same at once is one call" [] {
    load-env $in
    moto forget
    moto delay 300ms
    let found = 1..50 | par-each --threads 50 {|| aws call sns ListSubscriptions --meta | get meta.cache }
    moto delay 0ms
    # Who came late found what the one call brought.
    assert ($found | all { $in in [network memory] })
    assert equal (asked ListSubscriptions) 1
}

@test
def "who has less patience does not end the calls of others" [] {
    load-env $in
    moto delay 700ms
    let ended = [hasty patient] | par-each --threads 2 --keep-order {|who|
        if $who == hasty {
            try { aws call sns ListPlatformApplications --timeout 200ms; "answered" } catch {|e| $e.details.code }
        } else {
            sleep 50ms
            try { aws call sns ListPlatformApplications; "answered" } catch {|e| $e.details.code }
        }
    }
    moto delay 0ms
    assert equal $ended ["aws_perf::timeout" answered]
}

@test
def "errors are not kept, but for a moment that something is not there" [] {
    load-env $in
    moto forget
    let topic = {TopicArn: "arn:aws:sns:eu-west-1:123456789012:late"}
    let code = {|| try { aws call sns GetTopicAttributes $topic; "there" } catch {|e| $e.details.code } }
    assert equal [(do $code) (do $code)] ["aws::NotFound" "aws::NotFound"]
    assert equal (asked GetTopicAttributes) 1
    aws call sns CreateTopic {Name: late} | ignore
    assert equal (do $code) "there"
    let code = {|| try { aws call cloudformation DescribeStacks {StackName: none} } catch {|e| $e.details.code } }
    assert equal [(do $code) (do $code)] ["aws::ValidationError" "aws::ValidationError"]
    assert equal (asked DescribeStacks) 2
}

@test
def "secrets are never kept" [] {
    load-env $in
    aws call secretsmanager CreateSecret {Name: s, SecretString: canary-word} | ignore
    aws call ssm PutParameter {Name: p, Value: canary-word, Type: SecureString} | ignore
    sleep 1ms
    for _ in 1..2 {
        assert equal (aws call secretsmanager GetSecretValue {SecretId: s} --meta | get meta.cache) bypass
        assert equal (aws call ssm GetParameter {Name: p, WithDecryption: true} --meta | get meta.cache) bypass
        assert equal (aws call sts GetSessionToken --meta | get meta.cache) bypass
    }
    let files = glob ($env.AWS_CACHE_DIR + "/v1/**/*") --no-dir
    for file in $files {
        assert (not (open --raw $file | into binary | bytes index-of ("canary-word" | into binary) | $in >= 0)) $file
    }
    assert equal (aws cache list | where kind == answer | where key =~ "GetSecret|GetParameter|GetSession") []
}

@test
def "lists show answers and clearing forgets them" [] {
    load-env $in
    aws call sns ListTopics | ignore
    aws cache put mine 1
    assert equal (aws cache list | select key kind | sort-by kind) [[key kind]; ["default:eu-west-1:sns:ListTopics:empty-params" answer] [mine value]]
    assert equal (aws cache clear) 2
    assert equal (aws call sns ListTopics --meta | get meta.cache) network
}

@test
def "what is kept tells what was asked, as whom, and how often it answered" [] {
    load-env $in
    let filters = {Filters: [{Name: state, Values: [available]}]}
    for _ in 1..3 { aws call ec2 DescribeVpcs $filters | ignore }
    other $"aws call ec2 DescribeVpcs ($filters | to nuon) --meta | get meta.cache"
    for _ in 1..2 { aws stream sns ListTopics | ignore }
    aws cache put mine 1
    for _ in 1..2 { aws cache get mine | ignore }
    aws cache get nobodys | ignore
    let rows = aws cache list | sort-by kind
    assert equal ($rows | select kind hits) [[kind hits]; [answer 3] [stream 1] [value 2]]
    assert equal ($rows.0.parameters | from nuon) $filters
    assert equal ($rows | get identity) ["key test" "key test" null]
    let by = aws cache stats --by-service
    assert equal ($by | select service entries memory disk misses calls_saved) [
        [service entries memory disk misses calls_saved]; [ec2 1 2 1 1 3] [sns 1 1 0 1 1]
    ]
    assert ($by.0.time_saved > 0sec)
    assert equal (aws perf stats | get count) 6
    aws perf reset
    assert equal (aws cache list | get hits) [0 0 0]
}

@test
def "parameters that may be secret are shown nowhere" [] {
    load-env $in
    let key = "0123456789abcdef0123456789abcdef"
    aws call s3 CreateBucket {Bucket: secretive, CreateBucketConfiguration: {LocationConstraint: eu-west-1}} | ignore
    aws call s3 PutObject {Bucket: secretive, Key: k, Body: (0x[00])} | ignore
    sleep 15100ms
    # The head of an object may be kept; the key that decrypts it may be told nowhere.
    try { aws call s3 HeadObject {Bucket: secretive, Key: k, SSECustomerAlgorithm: AES256, SSECustomerKey: $key} }
    aws call s3 HeadObject {Bucket: secretive, Key: k} | ignore
    let heads = aws cache list | where key =~ HeadObject
    assert (($heads | length) > 0)
    assert equal ($heads | get parameters | uniq) [null]
}

@test
def "what AWS marks as sensitive is kept where the user says so" [] {
    load-env $in
    let role = "arn:aws:iam::123456789012:role/flow"
    let definition = {StartAt: end, States: {end: {Type: Succeed}}} | to json
    let machine = aws call stepfunctions CreateStateMachine {name: kept, definition: $definition, roleArn: $role}
    sleep 15100ms
    let ask = {|| 1..2 | each { aws call stepfunctions DescribeStateMachine {stateMachineArn: $machine.stateMachineArn} --meta | get meta.cache } }
    assert equal (do $ask) [bypass bypass]
    with-env {AWS_PERF_CACHE_SENSITIVE: "lambda:ListFunctions, stepfunctions:DescribeStateMachine"} {
        assert equal (do $ask) [network memory]
    }
    let error = try { with-env {AWS_PERF_CACHE_SENSITIVE: "everything"} { aws call sns ListTopics } } catch {|error| $error.msg }
    assert str contains $error "AWS_PERF_CACHE_SENSITIVE is `everything`, which is not a list of operations"
}

@test
def "a kept answer needs no credentials" [] {
    load-env $in
    let config = $env.AWS_CACHE_DIR + ".ini"
    "[profile role]\nrole_arn = arn:aws:iam::123456789012:role/reader\nsource_profile = keys\n[profile keys]\naws_access_key_id = test\naws_secret_access_key = test\n" | save $config
    hide-env AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
    $env.AWS_CONFIG_FILE = $config
    $env.AWS_PROFILE = "role"
    assert equal (aws call sns ListTopics --meta | get meta.cache) network
    # Nobody gives out credentials any more.
    $env.AWS_ENDPOINT_URL_STS = "http://127.0.0.1:9"
    assert equal (other "aws call sns ListTopics --meta | get meta.cache") disk
    assert equal (other "try { aws call sns ListTopics --no-cache } catch {|e| $e.details.code }") "aws_perf::missing_credentials"
}

@test
def "keys are built and taken apart" [] {
    load-env $in
    let key = aws cache key ec2 describe-vpcs {MaxResults: 5, VpcIds: [a]} --profile default
    assert equal $key (aws cache key ec2 DescribeVpcs {vpc_ids: [a], max_results: 5})
    assert equal (aws cache key $key | reject hash) {profile: default, region: eu-west-1, service: ec2, operation: DescribeVpcs}
    assert equal (aws cache key $key | get hash | str length) 32
    assert equal (aws cache key sns ListTopics) (aws call sns ListTopics --meta | get meta.key)
    assert equal (aws cache key "a%3Ab:eu:s3:Op:empty-params" | get profile) "a:b"
    assert equal (try { aws cache key sns } catch {|e| $e.details.code }) "aws_perf::invalid_input"
}

@test
def "all pages are one answer, apart from a single page" [] {
    load-env $in
    let cache = {|| $in.meta.cache }
    let first = aws call sns ListTopics --all --meta
    assert equal ($first | do $cache) network
    assert equal (aws call sns ListTopics --meta | do $cache) network
    let again = aws call sns ListTopics --all --meta
    assert equal [($again | do $cache) $again.data] [memory $first.data]
    assert ($again.meta.key | str ends-with "-all")
    assert equal (aws call sns ListTopics --all --refresh --meta | do $cache) network
    assert equal (aws call sns ListTopics --all --no-cache --meta | do $cache) bypass
}

@test
def "a whole stream is kept, and what is limited is not" [] {
    load-env $in
    moto forget
    let source = {|| metadata | get aws_perf.cache }
    assert equal (aws stream sns ListTopics --max-pages 0 | length) 0
    assert equal (aws stream sns ListTopics | do $source) network
    # The reader above took the metadata alone; this one takes all.
    aws stream sns ListTopics --refresh | ignore
    assert equal (aws stream sns ListTopics | do $source) memory
    assert equal (other "aws stream sns ListTopics | metadata | get aws_perf.cache") disk
    let asked = asked ListTopics
    assert equal (aws stream sns ListTopics | length) (aws stream sns ListTopics --no-cache | length)
    assert equal (asked ListTopics) ($asked + 1)
    let told = aws stream sns ListTopics | metadata | get aws_perf
    assert equal $told.ttl 5min
    assert ($told.age > 0sec)
    assert equal $told.key "default:eu-west-1:sns:ListTopics:empty-params-stream"
    assert equal (aws cache list | where kind == stream | get key) [$told.key]
}
