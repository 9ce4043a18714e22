//! Pages: all of them as one answer, and as a stream that never ends early without saying so.

use crate::server::{Act, Server};
use aws_perf::{
    client::{Caller, Client, session::Target},
    config::{Environment, Settings},
    error::{Error, ErrorKind, Result},
    flow::{Limits, Pager, RowPlan, fetch_all},
    model::catalog::{Catalog, DataPaths},
    pipe::{ErrorMode, Liveness, RowStream, Source},
    request::Request,
};
use nu_protocol::{Record, Signals, Span, Value, record};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};
use tokio::runtime::Runtime;

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

fn prepare(
    runtime: &Runtime,
    server: &Server,
    service: &str,
    operation: &str,
    input: Record,
) -> (Caller, Request) {
    let url = server.url();
    let variables = [
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ENDPOINT_URL", &url),
        ("HOME", "/nonexistent"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ];
    let variables = variables.map(|(name, value)| (name.to_string(), value.to_string()));
    let environment = Environment::new(variables, "/");
    let (catalog, client) = (Catalog::default(), Client::default());
    let settings = Settings::resolve(None, &environment).unwrap();
    let service = catalog.service(service, &DataPaths::from(&environment)).unwrap();
    let operation = service.operation(operation).unwrap();
    let input = Value::test_record(input);
    let request = Request::new(service.clone(), operation, &input, Span::test_data()).unwrap();
    let target = Target::default();
    let caller = client.caller(&catalog, &service, &environment, &settings, &target, None);
    (runtime.block_on(caller).unwrap(), request)
}

fn all(service: &str, operation: &str, input: Record, pages: &[&str]) -> Result<Record> {
    let runtime = runtime();
    let server = Server::start(pages.iter().copied().map(Act::json).collect());
    let (caller, request) = prepare(&runtime, &server, service, operation, input);
    let reply = runtime.block_on(fetch_all(&caller, request))?;
    assert_eq!(server.count(), pages.len());
    Ok(reply.value.into_record().unwrap())
}

fn text(text: &str) -> Value {
    Value::test_string(text)
}

#[test]
fn all_pages_of_a_scan_are_counted_and_no_token_stays() {
    let pages = [
        r#"{"Items":[{"id":{"S":"a"}}],"Count":1,"ScannedCount":3,"LastEvaluatedKey":{"id":{"S":"a"}}}"#,
        r#"{"Items":[{"id":{"S":"b"}}],"Count":1,"ScannedCount":2}"#,
    ];
    let answer = all("dynamodb", "Scan", record! { "TableName" => text("table") }, &pages).unwrap();
    assert_eq!(answer.get("Items").unwrap().as_list().unwrap().len(), 2);
    assert_eq!(answer.get("Count"), Some(&Value::test_int(2)));
    assert_eq!(answer.get("ScannedCount"), Some(&Value::test_int(5)));
    assert!(!answer.contains("LastEvaluatedKey"));
}

#[test]
fn portions_of_a_log_are_one_text() {
    let portion = |data: &str, marker: &str, more: bool| {
        format!(
            "<R><DownloadDBLogFilePortionResult><LogFileData>{data}</LogFileData><Marker>{marker}</Marker>\
             <AdditionalDataPending>{more}</AdditionalDataPending></DownloadDBLogFilePortionResult></R>"
        )
    };
    let input = record! { "DBInstanceIdentifier" => text("db"), "LogFileName" => text("log") };
    let (first, second) = (portion("one ", "1:4", true), portion("two", "1:7", false));
    let answer = all("rds", "DownloadDBLogFilePortion", input, &[&first, &second]).unwrap();
    assert_eq!(answer, record! { "LogFileData" => text("one two") });
}

#[test]
fn maps_of_all_pages_are_one_map() {
    let pages = [r#"{"values":{"k1":[[1,9]]},"position":"p"}"#, r#"{"values":{"k2":[[2,8]]}}"#];
    let input = record! {
        "usagePlanId" => text("u"), "startDate" => text("2026-01-01"), "endDate" => text("2026-01-02"),
    };
    let answer = all("apigateway", "GetUsage", input, &pages).unwrap();
    let keys: Vec<&String> = answer.get("items").unwrap().as_record().unwrap().columns().collect();
    assert_eq!(keys, ["k1", "k2"]);
    assert!(!answer.contains("position"));
}

#[test]
fn failures_of_later_pages_are_kept() {
    let pages = [
        r#"{"Traces":[{"Id":"1"}],"UnprocessedTraceIds":[],"NextToken":"t"}"#,
        r#"{"Traces":[{"Id":"2"}],"UnprocessedTraceIds":["3"]}"#,
    ];
    let input = record! { "TraceIds" => Value::test_list(vec![text("1"), text("2"), text("3")]) };
    let answer = all("xray", "BatchGetTraces", input, &pages).unwrap();
    assert_eq!(answer.get("Traces").unwrap().as_list().unwrap().len(), 2);
    assert_eq!(answer.get("UnprocessedTraceIds"), Some(&Value::test_list(vec![text("3")])));
}

#[test]
fn nested_lists_are_joined_and_nested_tokens_removed() {
    let page = |id: &str, more: &str| {
        format!(
            "<DistributionList><Marker></Marker>{more}<MaxItems>1</MaxItems><Quantity>1</Quantity><Items>\
             <DistributionSummary><Id>{id}</Id></DistributionSummary></Items></DistributionList>"
        )
    };
    let first = page("A", "<NextMarker>A</NextMarker><IsTruncated>true</IsTruncated>");
    let second = page("B", "<IsTruncated>false</IsTruncated>");
    let answer = all("cloudfront", "ListDistributions", Record::new(), &[&first, &second]).unwrap();
    let list = answer.get("DistributionList").unwrap().as_record().unwrap();
    let ids: Vec<&Value> = list.get("Items").unwrap().as_list().unwrap().iter().collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(list.get("Quantity"), Some(&Value::test_int(2)));
    assert!(!list.contains("NextMarker") && !list.contains("IsTruncated"), "{list:?}");
}

const DENIED: &str = r#"{"__type":"AccessDenied","message":"no"}"#;

fn source(runtime: &Arc<Runtime>, errors: ErrorMode, signals: Signals) -> Source {
    Source {
        runtime: runtime.clone(),
        liveness: Liveness::new(signals),
        prefetch: 1,
        tidy: false,
        columns: None,
        errors,
        wrap: None,
        head: Span::test_data(),
    }
}

fn stream(acts: Vec<Act>, errors: ErrorMode, signals: Signals) -> Result<Vec<Value>> {
    let runtime = Arc::new(runtime());
    let server = Server::start(acts);
    let (caller, request) = prepare(&runtime, &server, "stepfunctions", "ListStateMachines", Record::new());
    let plan = RowPlan::new(&request, None)?;
    let pager = Pager::new(caller, request, plan, Limits::default())?;
    Ok(RowStream::start(source(&runtime, errors, signals), pager)?.collect())
}

#[test]
fn the_first_page_obeys_the_error_mode() {
    let first = |errors| stream(vec![Act::refuse(400, DENIED)], errors, Signals::empty());
    assert_eq!(first(ErrorMode::Raise).unwrap_err().code(), "aws::AccessDenied");
    assert!(first(ErrorMode::Ignore).unwrap().is_empty());
    let rows = first(ErrorMode::Rows).unwrap();
    assert_eq!(rows.len(), 1);
    let error = rows[0].get_data_by_key("error").unwrap();
    assert_eq!(error.get_data_by_key("code").unwrap(), text("aws::AccessDenied"));
}

#[test]
fn an_interruption_is_raised_whatever_the_error_mode() {
    for errors in [ErrorMode::Raise, ErrorMode::Rows, ErrorMode::Ignore] {
        let signals = Signals::new(Arc::new(AtomicBool::new(true)));
        let stall = vec![Act::Stall(Duration::from_secs(20))];
        assert_eq!(stream(stall, errors, signals).unwrap_err().kind(), ErrorKind::Interrupted);
    }
}

#[test]
fn pages_without_rows_go_on_until_somebody_has_enough() {
    let empty = |turn: usize, _: &str| Act::json(&format!(r#"{{"stateMachines":[],"nextToken":"t{turn}"}}"#));
    let runtime = Arc::new(runtime());
    let start = |limits: Limits, signals: Signals| {
        let server = Server::deciding(empty);
        let (caller, request) =
            prepare(&runtime, &server, "stepfunctions", "ListStateMachines", Record::new());
        let plan = RowPlan::new(&request, None).unwrap();
        let pager = Pager::new(caller, request, plan, limits).unwrap();
        (RowStream::start(source(&runtime, ErrorMode::Raise, signals), pager), server)
    };
    let bounded = Limits { max_pages: Some(50), ..Limits::default() };
    let (rows, server) = start(bounded, Signals::empty());
    assert_eq!((rows.unwrap().count(), server.count()), (0, 50));
    let stop = Arc::new(AtomicBool::new(false));
    let later = stop.clone();
    thread::spawn(move || {
        thread::sleep(Duration::from_millis(300));
        later.store(true, Ordering::SeqCst);
    });
    let (rows, server) = start(Limits::default(), Signals::new(stop));
    let left = rows.map(Iterator::collect::<Vec<_>>);
    let asked = server.count();
    match left {
        Ok(rows) => assert!(matches!(rows[..], [] | [Value::Error { .. }]), "{rows:?}"),
        Err(error) => assert_eq!(error.kind(), ErrorKind::Interrupted),
    }
    assert!(asked > 3, "{asked} pages");
    thread::sleep(Duration::from_millis(200));
    assert!(server.count() <= asked + 3, "pages are fetched although nobody reads");
}

#[test]
fn a_stream_ends_after_its_last_page() {
    let page =
        |name: &str, more: &str| Act::json(&format!(r#"{{"stateMachines":[{{"name":"{name}"}}]{more}}}"#));
    let pages = || vec![page("a", r#","nextToken":"t""#), page("b", "")];
    assert_eq!(stream(pages(), ErrorMode::Raise, Signals::empty()).unwrap().len(), 2);
    let mut cut = pages();
    cut[1] = Act::refuse(400, DENIED);
    let rows = stream(cut, ErrorMode::Raise, Signals::empty()).unwrap();
    assert!(matches!(rows[..], [Value::Record { .. }, Value::Error { .. }]), "{rows:?}");
}

fn scan(acts: Vec<Act>, limits: Limits) -> (Server, Result<Vec<Value>>) {
    let runtime = Arc::new(runtime());
    let server = Server::start(acts);
    let table = record! { "TableName" => text("table") };
    let (caller, request) = prepare(&runtime, &server, "dynamodb", "Scan", table);
    let plan = RowPlan::new(&request, None).unwrap();
    let rows = Pager::new(caller, request, plan, limits).and_then(|mut pager| {
        runtime.block_on(async {
            let mut rows = Vec::new();
            while let Some(page) = pager.next().await? {
                rows.extend(page.rows);
            }
            Ok(rows)
        })
    });
    (server, rows)
}

fn hint(error: &Error) -> &str {
    let found = error.contexts().iter().find(|(key, _)| *key == "resume with");
    found.map(|(_, value)| value.as_str()).unwrap()
}

#[test]
fn what_the_hint_says_resumes_a_scan() {
    let first = r#"{"Items":[{"id":{"S":"a"}}],"LastEvaluatedKey":{"id":{"S":"a"}}}"#;
    let (_, rows) = scan(vec![Act::json(first), Act::refuse(400, DENIED)], Limits::default());
    assert_eq!(hint(&rows.unwrap_err()), r#"--starting-token {"id": {"S": "a"}}"#);
    let key = Value::test_record(record! { "id" => Value::test_record(record! { "S" => text("a") }) });
    let limits = Limits { starting_token: Some(key), ..Limits::default() };
    let (server, rows) = scan(vec![Act::json(r#"{"Items":[{"id":{"S":"b"}}]}"#)], limits);
    assert_eq!(rows.unwrap().len(), 1);
    assert!(server.requests()[0].contains(r#""ExclusiveStartKey":{"id":{"S":"a"}}"#));
}

#[test]
fn tokens_and_page_sizes_are_checked_as_parameters_are() {
    let limits = Limits { starting_token: Some(text("{id: {S: a}}")), ..Limits::default() };
    let (server, rows) = scan(vec![Act::json("{}")], limits);
    assert!(rows.unwrap_err().message().contains("ExclusiveStartKey"));
    for size in [-5, 0, i64::MAX] {
        let limits = Limits { page_size: Some(Value::test_int(size)), ..Limits::default() };
        assert_eq!(scan(vec![Act::json("{}")], limits).1.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    assert_eq!(server.count(), 0);
}
