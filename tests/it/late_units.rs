//! Units put on afterwards are those that the codecs put on while they read: an answer that a waiter looked at is the
//! answer of `aws call`.

use super::python;
use aws_perf::{
    client::protocols::{Answer, Decoding, decode, with_units},
    config::Environment,
    model::{
        Service,
        catalog::{Catalog, DataPaths},
    },
};
use aws_smithy_runtime_api::http::Headers;
use base64::{Engine, engine::general_purpose::STANDARD};
use nu_protocol::Span;
use serde_json::Value as Json;

/// Services of every protocol with sizes, epochs and policy documents.
const SERVICES: [&str; 10] =
    ["ec2", "s3", "iam", "lambda", "dynamodb", "sqs", "logs", "rds", "cloudwatch", "ecr"];

#[test]
fn units_put_on_late_are_those_put_on_early() {
    let (catalog, paths) = (Catalog::default(), DataPaths::from(&Environment::new([], "/")));
    let mut arguments = vec!["120", "0/1"];
    arguments.extend(SERVICES);
    let (mut service, mut protocol, mut cases, mut with) =
        (None::<std::sync::Arc<Service>>, String::new(), 0, 0);
    for line in python::lines("tests/botocore/calls.py", &arguments) {
        let case: Json = serde_json::from_str(&line).unwrap();
        if case["kind"] == "service" {
            service = Some(catalog.service(case["service"].as_str().unwrap(), &paths).unwrap());
            protocol = case["protocol"].as_str().unwrap().into();
        }
        // A protocol that the service speaks beside its own is decoded alike.
        let own = service.as_ref().is_some_and(|service| protocol == service.meta.protocol.name());
        if !own || case.get("output").is_none() {
            continue;
        }
        let service = service.as_ref().unwrap();
        let operation = service.operation(case["operation"].as_str().unwrap()).unwrap();
        let answer = &case["answer"];
        let body = STANDARD.decode(answer["body"].as_str().unwrap()).unwrap();
        let mut headers = Headers::new();
        for (name, value) in answer["headers"].as_object().unwrap() {
            headers.append(name.to_lowercase(), value.as_str().unwrap().to_owned());
        }
        let status = u16::try_from(answer["status"].as_u64().unwrap()).unwrap();
        let read = |typed| {
            let answer = Answer { status, headers: &headers, body: &body };
            decode(service, operation, &answer, Decoding { span: Span::test_data(), typed }).unwrap()
        };
        let (plain, early) = (read(false), read(true));
        cases += 1;
        with += usize::from(plain != early);
        assert_eq!(with_units(service, operation, plain), early, "{} {}", service.name, operation.name);
    }
    println!("{cases} answers, {with} with units");
    assert!(cases > 3_000 && with > 60, "{cases} answers, {with} with units");
}
