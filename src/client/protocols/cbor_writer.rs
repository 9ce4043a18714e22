//! CBOR bodies (RFC 8949), written straight from canonical input.

use super::{names, text::misfit, timestamps::Moment};
use crate::{
    error::{Error, Result},
    model::{Kind, Member, Service, Structure},
};
use nu_protocol::{Record, Value};

/// Major types, in the upper three bits of a head.
const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;

const FALSE: u8 = 0xf4;
const TRUE: u8 = 0xf5;
const NULL: u8 = 0xf6;
const HALF: u8 = 0xf9;
const SINGLE: u8 = 0xfa;
const DOUBLE: u8 = 0xfb;
/// Tag 1: seconds since 1970.
const EPOCH: u8 = 0xc1;

/// Writes a structure as a map.
pub(super) fn write(service: &Service, structure: &Structure, record: &Record) -> Result<Vec<u8>> {
    let mut writer = Writer { service, body: Vec::with_capacity(256) };
    writer.structure(structure, record)?;
    Ok(writer.body)
}

struct Writer<'a> {
    service: &'a Service,
    body: Vec<u8>,
}

impl Writer<'_> {
    fn structure(&mut self, structure: &Structure, record: &Record) -> Result<()> {
        let told = |value: &Value| !matches!(value, Value::Nothing { .. });
        self.head(MAP, record.values().filter(|value| told(value)).count() as u64);
        for (name, value) in record {
            let Some((_, member)) = structure.member(name) else {
                return Err(Error::invalid(format!("there is no member {name}")).at(value.span()));
            };
            if told(value) {
                self.text(names::plain(self.service, member));
                self.value(member, value)?;
            }
        }
        Ok(())
    }

    fn value(&mut self, member: &Member, value: &Value) -> Result<()> {
        let Some(shape) = self.service.target(member) else {
            return Err(Error::invalid(format!("the model has no shape for {}", member.name)));
        };
        match (&shape.kind, value) {
            (_, Value::Nothing { .. }) => self.body.push(NULL),
            (Kind::Structure(structure), Value::Record { val, .. }) => self.structure(structure, val)?,
            (Kind::List { member, .. }, Value::List { vals, .. }) => {
                self.head(ARRAY, vals.len() as u64);
                vals.iter().try_for_each(|value| self.value(member, value))?;
            }
            (Kind::Map { value: member, .. }, Value::Record { val, .. }) => {
                self.head(MAP, val.len() as u64);
                for (key, value) in val.iter() {
                    self.text(key);
                    self.value(member, value)?;
                }
            }
            (Kind::String { .. }, Value::String { val, .. }) => self.text(val),
            (Kind::Integer(_) | Kind::Long(_), Value::Int { val, .. }) => self.integer(*val),
            #[expect(clippy::cast_precision_loss, reason = "the model says that it is a float")]
            (Kind::Float(_) | Kind::Double(_), Value::Int { val, .. }) => self.double(*val as f64),
            #[expect(clippy::cast_possible_truncation, reason = "the model says that it has 32 bits")]
            (Kind::Float(_), Value::Float { val, .. }) if val.is_finite() => {
                self.body.push(SINGLE);
                self.body.extend((*val as f32).to_be_bytes());
            }
            (Kind::Float(_) | Kind::Double(_), Value::Float { val, .. }) => self.double(*val),
            (Kind::Boolean, Value::Bool { val, .. }) => self.body.push(if *val { TRUE } else { FALSE }),
            (Kind::Blob { .. }, Value::Binary { val, .. }) => {
                self.head(BYTES, val.len() as u64);
                self.body.extend_from_slice(val);
            }
            (Kind::Timestamp(_), Value::Date { val, .. }) => self.timestamp(val),
            _ => return Err(misfit(member, shape, value)),
        }
        Ok(())
    }

    fn head(&mut self, major: u8, argument: u64) {
        let major = major << 5;
        let bytes = argument.to_be_bytes();
        // The shortest of the four widths that holds the argument.
        let (info, width) = match argument {
            0..=23 => (bytes[7], 0),
            24..=0xff => (24, 1),
            0x100..=0xffff => (25, 2),
            0x1_0000..=0xffff_ffff => (26, 4),
            _ => (27, 8),
        };
        self.body.push(major | info);
        self.body.extend(bytes.iter().skip(8 - width));
    }

    fn text(&mut self, text: &str) {
        self.head(TEXT, text.len() as u64);
        self.body.extend_from_slice(text.as_bytes());
    }

    fn integer(&mut self, number: i64) {
        match u64::try_from(number) {
            Ok(number) => self.head(UNSIGNED, number),
            // -1 - number, which cannot overflow.
            Err(_) => self.head(NEGATIVE, (!number).unsigned_abs()),
        }
    }

    /// What no number is fits into the shortest float.
    fn double(&mut self, number: f64) {
        let half: Option<u16> = match number {
            number if number.is_nan() => Some(0x7e00),
            f64::INFINITY => Some(0x7c00),
            f64::NEG_INFINITY => Some(0xfc00),
            _ => None,
        };
        if let Some(bits) = half {
            self.body.push(HALF);
            self.body.extend(bits.to_be_bytes());
        } else {
            self.body.push(DOUBLE);
            self.body.extend(number.to_be_bytes());
        }
    }

    fn timestamp(&mut self, moment: &Moment) {
        self.body.push(EPOCH);
        let micros = moment.timestamp_micros();
        if micros % 1_000_000 == 0 {
            self.integer(micros / 1_000_000);
        } else {
            #[expect(clippy::cast_precision_loss, reason = "exact up to the year 2255")]
            self.double(micros as f64 / 1e6);
        }
    }
}
