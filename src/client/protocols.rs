//! The wire protocols of AWS: parameters to HTTP requests, HTTP answers to values.
//!
//! Every codec is directed by the shapes of the model and works in one pass: from the record into the body, and from
//! the bytes of the answer into [`Value`], without a tree in between. botocore's serialisers and parsers are the
//! reference for every rule; `tests/it/differential.rs` holds the codecs against them.
//! Why these codecs are our own: `docs/decisions/0001-own-codecs.md`.

mod cbor;
mod cbor_reader;
mod cbor_writer;
mod fault;
mod headers;
mod json;
mod json_writer;
mod late_units;
#[cfg(test)]
mod laws;
mod names;
mod plain_json;
mod query;
mod reading;
mod rest;
mod rest_reader;
#[cfg(test)]
mod testing;
mod text;
mod timestamps;
mod tree_reader;
mod units;
mod uri;
mod xml_reader;
mod xml_tokens;
mod xml_writer;

use crate::{
    error::{Error, ErrorKind, Fault, Result},
    model::{Operation, Protocol, Service, ShapeId},
};
use aws_smithy_runtime_api::http::Headers;
use bytes::Bytes;
use nu_protocol::{Record, Span, Value};
use reading::Reading;

pub use headers::request_id;
pub use late_units::with_units;

/// A request before endpoint, checksums and signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// As `POST`.
    pub method: String,
    /// Path and query with all labels filled, as `/my-key?versionId=1`. S3's bucket is left out: the endpoint rules
    /// place it.
    pub uri: String,
    /// In the order of the parameters.
    pub headers: Vec<(String, String)>,
    /// Empty where the operation has none.
    pub body: Bytes,
}

/// An HTTP answer as it came.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// HTTP status.
    pub status: u16,
    /// All headers.
    pub headers: &'a Headers,
    /// The whole body; empty where the caller streams it.
    pub body: &'a [u8],
}

/// How an answer becomes values.
#[derive(Debug, Clone, Copy)]
pub struct Decoding {
    /// Put on every value.
    pub span: Span,
    /// Whether members with a unit become file sizes, datetimes and records. Timestamps and blobs always become
    /// datetimes and binaries.
    pub typed: bool,
}

/// Builds the request of an operation from canonical input: keys are the model's names, values fit their shapes.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] where a value does not fit or a part of the path is missing;
/// [`ErrorKind::Unsupported`] for event streams.
pub fn encode(service: &Service, operation: &Operation, input: &Record) -> Result<Encoded> {
    refuse_events(service, operation, operation.input)?;
    match service.meta.protocol {
        Protocol::Json10 | Protocol::Json11 => json::encode(service, operation, input),
        Protocol::RestJson | Protocol::RestXml => rest::encode(service, operation, input),
        Protocol::Query | Protocol::Ec2 => query::encode(service, operation, input),
        Protocol::Cbor => cbor::encode(service, operation, input),
    }
}

/// Reads a successful answer into a record of the operation's output members. Members that the answer does not hold
/// are absent. A streaming payload is left out: the caller puts it in.
///
/// # Errors
/// [`ErrorKind::BadAnswer`] says what could not be read and where; [`ErrorKind::Unsupported`] for event streams.
pub fn decode(service: &Service, operation: &Operation, answer: &Answer<'_>, how: Decoding) -> Result<Value> {
    refuse_events(service, operation, operation.output)?;
    let reading = Reading::new(service, how);
    let record = match service.meta.protocol {
        Protocol::Json10 | Protocol::Json11 => json::decode(&reading, operation, answer),
        Protocol::RestJson | Protocol::RestXml => rest_reader::decode(&reading, operation.output, answer),
        Protocol::Query | Protocol::Ec2 => xml_reader::decode_result(&reading, operation, answer.body),
        Protocol::Cbor => cbor::decode(&reading, operation, answer.body),
    };
    match record {
        Ok(record) => Ok(Value::record(record, how.span)),
        Err(reason) => Err(reading.error(operation, &reason)),
    }
}

/// What AWS said when it refused a call: the fault, its message and whether the model calls it retryable
/// (`Some(true)` means throttling). Never fails: an answer that says nothing yields the HTTP status as its code.
pub fn decode_fault(
    service: &Service,
    operation: &Operation,
    answer: &Answer<'_>,
    span: Span,
) -> (Fault, String, Option<bool>) {
    fault::decode(service, operation, answer, Decoding { span, typed: true })
}

/// A text that is JSON as values; `None` where it is none.
pub(super) fn json_text(text: &str, span: Span) -> Option<Value> {
    plain_json::parse(text.as_bytes(), span).ok()
}

fn refuse_events(service: &Service, operation: &Operation, side: Option<ShapeId>) -> Result<()> {
    if service.streams_events(side) {
        let message = format!("{} of {} speaks in event streams", operation.name, service.name);
        return Err(Error::new(ErrorKind::Unsupported, message).help("use the AWS CLI for this operation"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::testing::*;
    use crate::error::ErrorKind;
    use serde_json::json;

    #[test]
    fn event_streams_are_refused_both_ways() {
        let events = json!({ "type": "structure", "members": {}, "eventstream": true });
        let members = json!({ "Stream": { "shape": "Events" } });
        let shapes = json!({ "In": structure(&members), "Out": structure(&members), "Events": events });
        let service = service("rest-json", &json!({}), &shapes);
        let sent = try_request(&service, &record([])).unwrap_err();
        let read = try_answer(&service, &[], b"{}", true).unwrap_err();
        for error in [sent, read] {
            assert_eq!(error.kind(), ErrorKind::Unsupported);
            assert_eq!(error.message(), "Act of test speaks in event streams");
        }
    }

    #[test]
    fn an_operation_without_output_answers_with_an_empty_record() {
        for protocol in ["json", "rest-json", "rest-xml", "query", "ec2", "smithy-rpc-v2-cbor"] {
            let service = service(protocol, &json!({}), &json!({}));
            assert_eq!(answer(&service, "whatever"), record([]));
        }
    }
}
