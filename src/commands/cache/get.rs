//! `aws cache get`: what is under a key, made by a closure where there is nothing.

use super::Access;
use crate::{
    app::App,
    cache::{Hit, Name},
    commands::{
        invocation::{self, Named, from_shell, switch},
        signature,
        values::{perhaps, time},
    },
    error::{Error, ErrorKind},
    flow::Turn,
    pipe,
};
use nu_plugin::{EngineInterface, EvaluatedCall, PluginCommand};
use nu_protocol::{
    Example, LabeledError, PipelineData, ShellError, Signature, Span, Spanned, SyntaxShape, Type, Value,
    engine::Closure, record,
};
use std::time::Duration;

#[derive(Debug)]
pub(super) struct Get;

impl PluginCommand for Get {
    type Plugin = App;

    fn name(&self) -> &'static str {
        "aws cache get"
    }

    fn description(&self) -> &'static str {
        "Get the value under a key, or run a closure and keep what it gives."
    }

    fn extra_description(&self) -> &'static str {
        "Any key and any value: a key belongs to whoever names it, apart from those of AWS requests. Without a closure\n\
         the answer is null where there is nothing. Commands that want the same key at once run one closure."
    }

    fn signature(&self) -> Signature {
        signature::signature("aws cache get")
            .required("key", SyntaxShape::String, "Any text up to 4096 bytes.")
            .optional(
                "closure",
                SyntaxShape::Closure(None),
                "What to run where nothing is there, or it is too old.",
            )
            .named(
                "ttl",
                SyntaxShape::Duration,
                "How old the value may be, and how long a new one lives.",
                None,
            )
            .switch("refresh", "Run the closure whatever is there.", None)
            .switch("meta", "Wrap the answer as {data, meta}.", None)
            .input_output_types(vec![(Type::Nothing, Type::Any)])
    }

    fn search_terms(&self) -> Vec<&str> {
        vec!["memoize", "remember", "ttl"]
    }

    fn examples(&self) -> Vec<Example<'_>> {
        vec![
            Example {
                example: "aws cache get regions --ttl 1day { aws stream ec2 DescribeRegions | get RegionName }",
                description: "Ask AWS once a day",
                result: None,
            },
            Example {
                example: "aws cache get release --ttl 10min { http get https://example.com/release.json }",
                description: "Anything can be kept",
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
        pipe::guarded(|| match run(app, engine, call) {
            Ok(value) => Ok(PipelineData::value(value, None)),
            Err(Failure::Ours(error)) => Err(pipe::labeled(&error, call.head)),
            Err(Failure::Closures(error)) => Err(LabeledError::from(*error)),
        })
    }
}

/// What went wrong: with the cache, or in the closure, whose own error is the one to show.
enum Failure {
    Ours(Error),
    Closures(Box<ShellError>),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

fn run(app: &App, engine: &EngineInterface, call: &EvaluatedCall) -> std::result::Result<Value, Failure> {
    let access = Access::new(app, engine, call)?;
    let key = Named::positional(call, 0)?.text;
    let name = Name::chosen(&key)?;
    let closure: Option<Spanned<Closure>> = call.opt(1).map_err(from_shell)?;
    let ttl = invocation::duration(call, "ttl", "10min")?;
    let refresh = switch(call, "refresh")?;
    let answer = |value: Value, hit: Option<(&str, Duration, Option<Duration>)>| {
        access.warn();
        if !switch(call, "meta")? {
            return Ok(value);
        }
        let span = access.head;
        let (cache, age, ttl) = hit.unwrap_or(("miss", Duration::ZERO, None));
        let meta = record! {
            "cache" => Value::string(cache, span),
            "age" => time(age, span),
            "ttl" => perhaps(ttl, span),
            "key" => Value::string(&key, span),
        };
        Ok(Value::record(record! { "data" => value, "meta" => Value::record(meta, span) }, span))
    };
    let look = || {
        let hit = app.keeper.cache.get(&access.scope, &name, ttl, access.head)?;
        access.count_hit(&name, hit.tier);
        Some(hit)
    };
    let found = |hit: Hit| answer(hit.value, Some((hit.tier.name(), hit.age, hit.ttl)));
    let Some(closure) = closure else {
        return look().map_or_else(|| answer(Value::nothing(access.head), None), found);
    };
    if !refresh && let Some(hit) = look() {
        return found(hit);
    }
    let signals = engine.signals().clone();
    let mut first = true;
    let lead = loop {
        match app.once.turn(&key, access.head, closure.span, || signals.interrupted()) {
            Turn::Lead(lead) => break Some(lead),
            Turn::Beside => break None,
            Turn::Ended => (),
            Turn::Interrupted => {
                return Err(Error::new(ErrorKind::Interrupted, "interrupted").at(access.head).into());
            }
        }
        // Whoever was first made it as new as it can be, for who wants it refreshed too.
        if let Some(hit) = look() {
            return found(hit);
        }
        first = false;
    };
    // Between the look and the lead another one may have been through.
    if !refresh
        && first
        && let Some(hit) = look()
    {
        return found(hit);
    }
    let value = evaluate(engine, &closure, access.head)?;
    let lives = ttl.unwrap_or(access.default_ttl);
    // What the closure gave is worth more than that it cannot be kept.
    if let Err(error) = app.keeper.cache.put(&access.scope, &name, &value, Some(lives)) {
        pipe::note(error.message());
    }
    drop(lead);
    answer(value, Some(("made", Duration::ZERO, Some(lives))))
}

fn evaluate(
    engine: &EngineInterface,
    closure: &Spanned<Closure>,
    head: Span,
) -> std::result::Result<Value, Failure> {
    let value =
        engine.eval_closure(closure, Vec::new(), None).map_err(|error| Failure::Closures(error.into()))?;
    match value {
        Value::Error { error, .. } => Err(Failure::Closures(error)),
        value if value.span() == Span::unknown() => Ok(value.with_span(head)),
        value => Ok(value),
    }
}
