//! The `AWS_MOCK_*` variables.

use crate::{
    config::{
        Environment,
        text::{duration, switch},
    },
    error::{Error, ErrorKind, Result},
};
use std::time::Duration;

/// Rows that a paginated operation yields in all, unless told otherwise: more than a screen, less than a page.
const DEFAULT_ITEMS: u64 = 50;

/// How the mock transport behaves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// `AWS_MOCK_ITEMS`: rows that a paginated operation yields in all. Default 50.
    pub items: u64,
    /// `AWS_MOCK_PAGE_SIZE`: rows of a page at most. A request's own limit makes pages smaller, never larger, as with
    /// AWS. Default: what the model allows, at most 1,000.
    pub page_size: Option<u64>,
    /// `AWS_MOCK_LATENCY`: how long an answer takes; the caller waits. Default 0.
    pub latency: Duration,
    /// `AWS_MOCK_ERROR_RATE`: share of attempts that fail, 0 to 1. Default 0.
    pub error_rate: f64,
    /// `AWS_MOCK_THROTTLE_RATE`: share of attempts that are throttled, 0 to 1. Default 0.
    pub throttle_rate: f64,
    /// `AWS_MOCK_SEED`: another seed gives other data. Default 0.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            items: DEFAULT_ITEMS,
            page_size: None,
            latency: Duration::ZERO,
            error_rate: 0.0,
            throttle_rate: 0.0,
            seed: 0,
        }
    }
}

impl Settings {
    /// Reads the variables.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] naming variable, value and accepted form.
    pub fn from(environment: &Environment) -> Result<Self> {
        let unset = Self::default();
        let whole = "a whole number of rows, as 500 or 1_000_000";
        let rate = "a share from 0 to 1, as 0.05";
        let time = "a time, as 30ms, 1.5sec or a number of milliseconds";
        let page = "a whole number of rows above 0, as 100";
        Ok(Self {
            items: read(environment, "AWS_MOCK_ITEMS", number, whole)?.unwrap_or(unset.items),
            page_size: read(
                environment,
                "AWS_MOCK_PAGE_SIZE",
                |text| number(text).filter(|rows| *rows > 0),
                page,
            )?,
            latency: read(environment, "AWS_MOCK_LATENCY", duration, time)?.unwrap_or(unset.latency),
            error_rate: read(environment, "AWS_MOCK_ERROR_RATE", share, rate)?.unwrap_or(unset.error_rate),
            throttle_rate: read(environment, "AWS_MOCK_THROTTLE_RATE", share, rate)?
                .unwrap_or(unset.throttle_rate),
            seed: read(environment, "AWS_MOCK_SEED", number, "a whole number, as 42")?.unwrap_or(unset.seed),
        })
    }
}

/// Whether the mock transport answers for a service. The service and all other names that it goes by (`aliases`) have
/// variables, as `S3_MOCK_MODE` or `EC2_INSTANCE_CONNECT_MOCK_MODE`. One that is set decides, else `AWS_MOCK_MODE`
/// does, so that a single service can be switched off as well.
///
/// # Errors
/// [`ErrorKind::Configuration`] for a value that is neither yes nor no: taking it for no would call the real AWS.
pub fn enabled(service: &str, aliases: &[&str], environment: &Environment) -> Result<bool> {
    let names = std::iter::once(&service).chain(aliases);
    let variables = names.map(|name| format!("{}_MOCK_MODE", name.to_uppercase().replace('-', "_")));
    for variable in variables.chain(["AWS_MOCK_MODE".to_string()]) {
        if let Some(on) = read(environment, &variable, switch, "true or false")? {
            return Ok(on);
        }
    }
    Ok(false)
}

fn read<T>(
    environment: &Environment,
    variable: &str,
    parse: impl Fn(&str) -> Option<T>,
    form: &str,
) -> Result<Option<T>> {
    let Some(text) = environment.get(variable) else { return Ok(None) };
    parse(text.trim()).map(Some).ok_or_else(|| {
        Error::new(ErrorKind::Configuration, format!("the variable {variable} cannot be `{text}`"))
            .help(format!("it takes {form}: correct or unset it"))
    })
}

fn number(text: &str) -> Option<u64> {
    text.starts_with(|c: char| c.is_ascii_digit()).then(|| text.replace('_', "").parse().ok())?
}

fn share(text: &str) -> Option<f64> {
    text.parse().ok().filter(|share| (0.0..=1.0).contains(share))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Environment {
        Environment::new(pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())), "/")
    }

    #[test]
    fn every_variable_is_read() {
        let environment = environment(&[
            ("AWS_MOCK_ITEMS", "1_000_000"),
            ("AWS_MOCK_PAGE_SIZE", "10"),
            ("AWS_MOCK_LATENCY", "1.5sec"),
            ("AWS_MOCK_ERROR_RATE", "0.25"),
            ("AWS_MOCK_THROTTLE_RATE", "1"),
            ("AWS_MOCK_SEED", "7"),
        ]);
        let expected = Settings {
            items: 1_000_000,
            page_size: Some(10),
            latency: Duration::from_millis(1500),
            error_rate: 0.25,
            throttle_rate: 1.0,
            seed: 7,
        };
        assert_eq!(Settings::from(&environment).unwrap(), expected);
        assert_eq!(Settings::from(&Environment::default()).unwrap(), Settings::default());
    }

    #[test]
    fn bad_values_name_variable_value_and_form() {
        for (variable, value, form) in [
            ("AWS_MOCK_ITEMS", "many", "whole number"),
            ("AWS_MOCK_ITEMS", "-1", "whole number"),
            ("AWS_MOCK_PAGE_SIZE", "0", "above 0"),
            ("AWS_MOCK_LATENCY", "30 parsecs", "as 30ms"),
            ("AWS_MOCK_LATENCY", "1e400", "as 30ms"),
            ("AWS_MOCK_ERROR_RATE", "NaN", "from 0 to 1"),
            ("AWS_MOCK_THROTTLE_RATE", "1.1", "from 0 to 1"),
            ("AWS_MOCK_SEED", "0x1", "whole number"),
        ] {
            let error = Settings::from(&environment(&[(variable, value)])).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration);
            assert!(error.message().contains(variable) && error.message().contains(value), "{error}");
            assert!(error.help_text().unwrap().contains(form), "{:?}", error.help_text());
        }
    }

    #[test]
    fn a_service_is_switched_by_any_of_its_names() {
        let on = |pairs: &[(&str, &str)]| enabled("stepfunctions", &["sfn"], &environment(pairs)).unwrap();
        assert!(!on(&[]));
        assert!(on(&[("AWS_MOCK_MODE", "TRUE")]) && on(&[("SFN_MOCK_MODE", "1")]));
        assert!(!on(&[("AWS_MOCK_MODE", "true"), ("STEPFUNCTIONS_MOCK_MODE", "false")]));
        let connect = "ec2-instance-connect";
        assert!(enabled(connect, &[], &environment(&[("EC2_INSTANCE_CONNECT_MOCK_MODE", "true")])).unwrap());
        let error = enabled("s3", &[], &environment(&[("AWS_MOCK_MODE", "ture")])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
    }
}
