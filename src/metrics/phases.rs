//! Where the time of a call went.

use super::nanos;
use serde::{Deserialize, Serialize};
use std::{ops::AddAssign, time::Duration};

/// Where the time of a call went, one phase after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "[u64; 5]", into = "[u64; 5]")]
pub struct Phases {
    /// Credentials, endpoint, encoding and signature of the first attempt.
    pub prepare: Duration,
    /// Attempts that failed, and the pauses after them.
    pub retry: Duration,
    /// From sending, a new connection included, to the first bytes of the answer.
    pub wait: Duration,
    /// Until the body was there.
    pub receive: Duration,
    /// Until it was a value.
    pub decode: Duration,
}

impl Phases {
    /// By name, in order.
    pub fn named(&self) -> [(&'static str, Duration); 5] {
        [
            ("prepare", self.prepare),
            ("retry", self.retry),
            ("wait", self.wait),
            ("receive", self.receive),
            ("decode", self.decode),
        ]
    }
}

impl Phases {
    /// What each of so many had.
    pub(super) fn parts(self, count: u32) -> Self {
        let nanos: [u64; 5] = self.into();
        nanos.map(|sum| sum / u64::from(count.max(1))).into()
    }
}

impl AddAssign for Phases {
    fn add_assign(&mut self, other: Self) {
        self.prepare += other.prepare;
        self.retry += other.retry;
        self.wait += other.wait;
        self.receive += other.receive;
        self.decode += other.decode;
    }
}

/// Nanoseconds, in order.
impl From<[u64; 5]> for Phases {
    fn from(told: [u64; 5]) -> Self {
        let [prepare, retry, wait, receive, decode] = told.map(Duration::from_nanos);
        Self { prepare, retry, wait, receive, decode }
    }
}

impl From<Phases> for [u64; 5] {
    fn from(phases: Phases) -> Self {
        phases.named().map(|(_, time)| nanos(time))
    }
}
