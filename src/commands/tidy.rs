//! `aws tidy`: what `--tidy` does, for rows from anywhere.

use super::{invocation::from_shell, signature};
use crate::{app::App, pipe};
use nu_plugin::{EngineInterface, EvaluatedCall, PluginCommand};
use nu_protocol::{
    Example, IntoInterruptiblePipelineData, LabeledError, PipelineData, Signature, Type, Value, record,
};

#[derive(Debug)]
pub(super) struct Tidy;

impl PluginCommand for Tidy {
    type Plugin = App;

    fn name(&self) -> &'static str {
        "aws tidy"
    }

    fn description(&self) -> &'static str {
        "Make AWS rows tidy: tags as records, plain DynamoDB values, parsed JSON, numeric amounts."
    }

    fn extra_description(&self) -> &'static str {
        "Nothing is lost: tags with more than a key and a value (Auto Scaling's), and tags that share a key, stay a\n\
         list; a number whose digits no integer or float holds stays text."
    }

    fn signature(&self) -> Signature {
        signature::signature("aws tidy").input_output_types(vec![
            (Type::record(), Type::Any),
            (Type::table(), Type::Any),
            (Type::List(Box::new(Type::Any)), Type::Any),
        ])
    }

    fn examples(&self) -> Vec<Example<'_>> {
        vec![
            Example {
                example: "[{Tags: [{Key: Name, Value: web}]}] | aws tidy",
                description: "Tags become a record",
                result: Some(Value::test_list(vec![Value::test_record(record! {
                    "Tags" => Value::test_record(record! { "Name" => Value::test_string("web") }),
                })])),
            },
            Example {
                example: "{Item: {id: {N: \"7\"}}} | aws tidy",
                description: "DynamoDB values become plain",
                result: Some(Value::test_record(record! {
                    "Item" => Value::test_record(record! { "id" => Value::test_int(7) }),
                })),
            },
        ]
    }

    fn run(
        &self,
        _app: &App,
        engine: &EngineInterface,
        call: &EvaluatedCall,
        input: PipelineData,
    ) -> Result<PipelineData, LabeledError> {
        pipe::guarded(|| match input {
            PipelineData::Value(value @ Value::Record { .. }, metadata) => {
                Ok(PipelineData::value(pipe::tidy::row(value), metadata))
            }
            mut rows => {
                let metadata = rows.take_metadata();
                let rows = rows
                    .into_iter_strict(call.head)
                    .map_err(|error| pipe::labeled(&from_shell(error), call.head))?;
                let tidied = pipe::Guarded::new(rows.map(pipe::tidy::row), call.head);
                // The signals end it on an interruption, even between rows that are there already.
                let signals = engine.signals().clone();
                Ok(tidied.into_pipeline_data_with_metadata(call.head, signals, metadata))
            }
        })
    }
}
