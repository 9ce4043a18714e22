//! Every knob with its default, range, variable and reason; and the environment that they are read from.
//!
//! A knob is set by, in rising order: its default, `$env.config.plugins.aws_perf`, its variable, a flag of the command.

mod environment;
mod knobs;
pub(crate) mod text;
mod ttls;

pub use environment::Environment;
pub use knobs::{KNOBS, Knob, Range};
pub use ttls::TtlRule;

use crate::error::{Error, ErrorKind, Result};
use knobs::Reader;
use nu_protocol::Value;
use std::time::Duration;

/// The knobs' values for one call.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Settings {
    /// Until a connection stands.
    pub connect_timeout: Duration,
    /// Until the first byte of an answer, and between bytes.
    pub read_timeout: Duration,
    /// One attempt of a call.
    pub attempt_timeout: Duration,
    /// A call with all its attempts.
    pub operation_timeout: Duration,
    /// Attempts of a call, the first included.
    pub max_attempts: u32,
    /// Bytes of a streaming body that `aws call` holds in memory.
    pub body_cap: u64,
    /// Bytes of the cache in memory; 0 where it is off.
    pub cache_memory: u64,
    /// Bytes of the cache on disk; 0 where it is off.
    pub cache_disk: u64,
    /// How long a cached value lives where nobody says.
    pub cache_ttl: Duration,
    /// How long an answer of AWS lives in the cache where nobody says.
    pub answer_ttl: Duration,
    /// How long after its time an answer is given where AWS cannot be had; zero where never.
    pub stale_if_error: Duration,
    /// Whether completions offer names of resources.
    pub completions: bool,
    /// How long the answers of single services and operations live; the variables' come first.
    pub ttls: Vec<TtlRule>,
    /// Services and operations whose answers are kept although they are sensitive; `*` is all.
    pub sensitive: Vec<(String, String)>,
    /// Whether what is asked is measured.
    pub metrics: bool,
    /// Pages that a stream fetches ahead of its reader.
    pub prefetch: usize,
    /// Tidy rows without asking.
    pub tidy: bool,
    /// Refuse writes.
    pub read_only: bool,
    /// Profiles in which writes are refused.
    pub read_only_profiles: Vec<String>,
}

impl Settings {
    /// Reads every knob. `config` is `$env.config.plugins.aws_perf`, where it is set.
    pub fn resolve(config: Option<&Value>, environment: &Environment) -> Result<Self> {
        let reader = Reader::new(config, environment)?;
        let cached = reader.switch("cache.enabled")?;
        let answer_ttl = reader.duration("cache.answer_ttl")?;
        let tier = |path| Ok::<_, Error>(if cached { reader.size(path)? } else { 0 });
        Ok(Self {
            connect_timeout: reader.duration("http.connect_timeout")?,
            read_timeout: reader.duration("http.read_timeout")?,
            attempt_timeout: reader.duration("http.attempt_timeout")?,
            operation_timeout: reader.duration("http.operation_timeout")?,
            max_attempts: u32::try_from(reader.integer("http.max_attempts")?).unwrap_or(u32::MAX),
            body_cap: reader.size("http.body_cap")?,
            cache_memory: tier("cache.memory")?,
            cache_disk: tier("cache.disk")?,
            cache_ttl: reader.duration("cache.ttl")?,
            answer_ttl,
            stale_if_error: reader.duration("cache.stale_if_error")?,
            completions: reader.switch("cache.completions")?,
            ttls: ttls::read(config, environment, answer_ttl)?,
            sensitive: reader.operations("cache.sensitive")?,
            metrics: reader.switch("metrics.enabled")?,
            prefetch: usize::try_from(reader.integer("stream.prefetch")?).unwrap_or(1),
            tidy: reader.switch("stream.tidy")?,
            read_only: reader.switch("read_only")?,
            read_only_profiles: read_only_profiles(config)?,
        })
    }

    /// Whether writes are refused in a profile.
    pub fn refuses_writes(&self, profile: &str) -> bool {
        self.read_only || self.read_only_profiles.iter().any(|name| name == profile)
    }
}

/// `profiles: {<name>: {read_only: true}}` of the plugin's configuration.
fn read_only_profiles(config: Option<&Value>) -> Result<Vec<String>> {
    let Some(profiles) = config.and_then(|config| config.get_data_by_key("profiles")) else {
        return Ok(Vec::new());
    };
    let wrong = |value: &Value, what: &str| {
        Error::new(ErrorKind::Configuration, format!("{what}, found {}", value.get_type()))
            .at(value.span())
            .help("write $env.config.plugins.aws_perf.profiles = {prod: {read_only: true}}")
    };
    let record =
        profiles.as_record().map_err(|_| wrong(&profiles, "plugin setting `profiles` must be a record"))?;
    let mut names = Vec::new();
    for (name, options) in record {
        let options = options
            .as_record()
            .map_err(|_| wrong(options, &format!("plugin setting `profiles.{name}` must be a record")))?;
        for (key, value) in options {
            match (key.as_str(), value) {
                ("read_only", Value::Bool { val, .. }) => names.extend(val.then(|| name.clone())),
                ("read_only", other) => {
                    return Err(wrong(other, &format!("`profiles.{name}.read_only` must be true or false")));
                }
                _ => {
                    return Err(Error::new(
                        ErrorKind::Configuration,
                        format!("unknown plugin setting `profiles.{name}.{key}`"),
                    )
                    .at(value.span())
                    .help("the settings of a profile are: read_only"));
                }
            }
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use nu_protocol::{Span, record};

    fn environment(pairs: &[(&str, &str)]) -> Environment {
        Environment::new(pairs.iter().map(|(k, v)| ((*k).into(), (*v).into())), "/")
    }

    #[test]
    fn variables_win_over_the_configuration() {
        let span = Span::test_data();
        let config = Value::record(
            record! {
                "http" => Value::record(record! { "max_attempts" => Value::int(5, span) }, span),
                "stream" => Value::record(record! { "tidy" => Value::bool(true, span) }, span),
            },
            span,
        );
        let settings = Settings::resolve(Some(&config), &environment(&[("AWS_MAX_ATTEMPTS", "7")])).unwrap();
        assert_eq!(settings.max_attempts, 7);
        assert!(settings.tidy);
        assert_eq!(Settings::resolve(None, &environment(&[])).unwrap().max_attempts, 3);
    }

    #[test]
    fn a_bad_value_names_the_knob_its_range_and_the_source() {
        let error =
            Settings::resolve(None, &environment(&[("AWS_PERF_CONNECT_TIMEOUT", "soon")])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.message().contains("AWS_PERF_CONNECT_TIMEOUT"), "{}", error.message());
        let config = Value::test_record(record! { "htp" => Value::test_int(1) });
        let error = Settings::resolve(Some(&config), &environment(&[])).unwrap_err();
        assert!(error.message().contains("htp"), "{}", error.message());
        assert!(error.help_text().unwrap().contains("http"), "{error:?}");
    }

    #[test]
    fn profiles_can_be_read_only() {
        let inner = Value::test_record(record! { "read_only" => Value::test_bool(true) });
        let config = Value::test_record(record! {
            "profiles" => Value::test_record(record! { "prod" => inner })
        });
        let settings = Settings::resolve(Some(&config), &environment(&[])).unwrap();
        assert!(settings.refuses_writes("prod"));
        assert!(!settings.refuses_writes("dev"));
    }
}
