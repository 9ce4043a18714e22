//! What is tried again: for each error code, status and way to fail, as often as the typed SDKs try it.
//!
//! Reads only: of writes, ours repeats less (`src/client/guard.rs`).

use super::{Answer, Pair, json, typed};
use aws_perf::error::Fault;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use serde_json::Value as Json;
use std::{fmt::Debug, future::Future};

const ATTEMPTS: u32 = 4;

/// What AWS's SDKs call throttling or transient, what services say besides, and what nobody repeats.
const CODES: [&str; 37] = [
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottledException",
    "RequestThrottled",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "LimitExceededException",
    "SlowDown",
    "PriorRequestNotComplete",
    "EC2ThrottledException",
    "RequestTimeout",
    "RequestTimeoutException",
    "IDPCommunicationError",
    "InternalError",
    "InternalFailure",
    "InternalServerError",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "ServiceException",
    "Unavailable",
    "TooManyRequests",
    "ThrottlingError",
    "slowdown",
    "AccessDenied",
    "AccessDeniedException",
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidSignatureException",
    "RequestTimeTooSkewed",
    "NoSuchBucket",
    "OptInRequired",
    "ValidationException",
    "UnknownOperationException",
];

const STATUSES: [u16; 17] =
    [400, 401, 403, 404, 405, 408, 409, 412, 429, 499, 500, 501, 502, 503, 504, 505, 599];

/// A body with an error code in the service's own form.
type Body = fn(&str) -> String;

#[test]
fn failures_are_tried_again_as_often_as_by_the_typed_sdks() {
    let mut compared = 0;
    let mut differences = Vec::new();
    let mut judge = |at: String, difference: Option<String>| {
        compared += 1;
        differences.extend(difference.map(|told| format!("{at}: {told}")));
    };
    let bodies: [(&str, Body); 3] = [
        ("s3", |code| format!("<Error><Code>{code}</Code><Message>m</Message></Error>")),
        ("ec2", |code| {
            let error = format!("<Error><Code>{code}</Code><Message>m</Message></Error>");
            format!("<Response><Errors>{error}</Errors><RequestID>r</RequestID></Response>")
        }),
        ("stepfunctions", |code| json!({ "__type": format!("a.b#{code}"), "message": "m" }).to_string()),
    ];
    for (service, body) in bodies {
        for (number, code) in CODES.iter().enumerate() {
            // A budget for retries of their own, so that none runs out.
            let pair = Pair::new(service, &format!("xx-{service}-{number}"), ATTEMPTS);
            let tries = Tries::new(&pair);
            for status in STATUSES {
                let answer = Answer::new(status, &[], &body(code));
                judge(format!("{service} {code} {status}"), tries.difference(&[answer]));
            }
        }
        let pair = Pair::new(service, &format!("xx-{service}-bare"), ATTEMPTS);
        let tries = Tries::new(&pair);
        for status in STATUSES {
            judge(format!("{service} {status} bare"), tries.difference(&[Answer::new(status, &[], "")]));
        }
        let pair = Pair::new(service, &format!("xx-{service}-more"), ATTEMPTS);
        let tries = Tries::new(&pair);
        for (wait, status) in
            [("0", 400), ("250", 400), ("250", 403), ("soon", 400), ("-1", 503), ("250", 503)]
        {
            let answer = Answer::new(status, &[("x-amz-retry-after", wait)], &body("ValidationException"));
            judge(format!("{service} {status} after {wait}"), tries.difference(&[answer]));
        }
        let good = Answer::new(200, &[], tries.good());
        let throttled = Answer::new(400, &[], &body("ThrottlingException"));
        let (broken, silent) = (Answer(0, Vec::new(), Vec::new()), Answer(1, Vec::new(), Vec::new()));
        for (name, answers) in [
            ("broken", vec![broken.clone()]),
            ("silent", vec![silent.clone()]),
            ("mended", vec![broken, throttled.clone(), silent, good.clone()]),
            ("throttled once", vec![throttled, good.clone()]),
            ("good", vec![good]),
            ("refused", vec![Answer::new(400, &[], &body("ValidationException"))]),
        ] {
            judge(format!("{service} {name}"), tries.difference(&answers));
        }
    }
    println!("{compared} ways to fail beside the typed SDKs");
    assert!(
        differences.is_empty(),
        "{} of {compared} differ:\n{}",
        differences.len(),
        differences.join("\n")
    );
}

/// One read of a service, on both sides.
struct Tries<'a> {
    pair: &'a Pair,
    typed: Typed,
}

enum Typed {
    S3(aws_sdk_s3::Client),
    Ec2(aws_sdk_ec2::Client),
    Sfn(aws_sdk_sfn::Client),
}

impl<'a> Tries<'a> {
    fn new(pair: &'a Pair) -> Self {
        let typed = match &*pair.service.name {
            "s3" => Typed::S3(typed!(aws_sdk_s3, pair)),
            "ec2" => Typed::Ec2(typed!(aws_sdk_ec2, pair)),
            _ => Typed::Sfn(typed!(aws_sdk_sfn, pair)),
        };
        Self { pair, typed }
    }

    /// A body that both take.
    fn good(&self) -> &'static str {
        match self.typed {
            Typed::S3(_) => "<ListBucketResult/>",
            Typed::Ec2(_) => "<DescribeVpcsResponse/>",
            Typed::Sfn(_) => r#"{"stateMachines":[]}"#,
        }
    }

    /// How our tries differ from theirs, where these are the answers, the last one for ever.
    fn difference(&self, answers: &[Answer]) -> Option<String> {
        let theirs = match &self.typed {
            Typed::S3(s3) => self.theirs(answers, s3.list_objects_v2().bucket("logs").send()),
            Typed::Ec2(ec2) => self.theirs(answers, ec2.describe_vpcs().send()),
            Typed::Sfn(sfn) => self.theirs(answers, sfn.list_state_machines().send()),
        };
        let (operation, input) = match self.typed {
            Typed::S3(_) => ("ListObjectsV2", json!({ "Bucket": "logs" })),
            Typed::Ec2(_) => ("DescribeVpcs", json!({})),
            Typed::Sfn(_) => ("ListStateMachines", json!({})),
        };
        let ours = self.ours(answers, operation, &input);
        (ours != theirs).then(|| format!("{ours:?} instead of {theirs:?}"))
    }

    fn ours(&self, answers: &[Answer], operation: &str, input: &Json) -> (usize, Option<String>) {
        self.pair.script(answers);
        let outcome = self.pair.ours(operation, input);
        let code = |fault: &Fault| fault.code.clone();
        let code = outcome.err().map(|error| error.fault().map_or_else(String::new, code));
        (self.pair.wire.take().len(), code.map(told))
    }

    fn theirs<Output: Debug, Failure: ProvideErrorMetadata>(
        &self,
        answers: &[Answer],
        sending: impl Future<Output = Result<Output, SdkError<Failure, HttpResponse>>>,
    ) -> (usize, Option<String>) {
        self.pair.script(answers);
        let outcome = self.pair.runtime.block_on(sending);
        let code = outcome.err().map(|error| error.code().unwrap_or_default().to_owned());
        (self.pair.wire.take().len(), code.map(told))
    }
}

/// Where an answer has no code, ours is the status, as in botocore; S3's typed client makes one up for 404.
fn told(code: String) -> String {
    if code == "NotFound" || code.parse::<u16>().is_ok() { String::new() } else { code }
}
