//! The functions of the rule language that look into texts.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::net::Ipv6Addr;

/// All but the unreserved characters of RFC 3986.
const RESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// What may stay in a path: Python's `quote`, which botocore normalises with, leaves slashes alone.
const PATH: AsciiSet = RESERVED.remove(b'/');

/// The parts of `arn:partition:service:region:account:resource`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::client) struct Arn {
    pub(in crate::client) partition: String,
    pub(in crate::client) service: String,
    pub(in crate::client) region: String,
    pub(in crate::client) account: String,
    /// The resource, split at colons and slashes.
    pub(in crate::client) resource: Vec<String>,
}

impl Arn {
    pub(in crate::client) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let mut next = || parts.next().map(String::from);
        let (arn, partition, service, region) = (next()?, next()?, next()?, next()?);
        let (account, resource) = (next()?, next()?);
        if arn != "arn" || partition.is_empty() || service.is_empty() || resource.is_empty() {
            return None;
        }
        let resource = resource.split([':', '/']).map(Into::into).collect();
        Some(Self { partition, service, region, account, resource })
    }
}

/// The parts of an HTTP URL without query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Url {
    pub(super) scheme: &'static str,
    pub(super) authority: String,
    pub(super) path: String,
    pub(super) normalized_path: String,
    pub(super) is_ip: bool,
}

impl Url {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let scheme = ["http", "https"].into_iter().find(|known| scheme.eq_ignore_ascii_case(known))?;
        let rest = rest.split_once('#').map_or(rest, |(before, _)| before);
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (host, port) = host_and_port(authority);
        if !query.is_empty() || host.is_empty() || port.is_some_and(|port| port.parse::<u16>().is_err()) {
            return None;
        }
        Some(Self {
            scheme,
            authority: authority.into(),
            path: path.into(),
            normalized_path: normalized(path),
            is_ip: is_ipv4(host) || host.parse::<Ipv6Addr>().is_ok(),
        })
    }
}

/// Without user, brackets of an IPv6 address, and an empty port.
fn host_and_port(authority: &str) -> (&str, Option<&str>) {
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    let (host, port) = match place.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, rest)) => (host, rest.strip_prefix(':')),
        None => place.rsplit_once(':').map_or((place, None), |(host, port)| (host, Some(port))),
    };
    (host, port.filter(|port| !port.is_empty()))
}

/// The path without dot segments and doubled slashes, escaped, with a slash at both ends.
fn normalized(path: &str) -> String {
    let mut segments = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            segment => segments.push(segment),
        }
    }
    if segments.is_empty() {
        return "/".into();
    }
    let path = segments.join("/");
    format!("/{}/", utf8_percent_encode(&path, &PATH))
}

/// Percent-encodes all but unreserved characters.
pub(super) fn uri_encode(text: &str) -> String {
    utf8_percent_encode(text, &RESERVED).to_string()
}

/// Whether a text can be one part of a host name (RFC 1123).
pub(super) fn is_host_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// The same, with `dots` also for several parts with dots between.
pub(super) fn is_valid_host_label(text: &str, dots: bool) -> bool {
    if dots { text.split('.').all(is_host_label) } else { is_host_label(text) }
}

/// Whether a bucket's name can be part of a host name.
pub(super) fn is_virtual_hostable(bucket: &str, dots: bool) -> bool {
    bucket.len() >= 3
        && !bucket.chars().any(char::is_uppercase)
        && !is_ipv4(bucket)
        && is_valid_host_label(bucket, dots)
}

/// Four groups of up to three digits: looser than an address, since such names mislead even where they are none.
fn is_ipv4(text: &str) -> bool {
    let group =
        |group: &str| (1..=3).contains(&group.len()) && group.bytes().all(|byte| byte.is_ascii_digit());
    text.split('.').count() == 4 && text.split('.').all(group)
}

/// Characters `start..stop`, from the end with `reverse`; nothing where the text is shorter or not ASCII.
pub(super) fn substring(text: &str, start: u32, stop: u32, reverse: bool) -> Option<std::ops::Range<usize>> {
    let (start, stop) = (start as usize, stop as usize);
    if start >= stop || text.len() < stop || !text.is_ascii() {
        return None;
    }
    Some(if reverse { text.len() - stop..text.len() - start } else { start..stop })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns() {
        let arn = Arn::parse("arn:aws:s3:eu-west-1:1:accesspoint/my:ap").unwrap();
        assert_eq!((arn.service.as_str(), arn.account.as_str()), ("s3", "1"));
        assert_eq!(arn.resource, ["accesspoint", "my", "ap"]);
        for text in ["arn:aws:s3:eu-west-1:1", "arn:aws:s3:eu-west-1:1:", "arn::s3:::x", "x:aws:s3:::x", ""] {
            assert_eq!(Arn::parse(text), None, "{text}");
        }
    }

    #[test]
    fn urls() {
        let url = Url::parse("https://user@[::1]:80/a/./b//../ü").unwrap();
        assert_eq!((url.scheme, url.authority.as_str(), url.is_ip), ("https", "user@[::1]:80", true));
        assert_eq!((url.path.as_str(), url.normalized_path.as_str()), ("/a/./b//../ü", "/a/%C3%BC/"));
        assert_eq!(Url::parse("http://h").unwrap().normalized_path, "/");
        assert!(Url::parse("http://127.0.0.1:4566").unwrap().is_ip);
        for text in ["ftp://x", "https://x?y=z", "https://x:y", "https:///x", "x.com", "https://x:99999"] {
            assert_eq!(Url::parse(text), None, "{text}");
        }
    }

    #[test]
    fn labels_and_buckets() {
        assert!(is_valid_host_label("a-1", false) && !is_valid_host_label("a.b", false));
        assert!(is_valid_host_label("a.b", true) && !is_valid_host_label("a..b", true));
        assert!(!is_host_label("-a") && !is_host_label("a-") && !is_host_label(&"a".repeat(64)));
        assert!(is_virtual_hostable("abc", false) && is_virtual_hostable("a.bc", true));
        for bucket in ["ab", "Abc", "1.2.3.4", "a_b", "a.bc"] {
            assert!(!is_virtual_hostable(bucket, false), "{bucket}");
        }
    }

    #[test]
    fn substrings() {
        assert_eq!(substring("abcdef", 0, 2, false), Some(0..2));
        assert_eq!(substring("abcdef", 0, 2, true), Some(4..6));
        for (text, start, stop) in [("abc", 0, 4), ("abc", 2, 2), ("äbc", 0, 1)] {
            assert_eq!(substring(text, start, stop, false), None);
        }
    }
}
