# What the flags of `aws call` and `aws stream` do: looking at requests, at how an answer came about, refusing writes.
use std/assert
use std/testing *
use ../lib/moto.nu *

@before-all
def server [] { moto start $env.TEST_PYTHON $env.TEST_DIR }

@test
def "dry-run shows the request, without network and without credentials" [] {
    hide-env --ignore-errors AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_ENDPOINT_URL
    let request = aws call s3 PutObject {Bucket: b1-example, Key: "a b", Body: "hello"} --region eu-west-3 --dry-run
    assert equal ($request | columns | sort) [body headers method url]
    assert equal $request.method PUT
    assert equal $request.url "https://b1-example.s3.eu-west-3.amazonaws.com/a%20b"
    assert equal ($request.headers | columns | where $it =~ '(?i)authorization') []
}

@test
def "dry-run of a stream shows its first request" [] {
    load-env $in
    let request = aws stream ec2 DescribeInstances --page-size 7 --dry-run
    assert str contains ($request.body | to text) "MaxResults=7"
    assert equal (moto requests | where operation == DescribeInstances) []
}

@test
def "meta tells how the answer came about" [] {
    load-env $in
    let answer = aws call sts GetCallerIdentity --meta
    assert equal $answer.data.Account "123456789012"
    assert equal ($answer.meta | columns) [request_id attempts duration phases region profile endpoint transport cache age ttl stale key]
    assert equal ($answer.meta | select attempts region profile transport cache) {attempts: 1, region: eu-west-1, profile: default, transport: network, cache: network}
    assert equal ($answer.meta.duration | describe) duration
    assert ($answer.meta.endpoint | str starts-with $env.AWS_ENDPOINT_URL)
}

@test
def "pipeline input is joined with the parameters on request" [] {
    load-env $in
    {QueueName: from-pipe, Attributes: {DelaySeconds: "5"}} | aws call sqs CreateQueue {QueueName: from-parameters} --merge | ignore
    let urls = (aws call sqs ListQueues {QueueNamePrefix: from-}).QueueUrls
    assert equal ($urls | each { path basename }) [from-parameters]
    assert equal (aws call sqs GetQueueAttributes {QueueUrl: $urls.0, AttributeNames: [DelaySeconds]}).Attributes.DelaySeconds "5"
}

@test
def "rows that each hands over do not slip into requests" [] {
    let urls = [[Key VersionId]; [k v1]] | each {|row| aws call s3 DeleteObject {Bucket: bucket, Key: $row.Key} --dry-run --region eu-west-1 } | get url
    assert ($urls.0 !~ versionId) $urls.0
    let hosts = [eu-west-1 us-west-2] | each {|region| aws call ec2 DescribeInstances --dry-run --region $region } | get url
    assert equal $hosts [https://ec2.eu-west-1.amazonaws.com/ https://ec2.us-west-2.amazonaws.com/]
    let accounts = [{a: 1}] | each {|row| aws call ec2 DescribeInstances {} --dry-run --region eu-west-1 } | get method
    assert equal $accounts [POST]
}

@test
def "plain values that each hands over are no parameters" [] {
    load-env $in
    let urls = [one two] | each {|name| aws call sqs CreateQueue {QueueName: $name} } | get QueueUrl
    assert equal ($urls | each { path basename }) [one two]
    let code = try { [{QueueName: x}] | aws call sqs CreateQueue } catch {|error| $error.details.code }
    assert equal $code "aws_perf::invalid_input"
}

@test
def "names may be written as the command line writes them" [] {
    load-env $in
    aws call sqs create-queue {queue_name: snake} | ignore
    aws call sqs create-queue {queue-name: kebab} | ignore
    let names = (aws call sqs list-queues).QueueUrls | each { path basename } | where $it in [snake kebab] | sort
    assert equal $names [kebab snake]
}

@test
def "read-only refuses writes before the network, and lets reads through" [] {
    load-env $in
    $env.AWS_PERF_READ_ONLY = "true"
    moto forget
    let refused = try { aws call sqs CreateQueue {QueueName: never} } catch {|e| $e.details.code }
    assert equal $refused "aws_perf::read_only"
    assert equal (moto requests) []
    aws call sqs ListQueues | ignore
    assert equal (moto requests | length) 1
}

@test
def "read-only lets a write be looked at" [] {
    load-env $in
    $env.AWS_PERF_READ_ONLY = "true"
    moto forget
    let request = aws call sqs CreateQueue {QueueName: never} --dry-run
    assert equal ($request.body | from json | get QueueName) never
    assert equal (try { aws stream sqs ReceiveMessage {QueueUrl: "https://never"} } catch {|e| $e.details.code }) "aws_perf::read_only"
    assert equal (moto requests) []
}

@test
def "parameters win over the pipeline in any spelling" [] {
    let request = {bucket: piped, prefix: kept} | aws call s3 ListObjectsV2 {Bucket: given} --merge --dry-run --region eu-west-1
    assert str contains $request.url given
    assert str contains $request.url "prefix=kept"
    assert ($request.url !~ piped) $request.url
}

@test
def "read-only can be a setting of one profile" [] {
    load-env $in
    $env.config.plugins.aws_perf = {profiles: {default: {read_only: true}}}
    assert equal (try { aws call sqs CreateQueue {QueueName: never} } catch {|e| $e.details.code }) "aws_perf::read_only"
    $env.config.plugins.aws_perf = {profiles: {prod: {read_only: true}}}
    aws call sqs CreateQueue {QueueName: allowed} | ignore
}

@test
def "timeout ends a slow call" [] {
    let server = moto start $env.TEST_PYTHON $env.TEST_DIR
    load-env $server
    moto delay 20sec
    assert equal (try { aws call sqs ListQueues --timeout 300ms } catch {|e| $e.details.code }) "aws_perf::timeout"
}

@test
def "an attempt that takes too long is told with its own time" [] {
    load-env $in
    moto delay 1sec
    $env.config.plugins.aws_perf = {http: {attempt_timeout: 300ms}}
    let told = with-env {AWS_MAX_ATTEMPTS: 1} { try { aws call sqs ListQueues } catch {|error| $error.msg } }
    moto delay 0ms
    assert equal $told "no whole answer within 300ms, which an attempt may take"
}

@test
def "tidy makes rows plain" [] {
    load-env $in
    aws call ec2 RunInstances {
        ImageId: ami-12345678, MinCount: 1, MaxCount: 1
        TagSpecifications: [{ResourceType: instance, Tags: [{Key: Name, Value: web} {Key: env, Value: prod}]}]
    } | ignore
    let rows = aws stream ec2 DescribeInstances --tidy
    assert equal $rows.0.Tags {Name: web, env: prod}
    assert equal (aws stream ec2 DescribeInstances | aws tidy | get 0.Tags) {Name: web, env: prod}
    assert equal (aws stream ec2 DescribeInstances --tidy --columns [Tags.Name] | get "Tags.Name") [web]
}

@test
def "tidy works on rows from anywhere" [] {
    let rows = [{id: {N: "42"}, name: {S: x}, list: {L: [{N: "1.5"} {BOOL: true}]}, none: {NULL: true}}] | aws tidy
    assert equal $rows [{id: 42, name: x, list: [1.5 true], none: null}]
}
