//! Who asks AWS: one model-driven client for every service, on AWS's own runtime for signing, retries and HTTP.
//!
//! A [`Caller`] is everything but the request: as whom, where, and how patiently. All pages of a stream share one.

pub mod endpoints;
pub mod mock;
pub mod protocols;
pub mod session;

mod auth;
mod body;
mod checksums;
mod compress;
mod customs;
mod discovery;
mod dry_run;
mod exchange;
mod failure;
mod guard;
mod invoke;
mod mocked;
mod prepared;
mod presign;
mod redirect;
mod reply;
mod resolver;
mod signature2;
mod signing;
mod trace;

pub(crate) use failure::renewal;
pub use invoke::Caller;
pub use reply::{Reply, Transport};

use crate::{
    config::{Environment, Settings},
    error::{ErrorKind, Result},
    model::{
        Service,
        catalog::{Catalog, DataPaths},
    },
    sync::lock,
};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use prepared::{Prepared, PreparedKey};
use session::{Session, Sessions, Target};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

/// Sessions, connections and prepared services, shared by all calls of a plugin process.
#[derive(Debug, Default)]
pub struct Client {
    sessions: Sessions,
    prepared: Mutex<HashMap<PreparedKey, Arc<Prepared>>>,
}

/// Prepared services beyond this are dropped together: 50 accounts in 17 regions fit.
const MEMO_LIMIT: usize = 1024;

/// A region, and whether its name asks for FIPS endpoints: `fips-us-east-1` and `us-east-1-fips` are older spellings.
fn real_region(region: Option<String>) -> (Option<String>, bool) {
    let Some(name) = region else { return (None, false) };
    let bare = name.strip_prefix("fips-").or_else(|| name.strip_suffix("-fips"));
    match bare {
        Some(bare) => (Some(bare.to_string()), true),
        None => (Some(name), false),
    }
}

impl Client {
    /// A client whose every request, those for credentials included, goes through `http` instead of connections of its
    /// own.
    pub fn over(http: SharedHttpClient) -> Self {
        Self { sessions: Sessions::over(http), ..Self::default() }
    }

    /// The session of an environment, with the target's profile.
    pub async fn session(
        &self,
        environment: &Environment,
        settings: &Settings,
        target: &Target,
    ) -> Result<Arc<Session>> {
        self.sessions.resolve(environment, settings, target).await
    }

    /// Everything that calls of one service share. `timeout` is the deadline of each call.
    pub async fn caller(
        &self,
        catalog: &Catalog,
        service: &Arc<Service>,
        environment: &Environment,
        settings: &Settings,
        target: &Target,
        timeout: Option<Duration>,
    ) -> Result<Caller> {
        let mock = mocked::plan(service, environment)?;
        let session = match self.session(environment, settings, target).await {
            // Suites name profiles that are nowhere; generated answers need none.
            Err(error)
                if error.kind() == ErrorKind::UnknownName && mock.is_some() && target.profile.is_none() =>
            {
                let mut environment = environment.clone();
                environment.remove("AWS_PROFILE");
                self.session(&environment, settings, target).await?
            }
            found => found?,
        };
        let mut region = session.region(target);
        if mock.is_some() && region.is_none() {
            region = Some(mocked::REGION.into());
        }
        let (region, fips_by_name) = real_region(region);
        let endpoint_url = session.endpoint_url(target, &service.meta.service_id);
        if let Some(url) = &endpoint_url {
            session::check_endpoint_url(url)?;
        }
        let paths = DataPaths::from(environment);
        let rules = catalog.rules(service, &paths)?;
        let key = PreparedKey {
            session: session.id,
            service: Arc::as_ptr(service) as usize,
            rules: rules.as_ref().map(|rules| Arc::as_ptr(rules) as usize),
            region,
            endpoint_url,
            fips_by_name,
        };
        let prepared = if let Some(prepared) = self.known(&key) {
            prepared
        } else {
            let partitions = catalog.partitions(&paths)?;
            let prepared = Arc::new(Prepared::new(service.clone(), &session, &key, rules, partitions));
            self.remember(key, prepared.clone());
            prepared
        };
        Ok(Caller::new(prepared, session, settings, timeout, mock))
    }

    fn known(&self, key: &PreparedKey) -> Option<Arc<Prepared>> {
        lock(&self.prepared).get(key).cloned()
    }

    fn remember(&self, key: PreparedKey, prepared: Arc<Prepared>) {
        let mut known = lock(&self.prepared);
        if known.len() >= MEMO_LIMIT {
            known.clear();
        }
        known.insert(key, prepared);
    }
}
