//! What every command needs to know about its caller, fetched once.

use super::parameters::parameters;
use crate::{
    app::App,
    cache::Scope,
    client::{
        Caller, Transport,
        session::{Target, check_endpoint_url},
    },
    config::{Environment, Settings},
    error::{Error, Result},
    flow::{Extent, HURRY, Provenance, Use, Wish},
    metrics::Meter,
    model::{Operation, Service, catalog::DataPaths, names::find_operation},
    pipe::{self, Liveness},
    request::Request,
};
use nu_plugin::{EngineInterface, EvaluatedCall};
use nu_protocol::{FromValue, LabeledError, PipelineData, ShellError, Span, Value};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::runtime::Runtime;

/// The caller's environment, settings and flags.
pub(super) struct Invocation<'a> {
    pub(super) app: &'a App,
    pub(super) environment: Environment,
    pub(super) settings: Settings,
    pub(super) target: Target,
    pub(super) timeout: Option<Duration>,
    pub(super) liveness: Liveness,
}

impl<'a> Invocation<'a> {
    /// One question for all variables, the settings among them: each costs the engine's time.
    pub(super) fn new(app: &'a App, engine: &EngineInterface, call: &EvaluatedCall) -> Result<Self> {
        let target = Target {
            profile: flag(call, "profile")?,
            region: flag(call, "region")?,
            endpoint_url: flag(call, "endpoint-url")?,
        };
        if let Some(url) = &target.endpoint_url {
            check_url(url, call.get_flag_span("endpoint-url").unwrap_or(call.head))?;
        }
        Self::of(app, engine, target, duration(call, "timeout", "30sec")?)
    }

    /// The same for who has no call yet.
    pub(super) fn of(
        app: &'a App,
        engine: &EngineInterface,
        target: Target,
        timeout: Option<Duration>,
    ) -> Result<Self> {
        let variables = engine.get_env_vars().map_err(from_shell)?;
        let config = match plain_settings(&variables) {
            Some(settings) => Some(settings).filter(|settings| !settings.is_nothing()),
            None => engine.get_plugin_config().map_err(from_shell)?,
        };
        let environment = environment_of(variables);
        let settings = Settings::resolve(config.as_ref(), &environment)?;
        let liveness = Liveness::new(engine.signals().clone());
        Ok(Self { app, environment, settings, target, timeout, liveness })
    }

    pub(super) fn runtime(&self) -> Result<Arc<Runtime>> {
        self.app.runtime()
    }

    /// Waits for the network, interruptibly.
    pub(super) fn wait<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        pipe::wait(&*self.runtime()?, &self.liveness, work)
    }

    pub(super) fn service(&self, name: &Named) -> Result<Arc<Service>> {
        let paths = DataPaths::from(&self.environment);
        self.app.catalog.service(&name.text, &paths).map_err(|error| error.at(name.span))
    }

    /// The request of `<service> <operation> [parameters]`.
    pub(super) fn request(&self, call: &EvaluatedCall, input: PipelineData) -> Result<Request> {
        let service = self.service(&Named::positional(call, 0)?)?;
        let named = Named::positional(call, 1)?;
        let operation: &Operation =
            find_operation(&service, &named.text).map_err(|error| error.at(named.span))?;
        Self::request_of(&service, operation, named.span, call, input)
    }

    /// The request of an operation that the command's second argument, at `span`, led to.
    pub(super) fn request_of(
        service: &Arc<Service>,
        operation: &Operation,
        span: Span,
        call: &EvaluatedCall,
        input: PipelineData,
    ) -> Result<Request> {
        let given: Option<Value> = call.opt(2).map_err(from_shell)?;
        let join = switch(call, "merge")?;
        let takes_some = !service.members(operation.input).is_empty();
        let parameters = parameters(input, given, join, takes_some, call.head)?;
        Request::new(service.clone(), operation, &parameters, span)
    }

    /// The caller of a request. Whoever sends it asks [`Self::authorise`] first; looking at it needs no leave.
    pub(super) fn caller(&self, request: &Request) -> Result<Caller> {
        let caller = self.wait(self.calling(&request.service)).map_err(|error| error.at(request.span))?;
        if caller.transport() == Transport::Mock {
            if self.app.first_mock() {
                pipe::note("mock mode: answers are generated, nothing reaches AWS");
            }
            return Ok(caller);
        }
        Ok(self.metered(caller))
    }

    /// Who calls a service.
    pub(super) async fn calling(&self, service: &Arc<Service>) -> Result<Caller> {
        let (app, environment, settings) = (self.app, &self.environment, &self.settings);
        app.client.caller(&app.catalog, service, environment, settings, &self.target, self.timeout).await
    }

    /// The same, whose calls are measured where that is wanted.
    pub(super) fn metered(&self, caller: Caller) -> Caller {
        let meter = self.settings.metrics.then(|| Meter {
            metrics: self.app.keeper.metrics.clone(),
            folder: self.app.keeper.cache.journal(&Scope::new(&self.environment, &self.settings)),
            region: caller.region().map(String::from),
            profile: caller.session().profile.clone(),
        });
        caller.metered(meter)
    }

    /// Refuses a write where the caller's profile or the settings allow none.
    pub(super) fn authorise(&self, request: &Request, caller: &Caller) -> Result<()> {
        let profile = &caller.session().profile;
        request.check_read_only(self.settings.refuses_writes(profile), profile)
    }
}

/// Says what went wrong with the cache's disk, once in a process.
pub(super) fn warn_of_cache(app: &App) {
    if let Some(warning) = app.keeper.cache.take_warning() {
        pipe::note(&warning);
    }
}

/// Says that an old answer stands for one that could not be had.
pub(super) fn warn_of_age(operation: &str, from: &Provenance) {
    if let Some(why) = from.stale.as_deref().filter(|why| *why != HURRY) {
        let age = Duration::from_secs(from.age.as_secs());
        pipe::note(&format!("{operation} is answered from the cache, {age:?} old: {why}"));
    }
}

/// Runs a command that answers with one value.
pub(super) fn respond(
    head: Span,
    work: impl FnOnce() -> Result<Value>,
) -> std::result::Result<PipelineData, LabeledError> {
    pipe::guarded(|| {
        let value = work().map_err(|error| pipe::labeled(&error, head))?;
        Ok(PipelineData::value(value, None))
    })
}

/// A name with the place where the user wrote it.
pub(super) struct Named {
    pub(super) text: String,
    pub(super) span: Span,
}

impl Named {
    pub(super) fn positional(call: &EvaluatedCall, position: usize) -> Result<Self> {
        let value: Value = call.req(position).map_err(from_shell)?;
        Self::from_value(&value)
    }

    pub(super) fn from_value(value: &Value) -> Result<Self> {
        let text = value.as_str().map_err(from_shell)?.to_string();
        Ok(Self { text, span: value.span() })
    }
}

/// A flag's value, with Nushell's own errors for wrong types.
pub(super) fn flag<T: FromValue>(call: &EvaluatedCall, name: &str) -> Result<Option<T>> {
    call.get_flag(name).map_err(from_shell)
}

/// Whether a switch is on.
pub(super) fn switch(call: &EvaluatedCall, name: &str) -> Result<bool> {
    call.has_flag(name).map_err(from_shell)
}

/// A whole number that is not negative.
pub(super) fn count(call: &EvaluatedCall, name: &str) -> Result<Option<u64>> {
    let Some(value) = flag::<i64>(call, name)? else { return Ok(None) };
    match u64::try_from(value) {
        Ok(count) => Ok(Some(count)),
        Err(_) => Err(Error::invalid(format!("--{name} is {value} and must not be negative"))
            .at(call.get_flag_span(name).unwrap_or(call.head))),
    }
}

/// Nushell's own error, kept whole: its message is the one the user knows.
pub(super) fn from_shell(error: ShellError) -> Error {
    let labeled = nu_protocol::LabeledError::from(error);
    let span = labeled.labels.first().map_or(Span::unknown(), |label| label.span);
    let mut converted = Error::invalid(labeled.msg).at(span);
    if let Some(help) = labeled.help {
        converted = converted.help(help);
    }
    match labeled.labels.first() {
        Some(label) if !label.text.is_empty() => converted.source(Plain(label.text.clone())),
        _ => converted,
    }
}

/// A text as a cause.
#[derive(Debug)]
struct Plain(String);

impl std::fmt::Display for Plain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Plain {}

/// A duration that is longer than nothing.
pub(super) fn duration(call: &EvaluatedCall, name: &str, example: &str) -> Result<Option<Duration>> {
    let Some(nanos) = flag::<i64>(call, name)? else { return Ok(None) };
    match u64::try_from(nanos) {
        Ok(nanos @ 1..) => Ok(Some(Duration::from_nanos(nanos))),
        _ => Err(Error::invalid(format!("--{name} must be longer than nothing"))
            .at(call.get_flag_span(name).unwrap_or(call.head))
            .help(format!("write --{name} {example}"))),
    }
}

/// What the flags want of the cache.
pub(super) fn wish(call: &EvaluatedCall, extent: Extent) -> Result<Wish> {
    let (max_age, in_a_hurry) = (duration(call, "ttl", "10min")?, switch(call, "stale")?);
    let of_cache = match (switch(call, "refresh")?, switch(call, "no-cache")?, max_age) {
        (true, true, _) => return Err(not_together(call, "refresh", "no-cache")),
        (_, true, Some(_)) => return Err(not_together(call, "ttl", "no-cache")),
        (true, ..) if in_a_hurry => return Err(not_together(call, "stale", "refresh")),
        (_, true, _) if in_a_hurry => return Err(not_together(call, "stale", "no-cache")),
        (true, ..) => Use::Refresh,
        (_, true, _) => Use::Nothing,
        _ => Use::Fresh,
    };
    Ok(Wish { of_cache, extent, max_age, in_a_hurry })
}

pub(super) fn not_together(call: &EvaluatedCall, one: &str, other: &str) -> Error {
    Error::invalid(format!("--{one} and --{other} do not go together"))
        .at(call.get_flag_span(one).unwrap_or(call.head))
        .help(format!("leave --{one} out"))
}

/// The flag is an argument: a fault in it is the caller's, whoever else sets endpoints.
fn check_url(url: &str, span: Span) -> Result<()> {
    check_endpoint_url(url).map_err(|error| {
        Error::invalid(error.message()).at(span).help("write --endpoint-url http://127.0.0.1:5000")
    })
}

/// All variables as text, and `PWD` as the directory.
pub(super) fn environment(engine: &EngineInterface) -> Result<Environment> {
    Ok(environment_of(engine.get_env_vars().map_err(from_shell)?))
}

fn environment_of(variables: HashMap<String, Value>) -> Environment {
    let directory = variables.get("PWD").and_then(|value| value.as_str().ok()).unwrap_or("/").to_string();
    let texts = variables.into_iter().filter_map(|(name, value)| Some((name, text(value)?)));
    Environment::new(texts, directory)
}

/// The plugin's settings as they stand in `$env.config.plugins.aws_perf`, null where there are none. `None` where only the
/// engine can tell: a closure has to be run.
fn plain_settings(variables: &HashMap<String, Value>) -> Option<Value> {
    let plugins = variables.get("config")?.get_data_by_key("plugins")?;
    match plugins.get_data_by_key("aws_perf") {
        Some(Value::Closure { .. }) => None,
        Some(settings) => Some(settings),
        None => Some(Value::nothing(Span::unknown())),
    }
}

/// A variable as a process would see it. Durations and sizes keep a unit that the knobs understand.
fn text(value: Value) -> Option<String> {
    const SEPARATOR: &str = if cfg!(windows) { ";" } else { ":" };
    match value {
        Value::Nothing { .. } | Value::Closure { .. } | Value::Record { .. } | Value::Error { .. } => None,
        Value::List { vals, .. } => {
            let parts: Option<Vec<String>> = vals.into_iter().map(text).collect();
            Some(parts?.join(SEPARATOR))
        }
        Value::Duration { val, .. } => Some(format!("{val}ns")),
        Value::Filesize { val, .. } => Some(val.get().to_string()),
        Value::String { val, .. } => Some(val),
        other => other.coerce_string().ok(),
    }
}
