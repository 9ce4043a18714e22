//! What AWS says when it refuses a call.

use super::{
    Answer, Decoding, cbor,
    cbor_reader::CborReader,
    headers, json, plain_json,
    reading::{Read, Reading},
    rest_reader, xml_reader,
    xml_tokens::{Token, Tokens},
};
use crate::{
    error::Fault,
    model::{Kind, Operation, Protocol, Service, Shape, ShapeId, Structure},
};
use nu_protocol::{Record, Value};
use serde::de::DeserializeSeed;

pub(super) fn decode(
    service: &Service,
    operation: &Operation,
    answer: &Answer<'_>,
    how: Decoding,
) -> (Fault, String, Option<bool>) {
    let told = if is_page(answer) {
        Told::default()
    } else if service.meta.protocol.is_xml() {
        in_xml(answer.body).unwrap_or_default()
    } else {
        in_tree(service, answer, how)
    };
    let shape = told.code.as_deref().and_then(|code| find(service, operation, code));
    let (code, shape) = match query_code(answer) {
        Some(code) => (Some(code.to_owned()), shape.or_else(|| find(service, operation, code))),
        None => (told.code, shape),
    };
    let structure = shape.and_then(|(id, shape)| match &shape.kind {
        Kind::Structure(structure) => Some((id, structure)),
        _ => None,
    });
    let fault = Fault {
        code: code.unwrap_or_else(|| answer.status.to_string()),
        status: answer.status,
        request_id: headers::request_id(answer.headers)
            .map(str::to_owned)
            .or(told.request_id)
            .or_else(|| answer.headers.get("x-amz-id-2").map(str::to_owned)),
        fields: structure
            .and_then(|(id, structure)| fields(service, id, structure, answer, how).ok())
            .unwrap_or_default(),
    };
    let message = told.message.unwrap_or_else(|| reason_phrase(answer.status).to_owned());
    let retryable = structure.and_then(|(_, structure)| structure.error.as_ref()?.retryable);
    (fault, message, retryable)
}

/// What an error says of itself.
#[derive(Default)]
struct Told {
    code: Option<String>,
    message: Option<String>,
    request_id: Option<String>,
}

/// Pages of proxies and load balancers say nothing in AWS's terms.
fn is_page(answer: &Answer<'_>) -> bool {
    let body = answer.body.trim_ascii_start();
    let starts =
        |prefix: &[u8]| body.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    starts(b"<html") || starts(b"<!doctype html")
}

fn reason_phrase(status: u16) -> &'static str {
    http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or_default()
}

/// The modelled error of a code: one of the operation's, else any of the service's.
fn find<'a>(service: &'a Service, operation: &Operation, code: &str) -> Option<(ShapeId, &'a Shape)> {
    if let Some(id) = service.error(operation, code) {
        return service.shape(id).map(|shape| (id, shape));
    }
    let is_it = |shape: &Shape| {
        let is_error = matches!(&shape.kind, Kind::Structure(structure) if structure.error.is_some());
        is_error && (shape.name.as_ref() == code || shape.error_code() == Some(code))
    };
    let index = service.shapes.iter().position(is_it)?;
    Some((ShapeId(u32::try_from(index).ok()?), service.shapes.get(index)?))
}

fn fields(
    service: &Service,
    id: ShapeId,
    structure: &Structure,
    answer: &Answer<'_>,
    how: Decoding,
) -> Read<Record> {
    let reading = Reading::new(service, how);
    match service.meta.protocol {
        Protocol::RestJson => rest_reader::decode(&reading, Some(id), answer),
        Protocol::RestXml | Protocol::Query | Protocol::Ec2 => {
            xml_reader::error(&reading, structure, answer.body)
        }
        Protocol::Json10 | Protocol::Json11 => json::structure(&reading, structure, answer.body),
        Protocol::Cbor => cbor::structure(&reading, structure, answer.body),
    }
}

/// JSON and CBOR: the code and the message are members of the error itself, if no header tells.
fn in_tree(service: &Service, answer: &Answer<'_>, how: Decoding) -> Told {
    let header = answer.headers.get("x-amzn-errortype");
    let body = if service.meta.protocol == Protocol::Cbor {
        plain_json::Any(how.span).deserialize(&mut CborReader::new(answer.body)).ok()
    } else {
        plain_json::parse(answer.body, how.span).ok()
    };
    let body = match body {
        Some(Value::Record { val, .. }) => val.into_owned(),
        _ if answer.body.trim_ascii().is_empty() => Record::new(),
        // Not JSON: the text itself is all there is to tell.
        _ => {
            let message = String::from_utf8_lossy(answer.body).trim().to_owned();
            return Told { code: header.map(bare), message: Some(message), request_id: None };
        }
    };
    let text = |names: &[&str]| names.iter().find_map(|name| plain(body.get(name)?));
    let in_body = text(&["code", "Code"]);
    let code = if service.meta.protocol == Protocol::RestJson {
        header.map(str::to_owned).or(in_body).or_else(|| text(&["__type"]))
    } else {
        text(&["__type"]).or_else(|| header.map(str::to_owned)).or(in_body)
    };
    Told {
        code: code.map(|code| bare(&code)).filter(|code| !code.is_empty()),
        // The last is OAuth's, which sso-oidc speaks.
        message: text(&["message", "Message", "errorMessage", "error_description"]),
        request_id: None,
    }
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String { val, .. } => Some(val.clone()),
        Value::Int { val, .. } => Some(val.to_string()),
        _ => None,
    }
}

/// `aws.protocol#FooException:http://…` is `FooException`.
fn bare(code: &str) -> String {
    let code = code.split(':').next().unwrap_or(code);
    code.rsplit('#').next().unwrap_or(code).trim().to_owned()
}

/// The code that a JSON service had in its query past, from `code;fault`.
fn query_code<'a>(answer: &Answer<'a>) -> Option<&'a str> {
    let (code, _) = answer.headers.get("x-amzn-query-error")?.split_once(';')?;
    Some(code).filter(|code| !code.is_empty())
}

/// `Code` and `Message` below `Error`, and the request id wherever it stands.
fn in_xml(body: &[u8]) -> Read<Told> {
    let mut xml = Tokens::new(body);
    let mut told = Told::default();
    let Some(root) = xml.root()? else { return Ok(told) };
    let mut parents = vec![root.local_name().as_ref().to_vec()];
    while !parents.is_empty() {
        match xml.next()? {
            Token::Text(_) => {}
            Token::Close => {
                parents.pop();
            }
            Token::Open(open) => {
                let name = open.local_name();
                let in_error = parents.last().is_some_and(|parent| parent == b"Error");
                let slot = match name.as_ref() {
                    b"Code" if in_error => &mut told.code,
                    b"Message" if in_error => &mut told.message,
                    b"RequestId" | b"RequestID" | b"requestId" => &mut told.request_id,
                    name => {
                        parents.push(name.to_vec());
                        continue;
                    }
                };
                let text = xml.text()?.trim().to_owned();
                if slot.is_none() && !text.is_empty() {
                    *slot = Some(text);
                }
            }
        }
    }
    Ok(told)
}

#[cfg(test)]
mod tests {
    use crate::client::protocols::testing::{fault, int, record, service, structure, text};
    use crate::model::Service;
    use nu_protocol::{Record, Value};
    use serde_json::json;

    fn of(protocol: &str) -> Service {
        let members = json!({
            "message": { "shape": "string" },
            "Retry": { "shape": "integer", "location": "header", "locationName": "retry-after" },
            "Resource": { "shape": "string" },
        });
        let shapes = json!({
            "Gone": { "type": "structure", "members": members, "exception": true },
            "Slow": {
                "type": "structure",
                "members": {},
                "exception": true,
                "retryable": { "throttling": true },
                "error": { "code": "Test.Slow", "httpStatusCode": 429 },
            },
            "Out": structure(&json!({})),
        });
        service(protocol, &json!({}), &shapes)
    }

    fn fields(value: &Value) -> Record {
        value.as_record().unwrap().clone()
    }

    #[test]
    fn json_errors_name_their_code_in_many_ways() {
        for (protocol, headers, body) in [
            ("json", &[] as &[_], r#"{"__type":"Gone","message":"m"}"#),
            ("json", &[], r#"{"__type":"com.amazon.x#Gone","Message":"m"}"#),
            ("json", &[("x-amzn-errortype", "Gone")], r#"{"message":"m"}"#),
            ("rest-json", &[("x-amzn-errortype", "Gone:http://x/")], r#"{"errorMessage":"m"}"#),
            ("rest-json", &[], r#"{"code":"Gone","message":"m"}"#),
            ("rest-json", &[], r#"{"__type":"x#Gone:y","message":"m"}"#),
        ] {
            let (fault, message, retryable) = fault(&of(protocol), 400, headers, body);
            assert_eq!((fault.code.as_str(), message.as_str(), retryable), ("Gone", "m", None), "{body}");
        }
    }

    #[test]
    fn modelled_members_are_decoded() {
        let body = r#"{"__type":"Gone","message":"m","Resource":"r","Other":1}"#;
        let (error, ..) = fault(&of("json"), 404, &[], body);
        assert_eq!(error.fields, fields(&record([("message", text("m")), ("Resource", text("r"))])));
        let headers = [("x-amzn-errortype", "Gone"), ("retry-after", "7"), ("x-amzn-requestid", "id")];
        let (error, ..) = fault(&of("rest-json"), 404, &headers, r#"{"Resource":"r"}"#);
        assert_eq!(error.fields, fields(&record([("Retry", int(7)), ("Resource", text("r"))])));
        assert_eq!((error.status, error.request_id.as_deref()), (404, Some("id")));
    }

    #[test]
    fn xml_errors_come_in_three_envelopes() {
        let inner = "<Error><Type>Sender</Type><Code>Gone</Code><Message>m &amp; n</Message><Resource>r</Resource></Error>";
        for (protocol, body) in [
            ("query", format!("<ErrorResponse xmlns='u'>{inner}<RequestId>id</RequestId></ErrorResponse>")),
            ("ec2", format!("<Response><Errors>{inner}</Errors><RequestID>id</RequestID></Response>")),
            ("rest-xml", format!("<ErrorResponse>{inner}<RequestId>id</RequestId></ErrorResponse>")),
            ("rest-xml", inner.replace("</Error>", "<RequestId>id</RequestId></Error>")),
        ] {
            let (error, message, _) = fault(&of(protocol), 400, &[], &body);
            assert_eq!((error.code.as_str(), message.as_str()), ("Gone", "m & n"), "{body}");
            assert_eq!(error.request_id.as_deref(), Some("id"), "{body}");
            assert_eq!(error.fields, fields(&record([("Resource", text("r"))])), "{body}");
        }
    }

    #[test]
    fn throttling_is_modelled_by_the_code_of_the_error() {
        let body = "<ErrorResponse><Error><Code>Test.Slow</Code></Error></ErrorResponse>";
        let (error, message, retryable) = fault(&of("query"), 429, &[], body);
        assert_eq!((error.code.as_str(), message.as_str()), ("Test.Slow", "Too Many Requests"));
        assert_eq!(retryable, Some(true));
    }

    #[test]
    fn a_query_compatible_service_tells_its_old_code() {
        let headers = [("x-amzn-query-error", "Old.Gone;Sender")];
        let body = r#"{"__type":"Gone","Resource":"r"}"#;
        let (error, ..) = fault(&of("json"), 400, &headers, body);
        assert_eq!(error.code, "Old.Gone");
        assert_eq!(error.fields, fields(&record([("Resource", text("r"))])));
    }

    #[test]
    fn an_answer_that_says_nothing_is_told_by_its_status() {
        for protocol in ["json", "rest-json", "rest-xml", "query", "ec2"] {
            for body in ["", "<html><body>Bad Gateway</body></html>", " <!DOCTYPE html><p>"] {
                let (error, message, retryable) = fault(&of(protocol), 502, &[("x-amz-id-2", "host")], body);
                assert_eq!(
                    (error.code.as_str(), message.as_str()),
                    ("502", "Bad Gateway"),
                    "{protocol} {body}"
                );
                assert_eq!((error.request_id.as_deref(), retryable), (Some("host"), None));
            }
            assert_eq!(fault(&of(protocol), 599, &[], "").0.code, "599");
        }
    }

    #[test]
    fn a_broken_answer_tells_what_it_can() {
        let (error, message, _) = fault(&of("json"), 503, &[], "try later");
        assert_eq!((error.code.as_str(), message.as_str()), ("503", "try later"));
        let (error, message, _) = fault(&of("query"), 503, &[], "<Error><Code>Gone</Code>");
        assert_eq!((error.code.as_str(), message.as_str()), ("503", "Service Unavailable"));
        let (error, ..) = fault(&of("json"), 400, &[], r#"{"__type":"Gone","Resource":{}}"#);
        assert_eq!(error.code, "Gone");
    }
}
