//! Comparing what two writers may spell differently: URIs, forms, JSON, XML.

use aws_perf::model::Protocol;
use percent_encoding::percent_decode_str;
use quick_xml::{Reader, escape::resolve_xml_entity, events::Event};
use serde_json::Value as Json;

/// The path as it is, and the decoded pairs of the query in a fixed order.
pub(super) fn split_uri(uri: &str) -> (&str, Vec<(String, String)>) {
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    (path, form(query))
}

/// The pairs of a form in a fixed order; those of a signed URL in a value too.
fn form(text: &str) -> Vec<(String, String)> {
    let decode = |text: &str| {
        let text = percent_decode_str(&text.replace('+', " ")).decode_utf8().unwrap().into_owned();
        if text.contains("X-Amz-SignedHeaders=") { format!("{:?}", split_uri(&text)) } else { text }
    };
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    let mut pairs: Vec<_> = pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (decode(key), decode(value)))
        .collect();
    pairs.sort();
    pairs
}

/// How two bodies differ, if they do.
pub(crate) fn difference(protocol: Protocol, ours: &[u8], theirs: &[u8]) -> Option<String> {
    if ours == theirs {
        return None;
    }
    let texts = || (String::from_utf8_lossy(ours), String::from_utf8_lossy(theirs));
    let told = || format!("body {}\n  instead of {}", texts().0, texts().1);
    match protocol {
        Protocol::Query | Protocol::Ec2 => (form(&texts().0) != form(&texts().1)).then(told),
        Protocol::RestXml => (tree(&texts().0) != tree(&texts().1)).then(told),
        Protocol::Cbor => Some(told()),
        _ => match (serde_json::from_slice(ours), serde_json::from_slice(theirs)) {
            (Ok(ours), Ok(theirs)) => json_difference(&ours, &theirs),
            _ => Some(told()),
        },
    }
}

/// The first place where two JSON values differ. Integers and floats of the same number are equal.
pub(super) fn json_difference(ours: &Json, theirs: &Json) -> Option<String> {
    match (ours, theirs) {
        (Json::Object(left), Json::Object(right)) => {
            let keys = left.keys().chain(right.keys().filter(|key| !left.contains_key(*key)));
            keys.into_iter().find_map(|key| {
                let difference = match (left.get(key), right.get(key)) {
                    (Some(left), Some(right)) => json_difference(left, right)?,
                    (None, _) => format!(" is missing instead of {}", right[key]),
                    (_, None) => format!(" should not be there, but is {}", left[key]),
                };
                Some(format!(".{key}{difference}"))
            })
        }
        (Json::Array(left), Json::Array(right)) if left.len() == right.len() => {
            let pairs = left.iter().zip(right).enumerate();
            pairs.into_iter().find_map(|(index, (left, right))| {
                Some(format!("[{index}]{}", json_difference(left, right)?))
            })
        }
        (Json::Number(left), Json::Number(right))
            if left.as_f64() == right.as_f64() && !both_int(left, right) =>
        {
            None
        }
        _ => (ours != theirs).then(|| format!(": {ours} instead of {theirs}")),
    }
}

fn both_int(left: &serde_json::Number, right: &serde_json::Number) -> bool {
    left.is_i64() && right.is_i64()
}

/// An element: name, attributes in a fixed order, text, children.
#[derive(Debug, PartialEq)]
struct Element(String, Vec<(String, String)>, String, Vec<Element>);

/// [`difference`] for writers with another order of XML's elements; equal names keep theirs.
pub(crate) fn difference_in_any_order(protocol: Protocol, ours: &[u8], theirs: &[u8]) -> Option<String> {
    let sorted = |bytes: &[u8]| {
        let mut root = tree(&String::from_utf8_lossy(bytes))?;
        root.sort();
        Some(root)
    };
    if protocol == Protocol::RestXml && sorted(ours) == sorted(theirs) {
        return (ours.is_empty() != theirs.is_empty()).then(|| "has a body on one side only".into());
    }
    difference(protocol, ours, theirs)
}

impl Element {
    fn sort(&mut self) {
        self.3.sort_by(|left, right| left.0.cmp(&right.0));
        self.3.iter_mut().for_each(Element::sort);
    }
}

fn tree(xml: &str) -> Option<Element> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().expand_empty_elements = true;
    let mut stack = vec![Element(String::new(), Vec::new(), String::new(), Vec::new())];
    loop {
        let text = match reader.read_event().ok()? {
            Event::Start(open) => {
                let name = String::from_utf8_lossy(open.name().as_ref()).into_owned();
                let mut attributes: Vec<(String, String)> = open
                    .attributes()
                    .map(|attribute| attribute.unwrap())
                    .map(|attribute| {
                        let name = String::from_utf8_lossy(attribute.key.as_ref()).into_owned();
                        (name, attribute.unescape_value().unwrap().into_owned())
                    })
                    .collect();
                attributes.sort();
                stack.push(Element(name, attributes, String::new(), Vec::new()));
                continue;
            }
            Event::End(_) => {
                let element = stack.pop()?;
                stack.last_mut()?.3.push(element);
                continue;
            }
            Event::Text(text) => text.decode().unwrap().into_owned(),
            Event::GeneralRef(entity) => match entity.resolve_char_ref().unwrap() {
                Some(letter) => letter.to_string(),
                None => resolve_xml_entity(&entity.decode().unwrap())?.to_owned(),
            },
            Event::Eof => return stack.pop()?.3.pop(),
            _ => continue,
        };
        stack.last_mut()?.2.push_str(&text);
    }
}
