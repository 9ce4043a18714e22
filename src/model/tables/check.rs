//! Whether every line of the tables still means something, for the builder: a newer botocore may have renamed or
//! dropped what a line speaks of.

use super::{ByOperation, Tables, verb};
use crate::model::{Kind, Operation, Service};
use std::collections::HashMap;

impl Tables {
    /// Lines that fit none of `services`, and first words of operations without a rule; each as a sentence.
    pub fn stale<'a>(&self, services: impl IntoIterator<Item = &'a Service>) -> Vec<String> {
        let services: HashMap<&str, &Service> = services.into_iter().map(|s| (&*s.name, s)).collect();
        let mut stale = Vec::new();
        for (service, operation, _) in entries(&self.classes) {
            if find(&services, service, operation).is_none() {
                stale.push(format!("classes: {service} has no operation {operation}"));
            }
        }
        for (name, operation, rows) in entries(&self.rows) {
            let Some((service, found)) = find(&services, name, operation) else {
                stale.push(format!("rows: {name} has no operation {operation}"));
                continue;
            };
            for rows in rows.iter().filter(|rows| !service.has_path(found.output, &rows.path)) {
                stale.push(format!("rows: {name} {operation} has no {}", rows.path.join(".")));
            }
        }
        for (name, operation, rule) in entries(&self.pagination) {
            let members = find(&services, name, operation).map(|(s, found)| s.members(found.input));
            let fits = members.is_some_and(|members| {
                rule.input_tokens.iter().all(|t| members.iter().any(|m| m.name == *t))
            });
            if !fits {
                stale.push(format!(
                    "pagination: {name} {operation} does not take {}",
                    rule.input_tokens.join(", ")
                ));
            }
        }
        for (name, rules) in &self.units {
            for rule in rules {
                if !services.get(name).is_some_and(|service| has_member(service, rule.shape, rule.member)) {
                    stale.push(format!("units: {name} has no {}.{}", rule.shape, rule.member));
                }
            }
        }
        for (alias, service) in self.names() {
            if !services.contains_key(service) {
                stale.push(format!("names: {alias} stands for {service}, which does not exist"));
            }
        }
        for service in services.values() {
            let unruled = service.operations.iter().filter(|found| !self.knows(&service.name, &found.name));
            stale.extend(unruled.map(|found| {
                format!("classes: no rule for '{}' of {} {}", verb(&found.name), service.name, found.name)
            }));
        }
        stale.sort();
        stale
    }
}

fn entries<T>(table: &ByOperation<T>) -> impl Iterator<Item = (&'static str, &'static str, &T)> {
    table.iter().flat_map(|(service, operations)| {
        operations.iter().map(|(operation, value)| (*service, *operation, value))
    })
}

fn find<'a>(
    services: &HashMap<&str, &'a Service>,
    service: &str,
    operation: &str,
) -> Option<(&'a Service, &'a Operation)> {
    let service = services.get(service)?;
    Some((service, service.operation(operation)?))
}

fn has_member(service: &Service, shape: &str, member: &str) -> bool {
    service.shapes.iter().filter(|candidate| *candidate.name == *shape).any(|candidate| {
        matches!(&candidate.kind, Kind::Structure(structure) if structure.member(member).is_some())
    })
}
