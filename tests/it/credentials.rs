//! Credentials of every source, from services played by a wire: STS, IAM Identity Center, containers, instances.

mod cloud;

use crate::{
    client::{fact, prepare},
    wire::Answer,
};
use aws_perf::{
    config::Environment,
    error::{Error, ErrorKind},
    flow::{Limits, Pager, RowPlan},
};
use chrono::{TimeDelta, Utc};
use cloud::{Cloud, TOKEN_FILE, assumed, key, moment, question, steps, working};
use futures_util::future::join_all;
use nu_protocol::Value;
use serde_json::json;
use std::{
    fs,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};
use tokio::time::Instant;

const KMS: &str = "kms.eu-west-1.amazonaws.com";

#[test]
fn roles_are_assumed_one_from_the_other_and_once() {
    let cloud = Cloud::working();
    cloud.call("second").unwrap();
    let sent = cloud.wire.take();
    let seen: Vec<(String, String)> = sent.iter().map(|sent| (question(sent), key(sent))).collect();
    assert_eq!(seen, steps(&[("first", "AKIDKEYS"), ("second", "AKID-first"), (KMS, "AKID-second")]));
    let body = String::from_utf8_lossy(&sent[1].body).into_owned();
    for part in ["RoleSessionName=me&", "ExternalId=outside", "DurationSeconds=900"] {
        assert!(format!("{body}&").contains(part), "{body}");
    }
    assert_eq!(sent[1].header("x-amz-security-token"), Some("token-of-first"));
    assert_eq!(sent[2].header("x-amz-security-token"), Some("token-of-second"));
    assert!(sent[0].url.starts_with("https://sts.eu-west-1.amazonaws.com/"), "{}", sent[0].url);
    cloud.call("second").unwrap();
    assert_eq!(cloud.asked(), steps(&[(KMS, "AKID-second")]));
}

#[test]
fn web_identities_come_from_a_file_that_is_read_each_time() {
    let cloud = Cloud::new(|sent| match question(sent).as_str() {
        // So short that the next call assumes the role once more.
        "web" => assumed("web", 4),
        _ => working(sent),
    });
    let token = |text: &str| fs::write(cloud.home.0.join("token"), text).unwrap();
    let variables = [
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "token"),
        ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/web"),
        ("AWS_ROLE_SESSION_NAME", "job"),
    ];
    for environment in [&variables[..], &[("AWS_PROFILE", "web")]] {
        for text in ["old-token", "new-token"] {
            token(text);
            cloud.call_in(environment).unwrap();
            let sent = cloud.wire.take();
            assert_eq!((question(&sent[0]).as_str(), key(&sent[0]).as_str()), ("web", ""), "signed");
            let body = String::from_utf8_lossy(&sent[0].body).into_owned();
            assert!(body.contains(text) && body.contains("RoleSessionName=job"), "{body}");
            assert_eq!((question(&sent[1]).as_str(), key(&sent[1]).as_str()), (KMS, "AKID-web"));
        }
    }
    let elsewhere = cloud.home.0.join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::write(elsewhere.join("token"), "token-elsewhere").unwrap();
    let all = cloud.environment(&[("AWS_PROFILE", "web")]);
    let moved = Environment::new(all.iter().map(|(name, value)| (name.into(), value.into())), elsewhere);
    cloud.runtime.block_on(cloud.calling(&moved)).unwrap();
    assert!(String::from_utf8_lossy(&cloud.wire.take()[0].body).contains("token-elsewhere"));
    cloud.call("on-web").unwrap();
    assert_eq!(cloud.asked(), steps(&[("web", ""), ("on-web", "AKID-web"), (KMS, "AKID-on-web")]));
    fs::remove_file(cloud.home.0.join("token")).unwrap();
    let error = cloud.call("web").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MissingCredentials, "{error:?}");
    assert!(error.help_text().unwrap().contains("web_identity_token_file of profile `web`"), "{error:?}");
}

#[test]
fn containers_give_credentials_to_who_shows_the_token() {
    let cloud = Cloud::working();
    fs::write(cloud.home.0.join("authorization"), "from-file").unwrap();
    fs::write(cloud.home.0.join("relative"), "from-folder").unwrap();
    let relative = [("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/container/credentials/id")];
    cloud.call_in(&relative).unwrap();
    assert_eq!(
        cloud.asked(),
        steps(&[("169.254.170.2/container/credentials/id", ""), (KMS, "AKID-container")])
    );
    let full = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:81/container/credentials");
    let file = cloud.home.0.join("authorization").display().to_string();
    for (shown, more) in [
        ("shown", ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "shown")),
        ("from-file", ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", file.as_str())),
        ("from-folder", ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "relative")),
    ] {
        cloud.call_in(&[full, more]).unwrap();
        let sent = cloud.wire.take();
        assert_eq!(question(&sent[0]), "127.0.0.1:81/container/credentials");
        assert_eq!(sent[0].header("authorization"), Some(shown), "{more:?}");
    }
    cloud.call_in(&[full, ("AWS_PROFILE", "from-container")]).unwrap();
    let expected = [
        ("127.0.0.1:81/container/credentials", ""),
        ("from-container", "AKID-container"),
        (KMS, "AKID-from-container"),
    ];
    assert_eq!(cloud.asked(), steps(&expected));
    // Whoever can set a variable must not send the token anywhere.
    let outside = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://203.0.113.9/container/credentials");
    let error = cloud.call_in(&[outside]).unwrap_err();
    assert_eq!((error.kind(), cloud.asked().len()), (ErrorKind::MissingCredentials, 0), "{error:?}");
}

#[test]
fn instances_are_asked_with_a_session_token() {
    let cloud = Cloud::working();
    let on = ("AWS_EC2_METADATA_DISABLED", "false");
    cloud.call_in(&[on]).unwrap();
    let sent = cloud.wire.take();
    assert_eq!(
        (sent[0].method.as_str(), question(&sent[0]).as_str()),
        ("PUT", "169.254.169.254/latest/api/token")
    );
    for asked in &sent[1..sent.len() - 1] {
        assert_eq!(asked.header("x-aws-ec2-metadata-token"), Some("imds-token"), "{}", asked.url);
    }
    assert_eq!(key(sent.last().unwrap()), "AKID-instance");
    cloud.call_in(&[on, ("AWS_PROFILE", "from-instance")]).unwrap();
    let asked = cloud.asked();
    assert_eq!(
        asked[asked.len() - 2..],
        steps(&[("from-instance", "AKID-instance"), (KMS, "AKID-from-instance")])
    );
}

#[test]
fn a_silent_metadata_service_costs_two_seconds() {
    let mut cloud = Cloud::new(|sent| {
        if sent.url.contains("169.254.169.254") { Answer::new(2, &[], "") } else { working(sent) }
    });
    cloud.runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    for profile in [&[][..], &[("AWS_PROFILE", "from-instance")]] {
        let environment = cloud.environment(&[&[("AWS_EC2_METADATA_DISABLED", "false")], profile].concat());
        let (error, waited) = cloud.runtime.block_on(async {
            let start = Instant::now();
            (cloud.calling(&environment).await.unwrap_err(), start.elapsed())
        });
        assert_eq!(error.kind(), ErrorKind::MissingCredentials, "{error:?}");
        assert!(error.causes().join(" ").contains("metadata"), "{error:?}");
        assert!(waited <= Duration::from_millis(2100), "{waited:?} for {profile:?}");
    }
}

fn token(seconds: i64, refreshable: bool) -> serde_json::Value {
    let mut token = json!({
        "accessToken": "fresh", "expiresAt": moment(seconds), "region": "us-east-1",
        "startUrl": "https://example.awsapps.com/start",
    });
    if refreshable {
        token["accessToken"] = json!("old");
        token["refreshToken"] = json!("refresh");
        token["clientId"] = json!("client");
        token["clientSecret"] = json!("test");
        token["registrationExpiresAt"] = json!(moment(90_000));
    }
    token
}

const PORTAL: &str = "portal.sso.us-east-1.amazonaws.com/federation/credentials";
const OIDC: &str = "oidc.us-east-1.amazonaws.com/token";

#[test]
fn a_login_is_used_and_renewed_while_it_can_be() {
    let cloud = Cloud::working();
    cloud.log_in(&token(3600, false));
    cloud.call("sso").unwrap();
    assert_eq!(cloud.asked(), steps(&[(PORTAL, ""), (KMS, "AKID-fresh")]));
    cloud.call("sso").unwrap();
    assert_eq!(cloud.asked(), steps(&[(KMS, "AKID-fresh")]));
    cloud.call("on-sso").unwrap();
    assert_eq!(cloud.asked(), steps(&[(PORTAL, ""), ("on-sso", "AKID-fresh"), (KMS, "AKID-on-sso")]));
    cloud.log_in(&token(-60, true));
    cloud.call("sso").unwrap();
    assert_eq!(cloud.asked(), steps(&[(OIDC, ""), (PORTAL, ""), (KMS, "AKID-renewed")]));
    let kept = fs::read_to_string(cloud.home.0.join(TOKEN_FILE)).unwrap();
    assert!(kept.contains("renewed") && kept.contains("again"), "{kept}");
    cloud.call("sso").unwrap();
    assert_eq!(cloud.asked().last().unwrap(), &(KMS.to_owned(), "AKID-renewed".to_owned()));
}

#[test]
fn a_login_is_a_bearer_token_where_the_service_wants_one() {
    let cloud = Cloud::working();
    cloud.log_in(&token(3600, false));
    let environment = cloud.environment(&[("AWS_PROFILE", "sso")]);
    let asking = || cloud.runtime.block_on(cloud.asking("codecatalyst", "ListSpaces", &environment));
    asking().unwrap();
    let sent = cloud.wire.take();
    assert_eq!((sent.len(), sent[0].header("authorization")), (1, Some("Bearer fresh")));
    cloud.log_in(&token(-60, true));
    asking().unwrap();
    let sent = cloud.wire.take();
    assert_eq!(
        (question(&sent[0]).as_str(), sent[1].header("authorization")),
        (OIDC, Some("Bearer renewed"))
    );
    cloud.log_in(&token(-60, false));
    let error = asking().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ExpiredCredentials, "{error:?}");
    assert!(error.help_text().unwrap().contains("aws sso login --profile sso"), "{error:?}");
}

#[test]
fn a_login_that_ended_is_told_and_not_remembered() {
    let cloud = Cloud::new(|sent| match (question(sent).as_str(), sent.header("x-amz-sso_bearer_token")) {
        (PORTAL, Some("old")) => Answer::new(
            401,
            &[("x-amzn-errortype", "UnauthorizedException")],
            r#"{"message":"Session token not found or invalid"}"#,
        ),
        (OIDC, _) => Answer::new(
            400,
            &[("x-amzn-errortype", "InvalidGrantException")],
            r#"{"error":"invalid_grant","error_description":"gone"}"#,
        ),
        _ => working(sent),
    });
    let mut revoked = token(3600, false);
    revoked["accessToken"] = json!("old");
    for ended in [token(-60, false), token(-60, true), revoked] {
        cloud.log_in(&ended);
        for profile in ["sso", "on-sso"] {
            let error = cloud.call(profile).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ExpiredCredentials, "{profile}: {error:?}");
            assert!(error.help_text().unwrap().contains("aws sso login --profile sso"), "{error:?}");
            assert!(!cloud.asked().iter().any(|(asked, _)| asked == KMS));
        }
        cloud.log_in(&token(3600, false));
        cloud.call("sso").unwrap();
        assert_eq!(cloud.asked(), steps(&[(PORTAL, ""), (KMS, "AKID-fresh")]), "after {ended}");
    }
}

#[test]
fn what_failed_or_expired_is_asked_again() {
    let turn = Arc::new(Mutex::new(0));
    let counted = turn.clone();
    let cloud = Cloud::new(move |sent| {
        if question(sent) != "first" {
            return working(sent);
        }
        let mut turn = counted.lock().unwrap();
        *turn += 1;
        match *turn {
            1 => Answer::new(
                403,
                &[],
                "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not yours</Message></Error></ErrorResponse>",
            ),
            2 => assumed("first", -60),
            _ => assumed("first", 4),
        }
    });
    let refused = cloud.call("first").unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::MissingCredentials);
    assert!(refused.causes().join(" ").contains("not yours"), "{refused:?}");
    let expired = cloud.call("first").unwrap_err();
    assert_eq!(expired.kind(), ErrorKind::ExpiredCredentials, "{expired:?}");
    assert!(!cloud.asked().iter().any(|(asked, _)| asked == KMS));
    // Four seconds are less than what is left for a request on its way.
    for _ in 0..3 {
        cloud.call("first").unwrap();
        assert_eq!(cloud.asked(), steps(&[("first", "AKIDKEYS"), (KMS, "AKID-first")]));
    }
    assert_eq!(*turn.lock().unwrap(), 5);
}

#[test]
fn callers_never_share_credentials() {
    let cloud = Cloud::working();
    let profiles = ["keys", "other", "first", "second"];
    let expected = ["AKIDKEYS", "AKIDOTHER", "AKID-first", "AKID-second"];
    let environments: Vec<Environment> =
        profiles.iter().map(|profile| cloud.environment(&[("AWS_PROFILE", profile)])).collect();
    cloud.runtime.block_on(async {
        let calls: Vec<_> = (0..400).map(|turn| cloud.calling(&environments[turn % 4])).collect();
        for call in calls {
            call.await.unwrap();
        }
        let together = (0..400).map(|turn| {
            let (cloud, environment) = (&cloud, &environments[(turn * 7) % 4]);
            async move { cloud.calling(environment).await.unwrap() }
        });
        for reply in join_all(together).await {
            assert_eq!(reply.status, 200);
        }
    });
    let mut counts = [0; 4];
    for (asked, key) in cloud.asked().into_iter().filter(|(asked, _)| asked == KMS) {
        let place = expected.iter().position(|expected| *expected == key);
        counts[place.unwrap_or_else(|| panic!("{asked} with {key}"))] += 1;
    }
    assert_eq!(counts, [200; 4]);
}

#[test]
fn a_stream_whose_login_ends_says_how_to_go_on() {
    let state = Arc::new(Mutex::new("logged in"));
    let seen = state.clone();
    let cloud = Cloud::new(move |sent| match (question(sent).as_str(), *seen.lock().unwrap()) {
        (KMS, "refused") => {
            Answer::new(400, &[], r#"{"__type":"ExpiredTokenException","message":"expired"}"#)
        }
        (KMS, _) => {
            let second = sent.body.windows(6).any(|window| window == b"page-2");
            let next = if second { "page-3" } else { "page-2" };
            let page = json!({ "Keys": [{ "KeyId": "a" }], "Truncated": true, "NextMarker": next });
            Answer::new(200, &[], &page.to_string())
        }
        (PORTAL, _) => {
            // Role credentials so short that each page asks for them.
            let credentials = json!({ "roleCredentials": {
                "accessKeyId": "AKID-sso", "secretAccessKey": "test", "sessionToken": "token",
                "expiration": (Utc::now() + TimeDelta::seconds(4)).timestamp_millis(),
            }});
            Answer::new(200, &[], &credentials.to_string())
        }
        _ => Answer::new(500, &[], ""),
    });
    let first_page = |environment: &Environment| {
        let nothing = Value::test_nothing();
        let prepared = prepare(&cloud.client, &cloud.catalog, environment, "kms", "ListKeys", &nothing);
        let (caller, request) = cloud.runtime.block_on(prepared).unwrap();
        let plan = RowPlan::new(&request, None).unwrap();
        let mut pager = Pager::new(caller, request, plan, Limits::default()).unwrap();
        let page = cloud.runtime.block_on(pager.next()).unwrap().unwrap();
        assert_eq!(page.rows.len(), 1);
        pager
    };
    let check = |error: Error| {
        assert_eq!(fact(&error, "resume with"), Some("--starting-token \"page-2\""), "{error:?}");
        assert_eq!(fact(&error, "rows delivered"), Some("1"));
        assert!(error.help_text().unwrap().contains("aws sso login --profile sso"), "{error:?}");
    };
    cloud.log_in(&token(3600, false));
    let environment = cloud.environment(&[("AWS_PROFILE", "sso")]);
    // AWS refuses what it gave.
    let mut pager = first_page(&environment);
    *state.lock().unwrap() = "refused";
    check(cloud.runtime.block_on(pager.next()).unwrap_err());
    // The login ends before the next page, which wants new credentials.
    *state.lock().unwrap() = "logged in";
    cloud.log_in(&token(5, false));
    let mut pager = first_page(&environment);
    thread::sleep(Duration::from_millis(5100));
    let error = cloud.runtime.block_on(pager.next()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ExpiredCredentials, "{error:?}");
    check(error);
    // Whoever logs in again goes on with the same stream.
    cloud.log_in(&token(3600, false));
    assert_eq!(cloud.runtime.block_on(pager.next()).unwrap().unwrap().rows.len(), 1);
}
