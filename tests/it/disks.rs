//! Disks that are full, read only, or under odd umasks: no command fails, it is told once, nothing is left behind.
//!
//! The disks are mounted in namespaces of their own; where that is not allowed these tests say so and prove nothing.

use aws_perf::cache::{Cache, Name, Scope};
use nu_protocol::{Span, Value};
use std::{
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

fn scope(folder: &Path) -> Scope {
    // Only the disk: memory would answer for it.
    Scope { directory: Some(folder.join("cache")), memory_limit: 0, disk_limit: 1 << 40 }
}

fn name(number: usize) -> Name {
    Name::chosen(&format!("k{number}")).unwrap()
}

/// What cannot be packed: 2,000 bytes.
fn value(number: usize) -> Value {
    let mut dice = fastrand::Rng::with_seed(number as u64);
    Value::test_binary(std::iter::repeat_with(|| dice.u8(..)).take(2000).collect::<Vec<u8>>())
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let folders = fs::read_dir(folder.join("cache/v1")).into_iter().flatten().flatten();
    folders
        .filter_map(|entry| fs::read_dir(entry.path()).ok())
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect()
}

/// Puts many, and counts those that are there afterwards: whole ones, of all.
fn fill(cache: &Cache, folder: &Path) -> usize {
    for number in 0..200 {
        cache.put(&scope(folder), &name(number), &value(number), None).unwrap();
    }
    let found = (0..200).filter(|number| {
        let hit = cache.get(&scope(folder), &name(*number), None, Span::test_data());
        hit.is_some_and(|hit| {
            assert_eq!(hit.value, value(*number));
            true
        })
    });
    found.count()
}

/// Runs a test of this file on a small disk of its own. `false` where that is not allowed.
fn on_a_small_disk(test: &str, prepare: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let script = format!(
        "mount -t tmpfs -o size=64k tmpfs '{}' || exit 77; {prepare} exec '{}' disks::{test} --exact --ignored",
        folder.path().display(),
        env::current_exe().unwrap().display(),
    );
    let output = Command::new("unshare")
        .args(["-Urm", "sh", "-c", &script])
        .env("AWS_PERF_SMALL_DISK", folder.path())
        .output();
    let Ok(output) = output else { return false };
    let told =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    if output.status.code() == Some(77) || told.contains("unshare failed") || told.contains("not permitted") {
        println!("skipped: no disk can be mounted here");
        return false;
    }
    assert!(output.status.success(), "{told}");
    true
}

fn small_disk() -> Option<PathBuf> {
    env::var_os("AWS_PERF_SMALL_DISK").map(PathBuf::from)
}

#[test]
#[ignore = "the test below runs it on a small disk"]
fn full() {
    let Some(folder) = small_disk() else { return };
    let cache = Cache::default();
    let found = fill(&cache, &folder);
    assert!(found > 2 && found < 100, "{found} on 64 KiB");
    assert!(cache.take_warning().unwrap().contains("cannot be written to"));
    assert_eq!(cache.take_warning(), None);
    let unfinished = files(&folder).into_iter().filter(|path| path.to_string_lossy().contains(".writing"));
    assert_eq!(unfinished.count(), 0);
}

#[test]
fn a_full_disk_fails_nothing_and_is_told_once() {
    on_a_small_disk("full", "");
}

#[test]
#[ignore = "the test below runs it on a small disk"]
fn full_when_somebody_writes() {
    let Some(folder) = small_disk() else { return };
    let scope = Scope { memory_limit: 1 << 20, ..scope(&folder) };
    let (writer, reader) = (Cache::default(), Cache::default());
    let answer = Name::of_answer("p:r:iam:ListGroups:x".into(), &["me"]);
    let found = || reader.get(&scope, &answer, None, Span::test_data()).is_some();
    writer.put(&scope, &answer, &value(0), None).unwrap();
    assert!(found());
    // Another program takes the last byte.
    let mut last = fs::File::create(folder.join("fill")).unwrap();
    while last.write(&[0; 512]).is_ok_and(|written| written > 0) {}
    writer.turn_page(&scope, "iam");
    assert!(!found(), "an answer of before the write");
    let seen = writer.generation(&scope, &["iam".into()]);
    assert_eq!(reader.generation(&scope, &["iam".into()]), seen);
}

#[test]
fn who_reads_after_a_write_sees_it_on_a_full_disk() {
    on_a_small_disk("full_when_somebody_writes", "");
}

#[test]
#[ignore = "the test below runs it on a small disk"]
fn read_only() {
    let Some(folder) = small_disk() else { return };
    let writer = Cache::default();
    for number in 0..3 {
        writer.put(&scope(&folder), &name(number), &value(number), None).unwrap();
    }
    let status = Command::new("mount").args(["-o", "remount,ro"]).arg(&folder).status().unwrap();
    assert!(status.success());
    for cache in [&writer, &Cache::default()] {
        assert_eq!(fill(cache, &folder), 3, "what is there is still served");
        assert!(cache.take_warning().is_some());
        assert_eq!(cache.take_warning(), None);
        assert_eq!(cache.verify(&scope(&folder)), (3, 0));
    }
}

#[test]
fn a_disk_that_cannot_be_written_to_still_answers() {
    on_a_small_disk("read_only", "");
}

#[cfg(unix)]
#[test]
#[ignore = "the test below runs it under umasks"]
fn modes() {
    use std::os::unix::fs::PermissionsExt;
    let Some(folder) = small_disk() else { return };
    let cache = Cache::default();
    cache.put(&scope(&folder), &name(1), &value(1), None).unwrap();
    cache.turn_page(&scope(&folder), "sqs");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let mut left = vec![folder.join("cache")];
    let mut seen = 0;
    while let Some(path) = left.pop() {
        let is_folder = path.is_dir();
        let tag = path.ends_with("CACHEDIR.TAG");
        let expected = if is_folder { 0o700 } else { 0o600 };
        assert!(tag || mode(&path) == expected, "{} is {:o}", path.display(), mode(&path));
        seen += 1;
        if is_folder {
            left.extend(fs::read_dir(&path).unwrap().flatten().map(|entry| entry.path()));
        }
    }
    assert!(seen > 6, "{seen} files and folders");
}

#[cfg(unix)]
#[test]
fn whatever_the_umask_only_the_user_reads() {
    for umask in ["000", "022", "077"] {
        let folder = tempfile::tempdir().unwrap();
        let script = format!(
            "umask {umask}; exec '{}' disks::modes --exact --ignored",
            env::current_exe().unwrap().display()
        );
        let output = Command::new("sh")
            .args(["-c", &script])
            .env("AWS_PERF_SMALL_DISK", folder.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "umask {umask}: {}", String::from_utf8_lossy(&output.stdout));
    }
}

/// Bytes that this process had in memory at most.
#[cfg(target_os = "linux")]
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

/// Bytes of a value at most, unpacked.
#[cfg(target_os = "linux")]
const CAP: u64 = 64 << 20;

#[cfg(target_os = "linux")]
#[test]
#[ignore = "the test below runs it in a process of its own"]
fn bomb() {
    let Some(folder) = small_disk() else { return };
    let (cache, scope) = (Cache::default(), scope(&folder));
    cache.put(&scope, &name(1), &Value::test_string("long ".repeat(2000)), None).unwrap();
    let file = files(&folder).into_iter().find(|path| path.file_name().unwrap().len() == 62).unwrap();
    let mut bytes = fs::read(&file).unwrap();
    let about = u32::from_be_bytes(bytes[76..80].try_into().unwrap()) as usize;
    bytes.truncate(88 + about);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..256 {
        gzip.write_all(&vec![0; 1 << 20]).unwrap();
    }
    let packed = gzip.finish().unwrap();
    bytes[60..68].copy_from_slice(&CAP.to_be_bytes());
    bytes[68..76].copy_from_slice(&(packed.len() as u64).to_be_bytes());
    bytes.extend(packed);
    // The sum is of all that stands before and behind it.
    let sum = xxhash_rust::xxh3::xxh3_64(&[&bytes[..80], &bytes[88..]].concat());
    bytes[80..88].copy_from_slice(&sum.to_be_bytes());
    fs::write(&file, &bytes).unwrap();
    let before = peak();
    assert!(cache.get(&scope, &name(1), None, Span::test_data()).is_none());
    let grown = peak() - before;
    println!("256 MiB in {} bytes: {grown} more bytes of memory", bytes.len());
    assert!(grown > CAP / 2, "it was not unpacked at all: {grown} bytes");
    assert!(grown <= 2 * CAP, "{grown} more bytes of memory");
    assert_eq!(cache.stats(&scope)[1].corrupt, 1);
}

#[cfg(target_os = "linux")]
#[test]
fn a_bomb_takes_no_more_memory_than_an_entry_may() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env::current_exe().unwrap())
        .args(["disks::bomb", "--exact", "--ignored", "--nocapture"])
        .env("AWS_PERF_SMALL_DISK", folder.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && told.contains("more bytes of memory"), "{told}");
}
