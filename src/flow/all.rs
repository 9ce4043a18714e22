//! All pages of an operation as one answer, as the AWS CLI gives them.

use super::{fetch, tokens::Tokens};
use crate::{
    client::{Caller, Reply},
    error::Result,
    request::Request,
};
use nu_protocol::{Record, Value};
use std::{sync::Arc, time::Duration};

/// Fetches every page and joins their row lists into the first answer. Everything that comes in pages is held in
/// memory: for much, use a stream.
pub async fn fetch_all(caller: &Caller, request: Request) -> Result<Reply> {
    let lists: Vec<String> = request
        .operation
        .rows
        .iter()
        .map(|rows| rows.path.first().map(ToString::to_string))
        .collect::<Option<_>>()
        .unwrap_or_default();
    let mut joined: Option<Reply> = None;
    let (mut attempts, mut duration) = (0, Duration::ZERO);
    let mut tokens = Tokens::default();
    loop {
        let reply = fetch(caller, Arc::new(tokens.put(&request))).await?;
        attempts += reply.attempts;
        duration += reply.duration;
        let more = tokens.advance(&request, &reply.value)?;
        match &mut joined {
            None => joined = Some(reply),
            Some(joined) => join(&mut joined.value, reply.value, &lists),
        }
        if more {
            continue;
        }
        if let Some(mut reply) = joined.take() {
            drop_tokens(&mut reply.value, &request);
            return Ok(Reply { attempts, duration, ..reply });
        }
    }
}

/// Appends the lists of a page; other members of later pages repeat the first one's.
fn join(into: &mut Value, page: Value, lists: &[String]) {
    let (Value::Record { val: into, .. }, Value::Record { val: page, .. }) = (into, page) else { return };
    let into = into.to_mut();
    for (name, value) in page.into_owned() {
        if !lists.contains(&name) {
            continue;
        }
        match into.get_mut(&name) {
            Some(known) => append(known, value),
            None => into.push(name, value),
        }
    }
}

/// A list below a record (`DistributionList.Items`) is found by walking down.
fn append(known: &mut Value, value: Value) {
    match (known, value) {
        (Value::List { vals: known, .. }, Value::List { vals, .. }) => {
            known.to_mut().extend(vals.into_owned());
        }
        (Value::Record { val: known, .. }, Value::Record { val, .. }) => {
            let known = known.to_mut();
            for (name, value) in val.into_owned() {
                if !matches!(value, Value::List { .. }) {
                    continue;
                }
                match known.get_mut(&name) {
                    Some(inner) => append(inner, value),
                    None => known.push(name, value),
                }
            }
        }
        _ => {}
    }
}

/// The tokens of the first page would point back into the middle of what is here.
fn drop_tokens(answer: &mut Value, request: &Request) {
    let (Value::Record { val, .. }, Some(pagination)) = (answer, &request.operation.pagination) else {
        return;
    };
    let record: &mut Record = val.to_mut();
    for path in &pagination.output_tokens {
        for name in path.split("||") {
            record.remove(name.trim());
        }
    }
    if let Some(more) = &pagination.more_results {
        record.remove(&**more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nu_protocol::record;

    #[test]
    fn lists_are_joined_and_nothing_else() {
        let page = |n: i64| {
            Value::test_record(record! {
                "Rows" => Value::test_list(vec![Value::test_int(n)]),
                "Inner" => Value::test_record(record! { "Items" => Value::test_list(vec![Value::test_int(n)]) }),
                "Count" => Value::test_int(n),
            })
        };
        let mut joined = page(1);
        join(&mut joined, page(2), &["Rows".into(), "Inner".into()]);
        let both = Value::test_list(vec![Value::test_int(1), Value::test_int(2)]);
        let expected = Value::test_record(record! {
            "Rows" => both.clone(),
            "Inner" => Value::test_record(record! { "Items" => both }),
            "Count" => Value::test_int(1),
        });
        assert_eq!(joined, expected);
    }
}
