//! The cache by itself: realistic instances, 1, 1,000 and 10,000 of them.

use crate::common::{line, median, ratio};
use aws_perf::cache::{Cache, Name, Scope};
use nu_protocol::{Record, Span, Value, record};
use std::{
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

const PAGE: usize = 1000;

fn text(text: String) -> Value {
    Value::string(text, Span::unknown())
}

/// About what `DescribeInstances` tells of an instance: 74 leaves.
fn instance(number: usize) -> Value {
    let id = |kind: &str| text(format!("{kind}-{:017x}", number * 7_919));
    let list = |items: Vec<Value>| Value::list(items, Span::unknown());
    let record = |fields: Record| Value::record(fields, Span::unknown());
    let tags = (0..8).map(|tag| {
        record(record! { "Key" => text(format!("tag-{tag}")), "Value" => text(format!("value {tag} of {}", number % 50)) })
    });
    let groups = (0..3).map(|group| {
        record(record! { "GroupId" => id("sg"), "GroupName" => text(format!("group-{group}")) })
    });
    let groups: Vec<Value> = groups.collect();
    let mut row = record! {
        "InstanceId" => id("i"), "ImageId" => text(format!("ami-{:017x}", number % 9)), "VpcId" => id("vpc"),
        "SubnetId" => id("subnet"), "PrivateIpAddress" => text(format!("10.0.{}.{}", number / 256 % 256, number % 256)),
        "State" => record(record! { "Code" => Value::test_int(16), "Name" => text("running".into()) }),
        "Tags" => list(tags.collect()), "SecurityGroups" => list(groups.clone()),
        "NetworkInterfaces" => list(vec![record(record! {
            "NetworkInterfaceId" => id("eni"), "MacAddress" => text(format!("0a:{number:010x}")), "Groups" => list(groups),
            "SourceDestCheck" => Value::test_bool(true), "Status" => text("in-use".into()),
        })]),
    };
    for field in 0..20 {
        row.push(format!("Text{field}"), text(format!("x86_64-hvm-{}", number % (field + 2))));
    }
    for field in 0..6 {
        row.push(
            format!("Count{field}"),
            Value::int(i64::try_from(number * field).unwrap(), Span::unknown()),
        );
        row.push(format!("Flag{field}"), Value::bool(number.is_multiple_of(field + 2), Span::unknown()));
    }
    row.push("LaunchTime", Value::date(chrono::DateTime::UNIX_EPOCH.fixed_offset(), Span::unknown()));
    record(row)
}

fn leaves(value: &Value) -> usize {
    match value {
        Value::List { vals, .. } => vals.iter().map(leaves).sum(),
        Value::Record { val, .. } => val.iter().map(|(_, value)| leaves(value)).sum(),
        _ => 1,
    }
}

fn scope(folder: &Path, memory_limit: u64) -> Scope {
    Scope { directory: Some(folder.join("cache")), memory_limit, disk_limit: 4 << 30 }
}

pub(super) fn run() {
    println!("== cache: rows of {} leaves", leaves(&instance(12_345)));
    let folder = tempfile::tempdir().expect("a folder");
    // First, since what a process freed once it does not give back.
    limit(folder.path());
    answers(folder.path());
    stream(folder.path());
    prune(folder.path());
}

fn answers(folder: &Path) {
    let (both, disk_only) = (scope(folder, 1 << 30), scope(folder, 0));
    for rows in [1, 1_000, 10_000] {
        let (cache, name) = (Cache::default(), Name::chosen(&rows.to_string()).unwrap());
        let value = Value::list((0..rows).map(instance).collect(), Span::unknown());
        let put = median(3, || assert!(cache.put(&both, &name, &value, None).unwrap()));
        let times = 20_000 / rows + 5;
        let get = |scope: &Scope, tier: &str| {
            let mut place = 0;
            median(times, || {
                // Each time from elsewhere in a script.
                place += 1;
                let hit = cache.get(scope, &name, None, Span::new(place, place + 1)).expect("it is kept");
                assert_eq!(hit.tier.name(), tier);
            })
        };
        let (memory, disk) = (get(&both, "memory"), get(&disk_only, "disk"));
        line(
            &format!("{rows} rows: from memory, from disk, stored"),
            &format!("{memory:?}, {disk:?}, {put:?}"),
        );
        line(&format!("{rows} rows: disk over memory"), &format!("{:.1}", ratio(disk, memory)));
        let listed = cache.list(&both).into_iter().find(|entry| entry.key == rows.to_string()).unwrap();
        #[expect(clippy::cast_precision_loss, reason = "a ratio")]
        let packed = listed.unpacked.unwrap() as f64 / listed.size as f64;
        line(&format!("{rows} rows: bytes unpacked over packed"), &format!("{packed:.1}"));
    }
}

fn stream(folder: &Path) {
    let (cache, scope, name) =
        (Arc::new(Cache::default()), scope(folder, 128 << 20), Name::chosen("stream").unwrap());
    let rows: Vec<Value> = (0..10 * PAGE).map(instance).collect();
    let started = Instant::now();
    let begun = cache.record(&scope, &name, None, Duration::ZERO).expect("it is kept");
    let recording = rows.chunks(PAGE).fold(begun, |mut recording, page| {
        let packed = recording.pack(&Value::list(page.to_vec(), Span::unknown())).expect("data");
        recording.write(&packed).expect("there is room")
    });
    assert!(recording.finish());
    line("stream of 10,000 rows: recorded", &format!("{:?}", started.elapsed()));
    let other = Arc::new(Cache::default());
    let replay = || other.replay(&scope, &name, None).expect("it is kept");
    let first = median(9, || drop(replay().next(Span::test_data()).expect("a page").unwrap()));
    line("stream of 10,000 rows: lookup to first page (floor 50 ms, aim 25 ms)", &format!("{first:?}"));
    let whole = median(5, || {
        let mut replay = replay();
        assert_eq!(std::iter::from_fn(|| replay.next(Span::test_data())).count(), 10);
    });
    line("stream of 10,000 rows: replayed whole", &format!("{whole:?}"));
}

/// What the process takes when three times as much was stored as memory may hold.
fn limit(folder: &Path) {
    const LIMIT: u64 = 128 << 20;
    let (cache, scope) = (Cache::default(), Scope { disk_limit: 0, ..scope(folder, LIMIT) });
    let before = resident();
    let stored = Instant::now();
    let mut puts = 0;
    while cache.stats(&scope)[0].size < LIMIT / 20 * 19 && puts < 10_000 || puts % 500 != 0 {
        let rows = (0..100).map(|row| instance(puts * 100 + row)).collect();
        let name = Name::chosen(&format!("limit {puts}")).unwrap();
        cache.put(&scope, &name, &Value::list(rows, Span::unknown()), None).unwrap();
        puts += 1;
    }
    let told = cache.stats(&scope)[0].size >> 20;
    let grown = resident().saturating_sub(before) >> 20;
    line(
        "memory at its limit of 128 MiB: as counted, as the process grew",
        &format!("{told} MiB, {grown} MiB"),
    );
    line("  values stored until then", &format!("{puts} in {:?}", stored.elapsed()));
}

/// Bytes of this process in memory.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib: Option<u64> = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
    kib.unwrap_or(0) << 10
}

fn prune(folder: &Path) {
    let (cache, scope) = (Cache::default(), scope(&folder.join("many"), 0));
    fs::create_dir_all(folder.join("many")).expect("a folder");
    let value = Value::test_string("x".repeat(100));
    for number in 0..100_000 {
        let ttl = (number % 2 == 0).then_some(Duration::from_millis(1));
        cache.put(&scope, &Name::chosen(&format!("entry {number}")).unwrap(), &value, ttl).unwrap();
    }
    let started = Instant::now();
    let removed = cache.prune(&scope, false).expect("nobody else prunes").len();
    let took = started.elapsed();
    line(&format!("prune of 100,000 entries, {removed} expired (limit 5 s)"), &format!("{took:?}"));
}
