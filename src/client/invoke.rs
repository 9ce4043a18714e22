//! One call: our codecs and endpoint rules plugged into the SDK's orchestrator.

use super::{
    body,
    exchange::{self, Decoded, Exchange, Refusal, Scripted},
    failure,
    guard::UnrepeatableWrites,
    mocked::{self, Mock},
    resolver::{Addressing, RequestResolver},
    session::Session,
    trace::Trace,
};
use crate::{
    config::Settings,
    error::{Error, ErrorKind, Result},
    model::{
        Auth, Service,
        rules::{Partitions, RuleSet},
    },
    request::Request,
};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions, sigv4};
use aws_sigv4::http_request::SignableBody;
use aws_smithy_runtime::client::{
    auth::no_auth::{NO_AUTH_SCHEME_ID, NoAuthScheme},
    defaults::{DefaultPluginParams, default_plugins},
    http::connection_poisoning::ConnectionPoisoningInterceptor,
    identity::no_auth::NoAuthIdentityResolver,
    orchestrator::{AuthSchemeAndEndpointOrchestrationV2, StopPoint, invoke_with_stop_point},
    retries::classifiers::{
        HttpStatusCodeClassifier, ModeledAsRetryableClassifier, TransientErrorClassifier,
    },
    stalled_stream_protection::StalledStreamProtectionInterceptor,
};
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        auth::{AuthSchemeOptionResolverParams, static_resolver::StaticAuthSchemeOptionResolver},
        behavior_version::BehaviorVersion,
        endpoint::{EndpointPrefix, EndpointResolverParams, SharedEndpointResolver},
        identity::SharedIdentityResolver,
        interceptors::{
            Intercept, SharedInterceptor,
            context::{BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextRef, Input},
            dyn_dispatch_hint,
        },
        orchestrator::Metadata,
        runtime_components::{RuntimeComponents, RuntimeComponentsBuilder},
        runtime_plugin::{Order, RuntimePlugins, StaticRuntimePlugin},
        ser_de::{SharedRequestSerializer, SharedResponseDeserializer},
    },
};
use aws_smithy_types::{
    config_bag::{ConfigBag, Layer},
    retry::RetryConfig,
    timeout::TimeoutConfig,
};
use aws_types::{SigningName, region::Region, region::SigningRegion};
use nu_protocol::{Record, Span, Value, record};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// What distinguishes prepared services. Services live as long as the catalogue, so an address is an identity.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct PreparedKey {
    pub(super) session: u64,
    pub(super) service: usize,
    pub(super) region: Option<String>,
    pub(super) endpoint_url: Option<String>,
}

/// The part of the runtime's configuration that all calls of a service share.
#[derive(Debug)]
pub(super) struct Prepared {
    /// Keeps the service alive, so that its address stays its identity.
    service: Arc<Service>,
    addressing: Arc<Addressing>,
    plugins: RuntimePlugins,
}

/// How an answer came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// From AWS, or from the endpoint in its place.
    Network,
    /// Generated from the operation's own shapes.
    Mock,
}

impl Transport {
    /// As `network`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Mock => "mock",
        }
    }
}

/// An answer, and how it came about.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The decoded output: a record.
    pub value: Value,
    /// AWS's id of the request.
    pub request_id: Option<String>,
    /// Attempts made, the first included.
    pub attempts: u32,
    /// From the first attempt to the decoded answer.
    pub duration: Duration,
    /// Where it was sent to.
    pub endpoint: Option<String>,
    /// How it came about.
    pub transport: Transport,
}

/// Everything but the request: as whom, where, and how patiently.
#[derive(Debug, Clone)]
pub struct Caller {
    prepared: Arc<Prepared>,
    session: Arc<Session>,
    timeouts: TimeoutConfig,
    deadline: Duration,
    max_attempts: u32,
    body_cap: u64,
    mock: Option<Mock>,
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
        let addressing = Addressing::new(
            service.clone(),
            session,
            key.region.clone(),
            key.endpoint_url.clone(),
            rules,
            partitions,
        );
        Self { service, addressing: Arc::new(addressing), plugins }
    }
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
        components.set_identity_resolver(sigv4::SCHEME_ID, provider);
    }
    components.push_auth_scheme(sigv4::SigV4AuthScheme::new());
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
    components.push_retry_classifier(HttpStatusCodeClassifier::default());
    components.push_retry_classifier(TransientErrorClassifier::<Refusal>::new());
    components.push_retry_classifier(ModeledAsRetryableClassifier::<Refusal>::new());
    components
        .push_retry_classifier(aws_runtime::retries::classifiers::AwsErrorCodeClassifier::<Refusal>::new());
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

/// Counts attempts and notes where they go.
#[derive(Debug)]
struct Observer(Arc<Trace>);

#[dyn_dispatch_hint]
impl Intercept for Observer {
    fn name(&self) -> &'static str {
        "aws_perf::observer"
    }

    // The orchestrator panics where no endpoint parameters are in the interceptor state. Ours are in the resolver, so
    // an empty set is enough; it must come from an operation's interceptor, since a client's runs too early.
    fn read_before_execution(
        &self,
        _context: &BeforeSerializationInterceptorContextRef<'_>,
        config: &mut ConfigBag,
    ) -> std::result::Result<(), BoxError> {
        config.interceptor_state().store_put(EndpointResolverParams::new(()));
        Ok(())
    }

    fn read_before_transmit(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> std::result::Result<(), BoxError> {
        self.0.attempt();
        Ok(())
    }
}

impl Caller {
    pub(super) fn new(
        prepared: Arc<Prepared>,
        session: Arc<Session>,
        settings: &Settings,
        timeout: Option<Duration>,
        mock: Option<Mock>,
    ) -> Self {
        let deadline = timeout.unwrap_or(settings.operation_timeout);
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(settings.connect_timeout)
            .read_timeout(settings.read_timeout)
            .operation_attempt_timeout(settings.attempt_timeout.min(deadline))
            .operation_timeout(deadline)
            .build();
        Self {
            prepared,
            session,
            timeouts,
            deadline,
            max_attempts: settings.max_attempts,
            body_cap: settings.body_cap,
            mock,
        }
    }

    /// As whom is asked.
    pub fn session(&self) -> &Arc<Session> {
        &self.session
    }

    /// Where is asked.
    pub fn region(&self) -> Option<&str> {
        self.prepared.addressing.region.as_deref()
    }

    /// How answers come about.
    pub fn transport(&self) -> Transport {
        if self.mock.is_some() { Transport::Mock } else { Transport::Network }
    }

    /// Makes one call, with as many attempts as it takes and the settings allow.
    pub async fn call(&self, request: Arc<Request>) -> Result<Reply> {
        let started = Instant::now();
        let trace = Arc::new(Trace::default());
        let outcome = self.exchange(&request, &trace).await;
        let describe = |error: Error| self.describe(error, &request, &trace);
        let decoded = outcome.map_err(describe)?;
        let value = match decoded.body {
            Some(body) => self.with_body(&request, decoded.value, body, started).await.map_err(describe)?,
            None => decoded.value,
        };
        Ok(Reply {
            value,
            request_id: trace.take_request_id(),
            attempts: trace.attempts(),
            duration: started.elapsed(),
            endpoint: trace.endpoint(),
            transport: self.transport(),
        })
    }

    async fn exchange(&self, request: &Arc<Request>, trace: &Arc<Trace>) -> Result<Decoded> {
        let scripted = self.mock.as_ref().map(|_| Scripted::default());
        let plugins = self.operation_plugins(request, trace, scripted);
        let map = |error| failure::of_call(error, trace, &self.session, request, self.deadline);
        // The future of an orchestrated call is several kilobytes: boxed, so that callers stay small.
        let context = Box::pin(invoke_with_stop_point(
            &request.service.name,
            &request.operation.name,
            Input::erase(()),
            &plugins,
            StopPoint::None,
        ))
        .await
        .map_err(map)?;
        let output = context.finalize().map_err(map)?;
        match output.downcast::<Decoded>() {
            Ok(decoded) => Ok(decoded),
            Err(other) => Err(Error::new(ErrorKind::Internal, format!("unexpected output {other:?}"))),
        }
    }

    fn operation_plugins(
        &self,
        request: &Arc<Request>,
        trace: &Arc<Trace>,
        scripted: Option<Scripted>,
    ) -> RuntimePlugins {
        let operation = &request.operation;
        let exchange = Exchange {
            request: request.clone(),
            trace: trace.clone(),
            span: request.span,
            scripted: scripted.clone(),
        };
        let mut config = Layer::new("aws_perf::operation");
        config.store_put(SharedRequestSerializer::new(exchange.clone()));
        config.store_put(SharedResponseDeserializer::new(exchange));
        config.store_put(Metadata::new(operation.name.to_string(), request.service.name.to_string()));
        config.store_put(self.timeouts.clone());
        config.store_put(RetryConfig::standard().with_max_attempts(self.max_attempts));
        config.store_put(self.signing(request));
        let addressing = &self.prepared.addressing;
        if let Some(prefix) = addressing.host_prefix(request, self.session.no_host_prefix)
            && let Ok(prefix) = EndpointPrefix::new(prefix)
        {
            config.store_put(prefix);
        }
        let mut components = RuntimeComponentsBuilder::new("aws_perf::operation")
            .with_interceptor(SharedInterceptor::permanent(Observer(trace.clone())));
        components.set_endpoint_resolver(Some(SharedEndpointResolver::new(RequestResolver {
            addressing: addressing.clone(),
            request: request.clone(),
            trace: trace.clone(),
        })));
        if !request.is_repeatable() {
            components.push_retry_classifier(UnrepeatableWrites);
        }
        let auth = if operation.auth.is_empty() { &request.service.meta.auth } else { &operation.auth };
        if auth.first() == Some(&Auth::None) {
            components.set_identity_resolver(
                NO_AUTH_SCHEME_ID,
                SharedIdentityResolver::new(NoAuthIdentityResolver::new()),
            );
            components.push_auth_scheme(NoAuthScheme::default());
            components.set_auth_scheme_option_resolver(Some(StaticAuthSchemeOptionResolver::new(vec![
                NO_AUTH_SCHEME_ID,
            ])));
        }
        if let (Some(mock), Some(scripted)) = (&self.mock, scripted) {
            mocked::plug(&mut components, mock, request, addressing.region.as_deref(), scripted);
        }
        self.prepared.plugins.clone().with_operation_plugin(
            StaticRuntimePlugin::new().with_config(config.freeze()).with_runtime_components(components),
        )
    }

    /// S3 signs paths as they are and wants the body's hash in a header.
    fn signing(&self, request: &Request) -> SigV4OperationSigningConfig {
        let s3 =
            matches!(&*self.prepared.service.meta.signing_name, "s3" | "s3-outposts" | "s3-object-lambda");
        let mut options = SigningOptions::default();
        options.double_uri_encode = !s3;
        options.normalize_uri_path = !s3;
        options.content_sha256_header = s3;
        if request.operation.unsigned_payload {
            options.payload_override = Some(SignableBody::UnsignedPayload);
        }
        let mut signing = SigV4OperationSigningConfig::default();
        signing.signing_options = options;
        signing
    }

    async fn with_body(
        &self,
        request: &Request,
        value: Value,
        body: aws_smithy_types::body::SdkBody,
        started: Instant,
    ) -> Result<Value> {
        let left = self.deadline.saturating_sub(started.elapsed());
        let bytes = tokio::time::timeout(left, body::collect(body, self.body_cap, &request.name()))
            .await
            .map_err(|_| {
            Error::new(ErrorKind::Timeout, format!("the body did not arrive within {:?}", self.deadline))
                .help("raise --timeout")
        })??;
        let Value::Record { val, internal_span, .. } = value else { return Ok(value) };
        let mut record = val.into_owned();
        if let Some(member) = request.streaming_output() {
            record.insert(member.name.to_string(), Value::binary(bytes, internal_span));
        }
        Ok(Value::record(record, internal_span))
    }

    /// Adds to an error where it happened.
    fn describe(&self, error: Error, request: &Request, trace: &Trace) -> Error {
        let mut error = error.at(request.span).context("operation", request.name());
        if let Some(region) = self.region() {
            error = error.context("region", region);
        }
        error = error.context("profile", self.session.profile.clone());
        let request_id =
            error.fault().and_then(|fault| fault.request_id.clone()).or_else(|| trace.take_request_id());
        if let Some(id) = request_id {
            error = error.context("request id", id);
        }
        let attempts = trace.attempts();
        if attempts > 0 { error.context("attempts", attempts.to_string()) } else { error }
    }

    /// The request that would be sent: `{method, url, headers, body}`, unsigned, without network or credentials.
    pub fn dry_run(&self, request: &Request) -> Result<Value> {
        let span = request.span;
        let mut http = exchange::encode(request).map_err(|error| error.at(span))?;
        let addressing = &self.prepared.addressing;
        let endpoint = addressing.resolve(request).map_err(|error| error.at(span))?;
        let url = match addressing.host_prefix(request, self.session.no_host_prefix) {
            Some(prefix) => endpoint.url.replacen("://", &format!("://{prefix}"), 1),
            None => endpoint.url,
        };
        http.uri_mut().set_endpoint(&url).map_err(|error| {
            Error::new(ErrorKind::Configuration, format!("`{url}` is no endpoint URL")).at(span).source(error)
        })?;
        let mut headers = Record::new();
        for (name, value) in http.headers() {
            headers.insert(name.to_string(), Value::string(value, span));
        }
        for (name, values) in &endpoint.headers {
            headers.insert(name.clone(), Value::string(values.join(","), span));
        }
        Ok(Value::record(
            record! {
                "method" => Value::string(http.method(), span),
                "url" => Value::string(http.uri(), span),
                "headers" => Value::record(headers, span),
                "body" => body_value(http.body().bytes().unwrap_or_default(), span),
            },
            span,
        ))
    }
}

/// Text where it is text.
fn body_value(bytes: &[u8], span: Span) -> Value {
    match std::str::from_utf8(bytes) {
        Ok("") => Value::nothing(span),
        Ok(text) => Value::string(text, span),
        Err(_) => Value::binary(bytes, span),
    }
}
