//! The client against a server that misbehaves: the full right answer or a typed error, attempts counted exactly, and
//! nothing outlives its deadline.

use crate::server::{Act, Server};
use aws_perf::{
    client::{Caller, Client, Reply, session::Target},
    config::{Environment, Settings},
    error::{Error, ErrorKind, Result},
    flow::{Limits, Pager, RowPlan},
    model::{
        catalog::{Catalog, DataPaths},
        names::find_operation,
    },
    request::Request,
};
use nu_protocol::{Span, Value, record};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

pub(crate) const MACHINES: &str = r#"{"stateMachines":[{"name":"m","creationDate":1715000000.123}]}"#;
const THROTTLED: &str = r#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#;

pub(crate) fn variables(url: &str) -> Vec<(String, String)> {
    [
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ENDPOINT_URL", url),
        ("HOME", "/nonexistent"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ]
    .map(|(name, value)| (name.to_string(), value.to_string()))
    .to_vec()
}

pub(crate) fn call_in(
    environment: &Environment,
    service: &str,
    operation: &str,
    input: &Value,
) -> Result<Reply> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (catalog, client) = (Catalog::default(), Client::default());
    runtime.block_on(async {
        let (caller, request) = prepare(&client, &catalog, environment, service, operation, input).await?;
        caller.call(Arc::new(request)).await
    })
}

/// A request, and whom to ask, as an environment has it.
pub(crate) async fn prepare(
    client: &Client,
    catalog: &Catalog,
    environment: &Environment,
    service: &str,
    operation: &str,
    input: &Value,
) -> Result<(Caller, Request)> {
    let settings = Settings::resolve(None, environment)?;
    let service = catalog.service(service, &DataPaths::from(environment))?;
    let operation = find_operation(&service, operation)?;
    let request = Request::new(service.clone(), operation, input, Span::test_data())?;
    let caller = client.caller(catalog, &service, environment, &settings, &Target::default(), None).await?;
    Ok((caller, request))
}

pub(crate) fn call(server: &Server, service: &str, operation: &str, input: &Value) -> Result<Reply> {
    call_with(server, &[], service, operation, input)
}

pub(crate) fn call_with(
    server: &Server,
    more: &[(&str, &str)],
    service: &str,
    operation: &str,
    input: &Value,
) -> Result<Reply> {
    let mut all = variables(&server.url());
    all.extend(more.iter().map(|(name, value)| ((*name).to_string(), (*value).to_string())));
    call_in(&Environment::new(all, "/"), service, operation, input)
}

pub(crate) fn list(server: &Server) -> Result<Reply> {
    call(server, "stepfunctions", "ListStateMachines", &Value::test_nothing())
}

pub(crate) fn fact<'e>(error: &'e Error, name: &str) -> Option<&'e str> {
    error.contexts().iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
}

#[test]
fn a_throttled_read_is_repeated_and_counted() {
    let server =
        Server::start(vec![Act::refuse(400, THROTTLED), Act::refuse(400, THROTTLED), Act::json(MACHINES)]);
    let reply = list(&server).unwrap();
    assert_eq!((reply.attempts, server.count()), (3, 3));
    assert_eq!(reply.request_id.as_deref(), Some("r-1"));
}

#[test]
fn attempts_end_where_they_must_and_the_error_says_how_many() {
    let server = Server::start(vec![Act::refuse(400, THROTTLED)]);
    let error = list(&server).unwrap_err();
    assert_eq!(error.code(), "aws::ThrottlingException");
    assert_eq!((fact(&error, "attempts"), server.count()), (Some("3"), 3));
    assert_eq!(fact(&error, "request id"), Some("r-e"));
    let more = call_with(
        &server,
        &[("AWS_MAX_ATTEMPTS", "2")],
        "sfn",
        "list-state-machines",
        &Value::test_nothing(),
    );
    assert_eq!(fact(&more.unwrap_err(), "attempts"), Some("2"));
}

#[test]
fn an_authentication_error_is_not_repeated() {
    let server =
        Server::start(vec![Act::refuse(400, r#"{"__type":"UnrecognizedClientException","message":"no"}"#)]);
    let error = list(&server).unwrap_err();
    assert_eq!(server.count(), 1);
    assert!(error.help_text().unwrap().contains("AWS_ACCESS_KEY_ID"), "{error:?}");
}

#[test]
fn a_truncated_answer_is_never_half_an_answer() {
    let server = Server::start(vec![Act::Truncate(MACHINES.into())]);
    let error = list(&server).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::BadAnswer | ErrorKind::Unreachable), "{error:?}");
}

#[test]
fn malformed_answers_are_typed_errors() {
    let server = Server::start(vec![Act::json("{\"stateMachines\": [")]);
    assert_eq!(list(&server).unwrap_err().kind(), ErrorKind::BadAnswer);
    let server = Server::start(vec![Act::json("<a><b></a>")]);
    let error = call(&server, "ec2", "DescribeRegions", &Value::test_nothing()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadAnswer);
}

#[test]
fn a_server_that_stalls_is_left_at_the_deadline() {
    let server = Server::start(vec![Act::Stall(Duration::from_mins(1))]);
    let started = Instant::now();
    let times = [("AWS_PERF_READ_TIMEOUT", "10sec"), ("AWS_PERF_OPERATION_TIMEOUT", "300ms")];
    let error =
        call_with(&server, &times, "stepfunctions", "ListStateMachines", &Value::test_nothing()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(started.elapsed() < Duration::from_secs(20), "the deadline was 300 ms");
}

#[test]
fn nobody_at_the_endpoint_is_told_with_the_endpoint() {
    let environment = Environment::new(variables("http://127.0.0.1:1"), "/");
    let error =
        call_in(&environment, "stepfunctions", "ListStateMachines", &Value::test_nothing()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreachable);
    assert!(error.message().contains("http://127.0.0.1:1"), "{error}");
}

pub(crate) fn send(server: &Server) -> Result<Reply> {
    let input = record! {
        "QueueUrl" => Value::test_string("http://queue"),
        "MessageBody" => Value::test_string("once"),
    };
    call(server, "sqs", "SendMessage", &Value::test_record(input))
}

#[test]
fn a_write_of_unknown_outcome_is_not_repeated() {
    for act in [Act::Reset, Act::refuse(500, "{}"), Act::refuse(503, "{}")] {
        let server = Server::start(vec![act.clone()]);
        send(&server).unwrap_err();
        assert_eq!(server.count(), 1, "{act:?}");
    }
    let server = Server::start(vec![Act::Reset]);
    let error = send(&server).unwrap_err();
    assert_eq!(fact(&error, "outcome"), Some("unknown"), "{error:?}");
}

#[test]
fn a_write_that_was_surely_not_taken_is_repeated() {
    let done = Act::json(r#"{"MessageId":"1","MD5OfMessageBody":"x"}"#);
    let server = Server::start(vec![Act::refuse(400, THROTTLED), done]);
    assert_eq!(send(&server).unwrap().attempts, 2);
}

#[test]
fn a_write_with_an_idempotency_token_is_repeated_with_the_same_token() {
    let server = Server::start(vec![Act::Reset, Act::json("<RunInstancesResponse/>")]);
    let environment = Environment::new(variables(&server.url()), "/");
    let (catalog, client) = (Catalog::default(), Client::default());
    let settings = Settings::resolve(None, &environment).unwrap();
    let service = catalog.service("ec2", &DataPaths::from(&environment)).unwrap();
    let operation = service.operation("RunInstances").unwrap();
    let input = record! { "MinCount" => Value::test_int(1), "MaxCount" => Value::test_int(1) };
    let mut request =
        Request::new(service.clone(), operation, &Value::test_record(input), Span::test_data()).unwrap();
    request.fill_tokens();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let target = Target::default();
        let caller = client.caller(&catalog, &service, &environment, &settings, &target, None).await.unwrap();
        assert_eq!(caller.call(Arc::new(request)).await.unwrap().attempts, 2);
    });
    let tokens: Vec<String> = server
        .requests()
        .iter()
        .map(|request| {
            let start = request.find("ClientToken=").unwrap() + "ClientToken=".len();
            request[start..].chars().take(36).collect()
        })
        .collect();
    assert_eq!(tokens.len(), 2);
    assert_eq!(tokens[0], tokens[1]);
}

#[test]
fn a_body_beyond_the_cap_names_the_cap() {
    let object = |key: &str| {
        Value::test_record(
            record! { "Bucket" => Value::test_string("bucket"), "Key" => Value::test_string(key) },
        )
    };
    let server = Server::start(vec![Act::json("0123456789")]);
    let reply = call(&server, "s3", "GetObject", &object("a b/c")).unwrap();
    let body = reply.value.get_data_by_key("Body").unwrap();
    assert_eq!(body, Value::test_binary(b"0123456789".to_vec()));
    assert!(server.requests()[0].starts_with("GET /bucket/a%20b/c HTTP"), "{}", server.requests()[0]);
    let error =
        call_with(&server, &[("AWS_PERF_BODY_CAP", "9")], "s3", "GetObject", &object("k")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert!(error.message().contains("9 bytes"), "{error}");
}

#[test]
fn what_is_missing_is_said_with_what_to_set() {
    let without = |names: &[&str]| {
        let mut all = variables("http://127.0.0.1:1");
        all.retain(|(name, _)| !names.contains(&name.as_str()));
        let environment = Environment::new(all, "/");
        call_in(&environment, "stepfunctions", "ListStateMachines", &Value::test_nothing()).unwrap_err()
    };
    let region = without(&["AWS_REGION", "AWS_ENDPOINT_URL"]);
    assert_eq!(region.kind(), ErrorKind::MissingRegion);
    assert!(region.help_text().unwrap().contains("AWS_REGION"), "{region:?}");
    let keys = without(&["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]);
    assert_eq!(keys.kind(), ErrorKind::MissingCredentials);
    assert!(keys.help_text().unwrap().contains("AWS_PROFILE"), "{keys:?}");
}

pub(crate) fn pages(server: &Server, limits: Limits) -> Result<Vec<Value>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let environment = Environment::new(variables(&server.url()), "/");
    let (catalog, client) = (Catalog::default(), Client::default());
    let settings = Settings::resolve(None, &environment)?;
    let service = catalog.service("stepfunctions", &DataPaths::from(&environment))?;
    let operation = service.operation("ListStateMachines").unwrap();
    let request = Request::new(service.clone(), operation, &Value::test_nothing(), Span::test_data())?;
    runtime.block_on(async {
        let target = Target::default();
        let caller = client.caller(&catalog, &service, &environment, &settings, &target, None).await?;
        let plan = RowPlan::new(&request, None)?;
        let mut pager = Pager::new(caller, request, plan, limits)?;
        let mut rows = Vec::new();
        while let Some(page) = pager.next().await? {
            rows.extend(page.rows);
        }
        Ok(rows)
    })
}

pub(crate) fn page(name: &str, token: Option<&str>) -> Act {
    let next = token.map(|token| format!(r#","nextToken":"{token}""#)).unwrap_or_default();
    Act::json(&format!(r#"{{"stateMachines":[{{"name":"{name}"}}]{next}}}"#))
}

fn names(rows: &[Value]) -> Vec<String> {
    let name = |row: &Value| row.get_data_by_key("name").unwrap().as_str().unwrap().to_string();
    rows.iter().map(name).collect()
}

#[test]
fn pages_follow_their_tokens_to_the_end() {
    let server = Server::start(vec![page("a", Some("t1")), page("b", Some("t2")), page("c", None)]);
    assert_eq!(names(&pages(&server, Limits::default()).unwrap()), ["a", "b", "c"]);
    let bodies: Vec<String> =
        server.requests().iter().map(|r| r.rsplit("\r\n").next().unwrap().to_string()).collect();
    assert_eq!(bodies, ["{}", r#"{"nextToken":"t1"}"#, r#"{"nextToken":"t2"}"#]);
}

#[test]
fn rows_have_every_column_of_their_shape() {
    let server = Server::start(vec![page("a", None)]);
    let rows = pages(&server, Limits::default()).unwrap();
    let columns: Vec<String> = rows[0].as_record().unwrap().columns().cloned().collect();
    assert_eq!(columns, ["stateMachineArn", "name", "type", "creationDate"]);
}

#[test]
fn limits_stop_the_pages() {
    let server = Server::start(vec![page("a", Some("t1")), page("b", Some("t2")), page("c", None)]);
    let limits = Limits { max_items: Some(2), ..Limits::default() };
    assert_eq!(names(&pages(&server, limits).unwrap()), ["a", "b"]);
    assert_eq!(server.count(), 2, "a page too many was fetched");
    let start =
        Limits { starting_token: Some(Value::test_string("t9")), max_pages: Some(1), ..Limits::default() };
    let server = Server::start(vec![page("z", Some("t10"))]);
    assert_eq!(names(&pages(&server, start).unwrap()), ["z"]);
    assert!(server.requests()[0].contains("t9"));
}

#[test]
fn a_repeated_token_is_an_error_and_no_endless_stream() {
    let server = Server::start(vec![page("a", Some("same"))]);
    let error = pages(&server, Limits::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadAnswer);
    assert_eq!(server.count(), 2);
}

#[test]
fn an_error_in_the_middle_says_how_to_resume() {
    let server = Server::start(vec![page("a", Some("t1")), Act::refuse(400, r#"{"__type":"AccessDenied"}"#)]);
    let error = pages(&server, Limits::default()).unwrap_err();
    assert_eq!(error.code(), "aws::AccessDenied");
    assert_eq!(fact(&error, "resume with"), Some("--starting-token \"t1\""));
    assert_eq!(fact(&error, "rows delivered"), Some("1"));
}

#[test]
fn requests_are_signed_for_their_region_and_service() {
    let server = Server::start(vec![Act::json(MACHINES)]);
    list(&server).unwrap();
    let head = server.requests().remove(0).to_ascii_lowercase();
    assert!(head.contains("/eu-west-1/states/aws4_request"), "{head}");
    assert!(head.contains("x-amz-target: awsstepfunctions.liststatemachines"), "{head}");
}
