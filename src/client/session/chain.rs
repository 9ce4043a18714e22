//! Where credentials come from.
//!
//! The SDK's own chain reads everything but credential processes: those it would run with this process's frozen
//! environment and directory, so with another account than the user's. They get a provider of our own, and the roles
//! on top of them are assumed here.

use super::{process::Process, profiles::Profiles};
use crate::{
    config::Environment,
    error::{Error, ErrorKind, Result},
};
use aws_config::sts::AssumeRoleProvider;
use aws_credential_types::provider::{
    ProvideCredentials, SharedCredentialsProvider, error::CredentialsError, future,
};
use aws_types::{SdkConfig, region::Region};
use std::{fmt, time::Duration};
use tokio::sync::OnceCell;

/// Where a session's credentials come from: a stable description, free of keys.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Source {
    /// `AWS_ACCESS_KEY_ID` and its companions.
    Environment,
    /// Keys, a role, SSO or a web identity of a profile.
    Profile {
        /// `keys`, `role`, `sso` or `web identity`.
        kind: &'static str,
        /// The profile.
        profile: String,
    },
    /// A profile's role that starts from the instance's own role.
    InstanceProfile {
        /// The profile.
        profile: String,
    },
    /// A command that prints credentials, with the roles to assume from it, the first one first.
    Process {
        /// The profile that names the command.
        profile: String,
        /// The command.
        command: String,
        /// Roles on top.
        roles: Vec<Role>,
    },
    /// `AWS_WEB_IDENTITY_TOKEN_FILE` and `AWS_ROLE_ARN`.
    WebIdentity,
    /// The container's endpoint.
    Container,
    /// The instance's metadata service.
    Instance,
    /// Nothing is configured, and the metadata service is switched off.
    Nothing,
}

/// A role to assume.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Role {
    arn: String,
    session_name: Option<String>,
    external_id: Option<String>,
    duration: Option<u64>,
}

// A command may hold a password: it is never shown.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({self})")
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str("environment"),
            Self::Profile { kind, profile } => write!(f, "{kind} of profile {profile}"),
            Self::InstanceProfile { profile } => write!(f, "role of profile {profile} from the instance"),
            Self::Process { profile, .. } => write!(f, "process of profile {profile}"),
            Self::WebIdentity => f.write_str("web identity"),
            Self::Container => f.write_str("container"),
            Self::Instance => f.write_str("instance metadata"),
            Self::Nothing => f.write_str("none"),
        }
    }
}

/// Longest chain of source profiles; a longer one is a cycle.
const MAX_HOPS: usize = 16;

/// Follows the profile's settings to where its credentials start, in the order of the SDKs.
pub(super) fn plan(environment: &Environment, profiles: &Profiles, profile: &str) -> Result<Source> {
    if environment.get("AWS_ACCESS_KEY_ID").is_some() && environment.get("AWS_SECRET_ACCESS_KEY").is_some() {
        return Ok(Source::Environment);
    }
    if let Some(source) = of_profile(profiles, profile)? {
        return Ok(source);
    }
    if environment.get("AWS_WEB_IDENTITY_TOKEN_FILE").is_some() {
        return Ok(Source::WebIdentity);
    }
    let container = ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"];
    if container.iter().any(|name| environment.get(name).is_some()) {
        return Ok(Source::Container);
    }
    Ok(if environment.flag("AWS_EC2_METADATA_DISABLED") { Source::Nothing } else { Source::Instance })
}

fn of_profile(profiles: &Profiles, profile: &str) -> Result<Option<Source>> {
    let mut roles = Vec::new();
    let mut current = profile.to_string();
    for _ in 0..MAX_HOPS {
        let get = |key: &str| profiles.get(&current, key);
        let named = |kind| Some(Source::Profile { kind, profile: profile.to_string() });
        if let Some(arn) = get("role_arn") {
            if get("web_identity_token_file").is_some() {
                return Ok(named("web identity"));
            }
            if get("credential_source").is_some_and(|source| source == "Ec2InstanceMetadata") {
                return Ok(Some(Source::InstanceProfile { profile: profile.to_string() }));
            }
            let Some(next) = get("source_profile") else { return Ok(named("role")) };
            if !profiles.exists(&next) {
                return Err(profiles.unknown(&next).context("source_profile of", current));
            }
            roles.push(Role {
                arn,
                session_name: get("role_session_name"),
                external_id: get("external_id"),
                duration: get("duration_seconds").and_then(|text| text.parse().ok()),
            });
            if next == current {
                // A profile may be its own source: its keys are where the chain starts.
                return Ok(match get("credential_process") {
                    Some(command) if get("aws_access_key_id").is_none() => {
                        Some(process(&current, command, roles))
                    }
                    _ => named("role"),
                });
            }
            current = next;
            continue;
        }
        let kind = if roles.is_empty() { "keys" } else { "role" };
        if get("aws_access_key_id").is_some() {
            return Ok(named(kind));
        }
        if get("sso_session").is_some() || get("sso_start_url").is_some() {
            return Ok(named(if roles.is_empty() { "sso" } else { "role" }));
        }
        if let Some(command) = get("credential_process") {
            return Ok(Some(process(&current, command, roles)));
        }
        return Ok(if roles.is_empty() { None } else { named("role") });
    }
    Err(Error::new(
        ErrorKind::Configuration,
        format!("the source profiles of profile `{profile}` form a cycle"),
    )
    .help("let the last `source_profile` name a profile with keys, sso or a credential_process"))
}

fn process(profile: &str, command: String, mut roles: Vec<Role>) -> Source {
    roles.reverse();
    Source::Process { profile: profile.to_string(), command, roles }
}

/// The provider for [`Source::Process`].
pub(super) fn process_chain(
    environment: &Environment,
    source: &Source,
    sdk: &SdkConfig,
) -> Result<ProcessChain> {
    let Source::Process { command, roles, .. } = source else {
        return Err(Error::new(ErrorKind::Internal, format!("`{source}` is no credential process")));
    };
    Ok(ProcessChain {
        process: Process::new(command.clone(), environment.clone()),
        roles: roles.clone(),
        sdk: sdk.clone(),
        assumed: OnceCell::new(),
    })
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

/// A credential process with roles on top.
pub(super) struct ProcessChain {
    process: Process,
    roles: Vec<Role>,
    sdk: SdkConfig,
    assumed: OnceCell<SharedCredentialsProvider>,
}

// As for the session: the SDK's configuration would show the environment.
impl fmt::Debug for ProcessChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProcessChain")
    }
}

impl ProvideCredentials for ProcessChain {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            let provider = self
                .assumed
                .get_or_init(|| async {
                    let mut provider = SharedCredentialsProvider::new(self.process.clone());
                    for role in &self.roles {
                        provider = SharedCredentialsProvider::new(assume(role, &self.sdk, provider).await);
                    }
                    provider
                })
                .await;
            provider.provide_credentials().await
        })
    }
}

async fn assume(role: &Role, sdk: &SdkConfig, from: SharedCredentialsProvider) -> AssumeRoleProvider {
    let name = role.session_name.clone().unwrap_or_else(|| "nu_plugin_aws_perf".into());
    let mut builder = AssumeRoleProvider::builder(&role.arn).configure(sdk).session_name(name);
    if let Some(id) = &role.external_id {
        builder = builder.external_id(id);
    }
    if let Some(seconds) = role.duration {
        builder = builder.session_length(Duration::from_secs(seconds));
    }
    // STS answers everywhere; the partition's first region serves where none is configured.
    let region = sdk.region().cloned().unwrap_or_else(|| Region::new("us-east-1"));
    builder.region(region).build_from_provider(from).await
}
