//! `nu_plugin_aws_perf`: every AWS API as a native Nushell value or stream.
//!
//! The rooms, in order: a room uses only rooms above it in this list, and rooms of one number never see each other.

// 0-1: what everything stands on
pub mod clock;
pub mod config;
pub mod error;
pub mod private;
pub mod sync;
// 2: what AWS is, and what was measured
pub mod metrics;
pub mod model;
// 3: what is asked
pub mod request;
// 4: what was answered before, and who asks AWS
pub mod cache;
pub mod client;
// 5: the way of a value
pub mod flow;
// 7: how a value leaves
pub mod pipe;
// 8: where the parts meet
pub mod app;
// 9: what Nushell sees
pub mod commands;
// 10: the plugin itself
pub mod plugin;
