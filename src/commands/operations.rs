//! `aws operations`: what a service can do, and what an operation takes.

use super::{
    describe,
    invocation::{Invocation, Named, respond},
    signature,
};
use crate::{
    app::App,
    error::Result,
    model::{Member, catalog::DataPaths, docs::Documentation, names::find_operation},
    pipe,
};
use nu_plugin::{EngineInterface, EvaluatedCall, PluginCommand};
use nu_protocol::{Example, LabeledError, PipelineData, Signature, SyntaxShape, Type, Value};

#[derive(Debug)]
pub(super) struct Operations;

impl PluginCommand for Operations {
    type Plugin = App;

    fn name(&self) -> &'static str {
        "aws operations"
    }

    fn description(&self) -> &'static str {
        "List the operations of a service, or describe one: parameters, types, filters, rows, errors."
    }

    fn extra_description(&self) -> &'static str {
        "Descriptions come from an installed AWS CLI or botocore; without one they are null."
    }

    fn signature(&self) -> Signature {
        signature::signature("aws operations")
            .required("service", SyntaxShape::String, "Service, such as ec2; CLI names work too.")
            .optional("operation", SyntaxShape::String, "Describe this operation.")
            .input_output_types(vec![(Type::Nothing, Type::Any)])
            .allow_variants_without_examples(true)
    }

    fn search_terms(&self) -> Vec<&str> {
        vec!["discover", "help", "parameters", "describe"]
    }

    fn examples(&self) -> Vec<Example<'_>> {
        vec![
            Example {
                example: "aws operations ec2 | where class == destructive",
                description: "What destroys something",
                result: None,
            },
            Example {
                example: "aws operations ec2 DescribeInstances | get parameters",
                description: "What an operation takes",
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

fn run(app: &App, engine: &EngineInterface, call: &EvaluatedCall) -> Result<Value> {
    let head = call.head;
    let invocation = Invocation::new(app, engine, call)?;
    let service = invocation.service(&Named::positional(call, 0)?)?;
    let paths = DataPaths::from(&invocation.environment);
    let prose = Documentation::find(&service.name, &paths, &invocation.environment).unwrap_or_default();
    if call.positional.len() < 2 {
        let lines = service.operations.iter().map(|operation| {
            describe::line(&service, operation, prose.operation(&operation.name).as_deref(), head)
        });
        return Ok(Value::list(lines.collect(), head));
    }
    let named = Named::positional(call, 1)?;
    let operation = find_operation(&service, &named.text).map_err(|error| error.at(named.span))?;
    let input = operation.input.and_then(|id| service.shape(id));
    let words = |member: &Member| prose.member(&input?.name, &member.name);
    Ok(describe::full(&service, operation, prose.operation(&operation.name).as_deref(), &words, head))
}
