//! `aws perf record`: an event of a script.

use super::one_of;
use crate::{
    app::App,
    commands::{
        cache::Access,
        invocation::{Named, duration, flag, respond, switch},
        signature,
    },
    error::{Error, Result},
    metrics::{Event, Source, nanos},
};
use nu_plugin::{EngineInterface, EvaluatedCall, PluginCommand};
use nu_protocol::{Example, Filesize, LabeledError, PipelineData, Signature, SyntaxShape, Type, Value};

#[derive(Debug)]
pub(super) struct Record;

impl PluginCommand for Record {
    type Plugin = App;

    fn name(&self) -> &'static str {
        "aws perf record"
    }

    fn description(&self) -> &'static str {
        "Record what a script measured itself, for `aws perf stats`."
    }

    fn signature(&self) -> Signature {
        signature::signature("aws perf record")
            .required("service", SyntaxShape::String, "Service, or a name of your own.")
            .required("operation", SyntaxShape::String, "Operation, or a name of your own.")
            .named("duration", SyntaxShape::Duration, "How long it took.", None)
            .named(
                "cache",
                SyntaxShape::String,
                "Where the answer came from: hit, miss, memory, disk, shared, network or bypass (default).",
                None,
            )
            .named("error", SyntaxShape::String, "The error's code, where it failed.", None)
            .named("bytes", SyntaxShape::Filesize, "How much came.", None)
            .named("region", SyntaxShape::String, "Where was asked.", None)
            .named("profile", SyntaxShape::String, "As whom was asked.", None)
            .switch("uncounted", "Only its time is of interest: something else counts it.", None)
            .input_output_types(vec![(Type::Nothing, Type::Nothing)])
    }

    fn examples(&self) -> Vec<Example<'_>> {
        vec![Example {
            example: "aws perf record reports build --duration 3sec --cache miss",
            description: "A report that was built anew",
            result: None,
        }]
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
}

fn run(app: &App, engine: &EngineInterface, call: &EvaluatedCall) -> Result<Value> {
    let access = Access::new(app, engine, call)?;
    let (service, operation) = (Named::positional(call, 0)?, Named::positional(call, 1)?);
    for name in [&service, &operation] {
        if name.text.is_empty() || name.text.len() > MAX_NAME {
            return Err(Error::invalid(format!("a name has 1 to {MAX_NAME} bytes")).at(name.span));
        }
    }
    let source = match flag::<Value>(call, "cache")? {
        Some(name) => one_of(&Named::from_value(&name)?, &Source::ALL, Source::name)?,
        None => Source::Bypass,
    };
    let bytes = flag::<Filesize>(call, "bytes")?.map(|size| u64::try_from(size.get()).unwrap_or(0));
    let event = Event {
        duration: duration(call, "duration", "20ms")?.map(nanos),
        error: flag(call, "error")?,
        region: flag(call, "region")?,
        profile: flag(call, "profile")?,
        bytes,
        uncounted: switch(call, "uncounted")?,
        ..Event::new(&service.text, &operation.text, source)
    };
    app.keeper.metrics.record(access.journal().as_deref(), event);
    access.warn();
    Ok(Value::nothing(call.head))
}

/// Longest name.
const MAX_NAME: usize = 1024;
