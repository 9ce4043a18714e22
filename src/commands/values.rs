//! Values that several commands make.

use nu_protocol::{Span, Value};

/// A text, or null where there is none.
pub(super) fn text(text: Option<impl Into<String>>, span: Span) -> Value {
    text.map_or_else(|| Value::nothing(span), |text| Value::string(text, span))
}

/// A list of texts.
pub(super) fn strings(items: impl IntoIterator<Item = String>, span: Span) -> Value {
    Value::list(items.into_iter().map(|item| Value::string(item, span)).collect(), span)
}
