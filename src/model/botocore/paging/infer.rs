//! Pagination and rows of reads that botocore has no paginator for. Only where there is no doubt: one token on
//! each side, one bound, one list. Writes are never guessed at, since another page would be another write.

use crate::model::{Class, Kind, Location, Member, Operation, Pagination, Rows, Service};

/// Names of tokens in lower case: the input's, and what the output calls the next one.
const TOKENS: [(&str, &[&str]); 12] = [
    ("continuationtoken", &["nextcontinuationtoken", "continuationtoken"]),
    ("exclusivestartkey", &["lastevaluatedkey"]),
    ("marker", &["nextmarker", "marker"]),
    ("nextmarker", &["nextmarker"]),
    ("nextpagetoken", &["nextpagetoken"]),
    ("nexttoken", &["nexttoken"]),
    ("next_token", &["next_token"]),
    ("pagetoken", &["nextpagetoken", "pagetoken"]),
    ("page_token", &["next_page_token"]),
    ("paginationtoken", &["paginationtoken", "nextpaginationtoken"]),
    ("position", &["position"]),
    ("startingtoken", &["nexttoken"]),
];

/// Names of page sizes in lower case.
const LIMITS: [&str; 10] = [
    "limit",
    "maxitems",
    "maxnumberofresults",
    "maxpagesize",
    "maxrecords",
    "maxresults",
    "max_results",
    "pagelimit",
    "pagesize",
    "resultsperpage",
];

/// The pagination of a read with exactly one token on each side.
pub(super) fn pagination(service: &Service, operation: &Operation) -> Option<Pagination> {
    if operation.class != Class::Read {
        return None;
    }
    let input = service.members(operation.input);
    let output = service.members(operation.output);
    let (taken, next_names) = single(input.iter().filter_map(|member| {
        let name = member.name.to_ascii_lowercase();
        TOKENS.iter().find(|(token, _)| *token == name).map(|(_, next)| (member, *next))
    }))?;
    let next = single(output.iter().filter(|member| {
        let name = member.name.to_ascii_lowercase();
        TOKENS.iter().any(|(_, next)| next.contains(&&*name))
    }))?;
    let same_type = taken.shape == next.shape || (is_text(service, taken) && is_text(service, next));
    if !next_names.contains(&&*next.name.to_ascii_lowercase()) || !same_type {
        return None;
    }
    let limit =
        single(input.iter().filter(|member| {
            LIMITS.contains(&&*member.name.to_ascii_lowercase()) && is_number(service, member)
        }));
    Some(Pagination {
        input_tokens: vec![taken.name.clone()],
        output_tokens: vec![next.name.clone()],
        more_results: None,
        limit_key: limit.map(|limit| limit.name.clone()),
        inferred: true,
        stop_on_same_token: false,
    })
}

/// The only list in the body of a read's answer.
pub(super) fn list(service: &Service, operation: &Operation) -> Option<Rows> {
    if operation.class != Class::Read {
        return None;
    }
    let lists = service.members(operation.output).iter().filter(|member| {
        member.location == Location::Body
            && service.target(member).is_some_and(|shape| matches!(shape.kind, Kind::List { .. }))
    });
    let list = single(lists)?;
    Some(Rows { path: vec![list.name.clone()], keep: Vec::new() })
}

fn single<T>(mut items: impl Iterator<Item = T>) -> Option<T> {
    let only = items.next()?;
    items.next().is_none().then_some(only)
}

fn is_text(service: &Service, member: &Member) -> bool {
    service.target(member).is_some_and(|shape| matches!(shape.kind, Kind::String { .. }))
}

fn is_number(service: &Service, member: &Member) -> bool {
    service.target(member).is_some_and(|shape| matches!(shape.kind, Kind::Integer(_) | Kind::Long(_)))
}
