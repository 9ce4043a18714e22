//! Pages: from token to token, no further than the reader and the limits allow.

use super::{
    Passage, Provenance, RowPlan, Rows, Writing,
    nuon::nuon,
    replay::Reel,
    tokens::{Tokens, with_parameters},
};
use crate::{
    client::{Caller, Reply},
    error::{Error, Result},
    model::Kind,
    request::Request,
};
use nu_protocol::{Record, Span, Value};

/// How far a stream goes.
#[derive(Debug, Clone, Default)]
pub struct Limits {
    /// Rows at most.
    pub max_items: Option<u64>,
    /// Pages at most.
    pub max_pages: Option<u64>,
    /// Rows a page, as the API counts them: a positive number.
    pub page_size: Option<Value>,
    /// Where to begin: the token of an earlier stream, or a record of tokens where there are several.
    pub starting_token: Option<Value>,
}

/// One page of rows.
#[derive(Debug)]
pub struct Page {
    /// The rows, homogeneous.
    pub rows: Vec<Value>,
    /// Scalars of the answer.
    pub scalars: Record,
    /// What the service could not give, by name; empty where all went well.
    pub failures: Vec<(String, Value)>,
    /// How the answer came about, without its value.
    pub reply: Reply,
    /// Where it comes from.
    pub from: Provenance,
}

/// Walks over the pages of an operation.
#[derive(Debug)]
pub struct Pager {
    caller: Caller,
    request: Request,
    plan: RowPlan,
    limits: Limits,
    tokens: Tokens,
    reel: Reel,
    pages: u64,
    rows: u64,
    /// Where the operation changes something, until its last page.
    writing: Option<Writing>,
    /// There is no further page, for this or another reason.
    done: bool,
    whole: bool,
}

impl Pager {
    /// Checks the limits against what the operation can do.
    pub fn new(caller: Caller, mut request: Request, plan: RowPlan, limits: Limits) -> Result<Self> {
        if let Some(size) = &limits.page_size {
            request = with_page_size(&request, size)?;
        }
        if &*request.service.name == "logs" && &*request.operation.name == "GetLogEvents" {
            // From the tail, the API's default, there is nothing ahead: a stream would be one page and look whole.
            let from_head = request.input.get("startFromHead").is_none();
            if from_head {
                request.input.push("startFromHead", Value::bool(true, request.span));
            }
        }
        let tokens = match &limits.starting_token {
            Some(start) => Tokens::starting(&request, start)?,
            None => Tokens::default(),
        };
        let done = limits.max_items == Some(0) || limits.max_pages == Some(0);
        let reel = Reel::past();
        Ok(Self {
            caller,
            request,
            plan,
            limits,
            tokens,
            reel,
            pages: 0,
            rows: 0,
            writing: None,
            done,
            whole: false,
        })
    }

    /// The same pages through the cache. A stream that begins in the middle goes past it.
    #[must_use]
    pub fn through(mut self, passage: Passage) -> Self {
        if self.limits.starting_token.is_none() {
            self.reel = Reel::new(passage);
        }
        self
    }

    /// The same pages, of an operation that changes something.
    #[must_use]
    pub fn during(mut self, writing: Option<Writing>) -> Self {
        self.writing = writing;
        self
    }

    /// The whole stream anew, where old pages are given to who is in a hurry; nothing where it would not be kept.
    pub fn renewal(&self) -> Option<Self> {
        let reel = self.reel.renewal()?;
        let (caller, request, plan) = (self.caller.clone(), self.request.clone(), self.plan.clone());
        let renewal = Self::new(caller, request, plan, Limits::default()).ok()?;
        Some(Self { reel, ..renewal })
    }

    /// Walks to the end, for what is kept on the way.
    ///
    /// # Errors
    /// Those of [`Caller::call`].
    pub async fn keep(mut self) -> Result<()> {
        while self.next().await?.is_some() && self.reel.is_keeping() {}
        Ok(())
    }

    /// The request of the page to come.
    pub fn request(&self) -> Request {
        self.tokens.put(&self.request)
    }

    /// The next page, or `None` after the last one. After an error the same page may be asked for again.
    pub async fn next(&mut self) -> Result<Option<Page>> {
        if self.done {
            self.writing = None;
            if self.whole {
                self.reel.finish().await;
            }
            return Ok(None);
        }
        let request = self.request();
        let asked = self.reel.next(&self.caller, request).await;
        let (mut reply, kept_more) = asked.map_err(|error| self.resumable(error))?;
        let answer = std::mem::replace(&mut reply.value, Value::nothing(Span::unknown()));
        let more = match kept_more {
            Some(more) => more,
            None => self.tokens.advance(&self.request, &answer)?,
        };
        self.reel.keep(&self.request, &answer).await;
        let Rows { mut rows, scalars, failures } = self.plan.take(answer);
        if !failures.is_empty() {
            // What the service could not give now, it may give next time.
            self.reel.give_up();
        }
        self.pages += 1;
        let left = self.limits.max_items.map(|max| max.saturating_sub(self.rows));
        if let Some(left) = left.and_then(|left| usize::try_from(left).ok()) {
            rows.truncate(left);
        }
        self.rows += rows.len() as u64;
        let enough = self.limits.max_items.is_some_and(|max| self.rows >= max)
            || self.limits.max_pages.is_some_and(|max| self.pages >= max);
        self.whole = !more;
        self.done = !more || enough;
        let from = self.reel.provenance.clone();
        Ok(Some(Page { rows, scalars, failures, reply, from }))
    }

    /// An error in the middle tells how to go on.
    fn resumable(&self, error: Error) -> Error {
        let Some(token) = self.tokens.to_value(&self.request) else { return error };
        error
            .context("rows delivered", self.rows.to_string())
            .context("resume with", format!("--starting-token {}", nuon(&token)))
    }
}

/// The page size is a parameter, and checked as one.
fn with_page_size(request: &Request, size: &Value) -> Result<Request> {
    let key = request.operation.pagination.as_ref().and_then(|pagination| pagination.limit_key.clone());
    let Some(key) = key else {
        return Err(Error::invalid(format!("`{}` has no page size", request.name()))
            .at(size.span())
            .help("leave --page-size out, or bound the stream with --max-items"));
    };
    let Value::Int { val: number @ 1.., .. } = size else {
        return Err(Error::invalid("--page-size must be a positive number").at(size.span()));
    };
    let member = request.service.members(request.operation.input).iter().find(|member| member.name == key);
    let kind = member.and_then(|member| request.service.target(member)).map(|shape| &shape.kind);
    // Route 53 models its page sizes as text.
    let value = match kind {
        Some(Kind::String { .. }) => Value::string(number.to_string(), size.span()),
        _ => size.clone(),
    };
    with_parameters(request, Record::from_iter([(key.to_string(), value)]))
}
