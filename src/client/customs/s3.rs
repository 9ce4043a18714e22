//! S3: what is checked, quoted and hashed before a request.

use crate::{
    client::endpoints::Arn,
    error::{Error, Result},
    request::Request,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use md5::{Digest, Md5};
use nu_protocol::{Record, Value};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What botocore leaves as it is in a copy source (`quote_source_header`): unreserved characters and `/`.
const COPY_SOURCE: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// Names and metadata that S3 would refuse with a signature error, or read as another resource.
pub(super) fn check(request: &Request) -> Result<()> {
    if let Some(bucket) = request.input.get("Bucket")
        && let Ok(name) = bucket.as_str()
        && !is_bucket(name)
        && !is_access_point(name)
    {
        return Err(Error::invalid(format!("`{name}` cannot be the name of a bucket"))
            .at(bucket.span())
            .help("write a bucket's name (letters, digits, `.`, `-`, `_`) or the ARN of an access point"));
    }
    if matches!(&*request.operation.name, "CopyObject" | "PutObject" | "CreateMultipartUpload")
        && let Some(Value::Record { val, .. }) = request.input.get("Metadata")
    {
        for (key, value) in val.iter() {
            if !key.is_ascii() || value.as_str().is_ok_and(|text| !text.is_ascii()) {
                return Err(Error::invalid(format!("the metadata `{key}` holds more than ASCII"))
                    .at(value.span())
                    .help("S3 keeps metadata as headers: encode such text, as with `url encode`"));
            }
        }
    }
    Ok(())
}

/// The rule of the first region, which allows more than newer ones do.
fn is_bucket(name: &str) -> bool {
    (1..=255).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
}

/// `arn:<partition>:s3:<region>:<account>:accesspoint/<name>`, with `:` or `/`; also of object lambdas and outposts.
fn is_access_point(arn: &str) -> bool {
    let Some(Arn { partition, service, region, account, resource }) = Arn::parse(arn) else { return false };
    let is_region =
        |text: &str| text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let name = |text: &str, dots: bool| {
        (1..=63).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || dots && byte == b'.')
    };
    let resource: Vec<&str> = resource.iter().map(String::as_str).collect();
    let fits = match (service.as_str(), resource.as_slice()) {
        ("s3" | "s3-object-lambda", ["accesspoint", point]) => name(point, true),
        ("s3-outposts", ["outpost", outpost, "accesspoint", point]) => {
            !region.is_empty() && name(outpost, false) && name(point, false)
        }
        _ => false,
    };
    partition.starts_with("aws") && is_region(&region) && is_account && fits
}

/// Quotes where a copy comes from: a text `bucket/key?versionId=v`, of which the version is left alone.
pub(super) fn copy_source(request: &Request, input: &mut Record) -> Result<()> {
    if !matches!(&*request.operation.name, "CopyObject" | "UploadPartCopy") {
        return Ok(());
    }
    if let Some(value) = input.get_mut("CopySource") {
        let span = value.span();
        let text = value.as_str().map_err(|_| Error::invalid("CopySource must be a text").at(span))?;
        *value = Value::string(quoted(text), span);
    }
    Ok(())
}

fn quoted(source: &str) -> String {
    let (path, version) = match source.rfind("?versionId=") {
        // A version has no white space; what has some belongs to the key.
        Some(at)
            if at + "?versionId=".len() < source.len() && !source[at..].contains(char::is_whitespace) =>
        {
            source.split_at(at)
        }
        _ => (source, ""),
    };
    format!("{}{version}", utf8_percent_encode(path, COPY_SOURCE))
}

/// Operations that take a key of the customer's to encrypt with, and those that take one for the source of a copy.
const CUSTOMER_KEYS: [&str; 9] = [
    "CompleteMultipartUpload",
    "CopyObject",
    "CreateMultipartUpload",
    "GetObject",
    "HeadObject",
    "PutObject",
    "SelectObjectContent",
    "UploadPart",
    "UploadPartCopy",
];

/// S3 wants a customer's key in base64, with its MD5 as a check against slips.
pub(super) fn customer_keys(request: &Request, input: &mut Record) {
    let operation = &*request.operation.name;
    if CUSTOMER_KEYS.contains(&operation) {
        customer_key(input, "SSECustomerKey", "SSECustomerKeyMD5");
    }
    if matches!(operation, "CopyObject" | "UploadPartCopy") {
        customer_key(input, "CopySourceSSECustomerKey", "CopySourceSSECustomerKeyMD5");
    }
}

fn customer_key(input: &mut Record, key: &str, sum: &str) {
    if input.get(sum).is_some_and(|value| !value.is_nothing()) {
        return;
    }
    let Some(value) = input.get_mut(key) else { return };
    let span = value.span();
    let bytes = match value {
        Value::String { val, .. } => val.as_bytes(),
        Value::Binary { val, .. } => val,
        _ => return,
    };
    let digest = STANDARD.encode(Md5::digest(bytes));
    *value = Value::string(STANDARD.encode(bytes), span);
    input.insert(sum, Value::string(digest, span));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copy_sources_are_quoted_once_and_as_botocore_does() {
        assert_eq!(quoted("b/a b"), "b/a%20b");
        assert_eq!(quoted("b/a%20b"), "b/a%2520b");
        assert_eq!(quoted("b/ü?versionId=x+y"), "b/%C3%BC?versionId=x+y");
        assert_eq!(quoted("b/what?versionId=x y"), "b/what%3FversionId%3Dx%20y");
        assert_eq!(quoted("b/k?versionId="), "b/k%3FversionId%3D");
    }

    #[test]
    fn buckets_and_access_points_are_told_from_slips() {
        assert!(is_bucket("My_bucket.1-x") && !is_bucket("a b") && !is_bucket("") && !is_bucket("a/b"));
        for arn in [
            "arn:aws:s3:us-west-2:123456789012:accesspoint/my.ap",
            "arn:aws-cn:s3:cn-north-1:123456789012:accesspoint:ap",
            "arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap",
            "arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-1/accesspoint/ap",
        ] {
            assert!(is_access_point(arn), "{arn}");
        }
        for arn in [
            "arn:aws:s3:us-west-2:1:accesspoint/a",
            "arn:aws:s3:us-west-2:123456789012:bucket/a",
            "arn:aws:s3-outposts::123456789012:outpost/op-1/accesspoint/ap",
            "arn:aws:sqs:us-west-2:123456789012:accesspoint/a",
            "arn:aws:s3:us-west-2:123456789012:accesspoint/a/b",
        ] {
            assert!(!is_access_point(arn), "{arn}");
        }
    }
}
