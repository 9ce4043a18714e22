//! Our client beside the typed SDKs, on one wire: the same parameters make the same request, and the same answer makes
//! the same values or the same error. Answers are made up by `tests/botocore/replies.py` from the service's model.

mod debug;
mod ec2;
mod retries;

mod s3;
mod sfn;

use crate::{
    differential::{bodies, canonical, sent},
    python,
    wire::{Answer, Sent, Wire},
};
use aws_perf::{
    client::{Caller, Client, session::Target},
    config::{Environment, Settings},
    error::{Error, Result},
    model::{
        Service,
        catalog::{Catalog, DataPaths},
    },
    request::Request,
};
use aws_sdk_s3::{
    config::Credentials,
    error::{ProvideErrorMetadata, SdkError},
};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use base64::{Engine, engine::general_purpose::STANDARD};
use nu_protocol::{Span, Value};
use serde_json::{Value as Json, json};
use std::{
    collections::{BTreeMap, VecDeque},
    fmt::Debug,
    future::Future,
    slice,
    sync::{Arc, Mutex},
};
use tokio::runtime::Runtime;

const FORM: &str = "application/x-www-form-urlencoded";
const BYTES: &str = "application/octet-stream";
const REGION: &str = "us-west-2";

/// Operations that are compared, at least: of S3, EC2 and Step Functions.
const WANTED: [usize; 3] = [25, 20, 15];

#[test]
fn requests_and_answers_are_those_of_the_typed_sdks() {
    let compared = [s3::compare(), ec2::compare(), sfn::compare()];
    let differences: Vec<&str> =
        compared.iter().flat_map(|pair| &pair.differences).map(String::as_str).collect();
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n\n"));
    let counts = compared.each_ref().map(|pair| pair.compared);
    println!(
        "operations beside the typed SDKs: S3 {}, EC2 {}, Step Functions {}",
        counts[0], counts[1], counts[2]
    );
    for (count, wanted) in counts.into_iter().zip(WANTED) {
        assert!(count >= wanted, "{count} of {wanted} operations");
    }
}

/// What every typed client is made of.
macro_rules! typed {
    ($sdk:ident, $pair:expr) => {
        $sdk::Client::from_conf(
            $sdk::Config::builder()
                .behavior_version($sdk::config::BehaviorVersion::latest())
                .region($sdk::config::Region::new($pair.region.clone()))
                .retry_partition($sdk::config::retry::RetryPartition::new(format!("typed-{}", $pair.region)))
                .credentials_provider($crate::referees::keys())
                .http_client($pair.wire.http_client())
                .sleep_impl($crate::referees::sleep())
                .retry_config($sdk::config::retry::RetryConfig::standard().with_max_attempts($pair.attempts))
                .build(),
        )
    };
}
use typed;

/// Compares operations: their names, our parameters, and the typed calls with the same.
macro_rules! same {
    ($pair:expr, $($name:literal $input:tt = $call:expr;)+) => {
        let names = [$($name),+];
        $pair.ask_for_answers(&names);
        $($pair.compare($name, &serde_json::json!($input), || $call.send());)+
    };
}
use same;

fn keys() -> Credentials {
    Credentials::new("test", "test", None, None, "tests")
}

fn next(answers: &mut VecDeque<Answer>) -> Answer {
    if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() }.unwrap()
}

fn sleep() -> TokioSleep {
    TokioSleep::new()
}

/// Two clients of one service on one wire.
struct Pair {
    service: Arc<Service>,
    caller: Caller,
    wire: Wire,
    script: Arc<Mutex<VecDeque<Answer>>>,
    runtime: Runtime,
    region: String,
    attempts: u32,
    answers: BTreeMap<String, Vec<Answer>>,
    compared: usize,
    differences: Vec<String>,
}

impl Pair {
    fn new(service: &str, region: &str, attempts: u32) -> Self {
        let script = Arc::new(Mutex::new(VecDeque::new()));
        let said = script.clone();
        let wire = Wire::new(move |_| next(&mut said.lock().unwrap()));
        let environment = [
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_REGION", region),
            ("AWS_MAX_ATTEMPTS", &attempts.to_string()),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("HOME", "/nonexistent"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let (catalog, environment) = (Catalog::default(), Environment::new(environment, "/"));
        let service = catalog.service(service, &DataPaths::from(&environment)).unwrap();
        // Waits between attempts pass at once.
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        let client = Client::over(wire.http_client());
        let settings = Settings::resolve(None, &environment).unwrap();
        let target = Target::default();
        let caller = client.caller(&catalog, &service, &environment, &settings, &target, None);
        let caller = runtime.block_on(caller).unwrap().untyped();
        let (answers, differences) = (BTreeMap::new(), Vec::new());
        Self {
            service,
            caller,
            wire,
            script,
            runtime,
            region: region.into(),
            attempts,
            answers,
            compared: 0,
            differences,
        }
    }

    fn ask_for_answers(&mut self, names: &[&str]) {
        let questions: Vec<String> =
            names.iter().map(|name| format!("{} {name}", self.service.name)).collect();
        let lines = python::answers("tests/botocore/replies.py", &questions);
        let parsed = lines.iter().map(|line| serde_json::from_str::<Vec<Json>>(line).unwrap());
        let answers = parsed.map(|answers| answers.iter().map(answer).collect());
        self.answers.extend(names.iter().map(|name| (*name).to_owned()).zip(answers));
    }

    /// One operation on both sides, with an answer and with an error.
    fn compare<Output: Debug, Failure, Sending>(
        &mut self,
        name: &str,
        input: &Json,
        typed: impl Fn() -> Sending,
    ) where
        Failure: ProvideErrorMetadata + Debug,
        Sending: Future<Output = std::result::Result<Output, SdkError<Failure, HttpResponse>>>,
    {
        self.compared += 1;
        for answer in self.answers[name].clone() {
            self.script(slice::from_ref(&answer));
            let theirs = self.runtime.block_on(typed());
            let their_request = self.wire.take();
            let ours = self.ours(name, input);
            let our_request = self.wire.take();
            let difference = self
                .request_difference(&our_request, &their_request)
                .or_else(|| outcome_difference(&ours, &theirs));
            let text = String::from_utf8_lossy(&answer.2).into_owned();
            self.differences.extend(
                difference.map(|told| format!("{} {name}: {told}\nanswered {text}", self.service.name)),
            );
        }
    }

    /// Gives these answers from now on, the last one for ever.
    fn script(&self, answers: &[Answer]) {
        *self.script.lock().unwrap() = answers.iter().cloned().collect();
    }

    fn ours(&self, name: &str, input: &Json) -> Result<Value> {
        let operation = self.service.operation(name).unwrap();
        let request =
            Request::new(self.service.clone(), operation, &canonical::any(input), Span::test_data())?;
        self.runtime.block_on(self.caller.call(Arc::new(request))).map(|reply| reply.value)
    }

    fn request_difference(&self, ours: &[Sent], theirs: &[Sent]) -> Option<String> {
        if ours.len() != theirs.len() || ours.is_empty() {
            return Some(format!("{} requests instead of {}", ours.len(), theirs.len()));
        }
        let (ours, theirs) = (&ours[0], &theirs[0]);
        let told = json!({
            "method": theirs.method,
            "url": without_own_name(&theirs.url),
            "headers": headers(ours, theirs),
            "body": STANDARD.encode(&theirs.body),
        });
        let protocol = self.service.meta.protocol;
        sent::difference(&self.service, protocol, ours, &told, bodies::difference_in_any_order)
    }
}

/// Their headers: what comes in several lines as one, and content types where botocore has them otherwise.
fn headers(ours: &Sent, theirs: &Sent) -> BTreeMap<String, String> {
    let mut joined = BTreeMap::<String, String>::new();
    for (name, value) in &theirs.headers {
        joined
            .entry(name.clone())
            .and_modify(|known| *known = format!("{known},{value}"))
            .or_insert(value.clone());
    }
    match (joined.get("content-type").map(String::as_str), ours.header("content-type")) {
        (Some(FORM), Some(kind)) if kind.starts_with(FORM) => {
            joined.insert("content-type".into(), kind.into())
        }
        (Some(BYTES), None) => joined.remove("content-type"),
        _ => None,
    };
    joined
}

/// S3's typed clients add the name of the operation to some queries, for whoever reads the server's log.
fn without_own_name(url: &str) -> String {
    let (place, query) = url.split_once('?').unwrap_or((url, ""));
    let kept: Vec<&str> =
        query.split('&').filter(|pair| !pair.starts_with("x-id=") && !pair.is_empty()).collect();
    if kept.is_empty() { place.into() } else { format!("{place}?{}", kept.join("&")) }
}

fn outcome_difference<Output: Debug, Failure: ProvideErrorMetadata + Debug>(
    ours: &Result<Value>,
    theirs: &std::result::Result<Output, SdkError<Failure, HttpResponse>>,
) -> Option<String> {
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) => {
            let shown = format!("{theirs:?}");
            debug::difference(&canonical::plain(ours), &debug::tree(&shown))
                .map(|difference| format!("{difference}\ntyped {shown}"))
        }
        (Err(ours), Err(SdkError::ServiceError(theirs))) => error_difference(ours, theirs.err()),
        (ours, theirs) => Some(format!("ours {ours:?}\ntyped {theirs:?}")),
    }
}

fn error_difference(ours: &Error, theirs: &impl ProvideErrorMetadata) -> Option<String> {
    let code = ours.fault().map(|fault| fault.code.clone());
    let ours = (code.as_deref(), Some(ours.message()));
    let theirs = (theirs.code(), theirs.message());
    (ours != theirs).then(|| format!("error {ours:?} instead of {theirs:?}"))
}

fn answer(told: &Json) -> Answer {
    let headers = told["headers"].as_object().unwrap().iter();
    let headers = headers.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect();
    let status = told["status"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap();
    Answer(status, headers, STANDARD.decode(told["body"].as_str().unwrap()).unwrap())
}
