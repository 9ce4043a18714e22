//! Tokens: out of one answer, into the next request.

use crate::{
    error::{Error, ErrorKind, Result},
    request::Request,
};
use nu_protocol::{Record, Value};

/// The tokens of the page to come.
#[derive(Debug, Clone, Default)]
pub(super) struct Tokens {
    current: Set,
    cycle: Cycle,
}

/// One token for each input member that takes one; `None` before the first page.
type Set = Option<Vec<Option<Value>>>;

/// Brent's detection of cycles, with one token remembered: a service that goes round would be streamed for ever.
#[derive(Debug, Clone, Default)]
struct Cycle {
    landmark: Set,
    steps: u64,
    limit: u64,
}

impl Cycle {
    /// Whether this token was seen before.
    fn closes(&mut self, next: &Set) -> bool {
        if self.landmark.is_some() && self.landmark == *next {
            return true;
        }
        self.steps += 1;
        if self.steps > self.limit {
            self.landmark.clone_from(next);
            self.limit = self.limit.saturating_mul(2).max(1);
            self.steps = 0;
        }
        false
    }
}

impl Tokens {
    /// The tokens of an earlier stream: a plain value, or a record where there are several. They are checked and
    /// converted as the parameters that they become.
    pub(super) fn starting(request: &Request, start: &Value) -> Result<Self> {
        let Some(pagination) = &request.operation.pagination else {
            return Err(Error::invalid(format!("`{}` has no pages", request.name())).at(start.span()));
        };
        let names = &pagination.input_tokens;
        let given = match (names.as_slice(), start) {
            ([name], token) => Record::from_iter([(name.to_string(), token.clone())]),
            (_, Value::Record { val, .. }) => {
                if let Some(other) =
                    val.columns().find(|column| !names.iter().any(|name| ***column == **name))
                {
                    return Err(Error::invalid(format!("`{}` has no token `{other}`", request.name()))
                        .at(start.span())
                        .help(format!("its tokens are {}", names.join(" and "))));
                }
                val.clone().into_owned()
            }
            (names, other) => {
                return Err(Error::invalid(format!(
                    "`{}` takes {} tokens, found {}",
                    request.name(),
                    names.len(),
                    other.get_type()
                ))
                .at(other.span())
                .help(format!("write --starting-token {{{}: …}}", names.join(": …, "))));
            }
        };
        let request = with_parameters(request, given)?;
        let current = Some(names.iter().map(|name| request.input.get(&**name).cloned()).collect());
        Ok(Self { current, cycle: Cycle::default() })
    }

    /// The request of the page to come. Absent tokens are removed from it: S3 wants a version marker only together
    /// with a key marker.
    pub(super) fn put(&self, request: &Request) -> Request {
        let mut request = request.clone();
        if let (Some(tokens), Some(pagination)) = (&self.current, &request.operation.pagination) {
            for (name, token) in pagination.input_tokens.iter().zip(tokens) {
                match token {
                    Some(token) => drop(request.input.insert(name.to_string(), token.clone())),
                    None => drop(request.input.remove(&**name)),
                }
            }
        }
        request
    }

    /// Moves on behind an answer. `false` at the end.
    pub(super) fn advance(&mut self, request: &Request, answer: &Value) -> Result<bool> {
        let Some(pagination) = &request.operation.pagination else { return Ok(false) };
        if let Some(more) = &pagination.more_results
            && !matches!(find(answer, more), Some(Value::Bool { val: true, .. }))
        {
            return Ok(false);
        }
        let next: Vec<Option<Value>> =
            pagination.output_tokens.iter().map(|path| find(answer, path).cloned()).collect();
        if next.iter().all(Option::is_none) {
            return Ok(false);
        }
        let next = Some(next);
        if self.current == next && pagination.stop_on_same_token {
            return Ok(false);
        }
        if self.current != next && !self.cycle.closes(&next) {
            self.current = next;
            return Ok(true);
        }
        Err(Error::new(
            ErrorKind::BadAnswer,
            format!("`{}` answered with the token of an earlier page", request.name()),
        )
        .at(request.span)
        .help("the stream would never end; this is a fault of the service"))
    }

    /// The tokens as a user can give them back with `--starting-token`.
    pub(super) fn to_value(&self, request: &Request) -> Option<Value> {
        let pagination = request.operation.pagination.as_ref()?;
        match self.current.as_deref()? {
            [single] => single.clone(),
            several => {
                let named = pagination.input_tokens.iter().zip(several);
                let fields = named.filter_map(|(name, token)| Some((name.to_string(), token.clone()?)));
                Some(Value::record(fields.collect(), request.span))
            }
        }
    }
}

/// The request with more parameters, checked and converted as all others.
pub(super) fn with_parameters(request: &Request, more: Record) -> Result<Request> {
    let mut input = request.input.clone();
    for (name, value) in more {
        input.insert(name, value);
    }
    let parameters = Value::record(input, request.span);
    Request::new(request.service.clone(), &request.operation, &parameters, request.span)
}

fn is_token(value: &Value) -> bool {
    match value {
        Value::Nothing { .. } => false,
        Value::String { val, .. } => !val.is_empty(),
        Value::Record { val, .. } => !val.is_empty(),
        _ => true,
    }
}

/// What the paginators' small expressions name: `A.B`, `A[-1].B`, and alternatives `A || B`.
fn find<'v>(answer: &'v Value, expression: &str) -> Option<&'v Value> {
    expression.split("||").find_map(|path| find_path(answer, path.trim()).filter(|value| is_token(value)))
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
        let text =
            |expression| find(&answer, expression).and_then(|value| value.as_str().ok().map(String::from));
        assert_eq!(text("D.Shards[-1].Id").as_deref(), Some("b"));
        assert_eq!(text("D.Shards[0].Id").as_deref(), Some("a"));
        assert_eq!(text("Empty || Next").as_deref(), Some("n"));
        assert_eq!(text("Missing.Deep"), None);
    }
}
