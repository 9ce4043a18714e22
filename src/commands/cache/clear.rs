//! `aws cache clear`: forgets everything, or one key.

use super::{Access, number};
use crate::{
    app::App,
    cache::Name,
    commands::{
        invocation::{from_shell, respond},
        signature,
    },
    error::Result,
};
use nu_plugin::{EngineInterface, EvaluatedCall, PluginCommand};
use nu_protocol::{Example, LabeledError, PipelineData, Signature, SyntaxShape, Type, Value};

#[derive(Debug)]
pub(super) struct Clear;

impl PluginCommand for Clear {
    type Plugin = App;

    fn name(&self) -> &'static str {
        "aws cache clear"
    }

    fn description(&self) -> &'static str {
        "Forget everything that is kept, or what is under the named keys."
    }

    fn extra_description(&self) -> &'static str {
        "The answer is how many entries there were. Files that are not the cache's own are never touched."
    }

    fn signature(&self) -> Signature {
        signature::signature("aws cache clear")
            .rest("keys", SyntaxShape::String, "Only these keys.")
            .input_output_types(vec![(Type::Nothing, Type::Int)])
    }

    fn examples(&self) -> Vec<Example<'_>> {
        vec![Example { example: "aws cache clear", description: "Begin anew", result: None }]
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
    let keys: Vec<String> = call.rest(0).map_err(from_shell)?;
    let scope = access.scope.clone().reaching_all();
    let removed = if keys.is_empty() {
        app.keeper.cache.clear(&scope)
    } else {
        let names = keys.iter().map(|key| Name::chosen(key)).collect::<Result<Vec<_>>>()?;
        names.iter().filter(|name| app.keeper.cache.remove(&scope, name)).count() as u64
    };
    access.warn();
    Ok(number(removed, call.head))
}
