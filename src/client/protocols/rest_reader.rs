//! restJson1 and restXml answers: members come from the status, headers and the body.

use super::{
    Answer, headers, json,
    reading::{Read, Reading},
    text, timestamps, units, xml_reader,
};
use crate::model::{Flags, Kind, Location, Member, Protocol, ShapeId, Structure};
use nu_protocol::{Record, Value};
use std::borrow::Cow;

/// Reads the structure behind `output`: of an operation or of an error.
pub(super) fn decode(reading: &Reading<'_>, output: Option<ShapeId>, answer: &Answer<'_>) -> Read<Record> {
    let Some(shape) = output.and_then(|id| reading.service.shape(id)) else { return Ok(Record::new()) };
    let Kind::Structure(structure) = &shape.kind else { return Ok(Record::new()) };
    let is_s3 = reading.service.name.as_ref() == "s3";
    if is_s3 && shape.name.as_ref() == "GetBucketLocationOutput" {
        return bucket_location(reading, structure, answer.body);
    }
    let mut record = Record::new();
    for member in &structure.members {
        let value = match member.location {
            Location::Status => Some(Value::int(i64::from(answer.status), reading.span)),
            Location::Headers => Some(headers::read_prefixed(reading, member, answer)),
            Location::Header if is_s3 && is_expires(member) => {
                expires(reading, member, answer, &mut record);
                None
            }
            Location::Header => reading.inside(&member.name, headers::read(reading, member, answer))?,
            Location::Body | Location::Query | Location::Uri => None,
        };
        if let Some(value) = value {
            record.push(&*member.name, value);
        }
    }
    match structure.payload() {
        Some(member) => {
            let value = reading.inside(&member.name, payload(reading, member, answer.body))?;
            if let Some(value) = value {
                record.push(&*member.name, value);
            }
        }
        None => {
            for (name, value) in body(reading, structure, answer.body)? {
                record.insert(name, value);
            }
        }
    }
    Ok(record)
}

fn body(reading: &Reading<'_>, structure: &Structure, body: &[u8]) -> Read<Record> {
    // Without a member in the body its content is nobody's business; some services send text there.
    if !structure.members.iter().any(|member| member.location == Location::Body) {
        return Ok(Record::new());
    }
    if reading.service.meta.protocol == Protocol::RestXml {
        xml_reader::document(reading, structure, body)
    } else {
        json::structure(reading, structure, body)
    }
}

/// The member that is the whole body; a streaming one is the caller's.
fn payload(reading: &Reading<'_>, member: &Member, body: &[u8]) -> Read<Option<Value>> {
    let shape = reading.target(member)?;
    let value = match &shape.kind {
        Kind::Blob { streaming: true, .. } => return Ok(None),
        _ if member.flags.has(Flags::STREAMING) => return Ok(None),
        Kind::Blob { .. } => Value::binary(body, reading.span),
        Kind::String { .. } => {
            let text =
                std::str::from_utf8(body).map_err(|_| "text expected, found bytes that are not UTF-8")?;
            Value::string(text, reading.span)
        }
        Kind::Structure(_) if body.is_empty() => Value::record(Record::new(), reading.span),
        _ if body.is_empty() => return Ok(None),
        Kind::Structure(structure) if reading.service.meta.protocol == Protocol::RestXml => {
            Value::record(xml_reader::document(reading, structure, body)?, reading.span)
        }
        // Has converted by unit already.
        _ => return json::member(reading, member, body).map(Some),
    };
    Ok(Some(match member.unit {
        Some(unit) if reading.typed => units::convert(reading, unit, value),
        _ => value,
    }))
}

/// S3 answers this one with nothing but the text of the root element; in us-east-1 it is empty, which means null.
fn bucket_location(reading: &Reading<'_>, structure: &Structure, body: &[u8]) -> Read<Record> {
    let mut record = Record::new();
    if let Some(member) = structure.members.first() {
        let text = xml_reader::root_text(body)?;
        let value =
            if text.is_empty() { Value::nothing(reading.span) } else { Value::string(text, reading.span) };
        record.push(&*member.name, value);
    }
    Ok(record)
}

fn is_expires(member: &Member) -> bool {
    member.name.as_ref() == "Expires" && member.location_name.as_deref() == Some("Expires")
}

/// S3 returns whatever was stored as `Expires`: a date where it is one, and the text in any case.
fn expires(reading: &Reading<'_>, member: &Member, answer: &Answer<'_>, record: &mut Record) {
    let Some(text) = answer.headers.get("Expires") else { return };
    let is_date = timestamps::parse(text).is_some();
    if is_date
        && let Some(shape) = reading.service.target(member)
        && let Ok(Some(value)) = text::read(reading, shape, Cow::Borrowed(text))
    {
        record.push(&*member.name, value);
    }
    record.push("ExpiresString", Value::string(text, reading.span));
}

#[cfg(test)]
mod tests {
    use crate::client::protocols::testing::*;
    use nu_protocol::Value;
    use serde_json::{Value as Json, json};

    fn with_payload(protocol: &str, payload: &Json, body: &str) -> Value {
        let shapes = json!({
            "Out": { "type": "structure", "members": { "Body": payload }, "payload": "Body" },
            "Inner": structure(&json!({ "A": { "shape": "string", "locationName": "a" } })),
        });
        answer(&service(protocol, &json!({}), &shapes), body)
    }

    #[test]
    fn a_payload_is_the_whole_body() {
        let inner = json!({ "shape": "Inner" });
        let expected = record([("Body", record([("A", text("x"))]))]);
        assert_eq!(with_payload("rest-json", &inner, r#"{"a":"x"}"#), expected);
        assert_eq!(with_payload("rest-xml", &inner, "<Any><a>x</a></Any>"), expected);
        for protocol in ["rest-json", "rest-xml"] {
            assert_eq!(with_payload(protocol, &inner, ""), record([("Body", record([]))]));
            let blob = with_payload(protocol, &json!({ "shape": "blob" }), "raw");
            assert_eq!(blob, record([("Body", Value::test_binary(b"raw"))]));
            let string = with_payload(protocol, &json!({ "shape": "string" }), "é");
            assert_eq!(string, record([("Body", text("é"))]));
        }
    }

    #[test]
    fn a_streaming_payload_is_the_callers() {
        let blob = json!({ "shape": "blob", "streaming": true });
        assert_eq!(with_payload("rest-xml", &blob, "raw"), record([]));
    }

    #[test]
    fn the_status_may_be_a_member() {
        let members = json!({ "Code": { "shape": "integer", "location": "statusCode" } });
        let service = service("rest-json", &json!({}), &json!({ "Out": structure(&members) }));
        assert_eq!(answer(&service, "not JSON, and nobody asks"), record([("Code", int(200))]));
    }

    #[test]
    fn s3_answers_the_location_of_a_bucket_with_bare_text() {
        let members = json!({ "LocationConstraint": { "shape": "string" } });
        let shapes = json!({ "GetBucketLocationOutput": structure(&members) });
        let operation = json!({ "output": { "shape": "GetBucketLocationOutput" } });
        let s3 = named("s3", "rest-xml", &operation, &shapes);
        let read = answer(&s3, "<LocationConstraint xmlns='u'>eu-west-1</LocationConstraint>");
        assert_eq!(read, record([("LocationConstraint", text("eu-west-1"))]));
        let read = answer(&s3, "<LocationConstraint/>");
        assert_eq!(read, record([("LocationConstraint", Value::test_nothing())]));
    }

    #[test]
    fn s3_may_hold_anything_as_expires() {
        let members = json!({
            "Expires": { "shape": "timestamp", "location": "header", "locationName": "Expires" },
        });
        let s3 = named("s3", "rest-xml", &json!({}), &json!({ "Out": structure(&members) }));
        let date_text = "Thu, 02 Jan 2020 03:04:05 GMT";
        let read = answer_with(&s3, &[("expires", date_text)], "");
        let moment = date(1_577_934_245_000_000);
        assert_eq!(read, record([("Expires", moment), ("ExpiresString", text(date_text))]));
        let read = answer_with(&s3, &[("expires", "never")], "");
        assert_eq!(read, record([("ExpiresString", text("never"))]));
        assert_eq!(answer(&s3, ""), record([]));
    }
}
