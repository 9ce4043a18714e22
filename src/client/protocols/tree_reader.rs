//! Values out of whatever serde can read, as shapes say: JSON and CBOR answers.

use super::{
    names,
    plain_json::{Any, Entries},
    reading::{Fields, Reading, body_member, noun},
    text, timestamps, units,
};
use crate::model::{Kind, Member, Shape, Structure};
use nu_protocol::{Record, Value};
use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use std::{borrow::Cow, fmt};

/// Reads an object that holds the members of `structure`.
pub(super) fn structure<'de, D: Deserializer<'de>>(
    reading: &Reading<'_>,
    structure: &Structure,
    reader: D,
) -> Result<Record, D::Error> {
    reader.deserialize_map(Members { reading, structure })
}

/// Reads one member.
pub(super) fn member<'de, D: Deserializer<'de>>(
    reading: &Reading<'_>,
    member: &Member,
    reader: D,
) -> Result<Value, D::Error> {
    let shape = reading.target(member).map_err(D::Error::custom)?;
    Node { reading, member, shape }.deserialize(reader)
}

/// Reads an object as a structure.
struct Members<'a, 'r> {
    reading: &'r Reading<'a>,
    structure: &'r Structure,
}

impl<'de> Visitor<'de> for Members<'_, '_> {
    type Value = Record;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Record, A::Error> {
        let reading = self.reading;
        let mut fields = Fields::new(self.structure.members.len());
        let mut unknown = None;
        let mut from = 0;
        while let Some(found) = map.next_key_seed(Key { reading, structure: self.structure, from })? {
            let (index, member) = match found {
                Found::Member(index, member) => (index, member),
                Found::Unknown(name) => {
                    let value: Option<IgnoredAny> = map.next_value()?;
                    unknown = unknown.or(name.filter(|_| value.is_some()));
                    continue;
                }
            };
            from = index + 1;
            let shape = reading.target(member).map_err(A::Error::custom)?;
            let value = map.next_value_seed(Node { reading, member, shape });
            let value = reading.inside(&member.name, value)?;
            if !matches!(value, Value::Nothing { .. }) {
                fields.put(index, &member.name, value);
            }
        }
        Ok(fields.finish(self.structure, unknown, reading.span))
    }
}

/// Finds the member behind an object's key, without keeping the key.
struct Key<'a, 'r> {
    reading: &'r Reading<'a>,
    structure: &'r Structure,
    from: usize,
}

enum Found<'r> {
    Member(usize, &'r Member),
    // The name is kept only where a union may have to tell it.
    Unknown(Option<Cow<'static, str>>),
}

impl<'de, 'r> DeserializeSeed<'de> for Key<'_, 'r> {
    type Value = Found<'r>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Found<'r>, D::Error> {
        reader.deserialize_str(self)
    }
}

impl<'r> Visitor<'_> for Key<'_, 'r> {
    type Value = Found<'r>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Found<'r>, E> {
        let wire = |member| names::plain(self.reading.service, member);
        Ok(match body_member(self.structure, self.from, key.as_bytes(), wire) {
            Some((index, member)) => Found::Member(index, member),
            None => {
                Found::Unknown((self.structure.union && key != "__type").then(|| Cow::Owned(key.to_owned())))
            }
        })
    }
}

/// Reads a value as its shape says. AWS does not always send what the model says, so scalars of another kind are
/// taken as they are; only structures, lists, maps, blobs and timestamps insist.
struct Node<'a, 'r> {
    reading: &'r Reading<'a>,
    member: &'r Member,
    shape: &'r Shape,
}

impl Node<'_, '_> {
    fn plain(&self) -> Any {
        Any(self.reading.span)
    }

    fn is_container(&self) -> bool {
        matches!(self.shape.kind, Kind::Structure(_) | Kind::List { .. } | Kind::Map { .. })
    }

    fn misfit<E: Error>(&self, found: &str) -> E {
        E::custom(format!("{} expected, found {found}", noun(&self.shape.kind)))
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_, '_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        let (reading, unit) = (self.reading, self.member.unit);
        let value = reader.deserialize_any(self)?;
        Ok(match unit {
            Some(unit) if reading.typed => units::convert(reading, unit, value),
            _ => value,
        })
    }
}

impl<'de> Visitor<'de> for Node<'_, '_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(noun(&self.shape.kind))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::nothing(self.reading.span))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        if self.is_container() || matches!(self.shape.kind, Kind::Timestamp(_) | Kind::Blob { .. }) {
            return Err(self.misfit("a boolean"));
        }
        Ok(Value::bool(value, self.reading.span))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        let span = self.reading.span;
        match self.shape.kind {
            Kind::Timestamp(_) => match timestamps::from_seconds(value) {
                Some(moment) => Ok(Value::date(moment, span)),
                None => Err(self.misfit("a number out of range")),
            },
            #[expect(clippy::cast_precision_loss, reason = "the model says that it is a float")]
            Kind::Float(_) | Kind::Double(_) => Ok(Value::float(value as f64, span)),
            Kind::Structure(_) | Kind::List { .. } | Kind::Map { .. } | Kind::Blob { .. } => {
                Err(self.misfit("a number"))
            }
            _ => Ok(Value::int(value, span)),
        }
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        match i64::try_from(value) {
            Ok(value) => self.visit_i64(value),
            #[expect(clippy::cast_precision_loss, reason = "the model says that it is a float")]
            Err(_) if matches!(self.shape.kind, Kind::Float(_) | Kind::Double(_)) => {
                Ok(Value::float(value as f64, self.reading.span))
            }
            Err(_) if self.is_container() => Err(self.misfit("a number")),
            Err(_) => self.plain().visit_u64(value),
        }
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        match self.shape.kind {
            Kind::Timestamp(_) => match timestamps::from_float(value) {
                Some(moment) => Ok(Value::date(moment, self.reading.span)),
                None => Err(self.misfit("a number out of range")),
            },
            Kind::Structure(_) | Kind::List { .. } | Kind::Map { .. } | Kind::Blob { .. } => {
                Err(self.misfit("a number"))
            }
            Kind::Integer(_) | Kind::Long(_) => Ok(text::number_of(value, self.reading)),
            _ => Ok(Value::float(value, self.reading.span)),
        }
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        let read = match self.shape.kind {
            // "1", "true", "NaN": numbers and booleans as text; other text stays what it is.
            Kind::Integer(_) | Kind::Long(_) => text::integer(value, self.reading),
            Kind::Float(_) | Kind::Double(_) => {
                value.parse().ok().map(|number| Value::float(number, self.reading.span))
            }
            Kind::Boolean if value.eq_ignore_ascii_case("true") => Some(Value::bool(true, self.reading.span)),
            Kind::Boolean if value.eq_ignore_ascii_case("false") => {
                Some(Value::bool(false, self.reading.span))
            }
            Kind::Blob { .. } | Kind::Timestamp(_) => {
                let read = text::read(self.reading, self.shape, Cow::Borrowed(value)).map_err(E::custom)?;
                return Ok(read.unwrap_or_else(|| Value::nothing(self.reading.span)));
            }
            Kind::Structure(_) | Kind::List { .. } | Kind::Map { .. } => return Err(self.misfit("a string")),
            Kind::String { .. } | Kind::Document | Kind::Boolean => None,
        };
        Ok(read.unwrap_or_else(|| Value::string(value, self.reading.span)))
    }

    fn visit_bytes<E: Error>(self, value: &[u8]) -> Result<Value, E> {
        match self.shape.kind {
            Kind::Blob { .. } => Ok(Value::binary(value, self.reading.span)),
            _ => Err(self.misfit("bytes")),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let reading = self.reading;
        let member = match &self.shape.kind {
            Kind::List { member, .. } => member,
            Kind::Structure(_) | Kind::Map { .. } | Kind::Blob { .. } | Kind::Timestamp(_) => {
                return Err(self.misfit("a list"));
            }
            _ => return self.plain().visit_seq(sequence),
        };
        let shape = reading.target(member).map_err(A::Error::custom)?;
        let mut values = Vec::new();
        loop {
            let next = sequence.next_element_seed(Node { reading, member, shape });
            match reading.inside(format_args!("[{}]", values.len()), next)? {
                Some(value) => values.push(value),
                None => return Ok(Value::list(values, reading.span)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let reading = self.reading;
        match &self.shape.kind {
            Kind::Structure(structure) => {
                let record = Members { reading, structure }.visit_map(map)?;
                Ok(Value::record(record, reading.span))
            }
            Kind::Map { value: member, .. } => {
                let shape = reading.target(member).map_err(A::Error::custom)?;
                let mut entries = Entries::default();
                while let Some(key) = map.next_key::<String>()? {
                    let value = map.next_value_seed(Node { reading, member, shape });
                    let value = reading.inside(&key, value)?;
                    entries.put(key, value);
                }
                Ok(Value::record(entries.finish(), reading.span))
            }
            Kind::List { .. } | Kind::Blob { .. } | Kind::Timestamp(_) => Err(self.misfit("an object")),
            _ => self.plain().visit_map(map),
        }
    }
}
