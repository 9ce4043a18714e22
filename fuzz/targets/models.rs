//! Any bytes as the files of a service model: a service or an error that names the file.
//!
//! The first two bytes say how many of the others belong to the service; the rest is paginators and waiters alike.
#![no_main]

use aws_perf::model::{
    botocore::{Document, Documents, parse},
    tables::Tables,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let [high, low, rest @ ..] = data else { return };
    let length = usize::from(u16::from_be_bytes([*high, *low])).min(rest.len());
    let (service, others) = rest.split_at(length);
    let document = |file, bytes| Document { file, bytes };
    let more = (!others.is_empty()).then_some(others);
    let documents = Documents {
        service: document("service-2.json", service),
        service_extras: None,
        paginators: more.map(|bytes| document("paginators-1.json", bytes)),
        paginator_extras: None,
        waiters: more.map(|bytes| document("waiters-2.json", bytes)),
    };
    let _ = parse("any", &documents, Tables::embedded().expect("is in the build"));
});
