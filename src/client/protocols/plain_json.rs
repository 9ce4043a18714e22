//! JSON without a model: documents, JSON within headers, policies.

use nu_protocol::{Record, Span, Value};
use serde::{
    Deserializer, Serialize, Serializer,
    de::{DeserializeSeed, MapAccess, SeqAccess, Visitor},
    ser::{Error as _, SerializeMap, SerializeSeq},
};
use std::{collections::HashMap, fmt};

/// Reads a whole text. Numbers beyond 64 bits become floats.
pub(super) fn parse(text: &[u8], span: Span) -> Result<Value, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let value = Any(span).deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// Reads any JSON value.
#[derive(Clone, Copy)]
pub(super) struct Any(pub(super) Span);

impl<'de> DeserializeSeed<'de> for Any {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Any {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::nothing(self.0))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::bool(value, self.0))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::int(value, self.0))
    }

    // Beyond i64 no number of Nushell holds all digits, so they stay as text.
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(i64::try_from(value)
            .map_or_else(|_| Value::string(value.to_string(), self.0), |value| Value::int(value, self.0)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::float(value, self.0))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::string(value, self.0))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::string(value, self.0))
    }

    // CBOR has bytes, JSON has not.
    fn visit_bytes<E>(self, value: &[u8]) -> Result<Value, E> {
        Ok(Value::binary(value, self.0))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = sequence.next_element_seed(self)? {
            values.push(value);
        }
        Ok(Value::list(values, self.0))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Entries::default();
        while let Some(key) = map.next_key::<String>()? {
            entries.put(key, map.next_value_seed(self)?);
        }
        Ok(Value::record(entries.finish(), self.0))
    }
}

/// A record with free keys under construction; of equal keys the last one counts.
#[derive(Default)]
pub(super) struct Entries {
    record: Record,
    // Only for large maps: below this size a scan is faster than hashing.
    places: HashMap<String, usize>,
}

impl Entries {
    const SCANNED: usize = 32;

    pub(super) fn put(&mut self, key: String, value: Value) {
        let length = self.record.len();
        if length < Self::SCANNED {
            self.record.insert(key, value);
            return;
        }
        if self.places.is_empty() {
            let known = self.record.columns().enumerate();
            self.places = known.map(|(place, key)| (key.clone(), place)).collect();
        }
        if let Some((_, earlier)) = self.places.get(&key).and_then(|place| self.record.get_index_mut(*place))
        {
            *earlier = value;
        } else {
            self.places.insert(key.clone(), length);
            self.record.push(key, value);
        }
    }

    pub(super) fn finish(self) -> Record {
        self.record
    }
}

/// Writes a value as JSON: datetimes as ISO 8601, binaries as base64, sizes and durations as numbers.
pub(super) struct Plain<'a>(pub(super) &'a Value);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, writer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Nothing { .. } => writer.serialize_unit(),
            Value::Bool { val, .. } => writer.serialize_bool(*val),
            Value::Int { val, .. } | Value::Duration { val, .. } => writer.serialize_i64(*val),
            Value::Float { val, .. } => writer.serialize_f64(*val),
            Value::Filesize { val, .. } => writer.serialize_i64(val.get()),
            Value::String { val, .. } | Value::Glob { val, .. } => writer.serialize_str(val),
            Value::Date { val, .. } => {
                let format = crate::model::TimestampFormat::Iso8601;
                writer.serialize_str(&super::timestamps::format(val, format))
            }
            Value::Binary { val, .. } => writer.serialize_str(&super::text::base64(val)),
            Value::List { vals, .. } => {
                let mut sequence = writer.serialize_seq(Some(vals.len()))?;
                for value in vals {
                    sequence.serialize_element(&Plain(value))?;
                }
                sequence.end()
            }
            Value::Record { val, .. } => {
                let mut map = writer.serialize_map(Some(val.len()))?;
                for (key, value) in val.iter() {
                    map.serialize_entry(key, &Plain(value))?;
                }
                map.end()
            }
            other => Err(S::Error::custom(format!("a {} has no JSON form", other.get_type()))),
        }
    }
}
