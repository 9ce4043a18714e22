//! Where answers and streams come from.

use crate::{cache::Tier, client::Reply};
use std::time::Duration;

/// Where an answer came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The cache.
    Kept(Tier),
    /// AWS; it is kept, or could have been.
    Network,
    /// AWS, or the mock transport, past the cache.
    Bypass,
}

impl Origin {
    /// As `memory`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kept(tier) => tier.name(),
            Self::Network => "network",
            Self::Bypass => "bypass",
        }
    }
}

/// Where an answer, or the pages of a stream, come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The tier, or AWS.
    pub origin: Origin,
    /// How old it is; of a stream, its first page.
    pub age: Duration,
    /// How long it was meant to live; `None` where it is not kept.
    pub ttl: Option<Duration>,
    /// Its key, where it has one.
    pub key: Option<String>,
    /// Why an answer is given whose time is over; `None` where it is not.
    pub stale: Option<String>,
}

impl Provenance {
    /// Past the cache.
    pub(super) fn past() -> Self {
        Self { origin: Origin::Bypass, age: Duration::ZERO, ttl: None, key: None, stale: None }
    }

    /// New, of AWS; `ttl` where it is kept.
    pub(super) fn asked(ttl: Option<Duration>, key: String) -> Self {
        Self { origin: Origin::Network, age: Duration::ZERO, ttl, key: Some(key), stale: None }
    }
}

/// An answer, and where it comes from.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The answer; from the cache without what belongs to a call.
    pub reply: Reply,
    /// Where it comes from.
    pub from: Provenance,
}

impl Answer {
    /// An answer that went past the cache.
    pub fn past(reply: Reply) -> Self {
        Self { reply, from: Provenance::past() }
    }
}
