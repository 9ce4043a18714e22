//! Against the real services of the pack. Parameters are written as JSON where JSON can say them.

mod hashes;
mod refusals;
mod scalars;
mod structures;

use super::*;
use crate::model::catalog::{Catalog, DataPaths};
use std::{borrow::Borrow, sync::OnceLock};

/// The canonical input of a call, or what is wrong with it.
fn input(service: &str, operation: &str, parameters: impl Borrow<Value>) -> Result<Record> {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    let service = CATALOG.get_or_init(Catalog::new).service(service, &DataPaths::default()).unwrap();
    let operation = service.operation(operation).unwrap();
    Request::new(service.clone(), operation, parameters.borrow(), Span::test_data())
        .map(|request| request.input)
}

fn refused(service: &str, operation: &str, parameters: Value) -> Error {
    input(service, operation, parameters).unwrap_err()
}

/// What becomes of one member, beside the others that the operation requires.
fn member(service: &str, operation: &str, others: Value, name: &str, value: Value) -> Result<Option<Value>> {
    let mut record = others.into_record().unwrap();
    record.push(name, value);
    input(service, operation, Value::test_record(record)).map(|input| input.get(name).cloned())
}

/// A JSON text as Nushell data.
fn data(json: &str) -> Value {
    from_json(&serde_json::from_str(json).unwrap())
}

fn from_json(json: &serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match json {
        Json::Null => Value::test_nothing(),
        Json::Bool(val) => Value::test_bool(*val),
        Json::Number(val) => {
            val.as_i64().map_or_else(|| Value::test_float(val.as_f64().unwrap()), Value::test_int)
        }
        Json::String(val) => Value::test_string(val),
        Json::Array(vals) => Value::test_list(vals.iter().map(from_json).collect()),
        Json::Object(vals) => {
            Value::test_record(vals.iter().map(|(key, val)| (key.clone(), from_json(val))).collect())
        }
    }
}

fn date(text: &str) -> Value {
    Value::test_date(chrono::DateTime::parse_from_rfc3339(text).unwrap())
}

#[test]
fn uuids_are_version_four() {
    for _ in 0..100 {
        let id = random_uuid();
        assert_eq!(id.len(), 36);
        assert_eq!(id.as_bytes()[14], b'4', "{id}");
        assert!(b"89ab".contains(&id.as_bytes()[19]), "{id}");
    }
}

#[test]
fn idempotency_tokens_are_filled_and_a_given_one_is_kept() {
    let catalog = Catalog::new();
    let service = catalog.service("ec2", &DataPaths::default()).unwrap();
    let operation = service.operation("CreateVolume").unwrap();
    let make = |parameters: &str| {
        let mut request =
            Request::new(service.clone(), operation, &data(parameters), Span::test_data()).unwrap();
        request.fill_tokens();
        request.input.get("ClientToken").cloned().unwrap()
    };
    assert_eq!(make(r#"{"client_token": "mine"}"#), Value::test_string("mine"));
    let filled = make("{}");
    assert_eq!(filled.as_str().unwrap().len(), 36);
    assert_ne!(filled, make("{}"));
}

#[test]
fn names_of_boto3_are_understood() {
    let logs = data(r#"{"taskName": "t", "logGroupName": "g", "fromTime": 1, "to": 2, "destination": "b"}"#);
    assert_eq!(
        input("logs", "CreateExportTask", logs).unwrap().get("from").map(Value::get_type),
        Some(nu_protocol::Type::Int)
    );
    let filters = || data(r#"[{"Name": "state", "Values": ["available"]}]"#);
    let given = Value::test_record(nu_protocol::record! { "Filters" => filters() });
    assert_eq!(input("ec2", "DescribeNatGateways", given).unwrap().get("Filter"), Some(&filters()));
}
