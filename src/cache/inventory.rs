//! What is kept, in lists and figures, and what becomes of all of it.

use super::{
    Cache, Scope, Tier, codec,
    frame::{About, Hash},
    hit::Good,
    id_of,
    shelf::{id, make_room},
};
use nu_protocol::{Span, Value};
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime},
};

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What somebody put there.
    Value,
    /// AWS's answer to a request.
    Answer,
    /// All pages of a stream.
    Stream,
    /// What things are called, for completions; told from answers by whoever keeps them.
    Names,
}

impl Kind {
    pub(super) fn of(about: &About, stream: bool) -> Self {
        match (about.answer, stream) {
            (_, true) => Self::Stream,
            (true, _) => Self::Answer,
            (false, _) => Self::Value,
        }
    }

    /// As `answer`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Answer => "answer",
            Self::Stream => "stream",
            Self::Names => "names",
        }
    }
}

/// An entry as `aws cache list` shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing {
    /// The key.
    pub key: String,
    /// By which events call it.
    pub id: u64,
    hash: Hash,
    /// What it is.
    pub kind: Kind,
    /// Of an answer or stream, as whom was asked.
    pub identity: Option<String>,
    /// Of an answer or stream, what was asked with, as NUON; none where that may be secret.
    pub parameters: Option<String>,
    /// Bytes of the file; where there is none, in memory.
    pub size: u64,
    /// When it was stored.
    pub stored: SystemTime,
    /// When it was last used; only known of files.
    pub used: Option<SystemTime>,
    /// How long ago that is.
    pub age: Duration,
    /// How long it was meant to live.
    pub ttl: Option<Duration>,
    /// Whether that is over.
    pub expired: bool,
    /// Of an answer or stream, how far its pages were turned.
    pub turned: Option<String>,
    /// Bytes of the value before it was packed; only known of files.
    pub unpacked: Option<u64>,
    /// The file.
    pub file: Option<PathBuf>,
    /// Whether this process has it in memory.
    pub in_memory: bool,
    /// Whether there is a file.
    pub on_disk: bool,
}

/// An entry that pruning removed, or would.
#[derive(Debug, Clone, PartialEq)]
pub struct Pruned {
    /// The key; of a damaged file nobody knows it.
    pub key: Option<String>,
    /// Bytes of the file.
    pub size: u64,
    /// Whether its time was over; else there was too much.
    pub expired: bool,
}

/// A tier in figures. Counts are of this process.
#[derive(Debug, Clone, PartialEq)]
pub struct TierStats {
    /// The tier.
    pub tier: Tier,
    /// Entries.
    pub entries: u64,
    /// Bytes of them.
    pub size: u64,
    /// Bytes at most.
    pub limit: u64,
    /// Answers.
    pub hits: u64,
    /// Questions without an answer.
    pub misses: u64,
    /// Entries that were given up since there was no room.
    pub evictions: u64,
    /// Damaged files that were removed.
    pub corrupt: u64,
    /// Where the files are.
    pub folder: Option<PathBuf>,
    /// Why the tier is not in use.
    pub off: Option<String>,
}

impl Cache {
    /// All entries of a scope, by key.
    pub fn list(&self, scope: &Scope) -> Vec<Listing> {
        let (now, instant) = (self.clock.now(), self.clock.instant());
        let mut all = BTreeMap::new();
        let disk = self.shelves.disk(scope);
        for entry in disk.iter().flat_map(|disk| disk.list()) {
            let (age, ttl) = (now.duration_since(entry.header.stored).unwrap_or_default(), entry.header.ttl);
            let listing = Listing {
                key: entry.about.key.clone(),
                id: id_of(&entry.header.hash),
                hash: entry.header.hash,
                kind: Kind::of(&entry.about, entry.extent.is_some()),
                identity: entry.about.identity,
                parameters: entry.about.parameters,
                size: entry.size,
                stored: entry.header.stored,
                used: Some(entry.used),
                age,
                ttl,
                expired: !Good::Fresh(None).is(age, ttl, entry.header.stale),
                turned: entry.about.turned,
                unpacked: Some(entry.extent.map_or(entry.header.raw, |extent| extent.raw)),
                file: Some(entry.path),
                in_memory: false,
                on_disk: true,
            };
            all.insert((entry.about.key, entry.header.hash), listing);
        }
        for (hash, kept) in self.memory.list(id(scope)) {
            // What another process replaced or removed is in memory for nobody.
            if !kept.is_current(disk.as_deref(), &hash) {
                continue;
            }
            let age = kept.times.age.saturating_add(instant.saturating_duration_since(kept.since));
            let listing = all.entry((kept.about.key.clone(), hash)).or_insert_with(|| Listing {
                key: kept.about.key.clone(),
                id: id_of(&hash),
                hash,
                kind: Kind::of(&kept.about, kept.stream),
                identity: kept.about.identity.clone(),
                parameters: kept.about.parameters.clone(),
                size: kept.size,
                stored: now.checked_sub(age).unwrap_or(now),
                used: None,
                age,
                ttl: kept.times.ttl,
                expired: !Good::Fresh(None).is(age, kept.times.ttl, kept.times.stale),
                turned: kept.about.turned.clone(),
                unpacked: None,
                file: None,
                in_memory: true,
                on_disk: false,
            });
            listing.in_memory = true;
        }
        all.into_values().collect()
    }

    /// Removes entries, from both tiers and for all shells: those that there were. What was asked before and comes after is
    /// not kept.
    pub fn forget(&self, scope: &Scope, entries: Vec<Listing>) -> Vec<Listing> {
        self.swept(scope);
        let disk = self.shelves.disk(scope);
        let forgotten = entries.into_iter().filter(|entry| {
            let in_memory = self.memory.remove(&(id(scope), entry.hash));
            let on_disk = disk.as_ref().is_some_and(|disk| disk.remove(&entry.hash));
            in_memory || on_disk
        });
        forgotten.collect()
    }

    /// Whether a text that `is` wanted stands anywhere in an entry.
    pub fn tells(&self, scope: &Scope, entry: &Listing, is: &impl Fn(&str) -> bool) -> bool {
        let (place, span) = ((id(scope), entry.hash), Span::unknown());
        if entry.in_memory
            && let Some(kept) = self.memory.get(&place)
        {
            return kept.content.look(|value| has_text(value, is));
        }
        let Some(disk) = self.shelves.disk(scope) else { return false };
        if entry.kind == Kind::Stream {
            let Some(mut pages) = disk.pages(&entry.hash) else { return false };
            return std::iter::from_fn(|| pages.next()).any(|raw| {
                raw.is_ok_and(|raw| codec::decode(&raw, span).is_ok_and(|page| has_text(&page, is)))
            });
        }
        let found = disk.get(&entry.hash);
        found.is_some_and(|found| codec::decode(&found.raw, span).is_ok_and(|value| has_text(&value, is)))
    }

    /// Both tiers in figures.
    pub fn stats(&self, scope: &Scope) -> [TierStats; 2] {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let kept = self.memory.list(id(scope));
        let disk = self.shelves.disk(scope);
        let files = disk.as_ref().map(|disk| disk.ages()).unwrap_or_default();
        let memory = TierStats {
            tier: Tier::Memory,
            entries: kept.len() as u64,
            size: kept.iter().map(|(_, kept)| kept.size).sum(),
            limit: scope.memory_limit,
            hits: get(&self.counts.memory_hits),
            misses: get(&self.counts.memory_misses),
            evictions: self.memory.evictions(),
            corrupt: 0,
            folder: None,
            off: (scope.memory_limit == 0).then(|| "switched off".into()),
        };
        let disk = TierStats {
            tier: Tier::Disk,
            entries: files.len() as u64,
            size: files.iter().map(|file| file.size).sum(),
            limit: scope.disk_limit,
            hits: get(&self.counts.disk_hits),
            misses: get(&self.counts.disk_misses),
            evictions: disk.as_ref().map_or(0, |disk| disk.evictions()),
            corrupt: disk.as_ref().map_or(0, |disk| disk.corrupt()),
            folder: disk.as_ref().map(|disk| disk.path().into()),
            off: self.shelves.reason(scope),
        };
        [memory, disk]
    }

    /// Removes what is expired, and what was not used for longest where there is too much. `None` where another process
    /// is at it.
    pub fn prune(&self, scope: &Scope, dry_run: bool) -> Option<Vec<Pruned>> {
        let Some(disk) = self.shelves.disk(scope) else { return Some(Vec::new()) };
        make_room(&disk, scope.disk_limit, self.clock.now(), dry_run).unwrap_or_default()
    }

    /// Removes every entry, from both tiers: how many keys there were.
    pub fn clear(&self, scope: &Scope) -> u64 {
        let keys = self.list(scope).len() as u64;
        for (hash, _) in self.memory.list(id(scope)) {
            self.memory.remove(&(id(scope), hash));
        }
        let removed = self.shelves.disk(scope).map_or(0, |disk| disk.clear());
        self.swept(scope);
        keys.max(removed)
    }

    /// Checks every file and removes damaged ones: how many are well, and how many were removed.
    pub fn verify(&self, scope: &Scope) -> (u64, u64) {
        self.shelves.disk(scope).map_or((0, 0), |disk| disk.verify())
    }
}

fn has_text(value: &Value, is: &impl Fn(&str) -> bool) -> bool {
    match value {
        Value::String { val, .. } => is(val),
        Value::List { vals, .. } => vals.iter().any(|value| has_text(value, is)),
        Value::Record { val, .. } => val.iter().any(|(_, value)| has_text(value, is)),
        _ => false,
    }
}
