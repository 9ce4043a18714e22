//! The folders in use: opened once, pruned now and then, and left alone for a while when they fail.

use super::{
    Scope,
    disk::{self, Disk, FileId},
    frame::{About, Header, MAX_RAW},
    inventory::Pruned,
    prune,
};
use crate::{clock::Clock, sync::lock};
use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash as _, Hasher},
    io,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

/// A folder that failed is tried again after so long.
const PAUSE: Duration = Duration::from_mins(1);
/// Whenever a process wrote such a part of the limit, it looks whether there is too much: eight at once stay below 110 %.
const LOOK_AFTER: u64 = 100;

/// What tells folders apart in memory.
pub(super) fn id(scope: &Scope) -> u64 {
    let mut hasher = DefaultHasher::new();
    scope.directory.hash(&mut hasher);
    hasher.finish()
}

/// Writes to the folder of a scope; where somebody deleted the whole of it, to a new one.
pub(super) fn written<T>(
    scope: &Scope,
    disk: &Disk,
    write: impl Fn(&Disk) -> io::Result<T>,
) -> io::Result<T> {
    write(disk).or_else(|error| match &scope.directory {
        Some(directory) if error.kind() == io::ErrorKind::NotFound => {
            write(&Disk::open(directory).map_err(io::Error::other)?)
        }
        _ => Err(error),
    })
}

/// A folder, or when it failed and why.
#[derive(Debug, Clone)]
enum State {
    Open(Arc<Disk>),
    /// It answers, and nothing can be written.
    Unwritable(Arc<Disk>, Instant, String),
    Failed(Instant, String),
}

#[derive(Debug)]
pub(super) struct Shelves {
    known: Mutex<HashMap<PathBuf, State>>,
    clock: Arc<dyn Clock>,
    warning: Mutex<Option<String>>,
    warned: AtomicBool,
    /// Bytes written since this process looked.
    written: AtomicU64,
    /// Whether it has looked at all: the first write does, where nobody did for a while.
    looked: AtomicBool,
}

impl Shelves {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            known: Mutex::default(),
            clock,
            warning: Mutex::default(),
            warned: AtomicBool::new(false),
            written: AtomicU64::new(0),
            looked: AtomicBool::new(false),
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<PathBuf, State>> {
        lock(&self.known)
    }

    /// The folder of a scope, where there is one and it works.
    pub(super) fn disk(&self, scope: &Scope) -> Option<Arc<Disk>> {
        let directory = scope.directory.as_ref().filter(|_| scope.disk_limit > 0)?;
        let now = self.clock.instant();
        match self.known().get(directory) {
            Some(State::Open(disk) | State::Unwritable(disk, ..)) => return Some(disk.clone()),
            Some(State::Failed(since, _)) if now.saturating_duration_since(*since) < PAUSE => return None,
            _ => (),
        }
        match Disk::open(directory) {
            Ok(disk) => {
                let disk = Arc::new(disk);
                self.known().insert(directory.clone(), State::Open(disk.clone()));
                Some(disk)
            }
            Err(reason) => {
                self.warn(&reason);
                self.known().insert(directory.clone(), State::Failed(now, reason));
                None
            }
        }
    }

    /// The folder, also where this process keeps nothing in it, if others do: what changed is told there.
    pub(super) fn told(&self, scope: &Scope) -> Option<Arc<Disk>> {
        if scope.disk_limit > 0 { self.disk(scope) } else { self.disk(&scope.clone().reaching_all()) }
    }

    /// Why the disk of a scope is not in use.
    pub(super) fn reason(&self, scope: &Scope) -> Option<String> {
        let Some(directory) = scope.directory.as_ref().filter(|_| scope.disk_limit > 0) else {
            return Some("switched off".into());
        };
        match self.known().get(directory) {
            Some(State::Failed(_, reason) | State::Unwritable(_, _, reason)) => Some(reason.clone()),
            _ => None,
        }
    }

    /// Writes an entry, where that is possible; what identifies its file.
    pub(super) fn put(&self, scope: &Scope, header: &Header, about: &About, raw: &[u8]) -> Option<FileId> {
        let disk = self.writable(scope).filter(|_| raw.len() as u64 <= MAX_RAW)?;
        let directory = scope.directory.as_ref()?;
        match written(scope, &disk, |disk| disk.put(header, about, raw)) {
            Ok((id, size)) => {
                self.known().insert(directory.clone(), State::Open(disk.clone()));
                self.look(&disk, scope.disk_limit, size);
                Some(id)
            }
            Err(error) => {
                self.failed(scope, disk, &error);
                None
            }
        }
    }

    /// The folder of a scope, unless writing failed a moment ago.
    pub(super) fn writable(&self, scope: &Scope) -> Option<Arc<Disk>> {
        let disk = self.disk(scope)?;
        let now = self.clock.instant();
        match self.known().get(scope.directory.as_ref()?) {
            Some(State::Unwritable(_, since, _)) if now.saturating_duration_since(*since) < PAUSE => None,
            _ => Some(disk),
        }
    }

    /// Leaves a folder alone for a while: it cannot be written to.
    pub(super) fn failed(&self, scope: &Scope, disk: Arc<Disk>, error: &io::Error) {
        let Some(directory) = &scope.directory else { return };
        let reason = format!("{} cannot be written to: {error}", directory.display());
        self.warn(&reason);
        let state = State::Unwritable(disk, self.clock.instant(), reason);
        self.known().insert(directory.clone(), state);
    }

    /// After enough writing, makes room in the background.
    pub(super) fn look(&self, disk: &Arc<Disk>, limit: u64, size: u64) {
        let written = self.written.fetch_add(size, Ordering::Relaxed).saturating_add(size);
        let now = self.clock.now();
        let first = !self.looked.swap(true, Ordering::Relaxed) && !prune::was_recent(disk.path(), now);
        if !first && written < limit / LOOK_AFTER {
            return;
        }
        self.written.store(0, Ordering::Relaxed);
        let disk = disk.clone();
        // Where no thread can be had, somebody else will look.
        let _ = std::thread::Builder::new().name("aws_perf_prune".into()).spawn(move || {
            let _ = make_room(&disk, limit, now, false);
        });
    }

    /// Says it once in a process.
    fn warn(&self, reason: &str) {
        if !self.warned.swap(true, Ordering::Relaxed) {
            let told = format!("the cache on disk is not used for now: {reason}");
            *lock(&self.warning) = Some(told);
        }
    }

    pub(super) fn take_warning(&self) -> Option<String> {
        lock(&self.warning).take()
    }
}

/// Removes what is expired, and what was not used for longest where there is too much; `None` where another process is at it.
pub(super) fn make_room(
    disk: &Disk,
    limit: u64,
    now: SystemTime,
    dry_run: bool,
) -> io::Result<Option<Vec<Pruned>>> {
    let Some(_turn) = prune::Turn::take(disk.path())? else { return Ok(None) };
    let ages = disk.ages();
    let kept = ages.iter().map(|entry| entry.size).sum();
    let plan = prune::plan(ages, prune::limit(disk.path(), limit, kept), now);
    if !dry_run {
        for orphan in disk.orphans(now) {
            let _ = std::fs::remove_file(orphan);
        }
    }
    let removed = plan.into_iter().filter_map(|entry| {
        let key = disk::listed(&entry.path).map(|listed| listed.about.key);
        let expired = entry.expires.is_some_and(|end| end <= now);
        let gone = dry_run || std::fs::remove_file(&entry.path).is_ok();
        if gone && !dry_run && !expired {
            disk.evicted();
        }
        gone.then_some(Pruned { key, size: entry.size, expired })
    });
    Ok(Some(removed.collect()))
}
