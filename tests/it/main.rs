//! The integration tests, one binary: each module is one subject.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "what tests share is test code as well, which clippy.toml's exceptions do not see"
)]

mod answers;
mod client;
mod crash;
mod credentials;
mod crowds;
mod customs;
mod differential;
mod disks;
mod documents;
mod endpoints;
mod keeping;
mod late_units;
mod lies;
mod mock;
mod models;
mod overlays;
mod proxies;
mod python;
mod referees;
mod rooms;
mod server;
mod sessions;
mod streams;
mod waiters;
mod wire;
