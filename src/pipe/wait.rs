//! Waiting for the network on a plugin thread without ever hanging Nushell.
//!
//! The engine cannot interrupt a plugin: it blocks until the plugin answers. So every wait looks, every few
//! milliseconds, whether the user pressed ctrl-c and whether Nushell lives.
//!
//! The engine also tells when the foreground pipeline is over (`Reset`, at each prompt). That is no reason to stop: it
//! is told to the streams of background jobs too, which are still being read.

use crate::error::{Error, ErrorKind, Result};
use nu_protocol::Signals;
use std::{future::Future, time::Duration};
use tokio::runtime::Runtime;

/// A tenth of the 250 ms within which an interruption must be obeyed.
const POLL: Duration = Duration::from_millis(20);

/// What tells that nobody waits any more.
#[derive(Debug, Clone)]
pub struct Liveness {
    signals: Signals,
    parent: u32,
}

impl Liveness {
    /// Watches the engine's signals and the parent process.
    pub fn new(signals: Signals) -> Self {
        Self { signals, parent: parent() }
    }

    /// Whether the user pressed ctrl-c, or Nushell is gone.
    fn is_over(&self) -> bool {
        self.signals.interrupted() || self.is_abandoned()
    }

    /// Whether Nushell is gone, and with it everybody who could be told.
    pub(super) fn is_abandoned(&self) -> bool {
        self.parent != parent()
    }

    async fn over(&self) {
        while !self.is_over() {
            tokio::time::sleep(POLL).await;
        }
    }
}

/// The parent process: another one has adopted us when Nushell is gone.
#[cfg(unix)]
fn parent() -> u32 {
    std::os::unix::process::parent_id()
}

#[cfg(not(unix))]
fn parent() -> u32 {
    0
}

/// Drives `work` on this thread until it is done or nobody waits for it any more.
pub fn wait<T>(runtime: &Runtime, liveness: &Liveness, work: impl Future<Output = Result<T>>) -> Result<T> {
    runtime.block_on(async {
        tokio::select! {
            biased;
            result = work => result,
            () = liveness.over() => Err(interrupted()),
        }
    })
}

/// The error of an interrupted call.
pub(super) fn interrupted() -> Error {
    Error::new(ErrorKind::Interrupted, "interrupted")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        sync::{
            Arc,
            atomic::{AtomicBool, Ordering},
        },
        time::Instant,
    };

    #[test]
    fn a_wait_ends_when_the_user_interrupts() {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let flag = Arc::new(AtomicBool::new(false));
        let liveness = Liveness::new(Signals::new(flag.clone()));
        let interrupter = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(30));
            flag.store(true, Ordering::Relaxed);
        });
        let started = Instant::now();
        let forever = std::future::pending::<Result<()>>();
        assert_eq!(wait(&runtime, &liveness, forever).unwrap_err().kind(), ErrorKind::Interrupted);
        assert!(started.elapsed() < Duration::from_secs(10));
        interrupter.join().unwrap();
    }
}
