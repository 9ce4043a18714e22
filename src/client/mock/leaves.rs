//! Recipes of values that have no members.

use super::{
    looks,
    number::{self, Form, whole},
    plan::{Level, Place, World},
    recipe::Recipe,
    text::{Style, Text},
};
use crate::model::{Kind, Range, Shape, Unit};
use nu_protocol::{Record, Value};

/// Bytes of a blob.
pub(super) const BLOB: i64 = 16;

/// A text, number, flag, blob, datetime or document.
pub(super) fn scalar(world: &World<'_>, shape: &Shape, place: &Place<'_>, unit: Option<Unit>) -> Recipe {
    let numeric = |plain: Form, range: Range| {
        let form = Form::of(unit).unwrap_or(plain);
        Recipe::Number(Box::new(number::number(world, place, form, unit, range)))
    };
    match &shape.kind {
        Kind::String { .. } if unit == Some(Unit::PolicyDocument) => Recipe::Given(vec![policy(world)]),
        Kind::String { .. } if unit.is_some() => numeric(Form::Int, Range::default()),
        Kind::String { values, range } => Recipe::Text(Box::new(text(world, values, *range, place))),
        Kind::Integer(range) | Kind::Long(range) => numeric(Form::Int, *range),
        Kind::Float(range) | Kind::Double(range) => numeric(Form::Float, *range),
        Kind::Boolean => Recipe::Flag(world.hash(place)),
        Kind::Blob { range, .. } => {
            let least = range.min.map_or(0, whole);
            let most = range.max.map_or(i64::MAX, whole).max(least);
            Recipe::Blob(usize::try_from(BLOB.clamp(least, most)).unwrap_or(0))
        }
        Kind::Timestamp(_) => Recipe::Number(Box::new(number::moment(place))),
        Kind::Document | Kind::Structure(_) | Kind::List { .. } | Kind::Map { .. } => Recipe::Document,
    }
}

/// Keys of a map.
pub(super) fn key(world: &World<'_>, shape: Option<&Shape>, outer: &Place<'_>) -> Text {
    let Some(Shape { kind: Kind::String { values, range }, name: shape, .. }) = shape else {
        return Text::new(Style::Digits);
    };
    let name = super::names::singular(outer.member);
    text(world, values, *range, &Place { member: &name, shape, parent: outer.parent, level: Level::Answer })
}

fn text(world: &World<'_>, values: &[Box<str>], range: Range, place: &Place<'_>) -> Text {
    if !values.is_empty() {
        // Members of one row shall not all cycle in step.
        let offset = if place.level == Level::Inner { world.hash(place) % values.len() as u64 } else { 0 };
        return Text::new(Style::Cycle(values.to_vec(), offset));
    }
    let size = |bound: f64| usize::try_from(whole(bound)).unwrap_or(0);
    let mut text = looks::text(world, place);
    text.min = range.min.map_or(0, size);
    text.max = range.max.map_or(usize::MAX, size);
    text
}

fn policy(world: &World<'_>) -> Value {
    let span = world.span;
    let mut policy = Record::new();
    policy.push("Version", Value::string("2012-10-17", span));
    policy.push("Statement", Value::list(Vec::new(), span));
    Value::record(policy, span)
}
