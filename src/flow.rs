//! The way of a value: from a request to an answer, and from an operation to a stream of its pages.

mod all;
mod nuon;
mod pages;
mod rows;
mod tokens;

pub use all::fetch_all;
pub use pages::{Limits, Page, Pager};
pub use rows::{RowPlan, Rows};

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
