//! Names of what is there, for completions: from the cache, within moments, and listed anew behind.

use super::{invocation::Invocation, signature};
use crate::{
    app::App,
    cache::Scope,
    commands::{
        complete,
        invocation::{Named, from_shell, respond},
        values::text,
    },
    error::{Error, Result},
    flow::{Called, Known, Names},
    model::{
        Listing, Member, Service,
        catalog::DataPaths,
        names::{find_operation, folded},
    },
};
use nu_plugin::{EngineInterface, EvaluatedCall, PluginCommand};
use nu_protocol::{Example, LabeledError, PipelineData, Signature, Span, SyntaxShape, Type, Value, record};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::oneshot;

/// Who completes waits for nobody longer: neither for a program that a profile names, nor for the first listing. Nushell
/// asks from beside the line, and remembers what it was told.
const PATIENCE: Duration = Duration::from_millis(150);

/// What is known of the names that a parameter takes, which are listed anew behind. Where nothing is known, a listing that
/// is quick is waited for.
fn known(invocation: &Invocation<'_>, service: &Service, parameter: &Member) -> Option<Known> {
    let listing = Listing::of(service, parameter).filter(|_| invocation.settings.completions)?;
    let (app, paths) = (invocation.app, DataPaths::from(&invocation.environment));
    let of = app.catalog.service(&listing.service, &paths).ok()?;
    let names = Names::new(&of, &listing, Span::unknown()).ok()?;
    let (runtime, start) = (app.runtime().ok()?, Instant::now());
    let caller = runtime.block_on(async { tokio::time::timeout(PATIENCE, invocation.calling(&of)).await });
    let caller = invocation.metered(caller.ok()?.ok()?);
    let scope = Scope::new(&invocation.environment, &invocation.settings);
    let known = app.keeper.known(&caller, &names, &scope);
    if !app.keeper.begins_renewal(&caller, &names, &scope, known.as_ref()) {
        return known;
    }
    let (keeper, settings) = (app.keeper.clone(), invocation.settings.clone());
    let (by, of, place) = (caller.clone(), names.clone(), scope.clone());
    let (listed, listing) = oneshot::channel();
    app.behind(async move {
        // Whoever may not list them has no completions: nothing to tell in the middle of a line.
        drop(keeper.renew(&by, &of, &place, &settings).await);
        let _ = listed.send(());
    });
    if known.is_some() {
        return known;
    }
    let left = PATIENCE.saturating_sub(start.elapsed());
    runtime.block_on(async { tokio::time::timeout(left, listing).await }).ok()?.ok()?;
    app.keeper.known(&caller, &names, &scope)
}

/// The names that a parameter takes, with what people call them.
pub(super) fn names(invocation: &Invocation<'_>, service: &Service, parameter: &Member) -> Vec<Called> {
    known(invocation, service, parameter).map_or_else(Vec::new, |known| known.names)
}

#[derive(Debug)]
pub(super) struct Complete;

impl PluginCommand for Complete {
    type Plugin = App;

    fn name(&self) -> &'static str {
        "aws complete"
    }

    fn description(&self) -> &'static str {
        "Tell the names that a parameter takes, for completions of your own commands."
    }

    fn extra_description(&self) -> &'static str {
        "At once and from the cache, also where AWS cannot be reached; names that are older than 30 seconds are listed anew\n\
         behind, for the next who asks. The first time there are none, unless AWS tells them within 150 milliseconds. Where\n\
         nothing lists what a parameter takes the answer is an error."
    }

    fn signature(&self) -> Signature {
        signature::target(signature::signature("aws complete"))
            .required("service", SyntaxShape::String, "Service.")
            .required("parameter", SyntaxShape::String, "Parameter of any of its operations, as Bucket.")
            .optional(
                "operation",
                SyntaxShape::String,
                "The operation, where several mean different things by it.",
            )
            .input_output_types(vec![(Type::Nothing, Type::table())])
    }

    fn search_terms(&self) -> Vec<&str> {
        vec!["completer", "custom completion", "resources", "names"]
    }

    fn examples(&self) -> Vec<Example<'_>> {
        vec![
            Example { example: "aws complete s3 Bucket", description: "Names of buckets", result: None },
            Example {
                example: "def buckets [] { aws complete s3 Bucket }\ndef empty [bucket: string@buckets] { aws stream s3 ListObjectsV2 {Bucket: $bucket} | is-empty }",
                description: "Complete an argument of your own command",
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
        complete::parameter(app, engine, &call, &argument)
    }
}

fn run(app: &App, engine: &EngineInterface, call: &EvaluatedCall) -> Result<Value> {
    let invocation = Invocation::new(app, engine, call)?;
    let service = invocation.service(&Named::positional(call, 0)?)?;
    let (named, operation) = (Named::positional(call, 1)?, call.opt::<String>(2).map_err(from_shell)?);
    let parameter = parameter(&service, &named, operation.as_deref())?;
    let names = names(&invocation, &service, parameter);
    let rows = names.into_iter().map(|(name, called)| {
        let row = record! {
            "value" => Value::string(name, call.head),
            "description" => text(called.as_deref(), call.head),
        };
        Value::record(row, call.head)
    });
    Ok(Value::list(rows.collect(), call.head))
}

/// The parameter of that name, of one operation or of the first that has one whose names are listed anywhere.
fn parameter<'a>(service: &'a Arc<Service>, named: &Named, operation: Option<&str>) -> Result<&'a Member> {
    let wanted = folded(&named.text);
    let is = |member: &&Member| folded(&member.name) == wanted;
    let found = if let Some(name) = operation {
        service.members(find_operation(service, name)?.input).iter().find(is)
    } else {
        let all =
            || service.operations.iter().flat_map(|operation| service.members(operation.input)).filter(is);
        all().find(|member| Listing::of(service, member).is_some()).or_else(|| all().next())
    };
    let no = |what: String| Error::invalid(what).at(named.span);
    let member = found.ok_or_else(|| {
        no(format!("{} has no parameter `{}`", service.name, named.text))
            .help("`aws operations <service> <operation>` shows the parameters")
    })?;
    if Listing::of(service, member).is_none() {
        return Err(no(format!("nothing lists what `{}` of {} takes", member.name, service.name))
            .help("its values are free, or need another parameter to be listed"));
    }
    Ok(member)
}
