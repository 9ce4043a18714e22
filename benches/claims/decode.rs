//! Wire to values, against the typed SDK on the same bytes; and how long models take to load.

use super::common::{in_turn, line, median, ratio, s3_page};
use aws_perf::{
    client::protocols::{Answer, Decoding, decode},
    config::Environment,
    model::catalog::{Catalog, DataPaths},
};
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_runtime_api::{
    client::{
        http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
        orchestrator::{HttpRequest, HttpResponse},
    },
    http::{Headers, StatusCode},
};
use aws_smithy_types::body::SdkBody;
use nu_protocol::Span;
use std::hint::black_box;

/// Answers every request with the same bytes, without a network.
#[derive(Debug, Clone)]
struct Canned(bytes::Bytes);

impl HttpConnector for Canned {
    fn call(&self, _request: HttpRequest) -> HttpConnectorFuture {
        let status = StatusCode::try_from(200).unwrap();
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(self.0.clone()))))
    }
}

fn typed_client(body: Vec<u8>) -> aws_sdk_s3::Client {
    let connector = SharedHttpConnector::new(Canned(body.into()));
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "bench"))
        .http_client(http_client_fn(move |_, _| connector.clone()))
        .build();
    aws_sdk_s3::Client::from_conf(config)
}

pub(super) fn run() {
    const ROWS: usize = 1000;
    const TIMES: usize = 300;
    let catalog = Catalog::default();
    let paths = DataPaths::from(&Environment::default());
    let s3 = catalog.service("s3", &paths).unwrap();
    let operation = s3.operation("ListObjectsV2").unwrap();
    let how = Decoding { span: Span::unknown(), typed: true };
    let headers = Headers::new();
    let (full, empty) = (s3_page(ROWS), s3_page(0));
    let ours = |body: &[u8]| {
        let answer = Answer { status: 200, headers: &headers, body };
        black_box(decode(&s3, operation, &answer, how).unwrap());
    };

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (typed_full, typed_empty) = (typed_client(full.clone()), typed_client(empty.clone()));
    let typed = |client: &aws_sdk_s3::Client| {
        black_box(runtime.block_on(client.list_objects_v2().bucket("bucket").send()).unwrap());
    };
    // The SDK's parser cannot be called alone: a call whose answer has no rows is the rest of the way, and is
    // subtracted. The same is done for ours, whose rest is small.
    let (ours_full, sdk_full) = in_turn(TIMES, || ours(&full), || typed(&typed_full));
    let (ours_empty, sdk_empty) = in_turn(TIMES, || ours(&empty), || typed(&typed_empty));
    let (ours_rows, sdk_rows) = (ours_full.saturating_sub(ours_empty), sdk_full.saturating_sub(sdk_empty));

    println!("== XML: a page of {ROWS} S3 keys ({} KB)", full.len() / 1024);
    #[allow(clippy::cast_precision_loss, reason = "a thousand rows")]
    let rate = |time: std::time::Duration| format!("{:.0} rows/s", ROWS as f64 / time.as_secs_f64());
    line("ours, bytes to Nushell values", &format!("{ours_rows:?}, {}", rate(ours_rows)));
    line("aws-sdk-s3, bytes to typed structs", &format!("{sdk_rows:?}, {}", rate(sdk_rows)));
    line("ratio (floor 1, aim 2.5)", &format!("{:.2}", ratio(sdk_rows, ours_rows)));

    println!("== models: first load of a service from the pack");
    for name in ["ec2", "s3", "stepfunctions", "sagemaker"] {
        let time = median(9, || {
            black_box(Catalog::default().service(name, &paths).unwrap());
        });
        let operations = catalog.service(name, &paths).unwrap().operations.len();
        line(name, &format!("{time:?} ({operations} operations)"));
    }
}
