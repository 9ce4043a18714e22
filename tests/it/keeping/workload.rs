//! A day at the prompt, replayed: how often completions know names at once.
//!
//! `tests/it/workload.jsonl` has 936 completions and 12 writes of a day, with their times (and 228 commands, which neither
//! ask for names nor change them). The cache is the real one, by a clock that follows the day; a listing takes half a
//! second of it.

use super::*;
use aws_perf::{
    cache::Cache,
    clock::Clock,
    flow::Names,
    model::{Listing, catalog::DataPaths},
};
use nu_protocol::Span;
use std::{
    collections::{HashMap, HashSet},
    sync::atomic::{AtomicU64, Ordering},
    time::{Instant, SystemTime},
};

/// How long a listing takes.
const LISTED_AFTER: u64 = 500;

/// Which parameter somebody completes whose names an operation lists.
const PARAMETERS: [(&str, &str, &str, &str); 12] = [
    ("DescribeInstances", "ec2", "DescribeInstances", "InstanceIds"),
    ("DescribeSecurityGroups", "ec2", "DescribeSecurityGroups", "GroupIds"),
    ("DescribeSubnets", "ec2", "DescribeSubnets", "SubnetIds"),
    ("DescribeVpcs", "ec2", "DescribeVpcs", "VpcIds"),
    ("DescribeLogGroups", "logs", "DescribeLogStreams", "logGroupName"),
    ("ListBuckets", "s3", "ListObjectsV2", "Bucket"),
    ("ListClusters", "ecs", "ListTasks", "cluster"),
    ("ListFunctions", "lambda", "GetFunction", "FunctionName"),
    ("ListQueues", "sqs", "SendMessage", "QueueUrl"),
    ("ListRoles", "iam", "GetRole", "RoleName"),
    ("ListStateMachines", "stepfunctions", "ListExecutions", "stateMachineArn"),
    ("ListTables", "dynamodb", "DescribeTable", "TableName"),
];

/// Milliseconds of the day so far.
#[derive(Debug)]
struct Day(SystemTime, Instant, AtomicU64);

impl Day {
    fn so_far(&self) -> Duration {
        Duration::from_millis(self.2.load(Ordering::SeqCst))
    }
}

impl Clock for Day {
    fn now(&self) -> SystemTime {
        self.0 + self.so_far()
    }

    fn instant(&self) -> Instant {
        self.1 + self.so_far()
    }
}

/// One thing of every kind, in the protocol of who asks.
fn everything() -> Server {
    Server::deciding(|_, request| {
        let is = |word: &str| request.contains(word);
        let item = |list: &str, inner: &str| {
            format!("<R><requestId>r</requestId><{list}><item>{inner}</item></{list}></R>")
        };
        Act::json(&if is("DescribeInstances") {
            item("reservationSet", "<instancesSet><item><instanceId>i-1</instanceId></item></instancesSet>")
        } else if is("DescribeSecurityGroups") {
            item("securityGroupInfo", "<groupId>sg-1</groupId>")
        } else if is("DescribeSubnets") {
            item("subnetSet", "<subnetId>subnet-1</subnetId>")
        } else if is("DescribeVpcs") {
            item("vpcSet", "<vpcId>vpc-1</vpcId>")
        } else if is("DescribeLogGroups") {
            r#"{"logGroups":[{"logGroupName":"group"}]}"#.into()
        } else if is("ListClusters") {
            r#"{"clusterArns":["arn:cluster"]}"#.into()
        } else if is("ListQueues") {
            r#"{"QueueUrls":["http://queue"]}"#.into()
        } else if is("Action=ListRoles") {
            "<R><ListRolesResult><Roles><member><RoleName>role</RoleName></member></Roles></ListRolesResult></R>".into()
        } else if is("ListStateMachines") {
            r#"{"stateMachines":[{"stateMachineArn":"arn:machine"}]}"#.into()
        } else if is("ListTables") {
            r#"{"TableNames":["table"]}"#.into()
        } else if is("/functions") {
            r#"{"Functions":[{"FunctionName":"function","Environment":{"Variables":{"PASSWORD":"hunter2"}}}]}"#.into()
        } else {
            "<R><Buckets><Bucket><Name>bucket</Name></Bucket></Buckets></R>".into()
        })
    })
}

/// What the day came to.
#[derive(Debug, Default)]
struct Tally {
    all: u32,
    first_sights: u32,
    known: u32,
    fresh: u32,
    empty: u32,
}

impl Tally {
    fn percent(&self, of: u32) -> f64 {
        f64::from(of) * 100.0 / f64::from(self.all)
    }
}

/// A caller, and the names it lists.
type Place = (Caller, Names);

fn place(plugin: &Plugin, event: &serde_json::Value, url: &str) -> Place {
    let text = |name: &str| event[name].as_str().unwrap();
    let (_, service, operation, parameter) =
        PARAMETERS.iter().find(|(lists, ..)| *lists == text("operation")).unwrap();
    let paths = DataPaths::from(&plugin.environment);
    let of = plugin.catalog.service(service, &paths).unwrap();
    let members = of.members(of.operation(operation).unwrap().input);
    let listing =
        Listing::of(&of, members.iter().find(|member| *member.name == **parameter).unwrap()).unwrap();
    assert_eq!((&*listing.service, &*listing.operation), (text("service"), text("operation")));
    let own = [("AWS_ACCESS_KEY_ID", text("profile")), ("AWS_REGION", text("region"))];
    let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let environment = Environment::new(variables(url).into_iter().chain(own), "/");
    let no_input = Value::test_record(Record::new());
    let prepared = prepare(
        &plugin.client,
        &plugin.catalog,
        &environment,
        &listing.service,
        &listing.operation,
        &no_input,
    );
    let (caller, _) = plugin.runtime.block_on(prepared).unwrap();
    (
        caller,
        Names::new(&plugin.catalog.service(&listing.service, &paths).unwrap(), &listing, Span::unknown())
            .unwrap(),
    )
}

/// The day, from an empty cache, or one that has everything.
fn replay(warmed: bool) -> (Tally, usize) {
    let (folder, server) = (tempfile::tempdir().unwrap(), everything());
    let day = Arc::new(Day(SystemTime::now(), Instant::now(), AtomicU64::new(0)));
    let mut plugin = Plugin::new(&server, folder.path());
    plugin.settings = Settings::resolve(None, &plugin.environment).unwrap();
    plugin.keeper.cache = Arc::new(Cache::with_clock(day.clone()));
    let events = include_str!("../workload.jsonl").lines();
    let events: Vec<serde_json::Value> = events.map(|line| serde_json::from_str(line).unwrap()).collect();
    let (mut places, mut under_way) = (HashMap::<String, Place>::new(), Vec::<(u64, String)>::new());
    let (mut tally, mut seen) = (Tally::default(), HashSet::new());
    let renew = |(caller, names): &Place| {
        let (keeper, scope, settings) = (&plugin.keeper, &plugin.scope, &plugin.settings);
        plugin.runtime.block_on(keeper.renew(caller, names, scope, settings)).unwrap();
    };
    for event in &events {
        let now = event["t_ms"].as_u64().unwrap();
        under_way.retain(|(at, key)| {
            if *at <= now {
                day.2.store(*at, Ordering::SeqCst);
                renew(&places[key]);
            }
            *at > now
        });
        day.2.store(now, Ordering::SeqCst);
        match event["kind"].as_str().unwrap() {
            "completion" => {
                let key = ["profile", "region", "service", "operation"]
                    .map(|name| event[name].to_string())
                    .join(" ");
                let place = places.entry(key.clone()).or_insert_with(|| place(&plugin, event, &server.url()));
                if seen.insert(key.clone()) {
                    tally.first_sights += 1;
                    if warmed {
                        renew(place);
                    }
                }
                let known = plugin.keeper.known(&place.0, &place.1, &plugin.scope);
                tally.all += 1;
                tally.known += u32::from(known.is_some());
                tally.fresh += u32::from(known.as_ref().is_some_and(|known| known.fresh));
                tally.empty += u32::from(known.as_ref().is_some_and(|known| known.names.len() != 1));
                if plugin.keeper.begins_renewal(&place.0, &place.1, &plugin.scope, known.as_ref()) {
                    under_way.push((now + LISTED_AFTER, key));
                }
            }
            "write" => {
                let key = event["service"].as_str().unwrap();
                plugin.keeper.cache.turn_page(&plugin.scope, key);
            }
            _ => {}
        }
    }
    (tally, server.count())
}

#[test]
fn completions_of_a_day_know_the_names() {
    let (cold, listings) = replay(false);
    let (warm, _) = replay(true);
    for (how, tally) in [("an empty cache", &cold), ("a warmed cache", &warm)] {
        println!(
            "{} completions from {how}: {:.1} % answered, {:.1} % with names as fresh as an answer, {} first sights; {listings} listings",
            tally.all,
            tally.percent(tally.known),
            tally.percent(tally.fresh),
            tally.first_sights
        );
        assert_eq!((tally.all, tally.empty), (936, 0), "{how}");
    }
    assert!(cold.percent(cold.known) >= 95.5, "{cold:?}");
    assert!(warm.percent(warm.known) >= 97.0, "{warm:?}");
    assert!(cold.fresh < cold.known, "{cold:?}");
}

/// The clock of the day put forward: just before its time is over an answer is taken, just after it is asked for; what is
/// old is taken by who is in a hurry, until that is over as well.
#[test]
fn each_pace_lives_its_time() {
    for (service, operation, ttl, hurry) in [
        ("ec2", "DescribeInstances", 10, 30),
        ("logs", "DescribeLogGroups", 300, 3_600),
        ("ec2", "DescribeVpcs", 300, 3_600),
        ("iam", "ListRoles", 600, 3_600),
        ("ec2", "DescribeInstanceTypes", 86_400, 7 * 86_400),
    ] {
        let (folder, server) = (tempfile::tempdir().unwrap(), everything());
        let day = Arc::new(Day(SystemTime::now(), Instant::now(), AtomicU64::new(0)));
        let mut plugin = Plugin::new(&server, folder.path());
        plugin.settings = Settings::resolve(None, &plugin.environment).unwrap();
        plugin.settings.stale_if_error = Duration::ZERO;
        plugin.keeper.cache = Arc::new(Cache::with_clock(day.clone()));
        let (caller, request) = plugin.prepare_of(service, operation, Record::new());
        let asked = || plugin.runtime.block_on(plugin.read(&caller, &request, FRESH)).unwrap().from.origin;
        let at = |milliseconds: u64| day.2.store(milliseconds, Ordering::SeqCst);
        assert_eq!(asked(), Origin::Network, "{operation}");
        at(ttl * 1000 - 1);
        assert_ne!(asked(), Origin::Network, "{operation}");
        let old = || {
            let (settings, wish) = (&plugin.settings, Wish { in_a_hurry: true, ..FRESH });
            let passage = plugin.keeper.passage(&caller, &request, plugin.scope.clone(), wish, settings);
            passage.look_old(&request).is_some()
        };
        at((ttl + hurry) * 1000 - 1);
        assert!(old(), "{operation}");
        at((ttl + hurry) * 1000 + 1);
        assert!(!old(), "{operation}");
        assert_eq!(asked(), Origin::Network, "{operation}");
        assert_eq!(server.count(), 2, "{operation}");
    }
}
