//! Old answers, for who has nothing better or is in a hurry.

use super::{Answer, Passage, Use};
use crate::{
    error::{Error, ErrorKind},
    request::Request,
};
use std::time::{Duration, Instant};

/// How AWS calls what is too much at once.
const THROTTLED: [&str; 6] =
    ["Throttl", "TooManyRequests", "SlowDown", "LimitExceeded", "ThroughputExceeded", "ServiceUnavailable"];

/// Whether an error is nothing that the caller did, and will pass: AWS cannot be reached, is overwhelmed or broken.
fn will_pass(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Timeout | ErrorKind::Unreachable => true,
        ErrorKind::Service => error.fault().is_some_and(|fault| {
            fault.status >= 500
                || fault.status == 429
                || THROTTLED.iter().any(|word| fault.code.contains(word))
        }),
        _ => false,
    }
}

impl Passage {
    /// What is kept although its time is over for up to `longest`. `why` is what makes it good enough.
    pub fn look_stale(&self, request: &Request, longest: Duration, why: &str) -> Option<Answer> {
        let (name, _) = self.name.as_ref().filter(|_| self.wish == Use::Fresh)?;
        let start = Instant::now();
        let hit = self.keeper.cache.get_stale(&self.scope, name, longest, request.span)?;
        Some(self.kept(request, name, hit, start, Some(why.into())))
    }

    /// What is kept, in place of an answer that could not be had. Whoever says how old it may be means it.
    pub(super) fn instead_of(&self, request: &Request, error: &Error) -> Option<Answer> {
        let allowed = self.max_age.is_none() && !self.stale_if_error.is_zero() && will_pass(error);
        allowed.then(|| self.look_stale(request, self.stale_if_error, &error.to_string())).flatten()
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
        assert!(will_pass(&Error::new(ErrorKind::Timeout, "no")));
    }
}
