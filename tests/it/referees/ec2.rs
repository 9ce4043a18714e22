//! EC2: the query protocol with its own lists.

use super::{Pair, REGION, same, typed};
use aws_sdk_ec2::primitives::{Blob, DateTime};
use aws_sdk_ec2::types::{
    AttributeValue, BlockDeviceMapping, EbsBlockDevice, Filter, InstanceType, IpPermission, IpRange,
    Placement, ResourceType, Tag, TagSpecification, Tenancy, VolumeType,
};

pub(super) fn compare() -> Pair {
    let mut pair = Pair::new("ec2", REGION, 1);
    let ec2 = typed!(aws_sdk_ec2, pair);
    let filter = || Filter::builder().name("tag:team").values("é & b").values("c=d").build();
    let tag = || Tag::builder().key("team").value("é").build();
    let tagged = || TagSpecification::builder().resource_type(ResourceType::Instance).tags(tag()).build();
    let disk = || {
        let disk =
            EbsBlockDevice::builder().volume_size(8).volume_type(VolumeType::Gp3).encrypted(true).build();
        BlockDeviceMapping::builder().device_name("/dev/sda1").ebs(disk).build()
    };
    let permission = || {
        let range = IpRange::builder().cidr_ip("10.0.0.0/8").description("inside").build();
        IpPermission::builder().ip_protocol("tcp").from_port(22).to_port(22).ip_ranges(range).build()
    };
    same!(pair,
        "DescribeInstances" {
            "Filters": [{ "Name": "tag:team", "Values": ["é & b", "c=d"] }], "MaxResults": 5, "NextToken": "a+b/c="
        } = ec2.describe_instances().filters(filter()).max_results(5).next_token("a+b/c=");
        "RunInstances" {
            "ImageId": "ami-1", "MinCount": 1, "MaxCount": 2, "InstanceType": "t3.micro", "ClientToken": "once",
            "UserData": "#!/bin/sh", "EbsOptimized": true, "SecurityGroupIds": ["sg-1", "sg-2"],
            "Placement": { "Tenancy": "dedicated" },
            "BlockDeviceMappings": [{
                "DeviceName": "/dev/sda1", "Ebs": { "VolumeSize": 8, "VolumeType": "gp3", "Encrypted": true }
            }],
            "TagSpecifications": [{ "ResourceType": "instance", "Tags": [{ "Key": "team", "Value": "é" }] }]
        } = ec2.run_instances().image_id("ami-1").min_count(1).max_count(2).instance_type(InstanceType::T3Micro)
            .client_token("once").user_data("IyEvYmluL3No").ebs_optimized(true).security_group_ids("sg-1")
            .security_group_ids("sg-2").placement(Placement::builder().tenancy(Tenancy::Dedicated).build())
            .block_device_mappings(disk()).tag_specifications(tagged());
        "StartInstances" { "InstanceIds": ["i-1", "i-2"] } = ec2.start_instances().instance_ids("i-1").instance_ids("i-2");
        "StopInstances" {
            "InstanceIds": ["i-1"], "Force": false, "DryRun": true
        } = ec2.stop_instances().instance_ids("i-1").force(false).dry_run(true);
        "TerminateInstances" { "InstanceIds": ["i-1"] } = ec2.terminate_instances().instance_ids("i-1");
        "DescribeInstanceStatus" {
            "IncludeAllInstances": true
        } = ec2.describe_instance_status().include_all_instances(true);
        "ModifyInstanceAttribute" {
            "InstanceId": "i-1", "InstanceType": { "Value": "m5.large" }, "SourceDestCheck": { "Value": false }
        } = ec2.modify_instance_attribute().instance_id("i-1")
            .instance_type(AttributeValue::builder().value("m5.large").build())
            .source_dest_check(aws_sdk_ec2::types::AttributeBooleanValue::builder().value(false).build());
        "DescribeVolumes" { "VolumeIds": ["vol-1"] } = ec2.describe_volumes().volume_ids("vol-1");
        "CreateVolume" {
            "AvailabilityZone": "us-west-2a", "Size": 100, "VolumeType": "io2", "Iops": 3000, "ClientToken": "once"
        } = ec2.create_volume().availability_zone("us-west-2a").size(100).volume_type(VolumeType::Io2).iops(3000)
            .client_token("once");
        "DescribeSnapshots" { "OwnerIds": ["self"] } = ec2.describe_snapshots().owner_ids("self");
        "CreateSnapshot" {
            "VolumeId": "vol-1", "Description": "a\nb"
        } = ec2.create_snapshot().volume_id("vol-1").description("a\nb");
        "DescribeImages" { "Owners": ["amazon"], "ImageIds": ["ami-1"] } = ec2.describe_images().owners("amazon").image_ids("ami-1");
        "DescribeVpcs" {} = ec2.describe_vpcs();
        "CreateSecurityGroup" {
            "GroupName": "web", "Description": "é"
        } = ec2.create_security_group().group_name("web").description("é");
        "DescribeSubnets" {
            "Filters": [{ "Name": "tag:team", "Values": ["é & b", "c=d"] }]
        } = ec2.describe_subnets().filters(filter());
        "DescribeSecurityGroups" { "GroupNames": ["default"] } = ec2.describe_security_groups().group_names("default");
        "AuthorizeSecurityGroupIngress" {
            "GroupId": "sg-1", "IpPermissions": [{
                "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22,
                "IpRanges": [{ "CidrIp": "10.0.0.0/8", "Description": "inside" }]
            }]
        } = ec2.authorize_security_group_ingress().group_id("sg-1").ip_permissions(permission());
        "CreateTags" {
            "Resources": ["i-1", "vol-1"], "Tags": [{ "Key": "team", "Value": "é" }]
        } = ec2.create_tags().resources("i-1").resources("vol-1").tags(tag());
        "DescribeTags" { "MaxResults": 1000 } = ec2.describe_tags().max_results(1000);
        "DescribeRegions" { "AllRegions": true } = ec2.describe_regions().all_regions(true);
        "DescribeSpotPriceHistory" {
            "StartTime": "2026-01-02T03:04:05Z", "InstanceTypes": ["t3.micro"]
        } = ec2.describe_spot_price_history().start_time(DateTime::from_secs(1_767_323_045))
            .instance_types(InstanceType::T3Micro);
        "ImportKeyPair" {
            "KeyName": "k", "PublicKeyMaterial": "ssh-ed25519 AAAA"
        } = ec2.import_key_pair().key_name("k").public_key_material(Blob::new("ssh-ed25519 AAAA"));
        "DescribeNetworkInterfaces" {} = ec2.describe_network_interfaces();
        "GetConsoleOutput" { "InstanceId": "i-1", "Latest": true } = ec2.get_console_output().instance_id("i-1").latest(true);
    );
    pair
}
