//! Members that travel as headers, both ways.

use super::{
    Answer, plain_json,
    reading::{Read, Reading},
    text::{self, base64, from_base64},
    units,
};
use crate::{
    error::{Error, Result},
    model::{Flags, Kind, Member, Service, Shape, TimestampFormat},
};
use aws_smithy_runtime_api::http::Headers;
use chrono::Timelike;
use nu_protocol::{Record, Value};
use std::borrow::Cow;

/// AWS's id of a request, from the headers of its answer.
pub fn request_id(headers: &Headers) -> Option<&str> {
    ["x-amzn-requestid", "x-amz-request-id"].into_iter().find_map(|name| headers.get(name))
}

/// Appends the header of a member; an empty list has none.
pub(super) fn write(
    service: &Service,
    member: &Member,
    value: &Value,
    headers: &mut Vec<(String, String)>,
) -> Result<()> {
    let name = member.location_name.as_deref().unwrap_or(&member.name);
    let Some(shape) = service.target(member) else { return Ok(()) };
    let text = match (&shape.kind, value) {
        (_, Value::List { vals, .. }) if vals.is_empty() => return Ok(()),
        (Kind::List { member: element, .. }, Value::List { vals, .. }) => list(service, element, vals)?,
        (Kind::String { .. }, value) if member.flags.has(Flags::JSON_VALUE) => base64(&json(value)?),
        _ => scalar(member, shape, value)?.into_owned(),
    };
    headers.push((name.into(), text));
    Ok(())
}

/// Appends one header for each entry of a map, behind the member's prefix.
pub(super) fn write_prefixed(
    service: &Service,
    member: &Member,
    value: &Value,
    headers: &mut Vec<(String, String)>,
) -> Result<()> {
    let prefix = member.location_name.as_deref().unwrap_or_default();
    let Some(shape) = service.target(member) else { return Ok(()) };
    let (Kind::Map { value: element, .. }, Value::Record { val, .. }) = (&shape.kind, value) else {
        return Err(text::misfit(member, shape, value));
    };
    for (key, value) in val.iter() {
        let Some(shape) = service.target(element) else { continue };
        headers.push((format!("{prefix}{key}"), scalar(element, shape, value)?.into_owned()));
    }
    Ok(())
}

fn scalar<'v>(member: &Member, shape: &Shape, value: &'v Value) -> Result<Cow<'v, str>> {
    // botocore writes no fractions of a second into headers, whatever the format.
    if let Value::Date { val, .. } = value
        && let Some(whole) = val.with_nanosecond(0)
    {
        let value = Value::date(whole, value.span());
        return Ok(Cow::Owned(text::write(member, shape, &value, TimestampFormat::HttpDate)?.into_owned()));
    }
    text::write(member, shape, value, TimestampFormat::HttpDate)
}

fn list(service: &Service, element: &Member, values: &[Value]) -> Result<String> {
    let mut joined = String::new();
    let Some(shape) = service.target(element) else { return Ok(joined) };
    for value in values.iter().filter(|value| !matches!(value, Value::Nothing { .. })) {
        if !joined.is_empty() {
            joined.push(',');
        }
        let text = scalar(element, shape, value)?;
        if matches!(shape.kind, Kind::String { .. }) && text.contains(['"', ',']) {
            joined.push('"');
            joined.push_str(&text.replace('"', "\\\""));
            joined.push('"');
        } else {
            joined.push_str(&text);
        }
    }
    Ok(joined)
}

fn json(value: &Value) -> Result<Vec<u8>> {
    serde_json::to_vec(&plain_json::Plain(value))
        .map_err(|error| Error::invalid(format!("a header cannot hold this: {error}")).at(value.span()))
}

/// The value of a member's header; `None` where there is no such header.
pub(super) fn read(reading: &Reading<'_>, member: &Member, answer: &Answer<'_>) -> Read<Option<Value>> {
    let name = member.location_name.as_deref().unwrap_or(&member.name);
    let Some(shape) = reading.service.target(member) else { return Ok(None) };
    if let Kind::List { member: element, .. } = &shape.kind {
        return read_list(reading, element, &answer.headers.get_all(name).collect::<Vec<_>>());
    }
    let Some(text) = answer.headers.get(name) else { return Ok(None) };
    if member.flags.has(Flags::JSON_VALUE) {
        let decoded = from_base64(text).ok_or("base64 expected")?;
        let value = plain_json::parse(&decoded, reading.span).map_err(|error| error.to_string())?;
        return Ok(Some(value));
    }
    let value = text::read(reading, shape, Cow::Borrowed(text))?;
    Ok(value.map(|value| match member.unit {
        Some(unit) if reading.typed => units::convert(reading, unit, value),
        _ => value,
    }))
}

fn read_list(reading: &Reading<'_>, element: &Member, lines: &[&str]) -> Read<Option<Value>> {
    let Some(shape) = reading.service.target(element).filter(|_| !lines.is_empty()) else { return Ok(None) };
    let mut values = Vec::new();
    for text in lines.iter().flat_map(|line| split(line)) {
        values.extend(text::read(reading, shape, text)?);
    }
    Ok(Some(Value::list(values, reading.span)))
}

/// Splits a header at its commas; quoted elements keep theirs and lose their quotes.
fn split(line: &str) -> Vec<Cow<'_, str>> {
    let mut elements = Vec::new();
    let mut rest = Some(line);
    while let Some(text) = rest {
        let text = text.trim_start();
        let (element, after) = match text.strip_prefix('"').and_then(quoted) {
            Some((element, after)) => (Cow::Owned(element), after.split_once(',').map(|(_, after)| after)),
            None => match text.split_once(',') {
                Some((element, after)) => (Cow::Borrowed(element.trim_end()), Some(after)),
                None => (Cow::Borrowed(text.trim_end()), None),
            },
        };
        elements.push(element);
        rest = after;
    }
    elements
}

/// The text up to the closing quote, and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut element = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((element, text.get(at + 1..)?)),
            '\\' => element.push(letters.next()?.1),
            _ => element.push(letter),
        }
    }
    None
}

/// All headers behind the member's prefix, without it.
pub(super) fn read_prefixed(reading: &Reading<'_>, member: &Member, answer: &Answer<'_>) -> Value {
    let prefix = member.location_name.as_deref().unwrap_or_default();
    let mut entries = Record::new();
    for (name, value) in answer.headers {
        let matches = name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
        if let Some(key) = name.get(prefix.len()..).filter(|_| matches) {
            entries.insert(key, Value::string(value, reading.span));
        }
    }
    Value::record(entries, reading.span)
}

#[cfg(test)]
mod tests {
    use super::split;
    use crate::client::protocols::testing::*;
    use nu_protocol::Value;
    use proptest::prelude::*;
    use serde_json::json;

    fn both() -> crate::model::Service {
        let members = json!({
            "Text": { "shape": "string", "location": "header", "locationName": "x-text" },
            "Number": { "shape": "long", "location": "header", "locationName": "x-number" },
            "Flag": { "shape": "boolean", "location": "header", "locationName": "x-flag" },
            "When": { "shape": "timestamp", "location": "header", "locationName": "x-when" },
            "Iso": { "shape": "timestamp", "location": "header", "locationName": "x-iso", "timestampFormat": "iso8601" },
            "Many": { "shape": "Strings", "location": "header", "locationName": "x-many" },
            "Json": { "shape": "string", "location": "header", "locationName": "x-json", "jsonvalue": true },
            "Meta": { "shape": "Words", "location": "headers", "locationName": "x-meta-" },
        });
        let shapes = json!({
            "In": structure(&members),
            "Out": structure(&members),
            "Strings": { "type": "list", "member": { "shape": "string" } },
            "Words": { "type": "map", "key": { "shape": "string" }, "value": { "shape": "string" } },
        });
        service("rest-json", &json!({}), &shapes)
    }

    fn full() -> Value {
        record([
            ("Text", text("a b")),
            ("Number", int(-5)),
            ("Flag", Value::test_bool(false)),
            ("When", date(1_577_934_245_000_000)),
            ("Iso", date(1_577_934_245_000_000)),
            ("Many", list([text("plain"), text("com,ma"), text("quo\"te")])),
            ("Json", record([("a", list([int(1), Value::test_nothing()]))])),
            ("Meta", record([("one", text("1")), ("two", text("2"))])),
        ])
    }

    #[test]
    fn every_kind_of_member_has_its_form() {
        let sent = request(&both(), &full());
        let expected = [
            ("x-text", "a b"),
            ("x-number", "-5"),
            ("x-flag", "false"),
            ("x-when", "Thu, 02 Jan 2020 03:04:05 GMT"),
            ("x-iso", "2020-01-02T03:04:05Z"),
            ("x-many", "plain,\"com,ma\",\"quo\\\"te\""),
            ("x-json", "eyJhIjpbMSxudWxsXX0="),
            ("x-meta-one", "1"),
            ("x-meta-two", "2"),
        ];
        for (name, value) in expected {
            assert_eq!(header(&sent, name), Some(value), "{name}");
        }
        assert_eq!(sent.headers.len(), expected.len());
    }

    #[test]
    fn what_is_sent_is_read() {
        let sent = request(&both(), &full());
        let headers: Vec<_> =
            sent.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(answer_with(&both(), &headers, ""), full());
    }

    #[test]
    fn no_header_no_member_but_an_empty_map() {
        assert_eq!(answer(&both(), ""), record([("Meta", record([]))]));
    }

    #[test]
    fn an_empty_list_is_not_sent_and_fractions_are_dropped() {
        let input = record([("Many", list([])), ("Iso", date(1_577_934_245_600_000))]);
        let sent = request(&both(), &input);
        assert_eq!(header(&sent, "x-many"), None);
        assert_eq!(header(&sent, "x-iso"), Some("2020-01-02T03:04:05Z"));
    }

    #[test]
    fn repeated_headers_are_one_list() {
        let read = answer_with(&both(), &[("x-many", "a, b"), ("x-many", "c")], "");
        assert_eq!(read.get_data_by_key("Many"), Some(list([text("a"), text("b"), text("c")])));
    }

    #[test]
    fn a_header_that_does_not_fit_is_told() {
        let error = try_answer(&both(), &[("x-number", "many")], b"", true).unwrap_err();
        let message = "the answer to test Act cannot be read at Number: an integer expected, found \"many\"";
        assert_eq!(error.message(), message);
    }

    proptest! {
        #[test]
        fn lists_of_any_text_survive(texts in proptest::collection::vec("[ -~]{1,12}", 1..5)) {
            let texts: Vec<String> = texts.iter().map(|text| text.trim().to_owned()).collect();
            prop_assume!(texts.iter().all(|text| !text.is_empty() && !text.contains('\\')));
            let value = Value::test_list(texts.iter().map(Value::test_string).collect());
            let sent = request(&both(), &record([("Many", value.clone())]));
            let line = header(&sent, "x-many").unwrap();
            let read: Vec<_> = split(line).into_iter().map(Value::test_string).collect();
            prop_assert_eq!(Value::test_list(read), value);
        }

        #[test]
        fn no_line_panics(line in "\\PC*") {
            split(&line);
        }
    }
}
