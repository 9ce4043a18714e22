//! `aws cache key`: the key of a request, and the parts of a key.

use crate::{
    app::App,
    commands::{
        invocation::{Invocation, Named, respond},
        signature,
    },
    error::{Error, Result},
    flow,
};
use nu_plugin::{EngineInterface, EvaluatedCall, PluginCommand};
use nu_protocol::{
    CollectionColumns, Example, LabeledError, PipelineData, Signature, SyntaxShape, Type, Value, record,
};

#[derive(Debug)]
pub(super) struct Key;

impl PluginCommand for Key {
    type Plugin = App;

    fn name(&self) -> &'static str {
        "aws cache key"
    }

    fn description(&self) -> &'static str {
        "Build the key under which an answer is kept, or take one apart."
    }

    fn extra_description(&self) -> &'static str {
        "A key is `profile:region:service:operation:hash`, with `%3A` for a colon within a part. The hash is the same for\n\
         all spellings and orders of the same parameters."
    }

    fn signature(&self) -> Signature {
        signature::place(signature::signature("aws cache key"))
            .required("service", SyntaxShape::String, "Service; or a whole key to take apart.")
            .optional("operation", SyntaxShape::String, "Operation: DescribeInstances or describe-instances.")
            .optional(
                "parameters",
                SyntaxShape::Record(CollectionColumns::default()),
                "Parameters as for `aws call`.",
            )
            .switch("merge", "Join a record from the pipeline with the parameters, which win.", None)
            .input_output_types(vec![(Type::Nothing, Type::Any), (Type::record(), Type::Any)])
            .allow_variants_without_examples(true)
    }

    fn examples(&self) -> Vec<Example<'_>> {
        vec![
            Example {
                example: "aws cache key s3 ListObjectsV2 {Bucket: my-bucket}",
                description: "The key of a request",
                result: None,
            },
            Example {
                example: "aws cache list | where kind == answer | get key | each { aws cache key $in }",
                description: "What is kept, by its parts",
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
}

fn run(app: &App, engine: &EngineInterface, call: &EvaluatedCall, input: PipelineData) -> Result<Value> {
    let span = call.head;
    let first = Named::positional(call, 0)?;
    if call.positional.len() == 1 {
        let [profile, region, service, operation, hash] = flow::parse_key(&first.text).ok_or_else(|| {
            Error::invalid(format!("`{}` is no key of a request", first.text))
                .at(first.span)
                .help("give a key as profile:region:service:operation:hash, or a service and an operation")
        })?;
        let fields = record! {
            "profile" => Value::string(profile, span),
            "region" => Value::string(region, span),
            "service" => Value::string(service, span),
            "operation" => Value::string(operation, span),
            "hash" => Value::string(hash, span),
        };
        return Ok(Value::record(fields, span));
    }
    let invocation = Invocation::new(app, engine, call)?;
    let request = invocation.request(call, input)?;
    let caller = invocation.caller(&request)?;
    Ok(Value::string(flow::key(&caller, &request), span))
}
