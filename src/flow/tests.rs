//! What many do at once.

mod flights;
mod once;
