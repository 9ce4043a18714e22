//! restJson1 and restXml requests: members travel in the path, the query, headers and the body.

use super::{
    Encoded, headers, json_writer, names,
    text::misfit,
    uri,
    xml_writer::{self, Root},
};
use crate::{
    error::{Error, Result},
    model::{Kind, Location, Member, Operation, Protocol, Service, Structure},
};
use nu_protocol::{Record, Value};

pub(super) fn encode(service: &Service, operation: &Operation, input: &Record) -> Result<Encoded> {
    let mut request = Encoded {
        method: operation.http.method.to_string(),
        uri: uri::build(service, operation, input)?,
        headers: Vec::new(),
        body: bytes::Bytes::new(),
    };
    let Some(structure) = operation.input.and_then(|id| service.structure(id)) else { return Ok(request) };
    let mut in_body = false;
    for (name, value) in input {
        let Some((_, member)) = structure.member(name) else {
            return Err(Error::invalid(format!("there is no member {name}")).at(value.span()));
        };
        if matches!(value, Value::Nothing { .. }) {
            continue;
        }
        match member.location {
            Location::Header => headers::write(service, member, value, &mut request.headers)?,
            Location::Headers => headers::write_prefixed(service, member, value, &mut request.headers)?,
            Location::Body => in_body = true,
            Location::Query | Location::Uri | Location::Status => {}
        }
    }
    let body = match structure.payload() {
        Some(member) => payload(service, member, input)?,
        None if service.meta.protocol == Protocol::RestXml => {
            if in_body {
                Some(xml(service, operation, structure, input)?)
            } else {
                None
            }
        }
        // An object is told even when it is empty, unless the operation has no body at all.
        None if structure.members.iter().any(|member| member.location == Location::Body) => {
            Some(Body { bytes: json_writer::structure(service, structure, input)?, kind: Some(JSON) })
        }
        None => None,
    };
    if let Some(Body { bytes, kind }) = body {
        if let Some(kind) = kind.filter(|_| !has_content_type(&request)) {
            request.headers.push(("Content-Type".into(), kind.into()));
        }
        request.body = bytes.into();
    }
    Ok(request)
}

const JSON: &str = "application/json";
const XML: &str = "application/xml";

struct Body {
    bytes: Vec<u8>,
    // None where the model says nothing about the body: the caller may have, in a header member.
    kind: Option<&'static str>,
}

fn has_content_type(request: &Encoded) -> bool {
    request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"))
}

/// The body of a member that is the whole body.
fn payload(service: &Service, member: &Member, input: &Record) -> Result<Option<Body>> {
    let Some(shape) = service.target(member) else { return Ok(None) };
    let value = input.get(&*member.name).filter(|value| !matches!(value, Value::Nothing { .. }));
    let is_json = service.meta.protocol == Protocol::RestJson;
    Ok(Some(match (&shape.kind, value) {
        (Kind::Blob { .. } | Kind::String { .. }, None) => return Ok(None),
        (Kind::Blob { .. }, Some(Value::Binary { val, .. })) => Body { bytes: val.to_vec(), kind: None },
        (Kind::Blob { .. } | Kind::String { .. }, Some(Value::String { val, .. })) => {
            Body { bytes: val.clone().into_bytes(), kind: None }
        }
        (_, None) if is_json => Body { bytes: b"{}".to_vec(), kind: Some(JSON) },
        (_, None) => return Ok(None),
        (_, Some(value)) if is_json => {
            Body { bytes: json_writer::member(service, member, value)?, kind: Some(JSON) }
        }
        (Kind::Structure(structure), Some(Value::Record { val, .. })) => {
            let name = names::given(service, member).unwrap_or(&shape.name);
            let namespace = member.namespace.as_deref().or(shape.namespace.as_deref());
            let root = Root { name, namespace, is_input: false };
            Body { bytes: xml_writer::write(service, &root, structure, val)?, kind: Some(XML) }
        }
        (_, Some(value)) => return Err(misfit(member, shape, value)),
    }))
}

/// The members that are left for the body, below a root element.
fn xml(service: &Service, operation: &Operation, structure: &Structure, input: &Record) -> Result<Body> {
    let shape = operation.input.and_then(|id| service.shape(id));
    let own_name = shape.and_then(|shape| shape.location_name.as_deref().or(Some(&shape.name)));
    let own_namespace = shape.and_then(|shape| shape.namespace.as_deref());
    let root = Root {
        name: operation.input_name.as_deref().or(own_name).unwrap_or(&operation.name),
        namespace: operation.input_namespace.as_ref().or(own_namespace),
        is_input: true,
    };
    Ok(Body { bytes: xml_writer::write(service, &root, structure, input)?, kind: Some(XML) })
}

#[cfg(test)]
mod tests {
    use crate::client::protocols::testing::*;
    use crate::model::Service;
    use nu_protocol::Value;
    use serde_json::{Value as Json, json};

    fn with_payload(protocol: &str, payload: &Json) -> Service {
        let members = json!({
            "Body": payload,
            "Kind": { "shape": "string", "location": "header", "locationName": "Content-Type" },
        });
        let shapes = json!({
            "In": { "type": "structure", "members": members, "payload": "Body" },
            "Doc": { "type": "structure", "document": true, "members": {} },
            "Inner": structure(&json!({ "A": { "shape": "string", "locationName": "a" } })),
        });
        service(protocol, &json!({}), &shapes)
    }

    fn sent(protocol: &str, payload: &Json, value: Option<Value>) -> (String, Option<String>) {
        let input = value.map_or_else(|| record([]), |value| record([("Body", value)]));
        let sent = request(&with_payload(protocol, payload), &input);
        (body(&sent).to_owned(), header(&sent, "Content-Type").map(str::to_owned))
    }

    fn told(body: &str, kind: &str) -> (String, Option<String>) {
        (body.to_owned(), Some(kind.to_owned()))
    }

    #[test]
    fn a_structure_as_body() {
        let inner = json!({ "shape": "Inner", "locationName": "Root", "xmlNamespace": { "uri": "u" } });
        let value = || Some(record([("A", text("x"))]));
        assert_eq!(sent("rest-json", &inner, value()), told(r#"{"a":"x"}"#, "application/json"));
        assert_eq!(sent("rest-json", &inner, None), told("{}", "application/json"));
        let xml = told("<Root xmlns=\"u\"><a>x</a></Root>", "application/xml");
        assert_eq!(sent("rest-xml", &inner, value()), xml);
        assert_eq!(sent("rest-xml", &inner, None), (String::new(), None));
        let document = sent("rest-json", &json!({ "shape": "Doc" }), Some(list([int(1)])));
        assert_eq!(document, told("[1]", "application/json"));
    }

    #[test]
    fn bytes_and_text_as_body_go_as_they_are() {
        for protocol in ["rest-json", "rest-xml"] {
            let blob = json!({ "shape": "blob", "streaming": true });
            assert_eq!(sent(protocol, &blob, Some(Value::test_binary(b"raw"))), ("raw".into(), None));
            assert_eq!(sent(protocol, &blob, None), (String::new(), None));
            assert_eq!(sent(protocol, &json!({ "shape": "string" }), Some(text("t"))), ("t".into(), None));
        }
    }

    #[test]
    fn the_callers_content_type_wins() {
        let service = with_payload("rest-json", &json!({ "shape": "Inner" }));
        let input = record([("Kind", text("x/y")), ("Body", record([]))]);
        let kinds: Vec<_> = request(&service, &input).headers;
        assert_eq!(kinds, [("Content-Type".into(), "x/y".into())]);
    }

    #[test]
    fn what_is_left_is_the_body() {
        let members = json!({
            "Id": { "shape": "string", "location": "querystring", "locationName": "id" },
            "A": { "shape": "string", "locationName": "a" },
        });
        let shapes = json!({ "In": structure(&members) });
        let json_service = service("rest-json", &json!({}), &shapes);
        let input = record([("Id", text("1")), ("A", text("x"))]);
        let sent = request(&json_service, &input);
        assert_eq!((sent.uri.as_str(), body(&sent)), ("/?id=1", r#"{"a":"x"}"#));
        assert_eq!(body(&request(&json_service, &record([]))), "{}");
        let xml_service = service("rest-xml", &json!({}), &shapes);
        assert_eq!(body(&request(&xml_service, &input)), "<In><a>x</a></In>");
        let empty = request(&xml_service, &record([("Id", text("1"))]));
        assert_eq!((body(&empty), empty.headers.len()), ("", 0));
    }

    #[test]
    fn without_body_members_there_is_no_body() {
        let members = json!({ "Id": { "shape": "string", "location": "querystring", "locationName": "id" } });
        let service = service("rest-json", &json!({}), &json!({ "In": structure(&members) }));
        let sent = request(&service, &record([]));
        assert_eq!((body(&sent), sent.headers.len()), ("", 0));
    }
}
