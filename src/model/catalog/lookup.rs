//! From the name that a user types to the folder name of a service.

use super::{DataPaths, disk};
use crate::{
    error::{Error, ErrorKind, Result},
    model::{
        names::{did_you_mean, folded},
        pack::{Entry, Pack},
        tables::Tables,
    },
};

/// The folder name of the service that `name` means.
///
/// # Errors
/// `UnknownName`, with the nearest names.
pub(super) fn canonical(name: &str, pack: &Pack, paths: &DataPaths) -> Result<String> {
    if pack.find(name).is_some() || disk::has(paths, name) {
        return Ok(name.to_owned());
    }
    let tables = Tables::embedded()?;
    if let Some(service) = tables.service_named(name) {
        return Ok(service.to_owned());
    }
    let wanted = folded(name);
    let by = |key: fn(&Entry<'static>) -> &'static str| {
        pack.services().iter().find(|entry| folded(key(entry)) == wanted).map(|entry| entry.name)
    };
    let found = by(|entry| entry.name)
        .or_else(|| by(|entry| entry.service_id))
        .or_else(|| tables.names().find(|(alias, _)| folded(alias) == wanted).map(|(_, service)| service))
        .map(str::to_owned)
        .or_else(|| disk::services(paths).find(|service| folded(service) == wanted))
        .or_else(|| by_endpoint_prefix(&wanted, pack).map(str::to_owned));
    found.ok_or_else(|| unknown(name, pack, paths))
}

/// The only service with that endpoint prefix, as `cloudwatch` for `monitoring`.
fn by_endpoint_prefix(wanted: &str, pack: &Pack) -> Option<&'static str> {
    let mut matching = pack.services().iter().filter(|entry| folded(entry.endpoint_prefix) == wanted);
    let only = matching.next()?;
    matching.next().is_none().then_some(only.name)
}

/// The error for a service that does not exist.
pub(super) fn unknown(name: &str, pack: &Pack, paths: &DataPaths) -> Error {
    let mut known: Vec<String> = disk::services(paths).collect();
    for entry in pack.services() {
        known.push(entry.name.to_owned());
        known.push(entry.service_id.to_owned());
    }
    if let Ok(tables) = Tables::embedded() {
        known.extend(tables.names().map(|(alias, _)| alias.to_owned()));
    }
    // The folder names come first, and of two spellings of one name the first is kept.
    let mut seen = std::collections::HashSet::new();
    known.retain(|candidate| seen.insert(folded(candidate)));
    let help = did_you_mean(name, known.iter().map(String::as_str))
        .unwrap_or_else(|| "`aws services` lists all services.".to_owned());
    Error::new(ErrorKind::UnknownName, format!("There is no AWS service '{name}'")).help(help)
}
