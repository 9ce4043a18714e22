//! What was asked, where the answer came from, and how long it took: one event for each fetch, of all processes.

mod event;
mod journal;
mod phases;
mod savings;
mod summary;

pub use event::{Event, Source, since_epoch};
pub use phases::Phases;
pub use savings::{Savings, savings};
pub use summary::{Dimension, Summary, summarise};

use crate::{error::Error, sync::lock};
use std::{
    collections::{HashMap, VecDeque},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

/// Events that a process remembers where no folder takes them.
const REMEMBERED: usize = 10_000;

/// The events of this process on their way to the journal.
#[derive(Debug, Default)]
pub struct Metrics {
    writers: Mutex<HashMap<PathBuf, journal::Writer>>,
    /// Those that no folder takes, or that should have gone to one; the newest last.
    own: Mutex<VecDeque<(Option<PathBuf>, Event)>>,
}

impl Metrics {
    /// Appends an event to the journal in `folder`; where that fails, this process alone remembers it.
    pub fn record(&self, folder: Option<&Path>, event: Event) {
        if folder.is_some_and(|folder| self.write(folder, &event)) {
            return;
        }
        let mut own = lock(&self.own);
        if own.len() >= REMEMBERED {
            own.pop_front();
        }
        own.push_back((folder.map(Path::to_path_buf), event));
    }

    fn write(&self, folder: &Path, event: &Event) -> bool {
        let mut writers = lock(&self.writers);
        if let Some(writer) = writers.get_mut(folder)
            && writer.append(event)
        {
            return true;
        }
        // The first event, a full file, or a folder that somebody deleted.
        writers.remove(folder);
        let Ok(mut writer) = journal::Writer::open(folder) else { return false };
        let written = writer.append(event);
        writers.insert(folder.into(), writer);
        written
    }

    /// All events since the last reset, of all processes, the oldest first.
    pub fn events(&self, folder: Option<&Path>) -> Vec<Event> {
        let own = lock(&self.own);
        let ours = own.iter().filter(|(of, _)| of.as_deref() == folder).map(|(_, event)| event.clone());
        let mut events: Vec<Event> = ours.collect();
        drop(own);
        events.extend(folder.map(journal::read).unwrap_or_default());
        events.sort_by_key(|event| event.at);
        events
    }

    /// Forgets all events: what any process recorded before counts no more.
    ///
    /// # Errors
    /// Where the journal's folder cannot be written to.
    pub fn reset(&self, folder: Option<&Path>) -> std::io::Result<()> {
        lock(&self.own).retain(|(of, _)| of.as_deref() != folder);
        let Some(folder) = folder else { return Ok(()) };
        lock(&self.writers).remove(folder);
        journal::reset(folder, SystemTime::now())
    }
}

/// Records what one caller asks.
#[derive(Debug, Clone)]
pub struct Meter {
    /// Where events go.
    pub metrics: Arc<Metrics>,
    /// The journal's folder, where there is one.
    pub folder: Option<PathBuf>,
    /// Where is asked.
    pub region: Option<String>,
    /// As whom.
    pub profile: String,
}

/// What is known of an answer.
#[derive(Debug, Clone, Copy, Default)]
pub struct Told {
    /// Attempts at AWS.
    pub attempts: u32,
    /// Bytes that came.
    pub bytes: Option<u64>,
    /// Where the time went.
    pub phases: Option<Phases>,
    /// Which entry of the cache answered.
    pub entry: Option<u64>,
}

impl Meter {
    /// An answer, or an error, that took so long.
    pub fn record(
        &self,
        (service, operation): (&str, &str),
        source: Source,
        outcome: Result<Told, &Error>,
        duration: Duration,
    ) {
        let Told { attempts, bytes, phases, entry } = outcome.as_ref().copied().unwrap_or_default();
        let event = Event {
            region: self.region.clone(),
            profile: Some(self.profile.clone()),
            attempts,
            bytes,
            phases,
            entry,
            error: outcome.err().map(Error::code),
            duration: Some(nanos(duration)),
            ..Event::new(service, operation, source)
        };
        self.metrics.record(self.folder.as_deref(), event);
    }
}

/// Nanoseconds, as events have them.
pub fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
