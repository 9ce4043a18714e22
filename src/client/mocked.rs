//! The mock transport, plugged in where connections are made: validation, encoding, endpoints, signing and retries
//! are the real ones, only the answer is generated.

use super::{
    exchange::{Refusal, Scripted},
    mock::{self, Answer},
};
use crate::{
    config::Environment,
    error::{Fault, Result},
    model::{Service, tables::Tables},
    request::Request,
    sync::lock,
};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_runtime::auth::{sigv4, sigv4a};
use aws_smithy_runtime_api::{
    client::{
        http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
        identity::SharedIdentityResolver,
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
        runtime_components::RuntimeComponentsBuilder,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use std::{
    fmt,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU32, Ordering},
    },
};

/// Where mocked calls go when no region is configured.
pub(super) const REGION: &str = "us-east-1";

/// Whether and how calls are mocked.
pub(super) type Mock = Arc<mock::Settings>;

/// The mock's settings, where the environment switches it on for a service.
pub(super) fn plan(service: &Service, environment: &Environment) -> Result<Option<Mock>> {
    let names = Tables::embedded()?.names();
    let aliases: Vec<&str> =
        names.filter(|(_, target)| *target == &*service.name).map(|(alias, _)| alias).collect();
    if !mock::enabled(&service.name, &aliases, environment)? {
        return Ok(None);
    }
    mock::Settings::from(environment).map(|settings| Some(Arc::new(settings)))
}

/// Replaces connections and credentials of one call.
pub(super) fn plug(
    components: &mut RuntimeComponentsBuilder,
    settings: &Mock,
    request: &Arc<Request>,
    region: Option<&str>,
    scripted: Scripted,
) {
    let connector = SharedHttpConnector::new(Connector {
        settings: settings.clone(),
        request: request.clone(),
        region: region.unwrap_or(REGION).to_string(),
        scripted,
        attempts: Arc::new(AtomicU32::new(0)),
    });
    components.set_http_client(Some(http_client_fn(move |_, _| connector.clone())));
    components.set_identity_resolver(sigv4::SCHEME_ID, NOBODY.clone());
    components.set_identity_resolver(sigv4a::SCHEME_ID, NOBODY.clone());
}

/// The identity of mocked calls.
pub(super) fn nobody() -> SharedIdentityResolver {
    NOBODY.clone()
}

/// One identity for all mocked calls: the SDK's identity cache has few places.
static NOBODY: LazyLock<SharedIdentityResolver> = LazyLock::new(|| {
    let keys = Credentials::new("mock", "mock", None, None, "mock");
    SharedIdentityResolver::new(SharedCredentialsProvider::new(keys))
});

struct Connector {
    settings: Mock,
    request: Arc<Request>,
    region: String,
    scripted: Scripted,
    attempts: Arc<AtomicU32>,
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MockConnector")
    }
}

impl HttpConnector for Connector {
    fn call(&self, _request: HttpRequest) -> HttpConnectorFuture {
        let attempt = self.attempts.fetch_add(1, Ordering::Relaxed) + 1;
        let request = &self.request;
        let answer = mock::answer(
            &request.service,
            &request.operation,
            &request.input,
            &self.settings,
            &self.region,
            attempt,
            request.span,
        );
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                return HttpConnectorFuture::ready(Err(ConnectorError::user(Box::new(error))));
            }
        };
        let (status, said) = match answer {
            Answer::Output(value) => (200, Ok(value)),
            Answer::Fault { status, code, message } => {
                let fault = Fault { code, status, ..Fault::default() };
                (status, Err(Refusal::new(fault, message, None)))
            }
        };
        *lock(&self.scripted) = Some(said);
        let latency = self.settings.latency;
        HttpConnectorFuture::new(async move {
            if !latency.is_zero() {
                tokio::time::sleep(latency).await;
            }
            let status =
                StatusCode::try_from(status).unwrap_or_else(|_| StatusCode::from(http::StatusCode::OK));
            let mut response = HttpResponse::new(status, SdkBody::empty());
            response.headers_mut().insert("x-amzn-requestid", "00000000-0000-0000-0000-000000000000");
            Ok(response)
        })
    }
}
