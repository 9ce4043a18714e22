# Services of the rest-xml protocol.
use std/assert
use std/testing *
use ../../lib/moto.nu *

@before-all
def server [] { moto start $env.TEST_PYTHON $env.TEST_DIR }

@test
def "s3 keeps objects and what is said about them" [] {
    load-env $in
    aws call s3 CreateBucket {Bucket: photos, CreateBucketConfiguration: {LocationConstraint: eu-west-1}} | ignore
    let body = 0x[89 50 4e 47 00 ff]
    aws call s3 PutObject {
        Bucket: photos, Key: "2026/a b+ü&.png", Body: $body, ContentType: image/png, Metadata: {camera: x100}
    } | ignore
    let read = aws call s3 GetObject {Bucket: photos, Key: "2026/a b+ü&.png"}
    assert equal $read.Body $body
    assert equal $read.ContentType image/png
    assert equal $read.Metadata {camera: x100}
    assert equal ($read.LastModified | describe) datetime
    # the CLI's other name of the service
    let listed = aws call s3api list-objects-v2 {bucket: photos}
    assert equal ($listed.Contents | get Key) ["2026/a b+ü&.png"]
    assert equal $listed.Contents.0.Size 6b
    assert equal ($listed.Contents.0.LastModified | describe) datetime
}

@test
def "s3 takes structures as XML bodies" [] {
    load-env $in
    aws call s3 CreateBucket {Bucket: tagged, CreateBucketConfiguration: {LocationConstraint: eu-west-1}} | ignore
    aws call s3 PutBucketTagging {Bucket: tagged, Tagging: {TagSet: [{Key: team, Value: "a <&> b"}]}} | ignore
    assert equal (aws call s3 GetBucketTagging {Bucket: tagged}).TagSet [[Key Value]; [team "a <&> b"]]
    assert equal (aws call s3 GetBucketLocation {Bucket: tagged}).LocationConstraint eu-west-1
    aws call s3 PutBucketVersioning {Bucket: tagged, VersioningConfiguration: {Status: Enabled}} | ignore
    assert equal (aws call s3 GetBucketVersioning {Bucket: tagged}).Status Enabled
}

@test
def "s3 deletes several objects at once" [] {
    load-env $in
    aws call s3 CreateBucket {Bucket: several, CreateBucketConfiguration: {LocationConstraint: eu-west-1}} | ignore
    for key in [a b c] { aws call s3 PutObject {Bucket: several, Key: $key, Body: $key} | ignore }
    let deleted = aws call s3 DeleteObjects {Bucket: several, Delete: {Objects: [{Key: a} {Key: c}]}}
    assert equal ($deleted.Deleted | get Key | sort) [a c]
    assert equal ((aws call s3 ListObjectsV2 {Bucket: several}).Contents | get Key) [b]
}

@test
def "route53 keeps zones and records" [] {
    load-env $in
    let zone = (aws call route53 CreateHostedZone {Name: example.com, CallerReference: once}).HostedZone.Id
    let change = {
        Action: UPSERT
        ResourceRecordSet: {Name: www.example.com, Type: A, TTL: 300, ResourceRecords: [{Value: "192.0.2.1"}]}
    }
    aws call route53 ChangeResourceRecordSets {HostedZoneId: $zone, ChangeBatch: {Changes: [$change]}} | ignore
    let records = (aws call route53 ListResourceRecordSets {HostedZoneId: $zone}).ResourceRecordSets | where Type == A
    assert equal $records.0.TTL 300
    assert equal $records.0.ResourceRecords [[Value]; ["192.0.2.1"]]
}

@test
def "cloudfront keeps distributions" [] {
    load-env $in
    let created = aws call cloudfront CreateDistribution {
        DistributionConfig: {
            CallerReference: once, Comment: "a site", Enabled: true
            Origins: {Quantity: 1, Items: [{Id: o, DomainName: photos.s3.amazonaws.com, S3OriginConfig: {OriginAccessIdentity: ""}}]}
            DefaultCacheBehavior: {TargetOriginId: o, ViewerProtocolPolicy: allow-all}
        }
    }
    let read = aws call cloudfront GetDistribution {Id: $created.Distribution.Id}
    assert equal $read.Distribution.DistributionConfig.Comment "a site"
    assert equal $read.Distribution.DistributionConfig.Enabled true
    assert equal $read.ETag $created.ETag
}
