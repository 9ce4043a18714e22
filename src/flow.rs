//! The way of a value: from a request to an answer, and from an operation to a stream of its pages.

mod absent;
mod all;
mod check;
mod flights;
mod inventory;
mod kept;
mod known;
mod nuon;
mod once;
mod pages;
mod provenance;
mod replay;
mod rows;
mod stale;
mod states;
mod tokens;
mod touched;
mod uncached;
mod wait;
mod writes;

pub use all::fetch_all;
pub use check::{Verdict, as_check, check};
pub use kept::{Extent, Keeper, Passage, Use, Wish, key, parse_key};
pub use known::{Called, Known, Names};
pub use nuon::nuon;
pub use once::{Once, Turn};
pub use pages::{Limits, Page, Pager};
pub use provenance::{Answer, Origin, Provenance};
pub use rows::{RowPlan, Rows};
pub use stale::HURRY;
pub use uncached::may_be_kept;
pub use wait::{Acceptor, Acceptors, Goal, Matcher, Patience, Progress, Seen, wait_until};
pub use writes::Writing;

use crate::{
    client::{Caller, Reply},
    error::{Error, ErrorKind, Result},
    metrics::{Meter, Source, Told},
    request::Request,
};
use std::{sync::Arc, time::Instant};

/// One answer, past the cache.
pub async fn fetch(caller: &Caller, request: Arc<Request>) -> Result<Reply> {
    fetch_as(caller, request, Source::Bypass).await
}

/// One answer of AWS, measured. Everything that is asked comes through here.
async fn fetch_as(caller: &Caller, request: Arc<Request>, source: Source) -> Result<Reply> {
    let Some(meter) = caller.meter().cloned() else { return caller.call(request).await };
    let asked = Asked { meter, request: request.clone(), source, start: Instant::now(), open: true };
    let outcome = caller.call(request).await;
    asked.end(outcome.as_ref());
    outcome
}

/// A call that is under way. Dropped before its end, it was cancelled.
struct Asked {
    meter: Arc<Meter>,
    request: Arc<Request>,
    source: Source,
    start: Instant,
    open: bool,
}

impl Asked {
    fn end(mut self, outcome: std::result::Result<&Reply, &Error>) {
        self.open = false;
        self.record(outcome.map(|reply| Told {
            attempts: reply.attempts,
            bytes: Some(reply.bytes),
            phases: reply.phases,
            entry: None,
        }));
    }

    fn record(&self, outcome: std::result::Result<Told, &Error>) {
        let names = (&*self.request.service.name, &*self.request.operation.name);
        self.meter.record(names, self.source, outcome, self.start.elapsed());
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        if self.open {
            self.record(Err(&Error::new(ErrorKind::Interrupted, "nobody wanted the answer any longer")));
        }
    }
}

#[cfg(test)]
mod tests;
