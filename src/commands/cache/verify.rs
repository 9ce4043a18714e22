//! `aws cache verify`: checks every file.

use super::{Access, number};
use crate::{
    app::App,
    commands::{invocation::respond, signature},
    error::Result,
};
use nu_plugin::{EngineInterface, EvaluatedCall, PluginCommand};
use nu_protocol::{Example, LabeledError, PipelineData, Signature, Type, Value, record};

#[derive(Debug)]
pub(super) struct Verify;

impl PluginCommand for Verify {
    type Plugin = App;

    fn name(&self) -> &'static str {
        "aws cache verify"
    }

    fn description(&self) -> &'static str {
        "Check every file of the cache, and remove those that are damaged."
    }

    fn extra_description(&self) -> &'static str {
        "Every file is checked before it is used in any case: a damaged one is a miss, never a wrong value."
    }

    fn signature(&self) -> Signature {
        signature::signature("aws cache verify").input_output_types(vec![(Type::Nothing, Type::record())])
    }

    fn examples(&self) -> Vec<Example<'_>> {
        vec![Example { example: "aws cache verify", description: "After a power cut", result: None }]
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
    let span = call.head;
    let (well, removed) = app.keeper.cache.verify(&access.scope);
    access.warn();
    Ok(Value::record(record! { "well" => number(well, span), "removed" => number(removed, span) }, span))
}
