//! Pages: from token to token, no further than the reader and the limits allow.

use super::{RowPlan, Rows, fetch};
use crate::{
    client::{Caller, Reply},
    error::{Error, ErrorKind, Result},
    model::{Kind, Pagination},
    request::Request,
};
use nu_protocol::{Record, Span, Value};
use std::sync::Arc;

/// How far a stream goes.
#[derive(Debug, Clone, Default)]
pub struct Limits {
    /// Rows at most.
    pub max_items: Option<u64>,
    /// Pages at most.
    pub max_pages: Option<u64>,
    /// Rows a page, as the API counts them.
    pub page_size: Option<i64>,
    /// Where to begin: the token of an earlier stream, or a record of tokens where there are several.
    pub starting_token: Option<Value>,
}

/// One page of rows.
#[derive(Debug)]
pub struct Page {
    /// The rows, homogeneous.
    pub rows: Vec<Value>,
    /// Scalars of the answer.
    pub scalars: Record,
    /// How the answer came about, without its value.
    pub reply: Reply,
    /// Where the next page begins; `None` at the end.
    pub next: Option<Value>,
}

/// Walks over the pages of an operation.
#[derive(Debug)]
pub struct Pager {
    caller: Caller,
    request: Request,
    plan: RowPlan,
    limits: Limits,
    pages: u64,
    rows: u64,
    /// Tokens of the page to come.
    tokens: Option<Vec<Option<Value>>>,
    done: bool,
}

impl Pager {
    /// Checks the limits against what the operation can do.
    pub fn new(caller: Caller, mut request: Request, plan: RowPlan, limits: Limits) -> Result<Self> {
        let mut tokens = None;
        if let Some(size) = limits.page_size {
            set_page_size(&mut request, size)?;
        }
        if let Some(start) = &limits.starting_token {
            tokens = Some(starting_tokens(&request, start)?);
        }
        let done = limits.max_items == Some(0) || limits.max_pages == Some(0);
        Ok(Self { caller, request, plan, limits, pages: 0, rows: 0, tokens, done })
    }

    /// Rows delivered so far.
    pub fn delivered(&self) -> u64 {
        self.rows
    }

    /// The next page, or `None` after the last one. After an error the same page may be asked for again.
    pub async fn next(&mut self) -> Result<Option<Page>> {
        if self.done {
            return Ok(None);
        }
        let mut request = self.request.clone();
        if let (Some(tokens), Some(pagination)) = (&self.tokens, &self.request.operation.pagination) {
            put_tokens(&mut request.input, pagination, tokens);
        }
        let mut reply =
            fetch(&self.caller, Arc::new(request)).await.map_err(|error| self.resumable(error))?;
        let answer = std::mem::replace(&mut reply.value, Value::nothing(Span::unknown()));
        let next = self.advance(&answer)?;
        let Rows { mut rows, scalars } = self.plan.take(answer);
        self.pages += 1;
        let left = self.limits.max_items.map(|max| max.saturating_sub(self.rows));
        if let Some(left) = left.and_then(|left| usize::try_from(left).ok()) {
            rows.truncate(left);
        }
        self.rows += rows.len() as u64;
        let enough = self.limits.max_items.is_some_and(|max| self.rows >= max)
            || self.limits.max_pages.is_some_and(|max| self.pages >= max);
        self.done = next.is_none() || enough;
        let token = next.as_deref().and_then(|tokens| self.token_value(tokens));
        self.tokens = next;
        Ok(Some(Page { rows, scalars, reply, next: token }))
    }

    /// The tokens of the page after `answer`.
    fn advance(&self, answer: &Value) -> Result<Option<Vec<Option<Value>>>> {
        let Some(pagination) = &self.request.operation.pagination else { return Ok(None) };
        if let Some(more) = &pagination.more_results
            && !matches!(find(answer, more), Some(Value::Bool { val: true, .. }))
        {
            return Ok(None);
        }
        let tokens: Vec<Option<Value>> =
            pagination.output_tokens.iter().map(|path| find(answer, path).filter(is_token).cloned()).collect();
        if tokens.iter().all(Option::is_none) {
            return Ok(None);
        }
        if self.tokens.as_ref() == Some(&tokens) {
            if pagination.stop_on_same_token {
                return Ok(None);
            }
            return Err(Error::new(
                ErrorKind::BadAnswer,
                format!("`{}` answered with the token of the page before", self.request.name()),
            )
            .at(self.request.span)
            .help("the stream would never end; this is a fault of the service"));
        }
        Ok(Some(tokens))
    }

    /// The tokens as a user can give them back with `--starting-token`.
    fn token_value(&self, tokens: &[Option<Value>]) -> Option<Value> {
        let pagination = self.request.operation.pagination.as_ref()?;
        match tokens {
            [single] => single.clone(),
            several => Some(Value::record(
                pagination
                    .input_tokens
                    .iter()
                    .zip(several)
                    .filter_map(|(name, token)| Some((name.to_string(), token.clone()?)))
                    .collect(),
                self.request.span,
            )),
        }
    }

    /// An error in the middle tells how to go on.
    fn resumable(&self, error: Error) -> Error {
        let Some(token) = self.tokens.as_deref().and_then(|tokens| self.token_value(tokens)) else {
            return error;
        };
        let error = error.context("rows delivered", self.rows.to_string());
        let token = token.to_expanded_string("", &nu_protocol::Config::default());
        error.context("resume with", format!("--starting-token {token:?}"))
    }
}

fn set_page_size(request: &mut Request, size: i64) -> Result<()> {
    let key = request.operation.pagination.as_ref().and_then(|pagination| pagination.limit_key.clone());
    let Some(key) = key else {
        return Err(Error::invalid(format!("`{}` has no page size", request.name()))
            .at(request.span)
            .help("leave --page-size out, or bound the stream with --max-items"));
    };
    let kind = request
        .service
        .members(request.operation.input)
        .iter()
        .find(|member| member.name == key)
        .and_then(|member| request.service.target(member))
        .map(|shape| &shape.kind);
    let value = match kind {
        Some(Kind::String { .. }) => Value::string(size.to_string(), request.span),
        _ => Value::int(size, request.span),
    };
    request.input.insert(key.to_string(), value);
    Ok(())
}

fn starting_tokens(request: &Request, start: &Value) -> Result<Vec<Option<Value>>> {
    let Some(pagination) = &request.operation.pagination else {
        return Err(Error::invalid(format!("`{}` has no pages", request.name())).at(start.span()));
    };
    match (pagination.input_tokens.as_slice(), start) {
        ([_], token) => Ok(vec![Some(token.clone())]),
        (names, Value::Record { val, .. }) => {
            Ok(names.iter().map(|name| val.get(&**name).cloned()).collect())
        }
        (names, other) => Err(Error::invalid(format!(
            "`{}` takes {} tokens, found {}",
            request.name(),
            names.len(),
            other.get_type()
        ))
        .at(other.span())
        .help(format!("write --starting-token {{{}: …}}", names.join(": …, ")))),
    }
}

/// Absent tokens are removed: S3 wants a version marker only together with a key marker.
fn put_tokens(input: &mut Record, pagination: &Pagination, tokens: &[Option<Value>]) {
    for (name, token) in pagination.input_tokens.iter().zip(tokens) {
        match token {
            Some(token) => drop(input.insert(name.to_string(), token.clone())),
            None => drop(input.remove(&**name)),
        }
    }
}

fn is_token(value: &&Value) -> bool {
    match value {
        Value::Nothing { .. } => false,
        Value::String { val, .. } => !val.is_empty(),
        Value::Record { val, .. } => !val.is_empty(),
        _ => true,
    }
}

/// What the paginators' small expressions name: `A.B`, `A[-1].B`, and alternatives `A || B`.
fn find<'v>(answer: &'v Value, expression: &str) -> Option<&'v Value> {
    expression.split("||").find_map(|path| find_path(answer, path.trim()).filter(is_token))
}

fn find_path<'v>(answer: &'v Value, path: &str) -> Option<&'v Value> {
    let mut current = answer;
    for step in path.split('.') {
        let (name, index) = match step.split_once('[') {
            Some((name, index)) => (name, Some(index.trim_end_matches(']').parse::<i64>().ok()?)),
            None => (step, None),
        };
        let Value::Record { val, .. } = current else { return None };
        current = val.get(name)?;
        if let Some(index) = index {
            let Value::List { vals, .. } = current else { return None };
            current = match usize::try_from(index) {
                Ok(index) => vals.get(index)?,
                Err(_) => vals.iter().rev().nth(usize::try_from(-(index + 1)).ok()?)?,
            };
        }
    }
    Some(current)
}

#[cfg(test)]
mod tests {
    use super::*;
    use nu_protocol::record;

    #[test]
    fn token_expressions_of_botocore_are_understood() {
        let shard = |id: &str| Value::test_record(record! { "Id" => Value::test_string(id) });
        let answer = Value::test_record(record! {
            "Empty" => Value::test_string(""),
            "Next" => Value::test_string("n"),
            "D" => Value::test_record(record! {
                "Shards" => Value::test_list(vec![shard("a"), shard("b")]),
            }),
        });
        let text = |expression| find(&answer, expression).and_then(|value| value.as_str().ok().map(String::from));
        assert_eq!(text("D.Shards[-1].Id").as_deref(), Some("b"));
        assert_eq!(text("D.Shards[0].Id").as_deref(), Some("a"));
        assert_eq!(text("Empty || Next").as_deref(), Some("n"));
        assert_eq!(text("Missing.Deep"), None);
    }
}
