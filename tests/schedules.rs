//! The two flights under schedules that nobody would meet by chance: 10,000 random ones, and 10,000 that put off a task
//! at three places (PCT). Their own source runs here on explored locks and tasks.
//!
//! `AWS_PERF_SCHEDULES` says how many; a failure prints its `SEED`, which `SHUTTLE_RANDOM_SEED` repeats.

#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::expect_used
)]

use aws_perf::error;
use flights::Flights;
use nu_protocol::Span;
use once::{Once, Turn};
use shuttle::{
    Config, Runner, future,
    rand::{Rng, thread_rng},
    scheduler::{PctScheduler, RandomScheduler, Scheduler},
    thread,
};
use std::{
    any::Any,
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

#[path = "../src/flow/flights.rs"]
mod flights;
#[path = "../src/flow/once.rs"]
mod once;

/// What `src/sync.rs` is to the plugin.
mod sync {
    pub use shuttle::{
        future::spawn,
        sync::{Condvar, Mutex, MutexGuard},
    };

    pub fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
        mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

const SCHEDULES: usize = 10_000;
/// Where PCT puts off a task.
const DEPTH: usize = 3;
const ASKERS: usize = 4;

fn run(scheduler: impl Scheduler + 'static, body: fn()) {
    Runner::new(scheduler, Config::default()).run(body);
}

/// Runs a body under many schedules.
fn explore(body: fn()) {
    let count =
        std::env::var("AWS_PERF_SCHEDULES").ok().and_then(|text| text.parse().ok()).unwrap_or(SCHEDULES);
    let seed = fastrand::u64(..);
    println!("SEED {seed}: {count} random schedules and {count} by PCT");
    run(RandomScheduler::new_from_seed(seed, count), body);
    run(PctScheduler::new_from_seed(seed, DEPTH, count), body);
}

/// Whether some schedule breaks a body: what the laws below are worth.
fn is_noticed(body: fn()) -> bool {
    let broken: Result<(), Box<dyn Any + Send>> =
        catch_unwind(AssertUnwindSafe(|| run(RandomScheduler::new_from_seed(7, 1000), body)));
    broken.is_err()
}

/// Counts what happens in order, and how many calls are under way at once.
#[derive(Debug, Default)]
struct Upstream {
    time: AtomicUsize,
    under_way: AtomicUsize,
    calls: AtomicUsize,
    /// When somebody had the outcome of a call for the first time.
    delivered: std::sync::Mutex<HashMap<usize, usize>>,
}

impl Upstream {
    fn now(&self) -> usize {
        self.time.fetch_add(1, Ordering::SeqCst)
    }

    /// A call that takes a while, fails now and then, and tells which one it is.
    async fn call(self: Arc<Self>) -> error::Result<usize> {
        assert_eq!(self.under_way.fetch_add(1, Ordering::SeqCst), 0, "two calls at once");
        let number = self.calls.fetch_add(1, Ordering::SeqCst);
        for _ in 0..thread_rng().gen_range(0..3) {
            future::yield_now().await;
        }
        self.under_way.fetch_sub(1, Ordering::SeqCst);
        if thread_rng().gen_bool(0.3) { Err(error::Error::invalid(number.to_string())) } else { Ok(number) }
    }
}

/// Askers of one key, of whom some give up. Nobody gets an answer, or a failure, that somebody had before it was asked for.
fn flights_share() {
    future::block_on(async {
        let (flights, upstream) = (Flights::<&str, usize>::default(), Arc::new(Upstream::default()));
        let askers: Vec<_> = (0..ASKERS)
            .map(|_| {
                let (flights, upstream) = (flights.clone(), upstream.clone());
                future::spawn(async move {
                    let asked = upstream.now();
                    let (outcome, _) = flights.join("k", upstream.clone().call()).await;
                    let number =
                        outcome.unwrap_or_else(|error| error.message().parse().expect("a call was lost"));
                    let now = upstream.now();
                    let first = *upstream.delivered.lock().unwrap().entry(number).or_insert(now);
                    assert!(first > asked, "an answer from before the question");
                })
            })
            .collect();
        for asker in &askers {
            if thread_rng().gen_bool(0.25) {
                asker.abort();
            }
        }
        for asker in askers {
            let _ = asker.await;
        }
        // Whoever gave up left a call behind, which ends by itself and is forgotten.
        while !flights.is_idle() {
            future::yield_now().await;
        }
        assert_eq!(upstream.under_way.load(Ordering::SeqCst), 0);
        assert!(upstream.calls.load(Ordering::SeqCst) <= ASKERS);
    });
}

/// Threads that want what a closure makes: never two run at once, and one is enough unless it fails.
fn closures_share() {
    const ASKER: Span = Span { start: 10, end: 20 };
    const CLOSURE: Span = Span { start: 21, end: 40 };
    let (once, made) = (Arc::new(Once::default()), Arc::new(sync::Mutex::new(HashMap::new())));
    let (running, runs) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let failures = thread_rng().gen_range(0..ASKERS);
    let threads: Vec<_> = (0..ASKERS)
        .map(|_| {
            let (once, made, running, runs) = (once.clone(), made.clone(), running.clone(), runs.clone());
            thread::spawn(move || {
                loop {
                    if sync::lock(&made).contains_key("k") {
                        return;
                    }
                    let Turn::Lead(lead) = once.turn("k", ASKER, CLOSURE, || false) else { continue };
                    if sync::lock(&made).contains_key("k") {
                        return;
                    }
                    assert_eq!(running.fetch_add(1, Ordering::SeqCst), 0, "two closures at once");
                    thread::yield_now();
                    let run = runs.fetch_add(1, Ordering::SeqCst);
                    if run >= failures {
                        sync::lock(&made).insert("k", run);
                    }
                    running.fetch_sub(1, Ordering::SeqCst);
                    drop(lead);
                    if run < failures {
                        // Its closure failed, and so did its command.
                        return;
                    }
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(runs.load(Ordering::SeqCst), failures + 1);
}

/// What a flight must not be: it looks, and enters itself a moment later.
fn careless_flights() {
    future::block_on(async {
        let (known, upstream) = (Arc::new(sync::Mutex::new(false)), Arc::new(Upstream::default()));
        let askers: Vec<_> = (0..ASKERS)
            .map(|_| {
                let (known, upstream) = (known.clone(), upstream.clone());
                future::spawn(async move {
                    let taken = *sync::lock(&known);
                    if !taken {
                        *sync::lock(&known) = true;
                        let _ = upstream.call().await;
                        *sync::lock(&known) = false;
                    }
                })
            })
            .collect();
        for asker in askers {
            asker.await.unwrap();
        }
    });
}

#[test]
fn requests_share_one_call_under_every_schedule() {
    explore(flights_share);
}

#[test]
fn closures_run_one_at_a_time_under_every_schedule() {
    explore(closures_share);
}

#[test]
fn a_careless_flight_would_be_noticed() {
    assert!(is_noticed(careless_flights));
}
