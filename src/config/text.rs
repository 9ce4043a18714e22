//! How texts of variables and settings are read: one way for all of them.

use nu_protocol::Value;
use std::time::Duration;

/// A duration in any form that a setting may have it in; a plain number counts milliseconds.
pub(crate) fn duration_of(value: &Value) -> Option<Duration> {
    match value {
        Value::Duration { val, .. } => u64::try_from(*val).ok().map(Duration::from_nanos),
        Value::Int { val, .. } => u64::try_from(*val).ok().map(Duration::from_millis),
        Value::String { val, .. } => duration(val),
        _ => None,
    }
}

/// `30sec`, `500ms`, `1.5min`; a plain number counts milliseconds.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = split_unit(text)?;
    let seconds = match unit {
        "ns" => 1e-9,
        "us" | "µs" => 1e-6,
        "" | "ms" => 1e-3,
        "s" | "sec" => 1.0,
        "m" | "min" => 60.0,
        "h" | "hr" => 3600.0,
        "d" | "day" => 86_400.0,
        "wk" => 604_800.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(number * seconds).ok()
}

/// `64MiB`, `10mb`; a plain number counts bytes.
pub(crate) fn size(text: &str) -> Option<u64> {
    let (number, unit) = split_unit(text)?;
    let lower = unit.to_ascii_lowercase();
    let (letter, base) = match lower.as_str() {
        "" | "b" => ("", 1024_f64),
        unit if unit.ends_with("ib") => (unit.strip_suffix("ib")?, 1024.0),
        unit => (unit.strip_suffix('b')?, 1000.0),
    };
    let power = ["", "k", "m", "g", "t", "p"].iter().position(|known| *known == letter)?;
    let bytes = number * base.powi(i32::try_from(power).ok()?);
    // Exact below 2^53, far above any cap.
    format!("{:.0}", bytes.trunc()).parse().ok()
}

/// `true`, `1`, `yes`, `on` and their opposites, in any case; anything else is neither.
pub(crate) fn switch(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// `lambda:ListFunctions`, in two parts.
pub(crate) fn operation(text: &str) -> Option<(String, String)> {
    let (service, operation) = text.trim().split_once(':')?;
    let is_name = |part: &str| {
        part == "*"
            || !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    (is_name(service) && is_name(operation)).then(|| (service.into(), operation.into()))
}

/// `lambda:ListFunctions, stepfunctions:*`, also in brackets.
pub(crate) fn operations(text: &str) -> Option<Vec<(String, String)>> {
    let bare = text.trim().trim_start_matches('[').trim_end_matches(']');
    let words =
        bare.split([',', ';', ' ', '\n']).map(|word| word.trim_matches('"')).filter(|word| !word.is_empty());
    // A variable that is a list comes with colons between its items, too.
    let parts: Vec<Vec<&str>> = words.map(|word| word.split(':').collect()).collect();
    parts.iter().flat_map(|parts| parts.chunks(2)).map(|pair| operation(&pair.join(":"))).collect()
}

fn split_unit(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let number: f64 = number.parse().ok()?;
    Some((number, unit.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_sizes_are_read_as_nushell_writes_them() {
        assert_eq!(duration("3100ms"), Some(Duration::from_millis(3100)));
        assert_eq!(duration("1.5min"), Some(Duration::from_secs(90)));
        assert_eq!(duration("250"), Some(Duration::from_millis(250)));
        assert_eq!(duration("2 hr"), Some(Duration::from_hours(2)));
        assert_eq!(duration("1day"), Some(Duration::from_hours(24)));
        assert_eq!(duration("1wk"), Some(Duration::from_hours(168)));
        assert_eq!(duration("5us"), Some(Duration::from_micros(5)));
        for text in ["soon", "", "sec", "1.2.3s", "-1s", "30 parsecs", "1e400"] {
            assert_eq!(duration(text), None, "{text}");
        }
        assert_eq!(size("64MiB"), Some(64 << 20));
        assert_eq!(size("10mb"), Some(10_000_000));
        assert_eq!(size("12"), Some(12));
        assert_eq!(size("12 apples"), None);
    }

    #[test]
    fn operations_are_named_with_their_service() {
        let pair = |service: &str, operation: &str| (service.to_string(), operation.to_string());
        let both = vec![pair("lambda", "ListFunctions"), pair("stepfunctions", "*")];
        for text in [
            "lambda:ListFunctions stepfunctions:*",
            "lambda:ListFunctions:stepfunctions:*",
            r#"["lambda:ListFunctions", stepfunctions:*]"#,
        ] {
            assert_eq!(operations(text), Some(both.clone()), "{text}");
        }
        assert_eq!(operations("[]"), Some(vec![]));
        for text in ["lambda", "lambda:", ":ListFunctions", "a:b:c", "lambda:List*"] {
            assert_eq!(operations(text), None, "{text}");
        }
    }

    #[test]
    fn switches_are_on_or_off_or_neither() {
        for on in ["true", "TRUE", " 1", "yes", "On"] {
            assert_eq!(switch(on), Some(true), "{on}");
        }
        for off in ["false", "0", "No", "off"] {
            assert_eq!(switch(off), Some(false), "{off}");
        }
        for neither in ["ture", "", "2", "enabled"] {
            assert_eq!(switch(neither), None, "{neither}");
        }
    }
}
