//! temp
#![allow(missing_docs, unused, clippy::all)]
use crate::{config::Environment, error::Result, model::*};
use nu_protocol::*;
#[derive(Debug)]
pub struct Settings {
    pub latency: std::time::Duration,
}
impl Settings {
    pub fn from(_: &Environment) -> Result<Self> {
        Ok(Self { latency: Default::default() })
    }
}
pub enum Answer {
    Output(Value),
    Fault { status: u16, code: String, message: String },
}
pub fn enabled(_: &str, _: &[&str], _: &Environment) -> bool {
    false
}
pub fn answer(
    s: &Service,
    o: &Operation,
    i: &Record,
    st: &Settings,
    r: &str,
    a: u32,
    sp: Span,
) -> Result<Answer> {
    Ok(Answer::Output(Value::nothing(sp)))
}
