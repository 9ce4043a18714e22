//! The pack: all services of one botocore release in one file, embedded in the binary.
//!
//! ```text
//! magic  8 bytes   b"AWSMODEL"
//! format 4 bytes   little endian, as all numbers here
//! length 4 bytes   of the index
//! crc    4 bytes   CRC-32 of the index
//! index            MessagePack: who made it, the dictionary, the partitions, and every service's sections
//! data             the sections, each compressed on its own and with its CRC-32 in the index
//! ```
//!
//! A service is read when it is asked for and not before: opening the pack reads the index only. Whatever does not
//! fit is an error of kind `Model`; nothing of a damaged pack is ever used.

mod build;
mod write;

use super::{
    Protocol, Service,
    rules::{Partitions, RuleSet},
};
use crate::error::{Error, ErrorKind, Result};
use flate2::{Decompress, FlushDecompress, Status};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

pub use build::read_folder;
pub use write::{Contents, ServiceContents, Size};

const MAGIC: &[u8; 8] = b"AWSMODEL";
/// Raised with every change of the layout or of the model's types.
const FORMAT: u32 = 1;
/// Bytes before the index.
const HEADER: usize = 20;

/// A pack that was opened.
#[derive(Debug)]
pub struct Pack {
    index: Index<'static>,
    data: &'static [u8],
    dictionary: Vec<u8>,
}

/// One service of a pack, known without reading its model.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Entry<'a> {
    /// botocore's folder name.
    pub name: &'a str,
    /// As `EC2`.
    pub service_id: &'a str,
    /// As `Amazon Elastic Compute Cloud`.
    pub full_name: &'a str,
    /// Version of the API.
    pub api_version: &'a str,
    /// Host prefix.
    pub endpoint_prefix: &'a str,
    /// The protocol that is spoken.
    pub protocol: Protocol,
    /// How many operations there are.
    pub operations: u32,
    model: Section,
    rules: Option<Section>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Index<'a> {
    #[serde(borrow)]
    botocore: &'a str,
    dictionary: Section,
    partitions: Section,
    services: Vec<Entry<'a>>,
}

/// A compressed piece of the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Section {
    offset: u32,
    length: u32,
    /// Length when decompressed.
    plain: u32,
    crc: u32,
}

/// The pack that this build carries.
pub(super) static EMBEDDED: &[u8] = include_bytes!("data/models.pack");

impl Pack {
    /// Opens the pack that this build carries.
    ///
    /// # Errors
    /// `Model`, when the build is damaged.
    pub fn embedded() -> Result<Self> {
        Self::open(EMBEDDED)
    }

    /// Opens a pack.
    ///
    /// # Errors
    /// `Model`, when it is no pack, one of another format, or damaged.
    pub fn open(bytes: &'static [u8]) -> Result<Self> {
        let (header, rest) =
            bytes.split_at_checked(HEADER).ok_or_else(|| damaged("its header is cut off"))?;
        if !header.starts_with(MAGIC) {
            return Err(damaged("it does not start as one"));
        }
        let format = number(header, 8)?;
        if format != FORMAT {
            return Err(damaged(&format!("it has format {format} instead of {FORMAT}")));
        }
        let length = number(header, 12)? as usize;
        let (index, data) = rest.split_at_checked(length).ok_or_else(|| damaged("its index is cut off"))?;
        if crc32fast::hash(index) != number(header, 16)? {
            return Err(damaged("its index has the wrong checksum"));
        }
        let index: Index<'static> = rmp_serde::from_slice(index)
            .map_err(|cause| damaged("its index is not readable").source(cause))?;
        let mut pack = Self { index, data, dictionary: Vec::new() };
        pack.dictionary = pack.inflate(pack.index.dictionary, "dictionary")?;
        Ok(pack)
    }

    /// The botocore release that the pack was made of.
    pub fn botocore(&self) -> &'static str {
        self.index.botocore
    }

    /// All services, sorted by name.
    pub fn services(&self) -> &[Entry<'static>] {
        &self.index.services
    }

    /// The entry of exactly that name, with its place among [`Self::services`].
    pub fn find(&self, name: &str) -> Option<(usize, &Entry<'static>)> {
        let place = self.index.services.binary_search_by(|entry| entry.name.cmp(name)).ok()?;
        Some((place, self.index.services.get(place)?))
    }

    /// Reads a service's model.
    ///
    /// # Errors
    /// `Model`, when its part of the pack is damaged.
    pub fn service(&self, entry: &Entry<'_>) -> Result<Service> {
        self.decode(entry.model, entry.name)
    }

    /// Reads a service's endpoint rules, where it has some.
    ///
    /// # Errors
    /// `Model`, when its part of the pack is damaged.
    pub fn rules(&self, entry: &Entry<'_>) -> Result<Option<RuleSet>> {
        entry.rules.map(|section| self.decode(section, entry.name)).transpose()
    }

    /// Reads the partitions.
    ///
    /// # Errors
    /// `Model`, when its part of the pack is damaged.
    pub fn partitions(&self) -> Result<Partitions> {
        self.decode(self.index.partitions, "partitions")
    }

    fn decode<T: DeserializeOwned>(&self, section: Section, what: &str) -> Result<T> {
        let plain = self.inflate(section, what)?;
        rmp_serde::from_slice(&plain)
            .map_err(|cause| damaged(&format!("'{what}' is not readable")).source(cause))
    }

    fn inflate(&self, section: Section, what: &str) -> Result<Vec<u8>> {
        let start = section.offset as usize;
        let compressed = self
            .data
            .get(start..start.saturating_add(section.length as usize))
            .ok_or_else(|| damaged(&format!("'{what}' is cut off")))?;
        if crc32fast::hash(compressed) != section.crc {
            return Err(damaged(&format!("'{what}' has the wrong checksum")));
        }
        let mut inflater = Decompress::new(false);
        if !self.dictionary.is_empty() {
            inflater
                .set_dictionary(&self.dictionary)
                .map_err(|cause| damaged(&format!("'{what}' cannot be decompressed")).source(cause))?;
        }
        // One byte more than needed, or a stream that ends exactly at the end of the buffer looks unfinished.
        let mut plain = Vec::with_capacity(section.plain as usize + 1);
        let status = inflater.decompress_vec(compressed, &mut plain, FlushDecompress::Finish);
        match status {
            Ok(Status::StreamEnd) if plain.len() == section.plain as usize => Ok(plain),
            Ok(_) => Err(damaged(&format!("'{what}' has the wrong length"))),
            Err(cause) => Err(damaged(&format!("'{what}' cannot be decompressed")).source(cause)),
        }
    }
}

fn number(header: &[u8], at: usize) -> Result<u32> {
    let bytes = header.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
    bytes.map(u32::from_le_bytes).ok_or_else(|| damaged("its header is cut off"))
}

fn damaged(cause: &str) -> Error {
    Error::new(ErrorKind::Model, format!("The embedded service models cannot be used: {cause}"))
        .help("Install the plugin again; if it stays, the build is damaged.")
}
