//! `aws perf stats`: events in figures.

use super::one_of;
use crate::{
    app::App,
    commands::{
        cache::{Access, number, size},
        invocation::{Named, duration, flag, respond},
        signature,
        values::{perhaps, phases, text},
    },
    error::{Error, Result, suggest::folded},
    metrics::{Dimension, Event, Source, Summary, nanos, since_epoch, summarise},
};
use nu_plugin::{EngineInterface, EvaluatedCall, PluginCommand};
use nu_protocol::{
    Example, LabeledError, PipelineData, Record, Signature, Span, SyntaxShape, Type, Value, record,
};
use std::time::SystemTime;

#[derive(Debug)]
pub(super) struct Stats;

impl PluginCommand for Stats {
    type Plugin = App;

    fn name(&self) -> &'static str {
        "aws perf stats"
    }

    fn description(&self) -> &'static str {
        "Show how much was asked, how long it took and what the cache saved."
    }

    fn extra_description(&self) -> &'static str {
        "Of all shells, since the last `aws perf reset`. Each page is counted, and each answer of the cache; mocked answers are\n\
         not. `cache_hit_rate` is of 100, over what could have been a hit; quantiles are right within a thousandth; what is\n\
         not known is null. `phases` is where the time of what came from AWS went, in the mean: until it was sent, failed\n\
         attempts, until the first bytes came, until the last ones, until it was a value."
    }

    fn signature(&self) -> Signature {
        let names = SyntaxShape::List(Box::new(SyntaxShape::String));
        signature::signature("aws perf stats")
            .named("service", SyntaxShape::String, "Only this service.", None)
            .named(
                "operation",
                SyntaxShape::String,
                "Only this operation, as `ListTopics` or `sns:ListTopics`.",
                None,
            )
            .named("since", SyntaxShape::Any, "Only what was asked since then: a duration or a date.", None)
            .named(
                "by",
                names,
                "A row for each service, operation, region, profile, cache or error.",
                Some('b'),
            )
            .input_output_types(vec![(Type::Nothing, Type::record()), (Type::Nothing, Type::table())])
            .allow_variants_without_examples(true)
    }

    fn search_terms(&self) -> Vec<&str> {
        vec!["metrics", "latency", "percentile", "hit rate"]
    }

    fn examples(&self) -> Vec<Example<'_>> {
        vec![
            Example { example: "aws perf stats --since 1hr", description: "The last hour", result: None },
            Example {
                example: "aws perf stats --by [service operation] | sort-by p99 --reverse | first 5",
                description: "What is slowest",
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
    let service = flag::<String>(call, "service")?.map(|name| name.to_ascii_lowercase());
    let operation = flag::<String>(call, "operation")?;
    let since = since(call)?;
    let by: Vec<Dimension> = flag::<Vec<Value>>(call, "by")?
        .unwrap_or_default()
        .iter()
        .map(|name| one_of(&Named::from_value(name)?, &Dimension::ALL, Dimension::name))
        .collect::<Result<_>>()?;
    let mut events = app.keeper.metrics.events(access.journal().as_deref());
    events.retain(|event| {
        !event.is_mark()
            && service.as_ref().is_none_or(|name| event.service.eq_ignore_ascii_case(name))
            && operation.as_ref().is_none_or(|name| is_operation(event, name))
            && since.is_none_or(|since| event.at >= since)
    });
    access.warn();
    let mut rows = summarise(&events, &by).into_iter().map(|(group, summary)| {
        let names = by.iter().zip(group);
        let mut fields: Record =
            names.map(|(dimension, name)| (dimension.name().into(), text(name, call.head))).collect();
        fields.extend(figures(&summary, call.head));
        Value::record(fields, call.head)
    });
    if by.is_empty() {
        return Ok(rows.next().unwrap_or_else(|| Value::nothing(call.head)));
    }
    Ok(Value::list(rows.collect(), call.head))
}

/// Whether an event is of an operation, in the API's or the CLI's spelling, with its service or without.
fn is_operation(event: &Event, name: &str) -> bool {
    let own = folded(&event.operation);
    match name.split_once(':') {
        Some((service, operation)) => folded(service) == folded(&event.service) && folded(operation) == own,
        None => folded(name) == own,
    }
}

/// `--since`, in nanoseconds since 1970.
fn since(call: &EvaluatedCall) -> Result<Option<u64>> {
    match flag::<Value>(call, "since")? {
        None | Some(Value::Duration { .. }) => (),
        Some(Value::Date { val, .. }) => {
            return Ok(Some(val.timestamp_nanos_opt().and_then(|nanos| nanos.try_into().ok()).unwrap_or(0)));
        }
        Some(other) => {
            return Err(Error::invalid(format!(
                "--since is a {}, no duration and no date",
                other.get_type()
            ))
            .at(other.span())
            .help("write --since 1hr or --since 2026-01-02"));
        }
    }
    let Some(ago) = duration(call, "since", "1hr")? else { return Ok(None) };
    Ok(Some(since_epoch(SystemTime::now()).saturating_sub(nanos(ago))))
}

fn figures(summary: &Summary, span: Span) -> Record {
    let (hits, misses) = summary.hits_and_misses();
    let from = |source| number(summary.from(source), span);
    record! {
        "count" => number(summary.count, span),
        "errors" => number(summary.errors, span),
        "cancelled" => number(summary.cancelled, span),
        "cache_hits" => number(hits, span),
        "cache_misses" => number(misses, span),
        "cache_hit_rate" => summary.hit_rate().map_or_else(|| Value::nothing(span), |rate| Value::float(rate, span)),
        "memory" => from(Source::Memory),
        "disk" => from(Source::Disk),
        "shared" => from(Source::Shared),
        "attempts" => number(summary.attempts, span),
        "bytes" => if summary.bytes > 0 { size(summary.bytes, span) } else { Value::nothing(span) },
        "timed" => number(summary.timed(), span),
        "avg" => perhaps(summary.average(), span),
        "p50" => perhaps(summary.quantile(0.5), span),
        "p95" => perhaps(summary.quantile(0.95), span),
        "p99" => perhaps(summary.quantile(0.99), span),
        "max" => perhaps(summary.quantile(1.0), span),
        "phases" => phases(summary.phases(), span),
    }
}
