//! `aws cache prune`: removes what is expired or too much.

use super::{Access, size};
use crate::{
    app::App,
    commands::{
        invocation::{respond, switch},
        signature,
        values::text,
    },
    error::{Error, ErrorKind, Result},
};
use nu_plugin::{EngineInterface, EvaluatedCall, PluginCommand};
use nu_protocol::{Example, LabeledError, PipelineData, Signature, Type, Value, record};

#[derive(Debug)]
pub(super) struct Prune;

impl PluginCommand for Prune {
    type Plugin = App;

    fn name(&self) -> &'static str {
        "aws cache prune"
    }

    fn description(&self) -> &'static str {
        "Remove what is of no more use, and what was not used for longest where there is too much."
    }

    fn extra_description(&self) -> &'static str {
        "This happens by itself now and then. The answer is the table of what was removed; files that are not the\n\
         cache's own are never touched."
    }

    fn signature(&self) -> Signature {
        signature::signature("aws cache prune")
            .switch("dry-run", "Only tell what would be removed.", None)
            .input_output_types(vec![(Type::Nothing, Type::table())])
    }

    fn search_terms(&self) -> Vec<&str> {
        vec!["clean", "expire", "evict"]
    }

    fn examples(&self) -> Vec<Example<'_>> {
        vec![Example {
            example: "aws cache prune --dry-run",
            description: "What would be removed",
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
    let span = call.head;
    let removed = app.keeper.cache.prune(&access.scope, switch(call, "dry-run")?).ok_or_else(|| {
        Error::new(ErrorKind::Configuration, "another process is pruning the cache right now")
            .at(span)
            .help("try again in a moment")
    })?;
    let rows = removed.into_iter().map(|entry| {
        let fields = record! {
            "key" => text(entry.key, span),
            "size" => size(entry.size, span),
            "reason" => Value::string(if entry.expired { "expired" } else { "limit" }, span),
        };
        Value::record(fields, span)
    });
    let rows = rows.collect();
    access.warn();
    Ok(Value::list(rows, span))
}
