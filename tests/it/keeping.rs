//! Reads through the cache, by many at once, against a server that counts.

mod replays;
mod shells;
mod workload;

use crate::{
    client::{MACHINES, prepare, variables},
    server::{Act, Server},
};
use aws_perf::{
    cache::Scope,
    client::{Caller, Client},
    config::{Environment, Settings},
    error::{ErrorKind, Result},
    flow::{Answer, Extent, Keeper, Origin, Use, Wish},
    metrics::{Meter, Source, summarise},
    model::catalog::Catalog,
    request::Request,
};
use futures_util::future::join_all;
use nu_protocol::{Record, Value, record};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};
use tokio::runtime::Runtime;

/// One plugin's client and cache.
struct Plugin {
    runtime: Runtime,
    client: Client,
    catalog: Catalog,
    keeper: Keeper,
    environment: Environment,
    scope: Scope,
    settings: Settings,
}

const FRESH: Wish = Wish { of_cache: Use::Fresh, extent: Extent::Page, max_age: None, in_a_hurry: false };

impl Plugin {
    fn new(server: &Server, folder: &Path) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let scope =
            Scope { directory: Some(folder.join("cache")), memory_limit: 1 << 24, disk_limit: 1 << 24 };
        let environment = Environment::new(variables(&server.url()), "/");
        Self {
            runtime,
            client: Client::default(),
            catalog: Catalog::default(),
            keeper: Keeper::default(),
            settings: Settings {
                answer_ttl: Duration::from_mins(1),
                ..Settings::resolve(None, &environment).unwrap()
            },
            environment,
            scope,
        }
    }

    fn prepare(&self, input: Record) -> (Caller, Request) {
        self.prepare_of("stepfunctions", "ListStateMachines", input)
    }

    fn prepare_of(&self, service: &str, operation: &str, input: Record) -> (Caller, Request) {
        let (client, catalog, input) = (&self.client, &self.catalog, Value::test_record(input));
        let prepared = prepare(client, catalog, &self.environment, service, operation, &input);
        self.runtime.block_on(prepared).unwrap()
    }

    /// A caller whose fetches are written to the journal, which is returned as well.
    fn prepare_measured(&self, folder: &Path) -> (Caller, Request, PathBuf) {
        let ((caller, request), journal) = (self.prepare(Record::new()), folder.join("journal"));
        let meter = Meter {
            metrics: self.keeper.metrics.clone(),
            folder: Some(journal.clone()),
            region: caller.region().map(String::from),
            profile: caller.session().profile.clone(),
        };
        (caller.metered(Some(meter)), request, journal)
    }

    async fn read(&self, caller: &Caller, request: &Request, wish: Wish) -> Result<Answer> {
        let passage = self.keeper.passage(caller, request, self.scope.clone(), wish, &self.settings);
        match passage.look(request) {
            Some(answer) => Ok(answer),
            None => passage.ask(caller, Arc::new(request.clone())).await,
        }
    }

    fn read_once(&self, wish: Wish) -> Result<Answer> {
        let (caller, request) = self.prepare(Record::new());
        self.runtime.block_on(self.read(&caller, &request, wish))
    }

    fn thousand(&self) -> Vec<Result<Answer>> {
        let (caller, request) = self.prepare(Record::new());
        self.runtime.block_on(join_all((0..1000).map(|_| self.read(&caller, &request, FRESH))))
    }
}

/// So slowly that a thousand have asked before it answers.
fn slowly(act: fn() -> Act) -> Server {
    Server::deciding(move |_, _| {
        thread::sleep(Duration::from_secs(2));
        act()
    })
}

#[test]
fn a_thousand_reads_at_once_are_one_call() {
    let folder = tempfile::tempdir().unwrap();
    let server = slowly(|| Act::json(MACHINES));
    let plugin = Plugin::new(&server, folder.path());
    let answers = plugin.thousand();
    assert!(answers.iter().all(|answer| answer.as_ref().unwrap().from.origin == Origin::Network));
    assert_eq!(server.count(), 1);
    // And no call at all by those who come later, in this process or another one.
    let other = Plugin::new(&server, folder.path());
    assert_eq!(plugin.read_once(FRESH).unwrap().from.origin.name(), "memory");
    assert_eq!(other.read_once(FRESH).unwrap().from.origin.name(), "disk");
    assert_eq!(other.read_once(FRESH).unwrap().reply.value, answers[0].as_ref().unwrap().reply.value);
    assert_eq!(server.count(), 1);
}

#[test]
fn who_shares_a_call_is_measured_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let server = slowly(|| Act::json(MACHINES));
    let plugin = Plugin::new(&server, folder.path());
    let (caller, request, journal) = plugin.prepare_measured(folder.path());
    plugin.runtime.block_on(join_all((0..100).map(|_| plugin.read(&caller, &request, FRESH))));
    plugin.runtime.block_on(plugin.read(&caller, &request, FRESH)).unwrap();
    let events = plugin.keeper.metrics.events(Some(&journal));
    let count = |source| events.iter().filter(|event| event.source == source).count();
    let counts = [Source::Network, Source::Shared, Source::Memory].map(count);
    assert_eq!((events.len(), counts), (101, [1, 99, 1]));
    let asked = events.iter().find(|event| event.source == Source::Network).unwrap();
    assert!(asked.duration.unwrap() > 1_900_000_000 && asked.attempts == 1);
    assert_eq!((asked.region.as_deref(), asked.service.as_str()), (Some("eu-west-1"), "stepfunctions"));
}

#[test]
fn who_does_not_wait_for_an_answer_is_measured_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let server = slowly(|| Act::json(MACHINES));
    let plugin = Plugin::new(&server, folder.path());
    let (caller, request, journal) = plugin.prepare_measured(folder.path());
    let patience = Duration::from_millis(300);
    let past = Wish { of_cache: Use::Nothing, ..FRESH };
    for wish in [past, FRESH] {
        let read = async { tokio::time::timeout(patience, plugin.read(&caller, &request, wish)).await };
        assert!(plugin.runtime.block_on(read).is_err());
    }
    // A call that others may share goes on, and its answer is kept.
    thread::sleep(Duration::from_secs(3));
    assert_eq!(plugin.read_once(FRESH).unwrap().from.origin.name(), "memory");
    let events = plugin.keeper.metrics.events(Some(&journal));
    let told: Vec<_> = events.iter().map(|event| (event.source, event.was_cancelled())).collect();
    assert_eq!(told, [(Source::Bypass, true), (Source::Network, false)]);
    let summary = summarise(&events, &[]).remove(&Vec::new()).unwrap();
    assert_eq!((summary.count, summary.errors, summary.cancelled, summary.timed()), (2, 0, 1, 1));
    assert!(summary.bytes > 0 && summary.phases().unwrap().wait > Duration::from_secs(1));
}

#[test]
fn a_refusal_is_one_call_for_all_and_asked_again_later() {
    let folder = tempfile::tempdir().unwrap();
    let server = slowly(|| Act::refuse(400, r#"{"__type":"AccessDenied","message":"no"}"#));
    let plugin = Plugin::new(&server, folder.path());
    for answer in plugin.thousand() {
        assert_eq!(answer.unwrap_err().code(), "aws::AccessDenied");
    }
    assert_eq!(server.count(), 1);
    plugin.read_once(FRESH).unwrap_err();
    assert_eq!(server.count(), 2);
}

#[test]
fn what_is_kept_answers_where_aws_cannot() {
    let folder = tempfile::tempdir().unwrap();
    let refusals = ["ThrottlingException", "ThrottlingException", "ThrottlingException", "AccessDenied"];
    let server =
        Server::deciding(move |turn, _| match turn.checked_sub(1).and_then(|turn| refusals.get(turn)) {
            None if turn == 0 => Act::json(MACHINES),
            Some(code) => Act::refuse(400, &format!(r#"{{"__type":"{code}","message":"no"}}"#)),
            None => Act::refuse(500, "{}"),
        });
    let mut plugin = Plugin::new(&server, folder.path());
    let moment = Wish { max_age: Some(Duration::from_millis(1)), ..FRESH };
    let kept = plugin.read_once(moment).unwrap();
    thread::sleep(Duration::from_millis(5));
    let stale = plugin.read_once(FRESH).unwrap();
    assert_eq!((stale.from.origin.name(), &stale.reply.value), ("memory", &kept.reply.value));
    assert!(stale.from.stale.unwrap().contains("no") && stale.from.age > Duration::from_millis(1));
    assert_eq!(plugin.read_once(FRESH).unwrap_err().code(), "aws::AccessDenied", "that is the caller's");
    // Another process finds it, too.
    let other = Plugin::new(&server, folder.path());
    assert_eq!(other.read_once(FRESH).unwrap().from.origin.name(), "disk");
    // Whoever says how old it may be, wants a new one, or allows none, gets the error.
    for wish in [moment, Wish { of_cache: Use::Refresh, ..FRESH }, Wish { of_cache: Use::Nothing, ..FRESH }] {
        assert_eq!(plugin.read_once(wish).unwrap_err().kind(), ErrorKind::Service);
    }
    plugin.settings.stale_if_error = Duration::ZERO;
    assert_eq!(plugin.read_once(FRESH).unwrap_err().kind(), ErrorKind::Service);
    plugin.settings.stale_if_error = Duration::from_hours(1);
    plugin.keeper.cache.turn_page(&plugin.scope, "stepfunctions");
    assert_eq!(plugin.read_once(FRESH).unwrap_err().kind(), ErrorKind::Service, "it is from before a write");
}

#[test]
fn half_an_answer_is_none_and_what_is_kept_stands_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let page = "<html>sign in to the network</html>";
    let server =
        Server::start(vec![Act::json(MACHINES), Act::Truncate(b"{\"stateM".into()), Act::json(page)]);
    let mut plugin = Plugin::new(&server, folder.path());
    plugin.environment.set("AWS_MAX_ATTEMPTS", "1");
    let moment = Wish { max_age: Some(Duration::from_millis(1)), ..FRESH };
    let kept = plugin.read_once(moment).unwrap();
    for _ in 0..2 {
        thread::sleep(Duration::from_millis(5));
        let stale = plugin.read_once(FRESH).unwrap();
        assert!(stale.from.stale.is_some() && stale.reply.value == kept.reply.value);
    }
    assert_eq!(server.count(), 3);
}

#[test]
fn what_is_not_there_is_not_asked_for_again_for_a_moment() {
    let folder = tempfile::tempdir().unwrap();
    let server =
        Server::deciding(|_, _| Act::refuse(400, r#"{"__type":"StateMachineDoesNotExist","message":"no"}"#));
    let plugin = Plugin::new(&server, folder.path());
    let code = |wish| plugin.read_once(wish).unwrap_err().code();
    assert_eq!([code(FRESH), code(FRESH)], ["aws::StateMachineDoesNotExist"; 2]);
    assert_eq!(server.count(), 1);
    for of_cache in [Use::Refresh, Use::Nothing] {
        code(Wish { of_cache, ..FRESH });
    }
    assert_eq!(server.count(), 3);
    code(Wish { max_age: Some(Duration::from_nanos(1)), ..FRESH });
    assert_eq!(server.count(), 4);
    // A write may have made it.
    plugin.keeper.cache.turn_page(&plugin.scope, "stepfunctions");
    code(FRESH);
    assert_eq!(server.count(), 5);
    thread::sleep(Duration::from_secs(2));
    code(FRESH);
    assert_eq!(server.count(), 6);
    assert!(plugin.keeper.cache.list(&plugin.scope).is_empty());
}

#[test]
fn an_answer_from_before_a_write_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let server = slowly(|| Act::json(MACHINES));
    let (plugin, other) = (Plugin::new(&server, folder.path()), Plugin::new(&server, folder.path()));
    let (caller, request) = plugin.prepare(Record::new());
    thread::scope(|scope| {
        let reading = scope.spawn(|| plugin.runtime.block_on(plugin.read(&caller, &request, FRESH)).unwrap());
        thread::sleep(Duration::from_millis(50));
        // Another shell writes while the answer is on its way.
        other.keeper.cache.turn_page(&other.scope, "stepfunctions");
        assert_eq!(reading.join().unwrap().from.origin, Origin::Network);
    });
    assert!(plugin.keeper.cache.list(&plugin.scope).is_empty());
    let after = plugin.read_once(FRESH).unwrap();
    assert_eq!((after.from.origin, after.from.ttl), (Origin::Network, None), "it settles for a while");
    assert_eq!(server.count(), 2);
}

#[test]
fn parameters_and_wishes_tell_answers_apart() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(vec![Act::json(MACHINES)]);
    let plugin = Plugin::new(&server, folder.path());
    let origin = |input: Record, wish: Wish| {
        let (caller, request) = plugin.prepare(input);
        plugin.runtime.block_on(plugin.read(&caller, &request, wish)).unwrap().from.origin.name()
    };
    let seven = || record! { "maxResults" => Value::test_int(7) };
    let all = Wish { extent: Extent::All, ..FRESH };
    assert_eq!(
        [origin(Record::new(), FRESH), origin(seven(), FRESH), origin(seven(), FRESH)],
        ["network", "network", "memory"]
    );
    assert_eq!([origin(seven(), all), origin(seven(), all)], ["network", "memory"]);
    let refresh = Wish { of_cache: Use::Refresh, ..FRESH };
    let nothing = Wish { of_cache: Use::Nothing, ..FRESH };
    assert_eq!(
        [origin(seven(), refresh), origin(seven(), nothing), origin(seven(), FRESH)],
        ["network", "bypass", "memory"]
    );
    assert_eq!(server.count(), 5);
}

#[test]
fn a_broken_cache_fails_no_read() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("cache"), "a file").unwrap();
    let server = Server::start(vec![Act::json(MACHINES)]);
    let plugin = Plugin::new(&server, folder.path());
    assert_eq!(plugin.read_once(FRESH).unwrap().from.origin, Origin::Network);
    assert_eq!(plugin.read_once(FRESH).unwrap().from.origin.name(), "memory");
    let refused = Server::start(vec![Act::Garbage]);
    let error = Plugin::new(&refused, folder.path()).read_once(FRESH).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadAnswer);
}
