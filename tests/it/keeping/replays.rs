//! Streams through the cache: only whole ones, and a replay asks nobody.

use super::{FRESH, Plugin};
use crate::server::{Act, Server};
use aws_perf::{
    client::Caller,
    error::Result,
    flow::{Extent, HURRY, Limits, Pager, Provenance, RowPlan, Use, Wish},
    request::Request,
};
use futures_util::future::join_all;
use nu_protocol::{Record, Value};
use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

const STREAM: Wish = Wish { extent: Extent::Stream, ..FRESH };

/// Three pages of two rows each.
fn three_pages() -> Server {
    Server::deciding(|_, body| {
        let page = ["\"a\"", "\"b\""].iter().position(|token| body.contains(*token)).map_or(0, |at| at + 1);
        let row = |number: usize| format!(r#"{{"name":"m{number}","type":"STANDARD"}}"#);
        let token = ["a", "b"].get(page).map(|token| format!(r#","nextToken":"{token}""#));
        let rows = [row(page * 2), row(page * 2 + 1)].join(",");
        Act::json(&format!(r#"{{"stateMachines":[{rows}]{}}}"#, token.unwrap_or_default()))
    })
}

impl Plugin {
    fn pager(&self, limits: Limits, wish: Wish) -> Pager {
        let (caller, request) = self.prepare(Record::new());
        self.pager_of(&caller, request, limits, wish)
    }

    fn pager_of(&self, caller: &Caller, request: Request, limits: Limits, wish: Wish) -> Pager {
        let plan = RowPlan::new(&request, None).unwrap();
        let pager = Pager::new(caller.clone(), request, plan, limits).unwrap();
        let passage = self.keeper.passage(caller, &pager.request(), self.scope.clone(), wish, &self.settings);
        pager.through(passage)
    }

    /// Reads up to so many pages, one more asks for the end: where the first came from, and the rows.
    fn read_pages(&self, pager: Pager, pages: usize) -> (Option<Provenance>, Result<Vec<Value>>) {
        let mut from = None;
        let rows = self.runtime.block_on(async {
            let (mut pager, mut rows) = (pager, Vec::new());
            for _ in 0..pages {
                let Some(page) = pager.next().await? else { break };
                rows.extend(page.rows);
                from.get_or_insert(page.from);
            }
            Ok(rows)
        });
        (from, rows)
    }

    fn names(&self, limits: Limits, wish: Wish) -> (&'static str, Vec<String>) {
        let (from, rows) = self.read_pages(self.pager(limits, wish), 9);
        let name = |row: &Value| row.get_data_by_key("name").unwrap().into_string().unwrap();
        (from.unwrap().origin.name(), rows.unwrap().iter().map(name).collect())
    }
}

fn names(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("m{number}")).collect()
}

fn files(folder: &Path) -> usize {
    let folders = std::fs::read_dir(folder.join("cache/v1")).unwrap().flatten();
    folders.filter_map(|folder| std::fs::read_dir(folder.path()).ok()).flatten().count()
}

/// A page that was being written when its reader left is written first.
fn nothing_is_left(folder: &Path) {
    let until = Instant::now() + Duration::from_secs(20);
    while files(folder) > 0 {
        assert!(Instant::now() < until, "something is left");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_whole_stream_is_asked_for_once_by_all_processes() {
    let folder = tempfile::tempdir().unwrap();
    let server = three_pages();
    let (plugin, other) = (Plugin::new(&server, folder.path()), Plugin::new(&server, folder.path()));
    assert_eq!(plugin.names(Limits::default(), STREAM), ("network", names(6)));
    assert_eq!(plugin.names(Limits::default(), STREAM), ("memory", names(6)));
    assert_eq!(other.names(Limits::default(), STREAM), ("disk", names(6)));
    assert_eq!(other.names(Limits::default(), STREAM), ("memory", names(6)));
    // Of a whole stream a part is right as well.
    let part = Limits { max_items: Some(3), ..Limits::default() };
    assert_eq!(other.names(part, STREAM), ("memory", names(3)));
    let part = Limits { max_pages: Some(2), ..Limits::default() };
    assert_eq!(other.names(part, STREAM), ("memory", names(4)));
    assert_eq!(server.count(), 3);
    let kept = other.read_pages(other.pager(Limits::default(), STREAM), 1).0.unwrap();
    assert_eq!(
        kept.key.as_deref(),
        Some("default:eu-west-1:stepfunctions:ListStateMachines:empty-params-stream")
    );
}

#[test]
fn a_hundred_streams_at_once_share_their_pages() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::deciding(|_, body| {
        thread::sleep(Duration::from_secs(1));
        let token = if body.contains("\"a\"") { "" } else { r#","nextToken":"a""# };
        Act::json(&format!(r#"{{"stateMachines":[{{"name":"m"}}]{token}}}"#))
    });
    let plugin = Plugin::new(&server, folder.path());
    let pagers: Vec<Pager> = (0..100).map(|_| plugin.pager(Limits::default(), STREAM)).collect();
    let rows = plugin.runtime.block_on(join_all(pagers.into_iter().map(|mut pager| async move {
        let mut rows = 0;
        while let Some(page) = pager.next().await.unwrap() {
            rows += page.rows.len();
        }
        rows
    })));
    assert_eq!((rows, server.count()), (vec![2; 100], 2));
    // All of them kept it: which file is the last one's, and which copy of it, is chance.
    assert_ne!(plugin.names(Limits::default(), STREAM).0, "network");
    assert_eq!(server.count(), 2);
}

#[test]
fn what_is_not_whole_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let server = three_pages();
    let plugin = Plugin::new(&server, folder.path());
    for limits in [
        Limits { max_items: Some(4), ..Limits::default() },
        Limits { max_pages: Some(2), ..Limits::default() },
        Limits { starting_token: Some(Value::test_string("a")), ..Limits::default() },
    ] {
        plugin.names(limits, STREAM);
    }
    // Nor is one that its reader left, however far it was.
    for pages in [1, 2] {
        plugin.read_pages(plugin.pager(Limits::default(), STREAM), pages).1.unwrap();
    }
    assert!(plugin.keeper.cache.list(&plugin.scope).is_empty());
    nothing_is_left(folder.path());
    // Limits that cut nothing off make a whole stream.
    let enough = Limits { max_items: Some(6), ..Limits::default() };
    assert_eq!(plugin.names(enough, STREAM).0, "network");
    assert_eq!(plugin.names(Limits::default(), STREAM), ("memory", names(6)));
    // What begins in the middle is asked for, whatever is kept.
    let middle = Limits { starting_token: Some(Value::test_string("a")), ..Limits::default() };
    assert_eq!(plugin.names(middle, STREAM), ("bypass", names(6)[2..].to_vec()));
}

#[test]
fn a_failing_page_and_an_answer_with_failures_are_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let page = r#"{"stateMachines":[],"nextToken":"a"}"#;
    let denied = r#"{"__type":"AccessDenied","message":"no"}"#;
    let server = Server::start(vec![Act::json(page), Act::refuse(400, denied)]);
    let plugin = Plugin::new(&server, folder.path());
    let error = plugin.read_pages(plugin.pager(Limits::default(), STREAM), 9).1.unwrap_err();
    assert_eq!(error.code(), "aws::AccessDenied");
    nothing_is_left(folder.path());
    // Whole are the pages of the first answer here, and not those of the second.
    let answer = |failures: &str| {
        Act::json(&format!(r#"{{"clusters":[{{"status":"ACTIVE"}}],"failures":[{failures}]}}"#))
    };
    let server = Server::start(vec![answer(r#"{"arn":"a"}"#), answer("")]);
    let plugin = Plugin::new(&server, folder.path());
    let read = || {
        let (caller, request) = plugin.prepare_of("ecs", "DescribeClusters", Record::new());
        let pager = plugin.pager_of(&caller, request, Limits::default(), STREAM);
        let (from, rows) = plugin.read_pages(pager, 9);
        (from.unwrap().origin.name(), rows.unwrap().len())
    };
    assert_eq!([read(), read(), read()], [("network", 1), ("network", 1), ("memory", 1)]);
}

#[test]
fn flags_and_writes_decide() {
    let folder = tempfile::tempdir().unwrap();
    let server = three_pages();
    let plugin = Plugin::new(&server, folder.path());
    let origin = |wish| plugin.names(Limits::default(), wish).0;
    assert_eq!(origin(Wish { of_cache: Use::Nothing, ..STREAM }), "bypass");
    assert_eq!([origin(STREAM), origin(STREAM)], ["network", "memory"]);
    assert_eq!(origin(Wish { of_cache: Use::Refresh, ..STREAM }), "network");
    assert_eq!(origin(Wish { max_age: Some(Duration::from_nanos(1)), ..STREAM }), "network");
    // A write while the pages come: what came before it may be old.
    let mut pager = plugin.pager(Limits::default(), Wish { of_cache: Use::Refresh, ..STREAM });
    plugin.runtime.block_on(pager.next()).unwrap().unwrap();
    plugin.keeper.cache.turn_page(&plugin.scope, "stepfunctions");
    plugin.read_pages(pager, 9).1.unwrap();
    let asked = server.count();
    assert_eq!(origin(STREAM), "network");
    assert_eq!(server.count(), asked + 3);
}

const IN_A_HURRY: Wish = Wish { in_a_hurry: true, ..STREAM };

/// Lived for so short that its time is over.
fn just_over() -> Wish {
    Wish { max_age: Some(Duration::from_millis(1)), ..STREAM }
}

#[test]
fn who_is_in_a_hurry_reads_an_old_stream_and_a_new_one_comes_behind() {
    let folder = tempfile::tempdir().unwrap();
    let server = three_pages();
    let plugin = Plugin::new(&server, folder.path());
    plugin.names(Limits::default(), just_over());
    thread::sleep(Duration::from_millis(5));
    // Of a part that is read the whole is renewed.
    let first = Limits { max_items: Some(1), ..Limits::default() };
    let pager = plugin.pager(first, IN_A_HURRY);
    let renewal = pager.renewal().unwrap();
    assert!(plugin.pager(Limits::default(), IN_A_HURRY).renewal().is_none(), "somebody is at it");
    let (from, rows) = plugin.read_pages(pager, 9);
    let from = from.unwrap();
    assert_eq!((from.origin.name(), from.stale.as_deref(), rows.unwrap().len()), ("memory", Some(HURRY), 1));
    assert_eq!(server.count(), 3);
    plugin.runtime.block_on(renewal.keep()).unwrap();
    assert_eq!(server.count(), 6);
    let pager = plugin.pager(Limits::default(), IN_A_HURRY);
    assert!(pager.renewal().is_none(), "it is new");
    let from = plugin.read_pages(pager, 9).0.unwrap();
    assert_eq!((from.origin.name(), from.stale), ("memory", None));
    // Who is not gets new rows.
    plugin.names(Limits::default(), Wish { of_cache: Use::Refresh, ..just_over() });
    thread::sleep(Duration::from_millis(5));
    assert_eq!(plugin.names(Limits::default(), STREAM).0, "network");
}

#[test]
fn a_renewal_ends_where_nothing_would_be_kept() {
    let folder = tempfile::tempdir().unwrap();
    // One small page, and then large ones without end.
    let server = Server::deciding(|number, _| {
        let more =
            || format!(r#"{{"stateMachines":[{{"name":"{}"}}],"nextToken":"{number}"}}"#, "m".repeat(9_000));
        Act::json(&if number == 0 { r#"{"stateMachines":[{"name":"m"}]}"#.into() } else { more() })
    });
    let mut plugin = Plugin::new(&server, folder.path());
    (plugin.scope.memory_limit, plugin.scope.disk_limit) = (50_000, 0);
    plugin.names(Limits::default(), just_over());
    thread::sleep(Duration::from_millis(5));
    let renewal = plugin.pager(Limits::default(), IN_A_HURRY).renewal().unwrap();
    plugin.runtime.block_on(renewal.keep()).unwrap();
    // Whether there is room for a page is known when the next one has come.
    assert_eq!(server.count(), 3);
}

#[test]
fn a_kept_stream_stands_for_one_that_cannot_be_begun() {
    let folder = tempfile::tempdir().unwrap();
    let refuse =
        |status, code: &str| Act::refuse(status, &format!(r#"{{"__type":"{code}","message":"no"}}"#));
    let page = r#"{"stateMachines":[{"name":"new"}],"nextToken":"a"}"#;
    let script = vec![
        Act::json(r#"{"stateMachines":[{"name":"old"}]}"#),
        refuse(400, "AccessDenied"),
        refuse(400, "ThrottlingException"),
        Act::json(page),
        refuse(400, "ThrottlingException"),
    ];
    let server = Server::start(script);
    let mut plugin = Plugin::new(&server, folder.path());
    plugin.environment.set("AWS_MAX_ATTEMPTS", "1");
    plugin.names(Limits::default(), just_over());
    thread::sleep(Duration::from_millis(5));
    let read = || {
        let (from, rows) = plugin.read_pages(plugin.pager(Limits::default(), STREAM), 9);
        rows.map(|rows| (from.unwrap(), rows.len()))
    };
    assert_eq!(read().unwrap_err().code(), "aws::AccessDenied", "that will not pass");
    let (from, rows) = read().unwrap();
    assert_eq!((from.origin.name(), rows), ("memory", 1));
    assert!(from.stale.unwrap().contains("no"));
    // Rows that were given are not given twice.
    assert_eq!(read().unwrap_err().code(), "aws::ThrottlingException");
    assert_eq!(server.count(), 5);
}

#[test]
fn a_disk_that_fails_fails_no_stream() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("cache"), "a file").unwrap();
    let plugin = Plugin::new(&three_pages(), folder.path());
    assert_eq!(plugin.names(Limits::default(), STREAM), ("network", names(6)));
    assert_eq!(plugin.names(Limits::default(), STREAM), ("memory", names(6)));
    assert!(plugin.keeper.cache.take_warning().is_some());
}
