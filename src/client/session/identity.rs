//! Who calls are made as: a text that outlives the keys.

use super::{Source, profiles::Profiles, source::Start};
use crate::config::Environment;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};

/// The text for a source of credentials. `id` is the session's, which depends on everything that a command may look at.
///
/// Bearer tokens stand in for credentials with some services, so they belong to who one is; as their sum only.
pub(super) fn text(
    environment: &Environment,
    profiles: &Profiles,
    source: &Source,
    tokens: &HashMap<String, String>,
    id: u64,
) -> String {
    let variable = |name: &str| environment.get(name).unwrap_or_default().to_owned();
    let setting = |start: &Start, key: &str| profiles.get(&start.from, key).unwrap_or_default();
    let start = match source {
        Source::Environment | Source::EnvironmentRole(_) => format!("key {}", variable("AWS_ACCESS_KEY_ID")),
        Source::Keys(start) => format!("key {}", setting(start, "aws_access_key_id")),
        Source::Command { .. } => format!("command {id}"),
        Source::Sso(start) => {
            let session = setting(start, "sso_session");
            let (account, role) = (setting(start, "sso_account_id"), setting(start, "sso_role_name"));
            format!("sso {session} {} {account} {role}", setting(start, "sso_start_url"))
        }
        Source::WebRole(start) => format!("web {} {id}", setting(start, "role_arn")),
        Source::WebIdentity => {
            format!("web {} {}", variable("AWS_ROLE_ARN"), variable("AWS_WEB_IDENTITY_TOKEN_FILE"))
        }
        Source::Container | Source::ContainerRole(_) => format!(
            "container {} {}",
            variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
            variable("AWS_CONTAINER_CREDENTIALS_FULL_URI")
        ),
        Source::Instance | Source::InstanceRole(_) => {
            format!("instance {}", variable("AWS_EC2_METADATA_SERVICE_ENDPOINT"))
        }
        Source::Nothing => "nobody".into(),
    };
    let roles: Vec<&str> = source.roles().iter().map(|role| role.arn.as_str()).collect();
    let sorted: BTreeMap<&String, &String> = tokens.iter().collect();
    let sums: Vec<String> = sorted
        .into_iter()
        .map(|(name, token)| {
            format!("token {name} {:x?}", Sha256::digest(token).get(..8).unwrap_or_default())
        })
        .collect();
    [start, roles.join(" "), sums.join(" ")].join("\n")
}
