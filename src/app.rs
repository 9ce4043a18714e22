//! The one place that wires parts together, lazily: `main` runs twice at a cold start, and most processes of a plugin
//! are asked for their signatures only.

use crate::{
    client::Client,
    error::{Error, ErrorKind, Result},
    flow::{Keeper, Once},
    model::catalog::Catalog,
    sync::lock,
};
use futures_util::future::join_all;
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{runtime::Runtime, task::JoinHandle};

/// All that lives as long as the plugin's process.
#[derive(Debug, Default)]
pub struct App {
    runtime: Mutex<Option<Arc<Runtime>>>,
    /// Service models.
    pub catalog: Catalog,
    /// Sessions and connections.
    pub client: Client,
    /// What was answered before, and the questions that are under way.
    pub keeper: Keeper,
    /// Closures that are running for whoever wants the same.
    pub once: Once,
    mock_noticed: AtomicBool,
    behind: Mutex<Vec<JoinHandle<()>>>,
}

/// So long a plugin that is no longer needed finishes what it began behind answers.
const FINISHES_WITHIN: Duration = Duration::from_secs(5);

/// Requests are encoded and decoded on the threads of their commands; these drive sockets and prefetching tasks.
const WORKERS: usize = 4;

impl App {
    /// The runtime, started when the first command needs the network.
    pub fn runtime(&self) -> Result<Arc<Runtime>> {
        let mut runtime = lock(&self.runtime);
        if let Some(runtime) = &*runtime {
            return Ok(runtime.clone());
        }
        let started = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(WORKERS)
            .thread_name("aws_perf")
            .enable_all()
            .build()
            .map_err(|error| {
                Error::new(ErrorKind::Internal, "the asynchronous runtime could not be started")
                    .help("the system may be out of threads or file descriptors")
                    .source(error)
            })?;
        Ok(runtime.insert(Arc::new(started)).clone())
    }

    /// Begins something whose outcome nobody waits for. Where the runtime cannot be started it is left out.
    pub fn behind(&self, work: impl Future<Output = ()> + Send + 'static) {
        let Ok(runtime) = self.runtime() else { return };
        let mut tasks = lock(&self.behind);
        tasks.retain(|task| !task.is_finished());
        tasks.push(runtime.spawn(work));
    }

    /// Finishes what was begun behind answers, after Nushell has gone: a `nu -c` that took an old answer leaves a new one.
    pub fn finish(&self) {
        let tasks: Vec<_> = lock(&self.behind).drain(..).filter(|task| !task.is_finished()).collect();
        if tasks.is_empty() {
            return;
        }
        let Ok(runtime) = self.runtime() else { return };
        release_terminal();
        drop(runtime.block_on(async { tokio::time::timeout(FINISHES_WITHIN, join_all(tasks)).await }));
    }

    /// Whether this is the first time that a mocked answer is given.
    pub fn first_mock(&self) -> bool {
        !self.mock_noticed.swap(true, Ordering::Relaxed)
    }
}

/// Whoever reads what Nushell wrote, as `$(nu -c …)` does, must not wait until this process ends as well.
fn release_terminal() {
    #[cfg(unix)]
    if let Ok(nowhere) = std::fs::File::options().write(true).open("/dev/null") {
        let _ = rustix::stdio::dup2_stdout(&nowhere);
        let _ = rustix::stdio::dup2_stderr(&nowhere);
    }
}
