//! The plugin's executable.

use aws_perf::app::App;
use mimalloc::MiMalloc;
use nu_plugin::{MsgPackSerializer, serve_plugin};

/// Answers are millions of small allocations: see `docs/decisions/0003-crates.md`.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() {
    let app = App::default();
    serve_plugin(&app, MsgPackSerializer);
    app.finish();
}
