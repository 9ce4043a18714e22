//! Every knob with its default, range, variable and reason; and the environment that they are read from.

mod environment;

pub use environment::Environment;
