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
    (service, unit): (&str, Option<Unit>),
    value: &Value,
    place: &Place<'_>,
) -> Result<Value> {
    let number = match value {
        Value::Int { val, .. } => *val,
        Value::Filesize { val, .. } => size(val.get(), unit, value, place)?,
        Value::Duration { val, .. } => duration(*val, service, value, place)?,
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

/// Units that names end in, with their nanoseconds. Longer endings come before those that they end in.
const UNITS: [(&str, i64, &str); 10] = [
    ("nanoseconds", 1, "nanoseconds"),
    ("microseconds", 1_000, "microseconds"),
    ("milliseconds", 1_000_000, "milliseconds"),
    ("millis", 1_000_000, "milliseconds"),
    ("seconds", SECOND, "seconds"),
    ("secs", SECOND, "seconds"),
    ("minutes", MINUTE, "minutes"),
    ("hours", 60 * MINUTE, "hours"),
    ("days", DAY, "days"),
    ("weeks", 7 * DAY, "weeks"),
];

const SECOND: i64 = 1_000_000_000;
const MINUTE: i64 = 60 * SECOND;
const DAY: i64 = 24 * 60 * MINUTE;

/// Members whose documentation tells the unit and whose name does not. By service, since the same name counts
/// seconds in one and minutes in another (lambda's and glue's `Timeout`).
const DOCUMENTED: [(&str, &[&str], i64, &str); 14] = [
    (
        "autoscaling",
        &["Cooldown", "DefaultCooldown", "HealthCheckGracePeriod", "HeartbeatTimeout"],
        SECOND,
        "seconds",
    ),
    ("cloudwatch", &["EvaluationInterval", "Period"], SECOND, "seconds"),
    ("docdb", &["BackupRetentionPeriod"], DAY, "days"),
    ("elb", &["IdleTimeout", "Interval", "Timeout"], SECOND, "seconds"),
    ("elbv2", &["SessionTimeout"], SECOND, "seconds"),
    ("glue", &["Timeout"], MINUTE, "minutes"),
    ("iot", &["period"], SECOND, "seconds"),
    ("lambda", &["Timeout"], SECOND, "seconds"),
    ("lightsail", &["period"], SECOND, "seconds"),
    ("neptune", &["BackupRetentionPeriod"], DAY, "days"),
    ("rds", &["BackupRetentionPeriod", "PerformanceInsightsRetentionPeriod"], DAY, "days"),
    ("redshift", &["AutomatedSnapshotRetentionPeriod", "ManualSnapshotRetentionPeriod"], DAY, "days"),
    ("route53", &["TTL"], SECOND, "seconds"),
    ("sqs", &["VisibilityTimeout"], SECOND, "seconds"),
];

/// A duration in the unit that the member's name or documentation tells; the API gives no other hint.
fn duration(nanos: i64, service: &str, value: &Value, place: &Place<'_>) -> Result<i64> {
    let name = place.name();
    let documented = DOCUMENTED
        .iter()
        .find(|(known, names, ..)| *known == service && names.contains(&name))
        .map(|(.., nanos, unit)| (*nanos, *unit));
    let lower = name.to_ascii_lowercase();
    let named =
        || UNITS.iter().find(|(end, ..)| lower.ends_with(end)).map(|(_, nanos, unit)| (*nanos, *unit));
    match documented.or_else(named) {
        Some((divisor, _)) if nanos % divisor == 0 => Ok(nanos / divisor),
        Some((_, unit)) => {
            Err(Error::invalid(format!("parameter `{place}` counts whole {unit}")).at(value.span()))
        }
        None => Err(mismatch(place, "a number", value, None)
            .help("the name of this parameter does not tell its unit: give a plain number")),
    }
}
