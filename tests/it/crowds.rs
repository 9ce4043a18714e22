//! Eight processes that write as fast as they can: the folder stays below its limit.
//!
//! `AWS_PERF_FILL_SECONDS` says how long.

use aws_perf::cache::{Cache, Name, Scope};
use nu_protocol::Value;
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

const WRITERS: usize = 8;
const SECONDS: u64 = 10;
const LIMIT: u64 = 64 << 20;

fn scope(folder: &Path) -> Scope {
    Scope { directory: Some(folder.join("cache")), memory_limit: 0, disk_limit: LIMIT }
}

/// What a writer does until it is killed: values that cannot be packed, each under a key of its own.
#[test]
#[ignore = "the test below starts it"]
fn filler() {
    let Some(folder) = env::var_os("AWS_PERF_FILL_FOLDER").map(PathBuf::from) else { return };
    let (cache, scope) = (Cache::default(), scope(&folder));
    let mut dice = fastrand::Rng::new();
    loop {
        let name = Name::chosen(&format!("k{}", dice.u64(..))).unwrap();
        let length = dice.usize(500..60_000);
        let bytes: Vec<u8> = std::iter::repeat_with(|| dice.u8(..)).take(length).collect();
        cache.put(&scope, &name, &Value::test_binary(bytes), None).unwrap();
    }
}

/// Bytes of all files below a folder.
fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(data) if data.is_dir() => size(&entry.path()),
            Ok(data) => data.len(),
            Err(_) => 0,
        })
        .sum()
}

#[test]
fn eight_writers_stay_below_the_limit() {
    let seconds =
        env::var("AWS_PERF_FILL_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(SECONDS);
    let folder = tempfile::tempdir().unwrap();
    let mut writers: Vec<Child> = (0..WRITERS)
        .map(|_| {
            let mut command = Command::new(env::current_exe().unwrap());
            command
                .args(["crowds::filler", "--exact", "--ignored"])
                .env("AWS_PERF_FILL_FOLDER", folder.path());
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
        })
        .collect();
    let (until, mut largest, mut samples) = (Instant::now() + Duration::from_secs(seconds), 0, 0);
    while Instant::now() < until {
        thread::sleep(Duration::from_millis(200));
        largest = largest.max(size(folder.path()));
        samples += 1;
    }
    for writer in &mut writers {
        writer.kill().unwrap();
        writer.wait().unwrap();
    }
    let percent = largest * 100 / LIMIT;
    println!("{WRITERS} writers for {seconds} s: at most {percent} % of the limit in {samples} samples");
    assert!(percent > 50, "they did not fill it: {percent} %");
    assert!(percent <= 110, "{percent} % of the limit");
}
