//! Pagination and rows: from the reviewed tables, else from botocore's paginators, else inferred where there is
//! no doubt.

mod infer;

use super::{broken, raw};
use crate::{
    error::Result,
    model::{
        Kind, Operation, Pagination, Rows, Service,
        tables::{PageRule, Tables},
    },
};
use std::collections::HashMap;

/// Sets pagination and rows of every operation anew. `file` is the paginators' own, for messages.
pub(super) fn apply(service: &mut Service, raw: raw::Paginators, tables: &Tables, file: &str) -> Result<()> {
    let mut given: HashMap<Box<str>, raw::Paginator> = raw.pagination.0.into_iter().collect();
    let mut found = Vec::with_capacity(service.operations.len());
    for operation in &service.operations {
        let paginator = given.remove(&operation.name);
        let lists = match &paginator {
            Some(paginator) => result_lists(service, operation, paginator),
            None => infer::list(service, operation).into_iter().collect(),
        };
        let rule = tables.pagination(&service.name, &operation.name);
        let pagination = match (rule, paginator) {
            (Some(rule), _) if fits(service, operation, &rule.input_tokens) => Some(of_rule(rule)),
            (_, Some(paginator)) => {
                let pagination = of_paginator(paginator);
                if !fits(service, operation, &pagination.input_tokens) {
                    let cause = format!(
                        "the paginator of '{}' takes its token in {}, which the operation does not have",
                        operation.name,
                        pagination.input_tokens.join(", ")
                    );
                    return Err(broken(file, &cause));
                }
                Some(pagination)
            }
            (_, None) => infer::pagination(service, operation),
        };
        let rows = tables.rows(service, operation).unwrap_or(lists);
        found.push((pagination, rows));
    }
    for (operation, (pagination, rows)) in service.operations.iter_mut().zip(found) {
        operation.pagination = pagination;
        operation.rows = rows;
    }
    Ok(())
}

fn fits(service: &Service, operation: &Operation, input_tokens: &[Box<str>]) -> bool {
    let members = service.members(operation.input);
    input_tokens.iter().all(|token| members.iter().any(|member| member.name == *token))
}

fn of_rule(rule: &PageRule) -> Pagination {
    Pagination {
        input_tokens: rule.input_tokens.clone(),
        output_tokens: rule.output_tokens.clone(),
        more_results: rule.more_results.clone(),
        limit_key: rule.limit_key.clone(),
        inferred: false,
        stop_on_same_token: rule.stop_on_same_token,
    }
}

fn of_paginator(raw: raw::Paginator) -> Pagination {
    Pagination {
        input_tokens: raw.input_token.0,
        output_tokens: raw.output_token.0,
        more_results: raw.more_results,
        limit_key: raw.limit_key,
        inferred: false,
        stop_on_same_token: false,
    }
}

/// The lists among a paginator's results; counts and totals beside them are no rows.
fn result_lists(service: &Service, operation: &Operation, paginator: &raw::Paginator) -> Vec<Rows> {
    let steps = |path: &str| path.split('.').map(Into::into).collect::<Vec<Box<str>>>();
    paginator
        .result_key
        .0
        .iter()
        .map(|path| steps(path))
        .filter(|path| is_list(service, operation, path))
        .map(|path| Rows { path, keep: Vec::new() })
        .collect()
}

fn is_list(service: &Service, operation: &Operation, path: &[Box<str>]) -> bool {
    let Some((last, parents)) = path.split_last() else { return false };
    let mut structure = operation.output;
    for step in parents {
        structure = service.members(structure).iter().find(|m| m.name == *step).map(|m| m.shape);
    }
    let members = service.members(structure);
    let target = members.iter().find(|member| member.name == *last).and_then(|m| service.target(m));
    target.is_some_and(|shape| matches!(shape.kind, Kind::List { .. }))
}
