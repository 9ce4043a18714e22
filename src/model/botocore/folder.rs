//! botocore's layout on disk: `<dir>/<service>/<API version>/service-2.json[.gz]` and its neighbours.
//!
//! Several folders are searched in order, file by file, as botocore's loader does: the newest version of all folders
//! wins, and of equal versions the first folder's file.

use super::{Document, Documents, broken};
use crate::error::Result;
use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// The kinds of files, by their names without extension.
pub(crate) const SERVICE: &str = "service-2";
const SERVICE_EXTRAS: &str = "service-2.sdk-extras";
pub(crate) const PAGINATORS: &str = "paginators-1";
const PAGINATOR_EXTRAS: &str = "paginators-1.sdk-extras";
pub(crate) const WAITERS: &str = "waiters-2";
pub(crate) const RULES: &str = "endpoint-rule-set-1";
pub(crate) const PARTITIONS: &str = "partitions";

/// A file that was found, and what tells whether it is still the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Found {
    pub(crate) path: PathBuf,
    modified: Option<SystemTime>,
    size: u64,
}

impl Found {
    fn at(path: PathBuf) -> Option<Self> {
        let metadata = fs::metadata(&path).ok().filter(fs::Metadata::is_file)?;
        Some(Self { path, modified: metadata.modified().ok(), size: metadata.len() })
    }

    /// The file's bytes.
    pub(crate) fn read(&self) -> Result<Bytes> {
        let file = self.path.display().to_string();
        let bytes = fs::read(&self.path).map_err(|cause| broken(&file, &cause).source(cause))?;
        Ok(Bytes { file, bytes })
    }
}

/// A file in memory.
#[derive(Debug)]
pub(crate) struct Bytes {
    file: String,
    bytes: Vec<u8>,
}

impl Bytes {
    pub(crate) fn document(&self) -> Document<'_> {
        Document { file: &self.file, bytes: &self.bytes }
    }
}

/// The files of one API version of one service, where they exist.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Files {
    pub(crate) service: Option<Found>,
    service_extras: Option<Found>,
    pub(crate) paginators: Option<Found>,
    paginator_extras: Option<Found>,
    pub(crate) waiters: Option<Found>,
}

impl Files {
    /// Looks in `folders`, in order.
    pub(crate) fn find(folders: &[PathBuf], service: &str, version: &str) -> Self {
        let find = |kind: &str| find(folders, &Path::new(service).join(version), kind);
        Self {
            service: find(SERVICE),
            service_extras: find(SERVICE_EXTRAS),
            paginators: find(PAGINATORS),
            paginator_extras: find(PAGINATOR_EXTRAS),
            waiters: find(WAITERS),
        }
    }

    /// Whether a file exists that says something about the service.
    pub(crate) fn any(&self) -> bool {
        self.service.is_some() || self.paginators.is_some() || self.waiters.is_some()
    }

    pub(crate) fn read(&self) -> Result<Loaded> {
        let read = |found: &Option<Found>| found.as_ref().map(Found::read).transpose();
        Ok(Loaded {
            service: read(&self.service)?,
            service_extras: read(&self.service_extras)?,
            paginators: read(&self.paginators)?,
            paginator_extras: read(&self.paginator_extras)?,
            waiters: read(&self.waiters)?,
        })
    }
}

/// [`Files`] in memory.
#[derive(Debug)]
pub(crate) struct Loaded {
    service: Option<Bytes>,
    service_extras: Option<Bytes>,
    paginators: Option<Bytes>,
    paginator_extras: Option<Bytes>,
    waiters: Option<Bytes>,
}

impl Loaded {
    /// All of them, where the service itself is among them.
    pub(crate) fn documents(&self) -> Option<Documents<'_>> {
        Some(Documents {
            service: self.service.as_ref()?.document(),
            service_extras: self.service_extras.as_ref().map(Bytes::document),
            paginators: self.paginators(),
            paginator_extras: self.paginator_extras(),
            waiters: self.waiters(),
        })
    }

    pub(crate) fn paginators(&self) -> Option<Document<'_>> {
        self.paginators.as_ref().map(Bytes::document)
    }

    pub(crate) fn paginator_extras(&self) -> Option<Document<'_>> {
        self.paginator_extras.as_ref().map(Bytes::document)
    }

    pub(crate) fn waiters(&self) -> Option<Document<'_>> {
        self.waiters.as_ref().map(Bytes::document)
    }
}

/// The first file of that kind below `inner` in any of `folders`.
pub(crate) fn find(folders: &[PathBuf], inner: &Path, kind: &str) -> Option<Found> {
    folders.iter().find_map(|folder| {
        let plain = folder.join(inner).join(format!("{kind}.json"));
        Found::at(plain.clone()).or_else(|| Found::at(plain.with_extension("json.gz")))
    })
}

/// Names of the services that `folders` may have, sorted; whether they have a model shows when one looks.
pub(crate) fn services(folders: &[PathBuf]) -> Vec<String> {
    let mut names: Vec<String> = folders.iter().flat_map(|folder| subfolders(folder)).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The newest version of a service that has a file of that kind. Versions are dates and compare as text.
pub(crate) fn newest(folders: &[PathBuf], service: &str, kind: &str) -> Option<String> {
    let versions = folders.iter().flat_map(|folder| subfolders(&folder.join(service)));
    versions.filter(|version| find(folders, &Path::new(service).join(version), kind).is_some()).max()
}

/// Folders that cannot be listed count as absent, as botocore treats them.
fn subfolders(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            entry.path().is_dir().then(|| entry.file_name().into_string().ok())?
        })
        .collect()
}
