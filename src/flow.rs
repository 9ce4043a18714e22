//! The way of a value: from a request to an answer, and from an operation to a stream of its pages.

mod absent;
mod all;
mod check;
mod flights;
mod kept;
mod nuon;
mod once;
mod pages;
mod replay;
mod rows;
mod tokens;
mod uncached;
mod wait;

pub use all::fetch_all;
pub use check::{Verdict, as_check, check};
pub use kept::{Answer, Extent, Keeper, Origin, Passage, Use, Wish, key, parse_key};
pub use once::{Once, Turn};
pub use pages::{Limits, Page, Pager};
pub use replay::Provenance;
pub use rows::{RowPlan, Rows};
pub use wait::{Acceptor, Acceptors, Goal, Matcher, Patience, Progress, Seen, wait_until};

use crate::{
    client::{Caller, Reply},
    error::Result,
    metrics::Source,
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
    let start = Instant::now();
    let outcome = caller.call(request.clone()).await;
    let told = outcome.as_ref().map(|reply| reply.attempts);
    meter.record((&request.service.name, &request.operation.name), source, told, start.elapsed());
    outcome
}
