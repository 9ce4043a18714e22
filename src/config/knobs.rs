//! The table of knobs, and how their values are read.

use super::Environment;
use crate::error::{Error, ErrorKind, Result};
use nu_protocol::Value;
use std::time::Duration;

/// One knob.
#[derive(Debug)]
pub struct Knob {
    /// Where it stands in `$env.config.plugins.aws_perf`, as `http.connect_timeout`.
    pub path: &'static str,
    /// The variable that overrides it.
    pub variable: &'static str,
    /// What it takes.
    pub range: Range,
    /// Its default, as one would write it in Nushell.
    pub default: &'static str,
    /// What it is for, and why the default is what it is.
    pub reason: &'static str,
}

/// What a knob takes.
#[derive(Debug, Clone, Copy)]
pub enum Range {
    /// A duration between two bounds.
    Duration(Duration, Duration),
    /// A whole number between two bounds.
    Integer(i64, i64),
    /// A size in bytes between two bounds.
    Size(u64, u64),
    /// On or off.
    Switch,
}

const HOUR: Duration = Duration::from_hours(1);
const MILLISECOND: Duration = Duration::from_millis(1);

/// Every knob, in the order of `docs/CONFIGURATION.md`.
pub static KNOBS: &[Knob] = &[
    Knob {
        path: "http.connect_timeout",
        variable: "AWS_PERF_CONNECT_TIMEOUT",
        range: Range::Duration(MILLISECOND, HOUR),
        default: "3100ms",
        reason: "Until a connection stands. 3.1 s is the AWS SDK for Rust's own default: one lost SYN is retried after 1 s and after 3 s.",
    },
    Knob {
        path: "http.read_timeout",
        variable: "AWS_PERF_READ_TIMEOUT",
        range: Range::Duration(MILLISECOND, HOUR),
        default: "60sec",
        reason: "Until the first byte of an answer. 60 s is botocore's default; some reads of AWS really take that long.",
    },
    Knob {
        path: "http.attempt_timeout",
        variable: "AWS_PERF_ATTEMPT_TIMEOUT",
        range: Range::Duration(MILLISECOND, HOUR),
        default: "90sec",
        reason: "One attempt, body included. Above the read timeout, so that a slow but steady answer arrives.",
    },
    Knob {
        path: "http.operation_timeout",
        variable: "AWS_PERF_OPERATION_TIMEOUT",
        range: Range::Duration(MILLISECOND, HOUR),
        default: "5min",
        reason: "A call with all its attempts and waits. Every call has a deadline; `--timeout` overrides it.",
    },
    Knob {
        path: "http.max_attempts",
        variable: "AWS_MAX_ATTEMPTS",
        range: Range::Integer(1, 100),
        default: "3",
        reason: "Attempts of a call, the first included. 3 is the standard retry mode of the AWS SDKs.",
    },
    Knob {
        path: "http.body_cap",
        variable: "AWS_PERF_BODY_CAP",
        range: Range::Size(1, 1 << 40),
        default: "64MiB",
        reason: "Bytes of a streaming body (GetObject) that `aws call` holds in memory before it gives up.",
    },
    Knob {
        path: "stream.prefetch",
        variable: "AWS_PERF_PREFETCH",
        range: Range::Integer(1, 64),
        default: "2",
        reason: "Pages that a stream fetches ahead of its reader. 2 hide the latency of a steady reader; more only cost memory and wasted calls after an early stop.",
    },
    Knob {
        path: "stream.tidy",
        variable: "AWS_PERF_TIDY",
        range: Range::Switch,
        default: "false",
        reason: "Streams tidy their rows without being asked (`--tidy`). Off, since it changes what the API calls things.",
    },
    Knob {
        path: "read_only",
        variable: "AWS_PERF_READ_ONLY",
        range: Range::Switch,
        default: "false",
        reason: "Refuses every write before the network. Also per profile: `profiles.<name>.read_only`.",
    },
];

/// Reads knobs from the plugin's configuration and the variables.
pub(super) struct Reader<'a> {
    config: Option<&'a Value>,
    environment: &'a Environment,
}

impl<'a> Reader<'a> {
    /// Refuses settings that no knob has, since a misspelt one would silently do nothing.
    pub(super) fn new(config: Option<&'a Value>, environment: &'a Environment) -> Result<Self> {
        if let Some(config) = config {
            check_names(config, "")?;
        }
        Ok(Self { config, environment })
    }

    pub(super) fn duration(&self, path: &'static str) -> Result<Duration> {
        let found = self.find(path, |value| match value {
            Value::Duration { val, .. } => u64::try_from(*val).ok().map(Duration::from_nanos),
            Value::Int { val, .. } => u64::try_from(*val).ok().map(Duration::from_millis),
            Value::String { val, .. } => parse_duration(val),
            _ => None,
        })?;
        Ok(found.unwrap_or_default())
    }

    pub(super) fn integer(&self, path: &'static str) -> Result<i64> {
        let found = self.find(path, |value| match value {
            Value::Int { val, .. } => Some(*val),
            Value::String { val, .. } => val.trim().parse().ok(),
            _ => None,
        })?;
        Ok(found.unwrap_or_default())
    }

    pub(super) fn size(&self, path: &'static str) -> Result<u64> {
        let found = self.find(path, |value| match value {
            Value::Filesize { val, .. } => u64::try_from(val.get()).ok(),
            Value::Int { val, .. } => u64::try_from(*val).ok(),
            Value::String { val, .. } => parse_size(val),
            _ => None,
        })?;
        Ok(found.unwrap_or_default())
    }

    pub(super) fn switch(&self, path: &'static str) -> Result<bool> {
        let found = self.find(path, |value| match value {
            Value::Bool { val, .. } => Some(*val),
            Value::String { val, .. } => parse_switch(val),
            _ => None,
        })?;
        Ok(found.unwrap_or_default())
    }

    /// The variable, else the configuration, else the default; checked against the knob's range.
    fn find<T: Ranged>(&self, path: &'static str, read: impl Fn(&Value) -> Option<T>) -> Result<Option<T>> {
        let Some(knob) = KNOBS.iter().find(|knob| knob.path == path) else {
            return Err(Error::new(ErrorKind::Internal, format!("no knob is called `{path}`")));
        };
        let configured = self.config.and_then(|config| lookup(config, path));
        let (value, origin) = match (self.environment.get(knob.variable), configured) {
            (Some(text), _) => {
                (Value::string(text, nu_protocol::Span::unknown()), format!("variable {}", knob.variable))
            }
            (None, Some(value)) => (value, format!("plugin setting `{path}`")),
            (None, None) => (
                Value::string(knob.default, nu_protocol::Span::unknown()),
                format!("the default of `{path}`"),
            ),
        };
        match read(&value).filter(|value| value.within(knob.range)) {
            Some(value) => Ok(Some(value)),
            None => Err(Error::new(
                ErrorKind::Configuration,
                format!(
                    "{origin} is `{}`, which is not {}",
                    value.to_expanded_string(", ", &nu_protocol::Config::default()),
                    describe(knob.range)
                ),
            )
            .at(value.span())
            .help(format!("{path}: {} (default {})", describe(knob.range), knob.default))),
        }
    }
}

trait Ranged {
    fn within(&self, range: Range) -> bool;
}

impl Ranged for Duration {
    fn within(&self, range: Range) -> bool {
        matches!(range, Range::Duration(min, max) if (min..=max).contains(self))
    }
}

impl Ranged for i64 {
    fn within(&self, range: Range) -> bool {
        matches!(range, Range::Integer(min, max) if (min..=max).contains(self))
    }
}

impl Ranged for u64 {
    fn within(&self, range: Range) -> bool {
        matches!(range, Range::Size(min, max) if (min..=max).contains(self))
    }
}

impl Ranged for bool {
    fn within(&self, range: Range) -> bool {
        matches!(range, Range::Switch)
    }
}

fn describe(range: Range) -> String {
    match range {
        Range::Duration(min, max) => format!("a duration from {min:?} to {max:?}, such as 30sec or 500ms"),
        Range::Integer(min, max) => format!("a whole number from {min} to {max}"),
        Range::Size(min, max) => format!("a size from {min} to {max} bytes, such as 64MiB"),
        Range::Switch => "true or false".into(),
    }
}

fn lookup(config: &Value, path: &str) -> Option<Value> {
    path.split('.').try_fold(config.clone(), |value, name| value.get_data_by_key(name))
}

fn check_names(config: &Value, prefix: &str) -> Result<()> {
    let Value::Record { val, .. } = config else {
        return Err(Error::new(
            ErrorKind::Configuration,
            format!("plugin settings `aws_perf{prefix}` must be a record, found {}", config.get_type()),
        )
        .at(config.span())
        .help("write $env.config.plugins.aws_perf = {http: {max_attempts: 5}}"));
    };
    for (name, value) in val.iter() {
        let path = format!("{prefix}{name}");
        let group = format!("{path}.");
        if path == "profiles" || KNOBS.iter().any(|knob| knob.path == path) {
            continue;
        }
        if KNOBS.iter().any(|knob| knob.path.starts_with(&group)) {
            check_names(value, &group)?;
            continue;
        }
        let mut known: Vec<&str> = KNOBS.iter().map(|knob| knob.path).chain(["profiles"]).collect();
        known.sort_by_key(|known| strsim::damerau_levenshtein(known, &path));
        known.truncate(3);
        return Err(Error::new(ErrorKind::Configuration, format!("unknown plugin setting `{path}`"))
            .at(value.span())
            .help(format!("nearest settings: {}", known.join(", "))));
    }
    Ok(())
}

/// `30sec`, `500ms`, `1.5min`; a plain number counts milliseconds.
fn parse_duration(text: &str) -> Option<Duration> {
    let (number, unit) = split_unit(text)?;
    let seconds = match unit {
        "ns" => 1e-9,
        "us" | "µs" => 1e-6,
        "" | "ms" => 1e-3,
        "s" | "sec" => 1.0,
        "m" | "min" => 60.0,
        "h" | "hr" => 3600.0,
        "day" => 86_400.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(number * seconds).ok()
}

/// `64MiB`, `10mb`; a plain number counts bytes.
fn parse_size(text: &str) -> Option<u64> {
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

fn parse_switch(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
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
    fn every_default_is_within_its_range() {
        let environment = Environment::default();
        let reader = Reader::new(None, &environment).unwrap();
        for knob in KNOBS {
            match knob.range {
                Range::Duration(..) => drop(reader.duration(knob.path).unwrap()),
                Range::Integer(..) => drop(reader.integer(knob.path).unwrap()),
                Range::Size(..) => drop(reader.size(knob.path).unwrap()),
                Range::Switch => drop(reader.switch(knob.path).unwrap()),
            }
        }
    }

    #[test]
    fn durations_and_sizes_are_read_as_nushell_writes_them() {
        assert_eq!(parse_duration("3100ms"), Some(Duration::from_millis(3100)));
        assert_eq!(parse_duration("1.5min"), Some(Duration::from_secs(90)));
        assert_eq!(parse_duration("250"), Some(Duration::from_millis(250)));
        assert_eq!(parse_duration("soon"), None);
        assert_eq!(parse_size("64MiB"), Some(64 << 20));
        assert_eq!(parse_size("10mb"), Some(10_000_000));
        assert_eq!(parse_size("12"), Some(12));
        assert_eq!(parse_size("12 apples"), None);
    }
}
