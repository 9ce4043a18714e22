//! The codecs against botocore's: for every service and every protocol, the same parameters make the same request,
//! and the same answer makes the same values. `tests/botocore/codecs.py` tells what botocore does.
//!
//! The default run takes a sample of each service; `AWS_PERF_CONFORMANCE=all` takes every operation.

mod bodies;
mod canonical;

use super::python;
use aws_perf::{
    client::protocols::{Answer, Decoding, decode, decode_fault, encode},
    model::{
        Operation, Service,
        botocore::{Document, Documents, parse},
        tables::Tables,
    },
};
use aws_smithy_runtime_api::http::Headers;
use base64::{Engine, engine::general_purpose::STANDARD};
use nu_protocol::Span;
use serde_json::{Value as Json, json};
use std::{collections::BTreeMap, env, fs, thread};

/// Operations per service in the default run.
const SAMPLE: &str = "12";

#[test]
fn codecs_agree_with_botocore() {
    let all = env::var("AWS_PERF_CONFORMANCE").is_ok_and(|value| value == "all");
    let lines = python::lines("tests/botocore/codecs.py", &[if all { "0" } else { SAMPLE }]);
    let services: Vec<&[String]> = lines.chunk_by(|_, next| !next.contains("\"kind\": \"model\"")).collect();
    let (left, right) = services.split_at(services.len() / 2);
    let [mut outcome, other] = thread::scope(|scope| {
        let halves = [left, right].map(|half| scope.spawn(move || Outcome::of(half)));
        halves.map(|half| half.join().unwrap())
    });
    outcome.add(other);
    let total: usize = outcome.counts.values().sum();
    for ((protocol, kind), count) in &outcome.counts {
        println!("{protocol:18} {kind:8} {count}");
    }
    println!("{} services, {total} cases", services.len());
    assert!(services.len() > 430 && total > 40_000, "the sample has shrunk to {total} cases");
    let shown = outcome.differences.len().min(25);
    assert!(
        outcome.differences.is_empty(),
        "{} of {total} differ, as\n{}",
        outcome.differences.len(),
        outcome.differences[..shown].join("\n")
    );
}

#[derive(Default)]
struct Outcome {
    counts: BTreeMap<(&'static str, String), usize>,
    differences: Vec<String>,
}

impl Outcome {
    fn of(services: &[&[String]]) -> Self {
        let mut outcome = Self::default();
        for lines in services {
            let (first, cases) = lines.split_first().unwrap();
            let service = service(&serde_json::from_str(first).unwrap());
            for line in cases {
                outcome.case(&service, &serde_json::from_str(line).unwrap());
            }
        }
        outcome
    }

    fn case(&mut self, service: &Service, case: &Json) {
        let text = |key: &str| case[key].as_str().unwrap();
        let (name, kind) = (text("operation"), text("kind"));
        *self.counts.entry((service.meta.protocol.name(), kind.into())).or_default() += 1;
        let operation = service.operation(name).unwrap();
        let difference = match kind {
            "request" => request(service, operation, case),
            "answer" => answer(service, operation, case),
            _ => fault(service, operation, case),
        };
        if let Some(difference) = difference {
            self.differences.push(format!(
                "{} {name} {kind} {}: {difference}",
                service.name,
                text("variant")
            ));
        }
    }

    fn add(&mut self, other: Self) {
        for (key, count) in other.counts {
            *self.counts.entry(key).or_default() += count;
        }
        self.differences.extend(other.differences);
    }
}

fn service(line: &Json) -> Service {
    let read = |key: &str| line[key].as_str().map(|path| (path, fs::read(path).unwrap()));
    let (model, extras) = (read("file").unwrap(), read("extras"));
    let documents = Documents {
        service: Document { file: model.0, bytes: &model.1 },
        service_extras: extras.as_ref().map(|(file, bytes)| Document { file, bytes }),
        paginators: None,
        paginator_extras: None,
        waiters: None,
    };
    parse(line["service"].as_str().unwrap(), &documents, &Tables::default()).unwrap()
}

fn request(service: &Service, operation: &Operation, case: &Json) -> Option<String> {
    let input = canonical::input(service, operation, &case["input"]);
    let ours = encode(service, operation, &input);
    let expect = &case["expect"];
    let ours = match (ours, expect.is_null()) {
        (Err(_), true) => return None,
        (Ok(ours), true) => return Some(format!("botocore refuses; ours: {ours:?}")),
        (Err(error), false) => return Some(error.message().to_owned()),
        (Ok(ours), false) => ours,
    };
    if expect["method"] != ours.method {
        return Some(format!("method {} instead of {}", ours.method, expect["method"]));
    }
    let url = expect["url"].as_str().unwrap();
    // A prefix of the host is none of the codecs' business.
    let url = &url[url.find("host/").unwrap() + 4..];
    let (path, query) = bodies::split_uri(&ours.uri);
    let (their_path, their_query) = bodies::split_uri(url);
    if path != their_path || query != their_query {
        return Some(format!("uri {} instead of {url}", ours.uri));
    }
    headers(&ours.headers, &expect["headers"])
        .or_else(|| bodies::difference(service.meta.protocol, &ours.body, &bytes(&expect["body"])))
}

/// botocore leaves out the content type of XML and of nothing else.
fn headers(ours: &[(String, String)], theirs: &Json) -> Option<String> {
    let mut ours: BTreeMap<String, Json> =
        ours.iter().map(|(name, value)| (name.to_lowercase(), json!(value))).collect();
    let theirs: BTreeMap<String, Json> = theirs
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.to_lowercase(), value.clone()))
        .collect();
    // Sending sets this one, whatever the parameters say.
    ours.remove("content-length");
    if !theirs.contains_key("content-type") && ours.get("content-type") == Some(&json!("application/xml")) {
        ours.remove("content-type");
    }
    (ours != theirs).then(|| format!("headers {ours:?} instead of {theirs:?}"))
}

fn answer(service: &Service, operation: &Operation, case: &Json) -> Option<String> {
    let (headers, body) = (response_headers(case), bytes(&case["body"]));
    let how = Decoding { span: Span::test_data(), typed: false };
    let ours = match decode(service, operation, &response(case, &headers, &body), how) {
        Ok(value) => canonical::plain(&value),
        Err(error) => return Some(format!("{}\n{}", error.message(), String::from_utf8_lossy(&body))),
    };
    bodies::json_difference(&ours, &case["expect"])
        .map(|difference| format!("{difference}\n{}", String::from_utf8_lossy(&body)))
}

fn fault(service: &Service, operation: &Operation, case: &Json) -> Option<String> {
    let (headers, body) = (response_headers(case), bytes(&case["body"]));
    let (fault, message, _) =
        decode_fault(service, operation, &response(case, &headers, &body), Span::test_data());
    let fields = canonical::plain(&nu_protocol::Value::test_record(fault.fields));
    let ours = json!({ "code": fault.code, "message": message, "id": fault.request_id, "fields": fields });
    bodies::json_difference(&ours, &case["expect"])
        .map(|difference| format!("{difference}\n{}", String::from_utf8_lossy(&body)))
}

fn response<'a>(case: &Json, headers: &'a Headers, body: &'a [u8]) -> Answer<'a> {
    Answer { status: u16::try_from(case["status"].as_u64().unwrap()).unwrap(), headers, body }
}

fn response_headers(case: &Json) -> Headers {
    let mut headers = Headers::new();
    for (name, value) in case["headers"].as_object().unwrap() {
        headers.append(name.to_lowercase(), value.as_str().unwrap().to_owned());
    }
    headers
}

fn bytes(base64: &Json) -> Vec<u8> {
    STANDARD.decode(base64.as_str().unwrap()).unwrap()
}
