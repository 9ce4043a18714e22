//! The profiles of the config and credentials files.

use super::sdk_env;
use crate::{
    config::Environment,
    error::{Error, ErrorKind, Result, suggest::did_you_mean},
};
use aws_config::profile::ProfileSet;
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::Fs;
use tokio::runtime::Runtime;

/// All profiles, and which one is selected.
pub(super) struct Profiles {
    set: ProfileSet,
    selected: String,
    /// Whether a variable named it; a missing `default` is no error.
    named: bool,
}

impl Profiles {
    pub(super) async fn load(environment: &Environment) -> Result<Self> {
        let set =
            aws_config::profile::load(&Fs::real(), &sdk_env(environment), &EnvConfigFiles::default(), None)
                .await
                .map_err(|error| {
                    Error::new(ErrorKind::Configuration, "the AWS configuration files cannot be read")
                        .help("correct the file named below; AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE say where they are")
                        .source(error)
                })?;
        let named = environment.get("AWS_PROFILE");
        Ok(Self { selected: named.unwrap_or("default").to_string(), named: named.is_some(), set })
    }

    /// The selected profile's name, which must exist if anybody named it.
    pub(super) fn selected(&self, by_flag: bool) -> Result<String> {
        if self.set.get_profile(&self.selected).is_some()
            || !(by_flag || self.named)
            || self.selected == "default"
        {
            return Ok(self.selected.clone());
        }
        Err(self.unknown(&self.selected))
    }

    pub(super) fn unknown(&self, name: &str) -> Error {
        let help = if self.set.profiles().next().is_none() {
            "no profile is configured: run `aws configure`, or set AWS_CONFIG_FILE".to_string()
        } else {
            did_you_mean(name, self.set.profiles())
                .unwrap_or_else(|| "`--profile <tab>` lists the profiles".to_string())
        };
        Error::new(ErrorKind::UnknownName, format!("profile `{name}` does not exist")).help(help)
    }

    pub(super) fn exists(&self, profile: &str) -> bool {
        self.set.get_profile(profile).is_some()
    }

    pub(super) fn get(&self, profile: &str, key: &str) -> Option<String> {
        self.set.get_profile(profile)?.get(key).map(String::from)
    }
}

/// Names of all configured profiles, for completions; none where the files cannot be read.
pub fn names(runtime: &Runtime, environment: &Environment) -> Vec<String> {
    let loaded = runtime.block_on(Profiles::load(environment));
    let mut names: Vec<String> =
        loaded.map(|profiles| profiles.set.profiles().map(String::from).collect()).unwrap_or_default();
    names.sort();
    names
}
