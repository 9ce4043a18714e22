//! Two shells that read and write at once: who reads after a write sees it.

use super::*;
use aws_perf::{cache::Cache, clock::Clock};
use std::{
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Instant, SystemTime},
};

const WRITES: usize = 2_000;
const READERS: usize = 2;

/// The machine's clock, put forward now and then: nothing is kept for 15 seconds after a write.
#[derive(Debug, Default)]
struct Ahead(AtomicU64);

impl Ahead {
    fn by(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

impl Clock for Ahead {
    fn now(&self) -> SystemTime {
        SystemTime::now() + self.by()
    }

    fn instant(&self) -> Instant {
        Instant::now() + self.by()
    }
}

/// A machine whose name is the number of writes so far; each request takes a while before and after it is carried out.
fn counting(seed: u64) -> Server {
    let (version, dice) = (AtomicU64::new(0), Mutex::new(fastrand::Rng::with_seed(seed)));
    Server::deciding(move |_, request| {
        let pause = || thread::sleep(Duration::from_micros(dice.lock().unwrap().u64(0..1500)));
        pause();
        let version = if request.contains("CreateStateMachine") {
            version.fetch_add(1, Ordering::SeqCst) + 1
        } else {
            version.load(Ordering::SeqCst)
        };
        pause();
        let machine = format!(r#""stateMachineArn":"arn:aws:states:eu-west-1:1:stateMachine:{version}""#);
        Act::json(&format!(
            r#"{{{machine},"creationDate":1,"stateMachines":[{{{machine},"name":"{version}","type":"STANDARD","creationDate":1}}]}}"#
        ))
    })
}

/// The number of an answer.
fn version(answer: &Value) -> u64 {
    let machines = answer.get_data_by_key("stateMachines");
    let machine = machines.as_ref().and_then(|list| list.as_list().ok()?.first()).unwrap_or(answer);
    let arn = machine.get_data_by_key("stateMachineArn").unwrap();
    arn.as_str().unwrap().rsplit(':').next().unwrap().parse().unwrap()
}

/// What became of the reads: all, those from the cache, and those that were older than a write that had returned.
#[derive(Debug, Default)]
struct Tally {
    reads: AtomicU64,
    kept: AtomicU64,
    old: AtomicU64,
}

/// Two shells with readers each, and writes through one or the other; `told` says whether the cache hears of them.
fn storm(seed: u64, told: bool, writes: usize) -> Tally {
    let (folder, server, clock) = (tempfile::tempdir().unwrap(), counting(seed), Arc::new(Ahead::default()));
    let shells: Vec<Plugin> = (0..2)
        .map(|_| {
            let mut plugin = Plugin::new(&server, folder.path());
            plugin.keeper.cache = Arc::new(Cache::with_clock(clock.clone()));
            plugin
        })
        .collect();
    let (returned, running, tally) = (AtomicU64::new(0), AtomicU64::new(1), Tally::default());
    thread::scope(|scope| {
        for shell in &shells {
            let (caller, request) = shell.prepare(Record::new());
            for _ in 0..READERS {
                let (caller, request) = (caller.clone(), request.clone());
                let (returned, running, tally) = (&returned, &running, &tally);
                scope.spawn(move || {
                    while running.load(Ordering::SeqCst) == 1 {
                        let newest = returned.load(Ordering::SeqCst);
                        let answer = shell.runtime.block_on(shell.read(&caller, &request, FRESH)).unwrap();
                        tally.reads.fetch_add(1, Ordering::SeqCst);
                        tally
                            .kept
                            .fetch_add(u64::from(answer.from.origin != Origin::Network), Ordering::SeqCst);
                        tally
                            .old
                            .fetch_add(u64::from(version(&answer.reply.value) < newest), Ordering::SeqCst);
                    }
                });
            }
        }
        let mut dice = fastrand::Rng::with_seed(seed);
        for _ in 0..writes {
            let shell = &shells[dice.usize(0..2)];
            let input = record! {
                "name" => Value::test_string("m"), "definition" => Value::test_string("{}"),
                "roleArn" => Value::test_string("arn:aws:iam::123456789012:role/r"),
            };
            let (caller, request) = shell.prepare_of("stepfunctions", "CreateStateMachine", input);
            let writing = told.then(|| shell.keeper.writing(&caller, &request, &shell.scope).unwrap());
            let written = shell.runtime.block_on(aws_perf::flow::fetch(&caller, Arc::new(request))).unwrap();
            drop(writing);
            returned.fetch_max(version(&written.value), Ordering::SeqCst);
            thread::sleep(Duration::from_micros(dice.u64(0..4000)));
            if dice.bool() {
                clock.0.fetch_add(20, Ordering::SeqCst);
                thread::sleep(Duration::from_micros(dice.u64(0..8000)));
            }
        }
        running.store(0, Ordering::SeqCst);
    });
    tally
}

#[test]
fn who_reads_after_a_write_sees_it_in_any_shell() {
    let seed = fastrand::u64(..);
    let tally = storm(seed, true, WRITES);
    println!("SEED {seed}: {WRITES} writes, {tally:?}");
    let [reads, kept, old] =
        [&tally.reads, &tally.kept, &tally.old].map(|count| count.load(Ordering::SeqCst));
    assert_eq!(old, 0, "{old} of {reads} reads are older than a write that had returned");
    assert!(reads > 1000 && kept > reads / 10, "{kept} of {reads} from the cache");
}

/// The control: where the cache does not hear of writes, old answers must be noticed.
#[test]
fn writes_past_the_cache_would_be_noticed() {
    let tally = storm(7, false, 200);
    println!("the control: {tally:?}");
    assert!(tally.old.load(Ordering::SeqCst) > 0);
}
