//! From botocore's data folder to the contents of a pack.

use super::write::{Contents, ServiceContents};
use crate::{
    error::{Error, ErrorKind, Result},
    model::{
        botocore::{
            self,
            folder::{self, Files},
        },
        rules::{Partitions, RuleSet},
        tables::Tables,
    },
};
use std::path::{Path, PathBuf};

/// Reads the newest version of every service below botocore's data folder.
///
/// # Errors
/// `Model`, when a file cannot be read or a reviewed table speaks of something that no longer exists.
pub fn read_folder(data: &Path, botocore: &str, tables: &Tables) -> Result<Contents> {
    let folders = [data.to_owned()];
    let mut services = Vec::new();
    for name in folder::services(&folders) {
        if let Some(version) = folder::newest(&folders, &name, folder::SERVICE) {
            services.push(read_service(&folders, &name, &version, tables)?);
        }
    }
    let stale = tables.stale(services.iter().map(|part| &part.service));
    if !stale.is_empty() {
        return Err(Error::new(
            ErrorKind::Model,
            format!("The reviewed tables do not fit this botocore:\n{}", stale.join("\n")),
        ));
    }
    let partitions =
        folder::find(&folders, Path::new(""), folder::PARTITIONS).ok_or_else(|| missing(data))?;
    let partitions = Partitions::parse(&botocore::plain(partitions.read()?.document())?)?;
    Ok(Contents { botocore: botocore.to_owned(), services, partitions })
}

fn read_service(folders: &[PathBuf], name: &str, version: &str, tables: &Tables) -> Result<ServiceContents> {
    let loaded = Files::find(folders, name, version).read()?;
    let documents = loaded.documents().ok_or_else(|| missing(Path::new(name)))?;
    let service = botocore::parse(name, &documents, tables)?;
    let rules = folder::find(folders, &Path::new(name).join(version), folder::RULES);
    let rules = match rules {
        Some(rules) => {
            let bytes = rules.read()?;
            let plain = botocore::plain(bytes.document())?;
            Some(RuleSet::parse(&plain).map_err(|cause| botocore::broken(bytes.document().file, &cause))?)
        }
        None => None,
    };
    Ok(ServiceContents { service, rules })
}

fn missing(folder: &Path) -> Error {
    Error::new(ErrorKind::Model, format!("{} is not a data folder of botocore", folder.display()))
        .help("Give the folder `botocore/data` of an installed botocore.")
}
