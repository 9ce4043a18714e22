//! Where models of one's own are, by botocore's conventions.

use crate::config::Environment;
use std::path::{Path, PathBuf};

/// Between the folders of `AWS_DATA_PATH`, as botocore's `os.pathsep`.
const SEPARATOR: char = if cfg!(windows) { ';' } else { ':' };

/// Folders with models, the first one first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct DataPaths {
    folders: Vec<PathBuf>,
}

impl DataPaths {
    /// These folders and no others.
    pub fn new(folders: impl IntoIterator<Item = PathBuf>) -> Self {
        Self { folders: folders.into_iter().collect() }
    }

    /// The folders, in order of precedence.
    pub fn folders(&self) -> &[PathBuf] {
        &self.folders
    }
}

impl From<&Environment> for DataPaths {
    /// `AWS_DATA_PATH`, a list of folders with `~` and `$VARIABLES`, and then `~/.aws/models`.
    fn from(environment: &Environment) -> Self {
        let given = environment.get("AWS_DATA_PATH").unwrap_or_default();
        let given = given.split(SEPARATOR).map(str::trim).filter(|folder| !folder.is_empty());
        let mut folders: Vec<PathBuf> =
            given.map(|folder| environment.resolve(&expanded(folder, environment))).collect();
        folders.extend(environment.home().map(|home| home.join(Path::new(".aws").join("models"))));
        Self { folders }
    }
}

/// `$NAME` and `${NAME}` replaced by their values; unknown ones stay as they are, as in Python's `expandvars`.
fn expanded(path: &str, environment: &Environment) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let (name, reference, next) = variable(after);
        if let Some(value) = environment.get(name) {
            out.push_str(value);
        } else {
            out.push('$');
            out.push_str(reference);
        }
        rest = next;
    }
    out.push_str(rest);
    out
}

/// The name after a `$`, how it is written, and what follows.
fn variable(text: &str) -> (&str, &str, &str) {
    if let Some((name, next)) = text.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
        return (name, text.get(..name.len() + 2).unwrap_or(text), next);
    }
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    let (name, next) = text.split_at(end);
    (name, name, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(data_path: &str) -> Vec<PathBuf> {
        let variables = [("HOME", "/home/me"), ("AWS_DATA_PATH", data_path), ("TEAM", "blue")];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        DataPaths::from(&Environment::new(variables, "/current")).folders
    }

    #[test]
    fn the_home_comes_after_what_is_given() {
        assert_eq!(folders(""), [Path::new("/home/me/.aws/models")]);
        let list = format!("~/a{SEPARATOR}b{SEPARATOR}{SEPARATOR}/c");
        let expected = ["/home/me/a", "/current/b", "/c", "/home/me/.aws/models"];
        assert_eq!(folders(&list), expected.map(PathBuf::from));
    }

    #[test]
    fn variables_are_expanded() {
        assert_eq!(folders("/x/$TEAM/y").first(), Some(&PathBuf::from("/x/blue/y")));
        assert_eq!(folders("/x/${TEAM}y").first(), Some(&PathBuf::from("/x/bluey")));
        assert_eq!(folders("/x/$NONE/${NO}/$").first(), Some(&PathBuf::from("/x/$NONE/${NO}/$")));
        assert_eq!(folders("/x/${TEAM").first(), Some(&PathBuf::from("/x/${TEAM")));
    }
}
