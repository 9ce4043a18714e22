//! Which services there are, and their models: the embedded pack, and over it whatever botocore's own conventions
//! (`AWS_DATA_PATH`, `~/.aws/models`) put on disk.
//!
//! Everything is lazy: a catalogue costs nothing until it is asked, naming services reads no model, and a model is
//! read once. Services of the pack stay for the life of the catalogue. Files are looked at on every call, so that an
//! edited one is seen at once; they are read again only when path, time or size changed.

mod disk;
mod lookup;
mod paths;

use super::{
    Protocol, Service,
    pack::{EMBEDDED, Entry, Pack},
    rules::{Partitions, RuleSet},
};
use crate::error::Result;
use disk::Disk;
use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
};

pub use paths::DataPaths;

/// All services, as models or by name.
#[derive(Debug)]
pub struct Catalog {
    bytes: &'static [u8],
    pack: OnceLock<Loaded>,
    disk: Disk,
}

/// The pack with what was read of it so far.
#[derive(Debug)]
struct Loaded {
    pack: Pack,
    services: Box<[OnceLock<Arc<Service>>]>,
    rules: Box<[OnceLock<Option<Arc<RuleSet>>>]>,
    partitions: OnceLock<Arc<Partitions>>,
}

/// A service as `aws services` lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceSummary {
    /// botocore's folder name, which is the name to call it by.
    pub name: String,
    /// As `EC2`.
    pub service_id: String,
    /// As `Amazon Elastic Compute Cloud`.
    pub full_name: String,
    /// The protocol that is spoken; unknown where the model cannot be read.
    pub protocol: Option<Protocol>,
    /// Version of the API.
    pub api_version: String,
    /// How many operations there are.
    pub operations: usize,
    /// The file that the model comes from; `None` for the embedded pack.
    pub file: Option<PathBuf>,
    /// Why the model cannot be used.
    pub problem: Option<String>,
}

impl Default for Catalog {
    fn default() -> Self {
        Self::new()
    }
}

impl Catalog {
    /// A catalogue over the embedded pack. Reads nothing yet.
    pub fn new() -> Self {
        Self::over(EMBEDDED)
    }

    /// A catalogue over another pack.
    pub fn over(pack: &'static [u8]) -> Self {
        Self { bytes: pack, pack: OnceLock::new(), disk: Disk::default() }
    }

    /// The names of all services, sorted, without reading any model.
    ///
    /// # Errors
    /// `Model`, when the pack is damaged.
    pub fn names(&self, paths: &DataPaths) -> Result<Vec<String>> {
        let mut names: Vec<String> =
            self.loaded()?.pack.services().iter().map(|entry| entry.name.to_owned()).collect();
        names.extend(disk::services(paths));
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }

    /// All services, sorted by name. One that cannot be read is listed with the reason.
    ///
    /// # Errors
    /// `Model`, when the pack is damaged.
    pub fn services(&self, paths: &DataPaths) -> Result<Vec<ServiceSummary>> {
        let pack = &self.loaded()?.pack;
        let summaries = self.names(paths)?.into_iter().map(|name| {
            let entry = pack.find(&name).map(|(_, entry)| entry);
            let file = disk::service_file(paths, &name, entry.map(|entry| entry.api_version));
            match (entry, file) {
                (Some(entry), None) => summary_of_entry(entry),
                (_, file) => match self.load(&name, paths) {
                    Ok(service) => summary_of_service(&service, file),
                    Err(error) => broken_summary(name, file, error.message()),
                },
            }
        });
        Ok(summaries.collect())
    }

    /// The service of that name: botocore's folder name, the AWS CLI's name, the service id in any case and spelling,
    /// or an endpoint prefix that only one service has.
    ///
    /// # Errors
    /// `UnknownName` with the nearest names, or `Model` when its model cannot be used.
    pub fn service(&self, name: &str, paths: &DataPaths) -> Result<Arc<Service>> {
        let pack = &self.loaded()?.pack;
        let name = lookup::canonical(name, pack, paths)?;
        self.load(&name, paths)
    }

    /// The endpoint rules of a service; `None` where it has none, as a model of one's own may.
    ///
    /// # Errors
    /// `Model`, when they cannot be used.
    pub fn rules(&self, service: &Service, paths: &DataPaths) -> Result<Option<Arc<RuleSet>>> {
        let loaded = self.loaded()?;
        let entry = loaded.pack.find(&service.name);
        if let Some(rules) =
            self.disk.rules(paths, &service.name, entry.map(|(_, entry)| entry.api_version))?
        {
            return Ok(Some(rules));
        }
        let Some((place, entry)) = entry else { return Ok(None) };
        let Some(cell) = loaded.rules.get(place) else { return Ok(None) };
        if let Some(rules) = cell.get() {
            return Ok(rules.clone());
        }
        let rules = loaded.pack.rules(entry)?.map(Arc::new);
        Ok(cell.get_or_init(|| rules).clone())
    }

    /// AWS's partitions.
    ///
    /// # Errors
    /// `Model`, when they cannot be used.
    pub fn partitions(&self, paths: &DataPaths) -> Result<Arc<Partitions>> {
        if let Some(partitions) = self.disk.partitions(paths)? {
            return Ok(partitions);
        }
        let loaded = self.loaded()?;
        if let Some(partitions) = loaded.partitions.get() {
            return Ok(partitions.clone());
        }
        let partitions = Arc::new(loaded.pack.partitions()?);
        Ok(loaded.partitions.get_or_init(|| partitions).clone())
    }

    /// The botocore release that the pack was made of.
    ///
    /// # Errors
    /// `Model`, when the pack is damaged.
    pub fn botocore(&self) -> Result<&'static str> {
        Ok(self.loaded()?.pack.botocore())
    }

    /// The model of a service by its folder name.
    fn load(&self, name: &str, paths: &DataPaths) -> Result<Arc<Service>> {
        let loaded = self.loaded()?;
        let entry = loaded.pack.find(name);
        let packed = || entry.map(|(place, entry)| loaded.service(place, entry)).transpose();
        match self.disk.service(paths, name, entry.map(|(_, entry)| entry.api_version), packed)? {
            Some(service) => Ok(service),
            None => packed()?.ok_or_else(|| lookup::unknown(name, &loaded.pack, paths)),
        }
    }

    fn loaded(&self) -> Result<&Loaded> {
        if let Some(loaded) = self.pack.get() {
            return Ok(loaded);
        }
        let pack = Pack::open(self.bytes)?;
        let count = pack.services().len();
        let loaded = Loaded {
            pack,
            services: (0..count).map(|_| OnceLock::new()).collect(),
            rules: (0..count).map(|_| OnceLock::new()).collect(),
            partitions: OnceLock::new(),
        };
        Ok(self.pack.get_or_init(|| loaded))
    }
}

impl Loaded {
    fn service(&self, place: usize, entry: &Entry<'_>) -> Result<Arc<Service>> {
        let cell = self.services.get(place);
        if let Some(service) = cell.and_then(OnceLock::get) {
            return Ok(service.clone());
        }
        let service = Arc::new(self.pack.service(entry)?);
        Ok(cell.map_or_else(|| service.clone(), |cell| cell.get_or_init(|| service.clone()).clone()))
    }
}

fn summary_of_entry(entry: &Entry<'_>) -> ServiceSummary {
    ServiceSummary {
        name: entry.name.to_owned(),
        service_id: entry.service_id.to_owned(),
        full_name: entry.full_name.to_owned(),
        protocol: Some(entry.protocol),
        api_version: entry.api_version.to_owned(),
        operations: entry.operations as usize,
        file: None,
        problem: None,
    }
}

fn summary_of_service(service: &Service, file: Option<PathBuf>) -> ServiceSummary {
    ServiceSummary {
        name: service.name.to_string(),
        service_id: service.meta.service_id.to_string(),
        full_name: service.meta.full_name.to_string(),
        protocol: Some(service.meta.protocol),
        api_version: service.meta.api_version.to_string(),
        operations: service.operations.len(),
        file,
        problem: None,
    }
}

fn broken_summary(name: String, file: Option<PathBuf>, problem: &str) -> ServiceSummary {
    ServiceSummary {
        service_id: String::new(),
        full_name: String::new(),
        protocol: None,
        api_version: String::new(),
        operations: 0,
        name,
        file,
        problem: Some(problem.to_owned()),
    }
}

#[cfg(test)]
mod tests;
