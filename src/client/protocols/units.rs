//! What a number counts: file sizes, datetimes and policy documents, by the reviewed table.

use super::{plain_json, reading::Reading, timestamps};
use crate::model::Unit;
use nu_protocol::{Filesize, Value};
use percent_encoding::percent_decode_str;

/// Converts a decoded value; whatever does not fit stays as the API has it. Lists are converted element by element.
pub(super) fn convert(reading: &Reading<'_>, unit: Unit, value: Value) -> Value {
    match value {
        Value::List { vals, .. } => {
            let each = vals.into_owned().into_iter().map(|value| convert(reading, unit, value));
            Value::list(each.collect(), reading.span)
        }
        value => match unit {
            Unit::Bytes => size(reading, &value, 1),
            Unit::KiB => size(reading, &value, 1 << 10),
            Unit::MiB => size(reading, &value, 1 << 20),
            Unit::GiB => size(reading, &value, 1 << 30),
            Unit::TiB => size(reading, &value, 1 << 40),
            Unit::EpochSeconds => seconds(reading, &value),
            Unit::EpochMillis => millis(reading, &value),
            Unit::PolicyDocument => document(reading, &value),
        }
        .unwrap_or(value),
    }
}

fn size(reading: &Reading<'_>, value: &Value, factor: i64) -> Option<Value> {
    let bytes = match value {
        Value::Int { val, .. } => val.checked_mul(factor)?,
        Value::String { val, .. } => val.trim().parse::<i64>().ok()?.checked_mul(factor)?,
        Value::Float { val, .. } => whole(val * float(factor))?,
        _ => return None,
    };
    Some(Value::filesize(Filesize::new(bytes), reading.span))
}

fn seconds(reading: &Reading<'_>, value: &Value) -> Option<Value> {
    let moment = match value {
        Value::Int { val, .. } => timestamps::from_seconds(*val)?,
        Value::Float { val, .. } => timestamps::from_float(*val)?,
        Value::String { val, .. } => timestamps::from_float(val.trim().parse().ok()?)?,
        _ => return None,
    };
    Some(Value::date(moment, reading.span))
}

fn millis(reading: &Reading<'_>, value: &Value) -> Option<Value> {
    let moment = match value {
        Value::Int { val, .. } => timestamps::from_millis(*val)?,
        Value::Float { val, .. } => timestamps::from_float(val / 1000.0)?,
        Value::String { val, .. } => timestamps::from_millis(val.trim().parse().ok()?)?,
        _ => return None,
    };
    Some(Value::date(moment, reading.span))
}

/// A policy: JSON as it is, or percent-encoded as IAM sends it.
fn document(reading: &Reading<'_>, value: &Value) -> Option<Value> {
    let Value::String { val: text, .. } = value else { return None };
    if text.trim_start().starts_with('{') {
        return plain_json::parse(text.as_bytes(), reading.span).ok();
    }
    let decoded = percent_decode_str(text).decode_utf8().ok()?;
    if !decoded.trim_start().starts_with('{') {
        return None;
    }
    plain_json::parse(decoded.as_bytes(), reading.span).ok()
}

#[expect(clippy::cast_precision_loss, reason = "factors are powers of two, exact in a double")]
fn float(factor: i64) -> f64 {
    factor as f64
}

fn whole(number: f64) -> Option<i64> {
    // 2^63, the first double beyond i64.
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    #[expect(clippy::cast_possible_truncation, reason = "bounded by LIMIT")]
    (-LIMIT..LIMIT).contains(&number).then(|| number.round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::protocols::{Decoding, testing::*};
    use nu_protocol::Span;
    use serde_json::json;

    fn typed(unit: Unit, value: Value) -> Value {
        let service = service("json", &json!({}), &json!({}));
        convert(&Reading::new(&service, Decoding { span: Span::test_data(), typed: true }), unit, value)
    }

    #[test]
    fn sizes() {
        let size = |bytes: i64| Value::test_filesize(bytes);
        assert_eq!(typed(Unit::Bytes, int(5)), size(5));
        assert_eq!(typed(Unit::KiB, int(5)), size(5 << 10));
        assert_eq!(typed(Unit::MiB, text("5")), size(5 << 20));
        assert_eq!(typed(Unit::GiB, Value::test_float(0.5)), size(1 << 29));
        assert_eq!(typed(Unit::TiB, list([int(1), int(2)])), list([size(1 << 40), size(2 << 40)]));
    }

    #[test]
    fn moments() {
        let moment = || date(1_577_934_245_123_000);
        assert_eq!(typed(Unit::EpochSeconds, int(1_577_934_245)), date(1_577_934_245_000_000));
        assert_eq!(typed(Unit::EpochSeconds, Value::test_float(1_577_934_245.123)), moment());
        assert_eq!(typed(Unit::EpochSeconds, text("1577934245.123")), moment());
        assert_eq!(typed(Unit::EpochMillis, int(1_577_934_245_123)), moment());
        assert_eq!(typed(Unit::EpochMillis, text("1577934245123")), moment());
    }

    #[test]
    fn policies() {
        let policy = || record([("Version", text("2012-10-17")), ("Statement", list([]))]);
        let plain = r#"{"Version":"2012-10-17","Statement":[]}"#;
        assert_eq!(typed(Unit::PolicyDocument, text(plain)), policy());
        let encoded = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D";
        assert_eq!(typed(Unit::PolicyDocument, text(encoded)), policy());
    }

    #[test]
    fn what_does_not_fit_stays_as_it_is() {
        for (unit, value) in [
            (Unit::TiB, int(i64::MAX)),
            (Unit::Bytes, text("much")),
            (Unit::GiB, Value::test_float(1e300)),
            (Unit::GiB, Value::test_float(f64::INFINITY)),
            (Unit::Bytes, Value::test_bool(true)),
            (Unit::EpochSeconds, text("never")),
            (Unit::EpochMillis, int(i64::MAX)),
            (Unit::PolicyDocument, text("{broken")),
            (Unit::PolicyDocument, text("%7Bbroken")),
            (Unit::PolicyDocument, text("not a policy")),
        ] {
            assert_eq!(typed(unit, value.clone()), value);
        }
    }
}
