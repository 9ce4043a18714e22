//! What was answered before, kept: in memory for this process, on disk for all that come.
//!
//! The promises, each with its test: never a wrong value, at worst a miss; a fault of the cache fails no command; any
//! number of processes share the folder; it may be deleted at any time; nobody else can read it.

mod codec;
mod disk;
mod frame;
mod generations;
mod hit;
mod inventory;
mod memory;
mod pages;
mod prune;
mod root;
mod shelf;
mod streams;

pub use generations::Generation;
pub use hit::{Hit, Tier};
pub use inventory::{Kind, Listing, Pruned, TierStats};
pub use memory::set_span;
pub use streams::{Packed, Recording, Replay};

use crate::{
    clock::{Clock, SystemClock},
    config::{Environment, Settings},
    error::{Error, ErrorKind, Result},
};
use disk::{Disk, FileId};
use frame::{About, Header};
use hit::Good;
use memory::{Content, Kept, Memory, Place, Times};
use nu_protocol::{Span, Value};
use sha2::{Digest, Sha256};
use shelf::Shelves;
use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// Where things are kept, and how much of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The folder; none switches the disk off.
    pub directory: Option<PathBuf>,
    /// Bytes in memory at most; 0 switches the memory off.
    pub memory_limit: u64,
    /// Bytes on disk at most; 0 switches the disk off.
    pub disk_limit: u64,
}

/// The folder of the cache below the user's own: where existing scripts have theirs.
const FOLDER: &str = ".cache/aws-nushell";

impl Scope {
    /// What the caller's settings say, with `AWS_CACHE_DIR` for the folder.
    pub fn new(environment: &Environment, settings: &Settings) -> Self {
        let named = environment.get("AWS_CACHE_DIR").map(|path| environment.resolve(path));
        let directory = named.or_else(|| Some(environment.home()?.join(FOLDER)));
        // Test suites of existing scripts keep to themselves with it.
        let directory = match environment.get("AWS_CACHE_TEST_SUFFIX") {
            Some(suffix) => directory.map(|path| {
                let mut name = path.into_os_string();
                name.push(format!("_test_{}", suffix.replace(['/', '\\'], "_")));
                name.into()
            }),
            None => directory,
        };
        Self { directory, memory_limit: settings.cache_memory, disk_limit: settings.cache_disk }
    }

    /// Whether anything is kept at all.
    pub fn is_on(&self) -> bool {
        self.memory_limit > 0 || self.disk_limit > 0
    }

    /// The same for who removes: what other processes keep in the folder too, where this one keeps nothing there.
    #[must_use]
    pub fn reaching_all(self) -> Self {
        let others = self.disk_limit == 0 && self.directory.as_deref().is_some_and(root::is_in_use);
        Self { disk_limit: if others { u64::MAX } else { self.disk_limit }, ..self }
    }
}

/// Whose entry it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Name {
    about: About,
    hash: frame::Hash,
}

impl Name {
    /// A key that a user chose.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a key that is empty or too long.
    pub fn chosen(key: &str) -> Result<Self> {
        if key.is_empty() || key.len() > MAX_KEY {
            return Err(Error::invalid(format!(
                "a key has 1 to {MAX_KEY} bytes, and this one {}",
                key.len()
            )));
        }
        // Entries that users name are apart from those of requests, whatever their keys are.
        let hash = Sha256::new().chain_update(b"chosen\0").chain_update(key).finalize().into();
        Ok(Self { about: About::new(key.into(), false), hash })
    }

    /// The answer to a request: `key` is for people, and `apart` is everything that tells it from other answers.
    pub fn of_answer(key: String, apart: &[&str]) -> Self {
        let mut hash = Sha256::new().chain_update(b"answer\0");
        for part in apart.iter().chain(&[key.as_str()]) {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self { hash: hash.finalize().into(), about: About::new(key, true) }
    }

    /// The same with what is shown of it: as whom was asked, and with which parameters (NUON).
    #[must_use]
    pub fn described(mut self, identity: String, parameters: Option<String>) -> Self {
        self.about.identity = Some(identity);
        self.about.parameters = parameters.filter(|text| text.len() <= MAX_SHOWN);
        self
    }

    /// The same with how far its pages are turned, so that whoever lists it can tell whether it is still good.
    #[must_use]
    pub fn standing_on(mut self, generation: &Generation) -> Self {
        self.about.turned = Some(generation.turned.clone());
        self
    }

    /// The key, for people.
    pub fn key(&self) -> &str {
        &self.about.key
    }

    /// A number for events to call it by.
    pub fn id(&self) -> u64 {
        id_of(&self.hash)
    }
}

/// The number of an entry, by which events call it.
fn id_of(hash: &frame::Hash) -> u64 {
    hash.first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
}

/// How often something happened in this process.
#[derive(Debug, Default)]
struct Counts {
    memory_hits: AtomicU64,
    memory_misses: AtomicU64,
    disk_hits: AtomicU64,
    disk_misses: AtomicU64,
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// Longest key.
const MAX_KEY: usize = 4096;

/// Bytes of parameters that are shown beside an entry at most.
const MAX_SHOWN: usize = 16 << 10;

/// An entry from so far ahead was dated by a clock that is wrong: it is no longer believed.
const AHEAD: Duration = Duration::from_mins(1);

/// Both tiers.
#[derive(Debug)]
pub struct Cache {
    memory: Memory,
    shelves: Shelves,
    clock: Arc<dyn Clock>,
    counts: Counts,
    pages: generations::Pages,
}

impl Default for Cache {
    fn default() -> Self {
        Self::with_clock(Arc::new(SystemClock))
    }
}

impl Cache {
    /// A cache that lives by this clock.
    pub fn with_clock(clock: Arc<dyn Clock>) -> Self {
        Self {
            memory: Memory::new(0),
            shelves: Shelves::new(clock.clone()),
            clock,
            counts: Counts::default(),
            pages: generations::Pages::default(),
        }
    }

    /// The value under a key, where it is not older than it was meant to become, nor than `max_age`.
    pub fn get(&self, scope: &Scope, name: &Name, max_age: Option<Duration>, span: Span) -> Option<Hit> {
        let hit = self.find(scope, name, Good::Fresh(max_age), span);
        self.count_look(hit.as_ref().map(|hit| hit.tier));
        hit
    }

    /// Where a look found something fresh, if it did.
    fn count_look(&self, found: Option<Tier>) {
        if found == Some(Tier::Memory) {
            return count(&self.counts.memory_hits);
        }
        count(&self.counts.memory_misses);
        count(if found.is_some() { &self.counts.disk_hits } else { &self.counts.disk_misses });
    }

    /// The value under a key that is older than it was meant to become, for who has nothing better.
    pub fn get_stale(&self, scope: &Scope, name: &Name, longest: Duration, span: Span) -> Option<Hit> {
        self.find(scope, name, Good::Stale(longest), span)
    }

    fn find(&self, scope: &Scope, name: &Name, good: Good, span: Span) -> Option<Hit> {
        let place = (shelf::id(scope), name.hash);
        let disk = self.shelves.disk(scope);
        if let Some((kept, age)) = self.remembered(scope, disk.as_deref(), &place, good) {
            // What is pruned, and what goes where entries are counted, is decided by the files' last use.
            if let Some(disk) = disk.filter(|_| !kept.about.answer) {
                disk.touch(&place.1);
            }
            return Some(Hit {
                value: kept.content.value(span),
                tier: Tier::Memory,
                age,
                ttl: kept.times.ttl,
            });
        }
        let found = disk?.get(&name.hash)?;
        let Header { ttl, stale, .. } = found.header;
        let age = self.age(&found.header).filter(|age| good.is(*age, ttl, stale))?;
        let value = codec::decode(&found.raw, span).ok()?;
        self.keep_copy(place, &name.about, &value, Times { ttl, stale, age }, Some(found.id));
        Some(Hit { value, tier: Tier::Disk, age, ttl })
    }

    /// What is in memory, where it still is what the disk has and is good; and how old it is.
    fn remembered(
        &self,
        scope: &Scope,
        disk: Option<&Disk>,
        place: &Place,
        good: Good,
    ) -> Option<(Arc<Kept>, Duration)> {
        self.memory.set_limit(scope.memory_limit);
        let kept = self.memory.get(place).filter(|kept| kept.is_current(disk, &place.1))?;
        let age = kept.times.age.saturating_add(self.clock.instant().saturating_duration_since(kept.since));
        good.is(age, kept.times.ttl, kept.times.stale).then_some((kept, age))
    }

    /// Stores a value for `ttl`, for ever without one. Whether any tier has it then: one that is larger than a tier takes
    /// is left out there.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for what is no data; a disk that fails is no error.
    pub fn put(&self, scope: &Scope, name: &Name, value: &Value, ttl: Option<Duration>) -> Result<bool> {
        self.put_lasting(scope, name, value, ttl, Duration::ZERO)
    }

    /// The same, of use for `stale` more where nothing better is to be had.
    ///
    /// # Errors
    /// Those of [`Self::put`].
    pub fn put_lasting(
        &self,
        scope: &Scope,
        name: &Name,
        value: &Value,
        ttl: Option<Duration>,
        stale: Duration,
    ) -> Result<bool> {
        let raw = codec::encode(value).map_err(|reason| {
            Error::new(
                ErrorKind::InvalidInput,
                format!("the value under `{}` cannot be stored: {reason}", name.key()),
            )
            .at(value.span())
            .help("store data: no closures, globs, ranges or errors")
        })?;
        self.memory.set_limit(scope.memory_limit);
        let raw_length = raw.len() as u64;
        let header = Header { hash: name.hash, stored: self.clock.now(), ttl, stale, raw: raw_length };
        let file = self.shelves.put(scope, &header, &name.about, &raw);
        let on_disk = file.is_some();
        let place = (shelf::id(scope), name.hash);
        let in_memory =
            self.keep_copy(place, &name.about, value, Times { ttl, stale, age: Duration::ZERO }, file);
        if !in_memory {
            // An older one must not answer in its place.
            self.memory.remove(&place);
        }
        Ok(on_disk || in_memory)
    }

    /// Removes what is under a key, from both tiers: whether there was anything.
    pub fn remove(&self, scope: &Scope, name: &Name) -> bool {
        let in_memory = self.memory.remove(&(shelf::id(scope), name.hash));
        let on_disk = self.shelves.disk(scope).is_some_and(|disk| disk.remove(&name.hash));
        in_memory || on_disk
    }

    /// Removes what was not used for longest until so many entries are left on disk.
    pub fn keep_at_most(&self, scope: &Scope, most: u64) {
        let Some(disk) = self.shelves.disk(scope) else { return };
        let mut ages = disk.ages();
        let surplus = (ages.len() as u64).saturating_sub(most);
        // Whoever else is at it sees the same order, and removes the same files.
        ages.sort_by(|one, other| (one.used, &one.path).cmp(&(other.used, &other.path)));
        for entry in ages.into_iter().take(usize::try_from(surplus).unwrap_or(usize::MAX)) {
            let _ = std::fs::remove_file(entry.path);
        }
    }

    /// Where what was measured is written down, beside what is kept; `None` where the disk is not in use.
    pub fn journal(&self, scope: &Scope) -> Option<PathBuf> {
        Some(self.shelves.disk(scope)?.path().join("journal"))
    }

    /// The time by which the cache lives, for what is kept beside it.
    pub fn instant(&self) -> std::time::Instant {
        self.clock.instant()
    }

    /// What went wrong with the disk, once.
    pub fn take_warning(&self) -> Option<String> {
        self.shelves.take_warning()
    }

    /// Whether memory took a copy of it.
    fn keep_copy(
        &self,
        place: Place,
        about: &About,
        value: &Value,
        times: Times,
        file: Option<FileId>,
    ) -> bool {
        self.memory.limit() > 0 && self.keep(place, about, value.clone(), false, times, file)
    }

    /// Whether memory took it.
    fn keep(
        &self,
        place: Place,
        about: &About,
        value: Value,
        stream: bool,
        times: Times,
        file: Option<FileId>,
    ) -> bool {
        if self.memory.limit() == 0 {
            return false;
        }
        let size = memory::size(&value).saturating_add(about.key.len() as u64);
        let since = self.clock.instant();
        let content = Content::new(value);
        self.memory.put(place, Kept { about: about.clone(), content, stream, times, since, size, file })
    }

    /// How old an entry on disk is; `None` where it comes from the future.
    fn age(&self, header: &Header) -> Option<Duration> {
        let now = self.clock.now();
        match now.duration_since(header.stored) {
            Ok(age) => Some(age),
            Err(ahead) => (ahead.duration() <= AHEAD).then_some(Duration::ZERO),
        }
    }
}

#[cfg(test)]
mod tests;
