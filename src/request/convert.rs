//! Parameters as a user writes them -> canonical values.

use super::{number, text};
use crate::{
    error::{
        Error, ErrorKind, Result,
        suggest::{did_you_mean, folded},
    },
    model::{Flags, Kind, Location, Member, Operation, Range, Service, ShapeId, Structure, Unit},
};
use nu_protocol::{Record, Span, Value};

/// Nesting that no AWS input comes near; recursive shapes (WAF statements) could otherwise exhaust the stack.
const MAX_DEPTH: usize = 100;

/// Parameters that a message can name without becoming a manual.
const FEW: usize = 8;

/// Converts the parameters of one service.
pub(super) struct Converter<'a> {
    service: &'a Service,
}

/// Where in the parameters a value stands, for messages such as `Filters.0.Name`.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    parent: Option<&'a Place<'a>>,
    name: &'a str,
    depth: usize,
}

impl std::fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(parent) = self.parent {
            write!(f, "{parent}.")?;
        }
        f.write_str(self.name)
    }
}

impl<'a> Place<'a> {
    /// The last part of the place.
    pub(super) fn name(&self) -> &str {
        self.name
    }

    fn below(&'a self, name: &'a str) -> Place<'a> {
        Place { parent: Some(self), name, depth: self.depth + 1 }
    }
}

impl<'a> Converter<'a> {
    pub(super) fn new(service: &'a Service) -> Self {
        Self { service }
    }

    /// The whole input of an operation.
    pub(super) fn input(&self, operation: &Operation, parameters: &Value, span: Span) -> Result<Record> {
        let empty = Record::new();
        let record = match parameters {
            Value::Nothing { .. } => &empty,
            Value::Record { val, .. } => val,
            Value::Error { error, .. } => return Err(Error::invalid(error.to_string()).at(parameters.span())),
            other => {
                return Err(Error::invalid(format!(
                    "parameters of `{}` must be a record, found {}",
                    operation.name,
                    other.get_type()
                ))
                .at(other.span())
                .help("write them as {Name: value}"));
            }
        };
        let none = Structure::default();
        let structure = operation.input.and_then(|id| self.service.structure(id)).unwrap_or(&none);
        self.structure(
            structure,
            record,
            None,
            &operation.name,
            if parameters.is_nothing() { span } else { parameters.span() },
        )
    }

    fn structure(
        &self,
        structure: &Structure,
        record: &Record,
        place: Option<&Place<'_>>,
        owner: &str,
        span: Span,
    ) -> Result<Record> {
        let mut converted = Record::with_capacity(record.len());
        for (given, value) in record {
            let alias = || alias(&self.service.name, given).filter(|_| place.is_none());
            let member = find_member(structure, given)
                .or_else(|| find_member(structure, alias()?))
                .ok_or_else(|| unknown_parameter(structure, given, place, owner, value.span()))?;
            if value.is_nothing() {
                continue;
            }
            if converted.contains(&*member.name) {
                return Err(
                    Error::invalid(format!("parameter `{}` is given twice", member.name)).at(value.span())
                );
            }
            let here = match place {
                Some(place) => place.below(&member.name),
                None => Place { parent: None, name: &member.name, depth: 0 },
            };
            converted.push(member.name.to_string(), self.member(member, value, &here)?);
        }
        if structure.union && converted.len() != 1 {
            return Err(Error::invalid(format!(
                "{} takes exactly one of: {}",
                place.map_or_else(|| owner.to_string(), |place| format!("`{place}`")),
                member_names(structure).join(", ")
            ))
            .at(span));
        }
        self.check_required(structure, &converted, place, owner, span)?;
        Ok(converted)
    }

    fn check_required(
        &self,
        structure: &Structure,
        converted: &Record,
        place: Option<&Place<'_>>,
        owner: &str,
        span: Span,
    ) -> Result<()> {
        let missing: Vec<&Member> = structure
            .members
            .iter()
            .filter(|member| {
                member.flags.has(Flags::REQUIRED)
                    && !member.flags.has(Flags::IDEMPOTENCY_TOKEN)
                    && !converted.contains(&*member.name)
            })
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = missing
            .iter()
            .map(|member| match place {
                Some(place) => format!("`{place}.{}`", member.name),
                None => format!("`{}`", member.name),
            })
            .collect();
        let example: Vec<String> =
            missing.iter().map(|member| format!("{}: {}", member.name, self.example(member.shape))).collect();
        let plural = if names.len() == 1 { "" } else { "s" };
        Err(Error::invalid(format!("`{owner}` misses required parameter{plural} {}", names.join(", ")))
            .at(span)
            .help(format!("add {{{}}}", example.join(", "))))
    }

    fn member(&self, member: &Member, value: &Value, place: &Place<'_>) -> Result<Value> {
        // JSON in a header is written by the codec. In a body it is a text like any other (botocore:
        // `is_json_value_header`), which may be given as data.
        if member.flags.has(Flags::JSON_VALUE) {
            return match value {
                _ if member.location == Location::Header => text::plain_data(value, place),
                Value::Record { .. } | Value::List { .. } => text::json(value, place),
                _ => self.value(member.shape, member.unit, value, place),
            };
        }
        self.value(member.shape, member.unit, value, place)
    }

    fn value(&self, id: ShapeId, unit: Option<Unit>, value: &Value, place: &Place<'_>) -> Result<Value> {
        let Some(shape) = self.service.shape(id) else {
            return Err(Error::new(ErrorKind::Model, format!("parameter `{place}` targets no shape")));
        };
        if place.depth > MAX_DEPTH {
            return Err(Error::invalid(format!("parameters are nested deeper than {MAX_DEPTH} levels"))
                .at(value.span()));
        }
        match value {
            Value::Error { error, .. } => return Err(Error::invalid(error.to_string()).at(value.span())),
            Value::Custom { val, .. } => {
                let base = val.to_base_value(value.span()).map_err(|error| {
                    Error::invalid(format!("parameter `{place}` cannot be read: {error}")).at(value.span())
                })?;
                return self.value(id, unit, &base, place);
            }
            _ => {}
        }
        match &shape.kind {
            Kind::Structure(structure) => {
                let Value::Record { val, .. } = value else {
                    return Err(mismatch(place, "a record", value, Some(self.example(id))));
                };
                let record = self.structure(structure, val, Some(place), &shape.name, value.span())?;
                Ok(Value::record(record, value.span()))
            }
            Kind::List { member, sparse, range, .. } => self.list(member, *sparse, *range, id, value, place),
            Kind::Map { value: element, sparse, .. } => {
                let Value::Record { val, .. } = value else {
                    return Err(mismatch(place, "a record", value, Some(self.example(id))));
                };
                let mut map = Record::with_capacity(val.len());
                for (key, item) in &**val {
                    let here = place.below(key);
                    if item.is_nothing() {
                        if *sparse {
                            map.push(key.clone(), item.clone());
                        }
                        continue;
                    }
                    map.push(key.clone(), self.value(element.shape, element.unit, item, &here)?);
                }
                Ok(Value::record(map, value.span()))
            }
            Kind::String { values, range } => text::string(&shape.name, values, *range, unit, value, place),
            Kind::Integer(range) => number::integer(*range, true, (&self.service.name, unit), value, place),
            Kind::Long(range) => number::integer(*range, false, (&self.service.name, unit), value, place),
            Kind::Float(_) | Kind::Double(_) => number::float(value, place),
            Kind::Boolean => match value {
                Value::Bool { .. } => Ok(value.clone()),
                other => Err(mismatch(place, "true or false", other, None)),
            },
            Kind::Blob { .. } => text::blob(value, place),
            Kind::Timestamp(_) => text::timestamp(value, place),
            Kind::Document => text::plain_data(value, place),
        }
    }

    fn list(
        &self,
        member: &Member,
        sparse: bool,
        range: Range,
        id: ShapeId,
        value: &Value,
        place: &Place<'_>,
    ) -> Result<Value> {
        let Value::List { vals, .. } = value else {
            return Err(mismatch(place, "a list", value, Some(self.example(id))));
        };
        check_length(vals.len(), range, "entries", value, place)?;
        let mut list = Vec::with_capacity(vals.len());
        for (index, item) in vals.iter().enumerate() {
            let index = index.to_string();
            let here = place.below(&index);
            if item.is_nothing() {
                if sparse {
                    list.push(item.clone());
                    continue;
                }
                return Err(Error::invalid(format!("parameter `{here}` is null")).at(item.span()));
            }
            list.push(self.value(member.shape, member.unit, item, &here)?);
        }
        Ok(Value::list(list, value.span()))
    }

    /// How a value of that shape is written, for help texts: `[string]`, `{Name: string}`.
    fn example(&self, id: ShapeId) -> String {
        self.example_to(id, 2)
    }

    fn example_to(&self, id: ShapeId, depth: usize) -> String {
        let Some(shape) = self.service.shape(id) else { return "…".into() };
        match &shape.kind {
            Kind::Structure(_) | Kind::List { .. } | Kind::Map { .. } if depth == 0 => "…".into(),
            Kind::Structure(structure) => {
                let shown: Vec<String> = structure
                    .members
                    .iter()
                    .filter(|member| member.flags.has(Flags::REQUIRED) || structure.members.len() <= 3)
                    .take(3)
                    .map(|member| format!("{}: {}", member.name, self.example_to(member.shape, depth - 1)))
                    .collect();
                if shown.is_empty() { "{…}".into() } else { format!("{{{}}}", shown.join(", ")) }
            }
            Kind::List { member, .. } => format!("[{}]", self.example_to(member.shape, depth - 1)),
            Kind::Map { value, .. } => format!("{{key: {}}}", self.example_to(value.shape, depth - 1)),
            Kind::String { values, .. } => {
                values.first().map_or_else(|| "\"…\"".to_string(), ToString::to_string)
            }
            Kind::Integer(_) | Kind::Long(_) => "1".into(),
            Kind::Float(_) | Kind::Double(_) => "1.5".into(),
            Kind::Boolean => "true".into(),
            Kind::Blob { .. } => "0x[00]".into(),
            Kind::Timestamp(_) => "2026-01-31".into(),
            Kind::Document => "{…}".into(),
        }
    }
}

/// The member of that name: exactly, else in any case and with `_` and `-` ignored, so that `instance-ids` and
/// `instance_ids` find `InstanceIds`.
fn find_member<'m>(structure: &'m Structure, given: &str) -> Option<&'m Member> {
    if let Some((_, member)) = structure.member(given) {
        return Some(member);
    }
    let wanted = folded(given);
    structure.members.iter().find(|member| folded(&member.name) == wanted)
}

/// Other names of parameters, as botocore and boto3 document them.
fn alias(service: &str, given: &str) -> Option<&'static str> {
    match (service, folded(given).as_str()) {
        // A few operations of ec2 say Filter where the others say Filters.
        ("ec2", "filters") => Some("Filter"),
        ("logs", "fromtime") => Some("from"),
        ("cloudsearchdomain", "returnfields") => Some("return"),
        _ => None,
    }
}

fn member_names(structure: &Structure) -> Vec<&str> {
    structure.members.iter().map(|member| &*member.name).collect()
}

fn unknown_parameter(
    structure: &Structure,
    given: &str,
    place: Option<&Place<'_>>,
    owner: &str,
    span: Span,
) -> Error {
    let shown = place.map_or_else(|| given.to_string(), |place| format!("{place}.{given}"));
    let error = Error::new(ErrorKind::UnknownName, format!("`{owner}` has no parameter `{shown}`")).at(span);
    let names = member_names(structure);
    if names.is_empty() {
        return error.help("it takes no parameters");
    }
    error.help(match did_you_mean(given, names.iter().copied()) {
        Some(question) => question,
        None if names.len() <= FEW => format!("its parameters: {}", names.join(", ")),
        None => "`aws operations <service> <operation>` lists the parameters".into(),
    })
}

/// A value of the wrong kind.
pub(super) fn mismatch(place: &Place<'_>, wanted: &str, found: &Value, example: Option<String>) -> Error {
    let error = Error::invalid(format!("parameter `{place}` must be {wanted}, found {}", found.get_type()))
        .at(found.span());
    match example {
        // An element of a list has a number, which nobody writes.
        Some(example) if place.name.parse::<usize>().is_ok() => error.help(format!("write {example}")),
        Some(example) => error.help(format!("write {}: {example}", place.name)),
        None => error,
    }
}

/// Lengths are inclusive. Only lists are held to the maximum: AWS raises the others faster than models tell.
pub(super) fn check_length(
    length: usize,
    range: Range,
    what: &str,
    value: &Value,
    place: &Place<'_>,
) -> Result<()> {
    // Lengths in models are far below 2^52.
    #[allow(clippy::cast_precision_loss)]
    let count = length as f64;
    let too_short = range.min.is_some_and(|min| count < min);
    let too_long = what == "entries" && range.max.is_some_and(|max| count > max);
    if !too_short && !too_long {
        return Ok(());
    }
    let bound = match (too_short, range.min, range.max) {
        (true, Some(min), _) => format!("at least {min}"),
        (_, _, Some(max)) => format!("at most {max}"),
        _ => "another number of".into(),
    };
    Err(Error::invalid(format!("parameter `{place}` has {length} {what} and takes {bound}")).at(value.span()))
}
