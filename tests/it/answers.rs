//! Answers and settings that look right and are not: each was found by somebody who tried to break the client.

use crate::{
    client::{MACHINES, call, call_in, call_with, fact, list, page, pages, send, variables},
    server::{Act, Server},
};
use aws_perf::{config::Environment, error::ErrorKind, flow::Limits};
use nu_protocol::{Value, record};

#[test]
fn an_error_in_a_successful_answer_of_s3_is_an_error() {
    let object = record! {
        "Bucket" => Value::test_string("bucket"),
        "Key" => Value::test_string("copy"),
        "CopySource" => Value::test_string("bucket/a%20b"),
    };
    let late = r#"<?xml version="1.0"?><Error><Code>InternalError</Code><Message>late</Message></Error>"#;
    let server = Server::start(vec![Act::json(late)]);
    let error = call(&server, "s3", "CopyObject", &Value::test_record(object)).unwrap_err();
    assert_eq!(error.code(), "aws::InternalError");
    assert_eq!(server.count(), 1, "a copy was repeated");
    let head = server.requests().remove(0).to_ascii_lowercase();
    assert!(head.contains("x-amz-copy-source: bucket/a%2520b"), "{head}");
}

#[test]
fn web_pages_and_nothing_at_all_are_no_lists() {
    for body in ["<!DOCTYPE html><html>log in</html>", "<html></html>", ""] {
        let server = Server::start(vec![Act::json(body)]);
        let error = call(&server, "s3", "ListBuckets", &Value::test_nothing()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadAnswer, "{body:?}");
        assert_eq!(list(&server).unwrap_err().kind(), ErrorKind::BadAnswer, "{body:?}");
    }
}

#[test]
fn a_write_with_an_unreadable_answer_has_an_unknown_outcome() {
    let server = Server::start(vec![Act::json("{\"MessageId\": ")]);
    let error = send(&server).unwrap_err();
    assert_eq!((error.kind(), fact(&error, "outcome")), (ErrorKind::BadAnswer, Some("unknown")));
    assert_eq!(server.count(), 1);
}

#[test]
fn the_last_attempt_is_the_one_that_is_told() {
    let server = Server::start(vec![Act::json("{"), Act::refuse(400, r#"{"__type":"AccessDenied"}"#)]);
    let error = list(&server).unwrap_err();
    assert!(
        error.kind() == ErrorKind::BadAnswer && server.count() == 1 || error.code() == "aws::AccessDenied"
    );
}

#[test]
fn what_is_no_endpoint_is_told_and_shows_no_secret() {
    let mut all = variables("localhost:4566");
    all.push(("X".into(), "y".into()));
    let secret = record! {
        "SecretId" => Value::test_string("s"),
        "SecretString" => Value::test_string("canary-secret"),
    };
    let environment = Environment::new(all, "/");
    let error =
        call_in(&environment, "secretsmanager", "PutSecretValue", &Value::test_record(secret)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    let shown = format!("{error:?} {:?} {:?}", error.help_text(), error.causes());
    assert!(!shown.contains("canary-secret"), "{shown}");
}

#[test]
fn keys_with_a_line_break_are_an_error_and_no_panic() {
    let server = Server::start(vec![Act::json(MACHINES)]);
    for (name, value) in [("AWS_ACCESS_KEY_ID", "test\n"), ("AWS_SESSION_TOKEN", "to ken")] {
        let error = call_with(&server, &[(name, value)], "sfn", "ListStateMachines", &Value::test_nothing());
        assert_eq!(error.unwrap_err().kind(), ErrorKind::MissingCredentials, "{name}");
    }
    assert_eq!(server.count(), 0);
}

#[test]
fn a_region_is_needed_for_signing_even_where_an_endpoint_is_given() {
    let mut all = variables("http://127.0.0.1:1");
    all.retain(|(name, _)| name != "AWS_REGION");
    let error = call_in(&Environment::new(all, "/"), "sfn", "ListStateMachines", &Value::test_nothing());
    assert_eq!(error.unwrap_err().kind(), ErrorKind::MissingRegion);
}

#[test]
fn text_of_a_server_cannot_control_the_terminal() {
    let body = "{\"__type\":\"Odd\",\"message\":\"\\u001b[2Jgone\"}";
    let server = Server::start(vec![Act::refuse(400, body)]);
    let error = list(&server).unwrap_err();
    assert!(error.message().contains("gone") && !error.message().contains('\u{1b}'), "{error:?}");
}

#[test]
fn tokens_that_go_round_end_in_an_error() {
    let script = (0..40).map(|turn| page("a", Some(if turn % 2 == 0 { "t1" } else { "t2" }))).collect();
    let server = Server::start(script);
    let error = pages(&server, Limits::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadAnswer);
    assert!(server.count() < 10, "{} requests", server.count());
}

#[test]
fn a_server_that_speaks_no_http_is_not_told_as_unreachable() {
    let server = Server::start(vec![Act::Garbage]);
    let error = list(&server).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadAnswer, "{error:?}");
    assert!(error.message().contains("no HTTP"), "{error}");
}
