//! What is asked: an operation and its input, checked against the model and converted to what the codecs take.
//!
//! Everything that the model can tell is told here, before any network: unknown names with the nearest ones, wrong
//! types, missing members, lists out of range. The input of a [`Request`] holds exact model names and canonical
//! values: a number is an `Int` or `Float`, a blob a `Binary`, a timestamp a `Date`.

mod convert;
mod freshness;
mod hash;
mod number;
mod text;

use crate::{
    error::{Error, ErrorKind, Result},
    model::{Class, Flags, Kind, Member, Operation, Service},
};
use convert::Converter;
pub use freshness::{Freshness, Pace};
use nu_protocol::{Record, Span, Value};
use std::sync::Arc;

/// One call, ready to be encoded.
#[derive(Clone)]
pub struct Request {
    /// The service.
    pub service: Arc<Service>,
    /// The operation, by value: small, and free of a lifetime.
    pub operation: Operation,
    /// Checked input: model names, canonical values.
    pub input: Record,
    /// The user's words for the operation; errors about the call as a whole point there.
    pub span: Span,
}

// The input may hold secrets: only names are ever shown.
impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request").field("name", &self.name()).finish_non_exhaustive()
    }
}

impl Request {
    /// Checks `parameters` (a record, or nothing) against the operation's input and converts them.
    pub fn new(service: Arc<Service>, operation: &Operation, parameters: &Value, span: Span) -> Result<Self> {
        let operation = operation.clone();
        refuse_event_streams(&service, &operation, span)?;
        let input = Converter::new(&service).input(&operation, parameters, span)?;
        Ok(Self { service, operation, input, span })
    }

    /// `ec2 DescribeInstances`, as errors and events name it.
    pub fn name(&self) -> String {
        format!("{} {}", self.service.name, self.operation.name)
    }

    /// Fills absent idempotency tokens with random ids, once per call: all attempts share them.
    pub fn fill_tokens(&mut self) {
        for member in self.service.members(self.operation.input) {
            let given = self.input.get(&*member.name).is_some_and(|value| !value.is_nothing());
            if member.flags.has(Flags::IDEMPOTENCY_TOKEN) && !given {
                self.input.insert(member.name.to_string(), Value::string(random_uuid(), self.span));
            }
        }
    }

    /// Refuses a write where writes are refused.
    pub fn check_read_only(&self, refuses_writes: bool, profile: &str) -> Result<()> {
        if self.operation.class == Class::Read || !refuses_writes {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::ReadOnly,
            format!("`{}` is a {} and profile `{profile}` is read-only", self.name(), self.operation.class.name()),
        )
        .at(self.span)
        .help(
            "unset AWS_PERF_READ_ONLY, or remove `read_only` from $env.config.plugins.aws_perf, to allow writes",
        ))
    }

    /// Whether all attempts together have the effect of one: reads, and writes with an idempotency token.
    pub fn is_repeatable(&self) -> bool {
        self.operation.class == Class::Read
            || self
                .service
                .members(self.operation.input)
                .iter()
                .any(|member| member.flags.has(Flags::IDEMPOTENCY_TOKEN))
    }

    /// The output member whose bytes are the body of the answer, where the body streams.
    pub fn streaming_output(&self) -> Option<&Member> {
        streaming_output(&self.service, &self.operation)
    }
}

/// The output member whose bytes are the body of an operation's answers, where the body streams.
pub fn streaming_output<'a>(service: &'a Service, operation: &Operation) -> Option<&'a Member> {
    let payload = service.structure(operation.output?)?.payload()?;
    is_streaming(service, payload).then_some(payload)
}

fn is_streaming(service: &Service, member: &Member) -> bool {
    member.flags.has(Flags::STREAMING)
        || service
            .target(member)
            .is_some_and(|shape| matches!(shape.kind, Kind::Blob { streaming: true, .. }))
}

/// Event streams need a protocol of their own, which this client does not speak.
fn refuse_event_streams(service: &Service, operation: &Operation, span: Span) -> Result<()> {
    if !service.streams_events(operation.input) && !service.streams_events(operation.output) {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Unsupported,
        format!(
            "`{} {}` speaks in event streams, which this plugin does not support",
            service.name, operation.name
        ),
    )
    .at(span)
    .help("use an AWS SDK for this operation"))
}

/// A random UUID, version 4.
fn random_uuid() -> String {
    let bits = fastrand::u128(..);
    let bits = (bits & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{bits:032x}");
    let part = |range: std::ops::Range<usize>| hex.get(range).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0..8), part(8..12), part(12..16), part(16..20), part(20..32))
}

#[cfg(test)]
mod tests;
