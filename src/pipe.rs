//! How a value leaves: streams that can be interrupted, errors that Nushell can show, rows made tidy.

mod columns;
mod errors;
mod stream;
pub mod tidy;
mod wait;

pub use columns::Columns;
pub use errors::{labeled, note, shell_error};
pub use stream::{ErrorMode, RowStream, Source};
pub use wait::{Liveness, wait};

use nu_protocol::LabeledError;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `work` so that a panic becomes an error: an uncaught one would end the whole plugin process, and with it every
/// other running command.
pub fn guarded<T>(work: impl FnOnce() -> Result<T, LabeledError>) -> Result<T, LabeledError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(errors::panicked(panic.as_ref())))
}
