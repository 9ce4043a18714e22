//! Credentials that start somewhere, with roles on top.
//!
//! The SDK's own chain would do, but it runs credential processes with this process's frozen environment and
//! directory, so with another account than the user's. It is built without them, and never asked for profiles that
//! have one.

use super::{
    process::Process,
    profiles::Profiles,
    source::{Role, Source},
};
use crate::{
    config::Environment,
    error::{Error, ErrorKind, Result},
};
use aws_config::sts::AssumeRoleProvider;
use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, SharedCredentialsProvider, error::CredentialsError, future},
};
use aws_types::SdkConfig;
use std::{fmt, time::Duration};
use tokio::sync::OnceCell;

/// What a chain starts with, where the SDK need not be asked.
pub(super) fn start(
    environment: &Environment,
    profiles: &Profiles,
    source: &Source,
) -> Result<SharedCredentialsProvider> {
    match source {
        Source::Keys(start) => {
            let get = |key: &str| profiles.get(&start.from, key);
            Ok(SharedCredentialsProvider::new(Credentials::new(
                get("aws_access_key_id").unwrap_or_default(),
                get("aws_secret_access_key").unwrap_or_default(),
                get("aws_session_token"),
                None,
                "ProfileFile",
            )))
        }
        Source::EnvironmentRole(start) => {
            let get = |name: &str| environment.get(name).map(String::from);
            let (Some(id), Some(secret)) = (get("AWS_ACCESS_KEY_ID"), get("AWS_SECRET_ACCESS_KEY")) else {
                return Err(Error::new(
                    ErrorKind::MissingCredentials,
                    format!(
                        "profile `{}` takes its credentials from the environment, which has none",
                        start.from
                    ),
                )
                .help("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"));
            };
            let keys = Credentials::new(id, secret, get("AWS_SESSION_TOKEN"), None, "Environment");
            Ok(SharedCredentialsProvider::new(keys))
        }
        Source::Command { command, .. } => {
            Ok(SharedCredentialsProvider::new(Process::new(command.clone(), environment.clone())))
        }
        other => Err(Error::new(ErrorKind::Internal, format!("`{other}` is no start of a chain"))),
    }
}

/// The environment in which the SDK, without profiles, finds what a chain starts with and nothing else.
///
/// The SDK would follow these profiles itself, but relative to this process's directory, and for the ten seconds that
/// it gives a metadata service that is not there.
pub(super) fn alone(environment: &Environment, profiles: &Profiles, source: &Source) -> Environment {
    let mut alone = environment.clone();
    let container = !matches!(source, Source::ContainerRole(_));
    let elsewhere = ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"];
    let keys = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"];
    let web = ["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME"];
    for name in keys.iter().chain(&web).chain(elsewhere.iter().filter(|_| container)) {
        alone.remove(name);
    }
    if !matches!(source, Source::InstanceRole(_)) {
        alone.set("AWS_EC2_METADATA_DISABLED", "true");
    }
    if let Source::WebRole(start) = source {
        let [file, role, session] = web;
        let get = |key: &str| profiles.get(&start.from, key);
        let path = get("web_identity_token_file").unwrap_or_default();
        alone.set(file, environment.resolve(&path).display().to_string());
        alone.set(role, get("role_arn").unwrap_or_default());
        if let Some(name) = get("role_session_name") {
            alone.set(session, name);
        }
    }
    alone
}

/// A start with roles on top.
pub(super) struct Chain {
    base: SharedCredentialsProvider,
    roles: Vec<Role>,
    sdk: SdkConfig,
    assumed: OnceCell<SharedCredentialsProvider>,
}

// The SDK's configuration would show the environment, keys included.
impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Chain")
    }
}

impl Chain {
    /// `sdk` is what STS is called with.
    pub(super) fn new(base: SharedCredentialsProvider, source: &Source, sdk: SdkConfig) -> Self {
        Self { base, roles: source.roles().to_vec(), sdk, assumed: OnceCell::new() }
    }
}

impl ProvideCredentials for Chain {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            let assume_all = async || {
                let mut provider = self.base.clone();
                for role in &self.roles {
                    provider = SharedCredentialsProvider::new(assume(role, &self.sdk, provider).await);
                }
                provider
            };
            self.assumed.get_or_init(assume_all).await.provide_credentials().await
        })
    }
}

async fn assume(role: &Role, sdk: &SdkConfig, from: SharedCredentialsProvider) -> AssumeRoleProvider {
    let name = role.session_name.clone().unwrap_or_else(|| env!("CARGO_PKG_NAME").into());
    let mut builder = AssumeRoleProvider::builder(&role.arn).configure(sdk).session_name(name);
    if let Some(id) = &role.external_id {
        builder = builder.external_id(id);
    }
    if let Some(seconds) = role.duration {
        builder = builder.session_length(Duration::from_secs(seconds));
    }
    builder.build_from_provider(from).await
}

/// No credentials: operations that need none work, the others say what is missing.
#[derive(Debug)]
pub(super) struct Absent;

impl ProvideCredentials for Absent {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let reason = "no source of credentials is configured, and the metadata service is switched off";
        future::ProvideCredentials::ready(Err(CredentialsError::not_loaded(reason)))
    }
}
