//! Processes that are killed while they write to the cache: what is read is whole, what was acknowledged is there.
//!
//! `AWS_PERF_KILLS` says how many are killed.

use aws_perf::{
    cache::{Cache, Name, Recording, Scope},
    metrics::{Event, Metrics, Source},
};
use nu_protocol::{Span, Value};
use std::{
    collections::{HashMap, HashSet},
    env, fs,
    fs::OpenOptions,
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

const WRITERS: usize = 8;
const KILLS: usize = 200;
/// The journal forgets its oldest events when it is full; below so many it is not.
const LOST_FROM: usize = 60_000;
/// Keys that all writers fight for.
const SHARED: u64 = 7;

fn scope(folder: &Path) -> Scope {
    Scope { directory: Some(folder.join("cache")), memory_limit: 0, disk_limit: 1 << 40 }
}

/// A value that tells whether it is whole: its text follows from its number.
fn value(number: u64) -> Value {
    let text: String =
        (0..500 + number % 4000).map(|at| char::from(b'a' + ((number + at * at) % 26) as u8)).collect();
    Value::test_list(vec![Value::test_int(i64::try_from(number).unwrap()), Value::test_string(text)])
}

fn is_whole(found: &Value) -> bool {
    let number = found.as_list().ok().and_then(|list| list.iter().next()?.as_int().ok());
    number.and_then(|number| u64::try_from(number).ok()).is_some_and(|number| value(number) == *found)
}

/// What a writer does until it is killed. Run by the tests below in processes of their own.
#[test]
#[ignore = "the other tests of this file start it"]
fn writer() {
    let Some(folder) = env::var_os("AWS_PERF_CRASH_FOLDER").map(PathBuf::from) else { return };
    let (cache, scope) = (Arc::new(Cache::default()), scope(&folder));
    let metrics = Metrics::default();
    let control = env::var_os("AWS_PERF_CRASH_CONTROL").is_some();
    let me = std::process::id();
    let mut acknowledged =
        OpenOptions::new().append(true).create(true).open(folder.join(format!("acknowledged-{me}"))).unwrap();
    for turn in 0_u64.. {
        let number = turn * 1000 + u64::from(me) % 1000;
        let shared = format!("shared-{}", turn % SHARED);
        cache.put(&scope, &Name::chosen(&shared).unwrap(), &value(number), None).unwrap();
        if control {
            overwrite(&folder);
            continue;
        }
        let own = format!("own-{me}-{turn}");
        cache.put(&scope, &Name::chosen(&own).unwrap(), &value(number), None).unwrap();
        record(&cache, &scope, &format!("stream-{}", turn % SHARED), number);
        metrics.record(Some(&folder.join("journal")), Event::new("crash", &own, Source::Miss));
        // One write of a short line is whole or not there.
        acknowledged.write_all(format!("{own} {number}\n").as_bytes()).unwrap();
    }
}

/// Records a stream of three pages, all of one number.
fn record(cache: &Arc<Cache>, scope: &Scope, key: &str, number: u64) {
    let begun = cache.record(scope, &Name::chosen(key).unwrap(), None, Duration::ZERO).unwrap();
    assert!(finish(begun, number));
}

/// Whether the three pages of a number became a stream.
fn finish(begun: Recording, number: u64) -> bool {
    let whole = (0..3).try_fold(begun, |mut recording, _| {
        let page = recording.pack(&value(number)).unwrap();
        recording.write(&page)
    });
    whole.is_some_and(Recording::finish)
}

/// Reads a stream, where there is one: it is whole, and of one writer.
fn replay(cache: &Arc<Cache>, scope: &Scope, key: &str) -> usize {
    let Some(mut replay) = cache.replay(scope, &Name::chosen(key).unwrap(), None) else { return 0 };
    let pages: Vec<Value> =
        std::iter::from_fn(|| replay.next(Span::test_data())).map(Result::unwrap).collect();
    assert!(
        pages.len() == 3 && pages.iter().all(|page| is_whole(page) && *page == pages[0]),
        "half a stream"
    );
    1
}

/// What writing without a temporary file would be.
fn overwrite(folder: &Path) {
    for path in files(folder) {
        if let Ok(bytes) = fs::read(&path) {
            let _ = fs::write(path, bytes);
        }
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let folders = fs::read_dir(folder.join("cache/v1")).into_iter().flatten().flatten();
    let entries = folders.filter_map(|entry| fs::read_dir(entry.path()).ok()).flatten().flatten();
    entries.filter(|entry| entry.file_name().len() == 62).map(|entry| entry.path()).collect()
}

fn start(what: &str, folder: &Path, control: bool) -> Child {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args([&format!("crash::{what}"), "--exact", "--ignored", "--nocapture"])
        .env("AWS_PERF_CRASH_FOLDER", folder);
    if control {
        command.env("AWS_PERF_CRASH_CONTROL", "1");
    }
    let output = if what == "mixer" { Stdio::piped() } else { Stdio::null() };
    command.stdout(output).stderr(Stdio::null()).spawn().unwrap()
}

/// Kills writers one after the other and reads in between: reads, and damaged files that they met.
fn storm(folder: &Path, kills: usize, control: bool) -> (usize, u64) {
    let (reader, scope) = (Arc::new(Cache::default()), scope(folder));
    let mut writers: Vec<Child> = (0..WRITERS).map(|_| start("writer", folder, control)).collect();
    let mut reads = 0;
    for kill in 0..kills {
        let until = Instant::now() + Duration::from_millis(15 + kill as u64 * 7 % 40);
        while Instant::now() < until {
            for key in 0..SHARED {
                if let Some(hit) = reader.get(
                    &scope,
                    &Name::chosen(&format!("shared-{key}")).unwrap(),
                    None,
                    Span::test_data(),
                ) {
                    assert!(is_whole(&hit.value), "half a value under shared-{key}");
                    reads += 1;
                }
                reads += replay(&reader, &scope, &format!("stream-{key}"));
            }
            thread::sleep(Duration::from_millis(1));
        }
        let place = kill % WRITERS;
        writers[place].kill().unwrap();
        writers[place].wait().unwrap();
        writers[place] = start("writer", folder, control);
    }
    for mut writer in writers {
        writer.kill().unwrap();
        writer.wait().unwrap();
    }
    let [_, disk] = reader.stats(&scope);
    (reads, disk.corrupt)
}

#[test]
fn killed_writers_leave_no_half_entries_and_lose_nothing_acknowledged() {
    let kills = env::var("AWS_PERF_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(KILLS);
    let folder = tempfile::tempdir().unwrap();
    let (reads, corrupt) = storm(folder.path(), kills, false);
    let mut acknowledged = HashMap::new();
    for entry in fs::read_dir(folder.path()).unwrap().flatten() {
        if entry.file_name().to_string_lossy().starts_with("acknowledged-") {
            for line in fs::read_to_string(entry.path()).unwrap().lines() {
                let (key, number) = line.split_once(' ').unwrap();
                acknowledged.insert(key.to_owned(), number.parse::<u64>().unwrap());
            }
        }
    }
    let (reader, scope) = (Cache::default(), scope(folder.path()));
    let lost = acknowledged
        .iter()
        .filter(|(key, number)| {
            let found = reader.get(&scope, &Name::chosen(key).unwrap(), None, Span::test_data());
            found.is_none_or(|hit| hit.value != value(**number))
        })
        .count();
    let (_, damaged) = reader.verify(&scope);
    println!(
        "{kills} kills: {reads} reads, {corrupt} damaged; {} acknowledged, {lost} lost",
        acknowledged.len()
    );
    assert_eq!((corrupt, lost, damaged), (0, 0, 0));
    let events = Metrics::default().events(Some(&folder.path().join("journal")));
    let told: HashSet<&str> = events.iter().map(|event| event.operation.as_str()).collect();
    assert_eq!(events.len(), told.len(), "an event is there twice");
    let untold = acknowledged.keys().filter(|key| !told.contains(key.as_str())).count();
    println!("{} events, {untold} acknowledged ones are missing", events.len());
    assert!(untold == 0 || events.len() > LOST_FROM, "an event is missing");
    assert!(
        reads > kills && acknowledged.len() > kills,
        "{reads} reads, {} acknowledged",
        acknowledged.len()
    );
}

/// The control: the same storm with plain writing must be noticed, else the test above proves nothing.
#[test]
fn plain_writing_would_be_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let (reads, corrupt) = storm(folder.path(), 20, true);
    println!("the control: {reads} reads, {corrupt} damaged");
    assert!(corrupt > 0, "{reads} reads of plainly written files, and none was damaged");
}

/// Acts of each process that mixes everything.
const ACTS: usize = 10_000;

/// What a process does that mixes everything. Run by the test below in processes of its own.
#[test]
#[ignore = "the test below starts it"]
fn mixer() {
    let Some(folder) = env::var_os("AWS_PERF_CRASH_FOLDER").map(PathBuf::from) else { return };
    let (cache, scope) = (Arc::new(Cache::default()), scope(&folder));
    let mut dice = fastrand::Rng::new();
    for act in 0..ACTS {
        let key = format!("k{}", dice.u8(0..20));
        match dice.u8(0..100) {
            0..45 => {
                let hit = cache.get(&scope, &Name::chosen(&key).unwrap(), None, Span::test_data());
                assert!(hit.is_none_or(|hit| is_whole(&hit.value)), "half a value under {key}");
            }
            45..85 => {
                let number = dice.u64(0..100_000);
                assert!(cache.put(&scope, &Name::chosen(&key).unwrap(), &value(number), None).unwrap());
            }
            85..90 => {
                // Clearing takes away what is being recorded, too.
                if let Some(begun) = cache.record(
                    &scope,
                    &Name::chosen(&format!("stream-{key}")).unwrap(),
                    None,
                    Duration::ZERO,
                ) {
                    let _ = finish(begun, act as u64);
                }
                let _ = replay(&cache, &scope, &format!("stream-{key}"));
            }
            90..96 => drop(cache.remove(&scope, &Name::chosen(&key).unwrap())),
            96..98 => drop(cache.prune(&scope, false)),
            98 => drop(cache.list(&scope)),
            _ => drop(cache.clear(&scope)),
        }
    }
    let [_, disk] = cache.stats(&scope);
    assert_eq!((disk.corrupt, cache.take_warning()), (0, None));
}

#[test]
fn eight_processes_mix_everything() {
    let folder = tempfile::tempdir().unwrap();
    let started = Instant::now();
    let mixers: Vec<Child> = (0..WRITERS).map(|_| start("mixer", folder.path(), false)).collect();
    for (at, mixer) in mixers.into_iter().enumerate() {
        let output = mixer.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "process {at}: {told}");
    }
    let (cache, scope) = (Cache::default(), scope(folder.path()));
    assert_eq!(cache.verify(&scope).1, 0, "damaged files are left");
    println!("{WRITERS} processes with {ACTS} mixed acts each in {:?}", started.elapsed());
}
