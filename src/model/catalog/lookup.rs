//! From the name that a user types to the folder name of a service.

use super::{DataPaths, disk};
use crate::{
    error::{
        Error, ErrorKind, Result,
        suggest::{folded, nearest, question},
    },
    model::{
        pack::{Entry, Pack},
        tables::Tables,
    },
};
use std::collections::HashSet;

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
    // People write `aws-lambda` and `Amazon S3`.
    let bare = ["amazon", "aws"].iter().find_map(|brand| wanted.strip_prefix(brand));
    [Some(&*wanted), bare]
        .into_iter()
        .flatten()
        .find_map(|wanted| spelled(wanted, pack, tables, paths))
        .or_else(|| match shared(&wanted, pack)[..] {
            [only] => Some(only.to_owned()),
            _ => None,
        })
        .ok_or_else(|| unknown(name, pack, paths))
}

/// The service with a name that is `wanted` when [`folded`].
fn spelled(wanted: &str, pack: &Pack, tables: &Tables, paths: &DataPaths) -> Option<String> {
    let by = |key: fn(&Entry<'static>) -> &'static str| {
        pack.services().iter().find(|entry| folded(key(entry)) == wanted).map(|entry| entry.name)
    };
    by(|entry| entry.name)
        .or_else(|| by(|entry| entry.service_id))
        .or_else(|| tables.names().find(|(alias, _)| folded(alias) == wanted).map(|(_, service)| service))
        .map(str::to_owned)
        .or_else(|| disk::services(paths).find(|service| folded(service) == wanted))
}

/// The services with a name that several may have: the endpoint prefix (only `cloudwatch` has `monitoring`) or the
/// full name (two are `Amazon Simple Email Service`).
fn shared(wanted: &str, pack: &Pack) -> Vec<&'static str> {
    let matching = pack
        .services()
        .iter()
        .filter(|entry| folded(entry.endpoint_prefix) == wanted || folded(entry.full_name) == wanted);
    matching.map(|entry| entry.name).collect()
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
    let mut seen = HashSet::new();
    known.retain(|candidate| seen.insert(folded(candidate)));
    let mut meant = shared(&folded(name), pack);
    if meant.is_empty() {
        meant = nearest(name, known.iter().map(String::as_str));
    }
    let help = question(meant).unwrap_or_else(|| "`aws services` lists all services.".to_owned());
    Error::new(ErrorKind::UnknownName, format!("There is no AWS service '{name}'")).help(help)
}
