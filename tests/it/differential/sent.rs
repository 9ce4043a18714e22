//! Comparing requests as they go out.

use super::{
    bodies, field,
    masks::{masked, masked_text},
    wire::{Sent, bytes},
};
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

pub(super) fn difference(
    service: &Service,
    protocol: Protocol,
    ours: &Sent,
    theirs: &Json,
) -> Option<String> {
    if theirs["method"] != ours.method.as_str() {
        return Some(format!("has method {} instead of {}", ours.method, theirs["method"]));
    }
    let (our_url, url) = (masked_text(&ours.url), masked_text(theirs["url"].as_str().unwrap()));
    if parts(&our_url) != parts(&url) {
        return Some(format!("goes to {our_url} instead of {url}"));
    }
    let their_headers: BTreeMap<String, String> = theirs["headers"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().into()))
        .collect();
    let our_headers: BTreeMap<String, String> = ours.headers.iter().cloned().collect();
    if let Some(difference) = headers(service, our_headers.clone(), their_headers.clone()) {
        return Some(difference);
    }
    let (our_scope, scope) = (scope(&our_headers), scope(&their_headers));
    if our_scope != scope {
        return Some(format!("is signed for {our_scope:?} instead of {scope:?}"));
    }
    let body = |headers: &BTreeMap<String, String>, bytes: &[u8]| {
        let zipped = headers.get("content-encoding").is_some_and(|encoding| encoding.ends_with("gzip"));
        if !zipped || !bytes.starts_with(b"\x1f\x8b") {
            return masked(bytes);
        }
        let mut plain = Vec::new();
        GzDecoder::new(bytes).read_to_end(&mut plain).unwrap();
        masked(&plain)
    };
    bodies::difference(
        protocol,
        &body(&our_headers, &ours.body),
        &body(&their_headers, &bytes(&theirs["body"])),
    )
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

impl Sent {
    /// A dry run shows what is sent.
    pub(super) fn dry_run_difference(&self, shown: &Result<Value, Error>) -> Option<String> {
        let shown = match shown {
            Ok(Value::Record { val, .. }) => val,
            other => return Some(format!("is {other:?}")),
        };
        let (method, url) = (field(shown, "method"), masked_text(field(shown, "url")));
        let sent = masked_text(&self.url);
        if (method, parts(&url)) != (self.method.as_str(), parts(&sent)) {
            return Some(format!("shows {method} {url} instead of {} {sent}", self.method));
        }
        let body = match shown.get("body") {
            Some(Value::String { val, .. }) => val.as_bytes(),
            Some(Value::Binary { val, .. }) => val.as_slice(),
            _ => &[],
        };
        (masked(body) != masked(&self.body)).then(|| "shows another body".into())
    }
}
