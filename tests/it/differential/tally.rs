//! What was compared, and what differed.

use aws_perf::model::Protocol;
use serde_json::json;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

#[derive(Debug, Default)]
pub(super) struct Tally {
    counts: BTreeMap<(&'static str, String), usize>,
    services: BTreeMap<String, usize>,
    refused: Vec<(String, String)>,
    exceptions: Vec<(String, String)>,
    signatures: usize,
    differences: Vec<String>,
}

impl Tally {
    pub(super) fn note(&mut self, protocol: Protocol, kind: &str, difference: Option<String>) {
        *self.counts.entry((protocol.name(), kind.into())).or_default() += 1;
        self.differences.extend(difference);
    }

    pub(super) fn service(&mut self, name: &str) {
        *self.services.entry(name.into()).or_default() += 1;
    }

    pub(super) fn refused(&mut self, service: &str, operation: &str, why: &str, told: bool) {
        self.refused.push((format!("{service} {operation}"), why.into()));
        if !told {
            self.differences.push(format!("{service} {operation} is not refused as {why}"));
        }
    }

    pub(super) fn exception(&mut self, service: &str, operation: &str, why: &str) {
        self.exceptions.push((format!("{service} {operation}"), why.into()));
    }

    pub(super) fn exceptions(&self) -> usize {
        self.exceptions.len()
    }

    pub(super) fn signatures(&mut self, checked: usize, different: Vec<String>) {
        self.signatures += checked;
        self.differences.extend(different.into_iter().map(|sent| format!("another signature: {sent}")));
    }

    pub(super) fn join(mut self, other: Self) -> Self {
        for (key, count) in other.counts {
            *self.counts.entry(key).or_default() += count;
        }
        self.services.extend(other.services);
        self.refused.extend(other.refused);
        self.signatures += other.signatures;
        self.exceptions.extend(other.exceptions);
        self.differences.extend(other.differences);
        self
    }

    pub(super) fn services(&self) -> usize {
        self.services.len()
    }

    /// Calls: a refusal, or a request with its answer or error.
    pub(super) fn calls(&self) -> usize {
        let of = |kind: &str| {
            self.counts.iter().filter(|((_, k), _)| k == kind).map(|(_, count)| count).sum::<usize>()
        };
        of("request") + of("refusal")
    }

    pub(super) fn print(&self) {
        println!("{} signatures", self.signatures);
        for ((protocol, kind), count) in &self.counts {
            println!("{protocol:18} {kind:8} {count}");
        }
        println!(
            "{} services, {} calls, {} operations refused",
            self.services(),
            self.calls(),
            self.refused.len()
        );
    }

    pub(super) fn assert_equal(&self) {
        fs::write(folder().join("differences.txt"), self.differences.join("\n\n")).unwrap();
        let shown = self.differences.len().min(25);
        assert!(
            self.differences.is_empty(),
            "{} of {} calls differ, as\n{}",
            self.differences.len(),
            self.calls(),
            self.differences[..shown].join("\n")
        );
    }

    /// Leaves the figures for `docs/CONFORMANCE.md`.
    pub(super) fn write(&self, name: &str) {
        let counts: Vec<_> =
            self.counts.iter().map(|((protocol, kind), count)| json!([protocol, kind, count])).collect();
        let figures = json!({
            "services": self.services(), "calls": self.calls(), "counts": counts, "refused": self.refused,
            "exceptions": self.exceptions, "signatures": self.signatures,
        });
        fs::write(folder().join(format!("{name}.json")), figures.to_string()).unwrap();
    }
}

fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(".work/conformance");
    fs::create_dir_all(&folder).unwrap();
    folder
}
