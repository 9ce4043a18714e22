//! `aws cache stats`: both tiers in figures.

use super::{Access, number, size};
use crate::{
    app::App,
    commands::{invocation::respond, signature, values::text},
    error::Result,
};
use nu_plugin::{EngineInterface, EvaluatedCall, PluginCommand};
use nu_protocol::{Example, LabeledError, PipelineData, Signature, Type, Value, record};

#[derive(Debug)]
pub(super) struct Stats;

impl PluginCommand for Stats {
    type Plugin = App;

    fn name(&self) -> &'static str {
        "aws cache stats"
    }

    fn description(&self) -> &'static str {
        "Show how full the cache is, and how often it had an answer."
    }

    fn extra_description(&self) -> &'static str {
        "Hits, misses and damaged files are counted since this shell's plugin started. `off` says why a tier is not in use."
    }

    fn signature(&self) -> Signature {
        signature::signature("aws cache stats").input_output_types(vec![(Type::Nothing, Type::table())])
    }

    fn examples(&self) -> Vec<Example<'_>> {
        vec![Example { example: "aws cache stats", description: "Memory and disk", result: None }]
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
    let rows = app.keeper.cache.stats(&access.scope).into_iter().map(|tier| {
        let folder = tier.folder.map(|path| path.display().to_string());
        let fields = record! {
            "tier" => Value::string(tier.tier.name(), span),
            "entries" => number(tier.entries, span),
            "size" => size(tier.size, span),
            "limit" => size(tier.limit, span),
            "hits" => number(tier.hits, span),
            "misses" => number(tier.misses, span),
            "corrupt" => number(tier.corrupt, span),
            "folder" => text(folder, span),
            "off" => text(tier.off, span),
        };
        Value::record(fields, span)
    });
    let rows = rows.collect();
    access.warn();
    Ok(Value::list(rows, span))
}
