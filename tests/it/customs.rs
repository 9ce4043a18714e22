//! Calls of several legs: buckets in other regions, endpoints that a service tells, URLs signed for another region.

use crate::{
    client::{fact, prepare, variables},
    wire::{Answer, Sent, Wire},
};
use aws_perf::{
    client::{Client, Reply},
    config::Environment,
    error::{ErrorKind, Result},
    model::catalog::Catalog,
};
use nu_protocol::{Record, Value, record};
use std::sync::Arc;

/// A client on a wire, with everything that lives as long as a plugin.
struct Shell {
    wire: Wire,
    client: Client,
    catalog: Catalog,
    environment: Environment,
}

impl Shell {
    fn new(wire: Wire) -> Self {
        let mut all = variables("");
        all.retain(|(name, _)| name != "AWS_ENDPOINT_URL");
        let client = Client::over(wire.http_client());
        Self { wire, client, catalog: Catalog::default(), environment: Environment::new(all, "/") }
    }

    fn call(&self, service: &str, operation: &str, input: Record) -> Result<Reply> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let input = Value::test_record(input);
        runtime.block_on(async {
            let (client, catalog) = (&self.client, &self.catalog);
            let (caller, request) =
                prepare(client, catalog, &self.environment, service, operation, &input).await?;
            caller.call(Arc::new(request)).await
        })
    }

    /// Host and scope of each request since the last time.
    fn went(&self) -> Vec<(String, String)> {
        let host = |sent: &Sent| sent.url.split('/').nth(2).unwrap().to_string();
        self.wire.take().iter().map(|sent| (host(sent), sent.scope())).collect()
    }
}

fn text(text: &str) -> Value {
    Value::test_string(text)
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(host, scope)| ((*host).into(), (*scope).into())).collect()
}

const LIST: &str = "<ListBucketResult><Name>logs</Name><KeyCount>0</KeyCount></ListBucketResult>";
const HERE: (&str, &str) = ("logs.s3.eu-west-1.amazonaws.com", "eu-west-1/s3");
const THERE: (&str, &str) = ("logs.s3.ap-southeast-2.amazonaws.com", "ap-southeast-2/s3");

fn bucket() -> Record {
    record! { "Bucket" => text("logs") }
}

#[test]
fn a_bucket_elsewhere_is_asked_there_and_remembered() {
    let moved = "<Error><Code>PermanentRedirect</Code><Endpoint>evil.example.com</Endpoint></Error>";
    let malformed = "<Error><Code>AuthorizationHeaderMalformed</Code><Region>ap-southeast-2</Region></Error>";
    let header = [("x-amz-bucket-region", "ap-southeast-2"), ("location", "https://evil.example.com/")];
    for refusal in [
        Answer::new(301, &header, moved),
        Answer::new(307, &header, ""),
        Answer::new(400, &[], malformed),
        Answer::new(400, &header, "<Error><Code>IllegalLocationConstraintException</Code></Error>"),
    ] {
        let shell = Shell::new(Wire::script(vec![refusal.clone(), Answer::new(200, &[], LIST)]));
        let reply = shell.call("s3", "ListObjectsV2", bucket()).unwrap();
        assert_eq!((reply.attempts, shell.went()), (2, pairs(&[HERE, THERE])), "{refusal:?}");
        shell.call("s3", "ListObjectsV2", bucket()).unwrap();
        assert_eq!(shell.went(), pairs(&[THERE]), "{refusal:?}");
    }
}

#[test]
fn a_head_says_nothing_so_the_bucket_is_asked() {
    let wire = Wire::new(|sent| match (sent.url.as_str(), sent.scope().as_str()) {
        (_, "ap-southeast-2/s3") => Answer::new(200, &[("content-length", "3")], ""),
        ("https://logs.s3.eu-west-1.amazonaws.com/", _) => {
            Answer::new(403, &[("x-amz-bucket-region", "ap-southeast-2")], "")
        }
        _ => Answer::new(400, &[], ""),
    });
    let shell = Shell::new(wire);
    let object = record! { "Bucket" => text("logs"), "Key" => text("k") };
    let reply = shell.call("s3", "HeadObject", object).unwrap();
    assert_eq!(shell.went(), pairs(&[HERE, HERE, THERE]));
    assert_eq!(reply.value.get_data_by_key("ContentLength").unwrap(), Value::test_filesize(3));
}

#[test]
fn nobody_is_sent_round_in_circles_or_out_of_aws() {
    let again = Answer::new(301, &[("x-amz-bucket-region", "ap-southeast-2")], "");
    let shell = Shell::new(Wire::script(vec![again]));
    let error = shell.call("s3", "ListObjectsV2", bucket()).unwrap_err();
    assert_eq!((error.code().as_str(), shell.went()), ("aws::301", pairs(&[HERE, THERE])));
    let shell =
        Shell::new(Wire::script(vec![Answer::new(301, &[("x-amz-bucket-region", "evil.com/#")], "")]));
    let error = shell.call("s3", "ListObjectsV2", bucket()).unwrap_err();
    assert_eq!((error.kind(), shell.went()), (ErrorKind::InvalidInput, pairs(&[HERE])));
    // Creating a bucket elsewhere on purpose, and a region that is the configured one, are no redirects.
    let constraint = "<Error><Code>IllegalLocationConstraintException</Code><Message>m</Message></Error>";
    let shell = Shell::new(Wire::script(vec![Answer::new(
        400,
        &[("x-amz-bucket-region", "ap-southeast-2")],
        constraint,
    )]));
    shell.call("s3", "CreateBucket", bucket()).unwrap_err();
    assert_eq!(shell.went(), pairs(&[HERE]));
    let shell = Shell::new(Wire::script(vec![Answer::new(301, &[("x-amz-bucket-region", "eu-west-1")], "")]));
    shell.call("s3", "ListObjectsV2", bucket()).unwrap_err();
    assert_eq!(shell.went(), pairs(&[HERE]));
}

const CELL: &str =
    r#"{"Endpoints":[{"Address":"cell1.timestream.eu-west-1.amazonaws.com","CachePeriodInMinutes":1}]}"#;

fn asks_where(sent: &Sent) -> bool {
    sent.header("x-amz-target").unwrap().ends_with(".DescribeEndpoints")
}

#[test]
fn timestream_is_asked_where_it_is_and_asked_again_when_it_moved() {
    let mut moved = true;
    let wire = Wire::new(move |sent| {
        if asks_where(sent) {
            assert_eq!(sent.header("x-amz-api-version"), Some("2018-11-01"));
            return Answer::new(200, &[], CELL);
        }
        if std::mem::take(&mut moved) {
            return Answer::new(421, &[], r#"{"__type":"InvalidEndpointException"}"#);
        }
        Answer::new(200, &[], r#"{"Databases":[]}"#)
    });
    let shell = Shell::new(wire);
    let reply = shell.call("timestream-write", "ListDatabases", Record::new()).unwrap();
    assert_eq!(reply.endpoint.as_deref(), Some("https://cell1.timestream.eu-west-1.amazonaws.com"));
    let rules = ("ingest.timestream.eu-west-1.amazonaws.com", "eu-west-1/timestream");
    let cell = ("cell1.timestream.eu-west-1.amazonaws.com", "eu-west-1/timestream");
    assert_eq!(shell.went(), pairs(&[rules, cell, rules, cell]));
    shell.call("timestream-write", "ListDatabases", Record::new()).unwrap();
    assert_eq!(shell.went(), pairs(&[cell]));
}

#[test]
fn an_endpoint_that_makes_no_sense_is_told() {
    for answer in
        ["{}", r#"{"Endpoints":[]}"#, r#"{"Endpoints":[{"Address":"a b","CachePeriodInMinutes":1}]}"#]
    {
        let answer = answer.to_string();
        let shell = Shell::new(Wire::new(move |_| Answer::new(200, &[], &answer)));
        let error = shell.call("timestream-query", "ListScheduledQueries", Record::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadAnswer, "{error:?}");
        assert_eq!(fact(&error, "operation"), Some("timestream-query ListScheduledQueries"));
    }
}

#[test]
fn a_copy_between_regions_carries_a_url_for_its_source() {
    let done = "<CopySnapshotResponse><snapshotId>snap-2</snapshotId></CopySnapshotResponse>";
    let shell = Shell::new(Wire::script(vec![Answer::new(200, &[], done)]));
    let input = record! { "SourceRegion" => text("us-east-1"), "SourceSnapshotId" => text("snap-1") };
    shell.call("ec2", "CopySnapshot", input).unwrap();
    let sent = shell.wire.take().remove(0);
    let form: Vec<(String, String)> = form(&sent.body);
    let value = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    assert_eq!(value("DestinationRegion"), Some("eu-west-1"));
    let url = value("PresignedUrl").unwrap();
    let (place, query) = url.split_once('?').unwrap();
    assert_eq!(place, "https://ec2.us-east-1.amazonaws.com/");
    for part in [
        "Action=CopySnapshot",
        "SourceSnapshotId=snap-1",
        "DestinationRegion=eu-west-1",
        "X-Amz-Expires=3600",
        "%2Fus-east-1%2Fec2%2Faws4_request",
        "X-Amz-Signature=",
    ] {
        assert!(query.contains(part), "{part} in {query}");
    }
}

fn form(body: &[u8]) -> Vec<(String, String)> {
    let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned();
    let body = std::str::from_utf8(body).unwrap();
    body.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (decode(key), decode(value)))
        .collect()
}

#[test]
fn a_multi_region_access_point_is_signed_for_all_regions() {
    let shell = Shell::new(Wire::script(vec![Answer::new(200, &[], LIST)]));
    let bucket = text("arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap");
    shell.call("s3", "ListObjectsV2", record! { "Bucket" => bucket }).unwrap();
    let sent = shell.wire.take().remove(0);
    assert!(
        sent.url.starts_with("https://mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com/?"),
        "{}",
        sent.url
    );
    assert!(sent.header("authorization").unwrap().starts_with("AWS4-ECDSA-P256-SHA256 "));
    assert_eq!(sent.header("x-amz-region-set"), Some("*"));
}

#[test]
fn a_clock_that_is_wrong_is_corrected_by_the_answer() {
    let tomorrow = chrono::Utc::now() + chrono::TimeDelta::days(1);
    let date = tomorrow.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    for (service, operation, input) in [
        ("stepfunctions", "ListStateMachines", Record::new()),
        ("sqs", "SendMessage", record! { "QueueUrl" => text("https://q"), "MessageBody" => text("once") }),
    ] {
        let skewed = r#"{"__type":"RequestTimeTooSkewed","message":"the clock is off"}"#;
        let answers =
            vec![Answer::new(403, &[("date", &date)], skewed), Answer::new(200, &[("date", &date)], "{}")];
        let shell = Shell::new(Wire::script(answers));
        assert_eq!(shell.call(service, operation, input).unwrap().attempts, 2, "{service}");
        let sent = shell.wire.take();
        let days: Vec<&str> = sent.iter().map(|sent| &sent.header("x-amz-date").unwrap()[..8]).collect();
        assert_ne!(days[0], days[1]);
        assert!(days[1] >= tomorrow.format("%Y%m%d").to_string().as_str(), "{days:?}");
    }
}
