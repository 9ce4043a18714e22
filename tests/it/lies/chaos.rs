//! Thousands of calls, of whose answers every tenth is none.

use super::{Asker, framed};
use crate::{
    client::{MACHINES, fact},
    server::{Act, Server},
};
use std::{collections::BTreeMap, sync::Arc};
use tokio::sync::Semaphore;

/// Of ten answers, one is none, in a way that passes.
fn chaos(turn: usize) -> Act {
    let mut dice = fastrand::Rng::with_seed(turn as u64);
    let (bytes, begin) = framed("length", MACHINES.as_bytes());
    if dice.u8(0..10) > 0 {
        return Act::Keep(bytes);
    }
    match dice.u8(0..6) {
        0 => Act::refuse(400, r#"{"__type":"ThrottlingException","message":"slowly"}"#),
        1 => Act::refuse(503, ""),
        2 => Act::refuse(500, r#"{"__type":"InternalFailure"}"#),
        3 => Act::Reset,
        4 => Act::raw(&bytes[..dice.usize(0..begin)]),
        _ => Act::raw(&bytes[..dice.usize(begin..bytes.len())]),
    }
}

#[test]
fn ten_thousand_calls_in_chaos_are_all_accounted_for() {
    const CALLS: usize = 10_000;
    let server = Server::deciding(|turn, _| chaos(turn));
    let asker = Arc::new(Asker::new(&server, &[("AWS_MAX_ATTEMPTS", "5")]));
    let places = Arc::new(Semaphore::new(64));
    let outcomes = asker.runtime.block_on(async {
        let calls: Vec<_> = (0..CALLS)
            .map(|_| {
                let (asker, places) = (asker.clone(), places.clone());
                tokio::spawn(async move {
                    let _place = places.acquire().await.unwrap();
                    asker.asking("stepfunctions", "ListStateMachines").await
                })
            })
            .collect();
        let mut outcomes = Vec::new();
        for call in calls {
            outcomes.push(call.await.unwrap());
        }
        outcomes
    });
    let (mut attempts, mut kinds) = (0, BTreeMap::<String, usize>::new());
    for outcome in &outcomes {
        match outcome {
            Ok(reply) => {
                assert!(format!("{:?}", reply.value).contains("String(\"m\")"), "{reply:?}");
                attempts += reply.attempts;
            }
            Err(error) => {
                attempts += fact(error, "attempts").unwrap().parse::<u32>().unwrap();
                *kinds.entry(error.code()).or_default() += 1;
            }
        }
    }
    let failed: usize = kinds.values().sum();
    println!("{CALLS} calls in chaos: {attempts} attempts, {failed} failed {kinds:?}");
    assert_eq!(attempts as usize, server.count(), "attempts are not requests");
    assert!(failed < CALLS / 100, "{failed} failed: {kinds:?}");
}
