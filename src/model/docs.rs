//! First sentences of AWS's documentation, from an installed botocore or AWS CLI. The pack has no prose; where
//! neither is installed there is none to show.

mod installed;
mod sentence;

use super::{
    botocore::{
        self,
        folder::{self, Files},
    },
    catalog::DataPaths,
};
use crate::config::Environment;
use serde::Deserialize;
use std::{collections::HashMap, path::PathBuf, slice};

/// What a service's model says in prose.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Documentation {
    operations: HashMap<Box<str>, Said>,
    shapes: HashMap<Box<str>, ShapeSaid>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Said {
    shape: Option<Box<str>>,
    documentation: Option<Box<str>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ShapeSaid {
    documentation: Option<Box<str>>,
    members: HashMap<Box<str>, Said>,
}

impl Documentation {
    /// Looks for the documentation of a service (by folder name): on the data paths, then in the Python packages and
    /// AWS CLIs that the engine's `VIRTUAL_ENV`, `PATH` and `HOME` lead to, then in the usual places. Starts no
    /// process. A file that cannot be read counts as absent, since nothing depends on it.
    pub fn find(service: &str, paths: &DataPaths, environment: &Environment) -> Option<Self> {
        let folders = paths.folders().iter().cloned().chain(installed::data_folders(environment));
        folders.into_iter().find_map(|folder| Self::read(&folder, service).filter(Self::says_something))
    }

    /// First sentence about an operation.
    pub fn operation(&self, name: &str) -> Option<String> {
        sentence::first(self.operations.get(name)?.documentation.as_deref()?)
    }

    /// First sentence about a member of a structure, else about what it holds.
    pub fn member(&self, shape: &str, member: &str) -> Option<String> {
        let said = self.shapes.get(shape)?.members.get(member)?;
        let own = said.documentation.as_deref();
        let of_shape = || self.shapes.get(said.shape.as_deref()?)?.documentation.as_deref();
        own.and_then(sentence::first).or_else(|| sentence::first(of_shape()?))
    }

    fn read(folder: &PathBuf, service: &str) -> Option<Self> {
        let folders = slice::from_ref(folder);
        let version = folder::newest(folders, service, folder::SERVICE)?;
        let bytes = Files::find(folders, service, &version).service?.read().ok()?;
        botocore::read(bytes.document(), None).ok()
    }

    fn says_something(&self) -> bool {
        self.operations.values().any(|said| said.documentation.is_some())
    }
}
