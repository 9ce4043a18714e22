# Mock mode: answers without an account, shaped as the API's own, always the same ones.
use std/assert
use std/testing *

# No keys, no region, no endpoint: nothing of it is needed.
@before-each
def mocked [] { {AWS_MOCK_MODE: "true"} }

@test
def "any operation answers in its own shape" [] {
    load-env $in
    let role = (aws call iam GetRole {RoleName: web}).Role
    assert equal ($role.CreateDate | describe) datetime
    assert equal ($role.Arn | describe) string
    let item = aws call s3 GetObject {Bucket: some-bucket, Key: k}
    assert equal ($item.Body | describe) binary
    assert equal ($item.ContentLength | describe) filesize
}

@test
def "hundreds of operations of all protocols answer" [] {
    load-env $in
    mut answered = 0
    for service in [ec2 iam s3 sqs stepfunctions lambda dynamodb route53 cloudformation ecs] {
        for operation in (aws operations $service | where ($it.class == read and ($it.required | is-empty)) | get name) {
            try { aws call $service $operation | ignore; $answered += 1 } catch {|error|
                assert equal $error.details.code "aws_perf::unsupported" $"($service) ($operation): ($error.msg)"
            }
        }
    }
    assert greater $answered 250
}

@test
def "answers are the same each time, and others for another seed" [] {
    load-env $in
    let once = aws stream ec2 DescribeInstances | first 5
    assert equal (aws stream ec2 DescribeInstances | first 5) $once
    assert not equal (with-env {AWS_MOCK_SEED: "7"} { aws stream ec2 DescribeInstances | first 5 }) $once
}

@test
def "rows say that they are mocked, and so does the metadata" [] {
    load-env $in
    assert equal (aws stream ec2 DescribeInstances | first 3 | get mock) [true true true]
    assert equal (aws call sts GetCallerIdentity --meta | get meta.transport) mock
    assert equal (aws stream ec2 DescribeInstances | metadata | get aws_perf.transport) mock
}

@test
def "as many rows as were asked for, in pages" [] {
    load-env $in
    $env.AWS_MOCK_ITEMS = "2345"
    assert equal (aws stream ec2 DescribeInstances | length) 2345
    $env.AWS_MOCK_PAGE_SIZE = "10"
    assert equal (aws stream ec2 DescribeInstances --max-pages 3 | length) 30
    assert equal (aws stream iam ListUsers | get UserId | uniq | length) 2345
}

@test
def "a stream of many rows ends early" [] {
    load-env $in
    $env.AWS_MOCK_ITEMS = "100000000"
    assert equal (aws stream s3 ListObjectsV2 {Bucket: some-bucket} | first 3 | length) 3
}

@test
def "errors come as often as they are asked for" [] {
    load-env $in
    $env.AWS_MAX_ATTEMPTS = "1"
    let code = {|| try { aws call sqs ListQueues; null } catch {|error| $error.details.code } }
    assert equal (do $code) null
    let faults = with-env {AWS_MOCK_ERROR_RATE: "1"} { do $code }
    assert ($faults | str starts-with "aws::")
    let throttled = with-env {AWS_MOCK_THROTTLE_RATE: "1"} { do $code }
    assert str contains ($throttled | str lowercase) throttl
}

@test
def "one service alone can be mocked" [] {
    hide-env --ignore-errors AWS_MOCK_MODE
    $env.STEPFUNCTIONS_MOCK_MODE = "true"
    assert equal (aws call sfn ListStateMachines --meta | get meta.transport) mock
    let other = try { aws call sqs ListQueues; "answered" } catch {|error| $error.details.code }
    assert equal $other "aws_perf::missing_region"
}

@test
def "a profile that is nowhere is needed by nobody, unless a flag names it" [] {
    load-env $in
    $env.AWS_PROFILE = "nowhere"
    assert equal (aws call sqs ListQueues --meta | get meta | select transport profile) {transport: mock, profile: default}
    let flagged = try { aws call sqs ListQueues --profile nowhere } catch {|error| $error.msg }
    assert equal $flagged "profile `nowhere` does not exist"
    hide-env AWS_MOCK_MODE
    assert equal (try { aws call sqs ListQueues } catch {|error| $error.msg }) "profile `nowhere` does not exist"
}

@test
def "input is checked as ever" [] {
    load-env $in
    let code = try { aws call sqs CreateQueue {Name: x} } catch {|error| $error.details.code }
    assert equal $code "aws_perf::unknown_name"
}
