//! What AWS said a moment ago that it does not have: who asks again within moments is told the same.
//!
//! Only in memory, and only for moments: what is not there now may be there next.

use crate::{
    cache::Name,
    error::{Error, ErrorKind},
    sync::lock,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

/// So long an absence is believed. Scripts that look until something is there wait so much longer at most.
const MOMENT: Duration = Duration::from_secs(2);
/// Absences at most; more are forgotten together.
const MOST: usize = 1000;

/// How AWS calls what is not there.
const WORDS: [&str; 4] = ["NotFound", "NoSuch", "DoesNotExist", "NonExistent"];

/// What is not there.
#[derive(Debug, Clone, Default)]
pub(super) struct Absent(Arc<Mutex<HashMap<Name, (Instant, Error)>>>);

impl Absent {
    fn known(&self) -> MutexGuard<'_, HashMap<Name, (Instant, Error)>> {
        lock(&self.0)
    }

    /// Forgets all of them.
    pub(super) fn clear(&self) {
        self.known().clear();
    }

    /// Remembers an error that tells an absence.
    pub(super) fn note(&self, name: &Name, error: &Error) {
        let tells =
            error.kind() == ErrorKind::Service && WORDS.iter().any(|word| error.code().contains(word));
        if tells {
            let mut known = self.known();
            if known.len() >= MOST {
                known.clear();
            }
            known.insert(name.clone(), (Instant::now(), error.clone()));
        }
    }

    /// What was said a moment ago, where that is not older than `max_age`.
    pub(super) fn find(&self, name: &Name, max_age: Option<Duration>) -> Option<Error> {
        let mut known = self.known();
        let (since, error) = known.get(name)?;
        let age = since.elapsed();
        if age >= MOMENT {
            known.remove(name);
            return None;
        }
        max_age.is_none_or(|max| age < max).then(|| error.clone())
    }
}
