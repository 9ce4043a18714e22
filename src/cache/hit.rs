//! What is found, and whether it is good enough.

use crate::metrics::Source;
use nu_protocol::Value;
use std::time::Duration;

/// Where an answer came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    /// This process.
    Memory,
    /// The folder.
    Disk,
}

impl Tier {
    /// As `memory`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Disk => "disk",
        }
    }

    /// As events have it.
    pub fn source(self) -> Source {
        match self {
            Self::Memory => Source::Memory,
            Self::Disk => Source::Disk,
        }
    }
}

/// An entry that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The value, with the caller's span on every part.
    pub value: Value,
    /// Where it was.
    pub tier: Tier,
    /// How long ago it was stored.
    pub age: Duration,
    /// How long it was meant to live.
    pub ttl: Option<Duration>,
}

/// Which entries are good enough.
#[derive(Debug, Clone, Copy)]
pub(super) enum Good {
    /// Those whose time is not over, and that are not older than that.
    Fresh(Option<Duration>),
    /// Those whose time is not over for longer than that.
    Stale(Duration),
}

impl Good {
    pub(super) fn is(self, age: Duration, ttl: Option<Duration>, stale: Duration) -> bool {
        match self {
            Self::Fresh(max_age) => ttl.is_none_or(|ttl| age < ttl) && max_age.is_none_or(|max| age < max),
            Self::Stale(longest) => ttl.is_none_or(|ttl| age < ttl.saturating_add(stale.min(longest))),
        }
    }
}
