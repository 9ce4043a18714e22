//! Every waiter of every service decides as botocore's does (`tests/botocore/waiters.py`), and waiting ends as it
//! must.

use crate::{
    client::{fact, variables},
    python,
    server::{Act, Server},
};
use aws_perf::{
    client::{Client, session::Target},
    config::{Environment, Settings},
    error::{Error, ErrorKind, Result},
    flow::{self, Acceptors, Patience, Progress, Seen, wait_until},
    model::{
        Service,
        catalog::{Catalog, DataPaths},
        names::{find_waiter, kebab, snake},
    },
    pipe::{self, Liveness},
    request::Request,
};
use nu_protocol::{Signals, Span, Value, record};
use serde_json::Value as Json;
use std::{
    cell::Cell,
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::test_nothing(),
        Json::Bool(truth) => Value::test_bool(*truth),
        Json::Number(number) => {
            number.as_i64().map_or_else(|| Value::test_float(number.as_f64().unwrap()), Value::test_int)
        }
        Json::String(text) => Value::test_string(text),
        Json::Array(list) => Value::test_list(list.iter().map(value).collect()),
        Json::Object(fields) => {
            Value::test_record(fields.iter().map(|(name, field)| (name.clone(), value(field))).collect())
        }
    }
}

/// The index of the acceptor that decides, as the script prints it.
fn decision(acceptors: &Acceptors, seen: &Json) -> Json {
    let status = u16::try_from(seen["status"].as_u64().unwrap()).unwrap();
    let answer = value(&seen["answer"]);
    let seen = match seen["code"].as_str() {
        Some(code) => Seen::Fault(status, code),
        None => Seen::Answer(status, &answer),
    };
    match acceptors.first(seen) {
        Err(_) => "raises".into(),
        Ok(found) => found.map_or(Json::Null, |found| {
            acceptors.iter().position(|other| std::ptr::eq(other, found)).unwrap().into()
        }),
    }
}

#[test]
fn every_waiter_decides_as_botocores_does() {
    let (catalog, paths) = (Catalog::default(), DataPaths::from(&Environment::new([], "/")));
    let mut known: HashMap<(String, String), Acceptors> = HashMap::new();
    let (mut differences, mut decided) = (Vec::new(), HashSet::new());
    let cases = python::json_lines("tests/botocore/waiters.py");
    for case in &cases {
        let text = |key: &str| case[key].as_str().unwrap().to_string();
        let key = (text("service"), text("waiter"));
        let acceptors = known.entry(key.clone()).or_insert_with(|| {
            let service = catalog.service(&key.0, &paths).unwrap();
            Acceptors::read(&find_waiter(&service, &key.1).unwrap().acceptors).unwrap()
        });
        let ours = decision(acceptors, &case["seen"]);
        if ours != case["decision"] {
            differences.push(format!("ours {ours}: {case}"));
        }
        decided.insert((key, case["decision"].to_string()));
    }
    println!("{} waiters, {} cases, {} decisions", known.len(), cases.len(), decided.len());
    assert!(known.len() >= 410 && cases.len() > 36_000, "{} waiters, {} cases", known.len(), cases.len());
    for ((service, waiter), acceptors) in &known {
        for index in 0..acceptors.iter().count() {
            let reached = decided.contains(&((service.clone(), waiter.clone()), index.to_string()));
            assert!(reached, "no case reaches acceptor {index} of {service} {waiter}");
        }
    }
    let shown = differences.len().min(20);
    assert!(
        differences.is_empty(),
        "{} of {} differ, as\n{}",
        differences.len(),
        cases.len(),
        differences[..shown].join("\n")
    );
}

#[test]
fn every_waiter_is_found_in_every_spelling_and_polls_an_operation() {
    let (catalog, paths) = (Catalog::default(), DataPaths::from(&Environment::new([], "/")));
    let mut count = 0;
    for name in catalog.names(&paths).unwrap() {
        let service = catalog.service(&name, &paths).unwrap();
        for waiter in &service.waiters {
            count += 1;
            for spelling in [waiter.name.to_string(), kebab(&waiter.name), snake(&waiter.name)] {
                assert_eq!(find_waiter(&service, &spelling).unwrap().name, waiter.name, "{spelling}");
            }
            assert!(service.operation(&waiter.operation).is_some());
        }
    }
    assert!(count >= 410, "{count}");
    let ec2 = catalog.service("ec2", &paths).unwrap();
    let error = find_waiter(&ec2, "instance-runing").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownName);
    assert!(error.help_text().unwrap().contains("InstanceRunning"), "{error:?}");
    let sts = catalog.service("sts", &paths).unwrap();
    assert!(find_waiter(&sts, "x").unwrap_err().message().contains("no waiters"));
}

/// What a test waits for, and how.
struct Trial<'a> {
    waiter: &'a str,
    service: &'a str,
    input: Value,
    max_attempts: Option<u32>,
    deadline: Option<Duration>,
    interval: Duration,
    more: &'a [(&'a str, &'a str)],
    signals: Signals,
}

impl Trial<'_> {
    fn table() -> Self {
        Self {
            waiter: "table-exists",
            service: "dynamodb",
            input: Value::test_record(record! { "TableName" => Value::test_string("t") }),
            max_attempts: None,
            deadline: None,
            interval: Duration::from_millis(1),
            more: &[],
            signals: Signals::empty(),
        }
    }

    fn run(&self, server: &Server) -> Result<Progress> {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let mut all = variables(&server.url());
        all.extend(self.more.iter().map(|(name, value)| ((*name).to_string(), (*value).to_string())));
        let environment = Environment::new(all, "/");
        let (catalog, client) = (Catalog::default(), Client::default());
        let settings = Settings::resolve(None, &environment)?;
        let service: Arc<Service> = catalog.service(self.service, &DataPaths::from(&environment))?;
        let waiter = find_waiter(&service, self.waiter)?;
        let operation = service.operation(&waiter.operation).unwrap();
        let request = Request::new(service.clone(), operation, &self.input, Span::test_data())?;
        let patience = Patience::new(waiter, Some(self.interval), self.max_attempts, self.deadline);
        let liveness = Liveness::new(self.signals.clone());
        pipe::wait(&runtime, &liveness, async {
            let target = Target::default();
            let caller = client.caller(&catalog, &service, &environment, &settings, &target, None).await?;
            let notes = Cell::new(0);
            let note = |_: &Progress| notes.set(notes.get() + 1);
            let progress = wait_until(caller, request, waiter, patience, &note).await?;
            assert_eq!(notes.get() + 1, progress.attempts, "each pause is noted");
            Ok(progress)
        })
    }
}

fn table(status: &str) -> Act {
    Act::json(&format!(
        r#"{{"Table":{{"TableStatus":"{status}","TableSizeBytes":2048,"CreationDateTime":1715000000}}}}"#
    ))
}

fn absent() -> Act {
    Act::refuse(400, r#"{"__type":"ResourceNotFoundException","message":"no such table"}"#)
}

fn failure(trial: &Trial<'_>, script: Vec<Act>) -> (Error, Server) {
    let server = Server::start(script);
    (trial.run(&server).unwrap_err(), server)
}

#[test]
fn it_polls_until_the_state_is_reached_and_returns_the_typed_answer() {
    let server = Server::start(vec![absent(), table("CREATING"), table("ACTIVE")]);
    let progress = Trial::table().run(&server).unwrap();
    assert_eq!((progress.attempts, server.count()), (3, 3));
    assert_eq!(progress.reason.as_deref(), Some("`Table.TableStatus` is ACTIVE"));
    let table = progress.answer.unwrap().get_data_by_key("Table").unwrap();
    assert_eq!(table.get_data_by_key("TableSizeBytes"), Some(Value::test_filesize(2048)));
    assert!(matches!(table.get_data_by_key("CreationDateTime"), Some(Value::Date { .. })));
}

#[test]
fn an_error_may_be_what_is_waited_for() {
    let trial = Trial { waiter: "TableNotExists", ..Trial::table() };
    let progress = trial.run(&Server::start(vec![table("DELETING"), absent()])).unwrap();
    assert_eq!(progress.attempts, 2);
    assert!(progress.answer.is_none());
    assert!(progress.reason.unwrap().contains("ResourceNotFoundException"));
}

#[test]
fn a_head_is_judged_by_its_status() {
    let input = Value::test_record(record! { "Bucket" => Value::test_string("b") });
    let trial = Trial { waiter: "bucket_exists", service: "s3", input, ..Trial::table() };
    let server = Server::start(vec![Act::refuse(404, ""), Act::json("")]);
    let progress = trial.run(&server).unwrap();
    assert_eq!((progress.attempts, server.count()), (2, 2));
    assert_eq!(progress.reason.as_deref(), Some("the HTTP status is 200"));
}

#[test]
fn a_state_without_a_way_back_is_an_error_that_says_what_matched() {
    let input = Value::test_record(record! { "name" => Value::test_string("c") });
    let trial = Trial { waiter: "cluster-active", service: "eks", input, ..Trial::table() };
    let (error, server) = failure(&trial, vec![Act::json(r#"{"cluster":{"status":"FAILED"}}"#)]);
    assert_eq!((error.kind(), server.count()), (ErrorKind::WaitFailed, 1));
    assert!(error.message().contains("`cluster.status` is FAILED"), "{error}");
    assert_eq!(fact(&error, "last seen"), Some("`cluster.status` is FAILED"));
    assert!(error.help_text().unwrap().contains("aws call eks DescribeCluster"), "{error:?}");
}

#[test]
fn an_error_that_no_acceptor_knows_ends_the_wait_as_itself() {
    let denied = Act::refuse(400, r#"{"__type":"AccessDeniedException","message":"no"}"#);
    let (error, server) = failure(&Trial::table(), vec![table("CREATING"), denied]);
    assert_eq!((error.code().as_str(), server.count()), ("aws::AccessDeniedException", 2));
    let (error, _) =
        failure(&Trial { more: &[("AWS_MAX_ATTEMPTS", "1")], ..Trial::table() }, vec![Act::Reset]);
    assert!(matches!(error.kind(), ErrorKind::Unreachable | ErrorKind::BadAnswer), "{error:?}");
}

#[test]
fn too_many_polls_end_it_with_what_was_last_seen() {
    let trial = Trial { max_attempts: Some(3), ..Trial::table() };
    let (error, server) = failure(&trial, vec![table("CREATING")]);
    assert_eq!((error.kind(), server.count()), (ErrorKind::Timeout, 3));
    assert_eq!(fact(&error, "polls"), Some("3"));
    assert_eq!(fact(&error, "last seen"), Some("`Table.TableStatus` is CREATING"));
    let (_, server) = failure(&Trial::table(), vec![absent()]);
    assert_eq!(server.count(), 25, "the waiter's own number of polls");
}

#[test]
fn a_deadline_ends_a_pause_and_a_poll_alike() {
    let deadline = Some(Duration::from_millis(200));
    let pause = Trial { deadline, interval: Duration::from_mins(1), ..Trial::table() };
    let stall = Trial { deadline, ..Trial::table() };
    for (trial, act) in [(pause, table("CREATING")), (stall, Act::Stall(Duration::from_mins(1)))] {
        let started = Instant::now();
        let (error, server) = failure(&trial, vec![act]);
        assert_eq!((error.kind(), server.count()), (ErrorKind::Timeout, 1));
        assert!(error.message().contains("200ms"), "{error}");
        assert!(started.elapsed() < Duration::from_secs(20));
    }
}

#[test]
fn an_interruption_ends_the_pause() {
    let flag = Arc::new(AtomicBool::new(false));
    let signals = Signals::new(flag.clone());
    let server = Server::start(vec![table("CREATING")]);
    let trial = Trial { interval: Duration::from_mins(1), signals, ..Trial::table() };
    let started = Instant::now();
    let error = thread::scope(|scope| {
        scope.spawn(|| {
            while server.count() == 0 && started.elapsed() < Duration::from_secs(30) {
                thread::sleep(Duration::from_millis(5));
            }
            thread::sleep(Duration::from_millis(50));
            flag.store(true, Ordering::Relaxed);
        });
        trial.run(&server).unwrap_err()
    });
    assert_eq!((error.kind(), server.count()), (ErrorKind::Interrupted, 1));
    assert!(started.elapsed() < Duration::from_secs(40));
}

#[test]
fn a_mocked_wait_succeeds_at_once() {
    let server = Server::start(vec![Act::Reset]);
    let trial = Trial { more: &[("AWS_MOCK_MODE", "true")], ..Trial::table() };
    let progress = trial.run(&server).unwrap();
    assert_eq!((progress.attempts, server.count(), progress.transport.name()), (1, 0, "mock"));
}

/// What a check of `ec2 DescribeInstances`, or of another operation, makes of an answer.
fn check(service: &str, operation: &str, input: &Value, act: Act) -> (Result<flow::Verdict>, Server) {
    let server = Server::start(vec![act]);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let environment = Environment::new(variables(&server.url()), "/");
    let (catalog, client) = (Catalog::default(), Client::default());
    let settings = Settings::resolve(None, &environment).unwrap();
    let service = catalog.service(service, &DataPaths::from(&environment)).unwrap();
    let request =
        Request::new(service.clone(), service.operation(operation).unwrap(), input, Span::test_data());
    let verdict = runtime.block_on(async {
        let target = Target::default();
        let caller = client.caller(&catalog, &service, &environment, &settings, &target, None).await?;
        flow::check(&caller, flow::as_check(request?)?).await
    });
    (verdict, server)
}

fn ec2_error(status: u16, code: &str) -> Act {
    let body = format!(
        "<Response><Errors><Error><Code>{code}</Code><Message>why</Message></Error></Errors>\
         <RequestID>r</RequestID></Response>"
    );
    Act::refuse(status, &body)
}

#[test]
fn a_check_tells_what_would_be_allowed() {
    let ec2 = |act| check("ec2", "DescribeInstances", &Value::test_nothing(), act);
    let (verdict, server) = ec2(ec2_error(412, "DryRunOperation"));
    let verdict = verdict.unwrap();
    assert!(verdict.allowed && verdict.code.as_deref() == Some("DryRunOperation"));
    assert!(server.requests()[0].contains("DryRun=true"), "{}", server.requests()[0]);
    let (verdict, _) = ec2(ec2_error(403, "UnauthorizedOperation"));
    let verdict = verdict.unwrap();
    assert!(!verdict.allowed && verdict.message.as_deref() == Some("why"));
    let (error, _) = ec2(ec2_error(400, "InvalidInstanceID.NotFound"));
    assert_eq!(error.unwrap_err().code(), "aws::InvalidInstanceID.NotFound");
}

#[test]
fn checks_of_other_services_have_their_own_names() {
    let key = Value::test_record(
        record! { "KeyId" => Value::test_string("k"), "Message" => Value::test_string("m"),
        "SigningAlgorithm" => Value::test_string("ECDSA_SHA_256") },
    );
    let refusal = Act::refuse(412, r#"{"__type":"DryRunOperationException","message":"fine"}"#);
    let (verdict, _) = check("kms", "Sign", &key, refusal);
    assert!(verdict.unwrap().allowed);
    let function = Value::test_record(record! { "FunctionName" => Value::test_string("f") });
    let (verdict, server) = check("lambda", "Invoke", &function, Act::Answer(204, "", Vec::new()));
    assert!(verdict.unwrap().allowed);
    let head = server.requests()[0].to_ascii_lowercase();
    assert!(head.contains("x-amz-invocation-type: dryrun"), "{head}");
}

#[test]
fn what_cannot_be_checked_is_not_sent() {
    let (error, server) = check("sts", "GetCallerIdentity", &Value::test_nothing(), Act::Reset);
    let error = error.unwrap_err();
    assert_eq!((error.kind(), server.count()), (ErrorKind::Unsupported, 0));
    assert!(error.help_text().unwrap().contains("--dry-run"));
}
