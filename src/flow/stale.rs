//! Old answers, for who has nothing better or is in a hurry.

use super::{Answer, Passage, Use};
use crate::{
    cache::{Name, Replay},
    error::{Error, ErrorKind},
    request::Request,
    sync::lock,
};
use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// Why an old answer is given to who asked for one.
pub const HURRY: &str = "--stale takes it";

/// Streams that are being renewed: one at a time, however many hurry.
#[derive(Debug, Clone, Default)]
pub(super) struct Renewing(Arc<Mutex<HashSet<u64>>>);

/// Whoever has it renews a stream.
#[derive(Debug)]
pub(super) struct Turn {
    all: Renewing,
    stream: u64,
}

impl Renewing {
    fn begin(&self, stream: u64) -> Option<Turn> {
        lock(&self.0).insert(stream).then(|| Turn { all: self.clone(), stream })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        lock(&self.all.0).remove(&self.stream);
    }
}

/// How AWS calls what is too much at once.
const THROTTLED: [&str; 6] =
    ["Throttl", "TooManyRequests", "SlowDown", "LimitExceeded", "ThroughputExceeded", "ServiceUnavailable"];

/// Whether an error is nothing that the caller did, and will pass: AWS cannot be reached, is overwhelmed or broken, or what
/// answers is not AWS.
fn will_pass(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Timeout | ErrorKind::Unreachable | ErrorKind::BadAnswer => true,
        ErrorKind::Service => error.fault().is_some_and(|fault| {
            fault.status >= 500
                || fault.status == 429
                || THROTTLED.iter().any(|word| fault.code.contains(word))
        }),
        _ => false,
    }
}

impl Passage {
    /// What is kept although its time is over, for who is in a hurry.
    pub fn look_old(&self, request: &Request) -> Option<Answer> {
        self.in_a_hurry.then(|| self.look_stale(request, self.pace.stale(), HURRY)).flatten()
    }

    /// What is kept, in place of an answer that could not be had.
    pub(super) fn instead_of(&self, request: &Request, error: &Error) -> Option<Answer> {
        let longest = self.may_replace(error)?;
        self.look_stale(request, longest, &error.to_string())
    }

    /// The same of a stream.
    pub(super) fn replay_old(&self) -> Option<Replay> {
        self.in_a_hurry.then(|| self.replay_stale(self.pace.stale())).flatten()
    }

    /// The same of a stream of which nothing was given yet.
    pub(super) fn replay_instead_of(&self, error: &Error) -> Option<Replay> {
        self.replay_stale(self.may_replace(error)?)
    }

    /// The turn to renew the stream, where nobody has it.
    pub(super) fn begin_renewal(&self) -> Option<Turn> {
        self.keeper.renewing.begin(self.name_for_old()?.id())
    }

    /// For how long after its time something kept may be of use.
    pub(super) fn lasting(&self) -> Duration {
        self.stale_if_error.max(self.pace.stale())
    }

    /// For how long after its time something kept replaces what failed. Whoever says how old it may be means it.
    fn may_replace(&self, error: &Error) -> Option<Duration> {
        (self.max_age.is_none() && will_pass(error))
            .then_some(self.stale_if_error)
            .filter(|most| !most.is_zero())
    }

    fn look_stale(&self, request: &Request, longest: Duration, why: &str) -> Option<Answer> {
        let (name, start) = (self.name_for_old()?, Instant::now());
        let hit = self.keeper.cache.get_stale(&self.scope, name, longest, request.span)?;
        Some(self.kept(request, name, hit, start, Some(why.into())))
    }

    fn replay_stale(&self, longest: Duration) -> Option<Replay> {
        self.keeper.cache.replay_stale(&self.scope, self.name_for_old()?, longest)
    }

    fn name_for_old(&self) -> Option<&Name> {
        self.name.as_ref().filter(|_| self.wish == Use::Fresh).map(|(name, _)| name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Fault;

    #[test]
    fn what_passes_is_told_from_what_the_caller_did() {
        let service = |code: &str, status| {
            let fault = Fault { code: code.into(), status, ..Fault::default() };
            Error::service(fault, "no")
        };
        for (code, status) in
            [("InternalError", 500), ("ThrottlingException", 400), ("RequestLimitExceeded", 503), ("X", 429)]
        {
            assert!(will_pass(&service(code, status)), "{code}");
        }
        for (code, status) in [("AccessDenied", 403), ("ExpiredToken", 400), ("NoSuchBucket", 404)] {
            assert!(!will_pass(&service(code, status)), "{code}");
        }
        for kind in [ErrorKind::InvalidInput, ErrorKind::ExpiredCredentials, ErrorKind::Interrupted] {
            assert!(!will_pass(&Error::new(kind, "no")));
        }
        for kind in [ErrorKind::Timeout, ErrorKind::Unreachable, ErrorKind::BadAnswer] {
            assert!(will_pass(&Error::new(kind, "no")));
        }
    }
}
