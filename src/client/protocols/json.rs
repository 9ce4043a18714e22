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

#[cfg(test)]
mod tests {
    use crate::client::protocols::testing::*;
    use crate::model::Service;
    use nu_protocol::Value;
    use serde_json::json;

    fn both() -> Service {
        let members = json!({
            "Text": { "shape": "string" },
            "Renamed": { "shape": "string", "locationName": "wire" },
            "Whole": { "shape": "integer" },
            "Big": { "shape": "long" },
            "Real": { "shape": "double" },
            "Flag": { "shape": "boolean" },
            "Bytes": { "shape": "blob" },
            "When": { "shape": "timestamp" },
            "Iso": { "shape": "timestamp", "timestampFormat": "iso8601" },
            "List": { "shape": "List" },
            "Map": { "shape": "Map" },
            "Free": { "shape": "Free" },
            "Either": { "shape": "Either" },
            "Deep": { "shape": "In" },
        });
        let either = json!({
            "type": "structure",
            "union": true,
            "members": { "One": { "shape": "string" }, "Two": { "shape": "integer" } },
        });
        let shapes = json!({
            "In": structure(&members),
            "Out": structure(&members),
            "List": { "type": "list", "member": { "shape": "string" } },
            "Map": { "type": "map", "key": { "shape": "string" }, "value": { "shape": "timestamp" } },
            "Free": { "type": "structure", "document": true, "members": {} },
            "Either": either,
        });
        service("json", &json!({}), &shapes)
    }

    fn sent(input: &Value) -> String {
        body(&request(&both(), input)).to_owned()
    }

    #[test]
    fn the_operation_is_a_header() {
        let sent = request(&both(), &record([]));
        assert_eq!(header(&sent, "X-Amz-Target"), Some("Target.Act"));
        assert_eq!(header(&sent, "Content-Type"), Some("application/x-amz-json-1.1"));
        assert_eq!((sent.uri.as_str(), body(&sent)), ("/", "{}"));
    }

    #[test]
    fn requests() {
        let input = record([
            ("Text", text("a\"ü")),
            ("Renamed", text("r")),
            ("Real", Value::test_float(f64::NAN)),
            ("Bytes", Value::test_binary([1, 2])),
            ("When", date(1_577_934_245_123_456)),
            ("Iso", date(1_577_934_245_000_000)),
            ("List", list([text("a"), Value::test_nothing()])),
            ("Map", record([("k", date(1_000_000))])),
            ("Free", record([("x", list([Value::test_nothing(), Value::test_float(0.5)]))])),
            ("Deep", record([("Flag", Value::test_bool(true))])),
        ]);
        let expected = r#"{"Text":"a\"ü","wire":"r","Real":"NaN","Bytes":"AQI=","When":1577934245.123456,"Iso":"2020-01-02T03:04:05Z","List":["a",null],"Map":{"k":1},"Free":{"x":[null,0.5]},"Deep":{"Flag":true}}"#;
        assert_eq!(sent(&input), expected);
    }

    #[test]
    fn what_does_not_fit_is_told_with_its_place() {
        let error = try_request(&both(), &record([("List", list([int(1)]))])).unwrap_err();
        assert_eq!(error.message(), "member must be a string, not int");
        assert_eq!(error.span(), Some(nu_protocol::Span::test_data()));
    }

    #[test]
    fn answers_keep_their_order_and_lose_nulls_and_strangers() {
        let read = answer(
            &both(),
            r#"{"wire":"r","Stranger":{"x":[1,{}]},"Text":null,"List":["a",null],"Map":{"k":1.5},"Bytes":"AQI=",
                "When":1577934245.123456,"Iso":"2020-01-02T03:04:05.5Z","Free":{"x":[null,18446744073709551615]}}"#,
        );
        let expected = record([
            ("Renamed", text("r")),
            ("List", list([text("a"), Value::test_nothing()])),
            ("Map", record([("k", date(1_500_000))])),
            ("Bytes", Value::test_binary([1, 2])),
            ("When", date(1_577_934_245_123_456)),
            ("Iso", date(1_577_934_245_500_000)),
            ("Free", record([("x", list([Value::test_nothing(), text("18446744073709551615")]))])),
        ]);
        assert_eq!(read, expected);
        let columns: Vec<_> = read.as_record().unwrap().columns().cloned().collect();
        assert_eq!(columns, ["Renamed", "List", "Map", "Bytes", "When", "Iso", "Free"]);
    }

    #[test]
    fn an_empty_body_is_an_empty_answer() {
        for body in ["", " \n", "{}"] {
            assert_eq!(answer(&both(), body), record([]));
        }
    }

    #[test]
    fn the_last_of_equal_keys_counts() {
        let read = answer(&both(), r#"{"Text":"a","Whole":1,"Text":"b","Map":{"k":1,"k":2}}"#);
        let map = record([("k", date(2_000_000))]);
        assert_eq!(read, record([("Text", text("b")), ("Whole", int(1)), ("Map", map)]));
    }

    #[test]
    fn numbers_come_in_many_forms() {
        let read = answer(&both(), r#"{"Whole":1.0e3,"Big":"-12","Real":"Infinity","Flag":"TRUE"}"#);
        let expected = record([
            ("Whole", int(1000)),
            ("Big", int(-12)),
            ("Real", Value::test_float(f64::INFINITY)),
            ("Flag", Value::test_bool(true)),
        ]);
        assert_eq!(read, expected);
        let read = answer(&both(), r#"{"Whole":1.5,"Big":9223372036854775808,"Real":3}"#);
        let expected = record([
            ("Whole", Value::test_float(1.5)),
            ("Big", text("9223372036854775808")),
            ("Real", Value::test_float(3.0)),
        ]);
        assert_eq!(read, expected);
    }

    #[test]
    fn unions_tell_what_this_model_does_not_know() {
        let read = answer(&both(), r#"{"Either":{"__type":"x","One":"1","Two":null}}"#);
        assert_eq!(read, record([("Either", record([("One", text("1"))]))]));
        let read = answer(&both(), r#"{"Either":{"__type":"x","Three":{"y":1}}}"#);
        let unknown = record([("SDK_UNKNOWN_MEMBER", record([("name", text("Three"))]))]);
        assert_eq!(read, record([("Either", unknown)]));
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_place() {
        let why = |body: &str| refusal(&both(), body);
        let message = why(r#"{"Deep":{"Map":{"k":1,"l":"never"}}}"#);
        let expected =
            "the answer to test Act cannot be read at Deep.Map.l: a timestamp expected, found \"never\"";
        assert!(message.starts_with(expected), "{message}");
        assert!(why(r#"{"Deep":[]}"#).contains("at Deep: an object expected, found a list"));
        assert!(why(r#"{"List":"a"}"#).contains("at List: a list expected, found a string"));
        assert!(why(r#"{"Bytes":7}"#).contains("at Bytes: base64 expected, found a number"));
        assert!(why(r#"{"Text":"#).contains("EOF"));
        assert!(why(r#"{"Text":"a"} x"#).contains("trailing"));
        assert!(why("<html>").contains("expected value"));
    }

    #[test]
    fn depth_is_bounded() {
        let body = r#"{"Deep":"#.repeat(200) + &"}".repeat(200);
        assert!(refusal(&both(), body).contains("recursion limit"));
        let body = format!(r#"{{"Free":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
        assert!(refusal(&both(), body).contains("recursion limit"));
    }
}
