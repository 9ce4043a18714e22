//! Values that several commands make.

use crate::metrics::Phases;
use nu_protocol::{Span, Value};
use std::time::Duration;

/// A text, or null where there is none.
pub(super) fn text(text: Option<impl Into<String>>, span: Span) -> Value {
    text.map_or_else(|| Value::nothing(span), |text| Value::string(text, span))
}

/// A duration; one beyond Nushell's is its longest.
pub(super) fn time(time: Duration, span: Span) -> Value {
    Value::duration(i64::try_from(time.as_nanos()).unwrap_or(i64::MAX), span)
}

/// A duration, or null where there is none.
pub(super) fn perhaps(duration: Option<Duration>, span: Span) -> Value {
    duration.map_or_else(|| Value::nothing(span), |duration| time(duration, span))
}

/// `{prepare, retry, wait, receive, decode}`, or null where nothing was sent.
pub(super) fn phases(phases: Option<Phases>, span: Span) -> Value {
    let Some(phases) = phases else { return Value::nothing(span) };
    let named = phases.named().map(|(name, took)| (name.to_owned(), time(took, span)));
    Value::record(named.into_iter().collect(), span)
}

/// A list of texts.
pub(super) fn strings(items: impl IntoIterator<Item = String>, span: Span) -> Value {
    Value::list(items.into_iter().map(|item| Value::string(item, span)).collect(), span)
}
