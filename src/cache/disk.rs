//! The tier that outlives this process: one file an entry.
//!
//! Any number of processes share the folder. Nothing is locked: a file appears whole, by its renaming, or not at all.

use super::{
    frame::{self, About, Broken, Form, Hash, Header},
    pages::{Extent, Reader, Writer},
    root::{Root, is_hex},
};
use std::{
    fs, io,
    io::{Read, Seek, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime},
};

/// How files begin that are being written.
const UNFINISHED: &str = ".writing-";
/// A file that nobody finished within an hour will never be.
const ORPHAN_AFTER: Duration = Duration::from_hours(1);
/// An entry's file at most: the value, what it is about, and the header.
pub(super) const MAX_FILE: u64 = frame::MAX_RAW + (2 << 20);

/// What tells the files apart that bore an entry's name one after the other.
pub(super) type FileId = (u64, SystemTime);

/// An entry as it was found, checked.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) id: FileId,
    pub(super) header: Header,
    /// The value, as the codec has it.
    pub(super) raw: Vec<u8>,
}

/// An entry without its value.
#[derive(Debug, Clone)]
pub(super) struct Listed {
    pub(super) path: PathBuf,
    pub(super) about: About,
    pub(super) header: Header,
    /// Of a stream.
    pub(super) extent: Option<Extent>,
    pub(super) used: SystemTime,
    /// Bytes of the file.
    pub(super) size: u64,
}

/// What pruning wants to know of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Aged {
    pub(super) path: PathBuf,
    /// Bytes of the file.
    pub(super) size: u64,
    pub(super) used: SystemTime,
    pub(super) expires: Option<SystemTime>,
}

/// A folder of entries.
#[derive(Debug)]
pub(super) struct Disk {
    root: Root,
    corrupt: AtomicU64,
    evictions: AtomicU64,
}

impl Disk {
    pub(super) fn open(directory: &Path) -> Result<Self, String> {
        let root = Root::open(directory)?;
        Ok(Self { root, corrupt: AtomicU64::default(), evictions: AtomicU64::default() })
    }

    pub(super) fn path(&self) -> &Path {
        self.root.path()
    }

    /// Damaged files that were met, and removed.
    pub(super) fn corrupt(&self) -> u64 {
        self.corrupt.load(Ordering::Relaxed)
    }

    /// Another entry was removed since there was too much.
    pub(super) fn evicted(&self) {
        self.evictions.fetch_add(1, Ordering::Relaxed);
    }

    /// Entries that were removed since there was too much.
    pub(super) fn evictions(&self) -> u64 {
        self.evictions.load(Ordering::Relaxed)
    }

    /// The entry, whatever its age. A damaged one is removed and is none.
    pub(super) fn get(&self, hash: &Hash) -> Option<Found> {
        let path = self.root.file(hash);
        let mut file = open_quietly(&path).ok()?;
        let id = file_id(&file.metadata().ok()?);
        let bytes = read(&mut file).ok()?;
        let found = frame::open(&bytes, Some(hash))
            .and_then(|frame| Ok(Found { id, raw: frame.raw()?, header: frame.header.clone() }));
        self.well(&path, &file, found)
    }

    /// The pages of a stream, whatever their age. A damaged file is removed and is none.
    pub(super) fn pages(&self, hash: &Hash) -> Option<Reader> {
        let path = self.root.file(hash);
        let file = open_quietly(&path).ok()?;
        let found = Reader::open(file.try_clone().ok()?, Some(hash)).ok()?;
        self.well(&path, &file, found)
    }

    /// What was found in a file, which counts as used then. A damaged one is removed; one of a later format is left alone.
    fn well<T>(&self, path: &Path, file: &fs::File, found: Result<T, Broken>) -> Option<T> {
        match found {
            Ok(found) => {
                mark_used(file);
                Some(found)
            }
            Err(Broken::Later) => None,
            Err(Broken::Other | Broken::Damaged) => {
                self.corrupt.fetch_add(1, Ordering::Relaxed);
                let _ = fs::remove_file(path);
                None
            }
        }
    }

    /// Begins the file of a stream.
    pub(super) fn begin(&self, header: Header, about: About) -> io::Result<Writer> {
        let path = self.root.file(&header.hash);
        Root::make_folder_of(&path)?;
        Writer::begin(unfinished(&path)?, header, about)
    }

    /// Gives the file of a stream its name; what identifies it, and its bytes.
    pub(super) fn finish(&self, writer: Writer, hash: &Hash) -> io::Result<(FileId, u64)> {
        writer.finish(&self.root.file(hash))
    }

    /// Notes that a copy of an entry was used.
    pub(super) fn touch(&self, hash: &Hash) {
        if let Ok(file) = open_quietly(&self.root.file(hash)) {
            mark_used(&file);
        }
    }

    /// What is under a name now.
    pub(super) fn id(&self, hash: &Hash) -> Option<FileId> {
        self.root.file(hash).symlink_metadata().ok().map(|data| file_id(&data))
    }

    /// Writes an entry; what identifies its file, and its bytes.
    pub(super) fn put(&self, header: &Header, about: &About, raw: &[u8]) -> io::Result<(FileId, u64)> {
        let bytes = frame::seal(header, about, raw)?;
        let path = self.root.file(&header.hash);
        let write = || {
            Root::make_folder_of(&path)?;
            let mut file = unfinished(&path)?;
            file.write_all(&bytes)?;
            file.persist(&path).map_err(|error| error.error)
        };
        // Somebody may have cleared the folder in between.
        let file = write()
            .or_else(|error| if error.kind() == io::ErrorKind::NotFound { write() } else { Err(error) })?;
        Ok((file_id(&file.metadata()?), bytes.len() as u64))
    }

    /// Whether there was one.
    pub(super) fn remove(&self, hash: &Hash) -> bool {
        fs::remove_file(self.root.file(hash)).is_ok()
    }

    /// All entries that can be read, in no order. Damaged ones are left out.
    pub(super) fn list(&self) -> Vec<Listed> {
        self.files().filter_map(|path| listed(&path)).collect()
    }

    /// All files of entries with their ages; of a damaged one only its size and use are known.
    pub(super) fn ages(&self) -> Vec<Aged> {
        self.files()
            .filter_map(|path| {
                let file = open_quietly(&path).ok()?;
                let data = file.metadata().ok()?;
                let mut start = Vec::with_capacity(frame::HEADER);
                file.take(frame::HEADER as u64).read_to_end(&mut start).ok()?;
                Some(Aged { size: data.len(), used: used(&data), expires: frame::expiry(&start), path })
            })
            .collect()
    }

    /// Checks every entry and removes what is damaged: how many are well, and how many were removed.
    pub(super) fn verify(&self) -> (u64, u64) {
        let (mut well, mut removed) = (0, 0);
        for path in self.files() {
            let Ok(checked) = check(&path) else { continue };
            match checked {
                Ok(()) => well += 1,
                Err(Broken::Later) => (),
                Err(_) => removed += u64::from(fs::remove_file(&path).is_ok()),
            }
        }
        self.corrupt.fetch_add(removed, Ordering::Relaxed);
        (well, removed)
    }

    /// Removes every entry and everything unfinished: how many entries.
    pub(super) fn clear(&self) -> u64 {
        let removed = self.files().filter(|path| fs::remove_file(path).is_ok()).count() as u64;
        for orphan in self.unfinished() {
            let _ = fs::remove_file(orphan);
        }
        removed
    }

    /// Removes what AWS answered, streams included.
    pub(super) fn forget_answers(&self) {
        for entry in self.list().into_iter().filter(|entry| entry.about.answer) {
            let _ = fs::remove_file(entry.path);
        }
    }

    /// Files that were begun and not finished for so long that nobody will.
    pub(super) fn orphans(&self, now: SystemTime) -> Vec<PathBuf> {
        let is_old = |path: &PathBuf| {
            let modified = path.symlink_metadata().and_then(|data| data.modified());
            modified.is_ok_and(|time| now.duration_since(time).is_ok_and(|age| age > ORPHAN_AFTER))
        };
        self.unfinished().filter(is_old).collect()
    }

    fn files(&self) -> impl Iterator<Item = PathBuf> {
        let entries = self.root.folders().into_iter().filter_map(|folder| fs::read_dir(folder).ok());
        entries.flatten().flatten().filter(|entry| is_hex(entry, 62)).map(|entry| entry.path())
    }

    fn unfinished(&self) -> impl Iterator<Item = PathBuf> {
        let entries = self.root.folders().into_iter().filter_map(|folder| fs::read_dir(folder).ok());
        let begun = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().starts_with(UNFINISHED);
        entries.flatten().flatten().filter(begun).map(|entry| entry.path())
    }
}

/// Opens a file without that counting as a use.
pub(super) fn open_quietly(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.read(true);
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let quiet = rustix::fs::OFlags::NOATIME | rustix::fs::OFlags::NOFOLLOW;
        options.custom_flags(i32::try_from(quiet.bits()).unwrap_or_default());
    }
    options.open(path)
}

fn read(file: &mut fs::File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(MAX_FILE).read_to_end(&mut bytes)?;
    Ok(bytes)
}

pub(super) fn file_id(data: &fs::Metadata) -> FileId {
    let written = data.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    #[cfg(unix)]
    return (std::os::unix::fs::MetadataExt::ino(data), written);
    #[cfg(not(unix))]
    (data.len(), written)
}

fn used(data: &fs::Metadata) -> SystemTime {
    let written = data.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    data.accessed().map_or(written, |read| read.max(written))
}

/// Pruning goes by the time of the last use. A folder that is read only stays as it is.
fn mark_used(file: &fs::File) {
    let _ = file.set_times(fs::FileTimes::new().set_accessed(SystemTime::now()));
}

/// A file that will bear this name.
fn unfinished(path: &Path) -> io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(path.parent().unwrap_or(Path::new(".")))
}

/// The form of a file, by its unchecked header.
fn form(file: &mut fs::File) -> io::Result<Option<Form>> {
    let mut start = Vec::with_capacity(frame::HEADER);
    file.take(frame::HEADER as u64).read_to_end(&mut start)?;
    file.rewind()?;
    Ok(frame::form(&start))
}

/// Whether a file is well.
fn check(path: &Path) -> io::Result<Result<(), Broken>> {
    let mut file = open_quietly(path)?;
    if form(&mut file)? == Some(Form::Head) {
        return Ok(Reader::open(file, None)?.map(drop));
    }
    let bytes = read(&mut file)?;
    Ok(frame::open(&bytes, None).and_then(|frame| frame.raw()).map(drop))
}

/// An entry without its value, where its file is well.
pub(super) fn listed(path: &Path) -> Option<Listed> {
    let mut file = open_quietly(path).ok()?;
    let data = file.metadata().ok()?;
    let (size, used) = (data.len(), used(&data));
    let path = path.to_path_buf();
    if form(&mut file).ok()? == Some(Form::Head) {
        let Reader { about, header, extent, .. } = Reader::open(file, None).ok()?.ok()?;
        return Some(Listed { path, about, header, extent: Some(extent), used, size });
    }
    let bytes = read(&mut file).ok()?;
    let frame = frame::open(&bytes, None).ok()?;
    Some(Listed { path, about: frame.about, header: frame.header, extent: None, used, size })
}
