//! rpcv2Cbor: everything is in the body, the operation is in the path.

use super::{
    Encoded,
    cbor_reader::CborReader,
    cbor_writer,
    reading::{Read, Reading},
    tree_reader,
};
use crate::{
    error::Result,
    model::{Operation, Service, Structure},
};
use bytes::Bytes;
use nu_protocol::Record;

pub(super) fn encode(service: &Service, operation: &Operation, input: &Record) -> Result<Encoded> {
    let target = service.meta.target_prefix.as_deref().unwrap_or_default();
    let mut headers =
        vec![("smithy-protocol".into(), "rpc-v2-cbor".into()), ("Accept".into(), "application/cbor".into())];
    if service.meta.query_compatible {
        headers.push(("x-amzn-query-mode".into(), "true".into()));
    }
    let mut body = Bytes::new();
    if let Some(structure) = operation.input.and_then(|id| service.structure(id)) {
        headers.push(("Content-Type".into(), "application/cbor".into()));
        body = cbor_writer::write(service, structure, input)?.into();
    }
    let uri = format!("/service/{target}/operation/{}", operation.name);
    Ok(Encoded { method: "POST".into(), uri, headers, body })
}

pub(super) fn decode(reading: &Reading<'_>, operation: &Operation, body: &[u8]) -> Read<Record> {
    match operation.output.and_then(|id| reading.service.structure(id)) {
        Some(output) => structure(reading, output, body),
        None => Ok(Record::new()),
    }
}

/// A body that holds the members of `structure`; an empty one holds none.
pub(super) fn structure(reading: &Reading<'_>, structure: &Structure, body: &[u8]) -> Read<Record> {
    if body.is_empty() {
        return Ok(Record::new());
    }
    let mut reader = CborReader::new(body);
    let record =
        tree_reader::structure(reading, structure, &mut reader).map_err(|error| error.to_string())?;
    reader.end().map_err(|error| error.to_string())?;
    Ok(record)
}
