# Services of the JSON protocols: what is created can be read back, with Nushell's own types.
use std/assert
use std/testing *
use ../../lib/moto.nu *

@before-all
def server [] { moto start $env.TEST_PYTHON $env.TEST_DIR }

@test
def "dynamodb keeps typed attributes" [] {
    load-env $in
    aws call dynamodb CreateTable {
        TableName: orders
        KeySchema: [{AttributeName: id, KeyType: HASH}]
        AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
        BillingMode: PAY_PER_REQUEST
    } | ignore
    let item = {id: {S: a1}, total: {N: "12.50"}, paid: {BOOL: true}, raw: {B: 0x[00 ff 10]}, none: {NULL: true}, tags: {SS: [x y]}}
    aws call dynamodb PutItem {TableName: orders, Item: $item} | ignore
    let read = aws call dynamodb GetItem {TableName: orders, Key: {id: {S: a1}}}
    assert equal ($read.Item | sort) ($item | sort)
    let table = (aws call dynamodb DescribeTable {TableName: orders}).Table
    assert equal ($table.CreationDateTime | describe) datetime
    assert equal $table.TableStatus ACTIVE
}

@test
def "sqs delivers what was sent" [] {
    load-env $in
    let queue = (aws call sqs CreateQueue {QueueName: jobs, Attributes: {VisibilityTimeout: "30"}}).QueueUrl
    let sent = aws call sqs SendMessage {QueueUrl: $queue, MessageBody: "hällo <&> \"welt\""}
    let received = aws call sqs ReceiveMessage {QueueUrl: $queue, MaxNumberOfMessages: 10}
    assert equal ($received.Messages | length) 1
    assert equal $received.Messages.0.Body "hällo <&> \"welt\""
    assert equal $received.Messages.0.MessageId $sent.MessageId
    aws call sqs DeleteMessage {QueueUrl: $queue, ReceiptHandle: $received.Messages.0.ReceiptHandle} | ignore
    let left = aws call sqs GetQueueAttributes {QueueUrl: $queue, AttributeNames: [All]}
    assert equal $left.Attributes.ApproximateNumberOfMessages "0"
}

@test
def "step functions run executions" [] {
    load-env $in
    let machine = (aws call stepfunctions CreateStateMachine {
        name: nightly
        definition: ({StartAt: Done, States: {Done: {Type: Succeed}}} | to json --raw)
        roleArn: "arn:aws:iam::123456789012:role/states"
    }).stateMachineArn
    let started = aws call stepfunctions StartExecution {stateMachineArn: $machine, name: first, input: "{}"}
    assert equal ($started.startDate | describe) datetime
    # the name that the AWS CLI knows the service's SDK by
    let listed = aws call sfn list-executions {state-machine-arn: $machine}
    assert equal ($listed.executions | get name) [first]
    assert equal $listed.executions.0.executionArn $started.executionArn
}

@test
def "kms encrypts and decrypts binary values" [] {
    load-env $in
    let key = (aws call kms CreateKey {Description: test}).KeyMetadata.KeyId
    let secret = 0x[00 01 fe ff]
    let encrypted = aws call kms Encrypt {KeyId: $key, Plaintext: $secret}
    assert equal ($encrypted.CiphertextBlob | describe) binary
    assert equal (aws call kms Decrypt {CiphertextBlob: $encrypted.CiphertextBlob}).Plaintext $secret
}

@test
def "secretsmanager keeps secrets" [] {
    load-env $in
    let created = aws call secretsmanager CreateSecret {Name: db/password, SecretString: "s3cr3t"}
    let read = aws call secretsmanager GetSecretValue {SecretId: db/password}
    assert equal $read.SecretString s3cr3t
    assert equal $read.ARN $created.ARN
    assert equal ($read.CreatedDate | describe) datetime
}

@test
def "ssm parameters are read by path" [] {
    load-env $in
    for name in [a b c] {
        aws call ssm PutParameter {Name: $"/app/($name)", Value: $"value ($name)", Type: String} | ignore
    }
    let read = aws call ssm GetParametersByPath {Path: /app, Recursive: true}
    assert equal ($read.Parameters | select Name Value | sort-by Name) [
        [Name Value]; [/app/a "value a"] [/app/b "value b"] [/app/c "value c"]
    ]
}

@test
def "logs keep their events in order" [] {
    load-env $in
    let now = (date now | into int) // 1_000_000
    aws call logs CreateLogGroup {logGroupName: /app} | ignore
    aws call logs CreateLogStream {logGroupName: /app, logStreamName: one} | ignore
    aws call logs PutLogEvents {
        logGroupName: /app, logStreamName: one
        logEvents: [{timestamp: $now, message: first} {timestamp: ($now + 1), message: second}]
    } | ignore
    let read = aws call logs GetLogEvents {logGroupName: /app, logStreamName: one, startFromHead: true}
    assert equal ($read.events | get message) [first second]
}

@test
def "events keep rules" [] {
    load-env $in
    aws call events PutRule {Name: hourly, ScheduleExpression: "rate(1 hour)", State: ENABLED} | ignore
    let rules = (aws call eventbridge ListRules {NamePrefix: hour}).Rules
    assert equal ($rules | select Name ScheduleExpression State) [[Name ScheduleExpression State]; [hourly "rate(1 hour)" ENABLED]]
}

@test
def "ecs describes clusters" [] {
    load-env $in
    aws call ecs CreateCluster {clusterName: web, tags: [{key: team, value: core}]} | ignore
    let clusters = (aws call ecs DescribeClusters {clusters: [web], include: [TAGS]}).clusters
    assert equal $clusters.0.clusterName web
    assert equal $clusters.0.tags [[key value]; [team core]]
    assert equal ($clusters.0.runningTasksCount | describe) int
}

@test
def "kinesis carries binary records" [] {
    load-env $in
    aws call kinesis CreateStream {StreamName: clicks, ShardCount: 1} | ignore
    aws call kinesis PutRecord {StreamName: clicks, PartitionKey: k, Data: 0x[de ad be ef]} | ignore
    let shard = (aws call kinesis DescribeStream {StreamName: clicks}).StreamDescription.Shards.0.ShardId
    let iterator = (aws call kinesis GetShardIterator {StreamName: clicks, ShardId: $shard, ShardIteratorType: TRIM_HORIZON}).ShardIterator
    let records = (aws call kinesis GetRecords {ShardIterator: $iterator}).Records
    assert equal ($records | get Data) [0x[de ad be ef]]
}

@test
def "ecr keeps repositories" [] {
    load-env $in
    aws call ecr CreateRepository {repositoryName: team/app} | ignore
    let read = aws call ecr DescribeRepositories {repositoryNames: [team/app]}
    assert equal ($read.repositories | get repositoryName) [team/app]
    assert equal ($read.repositories.0.createdAt | describe) datetime
}

@test
def "cloudwatch keeps alarms" [] {
    load-env $in
    aws call cloudwatch PutMetricAlarm {
        AlarmName: cpu, Namespace: AWS/EC2, MetricName: CPUUtilization, Statistic: Average
        Period: 60, EvaluationPeriods: 2, Threshold: 80.5, ComparisonOperator: GreaterThanThreshold
    } | ignore
    let alarms = (aws call cloudwatch DescribeAlarms).MetricAlarms
    assert equal ($alarms | select AlarmName Threshold Period) [[AlarmName Threshold Period]; [cpu 80.5 60]]
}
