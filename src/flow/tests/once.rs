//! One run of a closure for all who want the same.

use super::super::once::{Once, Turn};
use nu_protocol::Span;
use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

const ASKER: Span = Span { start: 10, end: 20 };
const CLOSURE: Span = Span { start: 21, end: 40 };

#[test]
fn one_runs_and_the_others_wait() {
    let (once, runs) = (Once::default(), AtomicUsize::new(0));
    let found = Mutex::new(None);
    thread::scope(|scope| {
        for _ in 0..50 {
            scope.spawn(|| {
                loop {
                    if found.lock().unwrap().is_some() {
                        return;
                    }
                    if let Turn::Lead(_lead) = once.turn("k", ASKER, CLOSURE, || false) {
                        // Between the look and the lead another one may have been through.
                        if found.lock().unwrap().is_some() {
                            return;
                        }
                        runs.fetch_add(1, Ordering::SeqCst);
                        thread::sleep(Duration::from_millis(20));
                        *found.lock().unwrap() = Some(1);
                    }
                }
            });
        }
    });
    assert_eq!(runs.into_inner(), 1);
    assert!(once.is_idle());
}

#[test]
fn when_the_leader_fails_the_next_one_leads() {
    let (once, runs) = (Once::default(), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..5 {
            scope.spawn(|| {
                loop {
                    if let Turn::Lead(_lead) = once.turn("k", ASKER, CLOSURE, || false) {
                        runs.fetch_add(1, Ordering::SeqCst);
                        return;
                    }
                }
            });
        }
    });
    assert_eq!(runs.into_inner(), 5);
}

#[test]
fn a_closure_may_ask_for_its_own_key() {
    let once = Once::default();
    let _lead = once.turn("k", ASKER, CLOSURE, || false);
    let inside = Span { start: 25, end: 30 };
    assert!(matches!(once.turn("k", inside, inside, || false), Turn::Beside));
    assert!(matches!(once.turn("other", inside, inside, || false), Turn::Lead(_)));
    assert!(matches!(once.turn("k", Span { start: 50, end: 60 }, CLOSURE, || true), Turn::Interrupted));
}
