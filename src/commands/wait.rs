//! `aws wait`: polls until a resource is as one wants it.

use super::{
    invocation::{Invocation, Named, count, duration, respond},
    signature,
    values::text,
};
use crate::{
    app::App,
    cache::Scope,
    error::{Error, Result},
    flow::{Patience, Progress, wait_until},
    model::{Operation, Waiter, names::find_waiter},
    pipe::ProgressLine,
};
use nu_plugin::{EngineInterface, EvaluatedCall, PluginCommand};
use nu_protocol::{
    CollectionColumns, Example, LabeledError, PipelineData, Signature, Span, SyntaxShape, Type, Value, record,
};

#[derive(Debug)]
pub(super) struct Wait;

impl PluginCommand for Wait {
    type Plugin = App;

    fn name(&self) -> &'static str {
        "aws wait"
    }

    fn description(&self) -> &'static str {
        "Wait until a resource is in a state, with AWS's own waiters."
    }

    fn extra_description(&self) -> &'static str {
        "The parameters are those of the operation that the waiter polls. `aws operations <service> <operation>` lists\n\
         the waiters that poll it. Returns a record once the state is reached; if it cannot be reached any more, or\n\
         patience ends, that is an error."
    }

    fn signature(&self) -> Signature {
        signature::place(signature::signature("aws wait"))
            .required("service", SyntaxShape::String, "Service, such as ec2; CLI names work too.")
            .required("waiter", SyntaxShape::String, "Waiter: InstanceRunning or instance-running.")
            .optional(
                "parameters",
                SyntaxShape::Record(CollectionColumns::default()),
                "Parameters of the operation that is polled.",
            )
            .switch("merge", "Join a record from the pipeline with the parameters, which win.", None)
            .named(
                "timeout",
                SyntaxShape::Duration,
                "Deadline of the whole wait, instead of the waiter's number of polls.",
                None,
            )
            .named("interval", SyntaxShape::Duration, "Pause between polls, instead of the waiter's.", None)
            .named("max-attempts", SyntaxShape::Int, "Polls at most, instead of the waiter's.", None)
            .input_output_types(vec![
                (Type::Nothing, Type::record()),
                (Type::record(), Type::record()),
                (Type::Any, Type::record()),
            ])
            .allow_variants_without_examples(true)
    }

    fn search_terms(&self) -> Vec<&str> {
        vec!["poll", "waiter", "until", "ready"]
    }

    fn examples(&self) -> Vec<Example<'_>> {
        vec![
            Example {
                example: "aws wait ec2 instance-running {InstanceIds: [i-0123456789abcdef0]}",
                description: "Wait until an instance runs",
                result: None,
            },
            Example {
                example: "aws wait dynamodb TableExists {TableName: orders} --timeout 2min --interval 2sec | get answer.Table",
                description: "Look every two seconds, two minutes at most",
                result: None,
            },
        ]
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

    #[expect(deprecated, reason = "the completion API is marked experimental")]
    fn get_dynamic_completion(
        &self,
        app: &App,
        engine: &EngineInterface,
        call: nu_plugin::DynamicCompletionCall,
        argument: nu_protocol::engine::ArgType,
        _experimental: nu_protocol::engine::ExperimentalMarker,
    ) -> Option<Vec<nu_protocol::DynamicSuggestion>> {
        super::complete::waiter(app, engine, &call, &argument)
    }
}

fn run(app: &App, engine: &EngineInterface, call: &EvaluatedCall, input: PipelineData) -> Result<Value> {
    let mut invocation = Invocation::new(app, engine, call)?;
    // Of the whole wait; each poll has the usual deadline of a call.
    let deadline = invocation.timeout.take();
    let service = invocation.service(&Named::positional(call, 0)?)?;
    let named = Named::positional(call, 1)?;
    let waiter: &Waiter = find_waiter(&service, &named.text).map_err(|error| error.at(named.span))?;
    let operation: &Operation = service.operation(&waiter.operation).ok_or_else(|| {
        Error::new(
            crate::error::ErrorKind::Model,
            format!(
                "{} {} polls `{}`, which the model does not have",
                service.name, waiter.name, waiter.operation
            ),
        )
        .at(named.span)
    })?;
    let patience = Patience::new(waiter, duration(call, "interval", "5sec")?, max_attempts(call)?, deadline);
    let request = Invocation::request_of(&service, operation, named.span, call, input)?;
    let caller = invocation.caller(&request)?;
    invocation.authorise(&request, &caller)?;
    let line = ProgressLine::new();
    let name = format!("{} {}", service.name, waiter.name);
    let note = |progress: &Progress| {
        line.show(&format!("{name}: poll {}, {}", progress.attempts, progress.seen));
    };
    let waited = (caller.clone(), request.clone());
    let progress = invocation.wait(wait_until(caller, request, waiter, patience, &note))?;
    drop(line);
    let scope = Scope::new(&invocation.environment, &invocation.settings);
    app.keeper.waited(&waited.0, &waited.1, &scope);
    Ok(record_of(waiter, progress, call.head))
}

fn record_of(waiter: &Waiter, progress: Progress, span: Span) -> Value {
    let nanos = i64::try_from(progress.duration.as_nanos()).unwrap_or(i64::MAX);
    Value::record(
        record! {
            "waiter" => Value::string(&*waiter.name, span),
            "state" => Value::string("success", span),
            "reason" => text(progress.reason.as_deref(), span),
            "attempts" => Value::int(progress.attempts.into(), span),
            "duration" => Value::duration(nanos, span),
            "transport" => Value::string(progress.transport.name(), span),
            "answer" => progress.answer.unwrap_or_else(|| Value::nothing(span)),
        },
        span,
    )
}

fn max_attempts(call: &EvaluatedCall) -> Result<Option<u32>> {
    let Some(most) = count(call, "max-attempts")? else { return Ok(None) };
    match u32::try_from(most) {
        Ok(most @ 1..) => Ok(Some(most)),
        _ => Err(Error::invalid(format!("--max-attempts is {most} and must be between 1 and {}", u32::MAX))
            .at(call.get_flag_span("max-attempts").unwrap_or(call.head))),
    }
}
