//! `aws cache put`: keeps a value.

use super::Access;
use crate::{
    app::App,
    cache::Name,
    commands::{
        invocation::{Named, count, duration, from_shell, respond},
        signature,
    },
    error::{Error, ErrorKind, Result},
};
use nu_plugin::{EngineInterface, EvaluatedCall, PluginCommand};
use nu_protocol::{Example, LabeledError, PipelineData, Signature, SyntaxShape, Type, Value};

#[derive(Debug)]
pub(super) struct Put;

impl PluginCommand for Put {
    type Plugin = App;

    fn name(&self) -> &'static str {
        "aws cache put"
    }

    fn description(&self) -> &'static str {
        "Keep a value under a key, in memory and on disk."
    }

    fn extra_description(&self) -> &'static str {
        "The value comes from the pipeline or as an argument; a stream is collected."
    }

    fn signature(&self) -> Signature {
        signature::signature("aws cache put")
            .required("key", SyntaxShape::String, "Any text up to 4096 bytes.")
            .optional("value", SyntaxShape::Any, "The value; else the pipeline's.")
            .named("ttl", SyntaxShape::Duration, "How long it lives.", None)
            .named(
                "max-entries",
                SyntaxShape::Int,
                "Keep so many entries on disk at most: those go that were not used for longest.",
                None,
            )
            .input_output_types(vec![(Type::Any, Type::Nothing)])
    }

    fn search_terms(&self) -> Vec<&str> {
        vec!["store", "save", "remember"]
    }

    fn examples(&self) -> Vec<Example<'_>> {
        vec![Example {
            example: "{team: ops} | aws cache put owner --ttl 1day",
            description: "Keep a record for a day",
            result: None,
        }]
    }

    fn run(
        &self,
        app: &App,
        engine: &EngineInterface,
        call: &EvaluatedCall,
        input: PipelineData,
    ) -> Result<PipelineData, LabeledError> {
        respond(call.head, || run(app, engine, call, input))
    }
}

fn run(app: &App, engine: &EngineInterface, call: &EvaluatedCall, input: PipelineData) -> Result<Value> {
    let access = Access::new(app, engine, call)?;
    let key = Named::positional(call, 0)?;
    let given: Option<Value> = call.opt(1).map_err(from_shell)?;
    let value = match (given, input) {
        (Some(value), PipelineData::Empty | PipelineData::Value(Value::Nothing { .. }, _)) => value,
        (Some(value), _) => {
            return Err(Error::invalid("there is a value in the pipeline and another one as an argument")
                .at(value.span())
                .help("leave one of them out"));
        }
        (None, input) => input.into_value(call.head).map_err(from_shell)?,
    };
    if let Value::Error { error, .. } = value {
        return Err(from_shell(*error));
    }
    let ttl = duration(call, "ttl", "10min")?.unwrap_or(access.default_ttl);
    let most = count(call, "max-entries")?;
    let name = Name::chosen(&key.text).map_err(|error| error.at(key.span))?;
    let kept = app.keeper.cache.put(&access.scope, &name, &value, Some(ttl))?;
    if let Some(most) = most {
        app.keeper.cache.keep_at_most(&access.scope, most);
    }
    access.warn();
    if !kept && access.scope.is_on() {
        return Err(Error::new(
            ErrorKind::TooLarge,
            format!("the value under `{}` is larger than the cache takes", key.text),
        )
        .at(value.span())
        .help("raise cache.memory (AWS_PERF_CACHE_MEMORY); on disk a value may have 64 MiB"));
    }
    Ok(Value::nothing(call.head))
}
