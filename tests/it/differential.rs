//! The whole client against botocore's: for every service and every protocol, the same parameters make the same
//! request to the same endpoint with the same scope of signature, and the same answer makes the same values or the same
//! error. `tests/botocore/calls.py` tells what botocore does; only the network is replaced, on both sides.
//!
//! The default run takes a sample of each service; `AWS_PERF_CONFORMANCE=all` takes every operation, and
//! `AWS_PERF_CONFORMANCE_SERVICES` names services to run alone.

pub(crate) mod bodies;
pub(crate) mod canonical;
mod masks;
pub(crate) mod sent;
mod signatures;
mod tally;
mod wire;

use super::python;
use aws_perf::{
    client::{Caller, Client, session::Target},
    config::{Environment, Settings},
    error::{Error, ErrorKind},
    model::{
        Operation, Protocol, Service,
        catalog::{Catalog, DataPaths},
    },
    request::Request,
};
use nu_protocol::{Record, Span, Value};
use serde_json::{Value as Json, json};
use signatures::Signatures;
use std::{env, sync::Arc, thread};
use tally::Tally;
use tokio::runtime::Runtime;
use wire::Wire;

/// Operations per service in the default run.
const SAMPLE: &str = "12";

/// Exceptions at most, each of one operation and with its reason; `calls.py` has them.
const EXCEPTIONS: usize = 10;

#[test]
fn whole_calls_agree_with_botocore() {
    let all = env::var("AWS_PERF_CONFORMANCE").is_ok_and(|value| value == "all");
    let only = env::var("AWS_PERF_CONFORMANCE_SERVICES").unwrap_or_default();
    let tally = thread::scope(|scope| {
        let halves = ["0/2", "1/2"].map(|shard| {
            let only = only.as_str();
            scope.spawn(move || half(if all { "0" } else { SAMPLE }, shard, only))
        });
        halves.map(|half| half.join().unwrap()).into_iter().reduce(Tally::join).unwrap()
    });
    tally.print();
    assert!(tally.exceptions() <= EXCEPTIONS, "{} exceptions", tally.exceptions());
    if only.is_empty() {
        assert!(
            tally.services() > 430 && tally.calls() > 25_000,
            "the sample has shrunk to {}",
            tally.calls()
        );
    }
    tally.assert_equal();
    if all && only.is_empty() {
        tally.write("differential");
    }
}

/// The services of one shard, one after the other.
fn half(per_service: &str, shard: &str, only: &str) -> Tally {
    let mut arguments = vec![per_service, shard];
    arguments.extend(only.split_whitespace());
    let mut tally = Tally::default();
    let mut side: Option<Side> = None;
    let mut signatures = Signatures::default();
    python::each_line("tests/botocore/calls.py", &arguments, |line| {
        let line: Json = serde_json::from_str(line).unwrap();
        if line["kind"] == "service" {
            let next = Side::new(&line);
            tally.service(&next.service.name);
            for (operation, why) in line["refused"].as_object().unwrap() {
                next.refused(operation, why.as_str().unwrap(), &mut tally);
            }
            for (operation, why) in line["exceptions"].as_object().unwrap() {
                tally.exception(&next.service.name, operation, why.as_str().unwrap());
            }
            side = Some(next);
            return;
        }
        side.as_ref().unwrap().call(&line, &mut tally, &mut signatures);
    });
    let (checked, different) = signatures.check();
    tally.signatures(checked, different);
    tally
}

/// Our client, speaking to the wire of the test.
struct Side {
    service: Arc<Service>,
    protocol: Protocol,
    caller: Caller,
    wire: Wire,
    runtime: Runtime,
}

impl Side {
    fn new(line: &Json) -> Self {
        let (catalog, wire) = (Catalog::default(), Wire::default());
        let settings = [
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_ACCOUNT_ID", "123456789012"),
            ("AWS_REGION", "us-west-2"),
            ("AWS_MAX_ATTEMPTS", "1"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("HOME", "/nonexistent"),
        ];
        let environment = Environment::new(settings.map(|(key, value)| (key.into(), value.into())), "/");
        let mut service =
            catalog.service(line["service"].as_str().unwrap(), &DataPaths::from(&environment)).unwrap();
        let wanted = line["protocol"].as_str().unwrap();
        if service.meta.protocol.name() != wanted {
            assert_eq!(wanted, Protocol::Cbor.name(), "{} speaks another protocol here", service.name);
            Arc::make_mut(&mut service).meta.protocol = Protocol::Cbor;
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let client = Client::over(wire.http_client());
        let settings = Settings::resolve(None, &environment).unwrap();
        let target = Target::default();
        let caller = client.caller(&catalog, &service, &environment, &settings, &target, None);
        let caller = runtime.block_on(caller).unwrap().untyped();
        Self { protocol: service.meta.protocol, service, caller, wire, runtime }
    }

    /// What is refused by design is refused with an error that says so.
    fn refused(&self, operation: &str, why: &str, tally: &mut Tally) {
        let found = self.service.operation(operation).unwrap();
        let error =
            Request::new(self.service.clone(), found, &Value::test_nothing(), Span::test_data()).unwrap_err();
        let told = error.kind() == ErrorKind::Unsupported && error.message().contains(why);
        tally.refused(&self.service.name, operation, why, told);
    }

    fn call(&self, case: &Json, tally: &mut Tally, signatures: &mut Signatures) {
        let name = case["operation"].as_str().unwrap();
        let operation = self.service.operation(name).unwrap();
        let mut request = Request {
            service: self.service.clone(),
            operation: operation.clone(),
            input: canonical::input(&self.service, operation, &case["input"]),
            span: Span::test_data(),
        };
        request.fill_tokens();
        let request = Arc::new(request);
        self.wire.answer(name, &case["answer"]);
        let dry = self.caller.dry_run(&request);
        let outcome = self.runtime.block_on(self.caller.call(request)).map(|reply| reply.value);
        let sent = self.wire.take();
        let mut note = |kind: &str, difference: Option<String>| {
            let at = format!("{} {name} {} {}", self.service.name, self.protocol.name(), case["variant"]);
            tally.note(
                self.protocol,
                kind,
                difference.map(|difference| format!("{at}: {kind} {difference}")),
            );
        };
        let theirs = &case["request"];
        if let Some(reason) = theirs["refused"].as_str() {
            let difference = match (&sent, &outcome) {
                (None, Err(_)) => None,
                _ => Some(format!("botocore refuses with {reason}; ours: {outcome:?}")),
            };
            note("refusal", difference);
            return;
        }
        let Some(sent) = sent else {
            note("request", Some(format!("was not sent: {outcome:?}")));
            return;
        };
        if !operation.unsigned_payload {
            signatures.note(&sent);
        }
        note("request", sent::difference(&self.service, self.protocol, &sent, theirs, bodies::difference));
        note("dry run", sent::dry_run_difference(&sent, &dry));
        match case.get("error") {
            Some(error) => note("error", error_difference(&outcome, error, case)),
            None => note("answer", answer_difference(operation, &outcome, case)),
        }
    }
}

fn answer_difference(operation: &Operation, outcome: &Result<Value, Error>, case: &Json) -> Option<String> {
    let told = || format!("\nanswered {}", text(&case["answer"]["body"]));
    match outcome {
        Ok(value) => bodies::json_difference(&canonical::plain(value), &case["output"]).map(|d| d + &told()),
        // A list that is nothing at all would pass for the end of one.
        Err(error) if error.kind() == ErrorKind::BadAnswer && case["answer"]["body"] == "" => {
            operation.rows.is_empty().then(|| error.message().to_owned())
        }
        Err(error) => Some(format!("{error:?}{}", told())),
    }
}

fn error_difference(outcome: &Result<Value, Error>, expect: &Json, case: &Json) -> Option<String> {
    let Err(error) = outcome else { return Some("is none".into()) };
    let Some(fault) = error.fault() else { return Some(format!("is {error:?}")) };
    let fields = canonical::plain(&Value::test_record(fault.fields.clone()));
    let id = error.contexts().iter().find(|(name, _)| *name == "request id").map(|(_, id)| id);
    let ours = json!({ "code": fault.code, "message": error.message(), "id": id, "fields": fields });
    bodies::json_difference(&ours, expect)
        .map(|difference| format!("{difference}\nanswered {}", text(&case["answer"]["body"])))
}

fn text(base64: &Json) -> String {
    String::from_utf8_lossy(&wire::bytes(base64)).into_owned()
}

/// A record's text under a key.
fn field<'a>(record: &'a Record, key: &str) -> &'a str {
    record.get(key).and_then(|value| value.as_str().ok()).unwrap_or_default()
}
