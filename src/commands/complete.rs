//! Completions. They run on the plugin's dispatch thread, so they read models and files only, never the network.

use crate::{
    app::App,
    client::session::profile_names,
    config::Environment,
    model::{
        Kind, Service,
        catalog::DataPaths,
        names::{find_operation, kebab},
    },
};
use nu_plugin::{DynamicCompletionCall, EngineInterface};
use nu_protocol::{
    DynamicSuggestion,
    ast::{Argument, Expr, Expression},
    engine::ArgType,
};
use std::sync::Arc;

/// Completions of commands that take `<service> <operation> [parameters]`.
pub(super) fn operation(
    app: &App,
    engine: &EngineInterface,
    call: &DynamicCompletionCall,
    argument: &ArgType<'_>,
) -> Option<Vec<DynamicSuggestion>> {
    match argument {
        ArgType::Positional(0) => {
            let names = app.catalog.names(&DataPaths::from(&environment(engine))).ok()?;
            Some(names.into_iter().map(|name| suggestion(name, None)).collect())
        }
        ArgType::Positional(1) => {
            let service = service(app, engine, call)?;
            Some(operations(&service, typed(call, 1).unwrap_or_default()))
        }
        ArgType::Positional(2) => parameters(app, engine, call),
        ArgType::Flag(_) | ArgType::Positional(_) => target(app, engine, call, argument),
    }
}

/// Completions of `--profile` and `--region`.
pub(super) fn target(
    app: &App,
    engine: &EngineInterface,
    _call: &DynamicCompletionCall,
    argument: &ArgType<'_>,
) -> Option<Vec<DynamicSuggestion>> {
    let ArgType::Flag(flag) = argument else { return None };
    let environment = environment(engine);
    let names = match flag.as_ref() {
        "profile" => profile_names(&*app.runtime().ok()?, &environment),
        "region" => {
            let partitions = app.catalog.partitions(&DataPaths::from(&environment)).ok()?;
            partitions
                .iter()
                .flat_map(|partition| partition.regions.iter().map(ToString::to_string))
                .collect()
        }
        "errors" => ["raise", "rows", "ignore"].map(String::from).to_vec(),
        _ => return None,
    };
    Some(names.into_iter().map(|name| suggestion(name, None)).collect())
}

/// In the spelling that was begun: a capital letter means the API's own.
fn operations(service: &Service, begun: &str) -> Vec<DynamicSuggestion> {
    let as_cli = begun.chars().next().is_some_and(|first| first.is_ascii_lowercase());
    service
        .operations
        .iter()
        .map(|operation| {
            let name = if as_cli { kebab(&operation.name) } else { operation.name.to_string() };
            suggestion(name, Some(operation.class.name().to_string()))
        })
        .collect()
}

/// The names of an operation's parameters, as keys of the record that is being written.
fn parameters(
    app: &App,
    engine: &EngineInterface,
    call: &DynamicCompletionCall,
) -> Option<Vec<DynamicSuggestion>> {
    let service = service(app, engine, call)?;
    let operation = find_operation(&service, typed(call, 1)?).ok()?;
    let members = service.members(operation.input);
    Some(
        members
            .iter()
            .map(|member| {
                let kind = service.target(member).map(|shape| kind(&shape.kind).to_string());
                DynamicSuggestion {
                    value: format!("{{{}: ", member.name),
                    display_override: Some(member.name.to_string()),
                    append_whitespace: false,
                    ..suggestion(String::new(), kind)
                }
            })
            .collect(),
    )
}

fn kind(kind: &Kind) -> &'static str {
    match kind {
        Kind::Structure(_) | Kind::Map { .. } => "record",
        Kind::List { .. } => "list",
        Kind::String { .. } => "string",
        Kind::Integer(_) | Kind::Long(_) => "int",
        Kind::Float(_) | Kind::Double(_) => "float",
        Kind::Boolean => "bool",
        Kind::Blob { .. } => "binary",
        Kind::Timestamp(_) => "datetime",
        Kind::Document => "any",
    }
}

fn suggestion(value: String, description: Option<String>) -> DynamicSuggestion {
    DynamicSuggestion { value, description, ..DynamicSuggestion::default() }
}

fn service(app: &App, engine: &EngineInterface, call: &DynamicCompletionCall) -> Option<Arc<Service>> {
    app.catalog.service(typed(call, 0)?, &DataPaths::from(&environment(engine))).ok()
}

/// The text of a positional argument, as far as it is written.
fn typed(call: &DynamicCompletionCall, position: usize) -> Option<&str> {
    let positional = |argument: &'_ Argument| match argument {
        Argument::Positional(expression) | Argument::Unknown(expression) => Some(expression.clone()),
        _ => None,
    };
    let found = call.call.arguments.iter().filter(|argument| positional(argument).is_some()).nth(position)?;
    let (Argument::Positional(expression) | Argument::Unknown(expression)) = found else { return None };
    text(expression)
}

fn text(expression: &Expression) -> Option<&str> {
    match &expression.expr {
        Expr::String(text) | Expr::RawString(text) | Expr::GlobPattern(text, _) => Some(text),
        _ => None,
    }
}

/// The few variables that completions depend on: each is a question to the engine.
fn environment(engine: &EngineInterface) -> Environment {
    let names =
        ["HOME", "USERPROFILE", "PWD", "AWS_DATA_PATH", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"];
    let found = names.iter().filter_map(|name| {
        let value = engine.get_env_var(*name).ok()??;
        Some(((*name).to_string(), value.coerce_string().ok()?))
    });
    let variables: Vec<(String, String)> = found.collect();
    let directory =
        variables.iter().find(|(name, _)| name == "PWD").map_or("/", |(_, value)| value).to_string();
    Environment::new(variables, directory)
}
