//! Locks and tasks behind one door: tests of schedules (`tests/schedules.rs`) put explored ones in their place.

pub use std::sync::{Condvar, Mutex, MutexGuard};
pub use tokio::spawn;

use std::sync::PoisonError;

/// Locks. Whoever panicked while it held the lock left nothing half done: sections are short and change one thing.
pub fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
