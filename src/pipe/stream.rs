//! The adapter that feeds every stream.
//!
//! Pages are fetched by a task of their own, at most a few ahead. The adapter hands their rows to Nushell one by one,
//! so Nushell's own back-pressure (100 items) is what bounds a stream. When the reader stops, the adapter is dropped,
//! and with it the task and the request in flight.

use super::{Columns, Liveness, errors, tidy, wait};
use crate::{
    error::{Error, Result},
    flow::{Page, Pager},
};
use nu_protocol::{HandlerGuard, Record, Span, Value};
use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    vec,
};
use tokio::{
    runtime::Runtime,
    sync::mpsc::{Receiver, channel},
    task::JoinHandle,
};

/// What happens with an error in the middle of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ErrorMode {
    /// The stream ends with it.
    #[default]
    Raise,
    /// It becomes a last row `{error: …}`.
    Rows,
    /// It is told on standard error only.
    Ignore,
}

/// Where a stream's rows come from and what is done to them.
pub struct Source {
    /// Runs the fetching task.
    pub runtime: Arc<Runtime>,
    /// Tells when to stop.
    pub liveness: Liveness,
    /// Keeps the engine's reset signal coming.
    pub guard: Option<HandlerGuard>,
    /// Pages ahead of the reader.
    pub prefetch: usize,
    /// `--tidy`.
    pub tidy: bool,
    /// `--columns`.
    pub columns: Option<Columns>,
    /// `--errors`.
    pub errors: ErrorMode,
    /// The command's name in the user's script.
    pub head: Span,
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("prefetch", &self.prefetch).finish_non_exhaustive()
    }
}

/// Rows, one by one.
#[derive(Debug)]
pub struct RowStream {
    source: Source,
    rows: vec::IntoIter<Value>,
    pages: Option<Receiver<Result<Page>>>,
    task: JoinHandle<()>,
    first: Option<Page>,
}

impl RowStream {
    /// Starts fetching and waits for the first page: its errors are the command's own, and what it says besides rows
    /// can still go into the pipeline's metadata.
    pub fn start(source: Source, pager: Pager) -> Result<Self> {
        let (sender, mut pages) = channel(source.prefetch.max(1));
        let task = source.runtime.spawn(fetch_all(pager, sender));
        let first = wait(&source.runtime, &source.liveness, async { pages.recv().await.transpose() });
        let first = first.inspect_err(|_| task.abort())?;
        Ok(Self { source, rows: Vec::new().into_iter(), pages: Some(pages), task, first })
    }

    /// The first page, before its rows are read: its scalars, and how it came about.
    pub fn first_page(&self) -> Option<&Page> {
        self.first.as_ref()
    }

    fn next_row(&mut self) -> Option<Value> {
        loop {
            if let Some(row) = self.rows.next() {
                return Some(self.shape(row));
            }
            let page = match self.first.take() {
                Some(page) => Ok(page),
                None => self.next_page()?,
            };
            match page {
                Ok(page) => {
                    note_failures(&page);
                    self.rows = page.rows.into_iter();
                }
                Err(error) => {
                    self.pages = None;
                    return self.failed(&error);
                }
            }
        }
    }

    fn next_page(&mut self) -> Option<Result<Page>> {
        let pages = self.pages.as_mut()?;
        let next = async { pages.recv().await.transpose() };
        match wait(&self.source.runtime, &self.source.liveness, next) {
            Ok(page) => page.map(Ok),
            // Nobody reads: the end is all that is left to say. After ctrl-c Nushell itself says so.
            Err(_) if self.source.liveness.stop().is_some() => {
                self.task.abort();
                self.pages = None;
                None
            }
            Err(error) => Some(Err(error)),
        }
    }

    fn shape(&self, row: Value) -> Value {
        let row = if self.source.tidy { tidy::row(row) } else { row };
        match &self.source.columns {
            Some(columns) => columns.project(row),
            None => row,
        }
    }

    fn failed(&self, error: &Error) -> Option<Value> {
        let head = self.source.head;
        match self.source.errors {
            ErrorMode::Raise => {
                // Nushell's `length` counts an error as a row, so whoever only counts hears it here.
                errors::note(&format!("the stream is incomplete: {} ({})", error, error.code()));
                Some(Value::error(errors::shell_error(error, head), head))
            }
            ErrorMode::Rows => {
                let mut row = Record::new();
                let text = errors::labeled(error, head);
                let mut fields = Record::new();
                fields.push("code", Value::string(error.code(), head));
                fields.push("message", Value::string(text.msg, head));
                fields.push(
                    "help",
                    text.help.map_or_else(|| Value::nothing(head), |help| Value::string(help, head)),
                );
                row.push("error", Value::record(fields, head));
                Some(Value::record(row, head))
            }
            ErrorMode::Ignore => {
                errors::note(&format!("the stream is incomplete: {} ({})", error, error.code()));
                None
            }
        }
    }
}

impl Iterator for RowStream {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        let row = catch_unwind(AssertUnwindSafe(|| self.next_row()));
        row.unwrap_or_else(|panic| {
            self.pages = None;
            self.rows = Vec::new().into_iter();
            let error = errors::panicked(panic.as_ref());
            Some(Value::error(error.into(), self.source.head))
        })
    }
}

impl Drop for RowStream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An answer that lists what it could not give is not whole, and its rows do not show it.
fn note_failures(page: &Page) {
    for (name, value) in &page.failures {
        let text = value.to_expanded_string(", ", &nu_protocol::Config::default());
        let short: String = text.chars().take(300).collect();
        errors::note(&format!("the answer is incomplete, `{name}`: {short}"));
    }
}

async fn fetch_all(mut pager: Pager, sender: tokio::sync::mpsc::Sender<Result<Page>>) {
    // A place in the channel is taken before the page is asked for, so that exactly `prefetch` pages are ahead.
    while let Ok(place) = sender.reserve().await {
        match pager.next().await {
            Ok(Some(page)) => place.send(Ok(page)),
            Ok(None) => return,
            Err(error) => {
                place.send(Err(error));
                return;
            }
        }
    }
}
