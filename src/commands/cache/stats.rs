//! `aws cache stats`: both tiers in figures.

use super::{Access, number, size};
use crate::{
    app::App,
    cache::Kind,
    commands::{
        invocation::{respond, switch},
        signature,
        values::{text, time},
    },
    error::Result,
    flow::parse_key,
    metrics::{Savings, savings},
};
use nu_plugin::{EngineInterface, EvaluatedCall, PluginCommand};
use nu_protocol::{Example, LabeledError, PipelineData, Signature, Span, Type, Value, record};
use std::{collections::BTreeMap, time::Duration};

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
        "A row for each tier, whose hits, misses, evictions and damaged files are counted since this shell's plugin started;\n\
         `off` says why a tier is not in use. With --by-service a row for each service: what is kept of it, and what that\n\
         saved all shells since the last `aws perf reset`. `time_saved` is by the mean of what the same operation took at AWS."
    }

    fn signature(&self) -> Signature {
        signature::signature("aws cache stats")
            .switch("by-service", "A row for each service instead of each tier.", None)
            .input_output_types(vec![(Type::Nothing, Type::table())])
    }

    fn examples(&self) -> Vec<Example<'_>> {
        vec![
            Example { example: "aws cache stats", description: "Memory and disk", result: None },
            Example {
                example: "aws cache stats --by-service | sort-by time_saved --reverse | first 3",
                description: "Where the cache is worth most",
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
}

fn run(app: &App, engine: &EngineInterface, call: &EvaluatedCall) -> Result<Value> {
    let access = Access::new(app, engine, call)?;
    let span = call.head;
    if switch(call, "by-service")? {
        let rows = services(&access, span);
        access.warn();
        return Ok(rows);
    }
    let rows = app.keeper.cache.stats(&access.scope).into_iter().map(|tier| {
        let folder = tier.folder.map(|path| path.display().to_string());
        let fields = record! {
            "tier" => Value::string(tier.tier.name(), span),
            "entries" => number(tier.entries, span),
            "size" => size(tier.size, span),
            "limit" => size(tier.limit, span),
            "hits" => number(tier.hits, span),
            "misses" => number(tier.misses, span),
            "evictions" => number(tier.evictions, span),
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

/// What is kept of a service, and what that saved.
#[derive(Default)]
struct Share {
    entries: u64,
    size: u64,
    saved: Savings,
}

/// An estimate in nanoseconds would look like a measurement.
fn rounded(time: Duration) -> Duration {
    if time < MILLISECOND {
        time
    } else {
        Duration::from_millis(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
    }
}

const MILLISECOND: Duration = Duration::from_millis(1);

fn services(access: &Access<'_>, span: Span) -> Value {
    let mut shares: BTreeMap<String, Share> = BTreeMap::new();
    for (service, saved) in savings(&access.app.keeper.metrics.events(access.journal().as_deref())) {
        shares.entry(service).or_default().saved = saved;
    }
    for entry in access.app.keeper.cache.list(&access.scope) {
        // What users put there under keys of their own is of no service.
        if let Some([_, _, service, ..]) = parse_key(&entry.key).filter(|_| entry.kind != Kind::Value) {
            let share = shares.entry(service).or_default();
            share.entries += 1;
            share.size += entry.size;
        }
    }
    let rows = shares.into_iter().map(|(service, Share { entries, size: bytes, saved })| {
        let fields = record! {
            "service" => Value::string(service, span),
            "entries" => number(entries, span),
            "size" => size(bytes, span),
            "memory" => number(saved.memory, span),
            "disk" => number(saved.disk, span),
            "shared" => number(saved.shared, span),
            "misses" => number(saved.misses, span),
            "calls_saved" => number(saved.calls(), span),
            "time_saved" => time(rounded(saved.time), span),
        };
        Value::record(fields, span)
    });
    Value::list(rows.collect(), span)
}
