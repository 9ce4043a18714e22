//! What the AWS SDKs do to certain inputs and answers because the models do not say it.

use crate::request::Request;
use nu_protocol::{Record, Value};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What botocore leaves as it is in a copy source (`quote_source_header`): unreserved characters and `/`.
const COPY_SOURCE: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// Operations whose user data AWS wants in base64, and SDK users give plain.
const USER_DATA: [(&str, &str); 2] = [("ec2", "RunInstances"), ("autoscaling", "CreateLaunchConfiguration")];

/// The input as it goes to the codec; `None` where it may go as it is.
pub(super) fn input(request: &Request) -> Option<Record> {
    let service = &*request.service.name;
    if service == "s3"
        && let Some(Value::String { val, internal_span, .. }) = request.input.get("CopySource")
    {
        let mut input = request.input.clone();
        input.insert("CopySource", Value::string(copy_source(val), *internal_span));
        return Some(input);
    }
    if USER_DATA.contains(&(service, &*request.operation.name))
        && let Some(Value::String { val, internal_span, .. }) = request.input.get("UserData")
    {
        let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, val);
        let mut input = request.input.clone();
        input.insert("UserData", Value::string(encoded, *internal_span));
        return Some(input);
    }
    None
}

/// `bucket/key?versionId=v`: the key is quoted, the version is not. A key that was quoted already names another key.
fn copy_source(source: &str) -> String {
    let (path, version) = match source.split_once("?versionId=") {
        Some((path, version)) => (path, Some(version)),
        None => (source, None),
    };
    let quoted = utf8_percent_encode(path, COPY_SOURCE).to_string();
    match version {
        Some(version) => format!("{quoted}?versionId={version}"),
        None => quoted,
    }
}

/// Whether a successful answer is none: S3 sends the header early for long operations, and may find an error later.
pub(super) fn is_error_in_success(service: &str, body: &[u8]) -> bool {
    service == "s3" && root_is(body, "error")
}

/// Whether a proxy or a captive portal answered in AWS's place.
pub(super) fn is_web_page(body: &[u8]) -> bool {
    root_is(body, "html") || root_is(body, "!doctype html")
}

/// Whether the first element of a document has that name, in any case.
fn root_is(body: &[u8], name: &str) -> bool {
    let head = String::from_utf8_lossy(body.get(..512).unwrap_or(body)).to_ascii_lowercase();
    let mut rest = head.trim_start_matches('\u{feff}').trim_start();
    while rest.starts_with("<?") {
        let Some((_, after)) = rest.split_once("?>") else { return false };
        rest = after.trim_start();
    }
    let Some(after) = rest.strip_prefix('<').and_then(|rest| rest.strip_prefix(name)) else { return false };
    after.starts_with(|next: char| next == '>' || next == '/' || next.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copy_sources_are_quoted_once_and_as_botocore_does() {
        assert_eq!(copy_source("b/a b"), "b/a%20b");
        assert_eq!(copy_source("b/a%20b"), "b/a%2520b");
        assert_eq!(copy_source("b/ü?versionId=x+y"), "b/%C3%BC?versionId=x+y");
    }

    #[test]
    fn the_root_of_an_answer_tells_what_it_is() {
        assert!(is_error_in_success(
            "s3",
            b"<?xml version=\"1.0\"?>\n<Error><Code>InternalError</Code></Error>"
        ));
        assert!(!is_error_in_success("s3", b"<CopyObjectResult/>"));
        assert!(!is_error_in_success("s3", b"<ErrorDocument/>"));
        assert!(is_web_page(b" <!DOCTYPE html><html>"));
        assert!(is_web_page(b"<HTML><body>"));
        assert!(!is_web_page(b"{\"html\": 1}"));
    }
}
