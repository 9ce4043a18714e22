//! Writes a pack. Equal contents give equal bytes on one machine; between machines compressors may differ, so packs
//! are compared by what they contain.

use super::{Entry, FORMAT, Index, MAGIC, Section};
use crate::{
    error::{Error, ErrorKind, Result},
    model::{
        Service,
        rules::{Partitions, RuleSet},
    },
};
use flate2::{Compress, Compression, FlushCompress, Status};
use serde::Serialize;

/// What a pack contains.
#[derive(Debug, PartialEq)]
pub struct Contents {
    /// The botocore release.
    pub botocore: String,
    /// Sorted by name.
    pub services: Vec<ServiceContents>,
    /// AWS's partitions.
    pub partitions: Partitions,
}

/// One service with its endpoint rules.
#[derive(Debug, PartialEq)]
pub struct ServiceContents {
    /// The model.
    pub service: Service,
    /// Its endpoint rules, where it has some.
    pub rules: Option<RuleSet>,
}

/// How large the parts of a pack became, in bytes.
#[derive(Debug, Default, Clone, Copy)]
pub struct Size {
    /// Header and index.
    pub index: usize,
    /// The dictionary that all other sections are compressed with.
    pub dictionary: usize,
    /// All models, and their length when decompressed.
    pub models: usize,
    /// The models when decompressed.
    pub models_plain: usize,
    /// All endpoint rules.
    pub rules: usize,
    /// The endpoint rules when decompressed.
    pub rules_plain: usize,
    /// The partitions.
    pub partitions: usize,
}

/// Bytes of the dictionary: deflate cannot look back any further.
const WINDOW: usize = 32 * 1024;

impl Contents {
    /// The pack as bytes, with the sizes of its parts.
    ///
    /// # Errors
    /// `Internal`, when something cannot be serialised or is too large for the format.
    pub fn encode(&self) -> Result<(Vec<u8>, Size)> {
        let mut data = Data { bytes: Vec::new(), dictionary: Vec::new() };
        let models = self.services.iter().map(|part| pack(&part.service)).collect::<Result<Vec<_>>>()?;
        let rules = self
            .services
            .iter()
            .map(|part| part.rules.as_ref().map(pack).transpose())
            .collect::<Result<Vec<_>>>()?;
        let dictionary = dictionary(&models, &rules);
        let mut size = Size::default();
        let dictionary_section = data.add(&dictionary)?;
        size.dictionary = dictionary_section.length as usize;
        data.dictionary = dictionary;
        let mut entries = Vec::with_capacity(self.services.len());
        for ((part, model), rules) in self.services.iter().zip(&models).zip(&rules) {
            let before = data.bytes.len();
            let model_section = data.add(model)?;
            size.models += data.bytes.len() - before;
            size.models_plain += model.len();
            let rules = rules.as_ref().map(|rules| data.add(rules)).transpose()?;
            if let Some(section) = rules {
                size.rules += section.length as usize;
                size.rules_plain += section.plain as usize;
            }
            entries.push(entry(&part.service, model_section, rules)?);
        }
        let partitions = data.add(&pack(&self.partitions)?)?;
        size.partitions = partitions.length as usize;
        let index = pack(&Index {
            botocore: &self.botocore,
            dictionary: dictionary_section,
            partitions,
            services: entries,
        })?;
        let mut bytes = Vec::with_capacity(index.len() + data.bytes.len() + super::HEADER);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&FORMAT.to_le_bytes());
        bytes.extend_from_slice(&small(index.len())?.to_le_bytes());
        bytes.extend_from_slice(&crc32fast::hash(&index).to_le_bytes());
        bytes.extend_from_slice(&index);
        size.index = bytes.len();
        bytes.extend_from_slice(&data.bytes);
        Ok((bytes, size))
    }
}

fn entry(service: &Service, model: Section, rules: Option<Section>) -> Result<Entry<'_>> {
    Ok(Entry {
        name: &service.name,
        service_id: &service.meta.service_id,
        full_name: &service.meta.full_name,
        api_version: &service.meta.api_version,
        endpoint_prefix: &service.meta.endpoint_prefix,
        protocol: service.meta.protocol,
        operations: small(service.operations.len())?,
        model,
        rules,
    })
}

struct Data {
    bytes: Vec<u8>,
    dictionary: Vec<u8>,
}

impl Data {
    /// Compresses a piece and appends it.
    fn add(&mut self, plain: &[u8]) -> Result<Section> {
        let mut deflater = Compress::new(Compression::best(), false);
        if !self.dictionary.is_empty() {
            deflater.set_dictionary(&self.dictionary).map_err(internal)?;
        }
        let offset = self.bytes.len();
        let mut compressed = Vec::with_capacity(plain.len() + 1024);
        match deflater.compress_vec(plain, &mut compressed, FlushCompress::Finish) {
            Ok(Status::StreamEnd) => {}
            Ok(_) => return Err(Error::new(ErrorKind::Internal, "A piece of the pack does not compress")),
            Err(cause) => return Err(internal(cause)),
        }
        let section = Section {
            offset: small(offset)?,
            length: small(compressed.len())?,
            plain: small(plain.len())?,
            crc: crc32fast::hash(&compressed),
        };
        self.bytes.append(&mut compressed);
        Ok(section)
    }
}

/// What sections have in common, for the compressor to refer to: typical models and one typical rule set, since most
/// rule sets differ in a few words only. Saves a tenth of the pack.
fn dictionary(models: &[Vec<u8>], rules: &[Option<Vec<u8>>]) -> Vec<u8> {
    let mut rules: Vec<&[u8]> = rules.iter().flatten().map(Vec::as_slice).collect();
    let mut models: Vec<&[u8]> = models.iter().map(Vec::as_slice).collect();
    rules.sort_by_key(|rules| rules.len());
    models.sort_by_key(|model| model.len());
    let rules = rules.get(rules.len() / 2).copied().unwrap_or_default();
    let mut dictionary = Vec::with_capacity(WINDOW);
    for model in models.iter().skip(models.len() / 3) {
        if dictionary.len() + model.len() + rules.len() > WINDOW {
            break;
        }
        dictionary.extend_from_slice(model);
    }
    dictionary.extend_from_slice(rules);
    dictionary
}

fn pack<T: Serialize>(value: &T) -> Result<Vec<u8>> {
    rmp_serde::to_vec(value).map_err(internal)
}

fn small(length: usize) -> Result<u32> {
    u32::try_from(length).map_err(internal)
}

fn internal(cause: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::Internal, "The pack cannot be written").source(cause)
}
