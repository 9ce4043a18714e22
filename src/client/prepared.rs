//! What all calls of a service share: endpoint rules, credentials, connections, retries, interceptors.

use super::{
    discovery::Discovered, endpoints, exchange::Refusal, redirect::Places, resolver::Addressing,
    session::Session,
};
use crate::model::{
    Service,
    rules::{Partitions, RuleSet},
};
use aws_runtime::{
    auth::{sigv4, sigv4a},
    retries::classifiers::{AwsErrorCodeClassifier, TRANSIENT_ERRORS},
    service_clock_skew::{ServiceClockSkewClassifier, ServiceClockSkewInterceptor},
};
use aws_smithy_runtime::client::{
    auth::http::BearerAuthScheme,
    defaults::{DefaultPluginParams, default_plugins},
    http::connection_poisoning::ConnectionPoisoningInterceptor,
    orchestrator::AuthSchemeAndEndpointOrchestrationV2,
    retries::classifiers::{
        HttpStatusCodeClassifier, ModeledAsRetryableClassifier, TransientErrorClassifier,
    },
    stalled_stream_protection::StalledStreamProtectionInterceptor,
};
use aws_smithy_runtime_api::client::{
    auth::{AuthSchemeOptionResolverParams, static_resolver::StaticAuthSchemeOptionResolver},
    behavior_version::BehaviorVersion,
    interceptors::SharedInterceptor,
    runtime_components::RuntimeComponentsBuilder,
    runtime_plugin::{Order, RuntimePlugins, StaticRuntimePlugin},
};
use aws_smithy_types::config_bag::Layer;
use aws_types::{
    SigningName,
    region::{Region, SigningRegion},
};
use std::sync::Arc;

/// What distinguishes prepared services. [`Prepared`] holds its service and rules, so while it is known no other can
/// have their addresses; a file that was edited is read anew and has another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct PreparedKey {
    pub(super) session: u64,
    pub(super) service: usize,
    pub(super) rules: Option<usize>,
    pub(super) region: Option<String>,
    pub(super) endpoint_url: Option<String>,
    pub(super) fips_by_name: bool,
}

/// The part of the runtime's configuration that all calls of a service share.
#[derive(Debug)]
pub(super) struct Prepared {
    /// Keeps the service alive, so that its address stays its identity.
    pub(super) service: Arc<Service>,
    pub(super) addressing: Arc<Addressing>,
    pub(super) plugins: RuntimePlugins,
    /// Buckets in other regions.
    pub(super) places: Places,
    /// Whether all regions have the same answers.
    pub(super) is_global: bool,
    /// The endpoint that the service told itself.
    pub(super) discovered: Discovered,
}

impl Prepared {
    pub(super) fn new(
        service: Arc<Service>,
        session: &Session,
        key: &PreparedKey,
        rules: Option<Arc<RuleSet>>,
        partitions: Arc<Partitions>,
    ) -> Self {
        let plugins = service_plugins(&service, session, key.region.as_deref());
        let is_global = rules
            .as_ref()
            .zip(key.region.as_ref())
            .is_some_and(|(rules, region)| endpoints::is_global(rules, &partitions, region));
        let addressing = Addressing::new(service.clone(), session, key, rules, partitions);
        Self {
            service,
            addressing: Arc::new(addressing),
            plugins,
            places: Places::default(),
            is_global,
            discovered: Discovered::default(),
        }
    }
}

/// The codes that the SDKs repeat, with those that their S3 and STS repeat besides, whatever the status.
fn error_codes(service: &Service) -> AwsErrorCodeClassifier<Refusal> {
    let own: &[&str] = match &*service.name {
        "s3" => &["InternalError"],
        "sts" => &["IDPCommunicationError"],
        _ => &[],
    };
    AwsErrorCodeClassifier::builder().transient_errors([TRANSIENT_ERRORS, own].concat()).build()
}

/// What all calls of a service share: credentials, connections, retries, the interceptors of the AWS SDKs.
fn service_plugins(service: &Service, session: &Session, region: Option<&str>) -> RuntimePlugins {
    let meta = &service.meta;
    let mut config = Layer::new("aws_perf::service");
    if let Some(region) = region {
        let region = Region::new(region.to_string());
        config.store_put(SigningRegion::from(region.clone()));
        config.store_put(region);
    }
    config.store_put(SigningName::from(meta.signing_name.to_string()));
    config.store_put(AuthSchemeAndEndpointOrchestrationV2);
    config.store_put(AuthSchemeOptionResolverParams::new(()));
    config.store_put(aws_runtime::user_agent::ApiMetadata::new(
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION"),
    ));
    let mut components = RuntimeComponentsBuilder::new("aws_perf::service");
    components.set_http_client(session.sdk.http_client());
    components.set_sleep_impl(session.sdk.sleep_impl());
    components.set_time_source(session.sdk.time_source());
    components.set_identity_cache(session.sdk.identity_cache());
    if let Some(provider) = session.sdk.credentials_provider() {
        components.set_identity_resolver(sigv4::SCHEME_ID, provider.clone());
        components.set_identity_resolver(sigv4a::SCHEME_ID, provider);
    }
    components.push_auth_scheme(sigv4::SigV4AuthScheme::new());
    components.push_auth_scheme(sigv4a::SigV4aAuthScheme::new());
    components.push_auth_scheme(BearerAuthScheme::new());
    components
        .set_auth_scheme_option_resolver(Some(StaticAuthSchemeOptionResolver::new(vec![sigv4::SCHEME_ID])));
    components.push_interceptor(SharedInterceptor::permanent(ConnectionPoisoningInterceptor::new()));
    components
        .push_interceptor(SharedInterceptor::permanent(aws_runtime::user_agent::UserAgentInterceptor::new()));
    components.push_interceptor(SharedInterceptor::permanent(
        aws_runtime::invocation_id::InvocationIdInterceptor::new(),
    ));
    components.push_interceptor(SharedInterceptor::permanent(
        aws_runtime::request_info::RequestInfoInterceptor::new(),
    ));
    components.push_interceptor(SharedInterceptor::permanent(StalledStreamProtectionInterceptor::default()));
    components.push_interceptor(SharedInterceptor::permanent(ServiceClockSkewInterceptor::new()));
    components.push_retry_classifier(ServiceClockSkewClassifier::<Refusal>::new());
    components.push_retry_classifier(HttpStatusCodeClassifier::default());
    components.push_retry_classifier(TransientErrorClassifier::<Refusal>::new());
    components.push_retry_classifier(ModeledAsRetryableClassifier::<Refusal>::new());
    components.push_retry_classifier(error_codes(service));
    let partition = format!("{}-{}", service.name, region.unwrap_or_default());
    let defaults = DefaultPluginParams::new()
        .with_retry_partition_name(partition)
        .with_behavior_version(BehaviorVersion::latest())
        .with_is_aws_sdk(true);
    RuntimePlugins::new().with_client_plugins(default_plugins(defaults)).with_client_plugin(
        StaticRuntimePlugin::new()
            .with_order(Order::Overrides)
            .with_config(config.freeze())
            .with_runtime_components(components),
    )
}
