//! Units put on an answer that was decoded without them. A waiter looks at numbers as the API sends them, and hands
//! out what `aws call` would: one call, decoded once, serves both.

use super::{Decoding, reading::Reading, units};
use crate::model::{Kind, Member, Operation, Service, ShapeId};
use nu_protocol::Value;

/// The answer of an operation, decoded with `typed: false`, as `typed: true` would have decoded it.
pub fn with_units(service: &Service, operation: &Operation, answer: Value) -> Value {
    let reading = Reading::new(service, Decoding { span: answer.span(), typed: true });
    match operation.output {
        Some(output) => walk(&reading, output, answer),
        None => answer,
    }
}

fn walk(reading: &Reading<'_>, id: ShapeId, value: Value) -> Value {
    let Some(shape) = reading.service.shape(id) else { return value };
    match (&shape.kind, value) {
        (Kind::Structure(structure), Value::Record { val, internal_span, .. }) => {
            let mut record = val.into_owned();
            for member in &structure.members {
                if let Some(slot) = record.get_mut(&*member.name) {
                    let plain = std::mem::replace(slot, Value::nothing(internal_span));
                    *slot = element(reading, member, plain);
                }
            }
            Value::record(record, internal_span)
        }
        (Kind::List { member, .. }, Value::List { vals, internal_span, .. }) => {
            let each = vals.into_owned().into_iter().map(|value| element(reading, member, value));
            Value::list(each.collect(), internal_span)
        }
        (Kind::Map { value: member, .. }, Value::Record { val, internal_span, .. }) => {
            let each =
                val.into_owned().into_iter().map(|(key, value)| (key, element(reading, member, value)));
            Value::record(each.collect(), internal_span)
        }
        (_, value) => value,
    }
}

fn element(reading: &Reading<'_>, member: &Member, value: Value) -> Value {
    let inside = walk(reading, member.shape, value);
    match member.unit {
        Some(unit) => units::convert(reading, unit, inside),
        None => inside,
    }
}
