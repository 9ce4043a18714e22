//! Where credentials come from: the profile's settings, followed to where its credentials start.

use super::profiles::Profiles;
use crate::{
    config::Environment,
    error::{Error, ErrorKind, Result},
};
use std::fmt;

/// Where a session's credentials come from: a stable description, free of keys.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Source {
    /// `AWS_ACCESS_KEY_ID` and its companions.
    Environment,
    /// Keys of a profile.
    Keys(Start),
    /// Roles of a profile on top of the keys in the environment (`credential_source = Environment`).
    EnvironmentRole(Start),
    /// A command that prints credentials.
    Command {
        /// Where it is named, and the roles on top.
        start: Start,
        /// The command; it may hold a password and is never shown.
        command: String,
    },
    /// A login through IAM Identity Center, perhaps with roles on top.
    Sso(Start),
    /// A profile's role for a web identity (`web_identity_token_file`), perhaps with roles on top.
    WebRole(Start),
    /// Roles of a profile on top of the container's (`credential_source = EcsContainer`).
    ContainerRole(Start),
    /// Roles of a profile on top of the instance's (`credential_source = Ec2InstanceMetadata`).
    InstanceRole(Start),
    /// `AWS_WEB_IDENTITY_TOKEN_FILE` and `AWS_ROLE_ARN`.
    WebIdentity,
    /// The container's endpoint.
    Container,
    /// The instance's metadata service.
    Instance,
    /// Nothing is configured, and the metadata service is switched off.
    Nothing,
}

/// The profile in use, the one that its credentials start from, and the roles between them.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Start {
    /// The profile in use.
    pub profile: String,
    /// Where its credentials start.
    pub from: String,
    /// Roles to assume, the first one first.
    pub(super) roles: Vec<Role>,
}

/// A role to assume.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Role {
    pub(super) arn: String,
    pub(super) session_name: Option<String>,
    pub(super) external_id: Option<String>,
    /// Seconds.
    pub(super) duration: Option<u64>,
}

impl Source {
    /// Whether the credentials depend on the directory or on any variable: a command of the user's may look at them, and
    /// a profile's token may have a relative path.
    pub(super) fn looks_around(&self) -> bool {
        matches!(self, Self::Command { .. } | Self::WebRole(_))
    }

    /// Roles that are assumed one after the other, the first one first.
    pub(super) fn roles(&self) -> &[Role] {
        match self {
            Self::Keys(start)
            | Self::EnvironmentRole(start)
            | Self::Command { start, .. }
            | Self::Sso(start)
            | Self::WebRole(start)
            | Self::ContainerRole(start)
            | Self::InstanceRole(start) => &start.roles,
            Self::Environment | Self::WebIdentity | Self::Container | Self::Instance | Self::Nothing => &[],
        }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({self})")
    }
}

impl fmt::Debug for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Start({} from {})", self.profile, self.from)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str("environment"),
            Self::Keys(start) if start.roles.is_empty() => write!(f, "keys of profile {}", start.from),
            Self::Sso(start) if start.roles.is_empty() => write!(f, "sso of profile {}", start.from),
            Self::Keys(start)
            | Self::Sso(start)
            | Self::EnvironmentRole(start)
            | Self::WebRole(start)
            | Self::ContainerRole(start) => write!(f, "role of profile {}", start.profile),
            Self::InstanceRole(start) => write!(f, "role of profile {} from the instance", start.profile),
            Self::Command { start, .. } => write!(f, "process of profile {}", start.from),
            Self::WebIdentity => f.write_str("web identity"),
            Self::Container => f.write_str("container"),
            Self::Instance => f.write_str("instance metadata"),
            Self::Nothing => f.write_str("none"),
        }
    }
}

/// Longest chain of source profiles; a longer one is a cycle.
const MAX_HOPS: usize = 16;

/// Decides where the credentials come from, in the order of the AWS CLI.
pub(super) fn plan(
    environment: &Environment,
    by_flag: bool,
    profiles: &Profiles,
    profile: &str,
) -> Result<Source> {
    if !by_flag && keys_in(environment)? {
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

/// Whether the environment has keys; half of them is a slip.
fn keys_in(environment: &Environment) -> Result<bool> {
    let has = |name: &str| environment.get(name).is_some();
    let missing = match (has("AWS_ACCESS_KEY_ID"), has("AWS_SECRET_ACCESS_KEY")) {
        (true, true) => return Ok(true),
        (false, false) => return Ok(false),
        (true, false) => "AWS_SECRET_ACCESS_KEY",
        (false, true) => "AWS_ACCESS_KEY_ID",
    };
    Err(Error::new(ErrorKind::MissingCredentials, format!("{missing} is not set, and its companion is"))
        .help(format!("set {missing}, or unset the other one to use a profile")))
}

fn of_profile(profiles: &Profiles, profile: &str) -> Result<Option<Source>> {
    let mut roles: Vec<Role> = Vec::new();
    let mut current = profile.to_string();
    for _ in 0..MAX_HOPS {
        let get = |key: &str| profiles.get(&current, key);
        let its_own_source = roles.last().is_some_and(|_| get("source_profile").as_ref() == Some(&current));
        if let (Some(arn), false) = (get("role_arn"), its_own_source) {
            refuse_mfa(profiles, &current)?;
            if get("web_identity_token_file").is_some() && get("source_profile").is_none() {
                return Ok(Some(Source::WebRole(started(profile, current, roles))));
            }
            if let Some(source) = get("credential_source") {
                roles.push(role(arn, &get));
                let start = started(profile, current, roles);
                return Ok(Some(match source.as_str() {
                    "Environment" => Source::EnvironmentRole(start),
                    "EcsContainer" => Source::ContainerRole(start),
                    "Ec2InstanceMetadata" => Source::InstanceRole(start),
                    _ => return Err(unknown_source(&source, &start.from)),
                }));
            }
            let Some(next) = get("source_profile") else { return Err(without_source(&current)) };
            if !profiles.exists(&next) {
                return Err(profiles.unknown(&next).context("source_profile of", current));
            }
            roles.push(role(arn, &get));
            current = next;
            continue;
        }
        return start_of(started(profile, current.clone(), roles), &get);
    }
    Err(Error::new(
        ErrorKind::Configuration,
        format!("the source profiles of profile `{profile}` form a cycle"),
    )
    .help("let the last `source_profile` name a profile with keys, sso or a credential_process"))
}

/// Roles are met from the last to the first.
fn started(profile: &str, from: String, mut roles: Vec<Role>) -> Start {
    roles.reverse();
    Start { profile: profile.to_string(), from, roles }
}

fn unknown_source(source: &str, profile: &str) -> Error {
    let told = format!("profile `{profile}` has the credential_source `{source}`, which is none");
    Error::new(ErrorKind::Configuration, told).help("write Environment, EcsContainer or Ec2InstanceMetadata")
}

fn without_source(profile: &str) -> Error {
    let told = format!("profile `{profile}` assumes a role and does not say with whose credentials");
    Error::new(ErrorKind::Configuration, told)
        .help("add source_profile, credential_source or web_identity_token_file to it")
}

fn role(arn: String, get: &dyn Fn(&str) -> Option<String>) -> Role {
    Role {
        arn,
        session_name: get("role_session_name"),
        external_id: get("external_id"),
        duration: get("duration_seconds").and_then(|text| text.parse().ok()),
    }
}

/// What a profile without a role of its own starts from.
fn start_of(start: Start, get: &dyn Fn(&str) -> Option<String>) -> Result<Option<Source>> {
    if get("sso_session").is_some() || get("sso_start_url").is_some() {
        return Ok(Some(Source::Sso(start)));
    }
    if get("aws_access_key_id").is_some() && get("aws_secret_access_key").is_some() {
        return Ok(Some(Source::Keys(start)));
    }
    if get("login_session").is_some() {
        return Err(Error::new(
            ErrorKind::Unsupported,
            format!("profile `{}` uses `aws login`, which this plugin does not read", start.from),
        )
        .help(format!(
            "add `credential_process = aws configure export-credentials --profile {}` to a profile, and use that one",
            start.from
        )));
    }
    if let Some(command) = get("credential_process") {
        return Ok(Some(Source::Command { start, command }));
    }
    if start.roles.is_empty() {
        return Ok(None);
    }
    Err(Error::new(
        ErrorKind::MissingCredentials,
        format!("profile `{}`, the source of profile `{}`, has no credentials", start.from, start.profile),
    )
    .help("give it keys, sso settings or a credential_process"))
}

fn refuse_mfa(profiles: &Profiles, profile: &str) -> Result<()> {
    if profiles.get(profile, "mfa_serial").is_none() {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Unsupported,
        format!("profile `{profile}` asks for an MFA code (`mfa_serial`), and a plugin has nobody to ask"),
    )
    .help(format!(
        "run `aws configure export-credentials --profile {profile} --format env` and set what it prints"
    )))
}
