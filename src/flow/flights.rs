//! One upstream call for all who ask the same at once.
//!
//! The call runs as a task of its own: it survives whoever began it, and a panic in it is an error for all who wait.

use crate::error::{Error, ErrorKind, Result};
use futures_util::future::{BoxFuture, FutureExt, Shared};
use std::{
    collections::HashMap,
    fmt,
    future::Future,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

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
    fn known(&self) -> MutexGuard<'_, HashMap<K, Flight<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
                let task = tokio::spawn(async move {
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

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        time::Duration,
    };

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
    }

    async fn thousand(
        outcome: impl Fn() -> Result<u32> + Clone + Send + 'static,
    ) -> (usize, Vec<Result<u32>>) {
        let (flights, calls) = (Flights::default(), Arc::new(AtomicUsize::new(0)));
        let one = || {
            let (flights, calls, outcome): (Flights<&str, u32>, _, _) =
                (flights.clone(), calls.clone(), outcome.clone());
            async move {
                let call = async move {
                    calls.fetch_add(1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    outcome()
                };
                flights.join("k", call).await.0
            }
        };
        let all = join_all((0..1000).map(|_| one())).await;
        assert!(flights.known().is_empty(), "something is still under way");
        (calls.load(Ordering::SeqCst), all)
    }

    #[test]
    fn a_thousand_who_ask_the_same_are_one_call() {
        let (calls, outcomes) = runtime().block_on(thousand(|| Ok(7)));
        assert_eq!(calls, 1);
        assert!(outcomes.iter().all(|outcome| *outcome.as_ref().unwrap() == 7));
    }

    #[test]
    fn a_failure_is_everybodys_and_not_repeated() {
        let (calls, outcomes) = runtime().block_on(thousand(|| Err(Error::invalid("no"))));
        assert_eq!(calls, 1);
        assert!(outcomes.iter().all(|outcome| outcome.as_ref().unwrap_err().message() == "no"));
    }

    #[test]
    fn a_panic_is_an_error_for_all() {
        let (calls, outcomes) = runtime().block_on(thousand(|| panic!("boom")));
        assert_eq!(calls, 1);
        assert!(outcomes.iter().all(|outcome| outcome.as_ref().unwrap_err().kind() == ErrorKind::Internal));
    }

    #[test]
    fn a_call_survives_who_began_it() {
        runtime().block_on(async {
            let (flights, calls) = (Flights::<&str, u32>::default(), Arc::new(AtomicUsize::new(0)));
            let call = |calls: Arc<AtomicUsize>| async move {
                calls.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(100)).await;
                Ok(7)
            };
            let first = flights.join("k", call(calls.clone()));
            assert!(tokio::time::timeout(Duration::from_millis(10), first).await.is_err());
            assert_eq!(flights.join("k", call(calls.clone())).await.0.unwrap(), 7);
            assert_eq!(calls.load(Ordering::SeqCst), 1);
        });
    }
}
