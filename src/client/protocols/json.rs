//! awsJson 1.0 and 1.1: everything is in the body, the operation is a header.

use super::{
    Answer, Encoded, json_reader, json_writer,
    reading::{Read, Reading},
};
use crate::{
    error::Result,
    model::{Operation, Protocol, Service},
};
use nu_protocol::Record;

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
        Some(structure) => json_reader::structure(reading, structure, answer.body),
        None => Ok(Record::new()),
    }
}
