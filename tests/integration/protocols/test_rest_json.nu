# Services of the rest-json protocol: parameters travel in path, query, headers and body.
use std/assert
use std/testing *
use ../../lib/moto.nu *

@before-all
def server [] { moto start $env.TEST_PYTHON $env.TEST_DIR }

@test
def "lambda keeps functions" [] {
    load-env $in
    let role = (aws call iam CreateRole {RoleName: runner, AssumeRolePolicyDocument: "{}"}).Role.Arn
    # an empty zip archive
    let code = 0x[50 4b 05 06 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00]
    let created = aws call lambda CreateFunction {
        FunctionName: resize, Runtime: python3.12, Role: $role, Handler: main.handle, Code: {ZipFile: $code}
        MemorySize: 256, Timeout: 5, Environment: {Variables: {STAGE: test}}
    }
    let read = (aws call lambda GetFunction {FunctionName: resize}).Configuration
    assert equal $read.FunctionArn $created.FunctionArn
    assert equal $read.Timeout 5
    assert equal $read.Environment.Variables {STAGE: test}
}

@test
def "apigateway keeps interfaces" [] {
    load-env $in
    let id = (aws call apigateway CreateRestApi {name: shop, description: "a shop"}).id
    let read = aws call apigateway GetRestApi {restApiId: $id}
    assert equal ($read | select name description) {name: shop, description: "a shop"}
    assert equal ($read.createdDate | describe) datetime
    assert equal ((aws call apigateway GetRestApis).items | get id) [$id]
}

@test
def "eks describes clusters" [] {
    load-env $in
    aws call eks CreateCluster {
        name: prod, roleArn: "arn:aws:iam::123456789012:role/eks", resourcesVpcConfig: {subnetIds: [subnet-1 subnet-2]}
    } | ignore
    assert equal (aws call eks ListClusters).clusters [prod]
    assert equal ((aws call eks DescribeCluster {name: prod}).cluster.name) prod
}

@test
def "efs keeps file systems" [] {
    load-env $in
    let created = aws call efs CreateFileSystem {CreationToken: once, Encrypted: true}
    let read = (aws call efs DescribeFileSystems {FileSystemId: $created.FileSystemId}).FileSystems
    assert equal ($read | get FileSystemId) [$created.FileSystemId]
    assert equal $read.0.Encrypted true
}

@test
def "iot keeps things" [] {
    load-env $in
    aws call iot CreateThing {thingName: lamp, attributePayload: {attributes: {room: kitchen}}} | ignore
    assert equal (aws call iot DescribeThing {thingName: lamp}).attributes {room: kitchen}
}

@test
def "glacier keeps vaults" [] {
    load-env $in
    aws call glacier CreateVault {vaultName: archive, accountId: "-"} | ignore
    assert equal ((aws call glacier ListVaults {accountId: "-"}).VaultList | get VaultName) [archive]
}

@test
def "scheduler keeps schedules" [] {
    load-env $in
    aws call scheduler CreateSchedule {
        Name: nightly, ScheduleExpression: "rate(1 day)", FlexibleTimeWindow: {Mode: "OFF"}
        Target: {Arn: "arn:aws:sqs:eu-west-1:123456789012:jobs", RoleArn: "arn:aws:iam::123456789012:role/s"}
    } | ignore
    assert equal (aws call scheduler GetSchedule {Name: nightly}).ScheduleExpression "rate(1 day)"
}

@test
def "backup keeps plans" [] {
    load-env $in
    let plan = aws call backup CreateBackupPlan {
        BackupPlan: {BackupPlanName: daily, Rules: [{RuleName: all, TargetBackupVaultName: default}]}
    }
    assert equal (aws call backup GetBackupPlan {BackupPlanId: $plan.BackupPlanId}).BackupPlan.BackupPlanName daily
}
