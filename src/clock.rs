//! Time behind one door, so that tests can turn it.

use std::{
    fmt::Debug,
    time::{Instant, SystemTime},
};

/// What time it is.
pub trait Clock: Debug + Send + Sync {
    /// The time of day, which may jump: what is kept beyond this process is dated with it.
    fn now(&self) -> SystemTime;

    /// A time that only goes on: ages within this process are measured with it.
    fn instant(&self) -> Instant;
}

/// The machine's own clocks.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn instant(&self) -> Instant {
        Instant::now()
    }
}
