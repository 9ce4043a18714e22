//! XML answers of restXml, awsQuery and ec2Query, read in one pass straight into values.

use super::{
    names,
    plain_json::Entries,
    reading::{Fields, Read, Reading, body_member, noun},
    text, units,
    xml_tokens::{Token, Tokens},
};
use crate::model::{Flags, Kind, Member, Operation, Protocol, Shape, Structure};
use nu_protocol::{Record, Value};
use quick_xml::events::BytesStart;
use std::borrow::Cow;

/// The answer of a query operation: the output stands in a wrapper beside the request id. ec2 has no wrapper.
pub(super) fn decode_result(reading: &Reading<'_>, operation: &Operation, body: &[u8]) -> Read<Record> {
    let Some(structure) = operation.output.and_then(|id| reading.service.structure(id)) else {
        return Ok(Record::new());
    };
    let mut walk = Walk { reading, xml: Tokens::new(body) };
    let Some(root) = walk.xml.root()? else { return Err("the answer is empty".into()) };
    let wrapper = operation.result_wrapper.as_deref();
    let Some(wrapper) = wrapper.filter(|_| reading.service.meta.protocol == Protocol::Query) else {
        let record = walk.structure(structure, &root)?;
        walk.xml.end()?;
        return Ok(record);
    };
    let mut record = None;
    loop {
        match walk.xml.next()? {
            Token::Open(open) if open.local_name().as_ref() == wrapper.as_bytes() && record.is_none() => {
                record = Some(walk.structure(structure, &open)?);
            }
            Token::Open(_) => walk.xml.skip()?,
            Token::Text(_) => {}
            Token::Close => break,
        }
    }
    walk.xml.end()?;
    record.ok_or_else(|| format!("there is no {wrapper} in it").into())
}

/// A document whose root is a structure, whatever its name; an empty body holds nothing.
pub(super) fn document(reading: &Reading<'_>, structure: &Structure, body: &[u8]) -> Read<Record> {
    let mut walk = Walk { reading, xml: Tokens::new(body) };
    let Some(root) = walk.xml.root()? else { return Ok(Record::new()) };
    let record = walk.structure(structure, &root)?;
    walk.xml.end()?;
    Ok(record)
}

/// The structure behind the first `Error` element: it is the root or below `ErrorResponse`, `Response` or `Errors`.
pub(super) fn error(reading: &Reading<'_>, structure: &Structure, body: &[u8]) -> Read<Record> {
    let mut walk = Walk { reading, xml: Tokens::new(body) };
    let Some(root) = walk.xml.root()? else { return Ok(Record::new()) };
    let mut open = root;
    loop {
        match open.local_name().as_ref() {
            b"Error" => return walk.structure(structure, &open),
            b"ErrorResponse" | b"Response" | b"Errors" => {}
            _ => walk.xml.skip()?,
        }
        open = loop {
            match walk.xml.next() {
                Ok(Token::Open(next)) => break next,
                Ok(_) => {}
                // The end: no error element anywhere.
                Err(_) => return Ok(Record::new()),
            }
        };
    }
}

/// The text of the root element.
pub(super) fn root_text(body: &[u8]) -> Read<String> {
    let mut xml = Tokens::new(body);
    match xml.root()? {
        Some(_) => xml.text().map(Cow::into_owned),
        None => Ok(String::new()),
    }
}

struct Walk<'r, 'b> {
    reading: &'r Reading<'r>,
    xml: Tokens<'b>,
}

impl Walk<'_, '_> {
    /// The structure whose element was just opened.
    fn structure(&mut self, structure: &Structure, open: &BytesStart<'_>) -> Read<Record> {
        let reading = self.reading;
        let mut fields = Fields::new(structure.members.len());
        if !open.attributes_raw().is_empty() {
            self.attributes(structure, open, &mut fields)?;
        }
        let wire = |member| names::in_xml_answer(reading.service, member);
        let mut unknown = None;
        let mut from = 0;
        loop {
            match self.xml.next()? {
                Token::Close => break,
                Token::Text(_) => {}
                Token::Open(open) => {
                    let name = open.local_name();
                    if let Some((index, member)) = body_member(structure, from, name.as_ref(), wire) {
                        from = index + 1;
                        let read = self.member(index, member, &open, &mut fields);
                        reading.inside(&member.name, read)?;
                    } else {
                        if structure.union && unknown.is_none() {
                            unknown = Some(String::from_utf8_lossy(name.as_ref()).into_owned());
                        }
                        self.xml.skip()?;
                    }
                }
            }
        }
        Ok(fields.finish(structure, unknown.map(Cow::Owned), reading.span))
    }

    fn attributes(&mut self, structure: &Structure, open: &BytesStart<'_>, fields: &mut Fields) -> Read<()> {
        let service = self.reading.service;
        for (index, member) in structure.members.iter().enumerate() {
            if !member.flags.has(Flags::XML_ATTRIBUTE) {
                continue;
            }
            let wanted = local(names::plain(service, member));
            for attribute in open.attributes().flatten() {
                if attribute.key.local_name().as_ref() == wanted.as_bytes() {
                    let text = attribute.unescape_value().map_err(|error| error.to_string())?;
                    fields.put(index, &member.name, Value::string(text, self.reading.span));
                    break;
                }
            }
        }
        Ok(())
    }

    fn member(
        &mut self,
        index: usize,
        member: &Member,
        open: &BytesStart<'_>,
        fields: &mut Fields,
    ) -> Read<()> {
        let reading = self.reading;
        let shape = reading.target(member)?;
        match &shape.kind {
            Kind::List { member: element, .. } if names::is_flattened(member, &shape.kind) => {
                let value = self.element(element, reading.target(element)?, open)?;
                fields.append(index, &member.name, value, reading.span);
            }
            Kind::Map { key, value, .. } if names::is_flattened(member, &shape.kind) => {
                if let Some((key, value)) = self.entry(key, value)?
                    && let Some(entries) = fields.entries(index, &member.name, reading.span)
                {
                    entries.insert(key, value);
                }
            }
            _ => {
                if let Some(value) = self.value(member, shape, open)? {
                    fields.put(index, &member.name, value);
                }
            }
        }
        Ok(())
    }

    /// The value of the element that was just opened; `None` where an empty element says nothing.
    fn value(&mut self, member: &Member, shape: &Shape, open: &BytesStart<'_>) -> Read<Option<Value>> {
        let reading = self.reading;
        let value = match &shape.kind {
            Kind::Structure(structure) => Some(Value::record(self.structure(structure, open)?, reading.span)),
            Kind::List { member, .. } => Some(self.list(member)?),
            Kind::Map { key, value, .. } => Some(self.map(key, value)?),
            _ => text::read(reading, shape, self.xml.text()?)?,
        };
        Ok(match (member.unit, value) {
            (Some(unit), Some(value)) if reading.typed => Some(units::convert(reading, unit, value)),
            (_, value) => value,
        })
    }

    fn element(&mut self, member: &Member, shape: &Shape, open: &BytesStart<'_>) -> Read<Value> {
        Ok(self.value(member, shape, open)?.unwrap_or_else(|| Value::nothing(self.reading.span)))
    }

    /// Every child of a list is an element, whatever its name.
    fn list(&mut self, member: &Member) -> Read<Value> {
        let reading = self.reading;
        let shape = reading.target(member)?;
        let mut values = Vec::new();
        loop {
            match self.xml.next()? {
                Token::Close => return Ok(Value::list(values, reading.span)),
                Token::Text(text) => refuse_text(&text, shape)?,
                Token::Open(open) => {
                    let value = self.element(member, shape, &open);
                    values.push(reading.inside(format_args!("[{}]", values.len()), value)?);
                }
            }
        }
    }

    /// Every child of a map is an entry, whatever its name.
    fn map(&mut self, key: &Member, value: &Member) -> Read<Value> {
        let mut entries = Entries::default();
        loop {
            match self.xml.next()? {
                Token::Close => return Ok(Value::record(entries.finish(), self.reading.span)),
                Token::Text(_) => {}
                Token::Open(_) => {
                    if let Some((key, value)) = self.entry(key, value)? {
                        entries.put(key, value);
                    }
                }
            }
        }
    }

    /// A key and its value, in either order; `None` where one of them is missing.
    fn entry(&mut self, key: &Member, value: &Member) -> Read<Option<(String, Value)>> {
        let reading = self.reading;
        let key_name = names::plain(reading.service, key);
        let value_name = names::plain(reading.service, value);
        let shape = reading.target(value)?;
        let (mut found_key, mut found_value) = (None, None);
        loop {
            match self.xml.next()? {
                Token::Close => return Ok(found_key.zip(found_value)),
                Token::Text(_) => {}
                Token::Open(open) => {
                    let name = open.local_name();
                    if name.as_ref() == key_name.as_bytes() {
                        found_key = Some(self.xml.text()?.into_owned());
                    } else if name.as_ref() == value_name.as_bytes() {
                        let read = self.element(value, shape, &open);
                        let step = found_key.as_deref().unwrap_or(value_name);
                        found_value = Some(reading.inside(step, read)?);
                    } else {
                        self.xml.skip()?;
                    }
                }
            }
        }
    }
}

/// A list that holds text is no list: the shape and the answer disagree.
fn refuse_text(text: &str, shape: &Shape) -> Read<()> {
    if text.trim().is_empty() {
        return Ok(());
    }
    Err(format!("a list of {} expected, found text", noun(&shape.kind)).into())
}

/// The part of a name behind its prefix.
fn local(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, local)| local)
}

#[cfg(test)]
mod tests;
