//! Any bytes as the answer of an operation in each protocol: values or a typed error.
#![no_main]

use aws_perf::{
    client::protocols::{Answer, Decoding, decode, decode_fault},
    model::{
        Service,
        catalog::{Catalog, DataPaths},
    },
};
use aws_smithy_runtime_api::http::Headers;
use libfuzzer_sys::fuzz_target;
use nu_protocol::Span;
use std::sync::{Arc, LazyLock};

/// Each protocol with the deepest answers that it has. tests/tools/fuzz_seeds.py knows the order.
const OPERATIONS: [(&str, &str); 7] = [
    ("stepfunctions", "GetExecutionHistory"),
    ("dynamodb", "Scan"),
    ("s3", "ListObjectVersions"),
    ("ec2", "DescribeInstances"),
    ("iam", "GetAccountAuthorizationDetails"),
    ("lambda", "ListFunctions"),
    ("eventbridgev2", "ListEventBuses"),
];

static SERVICES: LazyLock<Vec<Arc<Service>>> = LazyLock::new(|| {
    let catalog = Catalog::default();
    OPERATIONS.map(|(name, _)| catalog.service(name, &DataPaths::default()).expect("is in the pack")).into()
});

fuzz_target!(|data: &[u8]| {
    let [choice, kind, body @ ..] = data else { return };
    let place = usize::from(*choice) % OPERATIONS.len();
    let service = &SERVICES[place];
    let operation = service.operation(OPERATIONS[place].1).expect("is in the model");
    let status = if kind & 1 == 0 { 200 } else { 400 };
    let answer = Answer { status, headers: &Headers::new(), body };
    let how = Decoding { span: Span::unknown(), typed: kind & 2 == 0 };
    if status == 200 {
        let _ = decode(service, operation, &answer, how);
    } else {
        let _ = decode_fault(service, operation, &answer, how.span);
    }
});
