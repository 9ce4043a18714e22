//! Providers around the SDK's own: one that gives up in time, one that remembers when credentials expire.

use crate::{config::Environment, sync::lock};
use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, SharedCredentialsProvider, error::CredentialsError, future},
};
use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, SystemTime},
};

/// The metadata service is asked for a token and for a role, one second each: botocore's own timeout and attempts.
/// The SDK would try for ten seconds on a machine that is no instance.
const METADATA_TIMEOUT: Duration = Duration::from_secs(1);
const METADATA_QUESTIONS: u32 = 2;

/// A provider that asks the metadata service, with an end.
#[derive(Debug)]
pub(super) struct Bounded {
    inner: SharedCredentialsProvider,
    deadline: Duration,
}

impl Bounded {
    pub(super) fn new(inner: SharedCredentialsProvider, environment: &Environment) -> Self {
        let number = |name: &str| environment.get(name).and_then(|text| text.parse::<u32>().ok());
        let timeout = number("AWS_METADATA_SERVICE_TIMEOUT")
            .map_or(METADATA_TIMEOUT, |seconds| Duration::from_secs(seconds.max(1).into()));
        let attempts = number("AWS_METADATA_SERVICE_NUM_ATTEMPTS").unwrap_or(1).max(1);
        Self { inner, deadline: timeout.saturating_mul(METADATA_QUESTIONS).saturating_mul(attempts) }
    }
}

impl ProvideCredentials for Bounded {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            let asked = tokio::time::timeout(self.deadline, self.inner.provide_credentials()).await;
            asked.unwrap_or_else(|_| {
                Err(CredentialsError::not_loaded("the metadata service of EC2 instances does not answer"))
            })
        })
    }
}

/// A line break from a file makes headers that cannot be sent; the SDK's signer panics on some of them.
fn check(credentials: &Credentials) -> Result<(), CredentialsError> {
    let parts = [
        ("access key id", Some(credentials.access_key_id())),
        ("secret access key", Some(credentials.secret_access_key())),
        ("session token", credentials.session_token()),
    ];
    for (name, part) in parts {
        if part.is_some_and(|part| !part.bytes().all(|byte| byte.is_ascii_graphic())) {
            return Err(CredentialsError::invalid_configuration(format!(
                "the {name} holds a space, a line break or another character that keys never have"
            )));
        }
    }
    if credentials.expiry().is_some_and(|expiry| expiry <= SystemTime::now()) {
        return Err(CredentialsError::provider_error("the source gave credentials that are expired already"));
    }
    Ok(())
}

/// What is known of the credentials that were given out last.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    expiry: Option<SystemTime>,
    account: Account,
    /// Credentials that were asked for their account only: the next call takes them instead of asking again.
    unused: Option<Credentials>,
}

/// The account of the credentials.
#[derive(Debug, Clone, Default)]
enum Account {
    /// No credentials came yet.
    #[default]
    Unasked,
    /// Credentials may not know their account.
    Seen(Option<String>),
}

impl From<&Credentials> for Account {
    fn from(credentials: &Credentials) -> Self {
        Self::Seen(credentials.account_id().map(|id| id.as_str().to_string()))
    }
}

impl Seen {
    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0)
    }

    pub(super) fn expiry(&self) -> Option<SystemTime> {
        self.state().expiry
    }

    /// The account of the credentials, which are asked for where none came yet.
    pub(super) async fn account(
        &self,
        provider: &SharedCredentialsProvider,
    ) -> Result<Option<String>, CredentialsError> {
        if let Account::Seen(account) = &self.state().account {
            return Ok(account.clone());
        }
        let credentials = provider.provide_credentials().await?;
        let account = credentials.account_id().map(|id| id.as_str().to_string());
        self.state().unused = Some(credentials);
        Ok(account)
    }

    fn note(&self, credentials: &Credentials) {
        let mut state = self.state();
        state.expiry = credentials.expiry();
        state.account = credentials.into();
    }

    fn take_unused(&self) -> Option<Credentials> {
        self.state()
            .unused
            .take()
            .filter(|credentials| credentials.expiry().is_none_or(|end| end > SystemTime::now()))
    }
}

/// Notes what passes.
#[derive(Debug)]
pub(super) struct Watched {
    inner: SharedCredentialsProvider,
    seen: Seen,
}

impl Watched {
    pub(super) fn new(inner: SharedCredentialsProvider, seen: Seen) -> Self {
        Self { inner, seen }
    }
}

impl ProvideCredentials for Watched {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            if let Some(credentials) = self.seen.take_unused() {
                return Ok(credentials);
            }
            let credentials = self.inner.provide_credentials().await?;
            check(&credentials)?;
            self.seen.note(&credentials);
            Ok(credentials)
        })
    }
}
