//! Signatures, computed once more by botocore.

use crate::{python, wire::Sent};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value as Json, json};

/// Requests to check.
#[derive(Debug, Default)]
pub(super) struct Signatures {
    kept: Vec<Json>,
}

impl Signatures {
    /// Keeps a request, if it is signed with SigV4.
    pub(super) fn note(&mut self, sent: &Sent) {
        let signed = sent.header("authorization").is_some_and(|value| value.starts_with("AWS4-HMAC-SHA256"));
        if signed {
            let headers: Json =
                sent.headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
            let body = STANDARD.encode(&sent.body);
            self.kept
                .push(json!({ "method": sent.method, "url": sent.url, "headers": headers, "body": body }));
        }
    }

    /// How many were checked, and which are not what botocore signs.
    pub(super) fn check(mut self) -> (usize, Vec<String>) {
        // A control: what is changed on its way must be noticed.
        if let Some(mut changed) = self.kept.first().cloned() {
            changed["headers"]["x-amz-date"] = json!("20200102T030405Z");
            self.kept.push(changed);
        }
        let lines: Vec<String> = self.kept.iter().map(Json::to_string).collect();
        let expected = python::answers("tests/botocore/signatures.py", &lines);
        assert_eq!(expected.len(), self.kept.len());
        let differs = |(sent, expected): (&Json, &String)| {
            let authorization = sent["headers"]["authorization"].as_str().unwrap();
            let equal = authorization.split_once("Signature=").unwrap().1 == expected;
            (!equal).then(|| format!("{} {} {authorization}", sent["method"], sent["url"]))
        };
        let mut different: Vec<String> = self.kept.iter().zip(&expected).filter_map(differs).collect();
        assert!(different.pop().is_some() || self.kept.is_empty(), "a changed date was not noticed");
        (self.kept.len().saturating_sub(1), different)
    }
}
