//! What happened during one call: attempts, the endpoint, the request id, and the failure that the runtime's own
//! error types cannot carry.

use crate::error::Error;
use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU16, AtomicU32, Ordering},
};

/// Shared between the caller and the parts that the SDK's runtime calls.
#[derive(Debug, Default)]
pub(super) struct Trace {
    attempts: AtomicU32,
    status: AtomicU16,
    endpoint: Mutex<Option<String>>,
    request_id: Mutex<Option<String>>,
    bucket_region: Mutex<Option<String>>,
    failure: Mutex<Option<Error>>,
}

fn put<T>(slot: &Mutex<Option<T>>, value: T) {
    *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
}

fn take<T>(slot: &Mutex<Option<T>>) -> Option<T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner).take()
}

impl Trace {
    /// Another attempt: what the one before could not read is no longer the answer.
    pub(super) fn attempt(&self) {
        take(&self.failure);
        self.attempts.fetch_add(1, Ordering::Relaxed);
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
        self.endpoint.lock().unwrap_or_else(PoisonError::into_inner).clone()
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
