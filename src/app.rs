//! The one place that wires parts together, lazily: `main` runs twice at a cold start, and most processes of a plugin
//! are asked for their signatures only.

use crate::{
    client::Client,
    error::{Error, ErrorKind, Result},
    flow::{Keeper, Once},
    model::catalog::Catalog,
    sync::lock,
};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};
use tokio::runtime::Runtime;

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
}

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

    /// Whether this is the first time that a mocked answer is given.
    pub fn first_mock(&self) -> bool {
        !self.mock_noticed.swap(true, Ordering::Relaxed)
    }
}
