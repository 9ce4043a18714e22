//! Where panics stop: an uncaught one would end the whole plugin process, and with it every other running command.

use super::errors;
use nu_protocol::{LabeledError, Span, Value};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `work` so that a panic becomes an error.
pub fn guarded<T>(work: impl FnOnce() -> Result<T, LabeledError>) -> Result<T, LabeledError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(errors::panicked(panic.as_ref())))
}

/// Rows that are made after [`guarded`] is over: a panic becomes the last one, an error.
#[derive(Debug)]
pub struct Guarded<I> {
    rows: Option<I>,
    head: Span,
}

impl<I> Guarded<I> {
    /// Guards `rows`; `head` is the command's name in the user's script.
    pub fn new(rows: I, head: Span) -> Self {
        Self { rows: Some(rows), head }
    }
}

impl<I: Iterator<Item = Value>> Iterator for Guarded<I> {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        let rows = self.rows.as_mut()?;
        catch_unwind(AssertUnwindSafe(|| rows.next())).unwrap_or_else(|panic| {
            self.rows = None;
            Some(Value::error(errors::panicked(panic.as_ref()).into(), self.head))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_the_last_row() {
        let rows = (1..=3).map(|n| if n == 2 { panic!("row {n}") } else { Value::test_int(n) });
        let rows: Vec<Value> = Guarded::new(rows, Span::test_data()).collect();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0], Value::test_int(1));
        let Value::Error { error, .. } = &rows[1] else { panic!("{rows:?}") };
        assert!(format!("{error:?}").contains("row 2"));
    }
}
