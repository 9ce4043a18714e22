//! What an answer repeats of its request: members of the same name, and the things that the request asks for by id.

use super::{
    looks::is_own,
    names::{kebab, singular},
    number::Form,
    plan::{Level, Place},
    recipe::Recipe,
};
use crate::model::{Kind, Member, Operation, Service, Shape, Unit};
use nu_protocol::{Record, Span, Value};

/// The request, as far as an answer repeats it.
#[derive(Debug)]
pub(super) struct Echo<'a> {
    input: &'a Record,
    span: Span,
    typed: bool,
}

impl<'a> Echo<'a> {
    pub(super) fn new(input: &'a Record, span: Span, typed: bool) -> Self {
        Self { input, span, typed }
    }

    /// The request's own value of a member, where it is of the member's kind.
    pub(super) fn member(&self, name: &str, shape: &Shape, unit: Option<Unit>) -> Option<Recipe> {
        let (_, given) = self.input.iter().find(|(column, _)| column.eq_ignore_ascii_case(name))?;
        let value = match (&shape.kind, given) {
            (Kind::String { values, .. }, Value::String { val, .. }) => {
                let known = values.is_empty() || values.iter().any(|value| **value == **val);
                (known && unit.is_none()).then(|| Value::string(val, self.span))?
            }
            (Kind::Integer(_) | Kind::Long(_), Value::Int { val, .. }) => {
                Form::of(unit, self.typed).unwrap_or(Form::Int).value(*val, self.span)
            }
            (Kind::Boolean, Value::Bool { val, .. }) => Value::bool(*val, self.span),
            (Kind::Timestamp(_), Value::Date { val, .. }) => Value::date(*val, self.span),
            _ => return None,
        };
        Some(Recipe::Given(vec![value]))
    }

    /// Rows that the request names, as `InstanceIds: [i-1, i-2]` or `DBInstanceIdentifier: x` do: the member of the row
    /// that holds the name, and the names. `row` is the rows' structure.
    pub(super) fn named_rows(
        &self,
        service: &Service,
        operation: &Operation,
        row: &Shape,
    ) -> Option<(String, Vec<Value>)> {
        let Kind::Structure(structure) = &row.kind else { return None };
        let describes = ["Describe", "Get", "BatchGet"].iter().any(|verb| operation.name.starts_with(verb));
        self.input.iter().find_map(|(name, given)| {
            let texts: Vec<&Value> = match given {
                Value::List { vals, .. } => vals.iter().filter(|value| value.as_str().is_ok()).collect(),
                Value::String { .. } if describes => vec![given],
                _ => return None,
            };
            let wanted = if matches!(given, Value::List { .. }) { singular(name) } else { name.clone() };
            let names_things = ["id", "identifier", "name", "arn", "url"];
            if texts.is_empty() || !names_things.iter().any(|end| kebab(&wanted).ends_with(end)) {
                return None;
            }
            let holds = |member: &&Member| {
                let text =
                    service.target(member).is_some_and(|shape| matches!(shape.kind, Kind::String { .. }));
                text && member.name.eq_ignore_ascii_case(&wanted)
            };
            let member = structure.members.iter().find(holds)?;
            let place = Place { member: &member.name, shape: "", parent: &row.name, level: Level::Row };
            let own = matches!(given, Value::List { .. }) || is_own(&place);
            own.then(|| {
                (
                    member.name.to_string(),
                    texts.into_iter().map(|text| text.clone().with_span(self.span)).collect(),
                )
            })
        })
    }
}
