//! Numbers, and what Nushell has richer types for: sizes, durations, datetimes.

use super::convert::{Place, mismatch};
use crate::{
    error::{Error, Result},
    model::{Range, Unit},
};
use nu_protocol::Value;

pub(super) fn integer(
    range: Range,
    narrow: bool,
    unit: Option<Unit>,
    value: &Value,
    place: &Place<'_>,
) -> Result<Value> {
    let number = match value {
        Value::Int { val, .. } => *val,
        Value::Filesize { val, .. } => size(val.get(), unit, value, place)?,
        Value::Duration { val, .. } => duration(*val, value, place)?,
        Value::Date { val, .. } if unit == Some(Unit::EpochSeconds) => val.timestamp(),
        Value::Date { val, .. } if unit == Some(Unit::EpochMillis) => val.timestamp_millis(),
        Value::String { val, .. } if val.trim().parse::<i64>().is_ok() => {
            return Err(mismatch(place, "a number", value, Some(val.trim().to_string())));
        }
        other => return Err(mismatch(place, "a number", other, None)),
    };
    if narrow && i32::try_from(number).is_err() {
        return Err(Error::invalid(format!(
            "parameter `{place}` is {number}, which does not fit into 32 bits"
        ))
        .at(value.span()));
    }
    // Exact below 2^53; bounds of models are far below.
    #[allow(clippy::cast_precision_loss)]
    if let Some(min) = range.min.filter(|min| (number as f64) < *min) {
        return Err(Error::invalid(format!("parameter `{place}` is {number} and must be at least {min}"))
            .at(value.span()));
    }
    Ok(Value::int(number, value.span()))
}

pub(super) fn float(value: &Value, place: &Place<'_>) -> Result<Value> {
    match value {
        Value::Float { .. } => Ok(value.clone()),
        // Exact below 2^53.
        #[allow(clippy::cast_precision_loss)]
        Value::Int { val, .. } => Ok(Value::float(*val as f64, value.span())),
        other => Err(mismatch(place, "a number", other, None)),
    }
}

/// A file size in the unit that the API counts in; bytes where the reviewed table says nothing.
fn size(bytes: i64, unit: Option<Unit>, value: &Value, place: &Place<'_>) -> Result<i64> {
    let (divisor, name) = match unit {
        Some(Unit::KiB) => (1 << 10, "KiB"),
        Some(Unit::MiB) => (1 << 20, "MiB"),
        Some(Unit::GiB) => (1 << 30, "GiB"),
        Some(Unit::TiB) => (1 << 40, "TiB"),
        _ => (1, "bytes"),
    };
    if bytes % divisor != 0 {
        return Err(Error::invalid(format!("parameter `{place}` counts whole {name}, found {bytes} bytes"))
            .at(value.span()));
    }
    Ok(bytes / divisor)
}

/// A duration in the unit that the member's name tells; the API gives no other hint.
fn duration(nanos: i64, value: &Value, place: &Place<'_>) -> Result<i64> {
    const UNITS: [(&[&str], i64, &str); 6] = [
        (&["millis", "milliseconds"], 1_000_000, "milliseconds"),
        (&["seconds", "secs", "timeout", "ttl", "delay", "period", "interval"], 1_000_000_000, "seconds"),
        (&["minutes"], 60_000_000_000, "minutes"),
        (&["hours"], 3_600_000_000_000, "hours"),
        (&["days"], 86_400_000_000_000, "days"),
        (&["weeks"], 604_800_000_000_000, "weeks"),
    ];
    let path = place.to_string().to_ascii_lowercase();
    let found = UNITS.iter().find(|(names, ..)| names.iter().any(|name| path.ends_with(name)));
    match found {
        Some((_, divisor, _)) if nanos % divisor == 0 => Ok(nanos / divisor),
        Some((_, _, unit)) => {
            Err(Error::invalid(format!("parameter `{place}` counts whole {unit}")).at(value.span()))
        }
        None => Err(mismatch(place, "a number", value, None)
            .help("the name of this parameter does not tell its unit: give a plain number")),
    }
}
