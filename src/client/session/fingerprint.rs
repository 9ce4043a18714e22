//! What a session depends on, as one number.

use crate::config::{Environment, Settings};
use std::{
    collections::hash_map::DefaultHasher,
    fs::Metadata,
    hash::{Hash, Hasher},
    path::Path,
    time::UNIX_EPOCH,
};

/// Variables outside `AWS_*` that change what a session is.
const OTHER_VARIABLES: [&str; 12] = [
    "HOME",
    "USERPROFILE",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "all_proxy",
    "PATH",
    "SSL_CERT_FILE",
];

/// Variables that Nushell itself changes with every command.
const VOLATILE_VARIABLES: [&str; 7] =
    ["CMD_DURATION_MS", "LAST_EXIT_CODE", "OLDPWD", "FILE_PWD", "CURRENT_FILE", "PROCESS_PATH", "SHLVL"];

/// Hash of the variables and the state of the files that a session is made of. Paths among the variables are absolute
/// already, so that a change of directory alone makes no new session.
///
/// The values are hashed, not kept: a session's id tells nothing about its secrets.
pub fn fingerprint(environment: &Environment, settings: &Settings) -> u64 {
    let mut hasher = DefaultHasher::new();
    for (name, value) in environment.iter() {
        if name.starts_with("AWS_") || OTHER_VARIABLES.contains(&name) {
            (name, value).hash(&mut hasher);
        }
    }
    (settings.connect_timeout, settings.read_timeout, settings.max_attempts).hash(&mut hasher);
    let home = environment.home().unwrap_or_default();
    let file = |variable: &str, default: &str| {
        environment.get(variable).map_or_else(|| home.join(default), |path| environment.resolve(path))
    };
    hash_file(&file("AWS_CONFIG_FILE", ".aws/config"), &mut hasher);
    hash_file(&file("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials"), &mut hasher);
    hash_directory(&home.join(".aws/sso/cache"), &mut hasher);
    hasher.finish()
}

/// For sessions that start with a command of the user's: it may look at any variable and at the directory.
pub(super) fn whole(id: u64, environment: &Environment) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    environment.directory().hash(&mut hasher);
    for (name, value) in environment.iter() {
        if !VOLATILE_VARIABLES.contains(&name) {
            (name, value).hash(&mut hasher);
        }
    }
    hasher.finish()
}

fn hash_file(path: &Path, hasher: &mut DefaultHasher) {
    path.hash(hasher);
    if let Ok(metadata) = std::fs::metadata(path) {
        hash_metadata(&metadata, hasher);
    }
}

/// SSO tokens: one file each, replaced by a login.
fn hash_directory(path: &Path, hasher: &mut DefaultHasher) {
    let Ok(entries) = std::fs::read_dir(path) else { return };
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    for file in files {
        hash_file(&file, hasher);
    }
}

fn hash_metadata(metadata: &Metadata, hasher: &mut DefaultHasher) {
    metadata.len().hash(hasher);
    metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).hash(hasher);
    #[cfg(unix)]
    std::os::unix::fs::MetadataExt::ino(metadata).hash(hasher);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(pairs: &[(&str, &str)]) -> u64 {
        let environment = Environment::new(pairs.iter().map(|(k, v)| ((*k).into(), (*v).into())), "/");
        let settings = Settings::resolve(None, &Environment::default()).unwrap();
        fingerprint(&environment, &settings)
    }

    #[test]
    fn it_follows_variables_and_files() {
        assert_eq!(print(&[("AWS_PROFILE", "a"), ("EDITOR", "vi")]), print(&[("AWS_PROFILE", "a")]));
        assert_ne!(print(&[("AWS_PROFILE", "a")]), print(&[("AWS_PROFILE", "b")]));

        let file = std::env::temp_dir().join(format!("aws_perf_fingerprint_{}", std::process::id()));
        let path = file.display().to_string();
        let before = print(&[("AWS_CONFIG_FILE", &path)]);
        std::fs::write(&file, "[default]\nregion = eu-west-1\n").unwrap();
        let after = print(&[("AWS_CONFIG_FILE", &path)]);
        std::fs::remove_file(&file).unwrap();
        assert_ne!(before, after);
    }
}
