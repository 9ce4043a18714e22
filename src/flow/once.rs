//! One run of a closure for all who want the same at once.
//!
//! A closure runs on the thread of the command that brought it, so a run cannot be handed to another thread. The first
//! one leads; the others wait until it is over and look into the cache; where they find nothing, since the leader
//! failed or was stopped, the next one leads.

use crate::sync::{Condvar, Mutex, MutexGuard, lock};
use nu_protocol::Span;
use std::{
    collections::HashMap,
    sync::PoisonError,
    time::{Duration, Instant},
};

/// Between two looks whether the user has had enough.
const LOOK: Duration = Duration::from_millis(50);

/// Who waits so long runs its own closure: the leader may wait for it, where closures call each other through commands.
const PATIENCE: Duration = Duration::from_secs(30);

/// The keys whose closures are running, with where those closures are written.
#[derive(Debug, Default)]
pub struct Once {
    running: Mutex<HashMap<String, Span>>,
    ended: Condvar,
}

/// What to do.
#[derive(Debug)]
pub enum Turn<'a> {
    /// Run the closure; the others wait until this is dropped.
    Lead(Lead<'a>),
    /// Run the closure although another one is running: that one waits for this.
    Beside,
    /// A run is over: look into the cache, and ask again.
    Ended,
    /// The user has had enough.
    Interrupted,
}

/// Held by whoever runs a closure.
#[derive(Debug)]
pub struct Lead<'a> {
    once: &'a Once,
    key: String,
}

impl Drop for Lead<'_> {
    fn drop(&mut self) {
        self.once.running().remove(&self.key);
        self.once.ended.notify_all();
    }
}

impl Once {
    /// Whether no closure is running.
    #[cfg(test)]
    pub(super) fn is_idle(&self) -> bool {
        self.running().is_empty()
    }

    fn running(&self) -> MutexGuard<'_, HashMap<String, Span>> {
        lock(&self.running)
    }

    /// Takes the lead for a key, or waits for who has it. `asker` is where the command is written that asks, `closure`
    /// where its closure is.
    pub fn turn(&self, key: &str, asker: Span, closure: Span, interrupted: impl Fn() -> bool) -> Turn<'_> {
        let start = Instant::now();
        let mut running = self.running();
        loop {
            let Some(leader) = running.get(key) else {
                running.insert(key.into(), closure);
                return Turn::Lead(Lead { once: self, key: key.into() });
            };
            let nested = leader.start <= asker.start && asker.end <= leader.end && *leader != Span::unknown();
            if nested || start.elapsed() > PATIENCE {
                return Turn::Beside;
            }
            if interrupted() {
                return Turn::Interrupted;
            }
            let (guard, _) = self.ended.wait_timeout(running, LOOK).unwrap_or_else(PoisonError::into_inner);
            running = guard;
            if !running.contains_key(key) {
                return Turn::Ended;
            }
        }
    }
}
