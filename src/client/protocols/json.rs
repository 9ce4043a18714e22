//! awsJson 1.0 and 1.1: everything is in the body, the operation is a header. And the JSON of answers, which restJson1
//! shares. Depth is bounded by `serde_json` (128 levels).

use super::{
    Answer, Encoded, json_writer,
    reading::{Read, Reading, Reason},
    tree_reader,
};
use crate::{
    error::Result,
    model::{Member, Operation, Protocol, Service, Structure},
};
use nu_protocol::{Record, Value};

pub(super) fn encode(service: &Service, operation: &Operation, input: &Record) -> Result<Encoded> {
    let version = if service.meta.protocol == Protocol::Json10 { "1.0" } else { "1.1" };
    let target = service.meta.target_prefix.as_deref().unwrap_or_default();
    let mut headers = vec![
        ("X-Amz-Target".into(), format!("{target}.{}", operation.name)),
        ("Content-Type".into(), format!("application/x-amz-json-{version}")),
    ];
    if service.meta.query_compatible {
        headers.push(("x-amzn-query-mode".into(), "true".into()));
    }
    let body = match operation.input.and_then(|id| service.structure(id)) {
        Some(structure) => json_writer::structure(service, structure, input)?,
        None => b"{}".to_vec(),
    };
    Ok(Encoded { method: operation.http.method.to_string(), uri: "/".into(), headers, body: body.into() })
}

pub(super) fn decode(reading: &Reading<'_>, operation: &Operation, answer: &Answer<'_>) -> Read<Record> {
    match operation.output.and_then(|id| reading.service.structure(id)) {
        Some(output) => structure(reading, output, answer.body),
        None => Ok(Record::new()),
    }
}

/// A body that holds the members of `structure`; an empty one holds none.
pub(super) fn structure(reading: &Reading<'_>, structure: &Structure, body: &[u8]) -> Read<Record> {
    if body.trim_ascii().is_empty() {
        return Ok(Record::new());
    }
    let mut reader = serde_json::Deserializer::from_slice(body);
    let record = tree_reader::structure(reading, structure, &mut reader).map_err(reason)?;
    reader.end().map_err(reason)?;
    Ok(record)
}

/// A body that is one member.
pub(super) fn member(reading: &Reading<'_>, member: &Member, body: &[u8]) -> Read<Value> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = tree_reader::member(reading, member, &mut reader).map_err(reason)?;
    reader.end().map_err(reason)?;
    Ok(value)
}

#[expect(clippy::needless_pass_by_value, reason = "the form that map_err wants")]
fn reason(error: serde_json::Error) -> Reason {
    error.to_string().into()
}
