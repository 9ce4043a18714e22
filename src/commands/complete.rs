//! Completions. They run on the plugin's dispatch thread, so they read models and files only, never the network.

use super::{describe::type_of, invocation::environment};
use crate::{
    app::App,
    client::session::profile_names,
    config::Environment,
    model::{
        Flags, Operation, Service,
        catalog::DataPaths,
        names::{find_operation, find_waiter, kebab},
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
        ArgType::Positional(0) => services(app, &environment(engine).ok()?),
        ArgType::Positional(1) => {
            let service = service(app, &environment(engine).ok()?, call)?;
            Some(operations(&service, typed(call, 1).unwrap_or_default()))
        }
        ArgType::Positional(2) => {
            let service = service(app, &environment(engine).ok()?, call)?;
            let operation = find_operation(&service, typed(call, 1)?).ok()?;
            Some(parameters(&service, operation, call))
        }
        ArgType::Flag(_) | ArgType::Positional(_) => target(app, engine, call, argument),
    }
}

/// Completions of commands that take `<service> <waiter> [parameters]`.
pub(super) fn waiter(
    app: &App,
    engine: &EngineInterface,
    call: &DynamicCompletionCall,
    argument: &ArgType<'_>,
) -> Option<Vec<DynamicSuggestion>> {
    match argument {
        ArgType::Positional(0) => services(app, &environment(engine).ok()?),
        ArgType::Positional(1) => {
            let service = service(app, &environment(engine).ok()?, call)?;
            let begun = typed(call, 1).unwrap_or_default();
            let each = service.waiters.iter();
            Some(each.map(|one| spelled(&one.name, begun, format!("polls {}", one.operation))).collect())
        }
        ArgType::Positional(2) => {
            let service = service(app, &environment(engine).ok()?, call)?;
            let waiter = find_waiter(&service, typed(call, 1)?).ok()?;
            let operation = service.operation(&waiter.operation)?;
            Some(parameters(&service, operation, call))
        }
        ArgType::Flag(_) | ArgType::Positional(_) => target(app, engine, call, argument),
    }
}

fn services(app: &App, environment: &Environment) -> Option<Vec<DynamicSuggestion>> {
    let names = app.catalog.names(&DataPaths::from(environment)).ok()?;
    Some(names.iter().map(|name| suggestion(name, None)).collect())
}

/// Completions of `--profile` and `--region`.
pub(super) fn target(
    app: &App,
    engine: &EngineInterface,
    _call: &DynamicCompletionCall,
    argument: &ArgType<'_>,
) -> Option<Vec<DynamicSuggestion>> {
    let ArgType::Flag(flag) = argument else { return None };
    let environment = environment(engine).ok()?;
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
    Some(names.iter().map(|name| suggestion(name, None)).collect())
}

fn operations(service: &Service, begun: &str) -> Vec<DynamicSuggestion> {
    let each = service.operations.iter();
    each.map(|operation| spelled(&operation.name, begun, operation.class.name().to_string())).collect()
}

/// In the spelling that was begun: a capital letter means the API's own.
fn spelled(name: &str, begun: &str, description: String) -> DynamicSuggestion {
    let as_cli = begun.chars().next().is_some_and(|first| first.is_ascii_lowercase());
    let name = if as_cli { kebab(name) } else { name.to_string() };
    suggestion(&name, Some(description))
}

/// The names of an operation's parameters, as the first key of a record. Nushell matches what it shows against what is
/// written, so a record that was begun shows its brace. It asks no plugin about the keys after the first.
fn parameters(
    service: &Service,
    operation: &Operation,
    call: &DynamicCompletionCall,
) -> Vec<DynamicSuggestion> {
    let begun = positionals(call).nth(2).is_some();
    let suggestions = service.members(operation.input).iter().map(|member| {
        let required = if member.flags.has(Flags::REQUIRED) { ", required" } else { "" };
        DynamicSuggestion {
            value: format!("{{{}: ", member.name),
            display_override: (!begun).then(|| member.name.to_string()),
            description: Some(type_of(service, member.shape, 1) + required),
            append_whitespace: false,
            ..DynamicSuggestion::default()
        }
    });
    suggestions.collect()
}

/// A name as an argument: quoted where Nushell would read it otherwise, as `a:b` or `my profile`.
fn suggestion(name: &str, description: Option<String>) -> DynamicSuggestion {
    let bare = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '@');
    let value = if !name.is_empty() && name.chars().all(bare) {
        name.to_string()
    } else {
        format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
    };
    DynamicSuggestion { value, description, ..DynamicSuggestion::default() }
}

fn service(app: &App, environment: &Environment, call: &DynamicCompletionCall) -> Option<Arc<Service>> {
    app.catalog.service(typed(call, 0)?, &DataPaths::from(environment)).ok()
}

/// What is written without a flag, in order.
fn positionals(call: &DynamicCompletionCall) -> impl Iterator<Item = &Expression> {
    call.call.arguments.iter().filter_map(|argument| match argument {
        Argument::Positional(expression) | Argument::Unknown(expression) => Some(expression),
        _ => None,
    })
}

/// The text of a positional argument, as far as it is written.
fn typed(call: &DynamicCompletionCall, position: usize) -> Option<&str> {
    match &positionals(call).nth(position)?.expr {
        Expr::String(text) | Expr::RawString(text) | Expr::GlobPattern(text, _) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_where_nushell_would_read_them_otherwise() {
        for (name, value) in [
            ("default", "default"),
            ("team-a/dev.eu_1@x", "team-a/dev.eu_1@x"),
            ("a:b", r#""a:b""#),
            ("my profile", r#""my profile""#),
            (r#"a"\b"#, r#""a\"\\b""#),
            ("(x)", r#""(x)""#),
            ("", r#""""#),
        ] {
            assert_eq!(suggestion(name, None).value, value);
        }
    }
}
