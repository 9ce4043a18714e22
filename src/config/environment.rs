//! The variables and the directory of the engine.
//!
//! A plugin's own process environment is frozen when it starts, so nothing in this crate may read it: `with-env`,
//! `$env.AWS_PROFILE = …` and `cd` would be ignored. Commands fetch one [`Environment`] per call and pass it down.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The engine's variables and current directory at the time of one call. Cheap to clone.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Environment {
    variables: Arc<BTreeMap<String, String>>,
    directory: PathBuf,
}

impl Environment {
    /// Takes the variables as text; lists (such as `PATH`) must have been joined by the caller.
    pub fn new(variables: impl IntoIterator<Item = (String, String)>, directory: impl Into<PathBuf>) -> Self {
        Self { variables: Arc::new(variables.into_iter().collect()), directory: directory.into() }
    }

    /// The value of a variable; an empty one counts as absent, as the AWS SDKs treat it.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Sets a variable, for what flags override.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        Arc::make_mut(&mut self.variables).insert(name.into(), value.into());
    }

    /// Removes a variable.
    pub fn remove(&mut self, name: &str) {
        Arc::make_mut(&mut self.variables).remove(name);
    }

    /// All variables, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.variables.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The engine's current directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The home directory by the engine's variables (`HOME`, else `USERPROFILE`).
    pub fn home(&self) -> Option<PathBuf> {
        self.get("HOME").or_else(|| self.get("USERPROFILE")).map(PathBuf::from)
    }

    /// A path as the user meant it: `~` expanded, relative ones from the engine's directory.
    pub fn resolve(&self, path: &str) -> PathBuf {
        let expanded = match (path.strip_prefix('~'), self.home()) {
            (Some(""), Some(home)) => home,
            (Some(rest), Some(home)) if rest.starts_with(['/', '\\']) => {
                home.join(rest.trim_start_matches(['/', '\\']))
            }
            _ => PathBuf::from(path),
        };
        self.directory.join(expanded)
    }

    /// Whether one of AWS's own switches is on: `true`, `1`, `yes` or `on` in any case. Anything else means off, as
    /// the AWS SDKs have it for `AWS_EC2_METADATA_DISABLED`; this plugin's own variables refuse a misspelt value.
    pub fn flag(&self, name: &str) -> bool {
        self.get(name).and_then(super::text::switch) == Some(true)
    }
}

// Values may be secrets (`AWS_SECRET_ACCESS_KEY`): only the names are ever shown.
impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Environment")
            .field("variables", &self.variables.keys().collect::<Vec<_>>())
            .field("directory", &self.directory)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Environment {
        Environment::new(pairs.iter().map(|(k, v)| ((*k).into(), (*v).into())), "/current")
    }

    #[test]
    fn paths_are_the_users() {
        let environment = environment(&[("HOME", "/home/me")]);
        assert_eq!(environment.resolve("~/.aws/config"), Path::new("/home/me/.aws/config"));
        assert_eq!(environment.resolve("sub/x"), Path::new("/current/sub/x"));
        assert_eq!(environment.resolve("/abs"), Path::new("/abs"));
        assert_eq!(environment.resolve("~other/x"), Path::new("/current/~other/x"));
    }

    #[test]
    fn values_are_never_printed() {
        let environment = environment(&[("AWS_SECRET_ACCESS_KEY", "canary")]);
        assert!(!format!("{environment:?}").contains("canary"));
    }

    #[test]
    fn an_empty_variable_is_absent() {
        let environment = environment(&[("AWS_PROFILE", "")]);
        assert_eq!(environment.get("AWS_PROFILE"), None);
    }

    #[test]
    fn a_misspelt_switch_of_aws_is_off() {
        let name = "AWS_EC2_METADATA_DISABLED";
        for (value, on) in [("TRUE", true), ("1", true), ("ture", false), ("false", false), ("", false)] {
            assert_eq!(environment(&[(name, value)]).flag(name), on, "{value}");
        }
        assert!(!environment(&[]).flag(name));
    }
}
