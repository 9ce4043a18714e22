//! How long users want answers to live: `cache.ttls` and the variables `AWS_PERF_TTL_<SERVICE>`.

use super::{
    Environment,
    knobs::{MILLISECOND, YEAR},
    text,
};
use crate::error::{Error, ErrorKind, Result};
use nu_protocol::Value;
use std::time::Duration;

/// Where they are in the plugin's configuration.
pub(super) const PATH: &str = "cache.ttls";
/// How the variables begin.
const VARIABLE: &str = "AWS_PERF_TTL_";
/// The variable of `cache.answer_ttl`.
const ALL: &str = "AWS_PERF_TTL";

/// How long the answers of a service, or of one of its operations, live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TtlRule {
    /// The service in any spelling; `*` is all.
    pub service: String,
    /// The operation in any spelling; none is all.
    pub operation: Option<String>,
    /// How long.
    pub ttl: Duration,
    /// Where it was said.
    pub origin: String,
}

/// The variables first, then the configuration. Whoever sets the time of answers as such means all of them.
pub(super) fn read(
    config: Option<&Value>,
    environment: &Environment,
    answer_ttl: Duration,
) -> Result<Vec<TtlRule>> {
    let mut rules = Vec::new();
    for (name, told) in environment.iter() {
        let Some(service) = name.strip_prefix(VARIABLE).filter(|service| !service.is_empty()) else {
            continue;
        };
        if told.is_empty() {
            continue;
        }
        let origin = format!("variable {name}");
        let ttl = valid(text::duration(told)).ok_or_else(|| wrong(&origin, told))?;
        rules.push(TtlRule { service: service.into(), operation: None, ttl, origin });
    }
    let all =
        |ttl, origin: &str| TtlRule { service: "*".into(), operation: None, ttl, origin: origin.into() };
    if environment.get(ALL).is_some() {
        rules.push(all(answer_ttl, "variable AWS_PERF_TTL"));
    }
    let cache = config.and_then(|config| config.get_data_by_key("cache"));
    let set = |name: &str| cache.as_ref().and_then(|cache| cache.get_data_by_key(name));
    if set("answer_ttl").is_some() && environment.get(ALL).is_none() {
        rules.push(all(answer_ttl, "plugin setting `cache.answer_ttl`"));
    }
    let Some(ttls) = set("ttls") else { return Ok(rules) };
    let record = ttls.as_record().map_err(|_| {
        Error::new(ErrorKind::Configuration, format!("plugin setting `{PATH}` must be a record"))
            .at(ttls.span())
            .help("write $env.config.plugins.aws_perf.cache.ttls = {ec2: 1min, \"ec2:DescribeVpcs\": 1hr}")
    })?;
    for (name, told) in record {
        if told.is_nothing() {
            continue;
        }
        let origin = format!("plugin setting `{PATH}.{name}`");
        let ttl = valid(text::duration_of(told)).ok_or_else(|| {
            let shown = told.to_expanded_string(", ", &nu_protocol::Config::default());
            wrong(&origin, &shown).at(told.span())
        })?;
        let (service, operation) = match name.split_once(':') {
            Some((service, operation)) => (service, Some(operation.to_owned())),
            None => (name.as_str(), None),
        };
        rules.push(TtlRule { service: service.into(), operation, ttl, origin });
    }
    Ok(rules)
}

fn valid(ttl: Option<Duration>) -> Option<Duration> {
    ttl.filter(|ttl| (MILLISECOND..=YEAR).contains(ttl))
}

fn wrong(origin: &str, told: &str) -> Error {
    let message = format!("{origin} is `{told}`, which is not a duration from 1ms to a year, such as 30sec");
    Error::new(ErrorKind::Configuration, message)
        .help("to keep nothing, switch the cache off: --no-cache, or cache.enabled")
}
