//! The way of a value: from a request to an answer, and from an operation to a stream of its pages.

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
    request::Request,
};
use std::sync::Arc;

/// One answer. Every read and every page of a stream comes through here.
pub async fn fetch(caller: &Caller, request: Arc<Request>) -> Result<Reply> {
    caller.call(request).await
}
