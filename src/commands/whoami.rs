//! `aws whoami`: as whom calls are made, and for how long.

use super::{
    invocation::{Invocation, respond},
    signature,
};
use crate::{
    app::App,
    client::renewal,
    error::{Error, ErrorKind, Result},
    flow,
    request::Request,
};
use chrono::{DateTime, Utc};
use nu_plugin::{EngineInterface, EvaluatedCall, PluginCommand};
use nu_protocol::{Example, LabeledError, PipelineData, Signature, Type, Value, record};
use std::sync::Arc;

#[derive(Debug)]
pub(super) struct Whoami;

impl PluginCommand for Whoami {
    type Plugin = App;

    fn name(&self) -> &'static str {
        "aws whoami"
    }

    fn description(&self) -> &'static str {
        "Show the identity, account, profile and region that calls are made with."
    }

    fn signature(&self) -> Signature {
        signature::target(signature::signature("aws whoami"))
            .input_output_types(vec![(Type::Nothing, Type::record())])
    }

    fn search_terms(&self) -> Vec<&str> {
        vec!["identity", "account", "credentials", "sts"]
    }

    fn examples(&self) -> Vec<Example<'_>> {
        vec![Example { example: "aws whoami | get account", description: "The account id", result: None }]
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

    #[expect(deprecated, reason = "the completion API is marked experimental")]
    fn get_dynamic_completion(
        &self,
        app: &App,
        engine: &EngineInterface,
        call: nu_plugin::DynamicCompletionCall,
        argument: nu_protocol::engine::ArgType,
        _experimental: nu_protocol::engine::ExperimentalMarker,
    ) -> Option<Vec<nu_protocol::DynamicSuggestion>> {
        super::complete::target(app, engine, &call, &argument)
    }
}

/// Where STS is asked when no region is configured.
const ANY_REGION: &str = "us-east-1";

fn run(app: &App, engine: &EngineInterface, call: &EvaluatedCall) -> Result<Value> {
    let head = call.head;
    let mut invocation = Invocation::new(app, engine, call)?;
    let service = invocation.service(&super::invocation::Named { text: "sts".into(), span: head })?;
    let operation = service
        .operation("GetCallerIdentity")
        .ok_or_else(|| Error::new(ErrorKind::Model, "the model of sts has no GetCallerIdentity"))?;
    let request = Request::new(service.clone(), operation, &Value::nothing(head), head)?;
    let region = invocation.wait(app.client.session(
        &invocation.environment,
        &invocation.settings,
        &invocation.target,
    ))?;
    let region = region.region(&invocation.target);
    if region.is_none() {
        // Every region of STS knows every identity, so a missing one is no reason to fail.
        invocation.target.region = Some(ANY_REGION.into());
    }
    let caller = invocation.caller(&request)?;
    let reply = invocation.wait(flow::fetch(&caller, Arc::new(request)))?;
    let session = caller.session();
    let expiry = session.expiry().map_or_else(
        || Value::nothing(head),
        |expiry| Value::date(DateTime::<Utc>::from(expiry).fixed_offset(), head),
    );
    let field = |name: &str| reply.value.get_data_by_key(name).unwrap_or_else(|| Value::nothing(head));
    Ok(Value::record(
        record! {
            "account" => field("Account"),
            "arn" => field("Arn"),
            "user_id" => field("UserId"),
            "profile" => Value::string(&session.profile, head),
            "region" => region.map_or_else(|| Value::nothing(head), |region| Value::string(region, head)),
            "source" => Value::string(session.source.to_string(), head),
            "expires" => expiry,
            "renew" => Value::string(renewal(session), head),
            "transport" => Value::string(reply.transport.name(), head),
        },
        head,
    ))
}
