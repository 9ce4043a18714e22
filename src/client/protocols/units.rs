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
