//! XML bodies of restXml requests.

use super::{names, text};
use crate::{
    error::{Error, Result},
    model::{Flags, Kind, Location, Member, Service, Structure, TimestampFormat, XmlNamespace},
};
use nu_protocol::{Record, Value};

/// The outermost element.
pub(super) struct Root<'a> {
    pub(super) name: &'a str,
    pub(super) namespace: Option<&'a XmlNamespace>,
    /// Whether it is the input itself, some of whose members travel outside of the body.
    pub(super) is_input: bool,
}

/// Writes a structure as a document.
pub(super) fn write(
    service: &Service,
    root: &Root<'_>,
    structure: &Structure,
    record: &Record,
) -> Result<Vec<u8>> {
    let mut writer = Writer { service, xml: String::with_capacity(256) };
    writer.structure(root.name, root.namespace, structure, record, root.is_input)?;
    Ok(writer.xml.into_bytes())
}

struct Writer<'a> {
    service: &'a Service,
    xml: String,
}

impl Writer<'_> {
    fn structure(
        &mut self,
        name: &str,
        namespace: Option<&XmlNamespace>,
        structure: &Structure,
        record: &Record,
        is_input: bool,
    ) -> Result<()> {
        self.begin(name, namespace);
        for (name, value) in record {
            let Some((_, member)) = structure.member(name) else {
                return Err(Error::invalid(format!("there is no member {name}")).at(value.span()));
            };
            if let Value::String { val, .. } = value
                && member.flags.has(Flags::XML_ATTRIBUTE)
            {
                self.attribute(names::plain(self.service, member), val);
            }
        }
        self.xml.push('>');
        for (name, value) in record {
            let Some((_, member)) = structure.member(name) else { continue };
            let elsewhere = is_input && member.location != Location::Body;
            if !elsewhere
                && !member.flags.has(Flags::XML_ATTRIBUTE)
                && !matches!(value, Value::Nothing { .. })
            {
                self.value(names::plain(self.service, member), member, value)?;
            }
        }
        self.close(name);
        Ok(())
    }

    fn value(&mut self, name: &str, member: &Member, value: &Value) -> Result<()> {
        let Some(shape) = self.service.target(member) else {
            return Err(Error::invalid(format!("the model has no shape for {}", member.name)));
        };
        let namespace = member.namespace.as_deref().or(shape.namespace.as_deref());
        let flattened = names::is_flattened(member, &shape.kind);
        match (&shape.kind, value) {
            (Kind::Structure(structure), Value::Record { val, .. }) => {
                self.structure(name, namespace, structure, val, false)
            }
            (Kind::List { member: element, .. }, Value::List { vals, .. }) if flattened => {
                vals.iter().try_for_each(|value| self.value(name, element, value))
            }
            (Kind::List { member: element, .. }, Value::List { vals, .. }) => {
                self.open(name, namespace);
                let each = names::plain(self.service, element);
                vals.iter().try_for_each(|value| self.value(each, element, value))?;
                self.close(name);
                Ok(())
            }
            (Kind::Map { key, value: element, .. }, Value::Record { val, .. }) if flattened => {
                self.entries(name, key, element, val)
            }
            (Kind::Map { key, value: element, .. }, Value::Record { val, .. }) => {
                self.open(name, namespace);
                self.entries("entry", key, element, val)?;
                self.close(name);
                Ok(())
            }
            _ => {
                let text = text::write(member, shape, value, TimestampFormat::Iso8601)?;
                self.open(name, namespace);
                self.text(&text);
                self.close(name);
                Ok(())
            }
        }
    }

    fn entries(&mut self, name: &str, key: &Member, element: &Member, entries: &Record) -> Result<()> {
        let (key_name, value_name) = (names::plain(self.service, key), names::plain(self.service, element));
        for (text, value) in entries {
            self.open(name, None);
            self.open(key_name, None);
            self.text(text);
            self.close(key_name);
            self.value(value_name, element, value)?;
            self.close(name);
        }
        Ok(())
    }

    fn open(&mut self, name: &str, namespace: Option<&XmlNamespace>) {
        self.begin(name, namespace);
        self.xml.push('>');
    }

    /// All of an opening tag but its end, so that attributes can follow.
    fn begin(&mut self, name: &str, namespace: Option<&XmlNamespace>) {
        self.xml.push('<');
        self.xml.push_str(name);
        if let Some(namespace) = namespace {
            match &namespace.prefix {
                Some(prefix) => self.attribute(&format!("xmlns:{prefix}"), &namespace.uri),
                None => self.attribute("xmlns", &namespace.uri),
            }
        }
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.xml.push(' ');
        self.xml.push_str(name);
        self.xml.push_str("=\"");
        self.text(value);
        self.xml.push('"');
    }

    fn close(&mut self, name: &str) {
        self.xml.push_str("</");
        self.xml.push_str(name);
        self.xml.push('>');
    }

    /// Line breaks are written as references: a literal carriage return would reach S3 as a line feed.
    fn text(&mut self, text: &str) {
        for letter in text.chars() {
            match letter {
                '&' => self.xml.push_str("&amp;"),
                '<' => self.xml.push_str("&lt;"),
                '>' => self.xml.push_str("&gt;"),
                '"' => self.xml.push_str("&quot;"),
                '\r' => self.xml.push_str("&#xD;"),
                '\n' => self.xml.push_str("&#xA;"),
                letter => self.xml.push(letter),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::client::protocols::testing::*;
    use nu_protocol::Value;
    use serde_json::json;

    fn sent(input: &Value) -> String {
        let namespace = json!({ "uri": "http://x/", "prefix": "xsi" });
        let members = json!({
            "Text": { "shape": "string" },
            "Renamed": { "shape": "string", "locationName": "wire" },
            "Kind": { "shape": "string", "locationName": "xsi:type", "xmlAttribute": true },
            "Flag": { "shape": "boolean" },
            "Real": { "shape": "double" },
            "Bytes": { "shape": "blob" },
            "When": { "shape": "timestamp" },
            "Head": { "shape": "string", "location": "header", "locationName": "x-head" },
            "List": { "shape": "List" },
            "Flat": { "shape": "Flat", "locationName": "Row" },
            "Map": { "shape": "Map" },
            "FlatMap": { "shape": "FlatMap" },
            "Deep": { "shape": "In", "xmlNamespace": namespace },
        });
        let shapes = json!({
            "In": structure(&members),
            "List": { "type": "list", "member": { "shape": "string", "locationName": "Each" } },
            "Flat": { "type": "list", "flattened": true, "member": { "shape": "string", "locationName": "Ignored" } },
            "Map": { "type": "map", "key": { "shape": "string" }, "value": { "shape": "string", "locationName": "V" } },
            "FlatMap": {
                "type": "map",
                "flattened": true,
                "key": { "shape": "string" },
                "value": { "shape": "string" },
            },
        });
        let reference =
            json!({ "shape": "In", "locationName": "Ask", "xmlNamespace": { "uri": "http://n/" } });
        let service = service("rest-xml", &json!({ "input": reference }), &shapes);
        body(&request(&service, input)).to_owned()
    }

    fn within(inner: &str) -> String {
        format!("<Ask xmlns=\"http://n/\">{inner}</Ask>")
    }

    #[test]
    fn scalars_under_the_root_of_the_operation() {
        let input = record([
            ("Text", text("<a> & \"b\"\r\n")),
            ("Renamed", text("")),
            ("Head", text("elsewhere")),
            ("Flag", Value::test_bool(true)),
            ("Real", Value::test_float(1.0)),
            ("Bytes", Value::test_binary([1])),
            ("When", date(1_577_934_245_000_000)),
        ]);
        let expected = "<Text>&lt;a&gt; &amp; &quot;b&quot;&#xD;&#xA;</Text><wire></wire><Flag>true</Flag>\
                        <Real>1.0</Real><Bytes>AQ==</Bytes><When>2020-01-02T03:04:05Z</When>";
        assert_eq!(sent(&input), within(expected));
    }

    #[test]
    fn namespaces_and_attributes() {
        let input = record([("Deep", record([("Text", text("t")), ("Kind", text("a\"b"))]))]);
        let expected = "<Deep xmlns:xsi=\"http://x/\" xsi:type=\"a&quot;b\"><Text>t</Text></Deep>";
        assert_eq!(sent(&input), within(expected));
    }

    #[test]
    fn lists_and_maps() {
        let two = || list([text("a"), text("b")]);
        let input = record([
            ("List", two()),
            ("Flat", two()),
            ("Map", record([("k", text("v"))])),
            ("FlatMap", record([("k", text("v"))])),
        ]);
        let expected = "<List><Each>a</Each><Each>b</Each></List><Row>a</Row><Row>b</Row>\
                        <Map><entry><key>k</key><V>v</V></entry></Map><FlatMap><key>k</key><value>v</value></FlatMap>";
        assert_eq!(sent(&input), within(expected));
        assert_eq!(sent(&record([("List", list([]))])), within("<List></List>"));
    }
}
