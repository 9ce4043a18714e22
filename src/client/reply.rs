//! An answer, and how it came about.

use crate::metrics::Phases;
use nu_protocol::Value;
use std::time::Duration;

/// How an answer came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// From AWS, or from the endpoint in its place.
    Network,
    /// Generated from the operation's own shapes.
    Mock,
}

impl Transport {
    /// As `network`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Mock => "mock",
        }
    }
}

/// An answer, and how it came about.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The decoded output: a record.
    pub value: Value,
    /// HTTP status of the answer.
    pub status: u16,
    /// AWS's id of the request.
    pub request_id: Option<String>,
    /// Attempts made, the first included.
    pub attempts: u32,
    /// From the call to the decoded answer, with credentials and all attempts.
    pub duration: Duration,
    /// Where that time went; none where nothing was sent.
    pub phases: Option<Phases>,
    /// Bytes of the answer's body as they came.
    pub bytes: u64,
    /// Where it was sent to.
    pub endpoint: Option<String>,
    /// How it came about.
    pub transport: Transport,
}
