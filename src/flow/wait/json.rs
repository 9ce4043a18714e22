//! Answers as JMESPath sees them.

use base64::{Engine, engine::general_purpose::STANDARD};
use nu_protocol::Value;
use serde_json::{Map, Number, Value as Json};

/// An answer as JSON: sizes are bytes, durations nanoseconds, datetimes ISO text, binaries base64.
pub(super) fn json(value: &Value) -> Json {
    match value {
        Value::Bool { val, .. } => Json::Bool(*val),
        Value::Int { val, .. } | Value::Duration { val, .. } => Json::from(*val),
        Value::Filesize { val, .. } => Json::from(val.get()),
        Value::Float { val, .. } => Number::from_f64(*val).map_or(Json::Null, Json::Number),
        Value::String { val, .. } | Value::Glob { val, .. } => Json::from(val.as_str()),
        Value::Date { val, .. } => Json::from(val.to_rfc3339()),
        Value::Binary { val, .. } => Json::from(STANDARD.encode(val)),
        Value::List { vals, .. } => Json::Array(vals.iter().map(json).collect()),
        Value::Record { val, .. } => {
            let fields: Map<String, Json> =
                val.iter().map(|(name, value)| (name.clone(), json(value))).collect();
            Json::Object(fields)
        }
        _ => Json::Null,
    }
}

/// Equality as Python has it, since botocore compares in Python: `1` is `1.0` and `true`.
pub(super) fn equal(left: &Json, right: &Json) -> bool {
    match (number(left), number(right)) {
        #[expect(clippy::float_cmp, reason = "both come from JSON, nothing was computed")]
        (Some(left), Some(right)) => left == right,
        _ => left == right,
    }
}

fn number(value: &Json) -> Option<f64> {
    match value {
        Json::Bool(truth) => Some(f64::from(u8::from(*truth))),
        other => other.as_f64(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json as j;

    #[test]
    fn equality_is_pythons() {
        for (left, right) in [(j!(1), j!(1.0)), (j!(true), j!(1)), (j!(0), j!(false)), (j!("a"), j!("a"))] {
            assert!(equal(&left, &right), "{left} {right}");
        }
        for (left, right) in
            [(j!("1"), j!(1)), (j!(null), j!(false)), (j!("true"), j!(true)), (j!([]), j!(null))]
        {
            assert!(!equal(&left, &right), "{left} {right}");
        }
    }
}
