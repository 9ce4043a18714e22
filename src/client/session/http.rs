//! One HTTP pool per proxy and trust settings: connections are reused across services, regions and profiles.

use super::profiles::Profiles;
use crate::{
    config::Environment,
    error::{Error, ErrorKind, Result},
    sync::lock,
};
use aws_smithy_http_client::{
    Builder, Connector, ConnectorBuilder,
    proxy::{ProxyConfig, ProxyError},
    tls::{self, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
        SharedHttpConnector, http_client_fn,
    },
    orchestrator::HttpRequest,
    runtime_components::RuntimeComponents,
};
use std::{collections::HashMap, fmt, path::PathBuf, sync::Mutex, time::Duration};

/// boto's pool of ten discards connections under load (botocore issue 619); this is per host and only of idle ones.
const MAX_IDLE_PER_HOST: usize = 256;

/// AWS closes idle connections after 20 s at the earliest that we know of; a stale one costs a retry.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// What distinguishes pools.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
struct Route {
    http_proxy: Option<String>,
    https_proxy: Option<String>,
    no_proxy: Option<String>,
    ca_bundle: Option<PathBuf>,
}

// A proxy's URL may hold a password.
impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Route")
            .field("proxied", &(self.https_proxy.is_some() || self.http_proxy.is_some()))
            .field("ca_bundle", &self.ca_bundle)
            .finish_non_exhaustive()
    }
}

/// By which variables requests are sent through a proxy.
#[derive(Debug, Default)]
pub(in crate::client) struct Proxies {
    plain: Option<&'static str>,
    secure: Option<&'static str>,
}

impl Proxies {
    pub(super) fn new(environment: &Environment) -> Self {
        let set = |names: [&'static str; 4]| names.into_iter().find(|name| environment.get(name).is_some());
        Self {
            plain: set(["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]),
            secure: set(["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]),
        }
    }

    /// The variable that counts for an endpoint.
    pub(in crate::client) fn of(&self, endpoint: &str) -> Option<&'static str> {
        if endpoint.starts_with("http:") { self.plain } else { self.secure }
    }
}

/// The pools, by route.
#[derive(Debug, Default)]
pub(super) struct Pool {
    clients: Mutex<HashMap<Route, SharedHttpClient>>,
}

impl Pool {
    pub(super) fn client(
        &self,
        environment: &Environment,
        profiles: &Profiles,
        profile: &str,
    ) -> Result<SharedHttpClient> {
        let get = |name: &str| environment.get(name).map(String::from);
        let Proxies { plain, secure } = Proxies::new(environment);
        let route = Route {
            http_proxy: plain.and_then(get),
            https_proxy: secure.and_then(get),
            no_proxy: get("no_proxy").or_else(|| get("NO_PROXY")),
            ca_bundle: environment
                .get("AWS_CA_BUNDLE")
                .map(String::from)
                .or_else(|| profiles.get(profile, "ca_bundle"))
                .map(|path| environment.resolve(&path)),
        };
        let mut clients = lock(&self.clients);
        if let Some(client) = clients.get(&route) {
            return Ok(client.clone());
        }
        let client = build(&route)?;
        clients.insert(route, client.clone());
        Ok(client)
    }
}

/// Two pools behind one client: reading the system's certificates takes milliseconds, which an endpoint without TLS
/// need not wait for.
fn build(route: &Route) -> Result<SharedHttpClient> {
    let tls = trust(route)?;
    let no_proxy = route.no_proxy.as_deref();
    let plain_proxy = proxy(route.http_proxy.as_deref(), "HTTP_PROXY", ProxyConfig::http, no_proxy)?;
    let secure_proxy = proxy(route.https_proxy.as_deref(), "HTTPS_PROXY", ProxyConfig::https, no_proxy)?;
    let pool = || Builder::new().pool_max_idle_per_host(MAX_IDLE_PER_HOST).pool_idle_timeout(IDLE_TIMEOUT);
    let plain = pool().build_with_connector_fn(move |settings, components| {
        connector(&plain_proxy, settings, components).build_http()
    });
    let secure = pool().build_with_connector_fn(move |settings, components| {
        connector(&secure_proxy, settings, components)
            .tls_provider(tls::Provider::Rustls(CryptoMode::Ring))
            .tls_context(tls.clone())
            .build()
    });
    Ok(http_client_fn(move |settings, components| {
        SharedHttpConnector::new(ByScheme {
            plain: plain.clone(),
            secure: secure.clone(),
            settings: settings.clone(),
            components: components.clone(),
        })
    }))
}

fn connector(
    proxy: &ProxyConfig,
    settings: Option<&HttpConnectorSettings>,
    components: Option<&RuntimeComponents>,
) -> ConnectorBuilder {
    let mut connector = Connector::builder()
        .enable_tcp_nodelay(true)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .pool_max_idle_per_host(MAX_IDLE_PER_HOST)
        .proxy_config(proxy.clone());
    connector.set_connector_settings(settings.cloned());
    connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
    connector
}

/// Sends each request through the pool of its scheme. The pools remember their connectors.
#[derive(Debug)]
struct ByScheme {
    plain: SharedHttpClient,
    secure: SharedHttpClient,
    settings: HttpConnectorSettings,
    components: RuntimeComponents,
}

impl HttpConnector for ByScheme {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let pool = if request.uri().starts_with("http:") { &self.plain } else { &self.secure };
        pool.http_connector(&self.settings, &self.components).call(request)
    }
}

/// How a certificate begins in a bundle.
const PEM: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// The system's certificates, and those of `AWS_CA_BUNDLE` instead where it is set, as in botocore.
fn trust(route: &Route) -> Result<TlsContext> {
    let store = match &route.ca_bundle {
        None => TrustStore::default(),
        Some(path) => {
            let bundle = std::fs::read(path).map_err(|error| {
                Error::new(
                    ErrorKind::Configuration,
                    format!("the CA bundle {} cannot be read", path.display()),
                )
                .help("correct AWS_CA_BUNDLE or `ca_bundle` of the profile")
                .source(error)
            })?;
            if !bundle.windows(PEM.len()).any(|window| window == PEM) {
                // The client would trust nobody and say so at the first handshake only.
                let told = format!("the CA bundle {} holds no certificate", path.display());
                return Err(Error::new(ErrorKind::Configuration, told)
                    .help("AWS_CA_BUNDLE must be a file of PEM certificates"));
            }
            TrustStore::empty().with_pem_certificate(bundle)
        }
    };
    TlsContext::builder().with_trust_store(store).build().map_err(|error| {
        Error::new(ErrorKind::Configuration, "the trusted certificates cannot be used")
            .help("AWS_CA_BUNDLE must be a file of PEM certificates")
            .source(error)
    })
}

/// Where the metadata services of instances and containers listen, which no proxy can reach.
const LINK_LOCAL: &str = "169.254.0.0/16,fd00:ec2::/32";

/// The proxy of one scheme.
fn proxy(
    url: Option<&str>,
    variable: &str,
    of_scheme: fn(String) -> std::result::Result<ProxyConfig, ProxyError>,
    no_proxy: Option<&str>,
) -> Result<ProxyConfig> {
    // The client takes `*` for names only, not for addresses.
    let everything = no_proxy.is_some_and(|rules| rules.split(',').any(|rule| rule.trim() == "*"));
    let Some(url) = url.filter(|_| !everything) else { return Ok(ProxyConfig::disabled()) };
    // `host:port` is how many write it, and how curl and botocore take it.
    let url = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
    let config = of_scheme(url).map_err(|error| {
        // Without the URL, which may hold a password.
        Error::new(ErrorKind::Configuration, format!("{variable} is no URL of a proxy"))
            .help(format!("write {variable} as http://host:port, or as http://user:password@host:port"))
            .source(error)
    })?;
    let rules = no_proxy.map_or_else(|| LINK_LOCAL.to_owned(), |rules| format!("{rules},{LINK_LOCAL}"));
    Ok(config.no_proxy(rules))
}
