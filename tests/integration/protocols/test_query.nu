# Services of the query protocol: form parameters out, XML in.
use std/assert
use std/testing *
use ../../lib/moto.nu *

@before-all
def server [] { moto start $env.TEST_PYTHON $env.TEST_DIR }

@test
def "sts tells who calls" [] {
    load-env $in
    let identity = aws call sts GetCallerIdentity
    assert equal $identity.Account "123456789012"
    assert ($identity.Arn | str starts-with "arn:aws:sts::123456789012:")
}

@test
def "iam keeps roles, policies as records" [] {
    load-env $in
    let trust = {Version: "2012-10-17", Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: "sts:AssumeRole"}]}
    aws call iam CreateRole {
        RoleName: web, AssumeRolePolicyDocument: ($trust | to json --raw), Tags: [{Key: team, Value: core}]
    } | ignore
    let role = (aws call iam GetRole {RoleName: web}).Role
    assert equal $role.RoleName web
    assert equal ($role.CreateDate | describe) datetime
    assert equal $role.AssumeRolePolicyDocument $trust
    assert equal $role.Tags [[Key Value]; [team core]]
}

@test
def "sns keeps topics with map attributes" [] {
    load-env $in
    let topic = (aws call sns CreateTopic {Name: alerts, Attributes: {DisplayName: "Alerts & more"}}).TopicArn
    assert equal (aws call sns GetTopicAttributes {TopicArn: $topic}).Attributes.DisplayName "Alerts & more"
    assert equal ((aws call sns ListTopics).Topics | get TopicArn) [$topic]
}

@test
def "cloudformation runs templates" [] {
    load-env $in
    let template = {Resources: {Queue: {Type: "AWS::SQS::Queue", Properties: {QueueName: from-stack}}}} | to json --raw
    aws call cloudformation CreateStack {StackName: app, TemplateBody: $template} | ignore
    let stack = (aws call cloudformation DescribeStacks {StackName: app}).Stacks.0
    assert equal $stack.StackStatus CREATE_COMPLETE
    assert equal ($stack.CreationTime | describe) datetime
    assert equal ((aws call cloudformation ListStackResources {StackName: app}).StackResourceSummaries | get LogicalResourceId) [Queue]
}

@test
def "rds keeps databases" [] {
    load-env $in
    aws call rds CreateDBInstance {
        DBInstanceIdentifier: orders, DBInstanceClass: db.t3.micro, Engine: postgres, AllocatedStorage: 20
        MasterUsername: admin, MasterUserPassword: "not-a-secret"
    } | ignore
    let database = (aws call rds DescribeDBInstances {DBInstanceIdentifier: orders}).DBInstances.0
    assert equal ($database | select DBInstanceIdentifier Engine MultiAZ) {DBInstanceIdentifier: orders, Engine: postgres, MultiAZ: false}
}

@test
def "autoscaling keeps launch configurations" [] {
    load-env $in
    aws call autoscaling CreateLaunchConfiguration {LaunchConfigurationName: small, ImageId: ami-12345678, InstanceType: t3.micro} | ignore
    let read = (aws call autoscaling DescribeLaunchConfigurations).LaunchConfigurations
    assert equal ($read | select LaunchConfigurationName InstanceType EbsOptimized) [
        [LaunchConfigurationName InstanceType EbsOptimized]; [small t3.micro false]
    ]
}

@test
def "elbv2 keeps target groups" [] {
    load-env $in
    let vpc = (aws call ec2 CreateVpc {CidrBlock: "10.0.0.0/16"}).Vpc.VpcId
    aws call elbv2 CreateTargetGroup {Name: web, Protocol: HTTP, Port: 8080, VpcId: $vpc, HealthCheckPath: /health} | ignore
    let group = (aws call elbv2 DescribeTargetGroups {Names: [web]}).TargetGroups.0
    assert equal ($group | select Port HealthCheckPath VpcId) {Port: 8080, HealthCheckPath: /health, VpcId: $vpc}
}

@test
def "ses keeps identities" [] {
    load-env $in
    aws call ses VerifyEmailIdentity {EmailAddress: "a@example.com"} | ignore
    assert equal (aws call ses ListIdentities).Identities ["a@example.com"]
}

@test
def "redshift keeps clusters" [] {
    load-env $in
    aws call redshift CreateCluster {
        ClusterIdentifier: dw, NodeType: ra3.large, MasterUsername: admin, MasterUserPassword: Not-a-secret1
    } | ignore
    assert equal ((aws call redshift DescribeClusters {ClusterIdentifier: dw}).Clusters | get ClusterIdentifier) [dw]
}
