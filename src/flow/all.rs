//! All pages of an operation as one answer, as the AWS CLI gives them.

use super::{fetch_as, tokens::Tokens};
use crate::{
    client::{Caller, Reply},
    error::Result,
    metrics::{Phases, Source},
    model::{Kind, Service, ShapeId},
    request::Request,
};
use nu_protocol::{Record, Value};
use std::{sync::Arc, time::Duration};

/// Counts of what one page holds, by service and member: the joined answer has their sum. Those of DynamoDB are
/// result keys of botocore's paginators (its only numeric ones); of the others the API's documentation says that they
/// count the current page.
const SUMMED: [(&str, &str); 4] =
    [("dynamodb", "Count"), ("dynamodb", "ScannedCount"), ("s3", "KeyCount"), ("cloudfront", "Quantity")];

/// Text that comes in portions: the only such result key of botocore's paginators. (`devops-guru
/// ListAnomalousLogGroups` has `InsightId` as well, but repeats it.)
const CONCATENATED: [(&str, &str); 1] = [("rds", "LogFileData")];

/// Fetches every page and joins them: lists are appended, maps extended, counts of a page summed. Everything that
/// comes in pages is held in memory: for much, use a stream.
pub async fn fetch_all(caller: &Caller, request: Request) -> Result<Reply> {
    fetch_all_as(caller, request, Source::Bypass).await
}

pub(super) async fn fetch_all_as(caller: &Caller, request: Request, source: Source) -> Result<Reply> {
    let mut joined: Option<Reply> = None;
    let (mut attempts, mut duration, mut bytes) = (0, Duration::ZERO, 0);
    let mut phases = Some(Phases::default());
    let mut tokens = Tokens::default();
    loop {
        let reply = fetch_as(caller, Arc::new(tokens.put(&request)), source).await?;
        attempts += reply.attempts;
        duration += reply.duration;
        bytes += reply.bytes;
        phases = phases.zip(reply.phases).map(|(mut sum, own)| {
            sum += own;
            sum
        });
        let more = tokens.advance(&request, &reply.value)?;
        match &mut joined {
            None => joined = Some(reply),
            Some(joined) => join(&mut joined.value, reply.value, &request),
        }
        if more {
            continue;
        }
        if let Some(mut reply) = joined.take() {
            drop_tokens(&mut reply.value, &request);
            return Ok(Reply { attempts, duration, phases, bytes, ..reply });
        }
    }
}

/// Adds a page to what is there.
fn join(into: &mut Value, page: Value, request: &Request) {
    let (Value::Record { val: into, .. }, Value::Record { val: page, .. }) = (into, page) else { return };
    let rows: Vec<&[Box<str>]> = request.operation.rows.iter().map(|rows| rows.path.as_slice()).collect();
    join_structure(into.to_mut(), page.into_owned(), &request.service, request.operation.output, &rows);
}

/// Adds the members of a page's structure, `rows` being the paths of the rows below it. What only a later page has is
/// taken as it is; what cannot be joined stays as the first page had it.
fn join_structure(
    into: &mut Record,
    page: Record,
    service: &Service,
    shape: Option<ShapeId>,
    rows: &[&[Box<str>]],
) {
    for (name, value) in page {
        let Some(known) = into.get_mut(&name) else {
            into.push(name, value);
            continue;
        };
        let member = service.members(shape).iter().find(|member| *member.name == *name);
        let below: Vec<&[Box<str>]> = rows.iter().filter_map(|path| below(path, &name)).collect();
        let listed = |table: &[(&str, &str)]| table.contains(&(&*service.name, name.as_str()));
        match (known, value) {
            (Value::List { vals: known, .. }, Value::List { vals, .. }) => {
                append(known.to_mut(), vals.into_owned(), !below.is_empty());
            }
            (Value::Record { val: known, .. }, Value::Record { val, .. }) => {
                let shape = member.map(|member| member.shape);
                if member.and_then(|member| service.target(member)).is_some_and(|shape| is_map(&shape.kind)) {
                    extend(known.to_mut(), val.into_owned());
                } else if !below.is_empty() {
                    join_structure(known.to_mut(), val.into_owned(), service, shape, &below);
                }
            }
            (Value::Int { val: known, .. }, Value::Int { val, .. }) if listed(&SUMMED) => {
                *known = known.saturating_add(val);
            }
            (Value::String { val: known, .. }, Value::String { val, .. }) if listed(&CONCATENATED) => {
                known.push_str(&val);
            }
            _ => {}
        }
    }
}

/// What is left of a path behind its first name.
fn below<'p>(path: &'p [Box<str>], name: &str) -> Option<&'p [Box<str>]> {
    path.split_first().filter(|(first, _)| ***first == *name).map(|(_, rest)| rest)
}

fn is_map(kind: &Kind) -> bool {
    matches!(kind, Kind::Map { .. })
}

/// Rows are always new ones. Other lists either go on, as those of failures, or every page repeats them, as the
/// definitions of groups and columns.
fn append(known: &mut Vec<Value>, mut page: Vec<Value>, rows: bool) {
    if rows || !known.ends_with(&page) {
        known.append(&mut page);
    }
}

/// New keys are added; a key of both pages has both lists (`apigateway GetUsage`), or else its first value.
fn extend(known: &mut Record, page: Record) {
    for (key, value) in page {
        match (known.get_mut(&key), value) {
            (None, value) => known.push(key, value),
            (Some(Value::List { vals: known, .. }), Value::List { vals, .. }) => {
                append(known.to_mut(), vals.into_owned(), false);
            }
            _ => {}
        }
    }
}

/// The tokens of the first page would point back into the middle of what is here, and nothing is truncated.
fn drop_tokens(answer: &mut Value, request: &Request) {
    let Some(pagination) = &request.operation.pagination else { return };
    for path in pagination.output_tokens.iter().flat_map(|paths| paths.split("||")) {
        remove(answer, path.trim(), true);
    }
    if let Some(more) = &pagination.more_results {
        remove(answer, more, false);
    }
}

/// Removes what a dotted path names, and with a token the flag that stands beside it. A path into a list
/// (`Contents[-1].Key`) names a part of a row, which stays.
fn remove(answer: &mut Value, path: &str, token: bool) {
    if path.contains('[') {
        return;
    }
    let Value::Record { val, .. } = answer else { return };
    let record = val.to_mut();
    if let Some((name, rest)) = path.split_once('.') {
        if let Some(inner) = record.get_mut(name) {
            remove(inner, rest, token);
        }
        return;
    }
    record.remove(path);
    if token {
        record.remove("IsTruncated");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nu_protocol::record;

    fn ints(numbers: &[i64]) -> Vec<Value> {
        numbers.iter().copied().map(Value::test_int).collect()
    }

    #[test]
    fn lists_go_on_or_are_repeated() {
        let mut known = ints(&[1]);
        append(&mut known, ints(&[1]), true);
        assert_eq!(known, ints(&[1, 1]), "equal rows are two rows");
        append(&mut known, ints(&[1]), false);
        assert_eq!(known, ints(&[1, 1]), "a repeated list is one list");
        append(&mut known, ints(&[2]), false);
        assert_eq!(known, ints(&[1, 1, 2]));
    }

    #[test]
    fn maps_get_the_keys_of_all_pages() {
        let list = |numbers| Value::test_list(ints(numbers));
        let mut known = record! { "a" => list(&[1]) };
        extend(&mut known, record! { "a" => list(&[2]), "b" => list(&[3]) });
        assert_eq!(known, record! { "a" => list(&[1, 2]), "b" => list(&[3]) });
    }

    #[test]
    fn paths_into_rows_remove_nothing() {
        let mut answer = Value::test_record(record! {
            "L" => Value::test_record(record! {
                "Next" => Value::test_string("t"), "IsTruncated" => Value::test_bool(true),
            }),
        });
        remove(&mut answer, "L[-1].Next", true);
        remove(&mut answer, "L.Next", true);
        let empty = Value::test_record(Record::new());
        assert_eq!(answer, Value::test_record(record! { "L" => empty }));
    }
}
