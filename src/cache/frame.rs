//! An entry as a file: a checked header, what it is about, and the value, packed.
//!
//! ```text
//! magic 8 · version 1 · packed 1 · stale 2 · hash 32 · stored at 8 · ttl 8 · raw length 8 · length 8 · about 4 · sum 8
//! about (MessagePack) · value (MessagePack, gzip where packed is 1)
//! ```
//! Where packed is 2, the value is the head of a stream's file, and frames of its pages follow (`pages.rs`).
//! Stale is for how many minutes more, after its time, a value is of use where AWS gives none. Numbers are big-endian,
//! times in milliseconds, a TTL of 2^64-1 is none. The sum is XXH3 over all that stands before it and behind it. Nothing
//! of a file is believed before the sum is right.

use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use serde::{Deserialize, Serialize};
use std::{
    io::{Read, Write},
    time::{Duration, SystemTime},
};
use xxhash_rust::xxh3::Xxh3;

const MAGIC: &[u8; 8] = b"AWSPERF\0";
/// The format of these files. A file of a later one is a miss and is left alone.
pub(super) const VERSION: u8 = 1;
/// Bytes before `about`.
pub(super) const HEADER: usize = 88;
/// Where the sum stands.
const SUM: std::ops::Range<usize> = 80..88;
/// Bytes of a value at most, unpacked: a small file must not become a full memory.
pub(super) const MAX_RAW: u64 = 64 << 20;
/// Bytes of `about` at most.
const MAX_ABOUT: usize = 1 << 20;
/// Smaller values are not packed: gzip's own frame takes 20 bytes.
const PACKED_FROM: usize = 512;

/// SHA-256 of what an entry belongs to.
pub(super) type Hash = [u8; 32];

/// What an entry is about; readable without unpacking the value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct About {
    /// The key, for people.
    pub(super) key: String,
    /// Whether it is AWS's answer to a request; else it is what somebody put there.
    #[serde(default)]
    pub(super) answer: bool,
    /// As whom was asked, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) identity: Option<String>,
    /// What was asked with, as NUON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) parameters: Option<String>,
    /// How far the pages that it stands on were turned then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) turned: Option<String>,
}

impl About {
    pub(super) fn new(key: String, answer: bool) -> Self {
        Self { key, answer, identity: None, parameters: None, turned: None }
    }
}

/// The fixed part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) hash: Hash,
    pub(super) stored: SystemTime,
    pub(super) ttl: Option<Duration>,
    /// How long after that it is still of use, in whole minutes.
    pub(super) stale: Duration,
    /// Bytes of the value, unpacked.
    pub(super) raw: u64,
}

/// Why a file is no entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// It is of a later format.
    Later,
    /// It is of another entry.
    Other,
    /// It is damaged.
    Damaged,
}

/// What stands behind the header and `about`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A value as it is.
    Plain,
    /// A value, packed.
    Packed,
    /// The head of a stream's file.
    Head,
}

/// The bytes of an entry's file.
pub(super) fn seal(header: &Header, about: &About, raw: &[u8]) -> std::io::Result<Vec<u8>> {
    let form = if raw.len() >= PACKED_FROM { Form::Packed } else { Form::Plain };
    seal_as(form, header, about, raw)
}

pub(super) fn seal_as(form: Form, header: &Header, about: &About, raw: &[u8]) -> std::io::Result<Vec<u8>> {
    let about = rmp_serde::to_vec_named(about).map_err(std::io::Error::other)?;
    let packed = form == Form::Packed;
    let mut bytes = Vec::with_capacity(HEADER + about.len() + raw.len() / if packed { 4 } else { 1 });
    bytes.extend(MAGIC);
    bytes.extend([VERSION, form as u8]);
    bytes.extend(u16::try_from(header.stale.as_secs() / 60).unwrap_or(u16::MAX).to_be_bytes());
    bytes.extend(header.hash);
    bytes.extend(millis(header.stored).to_be_bytes());
    bytes.extend(
        header.ttl.map_or(u64::MAX, |ttl| ttl.as_millis().try_into().unwrap_or(u64::MAX - 1)).to_be_bytes(),
    );
    bytes.extend((raw.len() as u64).to_be_bytes());
    bytes.extend([0; 8]);
    bytes.extend(u32::try_from(about.len()).map_err(std::io::Error::other)?.to_be_bytes());
    bytes.extend([0; 8]);
    bytes.extend(about);
    let before = bytes.len();
    if packed {
        let mut gzip = GzEncoder::new(bytes, Compression::fast());
        gzip.write_all(raw)?;
        bytes = gzip.finish()?;
    } else {
        bytes.extend(raw);
    }
    let length = (bytes.len() - before) as u64;
    if let Some(place) = bytes.get_mut(68..76) {
        place.copy_from_slice(&length.to_be_bytes());
    }
    let sum = sum(&bytes);
    if let Some(place) = bytes.get_mut(SUM) {
        place.copy_from_slice(&sum.to_be_bytes());
    }
    Ok(bytes)
}

/// A checked file.
#[derive(Debug)]
pub(super) struct Frame<'a> {
    pub(super) header: Header,
    pub(super) about: About,
    pub(super) form: Form,
    pub(super) value: &'a [u8],
}

impl Frame<'_> {
    /// The value's bytes, unpacked.
    pub(super) fn raw(&self) -> Result<Vec<u8>, Broken> {
        if self.header.raw > MAX_RAW {
            return Err(Broken::Damaged);
        }
        let mut raw = Vec::new();
        if self.form == Form::Packed {
            let limit = self.header.raw.saturating_add(1);
            GzDecoder::new(self.value).take(limit).read_to_end(&mut raw).map_err(|_| Broken::Damaged)?;
        } else {
            raw.extend(self.value);
        }
        if raw.len() as u64 == self.header.raw { Ok(raw) } else { Err(Broken::Damaged) }
    }
}

/// Reads and checks a whole file. `hash` is whose file it should be.
pub(super) fn open<'a>(bytes: &'a [u8], hash: Option<&Hash>) -> Result<Frame<'a>, Broken> {
    let (header, about_length, length, form) = header(bytes)?;
    if hash.is_some_and(|hash| *hash != header.hash) {
        return Err(Broken::Other);
    }
    let rest = bytes.get(HEADER..).ok_or(Broken::Damaged)?;
    let (about, value) = rest.split_at_checked(about_length).ok_or(Broken::Damaged)?;
    let told = bytes.get(SUM).ok_or(Broken::Damaged)?;
    if value.len() as u64 != length || sum(bytes).to_be_bytes() != told {
        return Err(Broken::Damaged);
    }
    let about = rmp_serde::from_slice(about).map_err(|_| Broken::Damaged)?;
    Ok(Frame { header, about, form, value })
}

/// When a file expires, by its unchecked header: for pruning, which removes nothing of worth by mistake.
pub(super) fn expiry(start: &[u8]) -> Option<SystemTime> {
    let (header, ..) = header(start).ok()?;
    header.stored.checked_add(header.ttl?)?.checked_add(header.stale)
}

/// The form of the file that begins so, by its unchecked header.
pub(super) fn form(start: &[u8]) -> Option<Form> {
    header(start).ok().map(|(.., form)| form)
}

/// Bytes of the frame that begins so, by its unchecked header.
pub(super) fn length(start: &[u8]) -> Result<u64, Broken> {
    let (_, about, value, _) = header(start)?;
    Ok((HEADER as u64).saturating_add(about as u64).saturating_add(value))
}

/// The header with the lengths of `about` and of the value as it stands, and its form.
fn header(bytes: &[u8]) -> Result<(Header, usize, u64, Form), Broken> {
    let bytes = bytes.get(..HEADER).ok_or(Broken::Damaged)?;
    let (magic, rest) = bytes.split_first_chunk::<8>().ok_or(Broken::Damaged)?;
    let ([version, form, high, low], rest) = rest.split_first_chunk::<4>().ok_or(Broken::Damaged)?;
    if magic != MAGIC {
        return Err(Broken::Damaged);
    }
    if *version > VERSION {
        return Err(Broken::Later);
    }
    let (hash, rest) = rest.split_first_chunk::<32>().ok_or(Broken::Damaged)?;
    let mut numbers =
        rest.chunks_exact(8).map(|chunk| u64::from_be_bytes(chunk.try_into().unwrap_or_default()));
    let mut number = || numbers.next().ok_or(Broken::Damaged);
    let (stored, ttl, raw, length) = (number()?, number()?, number()?, number()?);
    let about = bytes.get(76..80).and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes);
    let about = about.ok_or(Broken::Damaged)? as usize;
    if about > MAX_ABOUT || *version != VERSION {
        return Err(Broken::Damaged);
    }
    let stored = SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(stored)).ok_or(Broken::Damaged)?;
    let ttl = (ttl != u64::MAX).then(|| Duration::from_millis(ttl));
    let form = match form {
        0 => Form::Plain,
        1 => Form::Packed,
        2 => Form::Head,
        _ => return Err(Broken::Damaged),
    };
    let stale = Duration::from_mins(u16::from_be_bytes([*high, *low]).into());
    Ok((Header { hash: *hash, stored, ttl, stale, raw }, about, length, form))
}

fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    since.as_millis().try_into().unwrap_or(u64::MAX)
}

/// Over everything but the sum itself.
fn sum(bytes: &[u8]) -> u64 {
    let mut state = Xxh3::new();
    state.update(bytes.get(..SUM.start).unwrap_or_default());
    state.update(bytes.get(SUM.end..).unwrap_or_default());
    state.digest()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(raw: &[u8]) -> Vec<u8> {
        let stored = SystemTime::UNIX_EPOCH + Duration::from_hours(500_000);
        let header = Header {
            hash: [7; 32],
            stored,
            ttl: Some(Duration::from_mins(5)),
            stale: Duration::ZERO,
            raw: raw.len() as u64,
        };
        seal(&header, &About::new("k".into(), false), raw).unwrap()
    }

    /// What gzip cannot make smaller.
    fn noise(length: usize) -> Vec<u8> {
        let mut dice = fastrand::Rng::with_seed(1);
        std::iter::repeat_with(|| dice.u8(..)).take(length).collect()
    }

    #[test]
    fn what_is_sealed_is_opened() {
        for raw in [Vec::new(), b"short".to_vec(), b"long ".repeat(2000)] {
            let bytes = sealed(&raw);
            let frame = open(&bytes, Some(&[7; 32])).unwrap();
            assert_eq!(frame.raw().unwrap(), raw);
            assert_eq!((frame.about.key.as_str(), frame.header.ttl), ("k", Some(Duration::from_mins(5))));
            assert_eq!(frame.header.stored, SystemTime::UNIX_EPOCH + Duration::from_hours(500_000));
            assert!(raw.len() < 1000 || bytes.len() < raw.len() / 4, "{} bytes", bytes.len());
        }
    }

    #[test]
    fn every_flipped_byte_and_every_cut_is_noticed() {
        for raw in [b"short".to_vec(), noise(4096)] {
            let bytes = sealed(&raw);
            for place in 0..bytes.len() {
                for mask in [0x01, 0x80, 0xff] {
                    let mut damaged = bytes.clone();
                    damaged[place] ^= mask;
                    assert!(open(&damaged, Some(&[7; 32])).is_err(), "byte {place} ^ {mask:x}");
                }
                assert!(open(&bytes[..place], None).is_err(), "cut at {place}");
            }
            assert!(open(&[&bytes[..], b"x"].concat(), None).is_err());
        }
    }

    #[test]
    fn another_entry_and_another_format_are_told_apart() {
        let bytes = sealed(b"value");
        assert_eq!(open(&bytes, Some(&[8; 32])).unwrap_err(), Broken::Other);
        let mut later = bytes.clone();
        later[8] = VERSION + 1;
        assert_eq!(open(&later, Some(&[7; 32])).unwrap_err(), Broken::Later);
        assert_eq!(open(&vec![0; 4096], None).unwrap_err(), Broken::Damaged);
        assert_eq!(open(&[], None).unwrap_err(), Broken::Damaged);
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        let megabyte = vec![0; 1 << 20];
        for _ in 0..128 {
            gzip.write_all(&megabyte).unwrap();
        }
        let bomb = gzip.finish().unwrap();
        for told in [5, MAX_RAW, MAX_RAW + 1, u64::MAX] {
            let mut bytes = sealed(&b"long ".repeat(2000));
            let start = open(&bytes, None).unwrap().value.as_ptr() as usize - bytes.as_ptr() as usize;
            bytes.truncate(start);
            bytes.extend(&bomb);
            bytes[60..68].copy_from_slice(&told.to_be_bytes());
            bytes[68..76].copy_from_slice(&(bomb.len() as u64).to_be_bytes());
            let sum = sum(&bytes);
            bytes[SUM].copy_from_slice(&sum.to_be_bytes());
            assert_eq!(open(&bytes, None).unwrap().raw().unwrap_err(), Broken::Damaged, "{told}");
        }
    }

    /// A file of format 1, written when it was made: it is read for ever.
    #[test]
    fn files_of_the_first_format_are_read() {
        let golden = include_bytes!("golden/v1");
        let frame = open(golden, Some(&[7; 32])).unwrap();
        assert_eq!(frame.raw().unwrap(), b"long ".repeat(200));
        assert_eq!((frame.about.key.as_str(), frame.header.raw), ("k", 1000));
    }
}
