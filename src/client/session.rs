//! As whom and where: profile, region, credentials and endpoints, resolved from the engine's environment.
//!
//! A session is memoised by a hash of the variables it may depend on and of the files behind them, so `with-env`,
//! an edited config file and a fresh SSO login are all seen, and nothing is resolved twice.

mod chain;
mod fingerprint;
mod http;
mod imds;
mod process;
mod profiles;

pub use chain::Source;
pub use fingerprint::fingerprint;
pub use profiles::names as profile_names;

use crate::{
    config::{Environment, Settings},
    error::{Error, ErrorKind, Result},
};
use aws_config::{BehaviorVersion, meta::region::ProvideRegion};
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::{
    SdkConfig,
    os_shim_internal::{Env, Fs},
    region::Region,
    service_config::ServiceConfigKey,
};
use profiles::Profiles;
use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

/// What a command was told to use; absent parts come from the environment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Target {
    /// `--profile`.
    pub profile: Option<String>,
    /// `--region`.
    pub region: Option<String>,
    /// `--endpoint-url`.
    pub endpoint_url: Option<String>,
}

/// A resolved session: cheap to share, never changed.
pub struct Session {
    /// Distinguishes sessions in memos.
    pub id: u64,
    /// Name of the profile; `default` where none is named.
    pub profile: String,
    /// The default region.
    pub region: Option<String>,
    /// Where the credentials come from.
    pub source: Source,
    /// Everything that the SDK's runtime wants to know.
    pub sdk: SdkConfig,
    /// Whether host prefixes (`sync-` of `StartSyncExecution`) are left out.
    pub no_host_prefix: bool,
    /// The profile's settings, for the few that the SDK does not read itself.
    settings: HashMap<String, String>,
}

// The SDK's own configuration shows the environment in its debug output, keys included.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("profile", &self.profile)
            .field("region", &self.region)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// The region of a target, or an error that says what to set.
    pub fn region(&self, target: &Target) -> Option<String> {
        target.region.clone().or_else(|| self.region.clone())
    }

    /// The custom endpoint of a service: flag, then `AWS_ENDPOINT_URL_<SERVICE>`, then `AWS_ENDPOINT_URL`, then the
    /// profile's.
    pub fn endpoint_url(&self, target: &Target, service_id: &str) -> Option<String> {
        if target.endpoint_url.is_some() {
            return target.endpoint_url.clone();
        }
        let key = ServiceConfigKey::builder()
            .service_id(service_id)
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build()
            .ok()?;
        let configured = self.sdk.service_config().and_then(|config| config.load_config(key));
        configured.or_else(|| self.sdk.endpoint_url().map(String::from))
    }

    /// A setting of the profile, as `s3_use_arn_region`.
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.settings.get(name).map(String::as_str)
    }

    /// The credentials, for `aws whoami`; calls get theirs through the SDK's identity cache.
    pub async fn credentials(&self) -> Result<aws_credential_types::Credentials> {
        let provider = self
            .sdk
            .credentials_provider()
            .ok_or_else(|| Error::new(ErrorKind::MissingCredentials, "no credentials are configured"))?;
        provider.provide_credentials().await.map_err(|error| super::failure::credentials(&error, self))
    }
}

/// Resolves sessions and remembers them.
#[derive(Debug, Default)]
pub struct Sessions {
    known: Mutex<HashMap<u64, Arc<Session>>>,
    pool: http::Pool,
}

/// More sessions than a shell's day has profiles; beyond it the memo starts anew.
const MEMO_LIMIT: usize = 256;

impl Sessions {
    /// The session for an environment and a target's profile.
    pub async fn resolve(
        &self,
        environment: &Environment,
        settings: &Settings,
        target: &Target,
    ) -> Result<Arc<Session>> {
        let environment = effective(environment, target);
        let id = fingerprint(&environment, settings);
        if let Some(known) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&id) {
            return Ok(known.clone());
        }
        let session = Arc::new(self.load(id, environment, settings, target).await?);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MEMO_LIMIT {
            known.clear();
        }
        known.insert(id, session.clone());
        Ok(session)
    }

    async fn load(
        &self,
        id: u64,
        environment: Environment,
        settings: &Settings,
        target: &Target,
    ) -> Result<Session> {
        let profiles = Profiles::load(&environment).await?;
        let profile = profiles.selected(target.profile.is_some())?;
        let region = environment
            .get("AWS_REGION")
            .or_else(|| environment.get("AWS_DEFAULT_REGION"))
            .map(String::from)
            .or_else(|| profiles.get(&profile, "region"));
        let http = self.pool.client(&environment, &profiles, &profile)?;
        let source = chain::plan(&environment, &profiles, &profile)?;
        let sdk = load_sdk(&environment, settings, &profile, region.clone(), http, &source).await?;
        Ok(Session {
            id,
            region,
            source,
            sdk,
            no_host_prefix: environment.flag("AWS_DISABLE_HOST_PREFIX_INJECTION")
                || profiles.get(&profile, "disable_host_prefix_injection").is_some_and(|on| on == "true"),
            settings: profiles.settings(&profile),
            profile,
        })
    }
}

/// The environment as the SDK is to see it: paths made absolute against the engine's directory, and static keys
/// dropped where a profile was named by flag, as the AWS CLI does.
fn effective(environment: &Environment, target: &Target) -> Environment {
    let mut environment = environment.clone();
    for name in
        ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CA_BUNDLE"]
    {
        if let Some(path) = environment.get(name) {
            let absolute = environment.resolve(path).display().to_string();
            environment.set(name, absolute);
        }
    }
    if let Some(profile) = &target.profile {
        environment.set("AWS_PROFILE", profile);
        for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
            environment.remove(name);
        }
    } else if environment.get("AWS_PROFILE").is_none()
        && let Some(profile) = environment.get("AWS_DEFAULT_PROFILE").map(String::from)
    {
        environment.set("AWS_PROFILE", profile);
    }
    environment
}

/// The SDK's variables as its own type.
fn sdk_env(environment: &Environment) -> Env {
    let pairs: Vec<(&str, &str)> = environment.iter().collect();
    Env::from_slice(&pairs)
}

/// A region that is known already.
#[derive(Debug)]
struct KnownRegion(Option<String>);

impl ProvideRegion for KnownRegion {
    fn region(&self) -> aws_config::meta::region::future::ProvideRegion<'_> {
        aws_config::meta::region::future::ProvideRegion::ready(self.0.clone().map(Region::new))
    }
}

async fn load_sdk(
    environment: &Environment,
    settings: &Settings,
    profile: &str,
    region: Option<String>,
    http: SharedHttpClient,
    source: &Source,
) -> Result<SdkConfig> {
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
        Source::Process { .. } => {
            // Roles on top of the process need a configuration to call STS with.
            let base = loader(environment).no_credentials().load().await;
            SharedCredentialsProvider::new(chain::process_chain(environment, source, &base)?)
        }
        Source::Instance => SharedCredentialsProvider::new(imds::provider(environment, &http)?),
        Source::Nothing => SharedCredentialsProvider::new(chain::Absent),
        _ => {
            // Where the source is known, a failing one must not fall through to the instance's role.
            let mut closed = environment.clone();
            if !matches!(source, Source::InstanceProfile { .. }) {
                closed.set("AWS_EC2_METADATA_DISABLED", "true");
            }
            return Ok(loader(&closed).load().await);
        }
    };
    Ok(loader(environment).credentials_provider(provider).load().await)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_named_by_flag_wins_over_static_keys() {
        let environment = Environment::new(
            [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_CONFIG_FILE", "cfg")]
                .map(|(k, v)| (k.to_string(), v.to_string())),
            "/here",
        );
        let flagged = effective(&environment, &Target { profile: Some("other".into()), ..Target::default() });
        assert_eq!(flagged.get("AWS_PROFILE"), Some("other"));
        assert_eq!(flagged.get("AWS_ACCESS_KEY_ID"), None);
        assert_eq!(flagged.get("AWS_CONFIG_FILE"), Some("/here/cfg"));
        assert_eq!(effective(&environment, &Target::default()).get("AWS_ACCESS_KEY_ID"), Some("test"));
    }
}
