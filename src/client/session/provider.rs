//! Providers around the SDK's own: one that gives up in time, one that remembers when credentials expire.

use crate::config::Environment;
use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, SharedCredentialsProvider, error::CredentialsError, future},
};
use std::{
    sync::{Arc, Mutex, PoisonError},
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

/// When the credentials that were given out last expire. The credentials themselves are not kept.
#[derive(Debug, Clone, Default)]
pub(super) struct Expiry(Arc<Mutex<Option<SystemTime>>>);

impl Expiry {
    pub(super) fn get(&self) -> Option<SystemTime> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Notes the expiry of what passes.
#[derive(Debug)]
pub(super) struct Watched {
    inner: SharedCredentialsProvider,
    expiry: Expiry,
}

impl Watched {
    pub(super) fn new(inner: SharedCredentialsProvider, expiry: Expiry) -> Self {
        Self { inner, expiry }
    }
}

impl ProvideCredentials for Watched {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            let credentials = self.inner.provide_credentials().await?;
            check(&credentials)?;
            *self.expiry.0.lock().unwrap_or_else(PoisonError::into_inner) = credentials.expiry();
            Ok(credentials)
        })
    }
}
