//! Streams: kept while they pass, found again only when they ended whole.

use super::{
    Cache, Scope, Tier, codec,
    disk::Disk,
    frame::{About, Header},
    hit::Good,
    memory::{self, Kept, Times},
    pages::{Reader, Writer},
    shelf,
};
use crate::{
    cache::Name,
    error::{Error, ErrorKind, Result},
};
use nu_protocol::{Span, Value};
use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

/// Of either tier, a stream takes such a part at most: it must not push out everything else.
const SHARE: u64 = 10;

/// The pages of a stream as they will be in memory; none where they are too many.
#[derive(Debug)]
struct Gathered {
    pages: Option<Vec<Value>>,
    size: u64,
    limit: u64,
}

impl Gathered {
    fn new(scope: &Scope) -> Self {
        Self { pages: Some(Vec::new()), size: 0, limit: scope.memory_limit / SHARE }
    }

    fn add(&mut self, page: &Value) {
        self.size = self.size.saturating_add(memory::size(page));
        if self.size > self.limit {
            self.pages = None;
        }
        if let Some(pages) = &mut self.pages {
            pages.push(page.clone());
        }
    }
}

/// A stream that is being kept. Dropped before its end, it leaves nothing.
pub struct Recording {
    cache: Arc<Cache>,
    scope: Scope,
    about: About,
    header: Header,
    begun: Instant,
    gathered: Gathered,
    file: Option<(Arc<Disk>, Writer)>,
}

impl std::fmt::Debug for Recording {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recording").field("key", &self.about.key).finish_non_exhaustive()
    }
}

/// A page, ready to be written elsewhere than where its stream passes.
#[derive(Debug)]
pub struct Packed(Vec<u8>);

impl Recording {
    /// The stream lives no longer than that.
    pub fn shorten(&mut self, ttl: Duration) {
        let shorter = Some(self.header.ttl.map_or(ttl, |own| own.min(ttl)));
        self.header.ttl = shorter;
        if let Some((_, writer)) = &mut self.file {
            writer.set_ttl(shorter);
        }
    }

    /// Packs a page; `None` where it cannot be kept.
    pub fn pack(&mut self, page: &Value) -> Option<Packed> {
        self.gathered.add(page);
        codec::encode(page).ok().map(Packed)
    }

    /// Writes a page. `None` where the stream cannot be kept any more.
    pub fn write(mut self, page: &Packed) -> Option<Self> {
        if let Some((disk, mut writer)) = self.file.take() {
            match writer.add(&page.0) {
                Ok(packed) if packed <= self.scope.disk_limit / SHARE => self.file = Some((disk, writer)),
                Ok(_) => (),
                Err(error) => self.cache.shelves.failed(&self.scope, disk, &error),
            }
        }
        (self.file.is_some() || self.gathered.pages.is_some()).then_some(self)
    }

    /// The stream ended whole: whether it is kept.
    pub fn finish(self) -> bool {
        let file = self.file.and_then(|(disk, writer)| match disk.finish(writer, &self.header.hash) {
            Ok((id, size)) => {
                self.cache.shelves.look(&disk, self.scope.disk_limit, size);
                Some(id)
            }
            // Somebody cleared the folder meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                self.cache.shelves.failed(&self.scope, disk, &error);
                None
            }
        });
        let place = (shelf::id(&self.scope), self.header.hash);
        let (on_disk, Header { ttl, stale, .. }) = (file.is_some(), self.header);
        let in_memory = self.gathered.pages.is_some_and(|pages| {
            let age = self.cache.clock.instant().saturating_duration_since(self.begun);
            let value = Value::list(pages, Span::unknown());
            self.cache.keep(place, &self.about, value, true, Times { ttl, stale, age }, file)
        });
        if !in_memory {
            // An older one must not answer in its place.
            self.cache.memory.remove(&place);
        }
        on_disk || in_memory
    }
}

/// A kept stream.
#[derive(Debug)]
pub struct Replay {
    pages: Pages,
    /// Where it was.
    pub tier: Tier,
    /// How long ago it was begun.
    pub age: Duration,
    /// How long it was meant to live.
    pub ttl: Option<Duration>,
}

#[derive(Debug)]
enum Pages {
    Memory(Arc<Kept>, usize),
    Disk(Box<Reader>, Gathered, Arc<Cache>, Scope, Instant),
}

impl Replay {
    /// Whether all pages were read.
    pub fn is_at_end(&self) -> bool {
        match &self.pages {
            Pages::Memory(kept, next) => *next >= kept.content.pages(),
            Pages::Disk(reader, ..) => reader.is_at_end(),
        }
    }

    /// The next page, with `span` on every part.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] where the file can no longer be read, although it was well when the replay began.
    pub fn next(&mut self, span: Span) -> Option<Result<Value>> {
        match &mut self.pages {
            Pages::Memory(kept, next) => {
                let page = kept.content.page(*next, span)?;
                *next += 1;
                Some(Ok(page))
            }
            Pages::Disk(reader, gathered, ..) => {
                let raw = reader.next()?.map_err(|error| error.to_string());
                let page = raw.and_then(|raw| codec::decode(&raw, span)).map_err(|reason| {
                    Error::new(ErrorKind::Internal, format!("a kept stream can no longer be read: {reason}"))
                        .help("ask AWS: add --refresh")
                });
                if let Ok(page) = &page {
                    gathered.add(page);
                }
                if reader.is_at_end() {
                    self.promote();
                }
                Some(page)
            }
        }
    }

    /// A small stream that was read to its end is in memory next time; it keeps its age.
    fn promote(&mut self) {
        let Pages::Disk(reader, gathered, cache, scope, since) = &mut self.pages else { return };
        let Some(pages) = gathered.pages.take() else { return };
        let age = self.age.saturating_add(cache.clock.instant().saturating_duration_since(*since));
        let place = (shelf::id(scope), reader.header.hash);
        let times = Times { ttl: self.ttl, stale: reader.header.stale, age };
        let value = Value::list(pages, Span::unknown());
        cache.keep(place, &reader.about, value, true, times, Some(reader.id));
    }
}

impl Cache {
    /// Begins to keep a stream for `ttl`, from now, of use for `stale` more where nothing better is to be had; `None` where
    /// nothing is kept.
    pub fn record(
        self: &Arc<Self>,
        scope: &Scope,
        name: &Name,
        ttl: Option<Duration>,
        stale: Duration,
    ) -> Option<Recording> {
        self.memory.set_limit(scope.memory_limit);
        let header = Header { hash: name.hash, stored: self.clock.now(), ttl, stale, raw: 0 };
        let file = self.shelves.writable(scope).and_then(|disk| {
            match shelf::written(scope, &disk, |disk| disk.begin(header.clone(), name.about.clone())) {
                Ok(writer) => Some((disk, writer)),
                Err(error) => {
                    self.shelves.failed(scope, disk, &error);
                    None
                }
            }
        });
        let gathered = Gathered::new(scope);
        (file.is_some() || gathered.limit > 0).then(|| Recording {
            cache: self.clone(),
            scope: scope.clone(),
            about: name.about.clone(),
            header,
            begun: self.clock.instant(),
            gathered,
            file,
        })
    }

    /// A kept stream that is not older than it was meant to become, nor than `max_age`.
    pub fn replay(self: &Arc<Self>, scope: &Scope, name: &Name, max_age: Option<Duration>) -> Option<Replay> {
        let replay = self.play(scope, name, Good::Fresh(max_age));
        self.count_look(replay.as_ref().map(|replay| replay.tier));
        replay
    }

    /// A kept stream that is older than it was meant to become, for who has nothing better.
    pub fn replay_stale(self: &Arc<Self>, scope: &Scope, name: &Name, longest: Duration) -> Option<Replay> {
        self.play(scope, name, Good::Stale(longest))
    }

    fn play(self: &Arc<Self>, scope: &Scope, name: &Name, good: Good) -> Option<Replay> {
        let place = (shelf::id(scope), name.hash);
        let disk = self.shelves.disk(scope);
        if let Some((kept, age)) = self.remembered(scope, disk.as_deref(), &place, good) {
            let ttl = kept.times.ttl;
            return Some(Replay { pages: Pages::Memory(kept, 0), tier: Tier::Memory, age, ttl });
        }
        let reader = disk?.pages(&name.hash)?;
        let Header { ttl, stale, .. } = reader.header;
        let age = self.age(&reader.header).filter(|age| good.is(*age, ttl, stale))?;
        let now = self.clock.instant();
        let pages = Pages::Disk(Box::new(reader), Gathered::new(scope), self.clone(), scope.clone(), now);
        Some(Replay { pages, tier: Tier::Disk, age, ttl })
    }
}
