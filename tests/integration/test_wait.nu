# Waiting for states with AWS's own waiters, and checking a call without carrying it out.
use std/assert
use std/testing *
use ../lib/moto.nu *

@before-all
def server [] { moto start $env.TEST_PYTHON $env.TEST_DIR }

def run-instance [] {
    aws call ec2 RunInstances {ImageId: ami-12345678, MinCount: 1, MaxCount: 1} | get Instances.0.InstanceId
}

@test
def "an instance is waited for in any spelling, and the answer is that of a call" [] {
    load-env $in
    let id = run-instance
    for name in [InstanceRunning instance-running instance_running] {
        let waited = aws wait ec2 $name {InstanceIds: [$id]} --interval 100ms
        assert equal ($waited | columns) [waiter state reason attempts duration transport answer]
        assert equal ($waited | select waiter state transport) {waiter: InstanceRunning, state: success, transport: network}
        assert equal ($waited.duration | describe) duration
        assert equal $waited.answer.Reservations.0.Instances.0.InstanceId $id
    }
}

@test
def "who reads after a wait sees what was waited for" [] {
    load-env $in
    $env.AWS_CACHE_DIR = $env.TEST_DIR | path join waited
    let kept = {|| aws call sqs ListQueues --meta | {cache: $in.meta.cache, queues: ($in.data.QueueUrls? | default [] | length)} }
    do $kept
    aws call iam ListRoles | ignore
    # Tells of buckets in all regions.
    aws call s3 ListBuckets --region us-east-1 | ignore
    aws call sqs ListQueues --region us-east-1 | ignore
    assert equal (do $kept) {cache: memory, queues: 0}
    # Another tool, or AWS itself, changes it meanwhile.
    let template = {Resources: {Jobs: {Type: "AWS::SQS::Queue"}, Results: {Type: "AWS::S3::Bucket"}}} | to json
    let stack = with-env {AWS_CACHE_DIR: ($env.TEST_DIR | path join elsewhere)} { aws call cloudformation CreateStack {StackName: jobs, TemplateBody: $template} }
    assert equal (do $kept) {cache: memory, queues: 0}
    aws wait cloudformation stack-create-complete {StackName: $stack.StackId} --interval 100ms | ignore
    assert equal (do $kept) {cache: network, queues: 1}
    assert equal (aws call iam ListRoles --meta | get meta.cache) network
    assert equal (aws call s3 ListBuckets --region us-east-1 --meta | get meta.cache) network
    assert equal (aws call sqs ListQueues --region us-east-1 --meta | get meta.cache) memory
    # Of other services their own answers.
    let id = run-instance
    aws call ec2 DescribeVpcs --refresh | ignore
    let topics = aws call sns ListTopics --meta
    aws wait ec2 instance-running {InstanceIds: [$id]} --interval 100ms | ignore
    assert equal (aws call ec2 DescribeVpcs --meta | get meta | select cache ttl) {cache: network, ttl: null}
    assert equal (aws call sns ListTopics --meta | get meta.cache) memory
}

@test
def "a bucket is waited for by its status" [] {
    load-env $in
    let gone = aws wait s3 bucket-not-exists {Bucket: waited-for}
    assert equal $gone.answer null
    aws call s3 CreateBucket {Bucket: waited-for, CreateBucketConfiguration: {LocationConstraint: eu-west-1}} | ignore
    assert equal (aws wait s3api bucket-exists {Bucket: waited-for}).reason "the HTTP status is 200"
}

@test
def "a table is waited for, with parameters from the pipeline" [] {
    load-env $in
    aws call dynamodb CreateTable {
        TableName: waited, BillingMode: PAY_PER_REQUEST
        AttributeDefinitions: [{AttributeName: k, AttributeType: S}], KeySchema: [{AttributeName: k, KeyType: HASH}]
    } | ignore
    let waited = {TableName: waited} | aws wait dynamodb table-exists
    assert equal $waited.answer.Table.TableStatus ACTIVE
    assert equal ($waited.answer.Table.TableSizeBytes | describe) filesize
    let merged = {TableName: other} | aws wait dynamodb table-exists {TableName: waited} --merge
    assert equal $merged.answer.Table.TableName waited
}

@test
def "patience ends, and the error shows what was last seen" [] {
    load-env $in
    let id = run-instance
    let error = try { aws wait ec2 instance-stopped {InstanceIds: [$id]} --interval 50ms --max-attempts 3 } catch {|e| $e }
    assert equal $error.details.code "aws_perf::timeout"
    assert str contains $error.msg "did not happen after 3 polls"
    assert str contains $error.msg "running"
    assert str contains $error.details.help "--max-attempts"
    let late = try { aws wait ec2 instance-stopped {InstanceIds: [$id]} --interval 1hr --timeout 300ms } catch {|e| $e }
    assert equal $late.details.code "aws_perf::timeout"
}

@test
def "a state without a way back is an error that names it" [] {
    load-env $in
    let id = run-instance
    aws call ec2 TerminateInstances {InstanceIds: [$id]} | ignore
    let error = try { aws wait ec2 instance-running {InstanceIds: [$id]} } catch {|e| $e }
    assert equal $error.details.code "aws_perf::wait_failed"
    assert str contains $error.msg terminated
}

@test
def "names and flags that cannot be used are errors that help" [] {
    load-env $in
    let slip = try { aws wait ec2 instance-runing } catch {|e| $e }
    assert equal $slip.details.code "aws_perf::unknown_name"
    assert str contains $slip.details.help InstanceRunning
    assert str contains (try { aws wait sts anything } catch {|e| $e.msg }) "no waiters"
    for wrong in [
        {|| aws wait dynamodb table-exists {TableName: t} --interval 0sec }
        {|| aws wait dynamodb table-exists {TableName: t} --max-attempts 0 }
        {|| aws wait dynamodb table-exists {TableNam: t} }
        {|| aws wait dynamodb table-exists }
    ] {
        let code = try { do $wrong; "none" } catch {|e| $e.details.code }
        assert ($code in ["aws_perf::invalid_input" "aws_perf::unknown_name"]) $code
    }
}

@test
def "a mocked wait succeeds after one mocked call" [] {
    let waited = with-env {AWS_MOCK_MODE: "true"} { aws wait ec2 instance-running {InstanceIds: [i-1]} }
    assert equal ($waited | select state attempts transport) {state: success, attempts: 1, transport: mock}
}

@test
def "an operation tells which waiters poll it" [] {
    assert ("InstanceRunning" in (aws operations ec2 DescribeInstances).waiters)
}

# What pressing Tab at the end of a line would offer.
def complete-line [line: string] { $line | commandline complete }

@test
def "services, waiters and parameters complete" [] {
    assert ("dynamodb" in (complete-line "aws wait dynamo"))
    assert ("InstanceRunning" in (complete-line "aws wait ec2 InstanceR"))
    assert ("instance-running" in (complete-line "aws wait ec2 instance-r"))
    assert equal (complete-line "aws wait dynamodb table-exists {Tab") ["{TableName: "]
    assert ("eu-west-1" in (complete-line "aws wait ec2 instance-running --region eu-"))
}

@test
def "a check tells whether a call would be allowed, and changes nothing" [] {
    load-env $in
    let before = aws call ec2 DescribeInstances | get Reservations? | default [] | length
    let checked = aws call ec2 RunInstances {ImageId: ami-12345678, MinCount: 1, MaxCount: 1} --check
    assert equal ($checked | columns) [allowed code message transport answer]
    assert equal ($checked | select allowed code answer) {allowed: true, code: DryRunOperation, answer: null}
    let after = aws call ec2 DescribeInstances | get Reservations? | default [] | length
    assert equal $after $before
    assert (with-env {AWS_PERF_READ_ONLY: "true"} {
        aws call ec2 RunInstances {ImageId: ami-12345678, MinCount: 1, MaxCount: 1} --check
    }).allowed
}

@test
def "what has no check is told before the network" [] {
    load-env $in
    moto forget
    let error = try { aws call sqs CreateQueue {QueueName: never} --check } catch {|e| $e }
    assert equal $error.details.code "aws_perf::unsupported"
    assert str contains $error.details.help "--dry-run"
    let both = try { aws call ec2 RunInstances {MinCount: 1, MaxCount: 1} --check --meta } catch {|e| $e.details.code }
    assert equal $both "aws_perf::invalid_input"
    assert equal (moto requests) []
}

@test
def "a check can be looked at" [] {
    let request = aws call ec2 RunInstances {MinCount: 1, MaxCount: 1} --check --dry-run --region eu-west-1
    assert str contains ($request.body | to text) "DryRun=true"
}
