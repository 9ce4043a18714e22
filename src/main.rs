//! The plugin's executable.

use aws_perf::app::App;
use nu_plugin::{MsgPackSerializer, serve_plugin};

fn main() {
    serve_plugin(&App::default(), MsgPackSerializer);
}
