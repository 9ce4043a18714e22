//! The table of knobs, and how their values are read.

use super::{Environment, text, ttls};
use crate::error::{Error, ErrorKind, Result, suggest::did_you_mean};
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
    /// Operations, as `service:Operation`, with `*` for all of one part.
    Operations,
}

const HOUR: Duration = Duration::from_hours(1);
pub(super) const YEAR: Duration = Duration::from_hours(24 * 365);
pub(super) const MILLISECOND: Duration = Duration::from_millis(1);

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
        reason: "Bytes of one answer, of a body (GetObject) too, that are held in memory before the call gives up.",
    },
    Knob {
        path: "cache.enabled",
        variable: "AWS_PERF_CACHE",
        range: Range::Switch,
        default: "true",
        reason: "Whether anything is kept at all. Off, every question is asked anew.",
    },
    Knob {
        path: "cache.memory",
        variable: "AWS_PERF_CACHE_MEMORY",
        range: Range::Size(0, 1 << 40),
        default: "128MiB",
        reason: "Bytes that the plugin keeps in memory; 0 keeps none. What is used least goes first.",
    },
    Knob {
        path: "cache.disk",
        variable: "AWS_PERF_CACHE_DISK",
        range: Range::Size(0, 1 << 50),
        default: "512MiB",
        reason: "Bytes that all shells together keep in `AWS_CACHE_DIR`; 0 keeps none. A twentieth of the file system stays free in any case.",
    },
    Knob {
        path: "cache.ttl",
        variable: "AWS_PERF_CACHE_TTL",
        range: Range::Duration(MILLISECOND, YEAR),
        default: "5min",
        reason: "How long a value lives that is stored without `--ttl`. 5 min is what existing scripts take.",
    },
    Knob {
        path: "cache.answer_ttl",
        variable: "AWS_PERF_TTL",
        range: Range::Duration(MILLISECOND, YEAR),
        default: "10sec",
        reason: "How long an answer lives that tells of what changes while one looks; what changes more slowly lives longer (`aws cache ttl`). 10 s bear the repetitions of a pipeline, and hide no change for long that comes from elsewhere. Set, it holds for all answers of which `cache.ttls` says nothing.",
    },
    Knob {
        path: "cache.stale_if_error",
        variable: "AWS_PERF_STALE_IF_ERROR",
        range: Range::Duration(Duration::ZERO, Duration::from_hours(24 * 30)),
        default: "24hr",
        reason: "How long after its time a kept answer is given, with a note, where AWS cannot be reached, throttles or fails. A day: the note and `--meta` tell how old it is. 0sec never.",
    },
    Knob {
        path: "cache.completions",
        variable: "AWS_PERF_COMPLETIONS",
        range: Range::Switch,
        default: "true",
        reason: "Whether completions offer names of buckets, instances and the like. They come from the cache; behind, the names are listed anew, once in 30 s at most. Without the cache there are none.",
    },
    Knob {
        path: "cache.sensitive",
        variable: "AWS_PERF_CACHE_SENSITIVE",
        range: Range::Operations,
        default: "[]",
        reason: "Reads whose answers AWS marks as sensitive and that may be kept all the same, as `[lambda:ListFunctions, stepfunctions:*]`. None, since function environments and execution inputs hold passwords; what hands out credentials or decrypted values never is kept.",
    },
    Knob {
        path: "metrics.enabled",
        variable: "AWS_PERF_METRICS",
        range: Range::Switch,
        default: "true",
        reason: "Whether each fetch leaves an event in the journal beside the cache, for `aws perf stats`. An event takes microseconds, and all of them 16 MiB at most.",
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
        self.find(path, text::duration_of)
    }

    pub(super) fn integer(&self, path: &'static str) -> Result<i64> {
        self.find(path, |value| match value {
            Value::Int { val, .. } => Some(*val),
            Value::String { val, .. } => val.trim().parse().ok(),
            _ => None,
        })
    }

    pub(super) fn size(&self, path: &'static str) -> Result<u64> {
        self.find(path, |value| match value {
            Value::Filesize { val, .. } => u64::try_from(val.get()).ok(),
            Value::Int { val, .. } => u64::try_from(*val).ok(),
            Value::String { val, .. } => text::size(val),
            _ => None,
        })
    }

    pub(super) fn switch(&self, path: &'static str) -> Result<bool> {
        self.find(path, |value| match value {
            Value::Bool { val, .. } => Some(*val),
            Value::String { val, .. } => text::switch(val),
            _ => None,
        })
    }

    pub(super) fn operations(&self, path: &'static str) -> Result<Vec<(String, String)>> {
        self.find(path, |value| match value {
            Value::List { vals, .. } => {
                vals.iter().map(|name| text::operation(name.as_str().ok()?)).collect()
            }
            Value::String { val, .. } => text::operations(val),
            _ => None,
        })
    }

    /// The variable, else the configuration, else the default; checked against the knob's range.
    fn find<T: Ranged>(&self, path: &'static str, read: impl Fn(&Value) -> Option<T>) -> Result<T> {
        let Some(knob) = KNOBS.iter().find(|knob| knob.path == path) else {
            return Err(Error::new(ErrorKind::Internal, format!("no knob is called `{path}`")));
        };
        let configured = self.config.and_then(|config| lookup(config, path));
        let (variable, is_set) = (self.environment.get(knob.variable), configured.is_some());
        let text = |text: &str| Value::string(text, nu_protocol::Span::unknown());
        let value = variable.map(text).or(configured).unwrap_or_else(|| text(knob.default));
        read(&value).filter(|value| value.within(knob.range)).ok_or_else(|| {
            let origin = match variable {
                Some(_) => format!("variable {}", knob.variable),
                None if is_set => format!("plugin setting `{path}`"),
                None => format!("the default of `{path}`"),
            };
            Error::new(
                ErrorKind::Configuration,
                format!(
                    "{origin} is `{}`, which is not {}",
                    value.to_expanded_string(", ", &nu_protocol::Config::default()),
                    describe(knob.range)
                ),
            )
            .at(value.span())
            .help(format!("{path}: {} (default {})", describe(knob.range), knob.default))
        })
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

impl Ranged for Vec<(String, String)> {
    fn within(&self, range: Range) -> bool {
        matches!(range, Range::Operations)
    }
}

fn describe(range: Range) -> String {
    match range {
        Range::Duration(min, max) => format!("a duration from {min:?} to {max:?}, such as 30sec or 500ms"),
        Range::Integer(min, max) => format!("a whole number from {min} to {max}"),
        Range::Size(min, max) => format!("a size from {min} to {max} bytes, such as 64MiB"),
        Range::Switch => "true or false".into(),
        Range::Operations => "a list of operations, such as [lambda:ListFunctions, stepfunctions:*]".into(),
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
        if path == "profiles" || path == ttls::PATH || KNOBS.iter().any(|knob| knob.path == path) {
            continue;
        }
        if KNOBS.iter().any(|knob| knob.path.starts_with(&group)) {
            check_names(value, &group)?;
            continue;
        }
        let known: Vec<&str> = KNOBS.iter().map(|knob| knob.path).chain([ttls::PATH, "profiles"]).collect();
        // A misspelt group has all that is in it below it; its own name is what was meant.
        let groups = known.iter().filter_map(|path| path.split_once('.')).map(|(group, _)| group);
        let help = did_you_mean(&path, known.iter().copied().chain(groups))
            .unwrap_or_else(|| format!("the settings are: {}", known.join(", ")));
        return Err(Error::new(ErrorKind::Configuration, format!("unknown plugin setting `{path}`"))
            .at(value.span())
            .help(help));
    }
    Ok(())
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
                Range::Operations => drop(reader.operations(knob.path).unwrap()),
            }
        }
    }
}
