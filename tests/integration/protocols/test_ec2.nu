# The ec2 protocol, which only EC2 speaks.
use std/assert
use std/testing *
use ../../lib/moto.nu *

@before-all
def server [] { moto start $env.TEST_PYTHON $env.TEST_DIR }

@test
def "instances are run, found by tag and stopped" [] {
    load-env $in
    let started = aws call ec2 RunInstances {
        ImageId: ami-12345678, InstanceType: t3.micro, MinCount: 2, MaxCount: 2
        TagSpecifications: [{ResourceType: instance, Tags: [{Key: Name, Value: web}]}]
    }
    let ids = $started.Instances | get InstanceId
    let found = aws call ec2 DescribeInstances {Filters: [{Name: "tag:Name", Values: [web]}]}
    let instances = $found.Reservations | get Instances | flatten
    assert equal ($instances | get InstanceId | sort) ($ids | sort)
    assert equal ($instances.State.Name | uniq) [running]
    assert equal ($instances.0.LaunchTime | describe) datetime
    aws call ec2 StopInstances {InstanceIds: [($ids | first)]} | ignore
    let rows = aws stream ec2 DescribeInstances | select InstanceId State.Name ReservationId
    assert equal ($rows | where InstanceId == ($ids | first) | get "State.Name") [stopped]
    assert equal ($rows.ReservationId | uniq) [$started.ReservationId]
}

@test
def "networks and rules are nested lists" [] {
    load-env $in
    let vpc = (aws call ec2 CreateVpc {CidrBlock: "10.1.0.0/16"}).Vpc.VpcId
    let group = (aws call ec2 CreateSecurityGroup {GroupName: web, Description: "web servers", VpcId: $vpc}).GroupId
    aws call ec2 AuthorizeSecurityGroupIngress {
        GroupId: $group
        IpPermissions: [
            {IpProtocol: tcp, FromPort: 443, ToPort: 443, IpRanges: [{CidrIp: "0.0.0.0/0"} {CidrIp: "10.0.0.0/8"}]}
        ]
    } | ignore
    let read = (aws call ec2 DescribeSecurityGroups {GroupIds: [$group]}).SecurityGroups.0
    assert equal ($read.IpPermissions.0 | select IpProtocol FromPort) {IpProtocol: tcp, FromPort: 443}
    assert equal ($read.IpPermissions.0.IpRanges.CidrIp | sort) ["0.0.0.0/0" "10.0.0.0/8"]
}

@test
def "volumes have sizes" [] {
    load-env $in
    aws call ec2 CreateVolume {AvailabilityZone: eu-west-1a, Size: 8gib, VolumeType: gp3} | ignore
    let volumes = (aws call ec2 DescribeVolumes {Filters: [{Name: volume-type, Values: [gp3]}]}).Volumes
    assert equal ($volumes | get Size) [8gib]
    assert equal $volumes.0.Encrypted false
}

@test
def "tags are read back" [] {
    load-env $in
    let vpc = (aws call ec2 CreateVpc {CidrBlock: "10.2.0.0/16"}).Vpc.VpcId
    aws call ec2 CreateTags {Resources: [$vpc], Tags: [{Key: a, Value: "1"} {Key: b, Value: "x y"}]} | ignore
    let tags = (aws call ec2 DescribeTags {Filters: [{Name: resource-id, Values: [$vpc]}]}).Tags
    assert equal ($tags | select Key Value | sort-by Key) [[Key Value]; [a "1"] [b "x y"]]
}
