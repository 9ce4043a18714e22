//! Completions. They run on the plugin's dispatch thread, so they read models and files, and wait for anything else no
//! longer than a blink (`known.rs`).

use super::{
    describe::type_of,
    invocation::{Invocation, environment},
    known,
};
use crate::{
    app::App,
    client::session::{Target, profile_names},
    config::Environment,
    error::Result,
    model::{
        Flags, Kind, Listing, Member, Operation, Service,
        catalog::DataPaths,
        names::{find_operation, find_waiter, kebab, snake},
    },
};
use nu_plugin::{DynamicCompletionCall, EngineInterface};
use nu_protocol::{
    DynamicSuggestion,
    ast::{Argument, Expr, Expression},
    engine::ArgType,
};
use std::{collections::BTreeSet, sync::Arc};

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
            parameters_and_names(app, engine, call, |service| find_operation(service, typed(call, 1)?).ok())
        }
        ArgType::Flag(_) | ArgType::Positional(_) => target(app, engine, call, argument),
    }
}

/// Completions of `<service> <parameter> [operation]`.
pub(super) fn parameter(
    app: &App,
    engine: &EngineInterface,
    call: &DynamicCompletionCall,
    argument: &ArgType<'_>,
) -> Option<Vec<DynamicSuggestion>> {
    match argument {
        ArgType::Positional(0) => services(app, &environment(engine).ok()?),
        ArgType::Positional(1) => {
            let service = service(app, &environment(engine).ok()?, call)?;
            let members = service.operations.iter().flat_map(|operation| service.members(operation.input));
            let names: BTreeSet<&str> = members
                .filter(|member| Listing::of(&service, member).is_some())
                .map(|member| &*member.name)
                .collect();
            Some(names.into_iter().map(|name| suggestion(name, None)).collect())
        }
        ArgType::Positional(2) => {
            let service = service(app, &environment(engine).ok()?, call)?;
            Some(operations(&service, typed(call, 2).unwrap_or_default()))
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
        ArgType::Positional(2) => parameters_and_names(app, engine, call, |service| {
            service.operation(&find_waiter(service, typed(call, 1)?).ok()?.operation)
        }),
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
        "region" => regions(app, &environment).ok()?,
        "errors" => ["raise", "rows", "ignore"].map(String::from).to_vec(),
        _ => return None,
    };
    Some(names.iter().map(|name| suggestion(name, None)).collect())
}

/// The names of all regions.
pub(super) fn regions(app: &App, environment: &Environment) -> Result<Vec<String>> {
    let partitions = app.catalog.partitions(&DataPaths::from(environment))?;
    Ok(partitions.iter().flat_map(|partition| partition.regions.iter().map(ToString::to_string)).collect())
}

fn operations(service: &Service, begun: &str) -> Vec<DynamicSuggestion> {
    let each = service.operations.iter();
    each.map(|operation| spelled(&operation.name, begun, operation.class.name().to_string())).collect()
}

/// In the spelling that was begun: a capital letter means the API's own, an underline that of Python.
fn spelled(name: &str, begun: &str, description: String) -> DynamicSuggestion {
    let as_cli = begun.chars().next().is_some_and(|first| first.is_ascii_lowercase());
    let name = match (as_cli, begun.contains('_')) {
        (true, true) => snake(name),
        (true, false) => kebab(name),
        (false, _) => name.to_string(),
    };
    suggestion(&name, Some(description))
}

/// The names of an operation's parameters, as the first key of a record. Nushell matches what it shows against what is
/// written, so a record that was begun shows its brace. It asks no plugin about the keys after the first, so what all
/// suggestions begin with, which it writes without asking, must not go past a key where there are names: `apart`.
fn parameters(
    service: &Service,
    operation: &Operation,
    call: &DynamicCompletionCall,
    apart: bool,
) -> Vec<DynamicSuggestion> {
    let begun = positionals(call).nth(2).is_some();
    let suggestions = service.members(operation.input).iter().map(|member| {
        let required = if member.flags.has(Flags::REQUIRED) { ", required" } else { "" };
        let name = &member.name;
        let (value, shown) = match (apart, begun) {
            (false, false) => (format!("{{{name}: "), name.to_string()),
            (false, true) => (format!("{{{name}: "), format!("{{{name}: ")),
            // Nushell sorts by what it shows, and names come first then.
            (true, false) => (format!("{{ {name}: "), format!("{name}: …")),
            (true, true) => (format!("{{ {name}: "), format!("{{{name}: …")),
        };
        DynamicSuggestion {
            value,
            display_override: Some(shown),
            description: Some(type_of(service, member.shape, 1) + required),
            append_whitespace: false,
            ..DynamicSuggestion::default()
        }
    });
    suggestions.collect()
}

/// Parameters of one operation whose names are looked up at most.
const LOOKED_UP: usize = 2;

/// The names of the parameters of an operation, and whole parameters with the names that are there.
fn parameters_and_names(
    app: &App,
    engine: &EngineInterface,
    call: &DynamicCompletionCall,
    find: impl Fn(&Service) -> Option<&Operation>,
) -> Option<Vec<DynamicSuggestion>> {
    let invocation = Invocation::of(app, engine, target_of(call), None);
    let service = match &invocation {
        Ok(invocation) => service(app, &invocation.environment, call),
        // Settings that cannot be read are told where a command runs.
        Err(_) => service(app, &environment(engine).ok()?, call),
    }?;
    let operation = find(&service)?;
    let mut all = match &invocation {
        Ok(invocation) => names(invocation, &service, operation, call),
        Err(_) => Vec::new(),
    };
    let keys = parameters(&service, operation, call, !all.is_empty());
    all.extend(keys);
    Some(all)
}

/// Parameters with the names that are there. Nushell asks no plugin what follows a key, so that names come with theirs:
/// of what must be said, else of what comes first.
fn names(
    invocation: &Invocation<'_>,
    service: &Service,
    operation: &Operation,
    call: &DynamicCompletionCall,
) -> Vec<DynamicSuggestion> {
    let begun = positionals(call).nth(2).is_some();
    let members = service.members(operation.input);
    let must = |member: &&Member| member.flags.has(Flags::REQUIRED);
    let listed = |member: &&Member| Listing::of(service, member).is_some();
    let mut those: Vec<&Member> = members.iter().filter(must).filter(listed).collect();
    if those.is_empty() {
        those = members.iter().filter(listed).collect();
    }
    let those = those.into_iter().take(LOOKED_UP).flat_map(|member| {
        let many = matches!(service.target(member).map(|shape| &shape.kind), Some(Kind::List { .. }));
        let names = known::names(invocation, service, member);
        names.into_iter().map(move |(name, called)| {
            let value = quoted(&name);
            let value = if many { format!("[{value}]") } else { value };
            let shown = format!("{}: {value}", member.name);
            DynamicSuggestion {
                value: format!("{{{shown}}}"),
                display_override: (!begun).then_some(shown),
                description: called,
                ..DynamicSuggestion::default()
            }
        })
    });
    those.collect()
}

/// Whose names: as far as the flags are written in the line.
fn target_of(call: &DynamicCompletionCall) -> Target {
    let flag = |name: &str| {
        let value = call.call.arguments.iter().find_map(|argument| match argument {
            Argument::Named((flag, _, value)) if flag.item == name => value.as_ref(),
            _ => None,
        })?;
        plain(value).map(String::from)
    };
    Target { profile: flag("profile"), region: flag("region"), endpoint_url: flag("endpoint-url") }
}

/// A name as an argument: quoted where Nushell would read it otherwise, as `a:b` or `my profile`.
fn suggestion(name: &str, description: Option<String>) -> DynamicSuggestion {
    DynamicSuggestion { value: quoted(name), description, ..DynamicSuggestion::default() }
}

fn quoted(name: &str) -> String {
    let bare = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '@');
    // `123` and `1e3` would be numbers, `2026-01-02` a date.
    let begins_well = name.starts_with(|c: char| !c.is_ascii_digit() && !matches!(c, '-' | '.'));
    let literal = ["true", "false", "null", "nan", "inf", "infinity"].contains(&&*name.to_ascii_lowercase());
    if begins_well && !literal && name.chars().all(bare) {
        name.to_string()
    } else {
        format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
    }
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
    plain(positionals(call).nth(position)?)
}

fn plain(expression: &Expression) -> Option<&str> {
    match &expression.expr {
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
            ("123456789012", r#""123456789012""#),
            ("true", r#""true""#),
            ("", r#""""#),
        ] {
            assert_eq!(suggestion(name, None).value, value);
        }
    }
}
