# Every kind of bad input and bad answer becomes one labelled error: a code to match on, what happened, what to do.
use std/assert
use std/testing *
use ../lib/moto.nu *

@before-all
def server [] {
    moto start $env.TEST_PYTHON $env.TEST_DIR | insert AWS_MAX_ATTEMPTS 2
}

# The error of `code`: `{code, msg, help, labels, text}`, `text` being all of it as the user reads it.
def failure [code: closure] {
    try {
        null | do $code | ignore
        null
    } catch {|error|
        $error.details | select code msg help labels | insert text ($error.rendered | str replace --all --regex '[\s|]+' ' ')
    }
}

# What the error points at, as the user wrote it.
def pointed-at [failure: record] {
    let label = $failure.labels.0.location
    open --raw $label.file | into binary | bytes at ($label.start)..<($label.end) | decode utf-8
}

@test
def "an unknown service is told with the nearest names" [] {
    let error = failure { aws call dynamobd ListTables --region eu-west-1 }
    assert equal $error.code "aws_perf::unknown_name"
    assert str contains $error.text dynamodb
    assert equal (pointed-at $error) dynamobd
}

@test
def "an unknown operation is told with the nearest names" [] {
    let error = failure { aws call ec2 DescribeInstence --region eu-west-1 }
    assert equal $error.code "aws_perf::unknown_name"
    assert str contains $error.text DescribeInstances
    assert equal (pointed-at $error) DescribeInstence
}

@test
def "an unknown parameter is told with the nearest names" [] {
    let error = failure { aws call sqs CreateQueue {QeueName: x} --region eu-west-1 }
    assert equal $error.code "aws_perf::unknown_name"
    assert str contains $error.text QueueName
}

@test
def "a wrong type is told at the value" [] {
    let error = failure { aws call ec2 DescribeInstances {MaxResults: many} --region eu-west-1 }
    assert equal $error.code "aws_perf::invalid_input"
    assert str contains $error.text MaxResults
    assert equal (pointed-at $error) many
    let nested = failure { aws call ec2 DescribeInstances {Filters: [{Name: x, Values: y}]} --region eu-west-1 }
    assert str contains $nested.text "Filters"
    assert equal (pointed-at $nested) y
}

@test
def "a number where text belongs is shown in quotes" [] {
    let error = failure { aws call ec2 DescribeImages {Owners: [099720109477]} --region eu-west-1 }
    assert equal $error.code "aws_perf::invalid_input"
    assert str contains $error.text 'quote it: "99720109477"'
}

@test
def "a missing member is named" [] {
    let error = failure { aws call s3 GetObject {Bucket: some-bucket} --region eu-west-1 }
    assert equal $error.code "aws_perf::invalid_input"
    assert str contains $error.text Key
    let nested = failure { aws call dynamodb PutItem {TableName: orders} --region eu-west-1 }
    assert str contains $nested.text Item
}

@test
def "values out of range are told" [] {
    let error = failure { aws call sqs DeleteMessageBatch {QueueUrl: "http://x/1/q"} --region eu-west-1 }
    assert equal $error.code "aws_perf::invalid_input"
    let empty = failure { aws call s3 GetObject {Bucket: some-bucket, Key: ""} --region eu-west-1 }
    assert equal $empty.code "aws_perf::invalid_input"
}

@test
def "a missing region says what to set" [] {
    load-env {AWS_ACCESS_KEY_ID: test, AWS_SECRET_ACCESS_KEY: test}
    let error = failure { aws call sqs ListQueues }
    assert equal $error.code "aws_perf::missing_region"
    assert str contains $error.text AWS_REGION
    assert str contains $error.text "--region"
}

@test
def "missing credentials say what to set" [] {
    load-env ($in | reject AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY)
    let error = failure { aws call sqs ListQueues }
    assert equal $error.code "aws_perf::missing_credentials"
    assert str contains $error.text AWS_PROFILE
    assert str contains $error.text AWS_ACCESS_KEY_ID
}

@test
def "an unknown profile is told with those that exist" [] {
    load-env ($in | reject AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY)
    let config = $env.TEST_DIR | path join profiles.ini
    "[profile staging]\nregion = eu-west-1\n" | save --force $config
    $env.AWS_CONFIG_FILE = $config
    let error = failure { aws call sqs ListQueues --profile stagging }
    assert equal $error.code "aws_perf::unknown_name"
    assert str contains $error.text staging
}

@test
def "an expired single sign-on names the login command" [] {
    load-env ($in | reject AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY)
    let config = $env.TEST_DIR | path join sso.ini
    "[profile sso]
region = eu-west-1
sso_session = corp
sso_account_id = 123456789012
sso_role_name = reader
[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-1
" | save --force $config
    # the file is named by the SHA-1 of the session's name
    let cache = $env.HOME | path join .aws sso cache
    mkdir $cache
    {
        accessToken: old, expiresAt: "2020-01-01T00:00:00Z", region: eu-west-1, startUrl: "https://corp.awsapps.com/start"
    } | to json | save --force ($cache | path join "ee0bfd2552fbd840c02cc48b6e823320543c450f.json")
    $env.AWS_CONFIG_FILE = $config
    let error = failure { aws call sqs ListQueues --profile sso }
    assert equal $error.code "aws_perf::expired_credentials"
    assert str contains $error.text "aws sso login --profile sso"
}

@test
def "errors of AWS keep their code in all protocols" [] {
    load-env $in
    let codes = {
        sqs: {|| aws call sqs GetQueueUrl {QueueName: nowhere} }
        stepfunctions: {|| aws call sfn DescribeStateMachine {stateMachineArn: "arn:aws:states:eu-west-1:123456789012:stateMachine:x"} }
        dynamodb: {|| aws call dynamodb DescribeTable {TableName: nowhere} }
        lambda: {|| aws call lambda GetFunction {FunctionName: nowhere} }
        s3: {|| aws call s3 ListObjectsV2 {Bucket: nowhere-to-be-found} }
        iam: {|| aws call iam GetUser {UserName: nobody} }
        ec2: {|| aws call ec2 DescribeInstances {InstanceIds: [i-00000000000000000]} }
    } | transpose service closure | each {|it| {name: $it.service, code: (failure $it.closure).code} }
    assert equal $codes [
        [name code];
        [sqs "aws::AWS.SimpleQueueService.NonExistentQueue"]
        [stepfunctions "aws::StateMachineDoesNotExist"]
        [dynamodb "aws::ResourceNotFoundException"]
        [lambda "aws::ResourceNotFoundException"]
        [s3 "aws::NoSuchBucket"]
        [iam "aws::NoSuchEntity"]
        [ec2 "aws::InvalidInstanceID.NotFound"]
    ]
}

@test
def "an error of AWS carries its message and its request id" [] {
    load-env $in
    let error = failure { aws call iam GetUser {UserName: nobody} }
    assert str contains $error.msg nobody
    assert str contains $error.text "request id"
}

@test
def "an endpoint that nobody answers is told" [] {
    load-env $in
    # port 1 of this machine: nothing listens there
    let error = failure { aws call sqs ListQueues --endpoint-url "http://127.0.0.1:1" }
    assert equal $error.code "aws_perf::unreachable"
    assert str contains $error.text "127.0.0.1:1"
}

@test
def "a text that is no URL is refused as an endpoint" [] {
    load-env $in
    let error = failure { aws call sqs ListQueues --endpoint-url "localhost:4566" }
    assert equal $error.code "aws_perf::invalid_input"
    assert str contains (pointed-at $error) "localhost:4566"
}

@test
def "answers that are no answers are told" [] {
    load-env $in
    for fault in [garbage login-page truncated] {
        let error = failure { aws call sqs ListQueues --endpoint-url $"($env.AWS_ENDPOINT_URL)/_faults/($fault)" }
        assert equal $error.code "aws_perf::bad_answer" $"($fault): ($error.text)"
    }
    let xml = failure { aws call iam ListUsers --endpoint-url $"($env.AWS_ENDPOINT_URL)/_faults/garbage" }
    assert equal $xml.code "aws_perf::bad_answer" $xml.text
}

@test
def "reads are repeated as often as attempts allow" [] {
    load-env $in
    for fault in [unavailable throttled] {
        moto forget
        let error = failure { aws call sqs ListQueues --endpoint-url $"($env.AWS_ENDPOINT_URL)/_faults/($fault)" }
        assert equal (moto requests | where path =~ _faults | length) 2 $fault
        assert ($error.code | str starts-with "aws::") $error.text
    }
}

@test
def "operations that speak in event streams are refused" [] {
    let error = failure { aws call s3 SelectObjectContent {Bucket: b1-example, Key: k} --region eu-west-1 }
    assert equal $error.code "aws_perf::unsupported"
}

@test
def "endpoints that want other signatures are refused" [] {
    load-env {AWS_ACCESS_KEY_ID: test, AWS_SECRET_ACCESS_KEY: test, AWS_REGION: us-east-1}
    let express = failure { aws call s3 PutObject {Bucket: "b1--use1-az4--x-s3", Key: k, Body: x} }
    assert equal $express.code "aws_perf::unsupported"
    assert str contains $express.text "directory buckets"
    let multi = aws call s3 ListObjectsV2 {Bucket: "arn:aws:s3::123456789012:accesspoint:mfzwi23gnjvgw.mrap"} --dry-run
    assert str contains $multi.url "https://mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com/"
}

@test
def "a body beyond the cap is refused" [] {
    load-env $in
    aws call s3 CreateBucket {Bucket: heavy, CreateBucketConfiguration: {LocationConstraint: eu-west-1}} | ignore
    aws call s3 PutObject {Bucket: heavy, Key: large, Body: ("x" | fill --character x --width 5000)} | ignore
    $env.AWS_PERF_BODY_CAP = "4kB"
    let error = failure { aws call s3 GetObject {Bucket: heavy, Key: large} }
    assert equal $error.code "aws_perf::too_large"
    assert str contains $error.text AWS_PERF_BODY_CAP
}

@test
def "a model that cannot be read is told with its file" [] {
    let models = $env.TEST_DIR | path join models
    mkdir ($models | path join broken 2020-01-01)
    "{ not json" | save --force ($models | path join broken 2020-01-01 service-2.json)
    $env.AWS_DATA_PATH = $models
    let error = failure { aws call broken DoIt --region eu-west-1 }
    assert equal $error.code "aws_perf::model"
    assert str contains $error.text service-2.json
}

@test
def "settings that do not exist or do not fit are told" [] {
    $env.config.plugins.aws_perf = {htp: {max_attempts: 3}}
    let unknown = failure { aws call sqs ListQueues --region eu-west-1 }
    assert equal $unknown.code "aws_perf::configuration"
    assert str contains $unknown.text http
    $env.config.plugins.aws_perf = {http: {max_attempts: 0}}
    assert equal (failure { aws call sqs ListQueues --region eu-west-1 }).code "aws_perf::configuration"
    $env.config.plugins.aws_perf = {}
    $env.AWS_MAX_ATTEMPTS = "many"
    let variable = failure { aws call sqs ListQueues --region eu-west-1 }
    assert equal $variable.code "aws_perf::configuration"
    assert str contains $variable.text AWS_MAX_ATTEMPTS
}

@test
def "page sizes and rows that do not fit are told" [] {
    load-env $in
    assert equal (failure { aws stream s3 ListBuckets --rows Nowhere }).code "aws_perf::unknown_name"
    assert equal (failure { aws stream sts GetCallerIdentity --page-size 3 }).code "aws_perf::unsupported"
    assert equal (failure { aws stream ec2 DescribeInstances --max-items (-1) }).code "aws_perf::invalid_input"
    assert equal (failure { aws stream ec2 DescribeInstances --errors perhaps }).code "aws_perf::invalid_input"
}

@test
def "no secret is in any of it" [] {
    load-env $in
    let secret = random chars --length 30
    $env.AWS_SECRET_ACCESS_KEY = $secret
    $env.AWS_SESSION_TOKEN = $secret
    for url in [$env.AWS_ENDPOINT_URL "http://127.0.0.1:1" $"($env.AWS_ENDPOINT_URL)/_faults/garbage"] {
        let text = failure { aws call iam GetUser {UserName: nobody} --endpoint-url $url } | to nuon
        assert ($text !~ $secret) $text
    }
}
