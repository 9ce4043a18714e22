//! Mock mode as a transport: answers made from the operation's own output shape, with no network and no account.
//!
//! Guaranteed: answers have the shape of the model, every member present (but see [`compile`]); the same seed, request
//! and region give the same answer for ever; row `n` is the same whatever the size of pages; a paginated operation
//! yields exactly [`Settings::items`] rows; memory is that of one page.
//! Not promised: filters are not applied, writes change nothing, and two operations agree about a resource only in the
//! form of its id.

mod compile;
mod echo;
mod faults;
mod leaves;
mod looks;
mod mix;
mod names;
mod number;
mod pages;
mod plan;
mod recipe;
mod settings;
mod text;
mod tokens;

pub use settings::{Settings, enabled};

use crate::{
    error::{Error, ErrorKind, Result},
    model::{Kind, Operation, Service},
};
use echo::Echo;
use nu_protocol::{Record, Span, Value};
use pages::Page;
use plan::World;

/// The column that says that a row or answer is mocked.
const MARK: &str = "mock";

/// One attempt of a call.
#[derive(Debug, Clone, Copy)]
struct Call<'a> {
    service: &'a Service,
    operation: &'a Operation,
    input: &'a Record,
    region: &'a str,
    attempt: u32,
    span: Span,
}

/// What the mock answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The operation's output, as the decoder would give it. Rows that are records have `mock: true` as their last
    /// column; an answer without such rows has it itself.
    Output(Value),
    /// A refusal, which says in its message that it is mocked.
    Fault {
        /// HTTP status.
        status: u16,
        /// Error code, as `ThrottlingException`.
        code: String,
        /// What AWS would say.
        message: String,
    },
}

/// Answers one attempt of a call; the caller waits for [`Settings::latency`]. `input` is canonical: the model's names,
/// values that fit their shapes. `region` shows in ARNs, zones and addresses. Attempts count from 1, and each has its
/// own chance to fail. `span` is put on every value.
///
/// # Errors
/// [`ErrorKind::Unsupported`] for streams of events, as with the real transport.
pub fn answer(
    service: &Service,
    operation: &Operation,
    input: &Record,
    settings: &Settings,
    region: &str,
    attempt: u32,
    span: Span,
) -> Result<Answer> {
    let call = Call { service, operation, input, region, attempt, span };
    if service.streams_events(operation.output) {
        let message = format!("`{} {}` answers with a stream of events", service.name, operation.name);
        return Err(Error::new(ErrorKind::Unsupported, message).at(span));
    }
    Ok(faults::draw(&call, settings).unwrap_or_else(|| Answer::Output(output(&call, settings))))
}

/// The resource that a request makes, and the name that it gives to it.
fn made<'a>(call: &Call<'a>) -> Option<(String, &'a str)> {
    let name = &*call.operation.name;
    let noun = ["Create", "Start", "Register"].iter().find_map(|verb| name.strip_prefix(verb))?;
    let names = ["name".to_string(), format!("{noun}name").to_ascii_lowercase()];
    let (_, given) = call.input.iter().find(|(member, _)| names.contains(&member.to_ascii_lowercase()))?;
    Some((names::kebab(noun), given.as_str().ok()?))
}

fn output(call: &Call<'_>, settings: &Settings) -> Value {
    let (service, operation, span) = (call.service, call.operation, call.span);
    let salt = mix::bytes(mix::bytes(settings.seed, service.name.as_bytes()), operation.name.as_bytes());
    let world = World {
        service: &service.name,
        signing_name: &service.meta.signing_name,
        region: call.region,
        seed: settings.seed,
        salt,
        made: made(call),
        key_prefix: call.input.get("Prefix").and_then(|prefix| prefix.as_str().ok()).unwrap_or_default(),
        span,
    };
    let echo = Echo::new(call.input, span);
    let page = Page::new(call, settings, &echo);
    let made = operation.output.map(|output| {
        let recipe = compile::answer(call, &world, &page, &echo, output);
        recipe.make(0, &page.positions(), span)
    });
    let mut record = match made {
        Some(Value::Record { val, .. }) => val.into_owned(),
        _ => Record::new(),
    };
    page.finish(service, operation.output, &mut record, span);
    let marked_rows = page.lists.iter().any(|list| matches!(list.row.kind, Kind::Structure(_)));
    if !marked_rows && !record.contains(MARK) {
        record.push(MARK, Value::bool(true, span));
    }
    Value::record(record, span)
}
