//! Paths and query strings of the REST protocols.

use super::text::{self, push_encoded, push_encoded_path};
use crate::{
    error::{Error, Result},
    model::{Kind, Location, Member, Operation, Service, TimestampFormat},
};
use nu_protocol::{Record, Value};
use std::borrow::Cow;

/// Fills the labels of the operation's path and appends the members that travel in the query string.
pub(super) fn build(service: &Service, operation: &Operation, input: &Record) -> Result<String> {
    let members = service.members(operation.input);
    let mut uri = path(service, operation, members, input)?;
    let mut query = Query { query: !uri.contains('?'), uri: &mut uri };
    for (name, value) in input {
        let member = members.iter().find(|member| member.name.as_ref() == name.as_str());
        if let Some(member) = member.filter(|member| member.location == Location::Query) {
            query.member(service, member, value)?;
        }
    }
    Ok(uri)
}

fn path(service: &Service, operation: &Operation, members: &[Member], input: &Record) -> Result<String> {
    let template = match operation.http.uri.strip_prefix("/{Bucket}") {
        // S3's endpoint rules put the bucket into the host or in front of the path; it must be there all the same.
        Some(rest) if service.name.as_ref() == "s3" => {
            label_text(service, operation, members, input, "Bucket")?;
            rest
        }
        _ => &operation.http.uri,
    };
    let mut uri = String::with_capacity(template.len() + 64);
    if !template.starts_with('/') {
        uri.push('/');
    }
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        uri.push_str(before);
        let Some((label, after)) = after.split_once('}') else {
            return Err(Error::invalid(format!("the path of {} is malformed: {template}", operation.name)));
        };
        rest = after;
        let (label, greedy) = label.strip_suffix('+').map_or((label, false), |label| (label, true));
        let text = label_text(service, operation, members, input, label)?;
        if greedy {
            push_encoded_path(&mut uri, &text);
        } else {
            push_encoded(&mut uri, &text);
        }
    }
    uri.push_str(rest);
    Ok(uri)
}

fn label_text<'v>(
    service: &Service,
    operation: &Operation,
    members: &[Member],
    input: &'v Record,
    label: &str,
) -> Result<Cow<'v, str>> {
    let is_label = |member: &&Member| {
        member.location == Location::Uri && member.location_name.as_deref().unwrap_or(&member.name) == label
    };
    let member = members.iter().find(is_label);
    let missing = |name: &str| {
        Error::invalid(format!("{name} is part of the path of {} and must not be empty", operation.name))
    };
    let Some(member) = member else { return Err(missing(label)) };
    let (Some(value), Some(shape)) = (input.get(&*member.name), service.target(member)) else {
        return Err(missing(&member.name));
    };
    let text = text::write(member, shape, value, TimestampFormat::Iso8601)?;
    // An empty label would address another resource, often the collection that holds this one.
    if text.is_empty() {
        return Err(missing(&member.name).at(value.span()));
    }
    Ok(text)
}

/// A query string under construction.
struct Query<'u> {
    uri: &'u mut String,
    // Whether the next pair is the first one.
    query: bool,
}

impl Query<'_> {
    fn member(&mut self, service: &Service, member: &Member, value: &Value) -> Result<()> {
        let name = member.location_name.as_deref().unwrap_or(&member.name);
        let Some(shape) = service.target(member) else { return Ok(()) };
        match (&shape.kind, value) {
            (_, Value::Nothing { .. }) => Ok(()),
            (Kind::List { member: element, .. }, Value::List { vals, .. }) => {
                self.repeated(service, element, name, vals)
            }
            (Kind::Map { value: element, .. }, Value::Record { val, .. }) => {
                for (key, value) in val.iter() {
                    self.entry(service, element, key, value)?;
                }
                Ok(())
            }
            _ => self.scalar(service, member, name, value),
        }
    }

    fn entry(&mut self, service: &Service, element: &Member, key: &str, value: &Value) -> Result<()> {
        match (service.target(element).map(|shape| &shape.kind), value) {
            (Some(Kind::List { member, .. }), Value::List { vals, .. }) => {
                self.repeated(service, member, key, vals)
            }
            _ => self.scalar(service, element, key, value),
        }
    }

    fn repeated(&mut self, service: &Service, element: &Member, name: &str, values: &[Value]) -> Result<()> {
        values.iter().try_for_each(|value| self.scalar(service, element, name, value))
    }

    fn scalar(&mut self, service: &Service, member: &Member, name: &str, value: &Value) -> Result<()> {
        let Some(shape) = service.target(member) else { return Ok(()) };
        let text = text::write(member, shape, value, TimestampFormat::Iso8601)?;
        self.uri.push(if std::mem::take(&mut self.query) { '?' } else { '&' });
        push_encoded(self.uri, name);
        self.uri.push('=');
        push_encoded(self.uri, &text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::client::protocols::testing::*;
    use crate::model::Service;
    use nu_protocol::Value;
    use serde_json::{Value as Json, json};

    fn at(uri: &str, members: &Json) -> Service {
        let shapes = json!({
            "In": structure(members),
            "Strings": { "type": "list", "member": { "shape": "string" } },
            "Words": { "type": "map", "key": { "shape": "string" }, "value": { "shape": "string" } },
            "Lists": { "type": "map", "key": { "shape": "string" }, "value": { "shape": "Strings" } },
        });
        service("rest-json", &json!({ "http": { "requestUri": uri } }), &shapes)
    }

    fn label() -> Json {
        json!({ "Id": { "shape": "string", "location": "uri", "locationName": "id" } })
    }

    #[test]
    fn labels_are_encoded_and_greedy_ones_keep_their_slashes() {
        let input = record([("Id", text("a b/c~é%+"))]);
        assert_eq!(request(&at("/x/{id}/y", &label()), &input).uri, "/x/a%20b%2Fc~%C3%A9%25%2B/y");
        assert_eq!(request(&at("/x/{id+}", &label()), &input).uri, "/x/a%20b/c~%C3%A9%25%2B");
    }

    #[test]
    fn a_missing_or_empty_label_is_refused() {
        let service = at("/x/{id}", &label());
        for input in [record([]), record([("Id", text(""))])] {
            let error = try_request(&service, &input).unwrap_err();
            assert_eq!(error.message(), "Id is part of the path of Act and must not be empty");
        }
    }

    #[test]
    fn other_scalars_are_labels_too() {
        let members = json!({
            "N": { "shape": "integer", "location": "uri", "locationName": "n" },
            "T": { "shape": "timestamp", "location": "uri", "locationName": "t" },
            "B": { "shape": "boolean", "location": "uri", "locationName": "b" },
        });
        let input =
            record([("N", int(7)), ("T", date(1_577_934_245_500_000)), ("B", Value::test_bool(true))]);
        let uri = request(&at("/{n}/{t}/{b}", &members), &input).uri;
        assert_eq!(uri, "/7/2020-01-02T03%3A04%3A05.500000Z/true");
    }

    #[test]
    fn queries_hold_scalars_lists_and_maps() {
        let members = json!({
            "One": { "shape": "string", "location": "querystring", "locationName": "one" },
            "Many": { "shape": "Strings", "location": "querystring", "locationName": "many" },
            "Words": { "shape": "Words", "location": "querystring" },
            "Lists": { "shape": "Lists", "location": "querystring" },
        });
        let input = record([
            ("Many", list([text("a"), text("b&c")])),
            ("One", text("ä =")),
            ("Words", record([("w", text("x"))])),
            ("Lists", record([("l", list([text("1"), text("2")]))])),
        ]);
        let uri = request(&at("/p?fixed", &members), &input).uri;
        assert_eq!(uri, "/p?fixed&many=a&many=b%26c&one=%C3%A4%20%3D&w=x&l=1&l=2");
        assert_eq!(request(&at("/p", &members), &record([("One", text("1"))])).uri, "/p?one=1");
    }

    #[test]
    fn the_endpoint_places_the_bucket_of_s3() {
        let members = json!({
            "Bucket": { "shape": "string", "location": "uri", "locationName": "Bucket" },
            "Key": { "shape": "string", "location": "uri", "locationName": "Key" },
        });
        let shapes = json!({ "In": structure(&members) });
        let s3 = |uri: &str| named("s3", "rest-xml", &json!({ "http": { "requestUri": uri } }), &shapes);
        let input = record([("Bucket", text("b")), ("Key", text("/k//x"))]);
        assert_eq!(request(&s3("/{Bucket}/{Key+}?acl"), &input).uri, "//k//x?acl");
        assert_eq!(request(&s3("/{Bucket}?cors"), &input).uri, "/?cors");
        assert_eq!(request(&s3("/{Bucket}"), &input).uri, "/");
        assert!(try_request(&s3("/{Bucket}"), &record([])).is_err());
    }
}
