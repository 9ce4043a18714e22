//! Comparing requests as they go out.

use super::{
    bodies, field,
    masks::{masked, masked_text},
    wire::bytes,
};
use crate::wire::Sent;
use aws_perf::{
    error::Error,
    model::{Protocol, Service},
};
use flate2::read::GzDecoder;
use nu_protocol::Value;
use serde_json::Value as Json;
use std::{collections::BTreeMap, io::Read};

/// Headers of the transport, of the runtime and of the signature, whose scope is compared by itself.
const PASSED_OVER: [&str; 11] = [
    "user-agent",
    "x-amz-user-agent",
    "amz-sdk-invocation-id",
    "amz-sdk-request",
    "x-amz-date",
    "authorization",
    "content-length",
    "transfer-encoding",
    "expect",
    "host",
    "x-amz-region-set",
];

/// The first difference of two requests, but for what is random, of the runtime or of the signature's sum.
pub(crate) fn difference(
    service: &Service,
    protocol: Protocol,
    ours: &Sent,
    theirs: &Json,
    body_difference: impl Fn(Protocol, &[u8], &[u8]) -> Option<String>,
) -> Option<String> {
    if theirs["method"] != ours.method.as_str() {
        return Some(format!("has method {} instead of {}", ours.method, theirs["method"]));
    }
    let (our_url, url) = (masked_text(&ours.url), masked_text(theirs["url"].as_str().unwrap()));
    // The other SDKs end the path of a bucket with a slash.
    let without_slash = |url: &str| match parts(url) {
        (host, path, query) if &*service.name == "s3" => (host, path.trim_end_matches('/').to_owned(), query),
        parts => parts,
    };
    if without_slash(&our_url) != without_slash(&url) {
        return Some(format!("goes to {our_url} instead of {url}"));
    }
    let their_headers: BTreeMap<String, String> = theirs["headers"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().into()))
        .collect();
    let our_headers: BTreeMap<String, String> = ours.headers.iter().cloned().collect();
    let (our_body, their_body) =
        (plain_body(&our_headers, &ours.body), plain_body(&their_headers, &body(theirs)));
    if let Some(difference) = body_difference(protocol, &our_body, &their_body) {
        return Some(difference);
    }
    let mut settled = our_headers.clone();
    if ours.body != body(theirs) {
        // Another spelling has another sum; equal bodies tell whether sums are right.
        for (name, sum) in &mut settled {
            if name.starts_with("x-amz-checksum-")
                && let Some(other) = their_headers.get(name)
                && other.len() == sum.len()
            {
                sum.clone_from(other);
            }
        }
    }
    if let Some(difference) = headers(service, settled, their_headers.clone()) {
        return Some(difference);
    }
    let (our_scope, scope) = (scope(&our_headers), scope(&their_headers));
    if our_scope != scope {
        return Some(format!("is signed for {our_scope:?} instead of {scope:?}"));
    }
    None
}

fn body(theirs: &Json) -> Vec<u8> {
    bytes(&theirs["body"])
}

/// Without compression, whose bytes depend on the library, and with masks.
fn plain_body(headers: &BTreeMap<String, String>, bytes: &[u8]) -> Vec<u8> {
    let zipped = headers.get("content-encoding").is_some_and(|encoding| encoding.ends_with("gzip"));
    if !zipped || !bytes.starts_with(b"\x1f\x8b") {
        return masked(bytes);
    }
    let mut plain = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut plain).unwrap();
    masked(&plain)
}

/// Everything before the path, the path, and the pairs of the query in a fixed order.
fn parts(url: &str) -> (String, String, Vec<(String, String)>) {
    let (scheme, rest) = url.split_once("://").unwrap();
    let (host, rest) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let rest = if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") };
    let (path, query) = bodies::split_uri(&rest);
    (format!("{scheme}://{host}"), path.to_owned(), query)
}

fn headers(
    service: &Service,
    mut ours: BTreeMap<String, String>,
    mut theirs: BTreeMap<String, String>,
) -> Option<String> {
    for headers in [&mut ours, &mut theirs] {
        headers.retain(|name, _| !PASSED_OVER.contains(&name.as_str()));
        // Part of the signature, but for the service that has a header of that name.
        if &*service.name != "glacier" {
            headers.remove("x-amz-content-sha256");
        }
        for value in headers.values_mut() {
            *value = masked_text(value);
        }
    }
    // botocore leaves out the content type of XML and of nothing else.
    if !theirs.contains_key("content-type")
        && ours.get("content-type").is_some_and(|kind| kind == "application/xml")
    {
        ours.remove("content-type");
    }
    (ours != theirs).then(|| {
        let differing = ours.iter().chain(&theirs).filter(|(name, _)| ours.get(*name) != theirs.get(*name));
        let mut names: Vec<&String> = differing.map(|(name, _)| name).collect();
        names.dedup();
        format!("has {names:?} in headers {ours:?} instead of {theirs:?}")
    })
}

/// How a request is signed: the algorithm and region, service and kind of its scope.
fn scope(headers: &BTreeMap<String, String>) -> Option<(String, String)> {
    let authorization = headers.get("authorization")?;
    let (algorithm, rest) = authorization.split_once(' ')?;
    let Some((_, credential)) = rest.split_once("Credential=") else {
        return Some((algorithm.into(), rest.into()));
    };
    let scope = credential.split(',').next()?.splitn(3, '/').nth(2)?;
    let regions = headers.get("x-amz-region-set").map_or("", String::as_str);
    Some((algorithm.into(), format!("{scope} {regions}")))
}

/// A dry run shows what is sent, but for what is only known then.
pub(super) fn dry_run_difference(sent: &Sent, shown: &Result<Value, Error>) -> Option<String> {
    let shown = match shown {
        Ok(Value::Record { val, .. }) => val,
        other => return Some(format!("is {other:?}")),
    };
    let (method, url) = (field(shown, "method"), masked_text(field(shown, "url")));
    let sent_url = masked_text(&sent.url);
    // The endpoint that timestream tells itself.
    let told = sent_url.contains("ingest-cell1");
    if method != sent.method || !told && parts(&url) != parts(&sent_url) {
        return Some(format!("shows {method} {url} instead of {} {sent_url}", sent.method));
    }
    let body = match shown.get("body") {
        Some(Value::String { val, .. }) => val.as_bytes(),
        Some(Value::Binary { val, .. }) => val.as_slice(),
        _ => &[],
    };
    // What a form carries of signatures is not there yet.
    let signed = body.windows(9).any(|window| window == b"presigned")
        || sent.body.windows(18).any(|window| window == b"SignatureVersion=2");
    (!signed && masked(body) != masked(&sent.body)).then(|| "shows another body".into())
}
