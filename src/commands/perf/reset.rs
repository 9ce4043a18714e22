//! `aws perf reset`: forgets what was measured.

use crate::{
    app::App,
    commands::{cache::Access, invocation::respond, signature},
    error::{Error, ErrorKind, Result},
};
use nu_plugin::{EngineInterface, EvaluatedCall, PluginCommand};
use nu_protocol::{Example, LabeledError, PipelineData, Signature, Type, Value};

#[derive(Debug)]
pub(super) struct Reset;

impl PluginCommand for Reset {
    type Plugin = App;

    fn name(&self) -> &'static str {
        "aws perf reset"
    }

    fn description(&self) -> &'static str {
        "Forget what was measured so far, by all shells."
    }

    fn signature(&self) -> Signature {
        signature::signature("aws perf reset").input_output_types(vec![(Type::Nothing, Type::Nothing)])
    }

    fn examples(&self) -> Vec<Example<'_>> {
        vec![Example { example: "aws perf reset", description: "Begin anew", result: None }]
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
    let folder = access.journal();
    app.keeper.metrics.reset(folder.as_deref()).map_err(|error| {
        let place = folder.map(|path| path.display().to_string()).unwrap_or_default();
        Error::new(ErrorKind::Configuration, format!("what was measured cannot be forgotten: {place}"))
            .help("the folder must be yours to write to, see `aws cache stats`")
            .source(error)
    })?;
    access.warn();
    Ok(Value::nothing(call.head))
}
