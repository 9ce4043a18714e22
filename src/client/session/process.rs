//! `credential_process`: a command that prints credentials, run with the engine's environment and directory.

use crate::config::Environment;
use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, error::CredentialsError, future},
};
use serde::Deserialize;
use std::{process::Stdio, sync::Arc, time::Duration};

/// A stuck helper (waiting for a password, say) must not hang the shell. A minute leaves time for a browser login.
const DEADLINE: Duration = Duration::from_mins(1);

#[derive(Clone)]
pub(super) struct Process {
    inner: Arc<(String, Environment)>,
}

// The command may hold a password.
impl std::fmt::Debug for Process {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Process")
    }
}

/// What the command prints: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Output {
    version: u32,
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
    expiration: Option<String>,
    account_id: Option<String>,
}

impl Process {
    pub(super) fn new(command: String, environment: Environment) -> Self {
        Self { inner: Arc::new((command, environment)) }
    }

    async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        let (text, environment) = &*self.inner;
        let mut command = if cfg!(windows) {
            let mut command = tokio::process::Command::new("cmd.exe");
            command.args(["/C", text]);
            command
        } else {
            let mut command = tokio::process::Command::new("sh");
            command.args(["-c", text]);
            command
        };
        command
            .env_clear()
            .envs(environment.iter())
            .current_dir(environment.directory())
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let output = tokio::time::timeout(DEADLINE, command.output())
            .await
            .map_err(|_| CredentialsError::provider_timed_out(DEADLINE))?
            .map_err(|error| {
                CredentialsError::provider_error(format!("credential_process could not be started: {error}"))
            })?;
        if !output.status.success() {
            let stderr = String::from_utf8_lossy(&output.stderr);
            return Err(CredentialsError::provider_error(format!(
                "credential_process failed ({}): {}",
                output.status,
                stderr.trim()
            )));
        }
        parse(&output.stdout)
    }
}

fn parse(printed: &[u8]) -> Result<Credentials, CredentialsError> {
    // serde_json's own message could quote the secret, so only the place of the fault is told.
    let output: Output = serde_json::from_slice(printed).map_err(|error| {
        CredentialsError::provider_error(format!(
            "credential_process printed no valid credentials JSON (line {}, column {})",
            error.line(),
            error.column()
        ))
    })?;
    if output.version != 1 {
        return Err(CredentialsError::provider_error(format!(
            "credential_process printed version {}, only 1 is known",
            output.version
        )));
    }
    let expiry = match &output.expiration {
        None => None,
        Some(text) => Some(
            chrono::DateTime::parse_from_rfc3339(text)
                .map_err(|error| {
                    CredentialsError::provider_error(format!(
                        "credential_process printed the expiration `{text}`, which is no RFC 3339 time: {error}"
                    ))
                })?
                .into(),
        ),
    };
    let mut builder = Credentials::builder()
        .access_key_id(output.access_key_id)
        .secret_access_key(output.secret_access_key)
        .provider_name("CredentialProcess");
    builder.set_session_token(output.session_token);
    builder.set_expiry(expiry);
    builder.set_account_id(output.account_id.map(Into::into));
    Ok(builder.build())
}

impl ProvideCredentials for Process {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn run(command: &str) -> Result<Credentials, CredentialsError> {
        let environment = Environment::new(
            [("PATH".to_string(), std::env::var("PATH").unwrap()), ("WHO".to_string(), "engine".to_string())],
            "/",
        );
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(Process::new(command.into(), environment).credentials())
    }

    #[test]
    fn it_runs_with_the_engines_environment_and_directory() {
        let credentials = run(
            r#"printf '{"Version":1,"AccessKeyId":"%s-%s","SecretAccessKey":"test","Expiration":"2099-01-01T00:00:00Z"}' "$WHO" "$(pwd)""#,
        )
        .unwrap();
        assert_eq!(credentials.access_key_id(), "engine-/");
        assert!(credentials.expiry().is_some());
    }

    #[test]
    fn its_faults_are_told_without_its_secrets() {
        let text = |error: CredentialsError| {
            format!("{:?}", std::error::Error::source(&error).map(ToString::to_string))
        };
        assert!(text(run("echo no keys >&2; exit 3").unwrap_err()).contains("no keys"));
        let error = text(run(r#"echo '{"Version":1,"SecretAccessKey":"canary"}'"#).unwrap_err());
        assert!(error.contains("no valid credentials"), "{error}");
        assert!(!error.contains("canary"), "{error}");
    }
}
