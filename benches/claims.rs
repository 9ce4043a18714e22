//! What this project claims about speed, measured with peers side by side in one run: ratios, not times.
//!
//! `make bench`, or `cargo bench --bench claims -- decode` for one part.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark is test code"
)]

/// The plugin's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[path = "claims/cache.rs"]
mod cache;
#[path = "claims/common.rs"]
mod common;
#[path = "claims/decode.rs"]
mod decode;
#[path = "claims/peer.rs"]
mod peer;
#[path = "claims/process.rs"]
mod process;
#[path = "claims/warm.rs"]
mod warm;

fn main() {
    if peer::serves() {
        return;
    }
    let parts: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let wanted = |part: &str| parts.is_empty() || parts.iter().any(|name| name == part);
    if wanted("decode") {
        decode::run();
    }
    if wanted("cache") {
        cache::run();
    }
    if wanted("process") {
        process::run();
    }
    if wanted("warm") {
        warm::run(&process::Bench::new());
    }
}
