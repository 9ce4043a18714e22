//! The adapter that feeds every stream.
//!
//! Pages are fetched by a task of their own, at most a few ahead. The adapter hands their rows to Nushell one by one,
//! so Nushell's own back-pressure (100 items) is what bounds a stream. When the reader stops, the adapter is dropped,
//! and with it the task and the request in flight.

use super::{Columns, Liveness, errors, tidy, wait};
use crate::{
    error::{Error, ErrorKind, Result},
    flow::{Page, Pager},
};
use nu_protocol::{Record, Span, Value};
use std::{fmt, sync::Arc, vec};
use tokio::{
    runtime::Runtime,
    sync::mpsc::{Receiver, Sender, channel},
    task::JoinHandle,
};

/// What happens with the error of a page. Interruptions and faults of this plugin end the stream whatever is chosen.
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

/// Makes one value of a page, whose rows were taken, and of its rows as they are shown.
pub type Wrap = Box<dyn Fn(&Page, Vec<Value>) -> Value + Send>;

/// Where a stream's rows come from and what is done to them.
pub struct Source {
    /// Runs the fetching task.
    pub runtime: Arc<Runtime>,
    /// Tells when to stop.
    pub liveness: Liveness,
    /// Pages ahead of the reader.
    pub prefetch: usize,
    /// `--tidy`.
    pub tidy: bool,
    /// `--columns`.
    pub columns: Option<Columns>,
    /// `--errors`.
    pub errors: ErrorMode,
    /// `--meta`: makes one item of each page.
    pub wrap: Option<Wrap>,
    /// The command's name in the user's script.
    pub head: Span,
}

impl Source {
    fn raises(&self, error: &Error) -> bool {
        self.errors == ErrorMode::Raise
            || matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::Internal)
    }
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
    pages: Option<Receiver<Message>>,
    task: JoinHandle<()>,
    first: Option<Result<Page>>,
}

/// What the fetching task sends: pages, and at last `None` or an error. A task that ends without either has failed,
/// and its rows are not whole.
type Message = Result<Option<Page>>;

impl RowStream {
    /// Starts fetching and waits for the first page, so that what it says besides rows can still go into the
    /// pipeline's metadata. Where errors are raised, the first page's are the command's own.
    pub fn start(source: Source, pager: Pager) -> Result<Self> {
        let (sender, mut pages) = channel(source.prefetch.max(1));
        let mut task = source.runtime.spawn(fetch_all(pager, sender));
        let first = wait(&source.runtime, &source.liveness, receive(&mut pages, &mut task));
        let first = match first {
            Err(error) if source.raises(&error) => {
                task.abort();
                return Err(error);
            }
            first => first.transpose(),
        };
        let pages = first.is_some().then_some(pages);
        Ok(Self { source, rows: Vec::new().into_iter(), pages, task, first })
    }

    /// The first page, before its rows are read: its scalars, and how it came about.
    pub fn first_page(&self) -> Option<&Page> {
        self.first.as_ref()?.as_ref().ok()
    }

    fn next_row(&mut self) -> Option<Value> {
        loop {
            if let Some(row) = self.rows.next() {
                return Some(if self.source.wrap.is_some() { row } else { self.shape(row) });
            }
            let page = match self.first.take() {
                Some(page) => page,
                None => self.next_page()?,
            };
            match page {
                Ok(mut page) => {
                    note_failures(&page);
                    let mut rows = std::mem::take(&mut page.rows);
                    if self.source.wrap.is_some() {
                        rows = rows.into_iter().map(|row| self.shape(row)).collect();
                    }
                    self.rows = match &self.source.wrap {
                        Some(wrap) => vec![wrap(&page, rows)].into_iter(),
                        None => rows.into_iter(),
                    };
                }
                Err(error) => {
                    self.pages = None;
                    return self.failed(&error);
                }
            }
        }
    }

    fn next_page(&mut self) -> Option<Result<Page>> {
        let next = receive(self.pages.as_mut()?, &mut self.task);
        // The error of an interruption goes out as well: ctrl-c in the foreground ends the streams of background jobs
        // too, and their readers must not take what came for all there is.
        let page = wait(&self.source.runtime, &self.source.liveness, next).transpose();
        if page.is_none() {
            self.pages = None;
        }
        page
    }

    fn shape(&mut self, row: Value) -> Value {
        let row = if self.source.tidy { tidy::row(row) } else { row };
        match &mut self.source.columns {
            Some(columns) => columns.project(row),
            None => row,
        }
    }

    fn failed(&self, error: &Error) -> Option<Value> {
        let head = self.source.head;
        let mode = if self.source.raises(error) { ErrorMode::Raise } else { self.source.errors };
        match mode {
            ErrorMode::Raise => {
                // Nushell's `length` counts an error as a row, so whoever only counts hears it here.
                if !self.source.liveness.is_abandoned() {
                    errors::note(&format!("the stream is incomplete: {} ({})", error, error.code()));
                }
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
        self.next_row()
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

async fn receive(pages: &mut Receiver<Message>, task: &mut JoinHandle<()>) -> Message {
    match pages.recv().await {
        Some(message) => message,
        None => Err(errors::broken_off(task.await)),
    }
}

async fn fetch_all(mut pager: Pager, sender: Sender<Message>) {
    // A place in the channel is taken before the page is asked for, so that exactly `prefetch` pages are ahead.
    while let Ok(place) = sender.reserve().await {
        let message = pager.next().await;
        let more = matches!(message, Ok(Some(_)));
        place.send(message);
        if !more {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nu_protocol::Signals;

    #[test]
    fn a_task_that_fails_does_not_end_the_stream_as_if_it_were_whole() {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let runtime = Arc::new(runtime);
        let (sender, pages) = channel::<Message>(1);
        let task = runtime.spawn(async move {
            let _sender = sender;
            panic!("decoder is broken");
        });
        let source = Source {
            runtime,
            liveness: Liveness::new(Signals::empty()),
            prefetch: 1,
            tidy: false,
            columns: None,
            errors: ErrorMode::Ignore,
            wrap: None,
            head: Span::test_data(),
        };
        let mut rows =
            RowStream { source, rows: Vec::new().into_iter(), pages: Some(pages), task, first: None };
        let Some(Value::Error { error, .. }) = rows.next() else { panic!("the stream ended") };
        let text = format!("{error:?}");
        assert!(text.contains("aws_perf::internal") && text.contains("decoder is broken"), "{text}");
        assert!(rows.next().is_none());
    }
}
