use super::*;
use crate::{
    error::ErrorKind,
    model::catalog::{Catalog, DataPaths},
};
use nu_protocol::{Span, record};

fn request(service: &str, operation: &str, input: Record) -> Arc<Request> {
    let service = Catalog::default().service(service, &DataPaths::default()).unwrap();
    let operation = service.operation(operation).unwrap().clone();
    Arc::new(Request { service, operation, input, span: Span::test_data() })
}

fn text(text: &str) -> Value {
    Value::test_string(text)
}

fn customs(service: &str, operation: &str, input: Record) -> Customs {
    Customs::of(&request(service, operation, input), &Options::plain()).unwrap()
}

fn refusal(service: &str, operation: &str, input: Record) -> ErrorKind {
    Customs::of(&request(service, operation, input), &Options::plain()).unwrap_err().kind()
}

#[test]
fn lists_of_keys_are_asked_for_encoded_and_come_decoded() {
    let listed = || {
        Value::test_record(record! {
            "EncodingType" => text("url"),
            "Prefix" => text("a%2Fb"),
            "Marker" => text("m%20"),
            "NextToken" => text("%41"),
            "Contents" => Value::test_list(vec![
                Value::test_record(record! { "Key" => text("k+1%09%C3%BC"), "ETag" => text("%22") }),
            ]),
        })
    };
    let asked = customs("s3", "ListObjectsV2", record! { "Bucket" => text("b") });
    assert_eq!(asked.request.input.get("EncodingType"), Some(&text("url")));
    let answer = asked.answer(listed()).into_record().unwrap();
    let key = answer.get("Contents").unwrap().as_list().unwrap()[0].clone();
    assert_eq!(key, Value::test_record(record! { "Key" => text("k 1\tü"), "ETag" => text("%22") }));
    assert_eq!((answer.get("Prefix"), answer.get("NextToken")), (Some(&text("a/b")), Some(&text("%41"))));
    // The first version of the list leaves its prefix alone, and whoever asks for an encoding gets it.
    let first = customs("s3", "ListObjects", record! { "Bucket" => text("b") });
    assert_eq!(first.answer(listed()).get_data_by_key("Prefix"), Some(text("a%2Fb")));
    let own =
        customs("s3", "ListObjectsV2", record! { "Bucket" => text("b"), "EncodingType" => text("url") });
    assert_eq!(own.answer(listed()), listed());
}

#[test]
fn keys_of_the_customer_go_in_base64_with_their_sum() {
    let input = record! { "Bucket" => text("b"), "Key" => text("k"), "SSECustomerKey" => text("secret") };
    let sent = customs("s3", "GetObject", input.clone()).request;
    assert_eq!(sent.input.get("SSECustomerKey"), Some(&text("c2VjcmV0")));
    assert_eq!(sent.input.get("SSECustomerKeyMD5"), Some(&text("Xr4ilOzQ4PCOq3aQ0qbuaQ==")));
    let mut given = input;
    given.push("SSECustomerKeyMD5", text("own"));
    let kept = customs("s3", "GetObject", given).request;
    assert_eq!(kept.input.get("SSECustomerKey"), Some(&text("secret")));
}

#[test]
fn what_s3_would_misread_is_refused() {
    assert_eq!(refusal("s3", "HeadBucket", record! { "Bucket" => text("a/b") }), ErrorKind::InvalidInput);
    let metadata = Value::test_record(record! { "k" => text("ü") });
    let input = record! { "Bucket" => text("b"), "Key" => text("k"), "Metadata" => metadata };
    assert_eq!(refusal("s3", "PutObject", input), ErrorKind::InvalidInput);
}

#[test]
fn user_data_is_encoded_and_consoles_are_decoded() {
    let sent = customs("ec2", "RunInstances", record! { "UserData" => text("#!/bin/sh") });
    assert_eq!(sent.request.input.get("UserData"), Some(&text("IyEvYmluL3No")));
    let other = customs("ec2", "CreateLaunchTemplate", record! { "UserData" => text("x") });
    assert_eq!(other.request.input.get("UserData"), Some(&text("x")));
    let console = customs("ec2", "GetConsoleOutput", Record::new());
    let answer = |output: &str| console.answer(Value::test_record(record! { "Output" => text(output) }));
    assert_eq!(answer("bG9naW46IP8="), Value::test_record(record! { "Output" => text("login: \u{fffd}") }));
    assert_eq!(answer("not base64!"), Value::test_record(record! { "Output" => text("not base64!") }));
}

#[test]
fn templates_in_json_are_records() {
    let template = customs("cloudformation", "GetTemplate", Record::new());
    let read = |body: &str| {
        template
            .answer(Value::test_record(record! { "TemplateBody" => text(body) }))
            .get_data_by_key("TemplateBody")
    };
    assert_eq!(read(r#"{"b": 1, "a": [null]}"#).unwrap().as_record().unwrap().get_index(0).unwrap().0, "b");
    assert_eq!(read("Resources: {}"), Some(text("Resources: {}")));
}

#[test]
fn ids_of_route53_are_trimmed() {
    let sent = customs("route53", "GetHostedZone", record! { "Id" => text("/hostedzone/Z1") });
    assert_eq!(sent.request.input.get("Id"), Some(&text("Z1")));
}

#[test]
fn an_arn_of_an_outpost_belongs_to_the_account() {
    let arn = |account: &str, kind: &str| {
        text(&format!("arn:aws:s3-outposts:us-west-2:{account}:outpost/op-1/{kind}/n"))
    };
    let own = text("123456789012");
    let input = record! { "AccountId" => own.clone(), "Bucket" => arn("123456789012", "bucket") };
    assert_eq!(customs("s3control", "GetBucket", input.clone()).request.input, input);
    let filled =
        customs("s3control", "GetAccessPoint", record! { "Name" => arn("123456789012", "accesspoint") });
    assert_eq!(filled.request.input.get("AccountId"), Some(&own));
    let other = record! { "AccountId" => own.clone(), "Bucket" => arn("210987654321", "bucket") };
    assert_eq!(refusal("s3control", "GetBucket", other), ErrorKind::InvalidInput);
    let kind = record! { "AccountId" => own, "Bucket" => arn("123456789012", "accesspoint") };
    assert_eq!(refusal("s3control", "GetBucket", kind), ErrorKind::InvalidInput);
}

#[test]
fn searches_go_as_forms_and_predictions_where_the_model_serves() {
    let search = request("cloudsearchdomain", "Search", record! { "query" => text("x") });
    let mut sent = Encoded {
        method: "GET".into(),
        uri: "/2013-01-01/search?format=sdk&q=x".into(),
        headers: Vec::new(),
        body: bytes::Bytes::new(),
    };
    encoded(&search, &mut sent);
    assert_eq!(
        (sent.method.as_str(), sent.uri.as_str(), &sent.body[..]),
        ("POST", "/2013-01-01/search", &b"format=sdk&q=x"[..])
    );
    let at = |url: &str| {
        endpoint(&request("machinelearning", "Predict", record! { "PredictEndpoint" => text(url) }))
    };
    assert_eq!(at("https://realtime.example.com/x").unwrap().unwrap(), "https://realtime.example.com");
    assert!(at("plain").unwrap().is_err());
    assert!(endpoint(&request("machinelearning", "GetMLModel", Record::new())).is_none());
}
