//! Scalars as text: in headers, queries, labels and XML.

use super::{
    reading::{Read, Reading, noun},
    timestamps,
};
use crate::{
    error::{Error, Result},
    model::{Kind, Member, Shape, TimestampFormat},
};
use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose},
};
use nu_protocol::Value;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::borrow::Cow;

/// All but RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// The same for labels that may hold several segments.
const RESERVED_BUT_SLASH: &AsciiSet = &RESERVED.remove(b'/');

/// botocore's decoder takes missing padding and stray bits from nobody, but it skips line breaks; services send both.
const TOLERANT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Appends `text` percent-encoded, as queries and labels need it.
pub(super) fn push_encoded(target: &mut String, text: &str) {
    target.extend(utf8_percent_encode(text, RESERVED));
}

/// The same, but slashes stay.
pub(super) fn push_encoded_path(target: &mut String, text: &str) {
    target.extend(utf8_percent_encode(text, RESERVED_BUT_SLASH));
}

/// Bytes as base64.
pub(super) fn base64(bytes: &[u8]) -> String {
    general_purpose::STANDARD.encode(bytes)
}

/// Base64 as bytes; white space between is skipped.
pub(super) fn from_base64(text: &str) -> Option<Vec<u8>> {
    TOLERANT.decode(text).ok().or_else(|| {
        let dense: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        TOLERANT.decode(dense).ok()
    })
}

/// A float as Python and the AWS SDKs write it: `1.0`, `NaN`, `-Infinity`.
pub(super) fn float(number: f64) -> String {
    if number.is_nan() {
        "NaN".into()
    } else if number.is_infinite() {
        if number > 0.0 { "Infinity".into() } else { "-Infinity".into() }
    } else {
        let text = format!("{number:?}");
        // Rust writes 1e16 and 1e-7 where Python writes 1e+16 and 1e-07.
        match text.split_once('e') {
            Some((mantissa, exponent)) => {
                let (sign, digits) =
                    exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
                format!("{mantissa}e{sign}{digits:0>2}")
            }
            None => text,
        }
    }
}

/// How a member's timestamps are written: as the member says, else its shape, else `default`.
pub(super) fn timestamp_format(member: &Member, shape: &Shape, default: TimestampFormat) -> TimestampFormat {
    let by_shape = match shape.kind {
        Kind::Timestamp(format) => format,
        _ => None,
    };
    member.timestamp.or(by_shape).unwrap_or(default)
}

/// A scalar of canonical input as text.
///
/// # Errors
/// [`crate::error::ErrorKind::InvalidInput`] where the value does not fit the shape.
pub(super) fn write<'v>(
    member: &Member,
    shape: &Shape,
    value: &'v Value,
    default: TimestampFormat,
) -> Result<Cow<'v, str>> {
    Ok(match (&shape.kind, value) {
        (Kind::String { .. }, Value::String { val, .. }) => Cow::Borrowed(val),
        (Kind::Integer(_) | Kind::Long(_) | Kind::Float(_) | Kind::Double(_), Value::Int { val, .. }) => {
            Cow::Owned(val.to_string())
        }
        (Kind::Float(_) | Kind::Double(_), Value::Float { val, .. }) => Cow::Owned(float(*val)),
        (Kind::Boolean, Value::Bool { val, .. }) => Cow::Borrowed(if *val { "true" } else { "false" }),
        (Kind::Blob { .. }, Value::Binary { val, .. }) => Cow::Owned(base64(val)),
        (Kind::Timestamp(_), Value::Date { val, .. }) => {
            Cow::Owned(timestamps::format(val, timestamp_format(member, shape, default)))
        }
        _ => return Err(misfit(member, shape, value)),
    })
}

/// The error of a value that does not fit its shape.
pub(super) fn misfit(member: &Member, shape: &Shape, value: &Value) -> Error {
    let message = format!("{} must be {}, not {}", member.name, noun(&shape.kind), value.get_type());
    Error::invalid(message).at(value.span())
}

/// A scalar of an answer. `None` where a number or a timestamp is empty: the answer says nothing then.
pub(super) fn read(reading: &Reading<'_>, shape: &Shape, text: Cow<'_, str>) -> Read<Option<Value>> {
    let span = reading.span;
    let value = match &shape.kind {
        Kind::String { .. } | Kind::Document => return Ok(Some(Value::string(text, span))),
        Kind::Boolean => return Ok(Some(Value::bool(text.trim().eq_ignore_ascii_case("true"), span))),
        Kind::Blob { .. } => from_base64(&text).map(|bytes| Value::binary(bytes, span)),
        _ if text.trim().is_empty() => return Ok(None),
        Kind::Integer(_) | Kind::Long(_) => integer(&text, reading),
        Kind::Float(_) | Kind::Double(_) => text.trim().parse().ok().map(|number| Value::float(number, span)),
        Kind::Timestamp(_) => timestamps::parse(&text).map(|moment| Value::date(moment, span)),
        Kind::Structure(_) | Kind::List { .. } | Kind::Map { .. } => None,
    };
    match value {
        Some(value) => Ok(Some(value)),
        None => Err(unreadable(shape, &text)),
    }
}

/// An integer in decimal. Beyond 64 bits, where no number of Nushell holds all digits, it stays as text.
pub(super) fn integer(text: &str, reading: &Reading<'_>) -> Option<Value> {
    let text = text.trim();
    if let Ok(number) = text.parse() {
        return Some(Value::int(number, reading.span));
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !unsigned.is_empty() && unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Value::string(text, reading.span));
    }
    text.parse().ok().map(|number| number_of(number, reading))
}

/// A number that should be an integer: an integer where nothing is lost.
pub(super) fn number_of(number: f64, reading: &Reading<'_>) -> Value {
    // 2^53: below it every whole double is one integer.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() < EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
        return Value::int(number as i64, reading.span);
    }
    Value::float(number, reading.span)
}

/// Why a text is not what the shape says, with the beginning of the text unless that is secret.
fn unreadable(shape: &Shape, text: &str) -> Box<str> {
    if shape.sensitive {
        return format!("{} expected, found something else", noun(&shape.kind)).into_boxed_str();
    }
    let shown: String = text.chars().take(40).collect();
    format!("{} expected, found {shown:?}", noun(&shape.kind)).into_boxed_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn floats_are_written_as_python_does() {
        for (number, text) in [
            (1.0, "1.0"),
            (-0.25, "-0.25"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.5e-7, "1.5e-07"),
            (1e300, "1e+300"),
            (f64::INFINITY, "Infinity"),
        ] {
            assert_eq!(float(number), text);
        }
    }

    #[test]
    fn base64_is_read_with_tolerance() {
        for text in ["AQI=", "AQI", " AQ\r\nI= ", "AQJ="] {
            assert_eq!(from_base64(text).as_deref(), Some(&[1, 2][..]), "{text}");
        }
        assert_eq!(from_base64("").as_deref(), Some(&[][..]));
        assert_eq!(from_base64("A"), None);
        assert_eq!(from_base64("a-b_"), None);
    }

    proptest! {
        #[test]
        fn floats_survive(number in any::<f64>()) {
            let read: f64 = float(number).parse().unwrap();
            prop_assert!(read.to_bits() == number.to_bits() || (read.is_nan() && number.is_nan()));
        }

        #[test]
        fn bytes_survive(bytes in any::<Vec<u8>>()) {
            prop_assert_eq!(from_base64(&base64(&bytes)), Some(bytes));
        }

        #[test]
        fn encoded_text_is_unreserved_and_survives(text in "\\PC*") {
            let mut encoded = String::new();
            push_encoded(&mut encoded, &text);
            let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte);
            prop_assert!(encoded.bytes().all(unreserved));
            prop_assert_eq!(percent_encoding::percent_decode_str(&encoded).decode_utf8().unwrap(), text);
        }
    }
}
