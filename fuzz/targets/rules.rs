//! Any bytes as endpoint rules, and as the bucket, region and endpoint that S3's own rules are asked with: an endpoint
//! or a typed error.
#![no_main]

use aws_perf::{
    client::endpoints::{Parameters, resolve},
    model::{
        catalog::{Catalog, DataPaths},
        rules::{Partitions, RuleSet},
    },
};
use libfuzzer_sys::fuzz_target;
use std::sync::{Arc, LazyLock};

static KNOWN: LazyLock<(Arc<RuleSet>, Arc<Partitions>)> = LazyLock::new(|| {
    let (catalog, paths) = (Catalog::default(), DataPaths::default());
    let service = catalog.service("s3", &paths).expect("is in the pack");
    let rules = catalog.rules(&service, &paths).expect("are in the pack").expect("S3 has rules");
    (rules, catalog.partitions(&paths).expect("are in the pack"))
});

fuzz_target!(|data: &[u8]| {
    let (s3, partitions) = &*KNOWN;
    let [kind, rest @ ..] = data else { return };
    let text = String::from_utf8_lossy(rest);
    let mut words = text.split('\n');
    let mut next = || words.next().unwrap_or_default().to_string();
    let parsed = if kind & 1 == 0 { RuleSet::parse(rest).ok() } else { None };
    let rules = parsed.as_ref().unwrap_or(s3);
    let mut builder = Parameters::builder(rules);
    builder.set("Bucket", next()).builtin("AWS::Region", next());
    if kind & 2 != 0 {
        builder.builtin("SDK::Endpoint", next());
    }
    for (bit, name) in [(4, "AWS::UseFIPS"), (8, "AWS::UseDualStack"), (16, "AWS::S3::Accelerate"), (32, "AWS::S3::ForcePathStyle")] {
        builder.builtin(name, kind & bit != 0);
    }
    if let Ok(parameters) = builder.build() {
        let _ = resolve(rules, partitions, &parameters);
    }
});
