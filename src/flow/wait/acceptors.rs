//! What a waiter makes of one poll: botocore's acceptors, matched as botocore matches them.

use super::json::{equal, json};
use crate::error::{Error, ErrorKind, Result};
use jmespath::{Expression, Variable};
use nu_protocol::Value;
use serde::Deserialize;
use serde_json::Value as Json;
use std::fmt;

/// Where a matching acceptor leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Goal {
    /// The wait is over, and well.
    Success,
    /// The wait is over: what it was for will not happen.
    Failure,
    /// Poll again, even after an error.
    Retry,
}

/// What is compared.
#[derive(Debug)]
pub enum Matcher {
    /// The value of the expression.
    Path(Expression<'static>),
    /// Every element of the expression's list, which must not be empty.
    PathAll(Expression<'static>),
    /// Some element of the expression's list.
    PathAny(Expression<'static>),
    /// The HTTP status, of answers and errors alike.
    Status,
    /// The error code; `true` means any error and `false` none.
    Error,
}

/// One acceptor.
#[derive(Debug)]
pub struct Acceptor {
    /// Where it leads.
    pub goal: Goal,
    /// What is compared.
    pub matcher: Matcher,
    /// With what.
    pub expected: Json,
}

/// What one poll brought.
#[derive(Debug, Clone, Copy)]
pub enum Seen<'a> {
    /// HTTP status and decoded answer, without units.
    Answer(u16, &'a Value),
    /// HTTP status and error code of a refusal.
    Fault(u16, &'a str),
}

/// The acceptors of a waiter, in their order.
#[derive(Debug)]
pub struct Acceptors(Vec<Acceptor>);

/// As it stands in the model.
#[derive(Deserialize)]
struct Raw {
    state: Goal,
    matcher: String,
    #[serde(default)]
    argument: Option<String>,
    expected: Json,
}

impl Acceptors {
    /// Reads botocore's JSON.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] for unknown matchers and states and for broken expressions.
    pub fn read(text: &str) -> Result<Self> {
        let raw: Vec<Raw> = serde_json::from_str(text).map_err(|error| broken("").source(error))?;
        raw.into_iter().map(Acceptor::read).collect::<Result<_>>().map(Self)
    }

    /// All of them, in the order in which they are asked.
    pub fn iter(&self) -> impl Iterator<Item = &Acceptor> {
        self.0.iter()
    }

    /// The first acceptor that matches.
    ///
    /// # Errors
    /// [`ErrorKind::BadAnswer`] where an expression cannot be evaluated on this answer, as the length of what is
    /// not there.
    pub fn first(&self, seen: Seen<'_>) -> Result<Option<&Acceptor>> {
        let data = match seen {
            Seen::Answer(_, value) => Some(variable(value)?),
            Seen::Fault(..) => None,
        };
        for acceptor in &self.0 {
            if acceptor.matches(seen, data.as_ref())? {
                return Ok(Some(acceptor));
            }
        }
        Ok(None)
    }

    /// What the expressions of the acceptors give on an answer, those that lead to success first: what a person would
    /// look at to see how far it is.
    pub(super) fn look(&self, answer: &Value) -> Option<String> {
        let data = variable(answer).ok()?;
        let mut sorted: Vec<&Acceptor> = self.0.iter().collect();
        sorted.sort_by_key(|acceptor| acceptor.goal != Goal::Success);
        let expression = sorted.iter().find_map(|acceptor| acceptor.expression())?;
        let value = serde_json::to_value(expression.search(&data).ok()?).ok()?;
        Some(format!("`{}` is {}", expression.as_str(), shortened(&value)))
    }
}

impl Acceptor {
    fn read(raw: Raw) -> Result<Self> {
        let expression = || {
            let text = raw.argument.as_deref().ok_or_else(|| broken("an acceptor has no argument"))?;
            jmespath::compile(text).map_err(|error| broken(text).source(error.to_string()))
        };
        let matcher = match raw.matcher.as_str() {
            "path" => Matcher::Path(expression()?),
            "pathAll" => Matcher::PathAll(expression()?),
            "pathAny" => Matcher::PathAny(expression()?),
            "status" => Matcher::Status,
            "error" => Matcher::Error,
            other => return Err(broken(&format!("an acceptor has the unknown matcher '{other}'"))),
        };
        Ok(Self { goal: raw.state, matcher, expected: raw.expected })
    }

    fn expression(&self) -> Option<&Expression<'static>> {
        match &self.matcher {
            Matcher::Path(expression) | Matcher::PathAll(expression) | Matcher::PathAny(expression) => {
                Some(expression)
            }
            Matcher::Status | Matcher::Error => None,
        }
    }

    fn matches(&self, seen: Seen<'_>, data: Option<&Variable>) -> Result<bool> {
        if let Some(expression) = self.expression() {
            let Some(data) = data else { return Ok(false) };
            let found = expression.search(data).map_err(|error| unreadable(expression.as_str(), &error))?;
            let found =
                serde_json::to_value(found).map_err(|error| unreadable(expression.as_str(), &error))?;
            return Ok(self.compare(&found));
        }
        Ok(match (&self.matcher, seen) {
            (Matcher::Status, Seen::Answer(status, _) | Seen::Fault(status, _)) => {
                equal(&Json::from(status), &self.expected)
            }
            (_, Seen::Fault(_, code)) => match &self.expected {
                Json::Bool(any) => *any,
                expected => expected == code,
            },
            // No error is the empty code to botocore.
            (_, Seen::Answer(..)) => self.expected == Json::Bool(false) || self.expected == "",
        })
    }

    fn compare(&self, found: &Json) -> bool {
        let elements = found.as_array().filter(|elements| !elements.is_empty());
        match (&self.matcher, elements) {
            (Matcher::Path(_), _) => equal(found, &self.expected),
            (Matcher::PathAll(_), Some(list)) => list.iter().all(|element| equal(element, &self.expected)),
            (Matcher::PathAny(_), Some(list)) => list.iter().any(|element| equal(element, &self.expected)),
            _ => false,
        }
    }
}

/// In words, to follow "because".
impl fmt::Display for Acceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let expected = shortened(&self.expected);
        match &self.matcher {
            Matcher::Path(expression) => write!(f, "`{}` is {expected}", expression.as_str()),
            Matcher::PathAll(expression) => write!(f, "all of `{}` are {expected}", expression.as_str()),
            Matcher::PathAny(expression) => write!(f, "one of `{}` is {expected}", expression.as_str()),
            Matcher::Status => write!(f, "the HTTP status is {expected}"),
            Matcher::Error => match &self.expected {
                Json::Bool(true) => f.write_str("there was an error"),
                Json::Bool(false) => f.write_str("there was no error"),
                code => write!(f, "the error is {}", code.as_str().unwrap_or(&expected)),
            },
        }
    }
}

/// The longest value that is shown.
const SHOWN: usize = 200;

fn shortened(value: &Json) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), String::from);
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

fn variable(value: &Value) -> Result<Variable> {
    Variable::try_from(json(value)).map_err(|error| unreadable("@", &error))
}

fn broken(what: &str) -> Error {
    Error::new(ErrorKind::Model, format!("a waiter of the model cannot be read {what}").trim_end())
        .help("look at the waiters-2.json that AWS_DATA_PATH or ~/.aws/models provides")
}

fn unreadable(expression: &str, error: &dyn fmt::Display) -> Error {
    Error::new(ErrorKind::BadAnswer, format!("the waiter's `{expression}` cannot be evaluated on the answer"))
        .help("the answer lacks what the waiter looks at: poll with `aws call` and look at it")
        .source(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use nu_protocol::record;

    fn states(names: &[&str]) -> Value {
        let each = names.iter().map(|name| Value::test_record(record! { "s" => Value::test_string(*name) }));
        Value::test_record(record! { "l" => Value::test_list(each.collect()) })
    }

    fn goal(matcher: &str, expected: &Json, seen: Seen<'_>) -> Option<Goal> {
        let raw = serde_json::json!([
            { "state": "success", "matcher": matcher, "argument": "l[].s", "expected": expected }
        ]);
        Acceptors::read(&raw.to_string()).unwrap().first(seen).unwrap().map(|acceptor| acceptor.goal)
    }

    #[test]
    fn all_and_any_need_an_element() {
        for (matcher, names, expected) in [
            ("pathAll", &["a", "a"][..], true),
            ("pathAll", &["a", "b"], false),
            ("pathAll", &[], false),
            ("pathAny", &["b", "a"], true),
            ("pathAny", &["b"], false),
            ("pathAny", &[], false),
        ] {
            let answer = states(names);
            let found = goal(matcher, &"a".into(), Seen::Answer(200, &answer));
            assert_eq!(found.is_some(), expected, "{matcher} {names:?}");
        }
        assert_eq!(goal("pathAny", &"a".into(), Seen::Fault(400, "a")), None);
    }

    #[test]
    fn errors_match_by_code_or_at_all() {
        let answer = states(&[]);
        let (fault, fine) = (Seen::Fault(404, "Gone"), Seen::Answer(200, &answer));
        for (expected, on_fault, on_answer) in [
            (Json::from("Gone"), true, false),
            (Json::from("Other"), false, false),
            (Json::from(true), true, false),
            (Json::from(false), false, true),
        ] {
            assert_eq!(goal("error", &expected, fault).is_some(), on_fault, "{expected}");
            assert_eq!(goal("error", &expected, fine).is_some(), on_answer, "{expected}");
        }
        assert!(goal("status", &404.into(), fault).is_some());
        assert!(goal("status", &200.into(), fine).is_some());
    }

    #[test]
    fn what_cannot_be_read_is_the_models_fault() {
        for text in [
            "{",
            r#"[{"state":"success","matcher":"magic","expected":1}]"#,
            r#"[{"state":"later","matcher":"status","expected":1}]"#,
            r#"[{"state":"success","matcher":"path","expected":1}]"#,
            r#"[{"state":"success","matcher":"path","argument":"a[","expected":1}]"#,
        ] {
            assert_eq!(Acceptors::read(text).unwrap_err().kind(), ErrorKind::Model, "{text}");
        }
    }
}
