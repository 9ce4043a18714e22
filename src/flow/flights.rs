//! One upstream call for all who ask the same at once.
//!
//! The call runs as a task of its own: it survives whoever began it, and a panic in it is an error for all who wait.

use crate::{
    error::{Error, ErrorKind, Result},
    sync::{Mutex, MutexGuard, lock, spawn},
};
use futures_util::future::{BoxFuture, FutureExt, Shared};
use std::{collections::HashMap, fmt, future::Future, hash::Hash, sync::Arc};

type Flight<T> = Shared<BoxFuture<'static, Result<T>>>;

/// The calls that are under way, by what they ask.
pub(super) struct Flights<K, T>(Arc<Mutex<HashMap<K, Flight<T>>>>);

impl<K, T> Default for Flights<K, T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K, T> fmt::Debug for Flights<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Flights")
    }
}

impl<K, T> Clone for Flights<K, T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// Takes a call out when it is over, however it ends.
struct Landing<K: Eq + Hash, T>(Flights<K, T>, K);

impl<K: Eq + Hash, T> Drop for Landing<K, T> {
    fn drop(&mut self) {
        self.0.known().remove(&self.1);
    }
}

impl<K, T> Flights<K, T> {
    /// Whether no call is under way.
    #[cfg(test)]
    pub(super) fn is_idle(&self) -> bool {
        self.known().is_empty()
    }

    fn known(&self) -> MutexGuard<'_, HashMap<K, Flight<T>>> {
        lock(&self.0)
    }
}

impl<K, T> Flights<K, T>
where
    K: Clone + Eq + Hash + Send + 'static,
    T: Clone + Send + Sync + 'static,
{
    /// The outcome of the call that is under way for `key`, and `true`; else of `call`, and `false`.
    pub(super) async fn join(
        &self,
        key: K,
        call: impl Future<Output = Result<T>> + Send + 'static,
    ) -> (Result<T>, bool) {
        let mut shared = true;
        let flight = {
            let mut known = self.known();
            if let Some(flight) = known.get(&key) {
                flight.clone()
            } else {
                shared = false;
                let landing = Landing(self.clone(), key.clone());
                let task = spawn(async move {
                    let _landing = landing;
                    call.await
                });
                let flight = async { task.await.unwrap_or_else(|_| Err(broken())) }.boxed().shared();
                known.insert(key, flight.clone());
                flight
            }
        };
        (flight.await, shared)
    }
}

fn broken() -> Error {
    Error::new(ErrorKind::Internal, "a call ended in a way it should not")
        .help("report it, with what you called")
}
