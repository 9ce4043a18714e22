//! Text, bytes and points in time.

use super::convert::{Place, check_length, mismatch};
use crate::{
    error::{Error, Result},
    model::{Range, Unit},
};
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime};
use nu_protocol::{Record, Value};

/// Names of members and shapes whose text is JSON in AWS's documentation; a record or list for them is written as
/// JSON, so that policies and state machine definitions need no quoting.
const JSON_TEXTS: [&str; 10] = [
    "policy",
    "document",
    "definition",
    "json",
    "pattern",
    "payload",
    "schema",
    "template",
    "detail",
    "input",
];

/// Shapes of texts that are days, by the patterns of botocore's models. Midnight is written as the day alone.
const DAYS: [&str; 12] = [
    "AllocationEffectiveDateString",
    "AutoSnapshotDate",
    "DateOfBirth",
    "DateString",
    "DateYearMonthDayFormat",
    "FixtureDate",
    "HoursOfOperationOverrideYearMonthDayDateFormat",
    "Iso8601Date",
    "RuntimeLifecycleDate",
    "SensitiveIsoDateString",
    "WhatsAppDate",
    "YearMonthDay",
];

pub(super) fn string(
    shape: &str,
    values: &[Box<str>],
    range: Range,
    unit: Option<Unit>,
    value: &Value,
    place: &Place<'_>,
) -> Result<Value> {
    let text = match value {
        Value::String { val, .. } | Value::Glob { val, .. } => val.clone(),
        Value::Date { val, .. } if DAYS.contains(&shape) && val.time() == NaiveTime::MIN => {
            val.format("%Y-%m-%d").to_string()
        }
        Value::Date { val, .. } => rfc3339(val),
        Value::Record { .. } | Value::List { .. } if unit.is_some() || takes_json(place) => {
            to_json(value, place)?
        }
        Value::Int { .. } | Value::Float { .. } | Value::Bool { .. } => {
            // `Owners: [099720109477]` would lose its zero, so numbers are never turned into text silently.
            let shown = value.to_expanded_string("", &nu_protocol::Config::default());
            return Err(Error::invalid(format!(
                "parameter `{place}` must be a string, found {}",
                value.get_type()
            ))
            .at(value.span())
            .help(format!("quote it: \"{shown}\"")));
        }
        other => {
            let example = values.first().map(ToString::to_string);
            return Err(mismatch(place, "a string", other, example));
        }
    };
    check_length(text.chars().count(), range, "characters", value, place)?;
    Ok(Value::string(text, value.span()))
}

/// Bytes as they are; text stands for its UTF-8 bytes, as in the AWS SDKs.
pub(super) fn blob(value: &Value, place: &Place<'_>) -> Result<Value> {
    match value {
        Value::Binary { .. } => Ok(value.clone()),
        Value::String { val, .. } => Ok(Value::binary(val.as_bytes(), value.span())),
        Value::Record { .. } | Value::List { .. } if takes_json(place) => {
            Ok(Value::binary(to_json(value, place)?.into_bytes(), value.span()))
        }
        other => Err(mismatch(place, "binary or a string", other, None)),
    }
}

/// A datetime, an ISO text, or epoch seconds.
pub(super) fn timestamp(value: &Value, place: &Place<'_>) -> Result<Value> {
    let wrong = || mismatch(place, "a datetime", value, Some("2026-01-31T12:00:00Z".into()));
    let date = match value {
        Value::Date { val, .. } => *val,
        Value::String { val, .. } => parse_date(val).ok_or_else(wrong)?,
        Value::Int { val, .. } => DateTime::from_timestamp(*val, 0).ok_or_else(wrong)?.fixed_offset(),
        _ => return Err(wrong()),
    };
    Ok(Value::date(date, value.span()))
}

fn parse_date(text: &str) -> Option<DateTime<FixedOffset>> {
    if let Ok(date) = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc2822(text)) {
        return Some(date);
    }
    let naive = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f")
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f"))
        .ok()
        .or_else(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0))?;
    Some(naive.and_utc().fixed_offset())
}

/// As AWS writes it: UTC, `Z`, and a fraction only where there is one.
fn rfc3339(date: &DateTime<FixedOffset>) -> String {
    date.to_utc().to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

fn takes_json(place: &Place<'_>) -> bool {
    let name = place.name().to_ascii_lowercase();
    JSON_TEXTS.iter().any(|known| name.contains(known))
}

/// A record or list as JSON text.
pub(super) fn json(value: &Value, place: &Place<'_>) -> Result<Value> {
    Ok(Value::string(to_json(value, place)?, value.span()))
}

/// Data of any form that the codecs can write: plugin values as what they stand for, and neither code nor errors.
pub(super) fn plain_data(value: &Value, place: &Place<'_>) -> Result<Value> {
    let span = value.span();
    Ok(match value {
        Value::List { vals, .. } => {
            Value::list(vals.iter().map(|item| plain_data(item, place)).collect::<Result<_>>()?, span)
        }
        Value::Record { val, .. } => {
            let mut record = Record::with_capacity(val.len());
            for (key, item) in &**val {
                record.push(key.clone(), plain_data(item, place)?);
            }
            Value::record(record, span)
        }
        Value::Custom { val, .. } => {
            let base = val.to_base_value(span).map_err(|error| {
                Error::invalid(format!("parameter `{place}` cannot be read: {error}")).at(span)
            })?;
            plain_data(&base, place)?
        }
        Value::Error { error, .. } => return Err(Error::invalid(error.to_string()).at(span)),
        Value::Closure { .. } | Value::CellPath { .. } | Value::Range { .. } => {
            return Err(mismatch(place, "data that JSON can say", value, None));
        }
        _ => value.clone(),
    })
}

fn to_json(value: &Value, place: &Place<'_>) -> Result<String> {
    let json =
        json_value(value).ok_or_else(|| mismatch(place, "JSON, or data that JSON can say", value, None))?;
    Ok(json.to_string())
}

fn json_value(value: &Value) -> Option<serde_json::Value> {
    use serde_json::Value as Json;
    Some(match value {
        Value::Nothing { .. } => Json::Null,
        Value::Bool { val, .. } => Json::Bool(*val),
        Value::Int { val, .. } => Json::from(*val),
        Value::Float { val, .. } => Json::from(*val),
        Value::String { val, .. } | Value::Glob { val, .. } => Json::from(val.as_str()),
        Value::Date { val, .. } => Json::from(rfc3339(val)),
        Value::List { vals, .. } => Json::Array(vals.iter().map(json_value).collect::<Option<_>>()?),
        Value::Record { val, .. } => Json::Object(
            val.iter().map(|(key, item)| Some((key.clone(), json_value(item)?))).collect::<Option<_>>()?,
        ),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_the_usual_spellings() {
        for text in ["2026-01-31", "2026-01-31T00:00:00Z", "2026-01-31 00:00:00", "2026-01-31T01:00:00+01:00"]
        {
            assert_eq!(parse_date(text).unwrap().timestamp(), 1_769_817_600, "{text}");
        }
        assert!(parse_date("tomorrow").is_none());
    }

    #[test]
    fn dates_are_written_as_aws_writes_them() {
        let date = DateTime::parse_from_rfc3339("2026-01-31T01:00:00.5+01:00").unwrap();
        assert_eq!(rfc3339(&date), "2026-01-31T00:00:00.500Z");
    }
}
