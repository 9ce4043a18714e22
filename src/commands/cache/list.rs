//! `aws cache list`: what is kept.

use super::{Access, moment, number, size};
use crate::{
    app::App,
    commands::{
        invocation::respond,
        signature,
        values::{perhaps, text, time},
    },
    error::Result,
};
use nu_plugin::{EngineInterface, EvaluatedCall, PluginCommand};
use nu_protocol::{Example, LabeledError, PipelineData, Signature, Type, Value, record};
use std::collections::HashMap;

#[derive(Debug)]
pub(super) struct List;

impl PluginCommand for List {
    type Plugin = App;

    fn name(&self) -> &'static str {
        "aws cache list"
    }

    fn description(&self) -> &'static str {
        "List what is kept, by key."
    }

    fn extra_description(&self) -> &'static str {
        "A table to filter. `size` is that of the file, `unpacked` that of the value; `memory` tells whether this shell's plugin\n\
         has it at hand; `hits` are of all shells since the last `aws perf reset`. Of answers and streams `parameters` tells\n\
         what was asked with (`from nuon` makes a record of it) and `identity` as whom; `expired` is also what a write\n\
         made old."
    }

    fn signature(&self) -> Signature {
        signature::signature("aws cache list").input_output_types(vec![(Type::Nothing, Type::table())])
    }

    fn examples(&self) -> Vec<Example<'_>> {
        vec![Example {
            example: "aws cache list | where age > 1hr | get key",
            description: "What is older than an hour",
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
    let mut hits: HashMap<u64, u64> = HashMap::new();
    for entry in
        app.keeper.metrics.events(access.journal().as_deref()).into_iter().filter_map(|event| event.entry)
    {
        *hits.entry(entry).or_default() += 1;
    }
    let rows = app.keeper.list(&access.scope).into_iter().map(|entry| {
        let fields = record! {
            "key" => Value::string(entry.key, span),
            "kind" => Value::string(entry.kind.name(), span),
            "size" => size(entry.size, span),
            "unpacked" => entry.unpacked.map_or_else(|| Value::nothing(span), |bytes| size(bytes, span)),
            "age" => time(entry.age, span),
            "ttl" => perhaps(entry.ttl, span),
            "expired" => Value::bool(entry.expired, span),
            "memory" => Value::bool(entry.in_memory, span),
            "disk" => Value::bool(entry.on_disk, span),
            "hits" => number(hits.get(&entry.id).copied().unwrap_or(0), span),
            "stored" => moment(entry.stored, span),
            "used" => entry.used.map_or_else(|| Value::nothing(span), |used| moment(used, span)),
            "parameters" => text(entry.parameters, span),
            "identity" => text(entry.identity, span),
            "file" => text(entry.file.map(|path| path.display().to_string()), span),
        };
        Value::record(fields, span)
    });
    let rows = rows.collect();
    access.warn();
    Ok(Value::list(rows, span))
}
