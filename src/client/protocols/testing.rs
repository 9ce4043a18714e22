//! Small services for the tests of the codecs.

use super::{Answer, Decoding, Encoded, decode, decode_fault, encode};
use crate::{
    error::{Error, Fault},
    model::{
        Operation, Service,
        botocore::{Document, Documents, parse},
        tables::Tables,
    },
};
use aws_smithy_runtime_api::http::Headers;
use nu_protocol::{Record, Span, Value};
use serde_json::{Value as Json, json};

/// A service with one operation, `Act`, whose input is the shape `In`, whose output is `Out` and whose errors are all
/// shapes that are exceptions. `shapes` are botocore's, and so is what `operation` adds.
pub(super) fn service(protocol: &str, operation: &Json, shapes: &Json) -> Service {
    named("test", protocol, operation, shapes)
}

/// The same with a name, for those that have rules of their own.
pub(super) fn named(name: &str, protocol: &str, operation: &Json, shapes: &Json) -> Service {
    let shapes = shapes.as_object().unwrap();
    let mut act = json!({ "name": "Act", "http": { "method": "POST", "requestUri": "/" } });
    for (key, shape) in [("input", "In"), ("output", "Out")] {
        if shapes.contains_key(shape) {
            act[key] = json!({ "shape": shape });
        }
    }
    let errors = shapes.iter().filter(|(_, shape)| shape["exception"] == true);
    act["errors"] = errors.map(|(name, _)| json!({ "shape": name })).collect();
    for (key, value) in operation.as_object().unwrap() {
        match (act.get_mut(key).and_then(Json::as_object_mut), value.as_object()) {
            (Some(known), Some(more)) => known.extend(more.clone()),
            _ => act[key] = value.clone(),
        }
    }
    let mut shapes = shapes.clone();
    for kind in ["string", "integer", "long", "float", "double", "boolean", "blob", "timestamp"] {
        shapes.entry(kind).or_insert(json!({ "type": kind }));
    }
    let metadata = json!({
        "apiVersion": "2020-01-01",
        "endpointPrefix": name,
        "protocol": protocol,
        "jsonVersion": "1.1",
        "targetPrefix": "Target",
        "serviceId": name,
        "signatureVersion": "v4",
    });
    let model = json!({ "metadata": metadata, "operations": { "Act": act }, "shapes": shapes }).to_string();
    let documents = Documents {
        service: Document { file: "test", bytes: model.as_bytes() },
        service_extras: None,
        paginators: None,
        paginator_extras: None,
        waiters: None,
    };
    parse(name, &documents, &Tables::default()).unwrap()
}

/// A structure of these members.
pub(super) fn structure(members: &Json) -> Json {
    json!({ "type": "structure", "members": members })
}

fn act(service: &Service) -> &Operation {
    service.operation("Act").unwrap()
}

/// The request for these parameters.
pub(super) fn request(service: &Service, input: &Value) -> Encoded {
    try_request(service, input).unwrap()
}

/// The request, or why there is none.
pub(super) fn try_request(service: &Service, input: &Value) -> Result<Encoded, Error> {
    encode(service, act(service), input.as_record().unwrap())
}

/// The body of a request as text.
pub(super) fn body(request: &Encoded) -> &str {
    std::str::from_utf8(&request.body).unwrap()
}

/// A header of a request.
pub(super) fn header<'a>(request: &'a Encoded, name: &str) -> Option<&'a str> {
    request.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// What an answer of status 200 without headers says.
pub(super) fn answer(service: &Service, body: impl AsRef<[u8]>) -> Value {
    answer_with(service, &[], body)
}

/// What an answer of status 200 says.
pub(super) fn answer_with(service: &Service, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Value {
    try_answer(service, headers, body.as_ref(), true).unwrap()
}

/// Why an answer cannot be read.
pub(super) fn refusal(service: &Service, body: impl AsRef<[u8]>) -> String {
    try_answer(service, &[], body.as_ref(), true).unwrap_err().message().to_owned()
}

/// What an answer says, or why it cannot be read.
pub(super) fn try_answer(
    service: &Service,
    headers: &[(&str, &str)],
    body: &[u8],
    typed: bool,
) -> Result<Value, Error> {
    let headers = header_map(headers);
    let answer = Answer { status: 200, headers: &headers, body };
    decode(service, act(service), &answer, Decoding { span: Span::test_data(), typed })
}

/// The fault in an answer of that status.
pub(super) fn fault(
    service: &Service,
    status: u16,
    headers: &[(&str, &str)],
    body: &str,
) -> (Fault, String, Option<bool>) {
    let headers = header_map(headers);
    let answer = Answer { status, headers: &headers, body: body.as_bytes() };
    decode_fault(service, act(service), &answer, Span::test_data())
}

fn header_map(pairs: &[(&str, &str)]) -> Headers {
    let mut headers = Headers::new();
    for (name, value) in pairs {
        headers.append((*name).to_owned(), (*value).to_owned());
    }
    headers
}

/// A record of these fields.
pub(super) fn record<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::test_record(fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Record>())
}

pub(super) fn text(text: &str) -> Value {
    Value::test_string(text)
}

pub(super) fn int(number: i64) -> Value {
    Value::test_int(number)
}

pub(super) fn list<const N: usize>(values: [Value; N]) -> Value {
    Value::test_list(values.into())
}

/// A datetime of so many microseconds since 1970.
pub(super) fn date(micros: i64) -> Value {
    Value::test_date(chrono::DateTime::from_timestamp_micros(micros).unwrap().fixed_offset())
}
