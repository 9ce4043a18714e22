//! Settings of the AWS SDKs that change how requests are signed, checked and addressed: from variables, else from the
//! profile, else as botocore has them.

use super::profiles::Profiles;
use crate::{
    config::{Environment, text},
    error::{Error, ErrorKind, Result},
};
use std::collections::HashMap;

/// How the endpoints of services that know accounts are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::client) enum AccountIdMode {
    /// With the account where it is known.
    Preferred,
    /// With the account, or not at all.
    Required,
    /// Without.
    Disabled,
}

impl AccountIdMode {
    /// As the endpoint rules have it.
    pub(in crate::client) fn name(self) -> &'static str {
        match self {
            Self::Preferred => "preferred",
            Self::Required => "required",
            Self::Disabled => "disabled",
        }
    }
}

/// What a session was told about requests.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "each is a setting of its own, with AWS's name")]
pub(in crate::client) struct Options {
    /// Ways to authenticate, the liked ones first, as `sigv4a` or `httpBearerAuth`.
    pub(in crate::client) auth_preference: Vec<String>,
    /// Regions that a signature over several holds for.
    pub(in crate::client) region_set: Option<String>,
    /// The account, where it is configured.
    pub(in crate::client) account_id: Option<String>,
    pub(in crate::client) account_id_mode: AccountIdMode,
    /// Requests carry a checksum only where the model requires one.
    pub(in crate::client) checksums_when_required: bool,
    /// Answers are checked only where the caller asks for it.
    pub(in crate::client) validation_when_required: bool,
    /// From how many bytes on bodies are compressed; `None` for never.
    pub(in crate::client) compress_from: Option<usize>,
    /// `sts.amazonaws.com` instead of the region's endpoint.
    pub(in crate::client) sts_global: bool,
    /// Host prefixes (`sync-` of `StartSyncExecution`) are left out.
    pub(in crate::client) no_host_prefix: bool,
    pub(in crate::client) s3: S3Options,
}

/// The profile's `s3` section, and the variables that go with it.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "each is a setting of its own, with AWS's name")]
pub(in crate::client) struct S3Options {
    /// `path`, `virtual` or `auto`.
    pub(in crate::client) addressing_style: Option<String>,
    pub(in crate::client) accelerate: bool,
    /// Instead of the general setting.
    pub(in crate::client) dual_stack: Option<bool>,
    pub(in crate::client) use_arn_region: Option<bool>,
    /// `s3.amazonaws.com` in `us-east-1`, as before 2019.
    pub(in crate::client) global_us_east_1: bool,
    pub(in crate::client) disable_multi_region: bool,
    pub(in crate::client) disable_express_auth: bool,
}

/// botocore's default: smaller bodies are not worth the work.
const COMPRESS_FROM: usize = 10_240;
/// What AWS's SDKs take.
const COMPRESS_LIMIT: usize = 1_048_576;

/// Variables of bearer tokens, by the signing names of services.
const BEARER_TOKEN: &str = "AWS_BEARER_TOKEN_";

/// Bearer tokens by the end of their variables, as `BEDROCK`.
pub(super) fn tokens(environment: &Environment) -> HashMap<String, String> {
    let named =
        environment.iter().filter_map(|(name, token)| Some((name.strip_prefix(BEARER_TOKEN)?, token)));
    named
        .filter(|(_, token)| !token.is_empty())
        .map(|(name, token)| (name.to_string(), token.to_string()))
        .collect()
}

impl Options {
    pub(super) fn resolve(environment: &Environment, profiles: &Profiles, profile: &str) -> Result<Self> {
        let read = Reader { environment, profiles, profile };
        let list = |text: String| {
            text.split(',').map(|item| item.trim().to_string()).filter(|item| !item.is_empty()).collect()
        };
        let mode = read.one_of(
            "AWS_ACCOUNT_ID_ENDPOINT_MODE",
            "account_id_endpoint_mode",
            &["preferred", "required", "disabled"],
        )?;
        let when = ["when_supported", "when_required"];
        let calculation =
            read.one_of("AWS_REQUEST_CHECKSUM_CALCULATION", "request_checksum_calculation", &when)?;
        let validation =
            read.one_of("AWS_RESPONSE_CHECKSUM_VALIDATION", "response_checksum_validation", &when)?;
        let uncompressed = read.flag("AWS_DISABLE_REQUEST_COMPRESSION", "disable_request_compression")?;
        let sts =
            read.one_of("AWS_STS_REGIONAL_ENDPOINTS", "sts_regional_endpoints", &["regional", "legacy"])?;
        Ok(Self {
            auth_preference: read
                .text("AWS_AUTH_SCHEME_PREFERENCE", "auth_scheme_preference")
                .map(list)
                .unwrap_or_default(),
            region_set: read.text("AWS_SIGV4A_SIGNING_REGION_SET", "sigv4a_signing_region_set"),
            account_id: read.text("AWS_ACCOUNT_ID", "aws_account_id"),
            account_id_mode: match mode.as_deref() {
                Some("required") => AccountIdMode::Required,
                Some("disabled") => AccountIdMode::Disabled,
                _ => AccountIdMode::Preferred,
            },
            checksums_when_required: calculation.as_deref() == Some("when_required"),
            validation_when_required: validation.as_deref() == Some("when_required"),
            compress_from: if uncompressed == Some(true) { None } else { Some(read.compress_from()?) },
            sts_global: sts.as_deref() == Some("legacy"),
            no_host_prefix: environment.flag("AWS_DISABLE_HOST_PREFIX_INJECTION")
                || read.of_profile("disable_host_prefix_injection").is_some_and(|on| on == "true"),
            s3: S3Options::resolve(&read)?,
        })
    }
}

impl S3Options {
    fn resolve(read: &Reader<'_>) -> Result<Self> {
        let flag = |variable: &str, key: &str| read.flag(variable, key);
        let global = read.one_of(
            "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT",
            "s3.us_east_1_regional_endpoint",
            &["regional", "legacy"],
        )?;
        Ok(Self {
            addressing_style: read.one_of("", "s3.addressing_style", &["auto", "path", "virtual"])?,
            accelerate: flag("", "s3.use_accelerate_endpoint")?.unwrap_or_default(),
            dual_stack: flag("", "s3.use_dualstack_endpoint")?,
            use_arn_region: match flag("AWS_S3_USE_ARN_REGION", "s3_use_arn_region")? {
                Some(given) => Some(given),
                None => flag("", "s3.use_arn_region")?,
            },
            global_us_east_1: global.as_deref() == Some("legacy"),
            disable_multi_region: flag(
                "AWS_S3_DISABLE_MULTIREGION_ACCESS_POINTS",
                "s3.s3_disable_multiregion_access_points",
            )?
            .unwrap_or_default(),
            disable_express_auth: flag(
                "AWS_S3_DISABLE_EXPRESS_SESSION_AUTH",
                "s3_disable_express_session_auth",
            )?
            .unwrap_or_default(),
        })
    }
}

struct Reader<'a> {
    environment: &'a Environment,
    profiles: &'a Profiles,
    profile: &'a str,
}

impl Reader<'_> {
    /// A variable, else a setting of the profile; `s3.x` is `x` of its section `s3`.
    fn text(&self, variable: &str, key: &str) -> Option<String> {
        let given = self.environment.get(variable).map(String::from);
        given
            .or_else(|| self.of_profile(key))
            .map(|text| text.trim().to_string())
            .filter(|text| !text.is_empty())
    }

    fn of_profile(&self, key: &str) -> Option<String> {
        let Some((section, key)) = key.split_once('.') else { return self.profiles.get(self.profile, key) };
        // A section is a setting whose value is lines of settings.
        let lines = self.profiles.get(self.profile, section)?;
        let pairs = lines.lines().filter_map(|line| line.split_once('='));
        let value = pairs.map(|(name, value)| (name.trim(), value.trim())).find(|(name, _)| *name == key);
        value.map(|(_, value)| value.to_string())
    }

    fn one_of(&self, variable: &str, key: &str, known: &[&str]) -> Result<Option<String>> {
        let Some(text) = self.text(variable, key) else { return Ok(None) };
        let lower = text.to_ascii_lowercase();
        if known.contains(&lower.as_str()) {
            return Ok(Some(lower));
        }
        Err(self.wrong(variable, key, &text, &known.join(" or ")))
    }

    fn flag(&self, variable: &str, key: &str) -> Result<Option<bool>> {
        let Some(text) = self.text(variable, key) else { return Ok(None) };
        match text::switch(&text) {
            Some(on) => Ok(Some(on)),
            None => Err(self.wrong(variable, key, &text, "true or false")),
        }
    }

    fn compress_from(&self) -> Result<usize> {
        let (variable, key) =
            ("AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES", "request_min_compression_size_bytes");
        let Some(text) = self.text(variable, key) else { return Ok(COMPRESS_FROM) };
        let size = text.parse().ok().filter(|size| (0..=COMPRESS_LIMIT).contains(size));
        size.ok_or_else(|| self.wrong(variable, key, &text, &format!("a number from 0 to {COMPRESS_LIMIT}")))
    }

    fn wrong(&self, variable: &str, key: &str, text: &str, wanted: &str) -> Error {
        let origin = match self.environment.get(variable) {
            Some(_) => variable.to_string(),
            None => format!("`{key}` of profile `{}`", self.profile),
        };
        Error::new(ErrorKind::Configuration, format!("{origin} is `{text}`, which is not {wanted}"))
            .help(format!("write {wanted}, or remove the setting"))
    }
}

#[cfg(test)]
impl Options {
    /// What holds where nothing is set.
    pub(in crate::client) fn plain() -> Self {
        Self::of(&[], "")
    }

    /// What variables and a profile's settings make.
    pub(in crate::client) fn of(variables: &[(&str, &str)], profile: &str) -> Self {
        tests::resolved(variables, profile).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn resolved(variables: &[(&str, &str)], profile: &str) -> Result<Options> {
        let file = std::env::temp_dir().join(format!("aws_perf_options_{:x}", fastrand::u128(..)));
        std::fs::write(&file, format!("[default]\n{profile}")).unwrap();
        let mut all: Vec<(String, String)> =
            variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        all.push(("AWS_CONFIG_FILE".into(), file.display().to_string()));
        let environment = Environment::new(all, "/");
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let profiles = runtime.block_on(Profiles::load(&environment)).unwrap();
        std::fs::remove_file(&file).unwrap();
        Options::resolve(&environment, &profiles, "default")
    }

    #[test]
    fn defaults_are_botocores() {
        let options = Options::plain();
        assert_eq!(options.compress_from, Some(10_240));
        assert_eq!(options.account_id_mode, AccountIdMode::Preferred);
        assert!(!options.checksums_when_required && !options.validation_when_required && !options.sts_global);
        assert!(options.s3.addressing_style.is_none() && !options.s3.accelerate);
    }

    #[test]
    fn sections_and_variables_are_read_and_variables_win() {
        let profile = "s3 =\n  addressing_style = path\n  use_dualstack_endpoint = true\n\
                       s3_use_arn_region = false\naccount_id_endpoint_mode = required\n\
                       auth_scheme_preference = sigv4a, httpBearerAuth\n";
        let options = Options::of(&[("AWS_ACCOUNT_ID_ENDPOINT_MODE", "Disabled")], profile);
        assert_eq!(options.s3.addressing_style.as_deref(), Some("path"));
        assert_eq!((options.s3.dual_stack, options.s3.use_arn_region), (Some(true), Some(false)));
        assert_eq!(options.account_id_mode, AccountIdMode::Disabled);
        assert_eq!(options.auth_preference, ["sigv4a", "httpBearerAuth"]);
    }

    #[test]
    fn what_no_setting_can_be_is_told_with_where_it_stands() {
        let told = |variables: &[(&str, &str)], profile: &str| {
            let error = resolved(variables, profile).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration);
            error.message().to_string()
        };
        let message = told(&[("AWS_REQUEST_CHECKSUM_CALCULATION", "never")], "");
        assert!(message.contains("AWS_REQUEST_CHECKSUM_CALCULATION") && message.contains("when_required"));
        assert!(
            told(&[], "s3 =\n  addressing_style = sideways\n").contains("`s3.addressing_style` of profile")
        );
        assert!(told(&[], "request_min_compression_size_bytes = 2000000\n").contains("1048576"));
    }
}
