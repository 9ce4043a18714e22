//! Texts, numbers, bytes and points in time.

use super::*;

const NONE: &str = "{}";

fn text(value: &str) -> Value {
    Value::test_string(value)
}

#[test]
fn numbers_for_texts_show_the_quoted_form() {
    for (value, shown) in [
        (Value::test_int(99_720_109_477), "quote it: \"99720109477\""),
        (Value::test_float(1.5), "quote it: \"1.5\""),
        (Value::test_bool(true), "quote it: \"true\""),
    ] {
        let owners = Value::test_list(vec![value]);
        let error = member("ec2", "DescribeImages", data(NONE), "Owners", owners).unwrap_err();
        assert!(error.message().contains("`Owners.0` must be a string"), "{error}");
        assert_eq!(error.help_text(), Some(shown));
    }
    let error =
        member("dynamodb", "PutItem", data(r#"{"TableName": "t"}"#), "Item", data(r#"{"id": {"N": 1}}"#));
    assert!(error.unwrap_err().message().contains("`Item.id.N` must be a string"));
}

#[test]
fn texts_for_numbers_show_the_plain_form() {
    let error = member("ec2", "DescribeInstances", data(NONE), "MaxResults", text(" 5 ")).unwrap_err();
    assert_eq!(error.help_text(), Some("write MaxResults: 5"));
}

#[test]
fn numbers_keep_their_bounds() {
    let lambda = |name, value| {
        member("lambda", "UpdateFunctionConfiguration", data(r#"{"FunctionName": "f"}"#), name, value)
    };
    assert_eq!(lambda("Timeout", Value::test_int(900)).unwrap(), Some(Value::test_int(900)));
    let error = lambda("Timeout", Value::test_int(0)).unwrap_err();
    assert!(error.message().contains("is 0 and must be at least 1"), "{error}");
    // AWS raises maxima faster than models tell.
    lambda("MemorySize", Value::test_int(1_000_000)).unwrap();
    for wide in [i64::from(i32::MAX) + 1, i64::from(i32::MIN) - 1, i64::MAX] {
        let error = member("ec2", "CreateVolume", data(NONE), "Size", Value::test_int(wide)).unwrap_err();
        assert!(error.message().contains("does not fit into 32 bits"), "{error}");
    }
    let long = member("logs", "FilterLogEvents", data(NONE), "startTime", Value::test_int(i64::MAX));
    assert_eq!(long.unwrap(), Some(Value::test_int(i64::MAX)));
}

#[test]
fn floats_take_whole_numbers() {
    let statistics = r#"{"Namespace": "n", "MetricData": [{"MetricName": "m", "Value": 2}]}"#;
    let input = input("cloudwatch", "PutMetricData", data(statistics)).unwrap();
    let value = input["MetricData"].as_list().unwrap()[0].get_data_by_key("Value");
    assert_eq!(value, Some(Value::test_float(2.0)));
    let wrong = statistics.replace(": 2}", r#": "2"}"#);
    let error = refused("cloudwatch", "PutMetricData", data(&wrong));
    assert!(error.message().contains("`MetricData.0.Value` must be a number"), "{error}");
}

#[test]
fn sizes_are_counted_in_the_units_of_the_api() {
    const KIB: i64 = 1 << 10;
    for (service, operation, others, name, bytes, expected) in [
        ("ec2", "CreateVolume", NONE, "Size", 8 * KIB * KIB * KIB, 8),
        (
            "lambda",
            "UpdateFunctionConfiguration",
            r#"{"FunctionName": "f"}"#,
            "MemorySize",
            256 * KIB * KIB,
            256,
        ),
        ("s3", "PutObject", r#"{"Bucket": "b", "Key": "k"}"#, "ContentLength", 1_000, 1_000),
    ] {
        let value = member(service, operation, data(others), name, Value::test_filesize(bytes)).unwrap();
        assert_eq!(value, Some(Value::test_int(expected)), "{service} {name}");
    }
    let error = member("ec2", "CreateVolume", data(NONE), "Size", Value::test_filesize(1_500_000_000));
    let error = error.unwrap_err();
    assert!(error.message().contains("`Size` counts whole GiB, found 1500000000 bytes"), "{error}");
}

#[test]
fn durations_are_counted_in_the_unit_that_is_documented() {
    const SECOND: i64 = 1_000_000_000;
    const DAY: i64 = 86_400 * SECOND;
    let function = r#"{"FunctionName": "f"}"#;
    let alarm = r#"{"AlarmName": "a", "EvaluationPeriods": 1, "ComparisonOperator": "GreaterThanThreshold"}"#;
    let receive = r#"{"QueueUrl": "q"}"#;
    let group = r#"{"logGroupName": "g"}"#;
    let database = r#"{"DBInstanceIdentifier": "d"}"#;
    for (service, operation, others, name, nanos, expected) in [
        ("lambda", "UpdateFunctionConfiguration", function, "Timeout", 90 * SECOND, 90),
        ("cloudwatch", "PutMetricAlarm", alarm, "Period", 300 * SECOND, 300),
        ("sqs", "ReceiveMessage", receive, "WaitTimeSeconds", 20 * SECOND, 20),
        ("sqs", "ReceiveMessage", receive, "VisibilityTimeout", 60 * SECOND, 60),
        ("logs", "PutRetentionPolicy", group, "retentionInDays", 7 * DAY, 7),
        ("rds", "ModifyDBInstance", database, "BackupRetentionPeriod", 7 * DAY, 7),
        ("glue", "StartJobRun", r#"{"JobName": "j"}"#, "Timeout", 1_800 * SECOND, 30),
    ] {
        let value = member(service, operation, data(others), name, Value::test_duration(nanos)).unwrap();
        assert_eq!(value, Some(Value::test_int(expected)), "{service} {name}");
    }
    let error = member("sqs", "ReceiveMessage", data(receive), "WaitTimeSeconds", Value::test_duration(5));
    assert!(error.unwrap_err().message().contains("`WaitTimeSeconds` counts whole seconds"));
    let error = member("ec2", "CreateVolume", data(NONE), "Iops", Value::test_duration(SECOND)).unwrap_err();
    assert!(error.help_text().unwrap().contains("plain number"), "{error:?}");
    // No unit in the name, none documented for this service: better asked than sixty times too long.
    let session = r#"{"Id": "i", "Role": "r", "Command": {"Name": "n"}}"#;
    let error = member("glue", "CreateSession", data(session), "IdleTimeout", Value::test_duration(SECOND));
    assert!(error.is_err());
}

#[test]
fn points_in_time_become_what_the_member_holds() {
    let at = || date("2026-01-31T01:00:00.5+01:00");
    let metrics = r#"{"MetricDataQueries": [], "EndTime": "2026-02-01"}"#;
    let stamp = member("cloudwatch", "GetMetricData", data(metrics), "StartTime", at()).unwrap();
    assert_eq!(stamp, Some(at()));
    let millis = member("logs", "FilterLogEvents", data(NONE), "startTime", at()).unwrap();
    assert_eq!(millis, Some(Value::test_int(1_769_817_600_500)));
    let query = r#"{"endTime": 1, "queryString": "q"}"#;
    let seconds = member("logs", "StartQuery", data(query), "startTime", at()).unwrap();
    assert_eq!(seconds, Some(Value::test_int(1_769_817_600)));
    let token = member("ec2", "DescribeInstances", data(NONE), "NextToken", at()).unwrap();
    assert_eq!(token, Some(text("2026-01-31T00:00:00.500Z")));
    let error = member("ec2", "CreateVolume", data(NONE), "Size", at()).unwrap_err();
    assert!(error.message().contains("`Size` must be a number"), "{error}");
}

#[test]
fn a_day_is_written_as_a_day_where_the_api_wants_days() {
    let costs = |start: Value| {
        let period = nu_protocol::record! { "Start" => start, "End" => text("2026-02-01") };
        let others = data(r#"{"Granularity": "DAILY", "Metrics": ["UnblendedCost"]}"#);
        let input = member("ce", "GetCostAndUsage", others, "TimePeriod", Value::test_record(period));
        input.unwrap().unwrap().get_data_by_key("Start").unwrap()
    };
    assert_eq!(costs(date("2026-01-31T00:00:00Z")), text("2026-01-31"));
    assert_eq!(costs(date("2026-01-31T05:00:00Z")), text("2026-01-31T05:00:00Z"));
}

#[test]
fn timestamps_take_texts_and_epoch_seconds() {
    let metrics = r#"{"MetricDataQueries": [], "EndTime": "2026-02-01"}"#;
    let start = |value| member("cloudwatch", "GetMetricData", data(metrics), "StartTime", value);
    for value in [
        text("2026-01-31"),
        text("2026-01-31T01:00:00+01:00"),
        text("Sat, 31 Jan 2026 00:00:00 GMT"),
        Value::test_int(1_769_817_600),
    ] {
        let date = start(value.clone()).unwrap().unwrap();
        assert_eq!(date.as_date().unwrap().timestamp(), 1_769_817_600, "{value:?}");
    }
    for wrong in [text("tomorrow"), Value::test_int(i64::MAX), Value::test_bool(true)] {
        let error = start(wrong).unwrap_err();
        assert!(error.message().contains("`StartTime` must be a datetime"), "{error}");
        assert_eq!(error.help_text(), Some("write StartTime: 2026-01-31T12:00:00Z"));
    }
}

#[test]
fn texts_that_are_json_take_records_and_lists() {
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow"}]}"#;
    for (service, operation, others, name) in [
        ("iam", "CreatePolicy", r#"{"PolicyName": "p"}"#, "PolicyDocument"),
        ("iam", "CreateRole", r#"{"RoleName": "r"}"#, "AssumeRolePolicyDocument"),
        ("s3", "PutBucketPolicy", r#"{"Bucket": "b"}"#, "Policy"),
        ("stepfunctions", "StartExecution", r#"{"stateMachineArn": "a"}"#, "input"),
        ("stepfunctions", "CreateStateMachine", r#"{"name": "n", "roleArn": "r"}"#, "definition"),
        ("events", "PutRule", r#"{"Name": "n"}"#, "EventPattern"),
    ] {
        let value = member(service, operation, data(others), name, data(policy)).unwrap();
        let written: serde_json::Value = serde_json::from_str(value.unwrap().as_str().unwrap()).unwrap();
        assert_eq!(from_json(&written), data(policy), "{service} {name}");
    }
    let value =
        member("lambda", "Invoke", data(r#"{"FunctionName": "f"}"#), "Payload", data(r#"{"a": [1]}"#));
    assert_eq!(value.unwrap(), Some(Value::test_binary(br#"{"a":[1]}"#)));
    let when = Value::test_record(nu_protocol::record! { "at" => date("2026-01-31T00:00:00Z") });
    let value = member("stepfunctions", "StartExecution", data(r#"{"stateMachineArn": "a"}"#), "input", when);
    assert_eq!(value.unwrap(), Some(text(r#"{"at":"2026-01-31T00:00:00Z"}"#)));
    let error = member("ec2", "DescribeInstances", data(NONE), "NextToken", data(r#"{"a": 1}"#)).unwrap_err();
    assert!(error.message().contains("`NextToken` must be a string, found record"), "{error}");
}

#[test]
fn blobs_take_bytes_and_texts() {
    let body = |value| member("s3", "PutObject", data(r#"{"Bucket": "b", "Key": "k"}"#), "Body", value);
    assert_eq!(body(Value::test_binary([0, 255])).unwrap(), Some(Value::test_binary([0, 255])));
    assert_eq!(body(text("é")).unwrap(), Some(Value::test_binary("é".as_bytes())));
    for wrong in [Value::test_int(1), data(r#"{"a": 1}"#)] {
        let error = body(wrong).unwrap_err();
        assert!(error.message().contains("`Body` must be binary or a string"), "{error}");
    }
}

#[test]
fn texts_are_not_shorter_than_allowed_and_may_be_longer() {
    let error = member("s3", "GetObject", data(r#"{"Bucket": "b"}"#), "Key", text("")).unwrap_err();
    assert!(error.message().contains("`Key` has 0 characters and takes at least 1"), "{error}");
    member("iam", "GetUser", data(NONE), "UserName", text(&"x".repeat(500))).unwrap();
    // Enumerations grow: a value that the model does not know is AWS's to judge.
    member("ec2", "CreateVolume", data(NONE), "VolumeType", text("gp99")).unwrap();
}
