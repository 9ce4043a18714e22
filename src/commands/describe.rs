//! A service's operations in words: what they take, what they give, what they do.

use super::values::{strings, text};
use crate::model::{Flags, Kind, Member, Operation, Range, Service, ShapeId, names::kebab};
use nu_protocol::{Record, Span, Value, record};

/// Deeper structures are named, not spelled out.
const TYPE_DEPTH: usize = 2;

/// One line of `aws operations <service>`.
pub(super) fn line(service: &Service, operation: &Operation, words: Option<&str>, span: Span) -> Value {
    let required = service.members(operation.input).iter().filter(|member| member.flags.has(Flags::REQUIRED));
    Value::record(
        record! {
            "name" => Value::string(&*operation.name, span),
            "cli_name" => Value::string(kebab(&operation.name), span),
            "class" => Value::string(operation.class.name(), span),
            "required" => strings(required.map(|member| member.name.to_string()), span),
            "paginated" => Value::bool(operation.pagination.is_some(), span),
            "rows" => strings(row_paths(operation), span),
            "description" => text(words, span),
        },
        span,
    )
}

/// Everything about one operation.
pub(super) fn full(
    service: &Service,
    operation: &Operation,
    words: Option<&str>,
    member_words: &dyn Fn(&Member) -> Option<String>,
    span: Span,
) -> Value {
    let parameters = service.members(operation.input).iter().map(|member| {
        let (values, range) = limits(service, member);
        Value::record(
            record! {
                "name" => Value::string(&*member.name, span),
                "type" => Value::string(type_of(service, member.shape, TYPE_DEPTH), span),
                "required" => Value::bool(member.flags.has(Flags::REQUIRED), span),
                "values" => strings(values, span),
                "range" => text(range.as_deref(), span),
                "deprecated" => Value::bool(member.flags.has(Flags::DEPRECATED), span),
                "description" => text(member_words(member).as_deref(), span),
            },
            span,
        )
    });
    let mut output = Record::new();
    for member in service.members(operation.output) {
        output.push(member.name.to_string(), Value::string(type_of(service, member.shape, TYPE_DEPTH), span));
    }
    let errors = operation
        .errors
        .iter()
        .filter_map(|id| service.shape(*id))
        .map(|shape| shape.error_code().unwrap_or(&shape.name).to_string());
    let waiters = service.waiters.iter().filter(|waiter| waiter.operation == operation.name);
    Value::record(
        record! {
            "service" => Value::string(&*service.name, span),
            "name" => Value::string(&*operation.name, span),
            "cli_name" => Value::string(kebab(&operation.name), span),
            "description" => text(words, span),
            "class" => Value::string(operation.class.name(), span),
            "deprecated" => Value::bool(operation.deprecated, span),
            "parameters" => Value::list(parameters.collect(), span),
            "filters" => strings(operation.filters.iter().map(ToString::to_string), span),
            "output" => Value::record(output, span),
            "paginated" => Value::bool(operation.pagination.is_some(), span),
            "rows" => strings(row_paths(operation), span),
            "waiters" => strings(waiters.map(|waiter| waiter.name.to_string()), span),
            "errors" => strings(errors, span),
        },
        span,
    )
}

fn row_paths(operation: &Operation) -> Vec<String> {
    operation.rows.iter().map(|rows| rows.path.join(".")).collect()
}

/// The type of a shape as Nushell writes types: `list<record<Name: string, Values: list<string>>>`.
pub(super) fn type_of(service: &Service, id: ShapeId, depth: usize) -> String {
    let Some(shape) = service.shape(id) else { return "any".into() };
    match &shape.kind {
        Kind::Structure(structure) if depth > 0 && structure.members.len() <= 4 => {
            let members = structure.members.iter();
            let fields: Vec<String> = members
                .map(|member| format!("{}: {}", member.name, type_of(service, member.shape, depth - 1)))
                .collect();
            format!("record<{}>", fields.join(", "))
        }
        Kind::Structure(_) => format!("record<{}>", shape.name),
        Kind::List { member, .. } => format!("list<{}>", type_of(service, member.shape, depth)),
        Kind::Map { value, .. } => format!("record<*: {}>", type_of(service, value.shape, depth)),
        Kind::String { .. } => "string".into(),
        Kind::Integer(_) | Kind::Long(_) => "int".into(),
        Kind::Float(_) | Kind::Double(_) => "float".into(),
        Kind::Boolean => "bool".into(),
        Kind::Blob { .. } => "binary".into(),
        Kind::Timestamp(_) => "datetime".into(),
        Kind::Document => "any".into(),
    }
}

/// Known values and bounds of a parameter.
fn limits(service: &Service, member: &Member) -> (Vec<String>, Option<String>) {
    let Some(shape) = service.target(member) else { return (Vec::new(), None) };
    match &shape.kind {
        Kind::String { values, range } => {
            (values.iter().map(ToString::to_string).collect(), bounds(*range, " characters"))
        }
        Kind::List { range, .. } | Kind::Map { range, .. } => (Vec::new(), bounds(*range, " entries")),
        Kind::Blob { range, .. } => (Vec::new(), bounds(*range, " bytes")),
        Kind::Integer(range) | Kind::Long(range) | Kind::Float(range) | Kind::Double(range) => {
            (Vec::new(), bounds(*range, ""))
        }
        _ => (Vec::new(), None),
    }
}

fn bounds(range: Range, unit: &str) -> Option<String> {
    match (range.min, range.max) {
        (Some(min), Some(max)) => Some(format!("{min} to {max}{unit}")),
        (Some(min), None) => Some(format!("at least {min}{unit}")),
        (None, Some(max)) => Some(format!("at most {max}{unit}")),
        (None, None) => None,
    }
}
