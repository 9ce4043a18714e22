//! `aws cache ttl`: how long answers are good, and why.

use crate::{
    app::App,
    cache::Scope,
    commands::{
        complete,
        invocation::{Invocation, Named, respond},
        signature,
        values::time,
    },
    error::Result,
    flow::may_be_kept,
    model::{Class, Operation, Service, catalog::DataPaths, names::find_operation, tables::Tables},
    pipe,
    request::{Freshness, Pace},
};
use nu_plugin::{EngineInterface, EvaluatedCall, PluginCommand};
use nu_protocol::{Example, LabeledError, PipelineData, Signature, Span, SyntaxShape, Type, Value, record};

#[derive(Debug)]
pub(super) struct Ttl;

impl PluginCommand for Ttl {
    type Plugin = App;

    fn name(&self) -> &'static str {
        "aws cache ttl"
    }

    fn description(&self) -> &'static str {
        "Show how long answers are good, and why."
    }

    fn extra_description(&self) -> &'static str {
        "By what they tell of: without arguments the paces, with a service its reads, with an operation that one. `because`\n\
         says whether that is the reviewed pace or a setting (`cache.ttls`, AWS_PERF_TTL_<SERVICE>). What is on its way\n\
         somewhere is good for 2 seconds at most; `--ttl` of a call wins over all."
    }

    fn signature(&self) -> Signature {
        signature::signature("aws cache ttl")
            .optional("service", SyntaxShape::String, "Service.")
            .optional("operation", SyntaxShape::String, "Operation, in any spelling.")
            .input_output_types(vec![(Type::Nothing, Type::Any)])
    }

    fn examples(&self) -> Vec<Example<'_>> {
        vec![
            Example { example: "aws cache ttl", description: "The paces", result: None },
            Example {
                example: "aws cache ttl ec2 DescribeVpcs",
                description: "How long one answer is good",
                result: None,
            },
            Example {
                example: "aws cache ttl iam | where not kept",
                description: "What is never kept",
                result: None,
            },
        ]
    }

    fn run(
        &self,
        app: &App,
        engine: &EngineInterface,
        call: &EvaluatedCall,
        _input: PipelineData,
    ) -> Result<PipelineData, LabeledError> {
        respond(call.head, || run(app, engine, call))
    }

    #[expect(deprecated, reason = "the completion API is marked experimental")]
    fn get_dynamic_completion(
        &self,
        app: &App,
        engine: &EngineInterface,
        call: nu_plugin::DynamicCompletionCall,
        argument: nu_protocol::engine::ArgType,
        _experimental: nu_protocol::engine::ExperimentalMarker,
    ) -> Option<Vec<nu_protocol::DynamicSuggestion>> {
        complete::operation(app, engine, &call, &argument)
    }
}

fn run(app: &App, engine: &EngineInterface, call: &EvaluatedCall) -> Result<Value> {
    let invocation = Invocation::new(app, engine, call)?;
    note_idle(&invocation)?;
    let span = call.head;
    if call.positional.is_empty() {
        return Ok(paces(&invocation, span));
    }
    let service = invocation.service(&Named::positional(call, 0)?)?;
    let on = Scope::new(&invocation.environment, &invocation.settings).is_on();
    let row = |operation: &Operation| {
        let Freshness { ttl, pace, said } =
            Freshness::of(&service.name, &operation.name, &invocation.settings);
        let kept = on && may_be_kept(&service, operation, &invocation.settings.sensitive);
        let because = said.unwrap_or_else(|| format!("{}: {}", pace.name(), pace.about()));
        let fields = record! {
            "operation" => Value::string(&*operation.name, span),
            "kept" => Value::bool(kept, span),
            "ttl" => if kept { time(ttl, span) } else { Value::nothing(span) },
            "pace" => if kept { Value::string(pace.name(), span) } else { Value::nothing(span) },
            "because" => Value::string(if kept { because } else { why_not(&service, operation, on).into() }, span),
        };
        Value::record(fields, span)
    };
    if call.positional.len() > 1 {
        let named = Named::positional(call, 1)?;
        let operation = find_operation(&service, &named.text).map_err(|error| error.at(named.span))?;
        return Ok(row(operation));
    }
    let reads = service.operations.iter().filter(|operation| operation.class == Class::Read);
    Ok(Value::list(reads.map(row).collect(), span))
}

/// Tells of settings that mean nothing: whoever mistyped one wonders here why it has no effect.
fn note_idle(invocation: &Invocation<'_>) -> Result<()> {
    let (settings, catalog) = (&invocation.settings, &invocation.app.catalog);
    let paths = DataPaths::from(&invocation.environment);
    let names = catalog.names(&paths)?;
    let tell = |origin: &str, service: &str, operation: Option<&str>, allowed: &[(String, String)]| {
        let Some(name) = names.iter().find(|name| Tables::means(service, name)) else {
            pipe::note(&format!("{origin} names no service"));
            return Ok(());
        };
        let Some(operation) = operation else { return Ok(()) };
        let service = catalog.service(name, &paths)?;
        match find_operation(&service, operation) {
            Err(error) => pipe::note(&format!("{origin}: {}", error.message())),
            Ok(operation) if !may_be_kept(&service, operation, allowed) => {
                pipe::note(&format!("{origin}: answers of {name} {} are not kept", operation.name));
            }
            Ok(_) => (),
        }
        Ok(())
    };
    for rule in settings.ttls.iter().filter(|rule| rule.service != "*") {
        tell(&rule.origin, &rule.service, rule.operation.as_deref(), &settings.sensitive)?;
    }
    for (service, operation) in settings.sensitive.iter().filter(|(service, _)| service != "*") {
        let origin = format!("setting `cache.sensitive` with {service}:{operation}");
        tell(&origin, service, Some(&**operation).filter(|operation| *operation != "*"), &all())?;
    }
    Ok(())
}

/// Whoever allows all that is sensitive.
fn all() -> [(String, String); 1] {
    [("*".into(), "*".into())]
}

fn why_not(service: &Service, operation: &Operation, on: bool) -> &'static str {
    match operation.class {
        Class::Read if !on => "nothing is kept: AWS_PERF_CACHE, or cache.memory and cache.disk",
        Class::Read if may_be_kept(service, operation, &all()) => {
            "AWS calls something in it sensitive: cache.sensitive allows it"
        }
        Class::Read => "secret, a moment, or computed: see docs/CACHING.md",
        _ => "it changes something",
    }
}

fn paces(invocation: &Invocation<'_>, span: Span) -> Value {
    let settings = &invocation.settings;
    // Whoever sets the time of answers as such means all of them.
    let all = settings.ttls.iter().find(|rule| rule.service == "*").map(|rule| rule.ttl);
    let rows = Pace::ALL.into_iter().map(|pace| {
        let fields = record! {
            "pace" => Value::string(pace.name(), span),
            "ttl" => time(all.unwrap_or_else(|| pace.ttl(settings.answer_ttl)), span),
            "about" => Value::string(pace.about(), span),
        };
        Value::record(fields, span)
    });
    Value::list(rows.collect(), span)
}
