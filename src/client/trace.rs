//! What happened during one call: attempts, the endpoint, the request id, and the failure that the runtime's own
//! error types cannot carry.

use crate::{error::Error, metrics::Phases, sync::lock};
use std::{
    sync::{
        Mutex,
        atomic::{AtomicU16, AtomicU32, AtomicU64, Ordering},
    },
    time::Instant,
};

/// Shared between the caller and the parts that the SDK's runtime calls.
#[derive(Debug)]
pub(super) struct Trace {
    started: Instant,
    marks: Mutex<Marks>,
    bytes: AtomicU64,
    attempts: AtomicU32,
    status: AtomicU16,
    endpoint: Mutex<Option<String>>,
    request_id: Mutex<Option<String>>,
    bucket_region: Mutex<Option<String>>,
    failure: Mutex<Option<Error>>,
}

/// When something happened; of several attempts the last one's.
#[derive(Debug, Default, Clone, Copy)]
struct Marks {
    first_sent: Option<Instant>,
    sent: Option<Instant>,
    answered: Option<Instant>,
    received: Option<Instant>,
}

impl Default for Trace {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            marks: Mutex::default(),
            bytes: AtomicU64::default(),
            attempts: AtomicU32::default(),
            status: AtomicU16::default(),
            endpoint: Mutex::default(),
            request_id: Mutex::default(),
            bucket_region: Mutex::default(),
            failure: Mutex::default(),
        }
    }
}

fn put<T>(slot: &Mutex<Option<T>>, value: T) {
    *lock(slot) = Some(value);
}

fn take<T>(slot: &Mutex<Option<T>>) -> Option<T> {
    lock(slot).take()
}

impl Trace {
    /// Another attempt: what the one before could not read is no longer the answer.
    pub(super) fn attempt(&self) {
        take(&self.failure);
        self.attempts.fetch_add(1, Ordering::Relaxed);
        let now = Instant::now();
        let mut marks = lock(&self.marks);
        marks.first_sent.get_or_insert(now);
        marks.sent = Some(now);
    }

    /// The first bytes of an answer are there.
    pub(super) fn answered(&self) {
        lock(&self.marks).answered = Some(Instant::now());
    }

    /// The whole body is there.
    pub(super) fn received(&self, bytes: usize) {
        self.bytes.store(bytes as u64, Ordering::Relaxed);
        lock(&self.marks).received = Some(Instant::now());
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    pub(super) fn started(&self) -> Instant {
        self.started
    }

    /// Where the time went until now; none where nothing was sent and answered.
    pub(super) fn phases(&self) -> Option<Phases> {
        let Marks { first_sent, sent, answered, received } = *lock(&self.marks);
        let (first_sent, sent, answered, received) = (first_sent?, sent?, answered?, received?);
        Some(Phases {
            prepare: first_sent.saturating_duration_since(self.started),
            retry: sent.saturating_duration_since(first_sent),
            wait: answered.saturating_duration_since(sent),
            receive: received.saturating_duration_since(answered),
            decode: received.elapsed(),
        })
    }

    pub(super) fn attempts(&self) -> u32 {
        self.attempts.load(Ordering::Relaxed)
    }

    pub(super) fn set_status(&self, status: u16) {
        self.status.store(status, Ordering::Relaxed);
    }

    pub(super) fn status(&self) -> u16 {
        self.status.load(Ordering::Relaxed)
    }

    pub(super) fn set_endpoint(&self, endpoint: String) {
        put(&self.endpoint, endpoint);
    }

    pub(super) fn endpoint(&self) -> Option<String> {
        lock(&self.endpoint).clone()
    }

    pub(super) fn set_request_id(&self, id: String) {
        put(&self.request_id, id);
    }

    pub(super) fn take_request_id(&self) -> Option<String> {
        take(&self.request_id)
    }

    /// Where S3 says that a bucket is.
    pub(super) fn set_bucket_region(&self, region: String) {
        put(&self.bucket_region, region);
    }

    pub(super) fn take_bucket_region(&self) -> Option<String> {
        take(&self.bucket_region)
    }

    /// Keeps an error of ours, and gives the runtime a text in its place.
    pub(super) fn fail(&self, error: Error) -> String {
        let text = error.to_string();
        put(&self.failure, error);
        text
    }

    pub(super) fn take_failure(&self) -> Option<Error> {
        take(&self.failure)
    }
}
