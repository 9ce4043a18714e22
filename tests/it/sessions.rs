//! As whom: where the credentials of a profile start, and that the engine's environment decides at every call.

use aws_perf::{
    client::{
        Client,
        session::{Session, Target},
    },
    config::{Environment, Settings},
    error::{ErrorKind, Result},
};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

const CONFIG: &str = "
[default]
region = eu-central-1
[profile keys]
aws_access_key_id = AKIDKEYS
aws_secret_access_key = test
region = eu-west-3
[profile process]
credential_process = printf '{\"Version\":1,\"AccessKeyId\":\"%s\",\"SecretAccessKey\":\"test\"}' \"$WHO\"
[profile relative]
credential_process = ./print-credentials
[profile broken-process]
credential_process = exit 3
[profile role]
role_arn = arn:aws:iam::123456789012:role/a
source_profile = keys
[profile role-on-process]
role_arn = arn:aws:iam::123456789012:role/b
source_profile = process
[profile both]
aws_access_key_id = AKIDBOTH
aws_secret_access_key = test
credential_process = exit 9
[profile mfa]
role_arn = arn:aws:iam::123456789012:role/m
source_profile = keys
mfa_serial = arn:aws:iam::123456789012:mfa/me
[profile environment-role]
role_arn = arn:aws:iam::123456789012:role/e
credential_source = Environment
[profile role-on-sso]
role_arn = arn:aws:iam::123456789012:role/s
source_profile = sso
[profile login]
login_session = arn:aws:iam::123456789012:user/me
[profile sso]
sso_start_url = https://example.awsapps.com/start
sso_region = us-east-1
sso_account_id = 123456789012
sso_role_name = reader
[profile instance]
role_arn = arn:aws:iam::123456789012:role/c
credential_source = Ec2InstanceMetadata
[profile one]
role_arn = arn:aws:iam::123456789012:role/d
source_profile = two
[profile two]
role_arn = arn:aws:iam::123456789012:role/e
source_profile = one
[profile no-source]
role_arn = arn:aws:iam::123456789012:role/g
[profile strange-source]
role_arn = arn:aws:iam::123456789012:role/h
credential_source = Elsewhere
[profile dangling]
role_arn = arn:aws:iam::123456789012:role/f
source_profile = nobody
";

/// A home of one test's own, gone with it.
pub(crate) struct Home(pub(crate) PathBuf);

impl Home {
    fn new() -> Self {
        Self::with(CONFIG)
    }

    /// With this in the config file.
    pub(crate) fn with(config: &str) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("aws_perf_sessions_{}_{number}", std::process::id()));
        fs::create_dir_all(path.join(".aws")).unwrap();
        fs::write(path.join(".aws/config"), config).unwrap();
        Self(path)
    }

    pub(crate) fn environment(&self, more: &[(&str, &str)]) -> Environment {
        let home = self.0.display().to_string();
        let path = std::env::var("PATH").unwrap();
        let base = [("HOME", home.as_str()), ("PATH", &path), ("AWS_EC2_METADATA_DISABLED", "true")];
        let all = base.iter().chain(more).map(|(name, value)| ((*name).to_string(), (*value).to_string()));
        Environment::new(all, Path::new(&home))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn resolve(client: &Client, environment: &Environment, target: &Target) -> Result<Arc<Session>> {
    let settings = Settings::resolve(None, environment)?;
    block_on(client.session(environment, &settings, target))
}

fn flagged(profile: &str) -> Target {
    Target { profile: Some(profile.into()), ..Target::default() }
}

fn source(home: &Home, profile: &str) -> String {
    resolve(&Client::default(), &home.environment(&[]), &flagged(profile)).unwrap().source.to_string()
}

fn key(session: &Session) -> Result<String> {
    Ok(block_on(session.credentials())?.access_key_id().to_string())
}

#[test]
fn each_profile_starts_where_its_settings_say() {
    let home = Home::new();
    let expected = [
        ("keys", "keys of profile keys"),
        ("process", "process of profile process"),
        ("role", "role of profile role"),
        ("role-on-process", "process of profile process"),
        ("sso", "sso of profile sso"),
        ("instance", "role of profile instance from the instance"),
        ("both", "keys of profile both"),
        ("role-on-sso", "role of profile role-on-sso"),
        ("default", "none"),
    ];
    for (profile, wanted) in expected {
        assert_eq!(source(&home, profile), wanted, "profile {profile}");
    }
}

#[test]
fn what_cannot_work_is_said_with_the_profile() {
    let home = Home::new();
    let error =
        |profile: &str| resolve(&Client::default(), &home.environment(&[]), &flagged(profile)).unwrap_err();
    let cycle = error("one");
    assert_eq!(cycle.kind(), ErrorKind::Configuration);
    assert!(cycle.message().contains("cycle"), "{cycle}");
    for (profile, told) in [("no-source", "source_profile"), ("strange-source", "EcsContainer")] {
        let error = error(profile);
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.help_text().unwrap().contains(told), "{error:?}");
    }
    let dangling = error("dangling");
    assert_eq!(dangling.kind(), ErrorKind::UnknownName);
    assert!(dangling.message().contains("nobody"), "{dangling}");
    let unknown = error("proces");
    assert!(unknown.help_text().unwrap().contains("process"), "{unknown:?}");
}

#[test]
fn the_environment_of_each_call_decides() {
    let home = Home::new();
    let client = Client::default();
    let session =
        |more: &[(&str, &str)]| resolve(&client, &home.environment(more), &Target::default()).unwrap();
    let keys = session(&[("AWS_PROFILE", "keys")]);
    assert_eq!((key(&keys).unwrap().as_str(), keys.region.as_deref()), ("AKIDKEYS", Some("eu-west-3")));
    let first = session(&[("AWS_PROFILE", "process"), ("WHO", "alice")]);
    let second = session(&[("AWS_PROFILE", "process"), ("WHO", "bob")]);
    assert_eq!(key(&second).unwrap(), "bob");
    assert_eq!(key(&first).unwrap(), "alice", "an earlier session changed");
    let elsewhere = session(&[("AWS_PROFILE", "keys"), ("AWS_REGION", "us-west-2")]);
    assert_eq!(elsewhere.region.as_deref(), Some("us-west-2"));
    let variables = session(&[("AWS_ACCESS_KEY_ID", "AKIDENV"), ("AWS_SECRET_ACCESS_KEY", "test")]);
    assert_eq!(key(&variables).unwrap(), "AKIDENV");
}

#[test]
fn a_profile_named_by_flag_wins_over_keys_in_the_environment() {
    let home = Home::new();
    let environment =
        home.environment(&[("AWS_ACCESS_KEY_ID", "AKIDENV"), ("AWS_SECRET_ACCESS_KEY", "test")]);
    let session = resolve(&Client::default(), &environment, &flagged("keys")).unwrap();
    assert_eq!(key(&session).unwrap(), "AKIDKEYS");
}

#[test]
fn a_session_is_resolved_once_and_again_when_its_files_change() {
    let home = Home::new();
    let client = Client::default();
    let session = || resolve(&client, &home.environment(&[]), &flagged("keys")).unwrap();
    let (first, second) = (session(), session());
    assert!(Arc::ptr_eq(&first, &second), "nothing changed, and it was resolved again");
    fs::write(home.0.join(".aws/config"), CONFIG.replace("AKIDKEYS", "AKIDOTHER")).unwrap();
    assert_eq!(key(&session()).unwrap(), "AKIDOTHER");
}

#[cfg(unix)]
#[test]
fn a_credential_process_runs_in_the_engines_directory() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    let script = home.0.join("print-credentials");
    fs::write(
        &script,
        "#!/bin/sh\necho '{\"Version\":1,\"AccessKeyId\":\"AKIDHERE\",\"SecretAccessKey\":\"test\"}'\n",
    )
    .unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o700)).unwrap();
    let session = resolve(&Client::default(), &home.environment(&[]), &flagged("relative")).unwrap();
    assert_eq!(key(&session).unwrap(), "AKIDHERE");
}

#[test]
fn a_failing_process_is_told_and_asked_again() {
    let home = Home::new();
    let session = resolve(&Client::default(), &home.environment(&[]), &flagged("broken-process")).unwrap();
    let error = key(&session).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MissingCredentials);
    assert!(error.help_text().unwrap().contains("broken-process"), "{error:?}");
    key(&session).unwrap_err();
}

#[test]
fn an_sso_profile_without_a_login_says_how_to_log_in() {
    let home = Home::new();
    let session = resolve(&Client::default(), &home.environment(&[]), &flagged("sso")).unwrap();
    let error = key(&session).unwrap_err();
    assert!(error.help_text().unwrap().contains("aws sso login --profile sso"), "{error:?}");
}

#[test]
fn keys_win_over_a_process_which_the_sdk_never_runs() {
    let home = Home::new();
    let session = resolve(&Client::default(), &home.environment(&[]), &flagged("both")).unwrap();
    assert_eq!(key(&session).unwrap(), "AKIDBOTH");
}

#[test]
fn what_a_plugin_cannot_do_is_said_with_the_way_round() {
    let home = Home::new();
    for profile in ["mfa", "login"] {
        let error = resolve(&Client::default(), &home.environment(&[]), &flagged(profile)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{profile}");
        assert!(error.help_text().unwrap().contains("export-credentials"), "{error:?}");
    }
}

#[test]
fn a_role_may_start_from_the_environment() {
    let home = Home::new();
    let keys = [("AWS_ACCESS_KEY_ID", "AKIDENV"), ("AWS_SECRET_ACCESS_KEY", "test")];
    let session =
        resolve(&Client::default(), &home.environment(&keys), &flagged("environment-role")).unwrap();
    assert_eq!(session.source.to_string(), "role of profile environment-role");
    let error =
        resolve(&Client::default(), &home.environment(&[]), &flagged("environment-role")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MissingCredentials);
}

#[test]
fn half_a_pair_of_keys_is_a_slip() {
    let home = Home::new();
    let environment = home.environment(&[("AWS_ACCESS_KEY_ID", "AKIDENV")]);
    let error = resolve(&Client::default(), &environment, &Target::default()).unwrap_err();
    assert!(error.message().contains("AWS_SECRET_ACCESS_KEY"), "{error}");
}

#[test]
fn a_login_is_asked_of_the_profile_that_logs_in() {
    let home = Home::new();
    let session = resolve(&Client::default(), &home.environment(&[]), &flagged("role-on-sso")).unwrap();
    let error = key(&session).unwrap_err();
    assert!(error.help_text().unwrap().contains("aws sso login --profile sso"), "{error:?}");
}

#[test]
fn keys_of_a_session_appear_in_no_debug_output() {
    let home = Home::new();
    let environment =
        home.environment(&[("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "canary-secret")]);
    let session = resolve(&Client::default(), &environment, &Target::default()).unwrap();
    assert!(!format!("{session:?}").contains("canary-secret"));
}
