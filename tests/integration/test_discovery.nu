# Finding things: services, operations, parameters; at the prompt by completion.
use std/assert
use std/testing *

@test
def "all services are listed" [] {
    let services = aws services
    assert greater ($services | length) 400
    assert equal ($services.name | uniq | length) ($services | length)
    assert equal ($services | where name == ec2 | get 0 | select service_id protocol) {service_id: EC2, protocol: ec2}
}

@test
def "operations are told with class, pages and rows" [] {
    let operations = aws operations ec2
    assert equal ($operations | where name == DescribeInstances | get 0 | select cli_name class paginated) {
        cli_name: describe-instances, class: read, paginated: true
    }
    assert equal ($operations | where name == TerminateInstances | get 0 | select class required) {
        class: destructive, required: [InstanceIds]
    }
}

@test
def "an operation tells its parameters, values and filters" [] {
    let described = aws operations ec2 describe-instances
    assert equal $described.name DescribeInstances
    assert ("instance-state-name" in $described.filters)
    assert equal ($described.parameters | where name == InstanceIds | get 0.type) "list<string>"
    let class = aws operations s3 PutObject | get parameters | where name == StorageClass | get 0
    assert ("GLACIER" in $class.values)
    assert equal (aws operations s3 PutObject | get parameters | where required | get name | sort) [Bucket Key]
}

@test
def "a service of your own comes from AWS_DATA_PATH" [] {
    let models = $env.TEST_DIR | path join models
    mkdir ($models | path join myservice 2024-01-01)
    {
        version: "2.0"
        metadata: {
            apiVersion: "2024-01-01", endpointPrefix: myservice, protocol: json, jsonVersion: "1.1"
            serviceFullName: "My Service", serviceId: MyService, signatureVersion: v4, targetPrefix: MyService
            uid: myservice-2024-01-01
        }
        operations: {ListThings: {name: ListThings, http: {method: POST, requestUri: "/"}, input: {shape: In}}}
        shapes: {In: {type: structure, members: {Limit: {shape: Int}}}, Int: {type: integer}}
    } | to json | save ($models | path join myservice 2024-01-01 service-2.json)
    $env.AWS_DATA_PATH = $models
    assert equal (aws services | where name == myservice | get full_name) ["My Service"]
    let request = aws call myservice ListThings {Limit: 3} --region eu-west-1 --endpoint-url "http://127.0.0.1:9" --dry-run
    assert equal ($request.body | from json) {Limit: 3}
    assert equal ($request.headers | transpose name value | where name =~ '(?i)x-amz-target' | get value) [MyService.ListThings]
}

def complete-line [line: string] { $line | commandline complete }

@test
def "services complete" [] {
    let found = complete-line "aws call dynamo"
    assert ("dynamodb" in $found)
    assert ("ec2" not-in $found)
}

@test
def "operations complete in the spelling that was begun" [] {
    assert ("DescribeInstances" in (complete-line "aws stream ec2 DescribeIns"))
    assert ("describe-instances" in (complete-line "aws stream ec2 describe-ins"))
    assert ("ListExecutions" in (complete-line "aws call sfn List"))
}

@test
def "parameters complete" [] {
    let found = complete-line "aws call sqs CreateQueue "
    assert ($found | any {|it| $it =~ QueueName }) ($found | to nuon)
    assert equal (complete-line "aws call s3 list-objects-v2 {Buck") ["{Bucket: "]
    assert ("{Prefix: " in (complete-line "aws call s3 ListObjectsV2 {"))
    assert equal (complete-line "aws call s3 ListObjectsV2 {max" | sort) ["{MaxKeys: "]
}

@test
def "profiles and regions complete from files" [] {
    let config = $env.TEST_DIR | path join completions.ini
    "[default]\nregion = eu-west-1\n[profile staging]\n[profile production]\n[profile a:b]\n" | save $config
    $env.AWS_CONFIG_FILE = $config
    assert equal (complete-line "aws call sqs ListQueues --profile " | sort) ['"a:b"' default production staging]
    assert ("eu-west-1" in (complete-line "aws call sqs ListQueues --region eu-"))
}
