//! `aws call`: one call.

use super::{
    invocation::{Invocation, not_together, respond, switch, warn_of_age, warn_of_cache, wish},
    meta::Circumstances,
    signature,
    values::text,
};
use crate::{
    app::App,
    cache::Scope,
    client::Caller,
    error::{ErrorKind, Result},
    flow::{self, Answer, Extent, Verdict},
    model::Class,
    request::Request,
};
use nu_plugin::{EngineInterface, EvaluatedCall, PluginCommand};
use nu_protocol::{Example, LabeledError, PipelineData, Signature, Span, Type, Value, record};
use std::sync::Arc;

#[derive(Debug)]
pub(super) struct Call;

impl PluginCommand for Call {
    type Plugin = App;

    fn name(&self) -> &'static str {
        "aws call"
    }

    fn description(&self) -> &'static str {
        "Call any operation of any AWS service."
    }

    fn extra_description(&self) -> &'static str {
        "The answer is the API's own, as a record: timestamps are datetimes, sizes are file sizes, blobs are binary.\n\
         Without parameters a record from the pipeline is taken; with --merge both are joined. Answers to reads are kept\n\
         for a while, by what they tell of (`aws cache ttl`), for all shells; what is secret or good only once never is."
    }

    fn signature(&self) -> Signature {
        signature::freshness(signature::target(signature::operation(signature::signature("aws call"))))
            .switch("all", "Fetch all pages and join their lists.", None)
            .switch("meta", "Wrap the answer as {data, meta}.", None)
            .switch("dry-run", "Return the request that would be sent, without sending it.", None)
            .switch("check", "Ask AWS whether the call would be allowed, without carrying it out.", None)
            .input_output_types(vec![
                (Type::Nothing, Type::Any),
                (Type::record(), Type::Any),
                (Type::Any, Type::Any),
            ])
            .allow_variants_without_examples(true)
    }

    fn search_terms(&self) -> Vec<&str> {
        vec!["sdk", "api", "cloud", "boto3"]
    }

    fn examples(&self) -> Vec<Example<'_>> {
        vec![
            Example { example: "aws call sts GetCallerIdentity", description: "Who am I?", result: None },
            Example {
                example: "aws call ec2 describe-instances {instance_ids: [i-0123456789abcdef0]}",
                description: "The CLI's spelling works too",
                result: None,
            },
            Example {
                example: "{Bucket: my-bucket} | aws call s3 ListObjectsV2 {Prefix: \"logs/\"} --merge | get Contents",
                description: "Join pipeline input with parameters",
                result: None,
            },
            Example {
                example: "aws call iam CreateUser {UserName: alice} --dry-run",
                description: "Look at a request before it is sent",
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
        super::complete::operation(app, engine, &call, &argument)
    }
}

fn run(app: &App, engine: &EngineInterface, call: &EvaluatedCall, input: PipelineData) -> Result<Value> {
    let invocation = Invocation::new(app, engine, call)?;
    let mut request = invocation.request(call, input)?;
    request.fill_tokens();
    let checks = switch(call, "check")?;
    if checks {
        refuse_beside_check(call)?;
        request = flow::as_check(request).map_err(|error| error.at(call.head))?;
    }
    let caller = invocation.caller(&request)?;
    if switch(call, "dry-run")? {
        return caller.dry_run(&request);
    }
    if checks {
        // A check changes nothing, so it is allowed where writes are not.
        return Ok(verdict(invocation.wait(flow::check(&caller, request))?, &caller, call.head));
    }
    invocation.authorise(&request, &caller)?;
    let all = switch(call, "all")?;
    let (repeatable, name) = (request.is_repeatable(), request.name());
    let answer = answer(&invocation, &caller, request, call, all).map_err(|error| {
        if error.kind() != ErrorKind::Interrupted || repeatable {
            return error;
        }
        error
            .context("outcome", "unknown")
            .help("it may have been carried out: look at the resource before you repeat it")
    })?;
    warn_of_cache(app);
    let Answer { mut reply, from } = answer;
    warn_of_age(&name, &from);
    if !switch(call, "meta")? {
        return Ok(reply.value);
    }
    let data = std::mem::replace(&mut reply.value, Value::nothing(call.head));
    let circumstances = Circumstances::of(&caller, call.head);
    Ok(circumstances.wrap(data, circumstances.meta(&reply, &from)))
}

/// The answer: a kept one where it is fresh, else AWS's.
fn answer(
    invocation: &Invocation<'_>,
    caller: &Caller,
    request: Request,
    call: &EvaluatedCall,
    all: bool,
) -> Result<Answer> {
    let keeper = &invocation.app.keeper;
    let scope = Scope::new(&invocation.environment, &invocation.settings);
    let wish = wish(call, if all { Extent::All } else { Extent::Page })?;
    if request.operation.class == Class::Read {
        let passage = keeper.passage(caller, &request, scope, wish, &invocation.settings);
        if let Some(kept) = passage.look(&request) {
            return Ok(kept);
        }
        if let Some(old) = passage.look_old(&request) {
            let caller = caller.clone();
            invocation.app.behind(async move { drop(passage.ask(&caller, Arc::new(request)).await) });
            return Ok(old);
        }
        return invocation.wait(passage.ask(caller, Arc::new(request)));
    }
    let writing = keeper.writing(caller, &request, &scope);
    let outcome = invocation.wait(async {
        if all {
            flow::fetch_all(caller, request).await
        } else {
            flow::fetch(caller, Arc::new(request)).await
        }
    });
    drop(writing);
    outcome.map(Answer::past)
}

/// A check has one answer, of a form of its own.
fn refuse_beside_check(call: &EvaluatedCall) -> Result<()> {
    for other in ["all", "meta"] {
        if switch(call, other)? {
            return Err(not_together(call, other, "check"));
        }
    }
    Ok(())
}

/// `{allowed, code, message, transport, answer}`.
fn verdict(verdict: Verdict, caller: &Caller, span: Span) -> Value {
    Value::record(
        record! {
            "allowed" => Value::bool(verdict.allowed, span),
            "code" => text(verdict.code.as_deref(), span),
            "message" => text(verdict.message.as_deref(), span),
            "transport" => Value::string(caller.transport().name(), span),
            "answer" => verdict.answer.map_or_else(|| Value::nothing(span), |reply| reply.value),
        },
        span,
    )
}
