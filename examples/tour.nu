# A tour of the plugin. It creates a few resources, so run it against a local AWS server:
#
#   make demo                                                        does everything
#   with-env {AWS_ENDPOINT_URL: "http://…", …} { nu examples/tour.nu }  with a server of your own
#   with-env {AWS_MOCK_MODE: true} { nu examples/tour.nu }              on generated answers

# Shows a title, the code as one would type it, and what it gives.
def step [title: string, code: closure] {
    let colour = {|name| if (is-terminal --stdout) { ansi $name } else { "" } }
    let source = view source $code | str trim --left --char "{" | str trim --right --char "}" | str trim
    print $"(do $colour cyan_bold)# ($title)(do $colour reset)"
    $source | lines | each { str replace --regex '^ {8}' '' } | enumerate | each {|line|
        print $"(do $colour green)(if $line.index == 0 { '> ' } else { '::: ' })($line.item)(do $colour reset)"
    } | ignore
    try { do $code | print } catch {|error| print $error.rendered }
    print ""
}

def main []: nothing -> nothing {
    # what the tour looks at, created with the plugin itself
    let instances = aws call ec2 RunInstances {ImageId: ami-12345678, InstanceType: t3.micro, MinCount: 5, MaxCount: 5}
    aws call ec2 StopInstances {InstanceIds: ($instances.Instances | first 2 | get InstanceId)} | ignore
    aws call s3 CreateBucket {Bucket: tour-logs, CreateBucketConfiguration: {LocationConstraint: eu-west-1}} | ignore
    1..250 | par-each {|i|
        aws call s3 PutObject {Bucket: tour-logs, Key: $"2026/($i | fill -a right -c '0' -w 3).log", Body: ("x" | fill -w ($i * 10))}
    } | ignore
    let machine = (aws call stepfunctions CreateStateMachine {
        name: nightly-report, roleArn: "arn:aws:iam::123456789012:role/states"
        definition: '{"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}'
    }).stateMachineArn
    for name in [monday tuesday wednesday] {
        aws call stepfunctions StartExecution {stateMachineArn: $machine, name: $name} | ignore
    }

    step "Who am I? (the query protocol)" { aws whoami }

    step "Any operation of any service, by its name in the API (the json protocol)" {
        aws call dynamodb CreateTable {
            TableName: orders, BillingMode: PAY_PER_REQUEST
            KeySchema: [{AttributeName: id, KeyType: HASH}]
            AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
        } | get TableDescription | select TableName TableStatus CreationDateTime
    }

    step "Or as the AWS CLI writes it (rest-json)" {
        aws call apigateway create-rest-api {name: shop, description: "a shop"} | select id name createdDate
    }

    step "Sizes are sizes, times are times, blobs are binary (rest-xml)" {
        aws call s3 GetObject {Bucket: tour-logs, Key: 2026/007.log} | select ContentLength LastModified ContentType
    }

    step "Rows of all pages stream into a pipeline (the ec2 protocol)" {
        aws stream ec2 DescribeInstances | where State.Name == running | select InstanceId InstanceType LaunchTime
    }

    step "250 objects in pages of 100, filtered and summed as they arrive" {
        aws stream s3 ListObjectsV2 {Bucket: tour-logs} --page-size 100 | where Size > 1kb | get Size | math sum
    }

    step "Step Functions executions" {
        aws stream stepfunctions ListExecutions {stateMachineArn: $machine} | select name status startDate | first 3
    }

    step "A request can be looked at before it is sent" {
        aws call iam CreateUser {UserName: alice} --dry-run | select method url body
    }

    step "What can be called, and with what?" {
        aws operations ec2 DescribeInstances | get parameters | select name type required
    }

    step "The same question again is answered from memory" { 1..2 | each {|turn| aws call sns ListTopics --meta | get meta | select cache age } }

    step "A slip is told before anything is sent" { aws call ec2 DescribeInstances {InstanceId: i-1234} }

    step "And AWS's own errors keep their code" { aws call s3 ListObjectsV2 {Bucket: no-such-bucket} }
}
