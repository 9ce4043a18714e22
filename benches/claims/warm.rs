//! Kept answers through Nushell, against a plugin that has the same values at hand.

use super::{
    common::{Answer, line, ratio},
    peer,
    process::Bench,
};
use std::{fmt::Write as _, time::Duration};

const ROWS: usize = 10_000;
const PAGE: usize = 1_000;

/// A cluster of two shards with two nodes each, about as `memorydb DescribeClusters` tells of it.
fn cluster(number: usize) -> String {
    let endpoint = |name: &str| format!(r#"{{"Address":"{name}.cache.internal","Port":6379}}"#);
    let shards: Vec<String> = (1..=2)
        .map(|shard| {
            let nodes: Vec<String> = (1..=2)
                .map(|node| {
                    let name = format!("cluster-{number:06}-000{shard}-00{node}");
                    format!(
                        r#"{{"Name":"{name}","Status":"available","AvailabilityZone":"eu-west-1{}","CreateTime":1715000000.123,"Endpoint":{}}}"#,
                        if node == 1 { 'a' } else { 'b' },
                        endpoint(&name)
                    )
                })
                .collect();
            format!(
                r#"{{"Name":"000{shard}","Status":"available","Slots":"0-8191","NumberOfNodes":2,"Nodes":[{}]}}"#,
                nodes.join(",")
            )
        })
        .collect();
    let groups: Vec<String> = (0..3)
        .map(|group| format!(r#"{{"SecurityGroupId":"sg-{:017x}","Status":"active"}}"#, number + group))
        .collect();
    let mut more = String::new();
    for (name, value) in [
        ("Status", "available"),
        ("Description", "sessions of the shop"),
        ("AvailabilityMode", "MultiAZ"),
        ("NodeType", "db.r6g.large"),
        ("Engine", "valkey"),
        ("EngineVersion", "7.3"),
        ("EnginePatchVersion", "7.3.0"),
        ("ParameterGroupName", "default.memorydb-valkey7"),
        ("ParameterGroupStatus", "in-sync"),
        ("SubnetGroupName", "private"),
        ("KmsKeyId", "alias/shop"),
        ("SnsTopicArn", "arn:aws:sns:eu-west-1:123456789012:alerts"),
        ("SnsTopicStatus", "ACTIVE"),
        ("MaintenanceWindow", "sun:23:00-mon:01:30"),
        ("SnapshotWindow", "05:00-09:00"),
        ("ACLName", "open-access"),
        ("DataTiering", "false"),
        ("NetworkType", "ipv4"),
        ("IpDiscovery", "ipv4"),
    ] {
        let _ = write!(more, r#","{name}":"{value}""#);
    }
    format!(
        r#"{{"Name":"cluster-{number:06}","NumberOfShards":2,"Shards":[{}],"ClusterEndpoint":{},"SecurityGroups":[{}],"TLSEnabled":true,"SnapshotRetentionLimit":7,"AutoMinorVersionUpgrade":true,"ARN":"arn:aws:memorydb:eu-west-1:123456789012:cluster/cluster-{number:06}"{more}}}"#,
        shards.join(","),
        endpoint(&format!("clustercfg-{number:06}")),
        groups.join(",")
    )
}

/// One cluster or a thousand by name, else all by pages.
pub(super) fn answer(body: &str) -> Answer {
    let page =
        body.split("page-").nth(1).and_then(|rest| rest.split('"').next()).and_then(|n| n.parse().ok());
    let (first, count, next) = match page {
        _ if body.contains("\"one\"") => (0, 1, None),
        _ if body.contains("\"thousand\"") => (0, PAGE, None),
        page => {
            let page: usize = page.unwrap_or(0);
            (page * PAGE, PAGE, (page + 1 < ROWS / PAGE).then_some(page + 1))
        }
    };
    let rows: Vec<String> = (first..first + count).map(cluster).collect();
    let next = next.map(|page| format!(r#","NextToken":"page-{page}""#)).unwrap_or_default();
    (200, "application/x-amz-json-1.1", format!(r#"{{"Clusters":[{}]{next}}}"#, rows.join(",")).into())
}

/// Medians of two commands, run in turn, in nanoseconds.
fn in_turn(bench: &Bench, times: usize, prepare: &str, one: &str, other: &str) -> (Duration, Duration) {
    let script = format!(
        "{prepare}
        let times = 1..{times} | each {{ [(timeit {{ {one} }}) (timeit {{ {other} }})] }}
        [0 1] | each {{|at| $times | each {{ get $at }} | math median | into int }} | str join ' ' | print"
    );
    let printed = bench.printed(&script);
    let nanos: Vec<u64> = printed.split_whitespace().map(|text| text.parse().expect("nanoseconds")).collect();
    (Duration::from_nanos(nanos[0]), Duration::from_nanos(nanos[1]))
}

pub(super) fn run(bench: &Bench) {
    println!("== cache: kept answers against a plugin that has the same values at hand");
    bench.add(&peer::executable(&bench.folder));
    for (name, rows, times) in [("one", 1, 400), ("thousand", 1_000, 30)] {
        let call = format!("aws call memorydb DescribeClusters {{ClusterName: {name}}} --ttl 1hr");
        let prepare = format!("{call} | peer keep");
        let (kept, peer) = in_turn(bench, times, &prepare, &format!("{call} | ignore"), "peer give | ignore");
        line(&format!("{rows} rows from memory, and from the peer"), &format!("{kept:?}, {peer:?}"));
        line("ratio (floor 1.3, aim 1.1)", &format!("{:.2}", ratio(kept, peer)));
    }
    let stream = "aws stream memorydb DescribeClusters --ttl 1hr";
    let prepare = format!("{stream} | collect | peer keep");
    let whole = |command: &str| format!("if ({command} | length) != {ROWS} {{ error make {{msg: short}} }}");
    let (kept, peer) = in_turn(bench, 5, &prepare, &whole(stream), &whole("peer stream"));
    line(&format!("{ROWS} rows from disk, and streamed by the peer"), &format!("{kept:?}, {peer:?}"));
    line("ratio (floor 1.5, aim 1.2)", &format!("{:.2}", ratio(kept, peer)));
    let first = |command: &str| format!("{command} | first | ignore");
    let (kept, peer) = in_turn(bench, 9, &prepare, &first(stream), &first("peer stream"));
    line("  the first row of them (floor 50 ms, aim 25 ms), and the peer's", &format!("{kept:?}, {peer:?}"));
}
