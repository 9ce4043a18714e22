//! The events of all processes, in files of which each is written by one process at a time.
//!
//! A file is a row of `length 4 · XXH3's lower half 4 · event (MessagePack)`. A process locks a file that nobody has, cuts
//! off what a killed one left half written, and appends. So there are as many files as processes at once, and full ones,
//! of which the oldest go.

use super::{Event, since_epoch};
use crate::private;
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    time::SystemTime,
};
use xxhash_rust::xxh3::xxh3_64;

/// Bytes of a file at most: about 1,500 events.
const FULL: u64 = 256 << 10;
/// Files at most: 16 MiB altogether, about 100,000 events.
const FILES: usize = 64;
/// Bytes of an event at most.
const MAX_EVENT: usize = 64 << 10;
const SUFFIX: &str = "events";
/// Holds the time before which nothing counts.
const RESET: &str = "reset";

/// A file that this process alone appends to.
#[derive(Debug)]
pub(super) struct Writer {
    file: File,
    size: u64,
}

impl Writer {
    /// Takes a file that has room and that nobody has, or makes one.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        private::make_folder(folder)?;
        let mut files = files(folder);
        files.sort();
        for path in &files {
            if let Some(writer) = Self::take(path)? {
                return Ok(writer);
            }
        }
        let path = folder.join(format!("{:016x}.{SUFFIX}", fastrand::u64(..)));
        let file = private::file().read(true).append(true).create_new(true).open(path)?;
        file.try_lock()?;
        trim(&files);
        Ok(Self { file, size: 0 })
    }

    fn take(path: &Path) -> io::Result<Option<Self>> {
        let Ok(mut file) = OpenOptions::new().read(true).append(true).open(path) else { return Ok(None) };
        if file.metadata()?.len() >= FULL || file.try_lock().is_err() {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let (_, whole) = parse(&bytes);
        if whole < bytes.len() {
            file.set_len(whole as u64)?;
        }
        file.seek(SeekFrom::End(0))?;
        Ok(Some(Self { file, size: whole as u64 }))
    }

    /// Whether the event is in the file now.
    pub(super) fn append(&mut self, event: &Event) -> bool {
        let Ok(bytes) = rmp_serde::to_vec_named(event) else { return false };
        if self.size >= FULL || bytes.len() > MAX_EVENT || !exists(&self.file) {
            return false;
        }
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let mut record = Vec::with_capacity(bytes.len() + 8);
        record.extend(length.to_be_bytes());
        record.extend(sum(&bytes));
        record.extend(bytes);
        if self.file.write_all(&record).is_err() {
            // What was written in part would hide all that comes after it.
            let _ = self.file.set_len(self.size);
            return false;
        }
        self.size += record.len() as u64;
        true
    }
}

/// All events since the last reset.
pub(super) fn read(folder: &Path) -> Vec<Event> {
    let since = fs::read_to_string(folder.join(RESET)).ok().and_then(|text| text.trim().parse().ok());
    let since: u64 = since.unwrap_or(0);
    let events = files(folder).into_iter().flat_map(|path| {
        let mut bytes = Vec::new();
        let file = File::open(path).and_then(|file| file.take(FULL * 2).read_to_end(&mut bytes));
        file.map(|_| parse(&bytes).0).unwrap_or_default()
    });
    events.filter(|event| event.at >= since).collect()
}

/// Makes everything until now count no more.
pub(super) fn reset(folder: &Path, now: SystemTime) -> io::Result<()> {
    private::make_folder(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    write!(file, "{}", since_epoch(now))?;
    file.persist(folder.join(RESET)).map_err(|error| error.error)?;
    for path in files(folder) {
        remove_unused(&path);
    }
    Ok(())
}

/// The events at the start of a file, and the bytes that they take. An event of a later version is passed over.
fn parse(bytes: &[u8]) -> (Vec<Event>, usize) {
    let (mut events, mut rest) = (Vec::new(), bytes);
    while let Some((length, after)) = rest.split_first_chunk::<4>()
        && let Some((told, after)) = after.split_first_chunk::<4>()
        && let length = u32::from_be_bytes(*length) as usize
        && length <= MAX_EVENT
        && let Some((event, after)) = after.split_at_checked(length)
        && sum(event) == *told
    {
        events.extend(rmp_serde::from_slice::<Event>(event).ok());
        rest = after;
    }
    (events, bytes.len() - rest.len())
}

fn sum(bytes: &[u8]) -> [u8; 4] {
    let [.., a, b, c, d] = xxh3_64(bytes).to_be_bytes();
    [a, b, c, d]
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let events = |path: &PathBuf| path.extension().is_some_and(|extension| extension == SUFFIX);
    entries.map(|entry| entry.path()).filter(events).collect()
}

/// Removes the oldest files where there are too many.
fn trim(files: &[PathBuf]) {
    let written = |path: &PathBuf| path.metadata().and_then(|data| data.modified()).ok();
    let mut aged: Vec<_> = files.iter().map(|path| (written(path), path)).collect();
    aged.sort();
    let surplus = aged.len().saturating_sub(FILES - 1);
    for (_, path) in aged.into_iter().take(surplus) {
        remove_unused(path);
    }
}

/// Removes a file that no process appends to.
fn remove_unused(path: &Path) {
    let unused = File::open(path).is_ok_and(|file| file.try_lock().is_ok());
    if unused {
        let _ = fs::remove_file(path);
    }
}

/// Whether the file still has a name: somebody may have deleted the folder.
fn exists(file: &File) -> bool {
    #[cfg(unix)]
    return file.metadata().is_ok_and(|data| std::os::unix::fs::MetadataExt::nlink(&data) > 0);
    #[cfg(not(unix))]
    file.metadata().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Source;

    fn event(number: u32) -> Event {
        Event { attempts: number, ..Event::new("ec2", "DescribeInstances", Source::Network) }
    }

    fn numbers(folder: &Path) -> Vec<u32> {
        let mut numbers: Vec<u32> = read(folder).iter().map(|event| event.attempts).collect();
        numbers.sort_unstable();
        numbers
    }

    #[test]
    fn processes_at_once_have_a_file_each_and_take_over_from_those_that_ended() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("journal");
        let (mut one, mut two) = (Writer::open(&folder).unwrap(), Writer::open(&folder).unwrap());
        assert!(one.append(&event(1)) && two.append(&event(2)) && one.append(&event(3)));
        drop((one, two));
        let mut three = Writer::open(&folder).unwrap();
        assert!(three.append(&event(4)));
        assert_eq!((files(&folder).len(), numbers(&folder)), (2, vec![1, 2, 3, 4]));
    }

    #[test]
    fn a_half_written_event_is_cut_off_and_the_next_one_counts() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = Writer::open(folder.path()).unwrap();
        assert!(writer.append(&event(1)) && writer.append(&event(2)));
        drop(writer);
        let [path] = files(folder.path()).try_into().unwrap();
        let whole = fs::read(&path).unwrap();
        let first = whole.len() / 2;
        for end in first..whole.len() {
            fs::write(&path, &whole[..end]).unwrap();
            assert_eq!(numbers(folder.path()), [1], "cut at {end}");
            assert!(Writer::open(folder.path()).unwrap().append(&event(3)));
            assert_eq!(numbers(folder.path()), [1, 3], "cut at {end}");
        }
        for place in 0..first {
            let mut bad = whole.clone();
            bad[place] ^= 0x80;
            fs::write(&path, bad).unwrap();
            assert!(numbers(folder.path()).is_empty(), "byte {place}");
        }
    }

    #[test]
    fn it_is_bounded_and_the_oldest_go() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = Writer::open(folder.path()).unwrap();
        let padded = Event { operation: "x".repeat(60_000), ..event(0) };
        let mut written = 0;
        for _ in 0..400 {
            if !writer.append(&padded) {
                writer = Writer::open(folder.path()).unwrap();
                assert!(writer.append(&padded));
            }
            written += 1;
        }
        let kept = files(folder.path());
        let size: u64 = kept.iter().map(|path| path.metadata().unwrap().len()).sum();
        assert!(written == 400 && kept.len() <= FILES && size <= (FULL + 70_000) * FILES as u64);
        assert!(!writer.append(&Event { operation: "x".repeat(MAX_EVENT), ..event(0) }), "too large");
    }

    #[test]
    fn after_a_reset_only_what_comes_then_counts() {
        let folder = tempfile::tempdir().unwrap();
        let mut other = Writer::open(folder.path()).unwrap();
        assert!(other.append(&event(1)));
        reset(folder.path(), SystemTime::now()).unwrap();
        assert!(numbers(folder.path()).is_empty());
        assert!(other.append(&event(2)), "who has a file goes on with it");
        assert_eq!(numbers(folder.path()), [2]);
        // Somebody deletes everything: the next event goes to a new file.
        fs::remove_dir_all(folder.path()).unwrap();
        assert!(!other.append(&event(3)));
    }
}
