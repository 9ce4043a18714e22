//! Values that several commands make.

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

/// A list of texts.
pub(super) fn strings(items: impl IntoIterator<Item = String>, span: Span) -> Value {
    Value::list(items.into_iter().map(|item| Value::string(item, span)).collect(), span)
}
