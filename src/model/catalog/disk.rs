//! Models on disk: services that the pack does not have, newer versions, and files that replace the pack's.

use super::DataPaths;
use crate::{
    error::Result,
    model::{
        Service,
        botocore::{
            self,
            folder::{self, Files, Found},
        },
        rules::{Partitions, RuleSet},
        tables::Tables,
    },
    sync::lock,
};
use std::{
    collections::HashMap,
    hash::Hash,
    path::{Component, Path, PathBuf},
    sync::{Arc, Mutex},
};

/// What was read from files so far, by the files as they were then.
#[derive(Debug, Default)]
pub(super) struct Disk {
    services: Memo<(String, Files), Service>,
    rules: Memo<Found, RuleSet>,
    partitions: Memo<Found, Partitions>,
}

/// Names of the services with a model on disk.
pub(super) fn services(paths: &DataPaths) -> impl Iterator<Item = String> + '_ {
    let folders = paths.folders();
    folder::services(folders)
        .into_iter()
        .filter(|name| folder::newest(folders, name, folder::SERVICE).is_some())
}

/// The file that a service's model comes from, where it is not the pack's.
pub(super) fn service_file(paths: &DataPaths, name: &str, packed: Option<&str>) -> Option<PathBuf> {
    let version = version(paths, name, packed, folder::SERVICE)?;
    Some(Files::find(paths.folders(), name, &version).service?.path)
}

/// Whether there is a model of exactly that name.
pub(super) fn has(paths: &DataPaths, name: &str) -> bool {
    version(paths, name, None, folder::SERVICE).is_some()
}

/// The newest version on disk of a kind of file, unless the pack has a newer one. Of equal versions disk wins, since
/// botocore looks at its own folder last.
fn version(paths: &DataPaths, name: &str, packed: Option<&str>, kind: &str) -> Option<String> {
    let mut components = Path::new(name).components();
    let plain = matches!((components.next(), components.next()), (Some(Component::Normal(_)), None));
    let version = if plain { folder::newest(paths.folders(), name, kind)? } else { return None };
    packed.is_none_or(|packed| version.as_str() >= packed).then_some(version)
}

impl Disk {
    /// The service as disk has it; `None` where all of it is the pack's. `pack` reads the pack's own.
    pub(super) fn service(
        &self,
        paths: &DataPaths,
        name: &str,
        packed: Option<&str>,
        pack: impl Fn() -> Result<Option<Arc<Service>>>,
    ) -> Result<Option<Arc<Service>>> {
        // Most users have no models of their own: one look instead of a dozen, for each call.
        if !paths.folders().iter().any(|folder| folder.join(name).is_dir()) {
            return Ok(None);
        }
        let version = version(paths, name, packed, folder::SERVICE);
        let Some(version) = version.as_deref().or(packed) else { return Ok(None) };
        let files = Files::find(paths.folders(), name, version);
        if !files.any() {
            return Ok(None);
        }
        self.services.get_or_make(&(name.to_owned(), files.clone()), || {
            let base = if packed == Some(version) { pack()? } else { None };
            read(name, &files, base.as_deref())
        })
    }

    /// The endpoint rules on disk. Their newest version is looked for on its own, as botocore does.
    pub(super) fn rules(
        &self,
        paths: &DataPaths,
        name: &str,
        packed: Option<&str>,
    ) -> Result<Option<Arc<RuleSet>>> {
        let Some(version) = version(paths, name, packed, folder::RULES) else { return Ok(None) };
        let found = folder::find(paths.folders(), &Path::new(name).join(version), folder::RULES);
        let Some(found) = found else { return Ok(None) };
        self.rules.get_or_make(&found, || parse(&found, RuleSet::parse).map(Some))
    }

    /// The partitions on disk.
    pub(super) fn partitions(&self, paths: &DataPaths) -> Result<Option<Arc<Partitions>>> {
        let found = folder::find(paths.folders(), Path::new(""), folder::PARTITIONS);
        let Some(found) = found else { return Ok(None) };
        self.partitions.get_or_make(&found, || parse(&found, Partitions::parse).map(Some))
    }
}

/// Reads a service of its files; what they leave out comes from `base`, the pack's service of the same version.
fn read(name: &str, files: &Files, base: Option<&Service>) -> Result<Option<Service>> {
    let tables = Tables::embedded()?;
    let loaded = files.read()?;
    let Some(documents) = loaded.documents() else {
        let Some(mut service) = base.cloned() else { return Ok(None) };
        if loaded.paginators().is_some() {
            botocore::paginate(&mut service, loaded.paginators(), loaded.paginator_extras(), tables)?;
        }
        if let Some(waiters) = loaded.waiters() {
            botocore::wait(&mut service, waiters)?;
        }
        return Ok(Some(service));
    };
    let mut service = botocore::parse(name, &documents, tables)?;
    if let Some(base) = base {
        if documents.paginators.is_none() {
            inherit_pages(&mut service, base);
        }
        if documents.waiters.is_none() {
            let known = |waiter: &&crate::model::Waiter| service.operation(&waiter.operation).is_some();
            service.waiters = base.waiters.iter().filter(known).cloned().collect();
        }
    }
    Ok(Some(service))
}

/// Takes botocore's paginators over from the pack, for operations whose input still has the tokens.
fn inherit_pages(service: &mut Service, base: &Service) {
    let mut found = Vec::new();
    for (place, operation) in service.operations.iter().enumerate() {
        let Some(old) = base.operation(&operation.name) else { continue };
        let Some(pagination) = old.pagination.as_ref().filter(|pagination| !pagination.inferred) else {
            continue;
        };
        let input = service.members(operation.input);
        if pagination.input_tokens.iter().all(|token| input.iter().any(|member| member.name == *token)) {
            let fitting = old.rows.iter().filter(|rows| service.has_path(operation.output, &rows.path));
            found.push((place, pagination.clone(), fitting.cloned().collect::<Vec<_>>()));
        }
    }
    for (place, pagination, rows) in found {
        if let Some(operation) = service.operations.get_mut(place) {
            operation.pagination = Some(pagination);
            operation.rows = rows;
        }
    }
}

fn parse<T>(found: &Found, parse: impl FnOnce(&[u8]) -> Result<T>) -> Result<T> {
    let bytes = found.read()?;
    let document = bytes.document();
    parse(&botocore::plain(document)?).map_err(|cause| botocore::broken(document.file, &cause).source(cause))
}

/// Values by the files that they were read from. An edited file is another key.
#[derive(Debug)]
struct Memo<K, V>(Mutex<HashMap<K, Arc<V>>>);

/// Beyond this, old readings of files that were edited again and again are dropped, with all the others.
const MEMO_LIMIT: usize = 1024;

impl<K, V> Default for Memo<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Hash + Eq + Clone, V> Memo<K, V> {
    /// The value for a key. Two callers may both make it; one of the results is kept.
    fn get_or_make(&self, key: &K, make: impl FnOnce() -> Result<Option<V>>) -> Result<Option<Arc<V>>> {
        if let Some(known) = lock(&self.0).get(key) {
            return Ok(Some(known.clone()));
        }
        let Some(made) = make()? else { return Ok(None) };
        let mut known = lock(&self.0);
        if known.len() >= MEMO_LIMIT {
            known.clear();
        }
        Ok(Some(known.entry(key.clone()).or_insert_with(|| Arc::new(made)).clone()))
    }
}
