//! Streams through the cache: only whole ones, and a replay asks nobody.

use super::{FRESH, Plugin};
use crate::server::{Act, Server};
use aws_perf::{
    client::Caller,
    error::Result,
    flow::{Extent, Limits, Pager, Provenance, RowPlan, Use, Wish},
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

    /// Reads up to so many pages; one more asks for the end.
    fn read_pages(&self, pager: Pager, pages: usize) -> (Provenance, Result<Vec<Value>>) {
        let provenance = pager.provenance().clone();
        let rows = self.runtime.block_on(async {
            let (mut pager, mut rows) = (pager, Vec::new());
            for _ in 0..pages {
                match pager.next().await? {
                    Some(page) => rows.extend(page.rows),
                    None => break,
                }
            }
            Ok(rows)
        });
        (provenance, rows)
    }

    fn names(&self, limits: Limits, wish: Wish) -> (&'static str, Vec<String>) {
        let (provenance, rows) = self.read_pages(self.pager(limits, wish), 9);
        let name = |row: &Value| row.get_data_by_key("name").unwrap().into_string().unwrap();
        (provenance.origin.name(), rows.unwrap().iter().map(name).collect())
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
    let kept = other.pager(Limits::default(), STREAM).provenance().clone();
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
        let (provenance, rows) = plugin.read_pages(pager, 9);
        (provenance.origin.name(), rows.unwrap().len())
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

#[test]
fn a_disk_that_fails_fails_no_stream() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("cache"), "a file").unwrap();
    let plugin = Plugin::new(&three_pages(), folder.path());
    assert_eq!(plugin.names(Limits::default(), STREAM), ("network", names(6)));
    assert_eq!(plugin.names(Limits::default(), STREAM), ("memory", names(6)));
    assert!(plugin.keeper.cache.take_warning().is_some());
}
