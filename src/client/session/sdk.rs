//! A session's environment and credentials, as the SDK's configuration.

use super::{Source, Target, chain, profiles::Profiles, provider};
use crate::{
    config::{Environment, Settings},
    error::Result,
};
use aws_config::{BehaviorVersion, meta::region::ProvideRegion};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::{
    SdkConfig,
    os_shim_internal::{Env, Fs},
    region::Region,
};

/// Marks an environment whose profile was named by flag: keys in the environment are not what the user means then, as
/// in the AWS CLI, but a profile may still ask for them (`credential_source = Environment`).
const BY_FLAG: &str = "AWS_PERF_PROFILE_BY_FLAG";

/// The environment that decides: paths made absolute against the engine's directory.
pub(super) fn effective(environment: &Environment, target: &Target) -> Environment {
    let mut environment = environment.clone();
    for name in [
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        "AWS_CA_BUNDLE",
    ] {
        if let Some(path) = environment.get(name) {
            let absolute = environment.resolve(path).display().to_string();
            environment.set(name, absolute);
        }
    }
    if let Some(profile) = &target.profile {
        environment.set("AWS_PROFILE", profile);
        environment.set(BY_FLAG, "true");
    } else if environment.get("AWS_PROFILE").is_none()
        && let Some(profile) = environment.get("AWS_DEFAULT_PROFILE").map(String::from)
    {
        environment.set("AWS_PROFILE", profile);
    }
    environment
}

/// The SDK's variables as its own type.
pub(super) fn sdk_env(environment: &Environment) -> Env {
    const KEYS: [&str; 3] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
    let by_flag = environment.get(BY_FLAG).is_some();
    let pairs: Vec<(&str, &str)> =
        environment.iter().filter(|(name, _)| !(by_flag && KEYS.contains(name))).collect();
    Env::from_slice(&pairs)
}

/// A region that is known already.
#[derive(Debug)]
struct KnownRegion(String);

impl ProvideRegion for KnownRegion {
    fn region(&self) -> aws_config::meta::region::future::ProvideRegion<'_> {
        aws_config::meta::region::future::ProvideRegion::ready(Some(Region::new(self.0.clone())))
    }
}

/// Where roles are assumed when no region is configured. STS knows every role of the partition in each of its regions.
const STS_REGION: &str = "us-east-1";

/// What a session's configuration is made of.
pub(super) struct Parts<'a> {
    pub(super) environment: &'a Environment,
    pub(super) settings: &'a Settings,
    pub(super) profiles: &'a Profiles,
    pub(super) profile: &'a str,
    pub(super) region: Option<String>,
    pub(super) source: &'a Source,
}

/// The SDK's configuration of a session, with the provider of its credentials.
pub(super) async fn load(
    parts: Parts<'_>,
    http: SharedHttpClient,
    seen: provider::Seen,
) -> Result<SdkConfig> {
    let Parts { environment, settings, profiles, profile, region, source } = parts;
    let region = region.unwrap_or_else(|| STS_REGION.into());
    let loader = |environment: &Environment| {
        aws_config::defaults(BehaviorVersion::latest())
            .env(sdk_env(environment))
            .fs(Fs::real())
            .http_client(http.clone())
            .region(KnownRegion(region.clone()))
            .profile_name(profile)
            .retry_config(aws_config::retry::RetryConfig::standard().with_max_attempts(settings.max_attempts))
    };
    let provider = match source {
        Source::Command { .. } | Source::Keys(_) | Source::EnvironmentRole(_) => {
            let base = chain::start(environment, profiles, source)?;
            // Roles on top need a configuration to call STS with.
            let sdk = loader(environment).no_credentials().load().await;
            SharedCredentialsProvider::new(chain::Chain::new(base, source, sdk))
        }
        Source::WebRole(_) | Source::ContainerRole(_) | Source::InstanceRole(_) => {
            let alone = chain::alone(environment, profiles, source);
            let files = EnvConfigFiles::builder().with_contents(EnvConfigFileKind::Config, "").build();
            let base = loader(&alone).profile_name("default").profile_files(files).load().await;
            let base = bounded(source, base.credentials_provider(), environment);
            let sdk = loader(environment).no_credentials().load().await;
            SharedCredentialsProvider::new(chain::Chain::new(base, source, sdk))
        }
        Source::Nothing => SharedCredentialsProvider::new(chain::Absent),
        _ => {
            // Where the source is known, a failing one must not fall through to the instance's role.
            let mut own = environment.clone();
            if *source != Source::Instance {
                own.set("AWS_EC2_METADATA_DISABLED", "true");
            }
            bounded(source, loader(&own).load().await.credentials_provider(), environment)
        }
    };
    let watched = provider::Watched::new(provider, seen);
    Ok(loader(environment).credentials_provider(watched).load().await)
}

/// A provider that asks no instance for longer than an instance takes.
fn bounded(
    source: &Source,
    provider: Option<SharedCredentialsProvider>,
    environment: &Environment,
) -> SharedCredentialsProvider {
    let provider = provider.unwrap_or_else(|| SharedCredentialsProvider::new(chain::Absent));
    match source {
        Source::Instance | Source::InstanceRole(_) => {
            SharedCredentialsProvider::new(provider::Bounded::new(provider, environment))
        }
        _ => provider,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_named_by_flag_hides_keys_from_the_sdk() {
        let environment = Environment::new(
            [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_CONFIG_FILE", "cfg")]
                .map(|(k, v)| (k.to_string(), v.to_string())),
            "/here",
        );
        let target = Target { profile: Some("other".into()), ..Target::default() };
        let flagged = effective(&environment, &target);
        assert_eq!(flagged.get("AWS_PROFILE"), Some("other"));
        assert_eq!(flagged.get("AWS_CONFIG_FILE"), Some("/here/cfg"));
        assert!(sdk_env(&flagged).get("AWS_ACCESS_KEY_ID").is_err());
        assert!(sdk_env(&effective(&environment, &Target::default())).get("AWS_ACCESS_KEY_ID").is_ok());
    }
}
