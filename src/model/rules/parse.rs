//! From the JSON of `endpoint-rule-set-1.json` to a [`RuleSet`].

use super::{
    Attribute, AuthScheme, Condition, Default, Endpoint, Expression, Function, Outcome, Parameter,
    ParameterKind, Part, Rule, RuleSet, template,
};
use crate::error::{Error, ErrorKind, Result};
use serde_json::{Map, Value as Json};
use std::fmt;

impl RuleSet {
    /// Compiles the JSON text of a rule set. Fails with [`ErrorKind::Model`], saying where, on anything it cannot
    /// understand.
    pub fn parse(json: &[u8]) -> Result<Self> {
        let json: Json = serde_json::from_slice(json).map_err(|cause| {
            Error::new(ErrorKind::Model, "the endpoint rules are not readable as JSON").source(cause)
        })?;
        rule_set(&json).map_err(|problem| {
            Error::new(ErrorKind::Model, format!("the endpoint rules cannot be read: {problem}"))
        })
    }
}

/// What cannot be read, and the way to it, innermost step first.
#[derive(Debug)]
pub(super) struct Problem {
    what: String,
    path: Vec<String>,
}

impl Problem {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), path: Vec::new() }
    }

    fn within(mut self, step: impl Into<String>) -> Self {
        self.path.push(step.into());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.iter().rev().map(String::as_str).collect::<Vec<_>>().join(".");
        write!(f, "{} at {}", self.what, if path.is_empty() { "the top" } else { &path })
    }
}

type Parsed<T> = std::result::Result<T, Problem>;

/// The names in scope, each with its slot, and how many slots were ever in use at once.
struct Scope {
    names: Vec<Box<str>>,
    slots: usize,
}

impl Scope {
    fn slot(&self, name: &str) -> Option<u16> {
        self.names.iter().position(|known| &**known == name).and_then(|slot| u16::try_from(slot).ok())
    }

    fn reference(&self, name: &str) -> Parsed<u16> {
        self.slot(name).ok_or_else(|| Problem::new(format!("`{name}` is not in scope")))
    }

    fn assign(&mut self, name: &str) -> Parsed<u16> {
        if self.slot(name).is_some() {
            return Err(Problem::new(format!("`{name}` is assigned twice")));
        }
        self.names.push(name.into());
        self.slots = self.slots.max(self.names.len());
        self.reference(name)
    }
}

fn rule_set(json: &Json) -> Parsed<RuleSet> {
    let parameters = object(field(json, "parameters")?)?
        .iter()
        .map(|(name, json)| parameter(name, json).map_err(|p| p.within(name).within("parameters")))
        .collect::<Parsed<Vec<_>>>()?;
    let names: Vec<_> = parameters.iter().map(|parameter| parameter.name.clone()).collect();
    let mut scope = Scope { slots: names.len(), names };
    let rules = rules(field(json, "rules")?, &mut scope)?;
    let slots = u16::try_from(scope.slots).map_err(|_| Problem::new("too many variables"))?;
    Ok(RuleSet { parameters, slots, rules })
}

fn parameter(name: &str, json: &Json) -> Parsed<Parameter> {
    let kind = text(field(json, "type")?)?;
    let kind = match kind.to_ascii_lowercase().as_str() {
        "string" => ParameterKind::Text,
        "boolean" => ParameterKind::Flag,
        "stringarray" => ParameterKind::List,
        _ => return Err(Problem::new(format!("unknown parameter type `{kind}`"))),
    };
    let default = json.get("default").map(|json| match (kind, json) {
        (ParameterKind::Text, Json::String(text)) => Ok(Default::Text(text.as_str().into())),
        (ParameterKind::Flag, Json::Bool(flag)) => Ok(Default::Flag(*flag)),
        (ParameterKind::List, Json::Array(items)) => {
            items.iter().map(|item| Ok(text(item)?.into())).collect::<Parsed<_>>().map(Default::List)
        }
        _ => Err(Problem::new("the default does not fit the type")),
    });
    Ok(Parameter {
        name: name.into(),
        kind,
        builtin: json.get("builtIn").map(|json| text(json).map(Into::into)).transpose()?,
        required: json.get("required").and_then(Json::as_bool).unwrap_or(false),
        default: default.transpose()?,
    })
}

fn rules(json: &Json, scope: &mut Scope) -> Parsed<Vec<Rule>> {
    let rules = array(json).map_err(|problem| problem.within("rules"))?.iter().enumerate();
    rules.map(|(n, json)| rule(json, scope).map_err(|p| p.within(format!("rules[{n}]")))).collect()
}

fn rule(json: &Json, scope: &mut Scope) -> Parsed<Rule> {
    let outer = scope.names.len();
    let conditions = array(field(json, "conditions")?)?
        .iter()
        .enumerate()
        .map(|(n, json)| condition(json, scope).map_err(|p| p.within(format!("conditions[{n}]"))))
        .collect::<Parsed<_>>()?;
    let kind = text(field(json, "type")?)?;
    let outcome = match kind {
        "tree" => Outcome::Rules(rules(field(json, "rules")?, scope)?),
        "error" => Outcome::Error(expression(field(json, "error")?, scope).map_err(|p| p.within("error"))?),
        "endpoint" => {
            let endpoint = endpoint(field(json, "endpoint")?, scope).map_err(|p| p.within("endpoint"))?;
            Outcome::Endpoint(Box::new(endpoint))
        }
        _ => return Err(Problem::new(format!("unknown rule type `{kind}`"))),
    };
    scope.names.truncate(outer);
    Ok(Rule { conditions, outcome })
}

fn condition(json: &Json, scope: &mut Scope) -> Parsed<Condition> {
    let function = function(json, scope)?;
    let assign = json.get("assign").map(|name| scope.assign(text(name)?)).transpose()?;
    Ok(Condition { function, assign })
}

fn endpoint(json: &Json, scope: &Scope) -> Parsed<Endpoint> {
    let mut headers = Vec::new();
    for (name, values) in json.get("headers").map(object).transpose()?.into_iter().flatten() {
        headers.push((name.as_str().into(), expressions(values, scope).map_err(|p| p.within(name))?));
    }
    let schemes = json.get("properties").and_then(|properties| properties.get("authSchemes"));
    let auth_schemes = schemes.map(array).transpose()?.into_iter().flatten();
    Ok(Endpoint {
        url: expression(field(json, "url")?, scope).map_err(|p| p.within("url"))?,
        headers,
        auth_schemes: auth_schemes
            .map(|json| auth_scheme(json, scope).map_err(|p| p.within("authSchemes")))
            .collect::<Parsed<_>>()?,
    })
}

fn auth_scheme(json: &Json, scope: &Scope) -> Parsed<AuthScheme> {
    let optional = |key: &str| json.get(key).map(|json| expression(json, scope)).transpose();
    Ok(AuthScheme {
        name: text(field(json, "name")?)?.into(),
        signing_name: optional("signingName")?,
        signing_region: optional("signingRegion")?,
        signing_region_set: match json.get("signingRegionSet") {
            Some(regions) => expressions(regions, scope)?,
            None => Vec::new(),
        },
        disable_double_encoding: json.get("disableDoubleEncoding").and_then(Json::as_bool).unwrap_or(false),
    })
}

fn expressions(json: &Json, scope: &Scope) -> Parsed<Vec<Expression>> {
    array(json)?.iter().map(|json| expression(json, scope)).collect()
}

fn expression(json: &Json, scope: &Scope) -> Parsed<Expression> {
    match json {
        Json::Bool(flag) => Ok(Expression::Flag(*flag)),
        Json::String(text) => {
            let parts = template::split(text, |name| scope.slot(name)).map_err(Problem::new)?;
            Ok(match <[Part; 1]>::try_from(parts) {
                Ok([Part::Text(text)]) => Expression::Text(text),
                Ok(part) => Expression::Template(part.into()),
                Err(parts) => Expression::Template(parts),
            })
        }
        Json::Object(fields) => match fields.get("ref") {
            Some(name) => scope.reference(text(name)?).map(Expression::Slot),
            None if fields.contains_key("assign") => Err(Problem::new("an inner call assigns")),
            None => Ok(Expression::Call(Box::new(function(json, scope)?))),
        },
        _ => Err(Problem::new(format!("`{json}` is neither text, flag, reference nor call"))),
    }
}

fn function(json: &Json, scope: &Scope) -> Parsed<Function> {
    let name = text(field(json, "fn")?)?;
    let arguments = array(field(json, "argv")?)?.as_slice();
    let read = |json: &Json| expression(json, scope);
    let parsed = match (name, arguments) {
        ("isSet", [value]) => read(value).map(Function::IsSet),
        ("not", [value]) => read(value).map(Function::Not),
        ("booleanEquals", [left, right]) => Ok(Function::BooleanEquals(read(left)?, read(right)?)),
        ("stringEquals", [left, right]) => Ok(Function::StringEquals(read(left)?, read(right)?)),
        ("getAttr", [value, Json::String(path)]) => {
            let attribute = Attribute::parse(path);
            let attribute = attribute.ok_or_else(|| Problem::new(format!("unknown attribute `{path}`")))?;
            Ok(Function::GetAttribute(read(value)?, attribute))
        }
        ("substring", [value, start, stop, Json::Bool(reverse)]) => Ok(Function::Substring {
            value: read(value)?,
            start: position(start)?,
            stop: position(stop)?,
            reverse: *reverse,
        }),
        ("uriEncode", [value]) => read(value).map(Function::UriEncode),
        ("isValidHostLabel", [value, Json::Bool(dots)]) => {
            Ok(Function::IsValidHostLabel(read(value)?, *dots))
        }
        ("parseURL", [value]) => read(value).map(Function::ParseUrl),
        ("aws.partition", [value]) => read(value).map(Function::Partition),
        ("aws.parseArn", [value]) => read(value).map(Function::ParseArn),
        ("aws.isVirtualHostableS3Bucket", [value, Json::Bool(dots)]) => {
            Ok(Function::IsVirtualHostableBucket(read(value)?, *dots))
        }
        _ => Err(Problem::new(format!("unknown function or arguments: `{name}` with {}", arguments.len()))),
    };
    parsed.map_err(|problem| problem.within(name))
}

fn position(json: &Json) -> Parsed<u32> {
    let number = json.as_u64().and_then(|number| u32::try_from(number).ok());
    number.ok_or_else(|| Problem::new(format!("`{json}` is not a position")))
}

pub(super) fn field<'a>(json: &'a Json, name: &str) -> Parsed<&'a Json> {
    json.get(name).ok_or_else(|| Problem::new(format!("`{name}` is missing")))
}

pub(super) fn text(json: &Json) -> Parsed<&str> {
    json.as_str().ok_or_else(|| Problem::new(format!("`{json}` is not a text")))
}

pub(super) fn object(json: &Json) -> Parsed<&Map<String, Json>> {
    json.as_object().ok_or_else(|| Problem::new("an object is expected"))
}

pub(super) fn array(json: &Json) -> Parsed<&Vec<Json>> {
    json.as_array().ok_or_else(|| Problem::new("a list is expected"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = r#"{"version": "1.0",
        "parameters": {"Region": {"builtIn": "AWS::Region", "required": true, "type": "String"},
                       "Flag": {"type": "boolean", "default": false}},
        "rules": [{"type": "tree", "conditions": [{"fn": "aws.partition", "argv": [{"ref": "Region"}], "assign": "p"}],
            "rules": [{"type": "endpoint", "conditions": [],
                       "endpoint": {"url": "https://x.{Region}.{p#dnsSuffix}", "headers": {"a": ["{Region}"]},
                                    "properties": {"authSchemes": [{"name": "sigv4", "signingRegion": "{Region}"}]}}}]},
            {"type": "error", "conditions": [{"fn": "parseURL", "argv": ["x"], "assign": "url"}], "error": "no"}]}"#;

    #[test]
    fn names_become_slots_that_scopes_share() {
        let rules = RuleSet::parse(ONE.as_bytes()).unwrap();
        assert_eq!(rules.slots, 3);
        assert_eq!(rules.builtin("AWS::Region").map(|(slot, _)| slot), Some(0));
        assert_eq!(rules.parameters[1].default, Some(Default::Flag(false)));
        assert_eq!(rules.rules[0].conditions[0].assign, Some(2));
        assert_eq!(rules.rules[1].conditions[0].assign, Some(2));
        let bytes = rmp_serde::to_vec(&rules).unwrap();
        assert_eq!(rmp_serde::from_slice::<RuleSet>(&bytes).unwrap(), rules);
    }

    #[test]
    fn what_is_not_understood_is_named_with_its_place() {
        for (from, to, message) in [
            ("aws.partition", "aws.colour", "aws.colour"),
            (r#""fn": "aws.partition", "#, "", "`fn` is missing at rules[0].conditions[0]"),
            (
                r#"{"ref": "Region"}"#,
                r#"{"ref": "Nobody"}"#,
                "`Nobody` is not in scope at rules[0].conditions[0].aws.partition",
            ),
            ("tree", "forest", "unknown rule type `forest` at rules[0]"),
            ("p#dnsSuffix", "p#colour", "unknown attribute `colour` at rules[0].rules[0].endpoint.url"),
            (r#""assign": "p""#, r#""assign": "Region""#, "`Region` is assigned twice"),
            ("boolean", "number", "unknown parameter type `number` at parameters.Flag"),
            (r#""default": false"#, r#""default": 1"#, "the default does not fit"),
            (
                "\"rules\": [{\"type\": \"tree\"",
                "\"rulez\": [{\"type\": \"tree\"",
                "`rules` is missing at the top",
            ),
        ] {
            let error = RuleSet::parse(ONE.replacen(from, to, 1).as_bytes()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Model);
            assert!(error.message().contains(message), "{}", error.message());
        }
        assert_eq!(RuleSet::parse(b"{").unwrap_err().kind(), ErrorKind::Model);
    }
}
