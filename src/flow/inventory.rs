//! What is kept, as lists show it.

use super::{Keeper, kept::parse_key, known::NAMES, touched};
use crate::cache::{Kind, Listing, Scope};
use std::collections::HashMap;

impl Keeper {
    /// All entries of a scope, by key. Expired is also what a write made old, and nobody finds any more.
    pub fn list(&self, scope: &Scope) -> Vec<Listing> {
        let mut turned = HashMap::new();
        let mut entries = self.cache.list(scope);
        for entry in &mut entries {
            if entry.kind == Kind::Value {
                continue;
            }
            if entry.key.ends_with(NAMES) {
                entry.kind = Kind::Names;
                continue;
            }
            let (Some(then), Some([_, region, service, operation, _])) =
                (&entry.turned, parse_key(&entry.key))
            else {
                continue;
            };
            let now = turned.entry([service, operation, region]).or_insert_with_key(
                |[service, operation, region]| {
                    self.cache.generation(scope, &touched::under(service, operation, region)).turned
                },
            );
            entry.expired |= then != now;
        }
        entries
    }
}
