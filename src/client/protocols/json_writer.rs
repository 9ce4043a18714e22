//! JSON bodies, written straight from canonical input.

use super::{
    names,
    plain_json::Plain,
    text::{base64, float, misfit, timestamp_format},
    timestamps,
};
use crate::{
    error::{Error, Result},
    model::{Kind, Location, Member, Service, Shape, Structure, TimestampFormat},
};
use nu_protocol::{Record, Value};
use serde::{
    Serialize, Serializer,
    ser::{Error as _, SerializeMap, SerializeSeq},
};
use std::cell::RefCell;

/// The members of `structure` that belong into the body.
pub(super) fn structure(service: &Service, structure: &Structure, record: &Record) -> Result<Vec<u8>> {
    let writing = Writing::new(service);
    writing.finish(&Members { writing: &writing, structure, record, root: true })
}

/// One member that is the whole body.
pub(super) fn member(service: &Service, member: &Member, value: &Value) -> Result<Vec<u8>> {
    let writing = Writing::new(service);
    writing.finish(&Node { writing: &writing, member, value })
}

struct Writing<'a> {
    service: &'a Service,
    // serde's errors carry text only; the error with its span travels here.
    failure: RefCell<Option<Error>>,
}

impl<'a> Writing<'a> {
    fn new(service: &'a Service) -> Self {
        Self { service, failure: RefCell::new(None) }
    }

    fn finish(&self, body: &impl Serialize) -> Result<Vec<u8>> {
        serde_json::to_vec(body).map_err(|error| {
            self.failure
                .take()
                .unwrap_or_else(|| Error::invalid(format!("a parameter has no JSON form: {error}")))
        })
    }

    fn fail<E: serde::ser::Error>(&self, error: Error) -> E {
        let told = E::custom(&error);
        *self.failure.borrow_mut() = Some(error);
        told
    }
}

struct Members<'a> {
    writing: &'a Writing<'a>,
    structure: &'a Structure,
    record: &'a Record,
    // Only members of the input itself travel outside of the body.
    root: bool,
}

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, writer: S) -> Result<S::Ok, S::Error> {
        let mut map = writer.serialize_map(None)?;
        for (name, value) in self.record {
            let Some((_, member)) = self.structure.member(name) else {
                let error = Error::invalid(format!("there is no member {name}")).at(value.span());
                return Err(self.writing.fail(error));
            };
            let elsewhere = self.root && member.location != Location::Body;
            if !elsewhere && !matches!(value, Value::Nothing { .. }) {
                let node = Node { writing: self.writing, member, value };
                map.serialize_entry(names::plain(self.writing.service, member), &node)?;
            }
        }
        map.end()
    }
}

struct Node<'a> {
    writing: &'a Writing<'a>,
    member: &'a Member,
    value: &'a Value,
}

impl<'a> Node<'a> {
    fn of(&self, member: &'a Member, value: &'a Value) -> Self {
        Node { writing: self.writing, member, value }
    }

    fn timestamp<S: Serializer>(
        &self,
        shape: &Shape,
        moment: &timestamps::Moment,
        writer: S,
    ) -> Result<S::Ok, S::Error> {
        let format = timestamp_format(self.member, shape, TimestampFormat::Epoch);
        if format != TimestampFormat::Epoch {
            return writer.serialize_str(&timestamps::format(moment, format));
        }
        if moment.timestamp_subsec_micros() == 0 {
            return writer.serialize_i64(moment.timestamp());
        }
        // The double that is nearest to the decimal text prints as that very text.
        let seconds = timestamps::epoch(moment).parse::<f64>().map_err(S::Error::custom)?;
        writer.serialize_f64(seconds)
    }
}

impl Serialize for Node<'_> {
    fn serialize<S: Serializer>(&self, writer: S) -> Result<S::Ok, S::Error> {
        let Some(shape) = self.writing.service.target(self.member) else {
            return Err(S::Error::custom("the model has no such shape"));
        };
        match (&shape.kind, self.value) {
            (Kind::Document, value) => Plain(value).serialize(writer),
            (_, Value::Nothing { .. }) => writer.serialize_unit(),
            (Kind::Structure(structure), Value::Record { val, .. }) => {
                Members { writing: self.writing, structure, record: val, root: false }.serialize(writer)
            }
            (Kind::List { member, .. }, Value::List { vals, .. }) => {
                let mut sequence = writer.serialize_seq(Some(vals.len()))?;
                for value in vals {
                    sequence.serialize_element(&self.of(member, value))?;
                }
                sequence.end()
            }
            (Kind::Map { value: member, .. }, Value::Record { val, .. }) => {
                let mut map = writer.serialize_map(Some(val.len()))?;
                for (key, value) in val.iter() {
                    map.serialize_entry(key, &self.of(member, value))?;
                }
                map.end()
            }
            (Kind::String { .. }, Value::String { val, .. }) => writer.serialize_str(val),
            (Kind::Integer(_) | Kind::Long(_) | Kind::Float(_) | Kind::Double(_), Value::Int { val, .. }) => {
                writer.serialize_i64(*val)
            }
            (Kind::Float(_) | Kind::Double(_), Value::Float { val, .. }) if val.is_finite() => {
                writer.serialize_f64(*val)
            }
            (Kind::Float(_) | Kind::Double(_), Value::Float { val, .. }) => {
                writer.serialize_str(&float(*val))
            }
            (Kind::Boolean, Value::Bool { val, .. }) => writer.serialize_bool(*val),
            (Kind::Blob { .. }, Value::Binary { val, .. }) => writer.serialize_str(&base64(val)),
            (Kind::Timestamp(_), Value::Date { val, .. }) => self.timestamp(shape, val, writer),
            _ => Err(self.writing.fail(misfit(self.member, shape, self.value))),
        }
    }
}
