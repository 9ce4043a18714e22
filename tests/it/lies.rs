//! A server that lies: it cuts, stalls, goes on for ever, tells wrong lengths, sends elsewhere. Each time there is the
//! whole right answer or a typed error, attempts are counted exactly, and nothing outlives its deadline.

mod chaos;

use crate::{
    client::{MACHINES, call_with, fact, list, prepare, variables},
    server::{Act, Server},
};
use aws_perf::{
    client::{Client, Reply},
    config::Environment,
    error::{ErrorKind, Result},
    model::catalog::Catalog,
};
use nu_protocol::{Value, record};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::runtime::Runtime;

const ONCE: (&str, &str) = ("AWS_MAX_ATTEMPTS", "1");

/// A read in a protocol, with an answer and what it decodes to.
struct Reading {
    service: &'static str,
    operation: &'static str,
    body: Vec<u8>,
}

fn readings() -> [Reading; 4] {
    // {"EventBuses": [{"Name": "a", "EventBusArn": "b"}], "NextToken": "t"}, with open lengths.
    let cbor = b"\xbf\x6aEventBuses\x9f\xbf\x64Name\x61a\x6bEventBusArn\x61b\xff\xff\x69NextToken\x61t\xff";
    let (machines, buckets) = (
        MACHINES,
        "<ListAllMyBucketsResult><Buckets><Bucket><Name>a</Name></Bucket></Buckets></ListAllMyBucketsResult>",
    );
    let regions = "<DescribeRegionsResponse><regionInfo><item><regionName>r</regionName></item></regionInfo></DescribeRegionsResponse>";
    [
        Reading { service: "stepfunctions", operation: "ListStateMachines", body: machines.into() },
        Reading { service: "s3", operation: "ListBuckets", body: buckets.into() },
        Reading { service: "ec2", operation: "DescribeRegions", body: regions.into() },
        Reading { service: "eventbridgev2", operation: "ListEventBuses", body: cbor.to_vec() },
    ]
}

fn head(more: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nx-amzn-RequestId: r-1\r\n{more}\r\n").into_bytes()
}

/// The answer in a frame, and where its body begins.
fn framed(frame: &str, body: &[u8]) -> (Vec<u8>, usize) {
    let head = match frame {
        "length" => head(&format!("Content-Length: {}\r\n", body.len())),
        "chunks" => head("Transfer-Encoding: chunked\r\n"),
        _ => head("Connection: close\r\n"),
    };
    let begin = head.len();
    if frame != "chunks" {
        return ([head, body.to_vec()].concat(), begin);
    }
    let mut bytes = head;
    for chunk in body.chunks(7) {
        bytes.extend(format!("{:x}\r\n", chunk.len()).bytes());
        bytes.extend(chunk);
        bytes.extend(b"\r\n");
    }
    bytes.extend(b"0\r\n\r\n");
    (bytes, begin)
}

/// One client that asks one server, again and again.
struct Asker {
    runtime: Runtime,
    client: Client,
    catalog: Catalog,
    environment: Environment,
}

impl Asker {
    fn new(server: &Server, more: &[(&str, &str)]) -> Self {
        let mut all = variables(&server.url());
        all.extend(more.iter().map(|(name, value)| ((*name).into(), (*value).into())));
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        Self {
            runtime,
            client: Client::default(),
            catalog: Catalog::default(),
            environment: Environment::new(all, "/"),
        }
    }

    fn ask(&self, service: &str, operation: &str) -> Result<Reply> {
        self.runtime.block_on(self.asking(service, operation))
    }

    async fn asking(&self, service: &str, operation: &str) -> Result<Reply> {
        let (client, nothing) = (&self.client, Value::test_nothing());
        let prepared = prepare(client, &self.catalog, &self.environment, service, operation, &nothing);
        let (caller, request) = prepared.await?;
        caller.call(Arc::new(request)).await
    }
}

#[test]
fn an_answer_that_breaks_off_at_any_byte_is_no_answer() {
    for reading in readings() {
        for frame in ["length", "chunks", "close"] {
            let (bytes, begin) = framed(frame, &reading.body);
            let whole = bytes.clone();
            let server = Server::deciding(move |turn, _| Act::raw(&whole[..turn.min(whole.len())]));
            let asker = Asker::new(&server, &[ONCE]);
            let mut complete = 0;
            for cut in 0..=bytes.len() {
                let outcome = asker.ask(reading.service, reading.operation);
                let at =
                    || format!("{} {frame} cut at {cut} of {}: {outcome:?}", reading.service, bytes.len());
                match &outcome {
                    // Behind the last byte that counts there may be one that does not.
                    Ok(_) => {
                        complete += 1;
                        assert!(cut + 2 >= bytes.len() && cut > begin, "{}", at());
                    }
                    Err(error) => {
                        let kinds = [ErrorKind::BadAnswer, ErrorKind::Unreachable];
                        assert!(kinds.contains(&error.kind()), "{}", at());
                        assert_eq!(fact(error, "attempts"), Some("1"), "{}", at());
                    }
                }
            }
            assert!((1..=2).contains(&complete), "{} {frame}: {complete} complete", reading.service);
            assert_eq!(server.count(), bytes.len() + 1);
        }
    }
}

#[test]
fn what_broke_off_is_asked_again() {
    for frame in ["length", "chunks", "close"] {
        let (bytes, begin) = framed(frame, MACHINES.as_bytes());
        let cut = |at: usize| Act::raw(&bytes[..at]);
        let server = Server::start(vec![cut(begin / 2), cut(begin + 5), Act::raw(&bytes[..])]);
        let reply = list(&server).unwrap();
        assert_eq!((reply.attempts, server.count()), (3, 3), "{frame}");
    }
}

#[test]
fn whoever_stalls_is_left_at_the_deadline() {
    let pause = Duration::from_secs(30);
    let (bytes, begin) = framed("length", MACHINES.as_bytes());
    let (chunks, _) = framed("chunks", MACHINES.as_bytes());
    let parts = |at: usize, all: &[u8]| {
        Act::Raw(vec![(Duration::ZERO, all[..at].to_vec()), (pause, all[at..].to_vec())])
    };
    let trickle = bytes.iter().map(|byte| (Duration::from_millis(100), vec![*byte])).collect();
    let stalls = [
        Act::Stall(pause),
        parts(9, &bytes),
        parts(begin, &bytes),
        parts(begin + 5, &bytes),
        parts(begin + 5, &chunks),
        Act::Raw(trickle),
    ];
    for (number, stall) in stalls.into_iter().enumerate() {
        let server = Server::start(vec![stall]);
        let started = Instant::now();
        let times = [("AWS_PERF_OPERATION_TIMEOUT", "400ms")];
        let error = call_with(&server, &times, "stepfunctions", "ListStateMachines", &Value::test_nothing());
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "stall {number}: {error:?}");
        assert!(started.elapsed() < pause / 2, "stall {number} took {:?}", started.elapsed());
        assert_eq!(fact(&error, "attempts"), Some("1"), "stall {number}");
        let object = record! { "Bucket" => Value::test_string("b"), "Key" => Value::test_string("k") };
        let error = call_with(&server, &times, "s3", "GetObject", &Value::test_record(object)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "object, stall {number}: {error:?}");
    }
}

#[test]
fn whoever_goes_on_for_ever_is_cut_at_the_cap() {
    let cap = [("AWS_PERF_BODY_CAP", "1000000"), ONCE];
    let endless = [
        Act::Endless(
            head("Transfer-Encoding: chunked\r\n"),
            format!("400\r\n{}\r\n", " ".repeat(1024)).into(),
        ),
        Act::Endless(head("Connection: close\r\n"), vec![b' '; 4096]),
        Act::Endless(head("Content-Length: 9223372036854775807\r\n"), vec![b' '; 4096]),
        Act::Endless(b"HTTP/1.1 500 Broken\r\nConnection: close\r\n\r\n<Error>".to_vec(), vec![b'<'; 4096]),
    ];
    for act in endless {
        let server = Server::start(vec![act.clone()]);
        for operation in [("stepfunctions", "ListStateMachines"), ("s3", "ListBuckets")] {
            let error =
                call_with(&server, &cap, operation.0, operation.1, &Value::test_nothing()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::TooLarge, "{error:?}");
            assert!(error.message().contains("1000000 bytes"), "{error}");
        }
        let object = record! { "Bucket" => Value::test_string("b"), "Key" => Value::test_string("k") };
        let error = call_with(&server, &cap, "s3", "GetObject", &Value::test_record(object)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge, "{error:?}");
    }
    // Headers without end are no answer at all.
    let server = Server::start(vec![Act::Endless(b"HTTP/1.1 200 OK\r\n".to_vec(), b"a: b\r\n".to_vec())]);
    let error = call_with(&server, &[ONCE], "s3", "ListBuckets", &Value::test_nothing()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadAnswer, "{error:?}");
}

#[test]
fn what_is_no_http_or_not_what_it_says_is_a_bad_answer() {
    let body = MACHINES;
    let length = body.len();
    let lies = [
        format!("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{body}"),
        format!("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{body}"),
        format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nContent-Length: 3\r\n\r\n{body}"),
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{body}\r\n0\r\n\r\n"),
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{body}"),
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", length - 5),
        format!("HTTP/9.9 200 OK\r\nContent-Length: {length}\r\n\r\n{body}"),
        format!("HTTP/1.1 99 Odd\r\nContent-Length: {length}\r\n\r\n{body}"),
        "\0\0\0\x12\x04\0\0\0\0\0".into(),
        "\r\n\r\n\r\n".into(),
    ];
    for lie in lies {
        let server = Server::start(vec![Act::raw(lie.clone())]);
        let error = call_with(&server, &[ONCE], "stepfunctions", "ListStateMachines", &Value::test_nothing());
        let error = error.expect_err(&lie);
        let kinds = [ErrorKind::BadAnswer, ErrorKind::Unreachable];
        assert!(kinds.contains(&error.kind()), "{lie:?}: {error:?}");
    }
    let truths = [
        format!("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}"),
        format!("HTTP/1.1 200\r\nContent-Length: {length}\r\n\r\n{body}"),
        format!("HTTP/1.0 200 OK\r\n\r\n{body}"),
    ];
    for truth in truths {
        let server = Server::start(vec![Act::raw(truth.clone())]);
        list(&server).unwrap_or_else(|error| panic!("{truth:?}: {error:?}"));
    }
}

#[test]
fn bytes_behind_an_answer_are_nobodys_answer() {
    let wrong = MACHINES.replace("\"m\"", "\"smuggled\"");
    let smuggled = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{wrong}", wrong.len());
    let first = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{MACHINES}{smuggled}", MACHINES.len());
    let server = Server::start(vec![Act::Keep(first.into()), Act::json(MACHINES)]);
    let asker = Asker::new(&server, &[]);
    for _ in 0..5 {
        let reply = asker.ask("stepfunctions", "ListStateMachines").unwrap();
        assert!(!format!("{:?}", reply.value).contains("smuggled"), "{reply:?}");
    }
}

#[test]
fn nobody_is_followed_elsewhere() {
    let elsewhere = Server::start(vec![Act::json(MACHINES)]);
    for status in [301, 302, 303, 307, 308] {
        let location = format!(
            "HTTP/1.1 {status} Elsewhere\r\nLocation: {}/\r\nx-amz-bucket-region: 127.0.0.1:{}/#\r\nContent-Length: 0\r\n\r\n",
            elsewhere.url(),
            elsewhere.port
        );
        for (service, operation) in [
            ("stepfunctions", "ListStateMachines"),
            ("s3", "ListBuckets"),
            ("ec2", "DescribeRegions"),
            ("lambda", "ListFunctions"),
        ] {
            let server = Server::start(vec![Act::raw(location.clone())]);
            let error = call_with(&server, &[ONCE], service, operation, &Value::test_nothing()).unwrap_err();
            assert_eq!(error.code(), format!("aws::{status}"), "{service}: {error:?}");
            assert_eq!(server.count(), 1, "{service}");
        }
    }
    assert_eq!(elsewhere.count(), 0);
}

/// Random and changed answers, the same in every run.
fn nonsense(reading: &Reading, dice: &mut fastrand::Rng) -> Vec<u8> {
    let mut bytes = reading.body.clone();
    match dice.u8(0..4) {
        0 => (0..dice.usize(0..200)).map(|_| dice.u8(..)).collect(),
        1 => {
            for _ in 0..dice.usize(1..4) {
                let place = dice.usize(0..bytes.len());
                bytes[place] = dice.u8(..);
            }
            bytes
        }
        2 => {
            let place = dice.usize(0..bytes.len());
            let piece = bytes[place..].to_vec();
            bytes.extend(piece);
            bytes
        }
        _ => {
            bytes.remove(dice.usize(0..bytes.len()));
            bytes
        }
    }
}

#[test]
fn nonsense_is_an_answer_or_a_typed_error_and_never_a_panic() {
    for reading in readings() {
        let mut dice = fastrand::Rng::with_seed(7);
        let bodies: Vec<Vec<u8>> = (0..400).map(|_| nonsense(&reading, &mut dice)).collect();
        let deep = [
            "[".repeat(200_000).into_bytes(),
            r#"{"stateMachines":"#.repeat(50_000).into_bytes(),
            "<a>".repeat(200_000).into_bytes(),
            vec![0x9f; 200_000],
            vec![0xbf; 200_000],
            b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff".to_vec(),
            b"<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><x>&b;&b;</x>".to_vec(),
        ];
        let bodies: Vec<Vec<u8>> = bodies.into_iter().chain(deep).collect();
        let count = bodies.len();
        let server = Server::deciding(move |turn, _| Act::Answer(200, "", bodies[turn].clone()));
        let asker = Asker::new(&server, &[ONCE]);
        for turn in 0..count {
            if let Err(error) = asker.ask(reading.service, reading.operation) {
                let kinds = [ErrorKind::BadAnswer, ErrorKind::Service];
                assert!(kinds.contains(&error.kind()), "{} {turn}: {error:?}", reading.service);
            }
        }
        assert_eq!(server.count(), count);
    }
}
