//! Between the JSON of the cases and Nushell's values.

use aws_perf::model::{Flags, Kind, Location, Member, Operation, Service, Structure};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::DateTime;
use nu_protocol::{Record, Value};
use serde_json::{Value as Json, json};

/// The parameters of a case as canonical input.
pub(super) fn input(service: &Service, operation: &Operation, json: &Json) -> Record {
    match operation.input.and_then(|id| service.structure(id)) {
        Some(structure) => record(service, structure, json),
        None => Record::new(),
    }
}

fn record(service: &Service, structure: &Structure, json: &Json) -> Record {
    let members = json.as_object().unwrap().iter();
    members
        .map(|(name, json)| {
            let (_, member) = structure.member(name).unwrap_or_else(|| panic!("no member {name}"));
            (name.clone(), value(service, member, json))
        })
        .collect()
}

fn value(service: &Service, member: &Member, json: &Json) -> Value {
    if member.flags.has(Flags::JSON_VALUE) && member.location == Location::Header {
        return any(json);
    }
    match (&service.target(member).unwrap().kind, json) {
        (_, Json::Null) => Value::test_nothing(),
        (Kind::Structure(structure), json) => Value::test_record(record(service, structure, json)),
        (Kind::List { member, .. }, Json::Array(values)) => {
            Value::test_list(values.iter().map(|json| value(service, member, json)).collect())
        }
        (Kind::Map { value: member, .. }, Json::Object(entries)) => {
            let entries = entries.iter().map(|(key, json)| (key.clone(), value(service, member, json)));
            Value::test_record(entries.collect::<Record>())
        }
        (Kind::Blob { .. }, json) => Value::test_binary(STANDARD.decode(json.as_str().unwrap()).unwrap()),
        (Kind::Timestamp(_), json) => {
            Value::test_date(DateTime::from_timestamp_micros(json.as_i64().unwrap()).unwrap().fixed_offset())
        }
        (Kind::Float(_) | Kind::Double(_), Json::String(text)) => Value::test_float(text.parse().unwrap()),
        (Kind::Float(_) | Kind::Double(_), json) => Value::test_float(json.as_f64().unwrap()),
        (_, json) => any(json),
    }
}

/// JSON as it is, whatever the model says.
pub(crate) fn any(json: &Json) -> Value {
    match json {
        Json::Null => Value::test_nothing(),
        Json::Bool(value) => Value::test_bool(*value),
        Json::Number(number) => match number.as_i64() {
            Some(number) => Value::test_int(number),
            None => Value::test_float(number.as_f64().unwrap()),
        },
        Json::String(text) => Value::test_string(text),
        Json::Array(values) => Value::test_list(values.iter().map(any).collect()),
        Json::Object(entries) => {
            Value::test_record(entries.iter().map(|(key, json)| (key.clone(), any(json))).collect::<Record>())
        }
    }
}

/// A decoded value as the cases spell what they expect.
pub(crate) fn plain(value: &Value) -> Json {
    match value {
        Value::Bool { val, .. } => json!(val),
        Value::Int { val, .. } => json!(val),
        Value::Float { val, .. } if val.is_nan() => json!("NaN"),
        Value::Float { val, .. } if val.is_infinite() => {
            json!(if *val > 0.0 { "Infinity" } else { "-Infinity" })
        }
        Value::Float { val, .. } => json!(val),
        Value::String { val, .. } => json!(val),
        Value::Date { val, .. } => json!(format!("t:{}", val.timestamp_micros())),
        Value::Binary { val, .. } => json!(format!("b:{}", STANDARD.encode(val.as_slice()))),
        Value::List { vals, .. } => vals.iter().map(plain).collect(),
        Value::Record { val, .. } => val.iter().map(|(key, value)| (key.clone(), plain(value))).collect(),
        _ => Json::Null,
    }
}
