//! Waiters.

use super::{broken, raw};
use crate::{
    error::Result,
    model::{Service, Waiter},
};
use serde_json::Value as Json;

/// All waiters, sorted by name.
pub(super) fn convert(raw: raw::Waiters, service: &Service, file: &str) -> Result<Vec<Waiter>> {
    let mut waiters = Vec::with_capacity(raw.waiters.0.len());
    for (name, waiter) in raw.waiters.0 {
        if service.operation(&waiter.operation).is_none() {
            let cause = format!("waiter '{name}' polls the unknown operation '{}'", waiter.operation);
            return Err(broken(file, &cause));
        }
        waiters.push(Waiter {
            name,
            operation: waiter.operation,
            delay: waiter.delay,
            max_attempts: waiter.max_attempts,
            acceptors: Json::Array(waiter.acceptors).to_string().into(),
        });
    }
    waiters.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(waiters)
}
