//! One call: our codecs and endpoint rules plugged into the SDK's orchestrator.

use super::{
    auth, body,
    checksums::Check,
    customs::Customs,
    discovery,
    endpoints::Endpoint,
    exchange::{Decoded, Exchange, Scripted},
    failure,
    guard::UnrepeatableWrites,
    mocked::{self, Mock},
    prepared::Prepared,
    reply::{Reply, Transport},
    resolver::Resolved,
    session::Session,
    trace::Trace,
};
use crate::{
    config::Settings,
    error::{Error, ErrorKind, Result},
    metrics::Meter,
    request::Request,
};
use aws_smithy_runtime::client::orchestrator::{StopPoint, invoke_with_stop_point};
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        endpoint::{EndpointPrefix, EndpointResolverParams, SharedEndpointResolver},
        interceptors::{
            Intercept, SharedInterceptor,
            context::{BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextRef, Input},
            dyn_dispatch_hint,
        },
        orchestrator::Metadata,
        runtime_components::{RuntimeComponents, RuntimeComponentsBuilder},
        runtime_plugin::{RuntimePlugins, StaticRuntimePlugin},
        ser_de::{SharedRequestSerializer, SharedResponseDeserializer},
    },
};
use aws_smithy_types::{
    config_bag::{ConfigBag, Layer},
    retry::RetryConfig,
    timeout::TimeoutConfig,
};
use nu_protocol::Value;
use std::{sync::Arc, time::Duration};

/// Everything but the request: as whom, where, and how patiently.
#[derive(Debug, Clone)]
pub struct Caller {
    pub(super) prepared: Arc<Prepared>,
    pub(super) session: Arc<Session>,
    timeouts: TimeoutConfig,
    deadline: Duration,
    max_attempts: u32,
    body_cap: u64,
    mock: Option<Mock>,
    typed: bool,
    meter: Option<Arc<Meter>>,
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
            // A deadline that the user gave is meant: it also lengthens what a single attempt may take.
            .read_timeout(timeout.map_or(settings.read_timeout, |given| settings.read_timeout.max(given)))
            .operation_attempt_timeout(timeout.unwrap_or(settings.attempt_timeout).min(deadline))
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
            typed: true,
            meter: None,
        }
    }

    /// The same caller, whose answers keep sizes and epochs as plain numbers and policy documents as text.
    #[must_use]
    pub fn untyped(mut self) -> Self {
        self.typed = false;
        self
    }

    /// The same caller, whose fetches are measured.
    #[must_use]
    pub fn metered(mut self, meter: Option<Meter>) -> Self {
        self.meter = meter.map(Arc::new);
        self
    }

    /// What measures the fetches.
    pub fn meter(&self) -> Option<&Arc<Meter>> {
        self.meter.as_ref()
    }

    /// As whom is asked.
    pub fn session(&self) -> &Arc<Session> {
        &self.session
    }

    /// Where is asked.
    pub fn region(&self) -> Option<&str> {
        self.prepared.addressing.region.as_deref()
    }

    /// Where answers belong: the region, or `aws-global` (AWS's own word) where all of them have the same.
    pub fn answers_of(&self) -> &str {
        if self.prepared.is_global { "aws-global" } else { self.region().unwrap_or_default() }
    }

    /// How long a call may take with all its attempts.
    pub fn deadline(&self) -> Duration {
        self.deadline
    }

    /// What decides the endpoint besides region and request, as one text: answers of different places are never mixed.
    pub fn place_text(&self) -> &str {
        &self.prepared.addressing.place
    }

    /// How answers come about.
    pub fn transport(&self) -> Transport {
        if self.is_mocked() { Transport::Mock } else { Transport::Network }
    }

    pub(super) fn is_mocked(&self) -> bool {
        self.mock.is_some()
    }

    /// Makes one call, with as many attempts as it takes and the settings allow.
    pub async fn call(&self, request: Arc<Request>) -> Result<Reply> {
        let trace = Arc::new(Trace::default());
        let started = trace.started();
        // Each leg has its own deadline; a call of several legs has no more time than others.
        let outcome = match tokio::time::timeout(self.deadline, self.exchange(&request, &trace)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(failure::too_late(self.deadline, &request, &trace)),
        };
        let describe = |error: Error| self.describe(error, &request, &trace);
        let decoded = outcome.map_err(describe)?;
        let value = match decoded.body {
            Some(body) => {
                let read = self.with_body(&request, decoded.value, body, decoded.check, &trace).await;
                read.map_err(describe)?
            }
            None => decoded.value,
        };
        Ok(Reply {
            value,
            status: trace.status(),
            request_id: trace.take_request_id(),
            attempts: trace.attempts(),
            phases: trace.phases(),
            duration: started.elapsed(),
            bytes: trace.bytes(),
            endpoint: trace.endpoint(),
            transport: self.transport(),
        })
    }

    /// The call with its customs: to where the bucket is, or to where the service says.
    async fn exchange(&self, request: &Arc<Request>, trace: &Arc<Trace>) -> Result<Decoded> {
        let customs = Customs::of(request, &self.session.options)?;
        // The runtime asks for credentials first, which may take seconds; a missing region needs none.
        let place = self.place(request);
        let account = if self.prepared.addressing.wants_account() && !self.is_mocked() {
            self.session.account_id().await?
        } else {
            None
        };
        let resolve = |place: Option<&str>| {
            let addressing = &self.prepared.addressing;
            addressing
                .resolve(&customs.request, place, account.as_deref())
                .map_err(|error| error.at(request.span))
        };
        let ruled = resolve(place.as_deref())?;
        let customs = self.presign(customs.clone(), &ruled).await?;
        let told = self.discover(&customs.request, &ruled).await?;
        let error = match self.send(&customs, told.as_ref().unwrap_or(&ruled), trace).await {
            Ok(decoded) => return Ok(decoded),
            Err(error) => error,
        };
        let Some(fault) = error.fault() else { return Err(error) };
        if let Some(place) = self.other_place(&customs.request, fault, trace).await? {
            return self.send(&customs, &resolve(Some(&place))?, trace).await;
        }
        if discovery::is_outdated(fault) && told.is_some_and(|told| told != ruled) {
            self.prepared.discovered.forget();
            if let Some(endpoint) = self.discover(&customs.request, &ruled).await? {
                return self.send(&customs, &endpoint, trace).await;
            }
        }
        Err(error)
    }

    /// The call to one endpoint, with as many attempts as it takes.
    pub(super) async fn send(
        &self,
        customs: &Customs,
        endpoint: &Endpoint,
        trace: &Arc<Trace>,
    ) -> Result<Decoded> {
        let request = &customs.request;
        trace.set_endpoint(endpoint.url.clone());
        let scripted = self.mock.as_ref().map(|_| Scripted::default());
        let plugins = self.operation_plugins(customs, trace, endpoint, scripted)?;
        let attempt = self.timeouts.operation_attempt_timeout().unwrap_or(self.deadline);
        let limits = failure::Limits { deadline: self.deadline, attempt, body_cap: self.body_cap };
        let map = |error| failure::of_call(error, trace, &self.session, request, limits);
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
        customs: &Customs,
        trace: &Arc<Trace>,
        endpoint: &Endpoint,
        scripted: Option<Scripted>,
    ) -> Result<RuntimePlugins> {
        let request = &customs.request;
        let operation = &request.operation;
        let exchange = Exchange {
            customs: customs.clone(),
            trace: trace.clone(),
            span: request.span,
            typed: self.typed,
            session: self.session.clone(),
            scripted: scripted.clone(),
            body_cap: self.body_cap,
        };
        let mut config = Layer::new("aws_perf::operation");
        config.store_put(SharedRequestSerializer::new(exchange.clone()));
        config.store_put(SharedResponseDeserializer::new(exchange));
        config.store_put(Metadata::new(operation.name.to_string(), request.service.name.to_string()));
        config.store_put(self.timeouts.clone());
        config.store_put(RetryConfig::standard().with_max_attempts(self.max_attempts));
        config.store_put(self.signing(request));
        let addressing = &self.prepared.addressing;
        if let Some(prefix) = addressing.host_prefix(request) {
            let valid = EndpointPrefix::new(&prefix).map_err(|error| {
                Error::invalid(format!("`{prefix}` cannot stand in front of a host name")).source(error)
            })?;
            config.store_put(valid);
        }
        let mut components = RuntimeComponentsBuilder::new("aws_perf::operation")
            .with_interceptor(SharedInterceptor::permanent(Observer(trace.clone())));
        let way = auth::choose(request, endpoint, &self.session)?;
        self.authenticate(&way, endpoint, &mut config, &mut components)?;
        components.set_endpoint_resolver(Some(SharedEndpointResolver::new(Resolved::new(endpoint, &way))));
        if !request.is_repeatable() {
            components.push_retry_classifier(UnrepeatableWrites);
        }
        if let (Some(mock), Some(scripted)) = (&self.mock, scripted) {
            mocked::plug(&mut components, mock, request, addressing.region.as_deref(), scripted);
        }
        Ok(self.prepared.plugins.clone().with_operation_plugin(
            StaticRuntimePlugin::new().with_config(config.freeze()).with_runtime_components(components),
        ))
    }

    async fn with_body(
        &self,
        request: &Request,
        value: Value,
        body: aws_smithy_types::body::SdkBody,
        check: Option<Check>,
        trace: &Trace,
    ) -> Result<Value> {
        let left = self.deadline.saturating_sub(trace.started().elapsed());
        let bytes = tokio::time::timeout(left, body::collect(body, self.body_cap, &request.name()))
            .await
            .map_err(|_| {
            Error::new(ErrorKind::Timeout, format!("the body did not arrive within {:?}", self.deadline))
                .help("raise --timeout")
        })??;
        trace.received(bytes.len());
        if let Some(mut check) = check {
            check.update(&bytes);
            check.finish()?;
        }
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
}
