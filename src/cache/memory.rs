//! The tier of this process: whole values, the least used ones given up first.

use super::{
    disk::{Disk, FileId},
    frame::{About, Hash},
};
use crate::sync::{Mutex, lock};
use nu_protocol::{Span, Value};
use quick_cache::{DefaultHashBuilder, Lifecycle, OptionsBuilder, Weighter, sync::Cache};
use std::{
    mem::size_of,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// How long a value is good, and how old it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    pub(super) ttl: Option<Duration>,
    /// How long after that it is still of use.
    pub(super) stale: Duration,
    /// How old it was when it was put here: a value that comes from disk keeps its age.
    pub(super) age: Duration,
}

/// An entry in memory.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) about: About,
    pub(super) content: Content,
    pub(super) stream: bool,
    pub(super) times: Times,
    /// When it was put here.
    pub(super) since: Instant,
    /// Bytes that it takes here.
    pub(super) size: u64,
    /// The file that it is a copy of.
    pub(super) file: Option<FileId>,
}

/// A value as it is kept. Answers share it with the cache as long as nobody changes their copy.
#[derive(Debug)]
pub(super) struct Content {
    /// Of a stream, the list of its pages; with the span that is on every part, where that is known.
    value: Mutex<(Value, Option<Span>)>,
}

impl Content {
    pub(super) fn new(value: Value) -> Self {
        Self { value: Mutex::new((value, None)) }
    }

    /// The value, with `span` on every part.
    pub(super) fn value(&self, span: Span) -> Value {
        let (value, known) = &mut *lock(&self.value);
        if *known != Some(span) {
            set_span(value, span);
            *known = Some(span);
        }
        value.clone()
    }

    /// The value as it stands, whatever its spans.
    pub(super) fn look<T>(&self, at: impl FnOnce(&Value) -> T) -> T {
        at(&lock(&self.value).0)
    }

    /// One page of a stream, with `span` on every part.
    pub(super) fn page(&self, number: usize, span: Span) -> Option<Value> {
        let (value, _) = &mut *lock(&self.value);
        let Value::List { vals, .. } = value else { return None };
        let page = vals.to_mut().get_mut(number)?;
        set_span(page, span);
        Some(page.clone())
    }

    /// How many pages there are.
    pub(super) fn pages(&self) -> usize {
        self.look(|value| value.as_list().map_or(0, <[Value]>::len))
    }
}

impl Kept {
    /// Whether the file still is the one that this is a copy of: the disk is the truth, and other processes change it.
    pub(super) fn is_current(&self, disk: Option<&Disk>, hash: &Hash) -> bool {
        match (disk, &self.file) {
            (Some(disk), Some(file)) => disk.id(hash).as_ref() == Some(file),
            _ => true,
        }
    }
}

/// Which folder an entry belongs to, and its hash there.
pub(super) type Place = (u64, Hash);

#[derive(Debug, Clone)]
struct Bytes;

impl Weighter<Place, Arc<Kept>> for Bytes {
    fn weight(&self, _place: &Place, kept: &Arc<Kept>) -> u64 {
        // What weighs nothing is never given up.
        kept.size.max(1)
    }
}

/// Counts what is given up.
#[derive(Debug, Clone, Default)]
struct Evictions(Arc<AtomicU64>);

impl Lifecycle<Place, Arc<Kept>> for Evictions {
    type RequestState = ();

    // Not `on_evict`, which is also called for what is replaced and for what is too large.
    fn before_evict(&self, _state: &mut (), _place: &Place, _kept: &mut Arc<Kept>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Entries up to a number of bytes.
#[derive(Debug)]
pub(super) struct Memory {
    cache: Cache<Place, Arc<Kept>, Bytes, DefaultHashBuilder, Evictions>,
    evictions: Evictions,
}

/// Entries that the storage expects; it only sizes its tables by it.
const EXPECTED: usize = 1024;

impl Memory {
    pub(super) fn new(limit: u64) -> Self {
        let mut options = OptionsBuilder::new();
        options.estimated_items_capacity(EXPECTED).weight_capacity(limit);
        // In one part, a value may take all there is; commands are few enough for one lock.
        let options = options.shards(1).build();
        let evictions = Evictions::default();
        let (hasher, counter) = (DefaultHashBuilder::default(), evictions.clone());
        let cache = match options {
            Ok(options) => Cache::with_options(options, Bytes, hasher, counter),
            Err(_) => Cache::with(EXPECTED, limit, Bytes, hasher, counter),
        };
        Self { cache, evictions }
    }

    /// Entries that were given up since there was no room.
    pub(super) fn evictions(&self) -> u64 {
        self.evictions.0.load(Ordering::Relaxed)
    }

    pub(super) fn limit(&self) -> u64 {
        self.cache.capacity()
    }

    pub(super) fn set_limit(&self, limit: u64) {
        if self.cache.capacity() != limit {
            self.cache.set_capacity(limit);
        }
    }

    pub(super) fn get(&self, place: &Place) -> Option<Arc<Kept>> {
        self.cache.get(place)
    }

    /// Whether there was room for it.
    pub(super) fn put(&self, place: Place, kept: Kept) -> bool {
        self.cache.insert(place, Arc::new(kept));
        self.cache.peek(&place).is_some()
    }

    pub(super) fn remove(&self, place: &Place) -> bool {
        self.cache.remove(place).is_some()
    }

    /// The entries of one folder.
    pub(super) fn list(&self, folder: u64) -> Vec<(Hash, Arc<Kept>)> {
        let ours = self.cache.iter().filter(|((of, _), _)| *of == folder);
        ours.map(|((_, hash), kept)| (hash, kept)).collect()
    }
}

/// Bytes that a value takes in memory, near enough to bound them: with what the allocator adds, which of short texts is
/// more than the text.
pub(super) fn size(value: &Value) -> u64 {
    size_of::<Value>() as u64 + beside(value)
}

/// What a value takes beside itself.
fn beside(value: &Value) -> u64 {
    match value {
        Value::String { val, .. } | Value::Glob { val, .. } => allocated(val.capacity()),
        Value::Binary { val, .. } => allocated(val.len()),
        Value::List { vals, .. } => {
            let own = SHARED + allocated(vals.len() * size_of::<Value>());
            own + vals.iter().map(beside).sum::<u64>()
        }
        Value::Record { val, .. } => {
            let own = SHARED + allocated(val.len() * size_of::<(String, Value)>());
            own + val.iter().map(|(key, value)| allocated(key.len()) + beside(value)).sum::<u64>()
        }
        _ => 0,
    }
}

/// Counts of references, and the list or record itself.
const SHARED: u64 = 48;

/// Bytes of an allocation: 16 at a time, 32 at least, of which 8 are the allocator's, as in glibc.
fn allocated(bytes: usize) -> u64 {
    if bytes == 0 { 0 } else { (bytes as u64 + 8).next_multiple_of(16).max(32) }
}

/// Puts a span on every part, in place where nobody else has the value: what is kept in memory is not copied for each who
/// asks. Parts that somebody has are copied.
pub fn set_span(value: &mut Value, span: Span) {
    match value {
        Value::List { vals, .. } => vals.to_mut().iter_mut().for_each(|value| set_span(value, span)),
        Value::Record { val, .. } => val.to_mut().iter_mut().for_each(|(_, value)| set_span(value, span)),
        _ => (),
    }
    value.set_span(span);
}
