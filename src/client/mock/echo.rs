//! What an answer repeats of its request: members of the same name, and the things that the request asks for by id.

use super::{
    Call,
    compile::ELEMENTS,
    leaves::BLOB,
    looks::is_own,
    names::{kebab, singular},
    number::Form,
    pages::Page,
    plan::{Level, Place},
};
use crate::model::{Flags, Kind, Member, Operation, Service, Shape, Unit};
use nu_protocol::{Record, Span, Value};

/// Last words of members that name things.
const NAMES: [&str; 5] = ["id", "identifier", "name", "arn", "url"];

/// The request, as far as an answer repeats it.
#[derive(Debug)]
pub(super) struct Echo<'a> {
    input: &'a Record,
    span: Span,
}

/// What request and page say about a member.
#[derive(Debug)]
pub(super) enum Said {
    /// Its value.
    Value(Value),
    /// A list that could repeat it was not told it.
    Unsaid,
    /// Nothing.
    Open,
}

impl<'a> Echo<'a> {
    pub(super) fn new(input: &'a Record, span: Span) -> Self {
        Self { input, span }
    }

    /// What is known about a member before anything is made up.
    pub(super) fn said(
        &self,
        call: &Call<'_>,
        page: &Page<'_>,
        place: &Place<'_>,
        shape: &Shape,
        unit: Option<Unit>,
    ) -> Said {
        if place.level == Level::Inner {
            return Said::Open;
        }
        let counted =
            if place.level == Level::Answer { self.counted(call, page, place, shape, unit) } else { None };
        // S3 calls the bucket that it lists `Name`.
        let alias = &*call.service.name == "s3" && place.member == "Name" && place.level == Level::Answer;
        let name = if alias { "Bucket" } else { place.member };
        match counted.or_else(|| self.repeated(name, shape, unit)) {
            Some(value) => Said::Value(value),
            None if place.level == Level::Answer
                && !page.lists.is_empty()
                && is_input(call, place.member) =>
            {
                Said::Unsaid
            }
            None => Said::Open,
        }
    }

    /// Counts of rows, sizes of pages and the like.
    fn counted(
        &self,
        call: &Call<'_>,
        page: &Page<'_>,
        place: &Place<'_>,
        shape: &Shape,
        unit: Option<Unit>,
    ) -> Option<Value> {
        let name = kebab(place.member);
        let lists = !page.lists.is_empty();
        let number = match (&shape.kind, name.as_str()) {
            (Kind::Boolean, "is-truncated" | "truncated" | "has-more" | "has-more-results") => {
                return Some(Value::bool(false, self.span));
            }
            (Kind::Integer(_) | Kind::Long(_), name) => match name {
                "count" | "key-count" | "quantity" | "scanned-count" | "item-count" if lists => {
                    page.rows.end - page.rows.start
                }
                "quantity" => ELEMENTS,
                "total" | "total-count" | "total-results" | "total-size" if lists => page.total,
                "max-keys" | "max-items" | "max-results" | "max-buckets" | "max-parts" if lists => page.size,
                "content-length" if has_streamed_body(call) => BLOB.unsigned_abs(),
                _ => return None,
            },
            _ => return None,
        };
        Some(Form::of(unit).unwrap_or(Form::Int).value(i64::try_from(number).unwrap_or(i64::MAX), self.span))
    }

    /// The request's own value of a member, where it is of the member's kind.
    fn repeated(&self, name: &str, shape: &Shape, unit: Option<Unit>) -> Option<Value> {
        let (_, given) = self.input.iter().find(|(column, _)| column.eq_ignore_ascii_case(name))?;
        match (&shape.kind, given) {
            (Kind::String { values, .. }, Value::String { val, .. }) => {
                let known = values.is_empty() || values.iter().any(|value| **value == **val);
                (known && unit.is_none()).then(|| Value::string(val, self.span))
            }
            (Kind::Integer(_) | Kind::Long(_), Value::Int { val, .. }) => {
                Some(Form::of(unit).unwrap_or(Form::Int).value(*val, self.span))
            }
            (Kind::Boolean, Value::Bool { val, .. }) => Some(Value::bool(*val, self.span)),
            (Kind::Timestamp(_), Value::Date { val, .. }) => Some(Value::date(*val, self.span)),
            _ => None,
        }
    }

    /// Rows that the request names, as `InstanceIds: [i-1, i-2]` or `DBInstanceIdentifier: x` do: the member of the row
    /// that holds the name, and the names.
    pub(super) fn named_rows(
        &self,
        service: &Service,
        operation: &Operation,
        row: &Shape,
    ) -> Option<(String, Vec<Value>)> {
        let Kind::Structure(structure) = &row.kind else { return None };
        let describes = ["Describe", "Get", "BatchGet"].iter().any(|verb| operation.name.starts_with(verb));
        self.input.iter().find_map(|(name, given)| {
            let (wanted, texts) = match given {
                Value::List { vals, .. } => {
                    (singular(name), vals.iter().filter(|value| value.as_str().is_ok()).collect())
                }
                Value::String { .. } if describes => (name.clone(), vec![given]),
                _ => return None,
            };
            if texts.is_empty() || !NAMES.iter().any(|end| kebab(&wanted).ends_with(end)) {
                return None;
            }
            let is_text = |member: &Member| {
                service.target(member).is_some_and(|shape| matches!(shape.kind, Kind::String { .. }))
            };
            let mut members = structure.members.iter();
            let member =
                members.find(|member| member.name.eq_ignore_ascii_case(&wanted) && is_text(member))?;
            let place = Place { member: &member.name, shape: "", parent: &row.name, level: Level::Row };
            let names_rows = matches!(given, Value::List { .. }) || is_own(&place);
            let values = texts.into_iter().map(|text| text.clone().with_span(self.span));
            names_rows.then(|| (member.name.to_string(), values.collect()))
        })
    }
}

/// Whether the request could have said it.
fn is_input(call: &Call<'_>, name: &str) -> bool {
    let mut members = call.service.members(call.operation.input).iter();
    members.any(|member| member.name.eq_ignore_ascii_case(name))
}

fn has_streamed_body(call: &Call<'_>) -> bool {
    call.service.members(call.operation.output).iter().any(|member| {
        let blob = call.service.target(member).map(|shape| &shape.kind);
        member.flags.has(Flags::STREAMING) || matches!(blob, Some(Kind::Blob { streaming: true, .. }))
    })
}
