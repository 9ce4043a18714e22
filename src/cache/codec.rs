//! Nushell's values as MessagePack, without spans, and back with the caller's.
//!
//! Dates, file sizes and durations are extension types; everything else is MessagePack's own.

use chrono::{DateTime, FixedOffset};
use nu_protocol::{Record, Span, Value};
use rmp_serde::MSGPACK_EXT_STRUCT_NAME;
use serde::{
    Deserialize, Serialize, Serializer,
    de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor},
    ser::{Error as _, SerializeMap, SerializeSeq},
};
use std::fmt;

/// Seconds since 1970, nanoseconds and the offset in seconds: 16 bytes.
const DATE: i8 = 1;
/// Bytes: 8 bytes.
const FILESIZE: i8 = 2;
/// Nanoseconds: 8 bytes.
const DURATION: i8 = 3;

/// Levels of lists and records at most, as in the codecs of AWS's protocols.
pub(super) const MAX_DEPTH: usize = 128;

/// A value as bytes.
///
/// # Errors
/// Says what cannot be stored: closures, errors, ranges and other values that are not data, and what is nested deeper
/// than [`MAX_DEPTH`].
pub(super) fn encode(value: &Value) -> Result<Vec<u8>, String> {
    rmp_serde::to_vec(&Plain { value, depth: 0 }).map_err(|error| error.to_string())
}

/// The value of bytes that [`encode`] made, with `span` on every part. What stands behind it is not looked at: the sum of
/// the frame covers it.
pub(super) fn decode(bytes: &[u8], span: Span) -> Result<Value, String> {
    let mut deserializer = rmp_serde::Deserializer::from_read_ref(bytes);
    deserializer.set_max_depth(MAX_DEPTH * 2);
    Seed(span).deserialize(&mut deserializer).map_err(|error| error.to_string())
}

struct Plain<'a> {
    value: &'a Value,
    depth: usize,
}

#[derive(Serialize)]
#[serde(rename = "_ExtStruct")]
struct Extension<'a>((i8, Bytes<'a>));

struct Bytes<'a>(&'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.depth > MAX_DEPTH {
            return Err(S::Error::custom(format!("it is nested deeper than {MAX_DEPTH} levels")));
        }
        let inner = |value| Plain { value, depth: self.depth + 1 };
        match self.value {
            Value::Nothing { .. } => serializer.serialize_unit(),
            Value::Bool { val, .. } => serializer.serialize_bool(*val),
            Value::Int { val, .. } => serializer.serialize_i64(*val),
            Value::Float { val, .. } => serializer.serialize_f64(*val),
            Value::String { val, .. } => serializer.serialize_str(val),
            Value::Binary { val, .. } => serializer.serialize_bytes(val),
            Value::Date { val, .. } => {
                let mut bytes = [0; 16];
                bytes[..8].copy_from_slice(&val.timestamp().to_be_bytes());
                bytes[8..12].copy_from_slice(&val.timestamp_subsec_nanos().to_be_bytes());
                bytes[12..].copy_from_slice(&val.offset().local_minus_utc().to_be_bytes());
                Extension((DATE, Bytes(&bytes))).serialize(serializer)
            }
            Value::Filesize { val, .. } => {
                Extension((FILESIZE, Bytes(&val.get().to_be_bytes()))).serialize(serializer)
            }
            Value::Duration { val, .. } => {
                Extension((DURATION, Bytes(&val.to_be_bytes()))).serialize(serializer)
            }
            Value::List { vals, .. } => {
                let mut list = serializer.serialize_seq(Some(vals.len()))?;
                for value in vals {
                    list.serialize_element(&inner(value))?;
                }
                list.end()
            }
            Value::Record { val, .. } => {
                let mut map = serializer.serialize_map(Some(val.len()))?;
                for (key, value) in val.iter() {
                    map.serialize_entry(key, &inner(value))?;
                }
                map.end()
            }
            other => Err(S::Error::custom(format!("a value of type {} is no data", other.get_type()))),
        }
    }
}

#[derive(Clone, Copy)]
struct Seed(Span);

impl<'de> DeserializeSeed<'de> for Seed {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of Nushell's")
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

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        i64::try_from(value).map(|value| Value::int(value, self.0)).map_err(E::custom)
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::float(value, self.0))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::string(value, self.0))
    }

    fn visit_bytes<E>(self, value: &[u8]) -> Result<Value, E> {
        Ok(Value::binary(value, self.0))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        // A length that lies must not reserve memory.
        let mut values = Vec::with_capacity(list.size_hint().unwrap_or(0).min(4096));
        while let Some(value) = list.next_element_seed(self)? {
            values.push(value);
        }
        Ok(Value::list(values, self.0))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut record = Record::with_capacity(map.size_hint().unwrap_or(0).min(256));
        while let Some(key) = map.next_key::<String>()? {
            record.push(key, map.next_value_seed(self)?);
        }
        Ok(Value::record(record, self.0))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        let (kind, Owned(bytes)) = <(i8, Owned)>::deserialize(deserializer)?;
        let bytes = bytes.as_slice();
        let wrong = || D::Error::custom(format!("{MSGPACK_EXT_STRUCT_NAME} {kind} of {} bytes", bytes.len()));
        match (kind, bytes) {
            (FILESIZE, bytes) => {
                let number = i64::from_be_bytes(bytes.try_into().map_err(|_| wrong())?);
                Ok(Value::filesize(number, self.0))
            }
            (DURATION, bytes) => {
                let number = i64::from_be_bytes(bytes.try_into().map_err(|_| wrong())?);
                Ok(Value::duration(number, self.0))
            }
            (DATE, [seconds @ .., _, _, _, _, _, _, _, _]) if seconds.len() == 8 => {
                date(bytes).map(|date| Value::date(date, self.0)).ok_or_else(wrong)
            }
            _ => Err(wrong()),
        }
    }
}

/// The bytes of an extension, of which none has more than a date.
struct Owned(Vec<u8>);

impl<'de> Deserialize<'de> for Owned {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Copied;

        impl Visitor<'_> for Copied {
            type Value = Owned;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Owned, E> {
                Ok(Owned(bytes.into()))
            }
        }

        deserializer.deserialize_bytes(Copied)
    }
}

fn date(bytes: &[u8]) -> Option<DateTime<FixedOffset>> {
    let (seconds, rest) = bytes.split_first_chunk::<8>()?;
    let (nanos, offset) = rest.split_first_chunk::<4>()?;
    let offset = FixedOffset::east_opt(i32::from_be_bytes(offset.try_into().ok()?))?;
    let date = DateTime::from_timestamp(i64::from_be_bytes(*seconds), u32::from_be_bytes(*nanos))?;
    Some(date.with_timezone(&offset))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    fn any_value() -> impl Strategy<Value = Value> {
        let date = (-8_000_000_000_000_i64..8_000_000_000_000, 0..1_000_000_000_u32, -86_399..86_399_i32);
        let leaf = prop_oneof![
            Just(Value::test_nothing()),
            any::<bool>().prop_map(Value::test_bool),
            any::<i64>().prop_map(Value::test_int),
            any::<f64>()
                .prop_filter("NaN is not itself", |float| !float.is_nan())
                .prop_map(Value::test_float),
            any::<String>().prop_map(Value::test_string),
            any::<Vec<u8>>().prop_map(Value::test_binary),
            any::<i64>().prop_map(Value::test_filesize),
            any::<i64>().prop_map(Value::test_duration),
            date.prop_map(|(seconds, nanos, offset)| {
                let offset = FixedOffset::east_opt(offset).unwrap();
                let date = DateTime::from_timestamp(seconds, nanos).unwrap();
                Value::test_date(date.with_timezone(&offset))
            }),
        ];
        leaf.prop_recursive(4, 64, 8, |inner| {
            prop_oneof![
                vec(inner.clone(), 0..8).prop_map(Value::test_list),
                vec((any::<String>(), inner), 0..8)
                    .prop_map(|pairs| Value::test_record(pairs.into_iter().collect::<Record>())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(value in any_value()) {
            prop_assert_eq!(decode(&encode(&value).unwrap(), Span::test_data()).unwrap(), value);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in any::<Vec<u8>>()) {
            let _ = decode(&bytes, Span::test_data());
        }

        #[test]
        fn damage_is_an_error_or_another_value(
            value in any_value(), place in any::<prop::sample::Index>(), byte in any::<u8>()
        ) {
            let mut bytes = encode(&value).unwrap();
            let place = place.index(bytes.len());
            bytes[place] = byte;
            let _ = decode(&bytes, Span::test_data());
        }
    }

    #[test]
    fn what_is_no_data_is_told() {
        let error = encode(&Value::test_list(vec![Value::test_glob("*")])).unwrap_err();
        assert!(error.contains("type glob is no data"), "{error}");
    }

    #[test]
    fn depth_and_lengths_are_bounded() {
        let nested =
            |levels: usize| (0..levels).fold(Value::test_int(1), |inner, _| Value::test_list(vec![inner]));
        let deepest = nested(MAX_DEPTH);
        assert_eq!(decode(&encode(&deepest).unwrap(), Span::test_data()).unwrap(), deepest);
        assert!(encode(&nested(MAX_DEPTH + 1)).unwrap_err().contains("nested deeper"));
        assert!(decode(&vec![0x91; 100_000], Span::test_data()).is_err());
        // A list, a text and a map of four thousand million.
        for claim in [b"\xdd\xff\xff\xff\xff", b"\xdb\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff"] {
            assert!(decode(claim, Span::test_data()).is_err());
        }
    }
}
