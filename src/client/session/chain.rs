//! Credentials that start in a profile's keys or command, with roles on top.
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

/// The provider for [`Source::Keys`] and [`Source::Command`]. `sdk` is what STS is called with.
pub(super) fn start(
    environment: &Environment,
    profiles: &Profiles,
    source: &Source,
    sdk: &SdkConfig,
) -> Result<Chain> {
    let (start, base) = match source {
        Source::Keys(start) => {
            let get = |key: &str| profiles.get(&start.from, key);
            let keys = Credentials::new(
                get("aws_access_key_id").unwrap_or_default(),
                get("aws_secret_access_key").unwrap_or_default(),
                get("aws_session_token"),
                None,
                "ProfileFile",
            );
            (start, SharedCredentialsProvider::new(keys))
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
            (start, SharedCredentialsProvider::new(keys))
        }
        Source::Command { start, command } => {
            (start, SharedCredentialsProvider::new(Process::new(command.clone(), environment.clone())))
        }
        other => return Err(Error::new(ErrorKind::Internal, format!("`{other}` is no start of a chain"))),
    };
    Ok(Chain { base, roles: start.roles.clone(), sdk: sdk.clone(), assumed: OnceCell::new() })
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
