//! Records, lists, maps, unions and documents; names at every depth.

use super::*;

#[test]
fn names_are_found_in_any_spelling_at_every_depth() {
    for parameters in [
        r#"{"TagSpecifications": [{"ResourceType": "volume", "Tags": [{"Key": "a_b", "Value": "c-d"}]}]}"#,
        r#"{"tag_specifications": [{"resource_type": "volume", "tags": [{"key": "a_b", "value": "c-d"}]}]}"#,
        r#"{"tag-specifications": [{"resource-type": "volume", "tags": [{"KEY": "a_b", "VALUE": "c-d"}]}]}"#,
    ] {
        let expected = r#"{"TagSpecifications": [{"ResourceType": "volume", "Tags": [{"Key": "a_b", "Value": "c-d"}]}]}"#;
        let input = input("ec2", "CreateVolume", data(parameters)).unwrap();
        assert_eq!(Value::test_record(input), data(expected), "{parameters}");
    }
}

#[test]
fn keys_of_maps_are_never_respelled() {
    let parameters =
        r#"{"table_name": "t", "item": {"the_id": {"s": "x"}, "the-id": {"M": {"a_b": {"N": "1"}}}}}"#;
    let expected =
        r#"{"TableName": "t", "Item": {"the_id": {"S": "x"}, "the-id": {"M": {"a_b": {"N": "1"}}}}}"#;
    assert_eq!(Value::test_record(input("dynamodb", "PutItem", data(parameters)).unwrap()), data(expected));
    let twins = r#"{"FunctionName": "f", "Environment": {"Variables": {"a_b": "1", "a-b": "2", "AB": "3"}}}"#;
    let kept = input("lambda", "UpdateFunctionConfiguration", data(twins)).unwrap();
    assert_eq!(Value::test_record(kept), data(twins));
}

#[test]
fn a_union_takes_exactly_one() {
    let execute = |value: &str| {
        let arns = r#""resourceArn": "arn:aws:rds:x", "secretArn": "arn:aws:secret", "sql": "q""#;
        let parameters = format!(r#"{{{arns}, "parameters": [{{"name": "p", "value": {value}}}]}}"#);
        input("rds-data", "ExecuteStatement", data(&parameters))
    };
    execute(r#"{"stringValue": "x"}"#).unwrap();
    execute(r#"{"isNull": true}"#).unwrap();
    execute(r#"{"stringValue": "x", "longValue": null}"#).unwrap();
    for wrong in [r#"{"stringValue": "x", "longValue": 1}"#, "{}", r#"{"stringValue": null}"#] {
        let error = execute(wrong).unwrap_err();
        let told = "`parameters.0.value` takes exactly one of: isNull, ";
        assert!(error.message().contains(told), "{wrong}: {error}");
    }
    let error = execute(r#"{"arrayValue": {"longValues": [1], "stringValues": ["x"]}}"#).unwrap_err();
    assert!(error.message().contains("`parameters.0.value.arrayValue` takes exactly one of"), "{error}");
}

#[test]
fn null_members_are_absent_and_null_elements_are_errors() {
    assert!(input("ec2", "DescribeInstances", data(r#"{"Filters": null}"#)).unwrap().is_empty());
    let error = refused("ec2", "DescribeInstances", data(r#"{"InstanceIds": ["i-1", null]}"#));
    assert!(error.message().contains("`InstanceIds.1` is null"), "{error}");
}

#[test]
fn null_elements_of_sparse_lists_and_maps_stay() {
    let parameters = r#"{"resourceArn": "arn:aws:rds:x", "secretArn": "arn:aws:secret", "sql": "q",
        "parameters": [{"name": "p", "value": {"arrayValue": {"longValues": [1, null, 3]}}}]}"#;
    let kept = input("rds-data", "ExecuteStatement", data(parameters)).unwrap();
    assert_eq!(Value::test_record(kept), data(parameters));
    let parameters = r#"{"arn": "a", "tags": {"k": null, "l": "v"}}"#;
    let kept = input("connectcases", "TagResource", data(parameters)).unwrap();
    assert_eq!(Value::test_record(kept), data(parameters));
    // A null in a map that is not sparse says nothing.
    let kept =
        input("lambda", "TagResource", data(r#"{"Resource": "a", "Tags": {"k": null, "l": "v"}}"#)).unwrap();
    assert_eq!(kept.get("Tags"), Some(&data(r#"{"l": "v"}"#)));
}

#[test]
fn the_wrong_kind_is_told_with_what_is_right() {
    for (parameters, message, example) in [
        (
            r#"{"InstanceIds": "i-1"}"#,
            "`InstanceIds` must be a list, found string",
            "write InstanceIds: [\"…\"]",
        ),
        (
            r#"{"Filters": [1]}"#,
            "`Filters.0` must be a record, found int",
            "write {Name: \"…\", Values: [\"…\"]}",
        ),
        (r#"{"DryRun": "yes"}"#, "`DryRun` must be true or false, found string", ""),
        (r#"{"MaxResults": 1.5}"#, "`MaxResults` must be a number, found float", ""),
        (r#"{"NextToken": ["x"]}"#, "`NextToken` must be a string, found list<string>", ""),
    ] {
        let error = refused("ec2", "DescribeInstances", data(parameters));
        assert!(error.message().contains(message), "{error}");
        assert!(error.help_text().unwrap_or_default().contains(example), "{:?}", error.help_text());
    }
}

#[test]
fn lists_out_of_range_are_told() {
    let fields = |count: usize| {
        let names = vec![r#""x""#; count].join(",");
        input(
            "logs",
            "FilterLogEvents",
            data(&format!(r#"{{"logGroupName": "g", "logStreamNames": [{names}]}}"#)),
        )
    };
    fields(1).unwrap();
    fields(100).unwrap();
    for (count, bound) in [(0, "at least 1"), (101, "at most 100")] {
        let error = fields(count).unwrap_err();
        let told = format!("`logStreamNames` has {count} entries and takes {bound}");
        assert!(error.message().contains(&told), "{error}");
    }
}

#[test]
fn deeper_than_any_input_is_an_error_and_no_crash() {
    let mut value = String::from(r#"{"S": "x"}"#);
    for _ in 0..60 {
        value = format!(r#"{{"L": [{value}]}}"#);
    }
    let error =
        refused("dynamodb", "PutItem", data(&format!(r#"{{"TableName": "t", "Item": {{"id": {value}}}}}"#)));
    assert!(error.message().contains("nested deeper"), "{error}");
}

#[test]
fn documents_and_json_in_headers_take_any_data() {
    for value in [r#"[{"a": 1}, {"a": [null]}]"#, r#"{"b": 1.5}"#, r#""text""#, "1", "[]", "true"] {
        let kept = member(
            "lex-runtime",
            "PostContent",
            data(
                r#"{"botName": "b", "botAlias": "a", "userId": "user", "contentType": "t", "inputStream": ""}"#,
            ),
            "activeContexts",
            data(value),
        );
        assert_eq!(kept.unwrap(), Some(data(value)));
        let model = r#"{"modelId": "m"}"#;
        let kept =
            member("bedrock-runtime", "Converse", data(model), "additionalModelRequestFields", data(value));
        assert_eq!(kept.unwrap(), Some(data(value)));
    }
    let closure = Value::test_list(vec![Value::test_range(
        nu_protocol::Range::new(
            Value::test_int(1),
            Value::test_nothing(),
            Value::test_int(2),
            nu_protocol::ast::RangeInclusion::Inclusive,
            Span::test_data(),
        )
        .unwrap(),
    )]);
    let model = data(r#"{"modelId": "m"}"#);
    let error =
        member("bedrock-runtime", "Converse", model, "additionalModelRequestFields", closure).unwrap_err();
    assert!(error.message().contains("JSON"), "{error}");
}

#[test]
fn json_texts_in_bodies_take_data_and_text() {
    let core = r#"{"CoreNetworkId": "c", "PolicyDocument": PLACE}"#;
    for (given, text) in [(r#"{"version": "2021.12"}"#, r#"{"version":"2021.12"}"#), (r#""{}""#, "{}")] {
        let input =
            input("networkmanager", "PutCoreNetworkPolicy", data(&core.replace("PLACE", given))).unwrap();
        assert_eq!(input.get("PolicyDocument"), Some(&Value::test_string(text)));
    }
    // Its name says nothing, its model does.
    let input = input(
        "braket",
        "CreateQuantumTask",
        data(
            r#"{"action": [{"a": 1}], "deviceArn": "d", "shots": 1, "outputS3Bucket": "bucket", "outputS3KeyPrefix": "p"}"#,
        ),
    );
    assert_eq!(input.unwrap().get("action"), Some(&Value::test_string(r#"[{"a":1}]"#)));
}
