//! How a value leaves: streams that can be interrupted, errors that Nushell can show, rows made tidy.

mod columns;
mod errors;
mod guard;
mod progress;
mod stream;
pub mod tidy;
mod wait;

pub use columns::Columns;
pub use errors::{labeled, note, shell_error};
pub use guard::{Guarded, guarded};
pub use progress::ProgressLine;
pub use stream::{ErrorMode, RowStream, Source, Wrap};
pub use wait::{Liveness, wait};
