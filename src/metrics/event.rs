//! One fetch.

use super::Phases;
use serde::{Deserialize, Serialize};
use std::time::{Duration, SystemTime};

/// Where an answer came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The plugin's memory.
    Memory,
    /// The cache's folder.
    Disk,
    /// A call that somebody else had under way.
    Shared,
    /// A cache of a script, whichever.
    Hit,
    /// AWS; it may be kept.
    Network,
    /// Not a cache of a script.
    Miss,
    /// AWS, past the cache: writes, and what is never kept.
    Bypass,
}

impl Source {
    /// All, by name.
    pub const ALL: [Self; 7] =
        [Self::Memory, Self::Disk, Self::Shared, Self::Hit, Self::Network, Self::Miss, Self::Bypass];

    /// As `memory`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Disk => "disk",
            Self::Shared => "shared",
            Self::Hit => "hit",
            Self::Network => "network",
            Self::Miss => "miss",
            Self::Bypass => "bypass",
        }
    }

    /// Whether a call was saved; `None` where none could be.
    pub fn is_hit(self) -> Option<bool> {
        match self {
            Self::Memory | Self::Disk | Self::Shared | Self::Hit => Some(true),
            Self::Network | Self::Miss => Some(false),
            Self::Bypass => None,
        }
    }
}

/// What happened once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Nanoseconds since 1970 at its end.
    pub at: u64,
    /// The service, as AWS's models name it, or a script's own.
    pub service: String,
    /// The operation.
    pub operation: String,
    /// Where was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// As whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Where the answer came from.
    pub source: Source,
    /// The error's code; none where all went well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Nanoseconds that it took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<u64>,
    /// Attempts at AWS.
    #[serde(default)]
    pub attempts: u32,
    /// Bytes that came, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Where the time went, of what came from AWS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phases: Option<Phases>,
    /// Which entry of the cache answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<u64>,
    /// Whether only its time is of interest, since something else counts it.
    #[serde(default)]
    pub uncounted: bool,
}

impl Event {
    /// An event of now.
    pub fn new(service: &str, operation: &str, source: Source) -> Self {
        Self {
            at: since_epoch(SystemTime::now()),
            service: service.into(),
            operation: operation.into(),
            region: None,
            profile: None,
            source,
            error: None,
            duration: None,
            attempts: 0,
            bytes: None,
            phases: None,
            entry: None,
            uncounted: false,
        }
    }
}

impl Event {
    /// Whether it only tells that an entry was used.
    pub fn is_mark(&self) -> bool {
        self.uncounted && self.duration.is_none()
    }

    /// Whether nobody wanted the answer any longer.
    pub fn was_cancelled(&self) -> bool {
        self.error.as_deref() == Some("aws_perf::interrupted")
    }
}

/// A time of day, as events have it: nanoseconds since 1970.
pub fn since_epoch(time: SystemTime) -> u64 {
    super::nanos(time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO))
}
