//! What is refused before any network, and in what words.

use super::*;

fn help(error: &Error) -> &str {
    error.help_text().unwrap_or_default()
}

#[test]
fn event_streams_are_refused() {
    let error = refused("lambda", "InvokeWithResponseStream", data(r#"{"FunctionName": "f"}"#));
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.message().contains("event streams"), "{error}");
}

#[test]
fn unknown_parameters_are_told_with_their_place_and_what_was_meant() {
    for (service, operation, parameters, shown, meant) in [
        ("ec2", "DescribeInstances", r#"{"InstanceId": ["i-1"]}"#, "`InstanceId`", "InstanceIds"),
        ("ec2", "DescribeInstances", r#"{"Filters": [{"Nam": "x"}]}"#, "`Filters.0.Nam`", "Name"),
        ("s3", "ListObjectsV2", r#"{"Bukcet": "b"}"#, "`Bukcet`", "Did you mean Bucket?"),
        ("sqs", "ListQueues", r#"{"zzz": 1}"#, "`zzz`", "its parameters: "),
        ("ec2", "DescribeInstances", r#"{"zzz": 1}"#, "`zzz`", "its parameters: "),
        ("s3", "PutObject", r#"{"zzz": 1}"#, "`zzz`", "aws operations"),
        ("sts", "GetCallerIdentity", r#"{"Name": 1}"#, "`Name`", "it takes no parameters"),
    ] {
        let error = refused(service, operation, data(parameters));
        assert_eq!(error.kind(), ErrorKind::UnknownName);
        assert!(error.message().contains(shown), "{error}");
        assert!(help(&error).contains(meant), "{shown}: {}", help(&error));
    }
}

#[test]
fn missing_parameters_are_listed_together_with_an_example() {
    for (service, operation, parameters, message, example) in [
        (
            "dynamodb",
            "PutItem",
            "{}",
            "required parameters `TableName`, `Item`",
            "add {TableName: \"…\", Item: {key: ",
        ),
        ("s3", "ListObjectsV2", r#"{"Prefix": "a"}"#, "required parameter `Bucket`", "add {Bucket: \"…\"}"),
        ("s3", "ListObjectsV2", r#"{"Bucket": null}"#, "required parameter `Bucket`", "Bucket"),
        (
            "logs",
            "PutLogEvents",
            r#"{"logGroupName": "g", "logStreamName": "s", "logEvents": [{}]}"#,
            "`logEvents.0.timestamp`, `logEvents.0.message`",
            "add {timestamp: 1, message: \"…\"}",
        ),
    ] {
        let error = refused(service, operation, data(parameters));
        assert!(error.message().contains(message), "{error}");
        assert!(help(&error).contains(example), "{}", help(&error));
    }
    // A client fills idempotency tokens, so nobody else has to.
    input("networkmanager", "StartOrganizationServiceAccessUpdate", data(r#"{"Action": "ENABLE"}"#)).unwrap();
    input(
        "ssm-incidents",
        "CreateTimelineEvent",
        data(
            r#"{"eventData": "{}", "eventTime": "2026-01-31", "eventType": "x", "incidentRecordArn": "arn"}"#,
        ),
    )
    .unwrap();
}

#[test]
fn parameters_are_a_record_or_nothing() {
    assert!(input("sqs", "ListQueues", Value::test_nothing()).unwrap().is_empty());
    for wrong in [Value::test_int(1), data("[1]"), Value::test_string("x")] {
        assert!(refused("sqs", "ListQueues", wrong).message().contains("must be a record"));
    }
}

#[test]
fn errors_point_at_the_value() {
    let span = Span::new(40, 44);
    let filter = nu_protocol::record! { "Name" => Value::int(1, span) };
    let parameters = Value::test_record(nu_protocol::record! {
        "Filters" => Value::test_list(vec![Value::test_record(filter)]),
    });
    let error = refused("ec2", "DescribeInstances", parameters);
    assert_eq!(error.span(), Some(span));
    assert!(error.message().contains("`Filters.0.Name`"), "{error}");
}

#[test]
fn one_parameter_is_given_once_in_whatever_spelling() {
    let error = refused("s3", "ListObjectsV2", data(r#"{"Bucket": "a", "bucket": "b"}"#));
    assert!(error.message().contains("`Bucket` is given twice"), "{error}");
    let error = refused("ec2", "DescribeInstances", data(r#"{"Filters": [{"Name": "a", "name": "b"}]}"#));
    assert!(error.message().contains("given twice"), "{error}");
}
