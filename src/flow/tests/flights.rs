//! One call for all who ask the same.

use super::super::flights::Flights;
use crate::error::{Error, ErrorKind, Result};
use futures_util::future::join_all;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

async fn thousand(outcome: impl Fn() -> Result<u32> + Clone + Send + 'static) -> (usize, Vec<Result<u32>>) {
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
    assert!(flights.is_idle(), "something is still under way");
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
