//! Waiting for the network on a plugin thread without ever hanging Nushell.
//!
//! The engine cannot interrupt a plugin: it blocks until the plugin answers. So every wait looks, every few
//! milliseconds, whether the user pressed ctrl-c, whether the foreground pipeline is over, and whether Nushell lives.

use crate::error::{Error, ErrorKind, Result};
use nu_protocol::Signals;
use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::runtime::Runtime;

/// A tenth of the 250 ms within which an interruption must be obeyed.
const POLL: Duration = Duration::from_millis(20);

/// What tells that nobody waits any more.
#[derive(Debug, Clone)]
pub struct Liveness {
    signals: Signals,
    reset: Arc<AtomicBool>,
    parent: u32,
}

impl Liveness {
    /// Watches the engine's signals, and `reset`: set when the engine says that the foreground pipeline is over.
    pub fn new(signals: Signals, reset: Arc<AtomicBool>) -> Self {
        Self { signals, reset, parent: parent() }
    }

    /// Why to stop, if there is a reason.
    pub fn stop(&self) -> Option<Stop> {
        if self.signals.interrupted() {
            return Some(Stop::Interrupted);
        }
        if self.reset.load(Ordering::Relaxed) || self.parent != parent() {
            return Some(Stop::Abandoned);
        }
        None
    }

    async fn stopped(&self) -> Stop {
        loop {
            if let Some(stop) = self.stop() {
                return stop;
            }
            tokio::time::sleep(POLL).await;
        }
    }
}

/// Why a wait ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The user pressed ctrl-c.
    Interrupted,
    /// Nobody reads any more.
    Abandoned,
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
            _ = liveness.stopped() => Err(interrupted()),
        }
    })
}

/// The error of an interrupted call.
pub(super) fn interrupted() -> Error {
    Error::new(ErrorKind::Interrupted, "interrupted")
}

/// A handle for the engine's signal handlers: sets the flag when the foreground pipeline is over.
pub fn on_reset(flag: Arc<AtomicBool>) -> Box<dyn Fn(nu_protocol::SignalAction) + Send + Sync> {
    Box::new(move |action| {
        if action == nu_protocol::SignalAction::Reset {
            flag.store(true, Ordering::Relaxed);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{sync::atomic::AtomicBool, time::Instant};

    #[test]
    fn a_wait_ends_when_the_user_interrupts() {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let flag = Arc::new(AtomicBool::new(false));
        let liveness = Liveness::new(Signals::new(flag.clone()), Arc::default());
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
