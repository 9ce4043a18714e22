//! As whom and where: profile, region, credentials and endpoints, resolved from the engine's environment.
//!
//! A session is memoised by a hash of the variables it may depend on and of the files behind them, so `with-env`,
//! an edited config file and a fresh SSO login are all seen, and nothing is resolved twice.

mod chain;
mod fingerprint;
mod http;
mod identity;
mod options;
mod process;
mod profiles;
mod provider;
mod sdk;
mod source;

pub use fingerprint::fingerprint;
use fingerprint::whole;
pub(super) use options::{AccountIdMode, Options};
pub use profiles::names as profile_names;
pub use source::Source;

use crate::{
    config::{Environment, Settings},
    error::{Error, ErrorKind, Result},
    sync::lock,
};
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::{SdkConfig, service_config::ServiceConfigKey};
use profiles::Profiles;
use sdk::sdk_env;
use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::{Arc, Mutex},
    time::SystemTime,
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
    /// Whose answers they are; see [`Self::identity`].
    identity: String,
    /// Whether requests go through a proxy.
    pub(super) proxies: http::Proxies,
    /// How requests are signed, checked and addressed.
    pub(super) options: Options,
    /// What is known of the credentials in use, as far as they were asked for.
    seen: provider::Seen,
    /// Bearer tokens by the variables that hold them.
    tokens: HashMap<String, String>,
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
    /// The region of a target: its own, else the session's.
    pub fn region(&self, target: &Target) -> Option<String> {
        target.region.clone().or_else(|| self.region.clone())
    }

    /// Who calls are made as, in a form that stays the same when keys are renewed, and that tells no secret: answers of
    /// different identities are never mixed.
    pub fn identity(&self) -> &str {
        &self.identity
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

    /// The bearer token for a signing name, from `AWS_BEARER_TOKEN_<NAME>`.
    pub(super) fn bearer_token(&self, signing_name: &str) -> Option<&str> {
        let name = signing_name.replace(['-', ' '], "_").to_ascii_uppercase();
        self.tokens.get(&name).map(String::as_str)
    }

    /// The account that calls are made in, as the settings or the credentials have it.
    pub(super) async fn account_id(&self) -> Result<Option<String>> {
        if self.options.account_id.is_some() {
            return Ok(self.options.account_id.clone());
        }
        let provider = self.provider()?;
        self.seen.account(&provider).await.map_err(|error| super::failure::credentials(&error, self))
    }

    /// When the credentials that calls are made with expire. `None` where they do not, or where none were needed yet.
    pub fn expiry(&self) -> Option<SystemTime> {
        self.seen.expiry()
    }

    /// Asks for the credentials anew. Calls get theirs through the SDK's identity cache.
    pub async fn credentials(&self) -> Result<aws_credential_types::Credentials> {
        let provider = self.provider()?;
        provider.provide_credentials().await.map_err(|error| super::failure::credentials(&error, self))
    }

    fn provider(&self) -> Result<SharedCredentialsProvider> {
        self.sdk
            .credentials_provider()
            .ok_or_else(|| Error::new(ErrorKind::MissingCredentials, "no credentials are configured"))
    }
}

/// Refuses what is no endpoint: anything else would surface later as a failure of the network.
pub fn check_endpoint_url(url: &str) -> Result<()> {
    let uri = url.parse::<::http::Uri>().ok();
    let authority = uri.as_ref().and_then(::http::Uri::authority);
    let host = authority.map(::http::uri::Authority::host).filter(|host| !host.is_empty());
    let scheme = uri.as_ref().and_then(::http::Uri::scheme_str);
    let fault = match (scheme, authority, host) {
        (Some("http" | "https"), Some(authority), Some(host)) => {
            let port_is_wrong = authority.as_str().len() > host.len()
                && !authority.as_str().contains('@')
                && authority.port_u16().is_none();
            if authority.as_str().contains('@') {
                Some("it names a user, which would be sent nowhere and shown in errors")
            } else if port_is_wrong {
                Some("its port is no port")
            } else if url.contains(['?', '#']) {
                Some("it has a query or a fragment")
            } else {
                None
            }
        }
        _ => Some("it is no http or https URL"),
    };
    let Some(fault) = fault else { return Ok(()) };
    Err(Error::new(ErrorKind::Configuration, format!("the endpoint URL cannot be used: {fault}")).help(
        "write AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_<SERVICE> or --endpoint-url as http://127.0.0.1:5000",
    ))
}

/// Resolves sessions and remembers them.
#[derive(Debug, Default)]
pub struct Sessions {
    known: Mutex<Known>,
    pool: http::Pool,
    http: Option<SharedHttpClient>,
}

/// Sessions by id, and the fingerprints whose sessions depend on everything.
#[derive(Debug, Default)]
struct Known {
    sessions: HashMap<u64, Arc<Session>>,
    processes: HashSet<u64>,
}

/// More sessions than a shell's day has profiles; beyond it the memo starts anew.
const MEMO_LIMIT: usize = 256;

impl Sessions {
    /// Sessions that send everything through `http`.
    pub(super) fn over(http: SharedHttpClient) -> Self {
        Self { http: Some(http), ..Self::default() }
    }

    /// The session for an environment and a target's profile.
    pub async fn resolve(
        &self,
        environment: &Environment,
        settings: &Settings,
        target: &Target,
    ) -> Result<Arc<Session>> {
        let environment = sdk::effective(environment, target);
        let print = fingerprint(&environment, settings);
        {
            let known = lock(&self.known);
            let id = if known.processes.contains(&print) { whole(print, &environment) } else { print };
            if let Some(session) = known.sessions.get(&id) {
                return Ok(session.clone());
            }
        }
        let session = Arc::new(self.load(print, environment, settings, target).await?);
        let mut known = lock(&self.known);
        if known.sessions.len() >= MEMO_LIMIT {
            *known = Known::default();
        }
        if session.id != print {
            known.processes.insert(print);
        }
        known.sessions.insert(session.id, session.clone());
        Ok(session)
    }

    async fn load(
        &self,
        print: u64,
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
        let http = match &self.http {
            Some(http) => http.clone(),
            None => self.pool.client(&environment, &profiles, &profile)?,
        };
        let source = source::plan(&environment, target.profile.is_some(), &profiles, &profile)?;
        let id = if source.looks_around() { whole(print, &environment) } else { print };
        let seen = provider::Seen::default();
        let parts = sdk::Parts {
            environment: &environment,
            settings,
            profiles: &profiles,
            profile: &profile,
            region: region.clone(),
            source: &source,
        };
        let tokens = options::tokens(&environment);
        let identity = identity::text(&environment, &profiles, &source, &tokens, id);
        let sdk = sdk::load(parts, http, seen.clone()).await?;
        Ok(Session {
            id,
            region,
            source,
            sdk,
            proxies: http::Proxies::new(&environment),
            options: Options::resolve(&environment, &profiles, &profile)?,
            identity,
            tokens,
            seen,
            profile,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_endpoints_are_endpoint_urls() {
        for url in
            ["http://127.0.0.1:5000", "https://s3.example.com/base", "http://[::1]:80", "http://localhost"]
        {
            assert!(check_endpoint_url(url).is_ok(), "{url}");
        }
        for url in
            ["localhost:4566", "nonsense", "http://a:99999", "http://u:secret@h", "http://h/?x=y", "ftp://h"]
        {
            let error = check_endpoint_url(url).unwrap_err();
            assert!(!error.message().contains("secret"), "{error}");
        }
    }
}
