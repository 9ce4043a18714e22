//! botocore's service models on disk: `service-2.json` with its `sdk-extras`, `paginators-1.json` with theirs,
//! and `waiters-2.json`, made into a [`Service`].
//!
//! Files may be anybody's, so nothing here trusts them: whatever does not fit is an error of kind
//! [`ErrorKind::Model`] that names the file and the cause.

mod filters;
pub(crate) mod folder;
mod metadata;
mod operations;
mod paging;
pub(crate) mod raw;
mod shapes;
mod waiters;

use super::{Service, tables::Tables};
use crate::error::{Error, ErrorKind, Result};
use flate2::read::MultiGzDecoder;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use std::io::Read;

/// One file of a model: its name for messages, and its bytes, gzipped or not.
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    /// Path of the file.
    pub file: &'a str,
    /// What is in it.
    pub bytes: &'a [u8],
}

/// The files of one API version of one service. Only `service` must exist.
#[derive(Debug, Clone, Copy)]
pub struct Documents<'a> {
    /// `service-2.json`.
    pub service: Document<'a>,
    /// `service-2.sdk-extras.json`.
    pub service_extras: Option<Document<'a>>,
    /// `paginators-1.json`.
    pub paginators: Option<Document<'a>>,
    /// `paginators-1.sdk-extras.json`.
    pub paginator_extras: Option<Document<'a>>,
    /// `waiters-2.json`.
    pub waiters: Option<Document<'a>>,
}

/// Makes the service named `name` (botocore's folder name) of its files and the reviewed tables.
///
/// # Errors
/// [`ErrorKind::Model`], naming the file and what is wrong with it.
pub fn parse(name: &str, documents: &Documents<'_>, tables: &Tables) -> Result<Service> {
    let file = documents.service.file;
    let raw: raw::Service = read(documents.service, documents.service_extras)?;
    let meta = metadata::convert(name, raw.metadata, file)?;
    let mut filters = filters::extract(&raw.operations, &raw.shapes);
    let shapes = shapes::Shapes::new(raw.shapes, file)?;
    let mut operations = operations::convert(raw.operations, &shapes)?;
    for operation in &mut operations {
        operation.filters = filters.remove(&operation.name).unwrap_or_default();
    }
    let mut service =
        Service { name: name.into(), meta, operations, shapes: shapes.finish(), waiters: Vec::new() };
    tables.join(&mut service);
    paginate(&mut service, documents.paginators, documents.paginator_extras, tables)?;
    if let Some(waiters) = documents.waiters {
        wait(&mut service, waiters)?;
    }
    Ok(service)
}

/// Sets pagination and rows of every operation, from a paginators file and the reviewed tables.
pub(super) fn paginate(
    service: &mut Service,
    paginators: Option<Document<'_>>,
    extras: Option<Document<'_>>,
    tables: &Tables,
) -> Result<()> {
    let (raw, file) = match paginators {
        Some(document) => (read(document, extras)?, document.file),
        None => (raw::Paginators::default(), ""),
    };
    paging::apply(service, raw, tables, file)
}

/// Sets the waiters of a service from a waiters file.
pub(super) fn wait(service: &mut Service, document: Document<'_>) -> Result<()> {
    let raw: raw::Waiters = read(document, None)?;
    service.waiters = waiters::convert(raw, service, document.file)?;
    Ok(())
}

/// Reads one file, with its extras merged in as botocore does: deeply, where both sides are objects.
pub(crate) fn read<T: DeserializeOwned>(document: Document<'_>, extras: Option<Document<'_>>) -> Result<T> {
    let broken_json = |cause: serde_json::Error| broken(document.file, &cause).source(cause);
    let bytes = plain(document)?;
    let Some(extras) = extras else {
        return serde_json::from_slice(&bytes).map_err(broken_json);
    };
    let mut base: Json = serde_json::from_slice(&bytes).map_err(broken_json)?;
    let mut additions: Json =
        serde_json::from_slice(&plain(extras)?).map_err(|cause| broken(extras.file, &cause).source(cause))?;
    if let Some(addition) = additions.get_mut("merge") {
        merge(&mut base, addition.take());
    }
    T::deserialize(base).map_err(broken_json)
}

/// Bytes of a file at most, decompressed. The largest of botocore's has 6 million; a small one can hold gigabytes of
/// nothing.
const LARGEST: u64 = 64 << 20;

/// A file's bytes, decompressed where they are gzipped.
pub(crate) fn plain(document: Document<'_>) -> Result<Vec<u8>> {
    let Document { file, bytes } = document;
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes.to_vec());
    }
    let mut plain = Vec::new();
    MultiGzDecoder::new(bytes)
        .take(LARGEST + 1)
        .read_to_end(&mut plain)
        .map_err(|cause| broken(file, &format!("it is not readable as gzip: {cause}")).source(cause))?;
    if plain.len() as u64 > LARGEST {
        return Err(broken(file, &format!("it is larger than {LARGEST} bytes")));
    }
    Ok(plain)
}

fn merge(base: &mut Json, addition: Json) {
    match (base, addition) {
        (Json::Object(base), Json::Object(addition)) => {
            for (key, value) in addition {
                match base.get_mut(&key) {
                    Some(old) => merge(old, value),
                    None => {
                        base.insert(key, value);
                    }
                }
            }
        }
        (base, addition) => *base = addition,
    }
}

/// The error for a file that cannot be used.
pub(crate) fn broken(file: &str, cause: &dyn std::fmt::Display) -> Error {
    Error::new(ErrorKind::Model, format!("The service model {file} cannot be used: {cause}"))
        .help("Correct the file, or remove it from the data path (AWS_DATA_PATH, ~/.aws/models).")
}

#[cfg(test)]
mod tests;
