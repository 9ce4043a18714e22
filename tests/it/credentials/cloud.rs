//! AWS's services that give out credentials, played by a wire.

use crate::{
    client::prepare,
    sessions::Home,
    wire::{Answer, Sent, Wire},
};
use aws_perf::{
    client::{Client, Reply},
    config::Environment,
    error::Result,
    model::catalog::Catalog,
};
use chrono::{TimeDelta, Utc};
use nu_protocol::Value;
use serde_json::json;
use std::{fs, sync::Arc};
use tokio::runtime::Runtime;

const CONFIG: &str = "
[profile keys]
aws_access_key_id = AKIDKEYS
aws_secret_access_key = test
region = eu-west-1
[profile other]
aws_access_key_id = AKIDOTHER
aws_secret_access_key = test
region = eu-west-1
[profile first]
role_arn = arn:aws:iam::123456789012:role/first
source_profile = keys
region = eu-west-1
[profile second]
role_arn = arn:aws:iam::123456789012:role/second
source_profile = first
role_session_name = me
external_id = outside
duration_seconds = 900
region = eu-west-1
[profile web]
role_arn = arn:aws:iam::123456789012:role/web
web_identity_token_file = token
role_session_name = job
region = eu-west-1
[profile on-web]
role_arn = arn:aws:iam::123456789012:role/on-web
source_profile = web
region = eu-west-1
[profile from-container]
role_arn = arn:aws:iam::123456789012:role/from-container
credential_source = EcsContainer
region = eu-west-1
[profile from-instance]
role_arn = arn:aws:iam::123456789012:role/from-instance
credential_source = Ec2InstanceMetadata
region = eu-west-1
[profile sso]
sso_session = login
sso_account_id = 123456789012
sso_role_name = reader
region = eu-west-1
[profile on-sso]
role_arn = arn:aws:iam::123456789012:role/on-sso
source_profile = sso
region = eu-west-1
[sso-session login]
sso_region = us-east-1
sso_start_url = https://example.awsapps.com/start
sso_registration_scopes = sso:account:access
";

/// Name of the token's file: SHA-1 of `login`.
pub(super) const TOKEN_FILE: &str = ".aws/sso/cache/2736fab291f04e69b62d490c3c09361f5b82461a.json";

/// AWS, played by a wire, and one plugin's client of it.
pub(super) struct Cloud {
    pub(super) home: Home,
    pub(super) client: Client,
    pub(super) catalog: Catalog,
    pub(super) wire: Wire,
    pub(super) runtime: Runtime,
}

impl Cloud {
    pub(super) fn new(answer: impl FnMut(&Sent) -> Answer + Send + 'static) -> Self {
        let wire = Wire::new(answer);
        let client = Client::over(wire.http_client());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { home: Home::with(CONFIG), client, catalog: Catalog::default(), wire, runtime }
    }

    /// An AWS whose every service works.
    pub(super) fn working() -> Self {
        Self::new(working)
    }

    pub(super) fn environment(&self, more: &[(&str, &str)]) -> Environment {
        self.home.environment(&[&[("AWS_REGION", "eu-west-1")], more].concat())
    }

    pub(super) fn call_in(&self, more: &[(&str, &str)]) -> Result<Reply> {
        self.runtime.block_on(self.calling(&self.environment(more)))
    }

    pub(super) fn call(&self, profile: &str) -> Result<Reply> {
        self.call_in(&[("AWS_PROFILE", profile)])
    }

    pub(super) async fn calling(&self, environment: &Environment) -> Result<Reply> {
        self.asking("kms", "ListKeys", environment).await
    }

    /// An operation without parameters.
    pub(super) async fn asking(
        &self,
        service: &str,
        operation: &str,
        environment: &Environment,
    ) -> Result<Reply> {
        let nothing = Value::test_nothing();
        let prepared = prepare(&self.client, &self.catalog, environment, service, operation, &nothing);
        let (caller, request) = prepared.await?;
        caller.call(Arc::new(request)).await
    }

    /// What was asked since the last time: the question, and the key that it was signed with.
    pub(super) fn asked(&self) -> Vec<(String, String)> {
        self.wire.take().iter().map(|sent| (question(sent), key(sent))).collect()
    }

    pub(super) fn log_in(&self, token: &serde_json::Value) {
        let path = self.home.0.join(TOKEN_FILE);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, token.to_string()).unwrap();
    }
}

/// A question in a word: of STS the role's name, else host and path.
pub(super) fn question(sent: &Sent) -> String {
    let body = String::from_utf8_lossy(&sent.body);
    match body.split_once("role%2F") {
        Some((_, role)) => role.split('&').next().unwrap().into(),
        None => sent.url.split_once("://").unwrap().1.split('?').next().unwrap().trim_end_matches('/').into(),
    }
}

/// The id of the key that signed.
pub(super) fn key(sent: &Sent) -> String {
    let credential = sent.header("authorization").and_then(|value| value.split_once("Credential="));
    credential.map_or(String::new(), |(_, rest)| rest.split('/').next().unwrap().into())
}

fn keys(of: &str) -> Answer {
    let expiration = moment(3600);
    let told = json!({
        "Code": "Success", "Type": "AWS-HMAC", "LastUpdated": "2026-01-01T00:00:00Z", "AccessKeyId": of,
        "SecretAccessKey": "test", "Token": format!("token-of-{of}"), "Expiration": expiration,
    });
    Answer::new(200, &[], &told.to_string())
}

/// So many seconds from now.
pub(super) fn moment(seconds: i64) -> String {
    (Utc::now() + TimeDelta::seconds(seconds)).format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

pub(super) fn assumed(role: &str, seconds: i64) -> Answer {
    let result = format!(
        "<Credentials><AccessKeyId>AKID-{role}</AccessKeyId><SecretAccessKey>test</SecretAccessKey>\
         <SessionToken>token-of-{role}</SessionToken><Expiration>{}</Expiration></Credentials>\
         <AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/{role}/me</Arn>\
         <AssumedRoleId>A:me</AssumedRoleId></AssumedRoleUser>",
        moment(seconds)
    );
    let name = if role == "web" { "AssumeRoleWithWebIdentity" } else { "AssumeRole" };
    Answer::new(200, &[], &format!("<{name}Response><{name}Result>{result}</{name}Result></{name}Response>"))
}

pub(super) fn working(sent: &Sent) -> Answer {
    let asked = question(sent);
    match asked.as_str() {
        "kms.eu-west-1.amazonaws.com" => Answer::new(200, &[], r#"{"Keys":[]}"#),
        "codecatalyst.global.api.aws/v1/spaces" => Answer::new(200, &[], r#"{"items":[]}"#),
        "portal.sso.us-east-1.amazonaws.com/federation/credentials" => {
            let credentials = json!({ "roleCredentials": {
                "accessKeyId": format!("AKID-{}", sent.header("x-amz-sso_bearer_token").unwrap()),
                "secretAccessKey": "test", "sessionToken": "token",
                "expiration": (Utc::now() + TimeDelta::hours(1)).timestamp_millis(),
            }});
            Answer::new(200, &[], &credentials.to_string())
        }
        "oidc.us-east-1.amazonaws.com/token" => {
            let token = json!({ "accessToken": "renewed", "expiresIn": 3600, "refreshToken": "again" });
            Answer::new(200, &[], &token.to_string())
        }
        "169.254.169.254/latest/api/token" => {
            Answer::new(200, &[("x-aws-ec2-metadata-token-ttl-seconds", "21600")], "imds-token")
        }
        "169.254.169.254/latest/meta-data/iam/security-credentials" => Answer::new(200, &[], "web-server"),
        path if path.starts_with("169.254.169.254/latest/meta-data/iam/security-credentials/") => {
            keys("AKID-instance")
        }
        path if path.contains("/container/credentials") => keys("AKID-container"),
        role => assumed(role, 3600),
    }
}

pub(super) fn steps(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(asked, key)| ((*asked).into(), (*key).into())).collect()
}
