//! S3: XML, headers, bodies, and names in hosts and paths.

use super::{Pair, REGION, same, typed};
use aws_sdk_s3::{
    primitives::{ByteStream, DateTime},
    types::{
        BucketLifecycleConfiguration, BucketLocationConstraint, BucketVersioningStatus,
        CompletedMultipartUpload, CompletedPart, CorsConfiguration, CorsRule, CreateBucketConfiguration,
        Delete, EncodingType, ExpirationStatus, GlacierJobParameters, LifecycleExpiration, LifecycleRule,
        LifecycleRuleFilter, MetadataDirective, ObjectAttributes, ObjectIdentifier,
        PublicAccessBlockConfiguration, RestoreRequest, ServerSideEncryption, ServerSideEncryptionByDefault,
        ServerSideEncryptionConfiguration, ServerSideEncryptionRule, StorageClass, Tag, Tagging, Tier,
        VersioningConfiguration,
    },
};

const KEY: &str = "a b/é+&=.txt";

pub(super) fn compare() -> Pair {
    let mut pair = Pair::new("s3", REGION, 1);
    let s3 = typed!(aws_sdk_s3, pair);
    let tags = || {
        let tag = Tag::builder().key("team").value("é & <b>").build().unwrap();
        Tagging::builder().tag_set(tag).build().unwrap()
    };
    let parts = || {
        let part = |number, tag: &str| CompletedPart::builder().part_number(number).e_tag(tag).build();
        CompletedMultipartUpload::builder().parts(part(1, "\"a\"")).parts(part(2, "\"b\"")).build()
    };
    let objects = || {
        let object = |key: &str| ObjectIdentifier::builder().key(key).build().unwrap();
        Delete::builder().objects(object(KEY)).objects(object("b")).quiet(true).build().unwrap()
    };
    let origins = || {
        let rule = CorsRule::builder().allowed_methods("GET").allowed_origins("*").max_age_seconds(60);
        CorsConfiguration::builder().cors_rules(rule.build().unwrap()).build().unwrap()
    };
    let lifecycle = || {
        let filter = LifecycleRuleFilter::builder().prefix("logs/").build();
        let end = LifecycleExpiration::builder().days(30).build();
        let rule = LifecycleRule::builder().id("old").filter(filter).status(ExpirationStatus::Enabled);
        BucketLifecycleConfiguration::builder().rules(rule.expiration(end).build().unwrap()).build().unwrap()
    };
    let encryption = || {
        let kind = ServerSideEncryptionByDefault::builder().sse_algorithm(ServerSideEncryption::Aes256);
        let rule = ServerSideEncryptionRule::builder();
        let rule =
            rule.apply_server_side_encryption_by_default(kind.build().unwrap()).bucket_key_enabled(true);
        ServerSideEncryptionConfiguration::builder().rules(rule.build()).build().unwrap()
    };
    same!(pair,
        "ListBuckets" { "MaxBuckets": 5 } = s3.list_buckets().max_buckets(5);
        "ListObjectsV2" {
            "Bucket": "logs", "Prefix": "a b/é", "Delimiter": "/", "MaxKeys": 7, "ContinuationToken": "a+b/c=",
            "EncodingType": "url"
        } = s3.list_objects_v2().bucket("logs").prefix("a b/é").delimiter("/").max_keys(7)
            .continuation_token("a+b/c=").encoding_type(EncodingType::Url);
        "ListObjects" {
            "Bucket": "dotted.name", "Marker": "m", "EncodingType": "url"
        } = s3.list_objects().bucket("dotted.name").marker("m").encoding_type(EncodingType::Url);
        "ListObjectVersions" {
            "Bucket": "logs", "EncodingType": "url"
        } = s3.list_object_versions().bucket("logs").encoding_type(EncodingType::Url);
        "ListMultipartUploads" {
            "Bucket": "logs", "EncodingType": "url"
        } = s3.list_multipart_uploads().bucket("logs").encoding_type(EncodingType::Url);
        "ListParts" {
            "Bucket": "logs", "Key": KEY, "UploadId": "u/1+"
        } = s3.list_parts().bucket("logs").key(KEY).upload_id("u/1+");
        "HeadBucket" { "Bucket": "logs" } = s3.head_bucket().bucket("logs");
        "HeadObject" {
            "Bucket": "logs", "Key": KEY, "VersionId": "v", "IfModifiedSince": "2026-01-02T03:04:05Z"
        } = s3.head_object().bucket("logs").key(KEY).version_id("v")
            .if_modified_since(DateTime::from_secs(1_767_323_045));
        "GetObjectAttributes" {
            "Bucket": "logs", "Key": KEY, "ObjectAttributes": ["ETag", "ObjectSize"]
        } = s3.get_object_attributes().bucket("logs").key(KEY).object_attributes(ObjectAttributes::Etag)
            .object_attributes(ObjectAttributes::ObjectSize);
        "PutObject" {
            "Bucket": "logs", "Key": KEY, "Body": "bødy", "ContentType": "text/plain", "StorageClass": "STANDARD_IA",
            "Metadata": { "team": "ops" }, "Tagging": "a=b&c=d", "ServerSideEncryption": "aws:kms",
            "Expires": "2026-01-02T03:04:05Z"
        } = s3.put_object().bucket("logs").key(KEY).body(ByteStream::from_static("bødy".as_bytes()))
            .content_type("text/plain").storage_class(StorageClass::StandardIa).metadata("team", "ops")
            .tagging("a=b&c=d").server_side_encryption(ServerSideEncryption::AwsKms)
            .expires(DateTime::from_secs(1_767_323_045));
        "CopyObject" {
            "Bucket": "logs", "Key": KEY, "CopySource": "other/key?versionId=v", "MetadataDirective": "REPLACE"
        } = s3.copy_object().bucket("logs").key(KEY).copy_source("other/key?versionId=v")
            .metadata_directive(MetadataDirective::Replace);
        "DeleteObject" { "Bucket": "logs", "Key": "/a//b/../c" } = s3.delete_object().bucket("logs").key("/a//b/../c");
        "DeleteObjects" {
            "Bucket": "logs", "Delete": { "Objects": [{ "Key": KEY }, { "Key": "b" }], "Quiet": true }
        } = s3.delete_objects().bucket("logs").delete(objects());
        "CreateMultipartUpload" { "Bucket": "logs", "Key": KEY } = s3.create_multipart_upload().bucket("logs").key(KEY);
        "UploadPart" {
            "Bucket": "logs", "Key": KEY, "UploadId": "u", "PartNumber": 3, "Body": ""
        } = s3.upload_part().bucket("logs").key(KEY).upload_id("u").part_number(3).body(ByteStream::from_static(b""));
        "CompleteMultipartUpload" {
            "Bucket": "logs", "Key": KEY, "UploadId": "u", "MultipartUpload": {
                "Parts": [{ "PartNumber": 1, "ETag": "\"a\"" }, { "PartNumber": 2, "ETag": "\"b\"" }]
            }
        } = s3.complete_multipart_upload().bucket("logs").key(KEY).upload_id("u").multipart_upload(parts());
        "AbortMultipartUpload" {
            "Bucket": "logs", "Key": KEY, "UploadId": "u"
        } = s3.abort_multipart_upload().bucket("logs").key(KEY).upload_id("u");
        "CreateBucket" {
            "Bucket": "logs", "CreateBucketConfiguration": { "LocationConstraint": "eu-west-1" }
        } = s3.create_bucket().bucket("logs").create_bucket_configuration(
            CreateBucketConfiguration::builder().location_constraint(BucketLocationConstraint::EuWest1).build());
        "DeleteBucket" { "Bucket": "logs" } = s3.delete_bucket().bucket("logs");
        "GetBucketVersioning" { "Bucket": "logs" } = s3.get_bucket_versioning().bucket("logs");
        "PutBucketVersioning" {
            "Bucket": "logs", "VersioningConfiguration": { "Status": "Enabled" }
        } = s3.put_bucket_versioning().bucket("logs").versioning_configuration(
            VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build());
        "GetBucketTagging" { "Bucket": "logs" } = s3.get_bucket_tagging().bucket("logs");
        "PutBucketTagging" {
            "Bucket": "logs", "Tagging": { "TagSet": [{ "Key": "team", "Value": "é & <b>" }] }
        } = s3.put_bucket_tagging().bucket("logs").tagging(tags());
        "PutObjectTagging" {
            "Bucket": "logs", "Key": KEY, "Tagging": { "TagSet": [{ "Key": "team", "Value": "é & <b>" }] }
        } = s3.put_object_tagging().bucket("logs").key(KEY).tagging(tags());
        "PutBucketCors" {
            "Bucket": "logs", "CORSConfiguration": {
                "CORSRules": [{ "AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "MaxAgeSeconds": 60 }]
            }
        } = s3.put_bucket_cors().bucket("logs").cors_configuration(origins());
        "PutBucketLifecycleConfiguration" {
            "Bucket": "logs", "LifecycleConfiguration": { "Rules": [{
                "ID": "old", "Filter": { "Prefix": "logs/" }, "Status": "Enabled", "Expiration": { "Days": 30 }
            }] }
        } = s3.put_bucket_lifecycle_configuration().bucket("logs").lifecycle_configuration(lifecycle());
        "GetBucketLifecycleConfiguration" { "Bucket": "logs" } = s3.get_bucket_lifecycle_configuration().bucket("logs");
        "PutBucketEncryption" {
            "Bucket": "logs", "ServerSideEncryptionConfiguration": { "Rules": [{
                "ApplyServerSideEncryptionByDefault": { "SSEAlgorithm": "AES256" }, "BucketKeyEnabled": true
            }] }
        } = s3.put_bucket_encryption().bucket("logs").server_side_encryption_configuration(encryption());
        "PutPublicAccessBlock" {
            "Bucket": "logs", "PublicAccessBlockConfiguration": { "BlockPublicAcls": true }
        } = s3.put_public_access_block().bucket("logs").public_access_block_configuration(
            PublicAccessBlockConfiguration::builder().block_public_acls(true).build());
        "GetBucketAcl" { "Bucket": "logs" } = s3.get_bucket_acl().bucket("logs");
        "RestoreObject" {
            "Bucket": "logs", "Key": KEY, "RestoreRequest": { "Days": 1, "GlacierJobParameters": { "Tier": "Bulk" } }
        } = s3.restore_object().bucket("logs").key(KEY).restore_request(RestoreRequest::builder().days(1)
            .glacier_job_parameters(GlacierJobParameters::builder().tier(Tier::Bulk).build().unwrap()).build());
    );
    pair
}
