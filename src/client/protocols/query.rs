//! awsQuery and ec2Query requests: one form, whose keys are paths into the parameters.

use super::{
    Encoded, names,
    text::{self, push_encoded},
};
use crate::{
    error::{Error, Result},
    model::{Kind, Member, Operation, Protocol, Service, Structure, TimestampFormat},
};
use nu_protocol::{Record, Value};
use std::fmt::Write;

pub(super) fn encode(service: &Service, operation: &Operation, input: &Record) -> Result<Encoded> {
    let mut form = Form {
        service,
        ec2: service.meta.protocol == Protocol::Ec2,
        path: String::new(),
        body: format!("Action={}&Version={}", operation.name, service.meta.api_version),
    };
    if let Some(structure) = operation.input.and_then(|id| service.structure(id)) {
        form.structure(structure, input)?;
    }
    let content_type = "application/x-www-form-urlencoded; charset=utf-8";
    Ok(Encoded {
        method: operation.http.method.to_string(),
        uri: "/".into(),
        headers: vec![("Content-Type".into(), content_type.into())],
        body: form.body.into(),
    })
}

struct Form<'a> {
    service: &'a Service,
    ec2: bool,
    // The key of the value that is being written; grows and shrinks with the depth.
    path: String,
    body: String,
}

impl Form<'_> {
    fn structure(&mut self, structure: &Structure, record: &Record) -> Result<()> {
        for (name, value) in record {
            let Some((_, member)) = structure.member(name) else {
                return Err(Error::invalid(format!("there is no member {name}")).at(value.span()));
            };
            if matches!(value, Value::Nothing { .. }) {
                continue;
            }
            let base = self.path.len();
            if base > 0 {
                self.path.push('.');
            }
            self.push_name(member);
            self.value(member, value)?;
            self.path.truncate(base);
        }
        Ok(())
    }

    /// ec2 has names of its own: the query name, else the wire name with a capital.
    fn push_name(&mut self, member: &Member) {
        if !self.ec2 {
            self.path.push_str(names::plain(self.service, member));
        } else if let Some(name) = &member.query_name {
            self.path.push_str(name);
        } else if let Some(name) = names::given(self.service, member) {
            let mut letters = name.chars();
            self.path.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
            self.path.push_str(letters.as_str());
        } else {
            self.path.push_str(&member.name);
        }
    }

    fn value(&mut self, member: &Member, value: &Value) -> Result<()> {
        let Some(shape) = self.service.target(member) else {
            return Err(Error::invalid(format!("the model has no shape for {}", member.name)));
        };
        match (&shape.kind, value) {
            (Kind::Structure(structure), Value::Record { val, .. }) => self.structure(structure, val),
            (Kind::List { member: element, .. }, Value::List { vals, .. }) => {
                self.list(element, names::is_flattened(member, &shape.kind), vals)
            }
            (Kind::Map { key, value: element, .. }, Value::Record { val, .. }) => {
                self.map(key, element, names::is_flattened(member, &shape.kind), val)
            }
            _ => {
                let text = text::write(member, shape, value, TimestampFormat::Iso8601)?;
                self.push(&text);
                Ok(())
            }
        }
    }

    fn push(&mut self, text: &str) {
        self.body.push('&');
        push_encoded(&mut self.body, &self.path);
        self.body.push('=');
        push_encoded(&mut self.body, text);
    }

    fn list(&mut self, element: &Member, flattened: bool, values: &[Value]) -> Result<()> {
        let base = self.path.clone();
        if !self.ec2 {
            if values.is_empty() {
                // An empty list is told, so that it can overwrite one; ec2 has no such thing.
                self.push("");
                return Ok(());
            }
            match (flattened, names::given(self.service, element)) {
                (false, _) => {
                    self.path.push('.');
                    self.path.push_str(names::plain(self.service, element));
                }
                (true, Some(name)) => {
                    self.path.truncate(self.path.rfind('.').map_or(0, |dot| dot + 1));
                    self.path.push_str(name);
                }
                (true, None) => {}
            }
        }
        let start = self.path.len();
        for (index, value) in (1..).zip(values) {
            self.push_index(index);
            self.value(element, value)?;
            self.path.truncate(start);
        }
        self.path = base;
        Ok(())
    }

    fn map(&mut self, key: &Member, element: &Member, flattened: bool, entries: &Record) -> Result<()> {
        let base = self.path.len();
        if !flattened {
            self.path.push_str(".entry");
        }
        let start = self.path.len();
        for (index, (name, value)) in (1..).zip(entries) {
            self.push_index(index);
            let entry = self.path.len();
            self.path.push('.');
            self.push_name(key);
            self.push(name);
            self.path.truncate(entry);
            self.path.push('.');
            self.push_name(element);
            self.value(element, value)?;
            self.path.truncate(start);
        }
        self.path.truncate(base);
        Ok(())
    }

    fn push_index(&mut self, index: u32) {
        // Writing to a string cannot fail.
        let _ = write!(self.path, ".{index}");
    }
}

#[cfg(test)]
mod tests {
    use crate::client::protocols::testing::*;
    use crate::model::Service;
    use nu_protocol::Value;
    use serde_json::json;

    fn form(protocol: &str) -> Service {
        let members = json!({
            "Text": { "shape": "string" },
            "Renamed": { "shape": "string", "locationName": "wire", "queryName": "Query" },
            "Small": { "shape": "string", "locationName": "small" },
            "When": { "shape": "timestamp" },
            "Real": { "shape": "double" },
            "Bytes": { "shape": "blob" },
            "List": { "shape": "List" },
            "Named": { "shape": "Named" },
            "Flat": { "shape": "Flat", "locationName": "flat" },
            "FlatNamed": { "shape": "FlatNamed" },
            "Map": { "shape": "Map" },
            "FlatMap": { "shape": "FlatMap" },
            "Deep": { "shape": "In" },
        });
        let shapes = json!({
            "In": structure(&members),
            "List": { "type": "list", "member": { "shape": "string" } },
            "Named": { "type": "list", "member": { "shape": "In", "locationName": "Item" } },
            "Flat": { "type": "list", "flattened": true, "member": { "shape": "string" } },
            "FlatNamed": { "type": "list", "flattened": true, "member": { "shape": "string", "locationName": "Each" } },
            "Map": { "type": "map", "key": { "shape": "string" }, "value": { "shape": "string" } },
            "FlatMap": {
                "type": "map",
                "flattened": true,
                "key": { "shape": "string", "locationName": "K" },
                "value": { "shape": "string", "locationName": "V" },
            },
        });
        service(protocol, &json!({}), &shapes)
    }

    fn pairs(protocol: &str, input: &Value) -> String {
        let sent = request(&form(protocol), input);
        body(&sent).strip_prefix("Action=Act&Version=2020-01-01").unwrap().to_owned()
    }

    #[test]
    fn the_request_is_a_form() {
        let sent = request(&form("query"), &record([]));
        assert_eq!((sent.method.as_str(), sent.uri.as_str()), ("POST", "/"));
        let kind = "application/x-www-form-urlencoded; charset=utf-8";
        assert_eq!(header(&sent, "Content-Type"), Some(kind));
        assert_eq!(body(&sent), "Action=Act&Version=2020-01-01");
    }

    #[test]
    fn scalars() {
        let input = record([
            ("Text", text("a b&=ü")),
            ("When", date(1_577_934_245_120_000)),
            ("Real", Value::test_float(f64::NEG_INFINITY)),
            ("Bytes", Value::test_binary([255])),
            ("Deep", record([("Deep", record([("Text", text("x"))]))])),
        ]);
        let expected = "&Text=a%20b%26%3D%C3%BC&When=2020-01-02T03%3A04%3A05.120000Z&Real=-Infinity&Bytes=%2Fw%3D%3D\
                        &Deep.Deep.Text=x";
        assert_eq!(pairs("query", &input), expected);
    }

    #[test]
    fn names() {
        let input = record([("Renamed", text("1")), ("Small", text("2"))]);
        assert_eq!(pairs("query", &input), "&wire=1&small=2");
        assert_eq!(pairs("ec2", &input), "&Query=1&Small=2");
    }

    #[test]
    fn lists() {
        let two = || list([text("a"), text("b")]);
        let of_records = list([record([("Text", text("a"))]), record([("List", two())])]);
        let input = record([
            ("List", two()),
            ("Named", of_records),
            ("Flat", two()),
            ("FlatNamed", two()),
            ("Deep", record([("FlatNamed", two())])),
        ]);
        let query = "&List.member.1=a&List.member.2=b&Named.Item.1.Text=a&Named.Item.2.List.member.1=a\
                     &Named.Item.2.List.member.2=b&flat.1=a&flat.2=b&Each.1=a&Each.2=b&Deep.Each.1=a&Deep.Each.2=b";
        assert_eq!(pairs("query", &input), query);
        let ec2 = "&List.1=a&List.2=b&Named.1.Text=a&Named.2.List.1=a&Named.2.List.2=b&Flat.1=a&Flat.2=b\
                   &FlatNamed.1=a&FlatNamed.2=b&Deep.FlatNamed.1=a&Deep.FlatNamed.2=b";
        assert_eq!(pairs("ec2", &input), ec2);
    }

    #[test]
    fn an_empty_list_is_told_but_not_to_ec2() {
        let input = record([("List", list([])), ("Text", text(""))]);
        assert_eq!(pairs("query", &input), "&List=&Text=");
        assert_eq!(pairs("ec2", &input), "&Text=");
    }

    #[test]
    fn maps() {
        let input = record([
            ("Map", record([("k", text("v")), ("l", text("w"))])),
            ("FlatMap", record([("k", text("v"))])),
        ]);
        let expected = "&Map.entry.1.key=k&Map.entry.1.value=v&Map.entry.2.key=l&Map.entry.2.value=w&FlatMap.1.K=k&FlatMap.1.V=v";
        assert_eq!(pairs("query", &input), expected);
    }

    #[test]
    fn what_does_not_fit_is_told_with_its_place() {
        let error = try_request(&form("query"), &record([("Real", text("x"))])).unwrap_err();
        assert_eq!(error.message(), "Real must be a number, not string");
        assert_eq!(error.span(), Some(nu_protocol::Span::test_data()));
        let error = try_request(&form("query"), &record([("Nope", text("x"))])).unwrap_err();
        assert_eq!(error.message(), "there is no member Nope");
    }
}
