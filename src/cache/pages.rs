//! A stream as a file: a head, and a frame for each page behind it.
//!
//! ```text
//! head frame: pages 8 · bytes behind the head 8 · bytes of all pages, unpacked 8 · XXH3 of what is behind the head 8
//! a frame for each page
//! ```
//! The file bears its name only when the stream ended whole and the head is written. Who reads has it open: what others
//! remove or replace meanwhile does not touch a replay.

use super::{
    disk::{FileId, MAX_FILE, file_id},
    frame::{self, About, Broken, Form, Hash, Header},
};
use std::{
    fs,
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
    time::Duration,
};
use tempfile::NamedTempFile;
use xxhash_rust::xxh3::Xxh3;

/// What the head tells of the pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) pages: u64,
    /// Bytes behind the head.
    pub(super) packed: u64,
    /// Bytes of all pages, unpacked.
    pub(super) raw: u64,
    sum: u64,
}

impl Extent {
    fn to_bytes(self) -> Vec<u8> {
        [self.pages, self.packed, self.raw, self.sum].iter().flat_map(|number| number.to_be_bytes()).collect()
    }

    /// The extent in a head frame.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut numbers = bytes.chunks_exact(8).map(|chunk| chunk.try_into().ok().map(u64::from_be_bytes));
        let mut number = || numbers.next().flatten();
        Some(Self { pages: number()?, packed: number()?, raw: number()?, sum: number()? })
    }
}

/// A page needs no words of its own.
fn nameless() -> About {
    About::new(String::new(), true)
}

/// A stream's file that is being written. Dropped before its end, it leaves nothing.
pub(super) struct Writer {
    file: NamedTempFile,
    header: Header,
    about: About,
    extent: Extent,
    sum: Xxh3,
}

impl Writer {
    /// Begins a file. `header.raw` is of no matter.
    pub(super) fn begin(file: NamedTempFile, mut header: Header, about: About) -> io::Result<Self> {
        header.raw = Extent::default().to_bytes().len() as u64;
        let mut writer = Self { file, header, about, extent: Extent::default(), sum: Xxh3::new() };
        // Keeps the place of the one that is written last.
        let head = writer.head()?;
        writer.file.write_all(&head)?;
        Ok(writer)
    }

    fn head(&self) -> io::Result<Vec<u8>> {
        frame::seal_as(Form::Head, &self.header, &self.about, &self.extent.to_bytes())
    }

    /// How long it will have been meant to live.
    pub(super) fn set_ttl(&mut self, ttl: Option<Duration>) {
        self.header.ttl = ttl;
    }

    /// Adds a page; the bytes of all pages so far, as they stand.
    pub(super) fn add(&mut self, raw: &[u8]) -> io::Result<u64> {
        if raw.len() as u64 > frame::MAX_RAW {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let header = Header { raw: raw.len() as u64, ..self.header.clone() };
        let bytes = frame::seal(&header, &nameless(), raw)?;
        self.file.write_all(&bytes)?;
        self.sum.update(&bytes);
        self.extent.pages += 1;
        self.extent.packed += bytes.len() as u64;
        self.extent.raw += raw.len() as u64;
        Ok(self.extent.packed)
    }

    /// Writes the head and gives the file its name; what identifies it, and its bytes.
    pub(super) fn finish(mut self, path: &Path) -> io::Result<(FileId, u64)> {
        self.extent.sum = self.sum.digest();
        let head = self.head()?;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&head)?;
        let file = self.file.persist(path).map_err(|error| error.error)?;
        Ok((file_id(&file.metadata()?), self.extent.packed + head.len() as u64))
    }
}

/// A stream's file whose sum is right.
#[derive(Debug)]
pub(super) struct Reader {
    file: fs::File,
    pub(super) id: FileId,
    pub(super) header: Header,
    pub(super) about: About,
    pub(super) extent: Extent,
    left: u64,
}

impl Reader {
    /// Opens the file of a stream and checks all of it. `hash` is whose file it should be.
    pub(super) fn open(mut file: fs::File, hash: Option<&Hash>) -> io::Result<Result<Self, Broken>> {
        let data = file.metadata()?;
        let Ok(head) = next_frame(&mut file) else { return Ok(Err(Broken::Damaged)) };
        let frame = match frame::open(&head, hash) {
            Ok(frame) if frame.form == Form::Head => frame,
            Ok(_) => return Ok(Err(Broken::Other)),
            Err(broken) => return Ok(Err(broken)),
        };
        let Some(extent) = Extent::from_bytes(frame.value) else { return Ok(Err(Broken::Damaged)) };
        let whole = data.len() == head.len() as u64 + extent.packed && sum(&mut file)? == extent.sum;
        if !whole {
            return Ok(Err(Broken::Damaged));
        }
        file.seek(SeekFrom::Start(head.len() as u64))?;
        let (header, about) = (frame.header, frame.about);
        Ok(Ok(Self { file, id: file_id(&data), header, about, extent, left: extent.pages }))
    }

    /// Whether all pages were read.
    pub(super) fn is_at_end(&self) -> bool {
        self.left == 0
    }

    /// The next page, unpacked.
    pub(super) fn next(&mut self) -> Option<io::Result<Vec<u8>>> {
        self.left = self.left.checked_sub(1)?;
        let page = next_frame(&mut self.file).and_then(|bytes| {
            let frame = frame::open(&bytes, Some(&self.header.hash));
            let damaged = |_| io::Error::from(io::ErrorKind::InvalidData);
            frame.and_then(|frame| frame.raw()).map_err(damaged)
        });
        Some(page)
    }
}

/// The bytes of a frame, as long as its header tells.
fn next_frame(file: &mut fs::File) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; frame::HEADER];
    file.read_exact(&mut bytes)?;
    let length = frame::length(&bytes).map_err(|_| io::ErrorKind::InvalidData)?;
    if length > MAX_FILE {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let rest = length.saturating_sub(frame::HEADER as u64);
    if file.take(rest).read_to_end(&mut bytes)? as u64 == rest {
        Ok(bytes)
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

/// Of all that is left of a file.
fn sum(file: &mut fs::File) -> io::Result<u64> {
    let (mut state, mut buffer) = (Xxh3::new(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(state.digest()),
            Ok(read) => state.update(buffer.get(..read).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => (),
            Err(error) => return Err(error),
        }
    }
}
