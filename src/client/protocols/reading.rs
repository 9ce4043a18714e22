//! What every reader of answers shares: the service, the manner, and where it went wrong.

use super::{Decoding, names};
use crate::{
    error::{Error, ErrorKind},
    model::{Kind, Member, Operation, Service, Shape, Structure},
};
use nu_protocol::{Record, Span, Value};
use std::{borrow::Cow, cell::RefCell, fmt::Display};

/// Why an answer could not be read.
pub(super) type Reason = Box<str>;

/// A result with a [`Reason`].
pub(super) type Read<T> = Result<T, Reason>;

/// One answer being read.
pub(super) struct Reading<'a> {
    pub(super) service: &'a Service,
    pub(super) span: Span,
    pub(super) typed: bool,
    // Filled on the way out of a failure, innermost step first, so that success costs nothing.
    trail: RefCell<Vec<Box<str>>>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(service: &'a Service, how: Decoding) -> Self {
        Self { service, span: how.span, typed: how.typed, trail: RefCell::default() }
    }

    /// The shape that a member targets.
    pub(super) fn target(&self, member: &'a Member) -> Read<&'a Shape> {
        self.service
            .target(member)
            .ok_or_else(|| format!("the model has no shape for {}", member.name).into_boxed_str())
    }

    /// Notes the step that failed.
    pub(super) fn inside<T, E>(&self, step: impl Display, result: Result<T, E>) -> Result<T, E> {
        if result.is_err() {
            self.trail.borrow_mut().push(step.to_string().into_boxed_str());
        }
        result
    }

    /// The error of a whole answer.
    pub(super) fn error(&self, operation: &Operation, reason: &str) -> Error {
        let mut place = String::new();
        for step in self.trail.borrow().iter().rev() {
            if !place.is_empty() && !step.starts_with('[') {
                place.push('.');
            }
            place.push_str(step);
        }
        let place = if place.is_empty() { place } else { format!(" at {place}") };
        let message =
            format!("the answer to {} {} cannot be read{place}: {reason}", self.service.name, operation.name);
        Error::new(ErrorKind::BadAnswer, message).help(
            "call again; if it stays, a proxy or an emulator between here and AWS may change the answer",
        )
    }
}

/// A record under construction from members that mostly come once each and in order.
pub(super) struct Fields {
    pub(super) record: Record,
    // One bit each for the first 64 members; later ones are looked up.
    seen: u64,
}

impl Fields {
    /// Room for `members`, of which an answer seldom holds all.
    pub(super) fn new(members: usize) -> Self {
        Self { record: Record::with_capacity(members.min(8)), seen: 0 }
    }

    /// Puts the member of that index, replacing an earlier value.
    pub(super) fn put(&mut self, index: usize, name: &str, value: Value) {
        if self.first(index, name) {
            self.record.push(name, value);
        } else {
            self.record.insert(name, value);
        }
    }

    /// Whether the member of that index has not been put before.
    fn first(&mut self, index: usize, name: &str) -> bool {
        match u32::try_from(index).ok().and_then(|index| 1_u64.checked_shl(index)) {
            Some(bit) => {
                let first = self.seen & bit == 0;
                self.seen |= bit;
                first
            }
            None => !self.record.contains(name),
        }
    }

    /// Appends to the member's list, which the first element creates.
    pub(super) fn append(&mut self, index: usize, name: &str, value: Value, span: Span) {
        if self.first(index, name) {
            self.record.push(name, Value::list(vec![value], span));
        } else if let Some(Value::List { vals, .. }) = self.record.get_mut(name) {
            vals.to_mut().push(value);
        }
    }

    /// The member's record, which the first entry creates.
    pub(super) fn entries(&mut self, index: usize, name: &str, span: Span) -> Option<&mut Record> {
        if self.first(index, name) {
            self.record.push(name, Value::record(Record::new(), span));
        }
        match self.record.get_mut(name) {
            Some(Value::Record { val, .. }) => Some(val.to_mut()),
            _ => None,
        }
    }

    /// The finished record. Of a union that holds a member which this model does not know, only the name is told.
    pub(super) fn finish(
        mut self,
        structure: &Structure,
        unknown: Option<Cow<'_, str>>,
        span: Span,
    ) -> Record {
        if structure.union
            && self.record.is_empty()
            && let Some(name) = unknown
        {
            let mut told = Record::new();
            told.push("name", Value::string(name, span));
            self.record.push("SDK_UNKNOWN_MEMBER", Value::record(told, span));
        }
        self.record
    }
}

/// The body member of a wire name.
pub(super) fn body_member<'a>(
    structure: &'a Structure,
    from: usize,
    name: &[u8],
    wire: impl Fn(&'a Member) -> &'a str,
) -> Option<(usize, &'a Member)> {
    let index = names::position(&structure.members, from, name, wire)?;
    let member = structure.members.get(index)?;
    Some((index, member))
}

/// What a shape is, for messages.
pub(super) fn noun(kind: &Kind) -> &'static str {
    match kind {
        Kind::Structure(_) => "an object",
        Kind::List { .. } => "a list",
        Kind::Map { .. } => "a map",
        Kind::String { .. } => "a string",
        Kind::Integer(_) | Kind::Long(_) => "an integer",
        Kind::Float(_) | Kind::Double(_) => "a number",
        Kind::Boolean => "true or false",
        Kind::Blob { .. } => "base64",
        Kind::Timestamp(_) => "a timestamp",
        Kind::Document => "a document",
    }
}
