//! `aws services`: which services there are.

use super::{
    invocation::{Invocation, respond},
    signature,
    values::text,
};
use crate::{
    app::App,
    error::Result,
    model::{Protocol, catalog::DataPaths},
};
use nu_plugin::{EngineInterface, EvaluatedCall, PluginCommand};
use nu_protocol::{Example, LabeledError, PipelineData, Signature, Type, Value, record};

#[derive(Debug)]
pub(super) struct Services;

impl PluginCommand for Services {
    type Plugin = App;

    fn name(&self) -> &'static str {
        "aws services"
    }

    fn description(&self) -> &'static str {
        "List all AWS services, with those that AWS_DATA_PATH and ~/.aws/models add."
    }

    fn signature(&self) -> Signature {
        signature::signature("aws services").input_output_types(vec![(Type::Nothing, Type::table())])
    }

    fn search_terms(&self) -> Vec<&str> {
        vec!["discover", "help", "list"]
    }

    fn examples(&self) -> Vec<Example<'_>> {
        vec![Example {
            example: "aws services | where full_name =~ Lambda",
            description: "Find a service",
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
    let head = call.head;
    let invocation = Invocation::new(app, engine, call)?;
    let services = app.catalog.services(&DataPaths::from(&invocation.environment))?;
    let rows = services.into_iter().map(|service| {
        let source = service.file.map_or_else(|| "pack".to_string(), |file| file.display().to_string());
        let fields = record! {
            "name" => Value::string(service.name, head),
            "service_id" => Value::string(service.service_id, head),
            "full_name" => Value::string(service.full_name, head),
            "protocol" => text(service.protocol.map(Protocol::name), head),
            "api_version" => Value::string(service.api_version, head),
            "operations" => Value::int(i64::try_from(service.operations).unwrap_or(i64::MAX), head),
            "source" => Value::string(source, head),
            "problem" => text(service.problem, head),
        };
        Value::record(fields, head)
    });
    Ok(Value::list(rows.collect(), head))
}
