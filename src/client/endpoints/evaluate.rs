//! One walk through the rules.

use super::{
    AuthScheme, Endpoint, Parameter, Parameters,
    functions::{Arn, Url, is_valid_host_label, is_virtual_hostable, substring, uri_encode},
    refused,
};
use crate::{
    error::{Error, ErrorKind, Result},
    model::rules::{
        self, Attribute, Expression, Function, Outcome, Outputs, Part, Partitions, Rule, RuleSet,
    },
};
use std::{borrow::Cow, rc::Rc};

/// What a slot holds and an expression gives. Texts are borrowed from rules and parameters as far as possible.
#[derive(Debug, Clone)]
enum Value<'a> {
    Nothing,
    Text(Cow<'a, str>),
    Flag(bool),
    List(&'a [String]),
    Partition(&'a Outputs),
    Arn(Rc<Arn>),
    Url(Rc<Url>),
}

impl Value<'_> {
    fn or_nothing(value: Option<Self>) -> Self {
        value.unwrap_or(Self::Nothing)
    }
}

pub(super) struct Evaluation<'a> {
    partitions: &'a Partitions,
    region_is_missing: bool,
    slots: Vec<Value<'a>>,
}

impl<'a> Evaluation<'a> {
    pub(super) fn new(rules: &RuleSet, partitions: &'a Partitions, parameters: &'a Parameters) -> Self {
        let mut slots: Vec<_> =
            parameters.0.iter().map(|value| value.as_ref().map_or(Value::Nothing, given)).collect();
        slots.resize(usize::from(rules.slots), Value::Nothing);
        Self { partitions, region_is_missing: parameters.region_is_missing(rules), slots }
    }

    /// What the first rule that matches leads to; `None` where none does.
    pub(super) fn run(&mut self, rules: &'a [Rule]) -> Result<Option<Endpoint>> {
        for rule in rules {
            if !self.holds(rule)? {
                continue;
            }
            match &rule.outcome {
                Outcome::Endpoint(endpoint) => return self.endpoint(endpoint).map(Some),
                Outcome::Error(text) => return Err(refused(&self.text(text)?, self.region_is_missing)),
                Outcome::Rules(rules) => {
                    if let Some(endpoint) = self.run(rules)? {
                        return Ok(Some(endpoint));
                    }
                }
            }
        }
        Ok(None)
    }

    fn holds(&mut self, rule: &'a Rule) -> Result<bool> {
        for condition in &rule.conditions {
            let value = self.call(&condition.function)?;
            if matches!(value, Value::Nothing | Value::Flag(false)) {
                return Ok(false);
            }
            if let Some(slot) = condition.assign.and_then(|slot| self.slots.get_mut(usize::from(slot))) {
                *slot = value;
            }
        }
        Ok(true)
    }

    fn endpoint(&self, endpoint: &'a rules::Endpoint) -> Result<Endpoint> {
        let owned = |expression: &'a Expression| self.text(expression).map(Cow::into_owned);
        let all = |list: &'a [Expression]| list.iter().map(owned).collect::<Result<Vec<_>>>();
        let headers = endpoint.headers.iter().map(|(name, values)| Ok((name.to_string(), all(values)?)));
        let schemes = endpoint.auth_schemes.iter().map(|scheme| {
            Ok(AuthScheme {
                name: scheme.name.to_string(),
                signing_name: scheme.signing_name.as_ref().map(owned).transpose()?,
                signing_region: scheme.signing_region.as_ref().map(owned).transpose()?,
                signing_region_set: all(&scheme.signing_region_set)?,
                disable_double_encoding: scheme.disable_double_encoding,
            })
        });
        Ok(Endpoint {
            url: owned(&endpoint.url)?,
            headers: headers.collect::<Result<_>>()?,
            auth_schemes: schemes.collect::<Result<_>>()?,
        })
    }

    fn value(&self, expression: &'a Expression) -> Result<Value<'a>> {
        match expression {
            Expression::Slot(slot) => Ok(self.slot(*slot).clone()),
            Expression::Flag(flag) => Ok(Value::Flag(*flag)),
            Expression::Text(text) => Ok(Value::Text(Cow::Borrowed(text))),
            Expression::Template(parts) => self.template(parts).map(|text| Value::Text(Cow::Owned(text))),
            Expression::Call(function) => self.call(function),
        }
    }

    fn slot(&self, slot: u16) -> &Value<'a> {
        self.slots.get(usize::from(slot)).unwrap_or(&Value::Nothing)
    }

    fn template(&self, parts: &[Part]) -> Result<String> {
        let mut text = String::with_capacity(64);
        for part in parts {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Slot(slot) => match self.slot(*slot) {
                    Value::Text(value) => text.push_str(value),
                    other => return Err(unexpected("a text in a template", other)),
                },
                Part::Attribute(slot, name) => match attribute(self.slot(*slot), *name)? {
                    Value::Text(value) => text.push_str(&value),
                    other => return Err(unexpected("a text in a template", &other)),
                },
            }
        }
        Ok(text)
    }

    fn text(&self, expression: &'a Expression) -> Result<Cow<'a, str>> {
        match self.value(expression)? {
            Value::Text(text) => Ok(text),
            other => Err(unexpected("a text", &other)),
        }
    }

    /// For functions that give nothing where they are given nothing.
    fn optional(&self, expression: &'a Expression) -> Result<Option<Cow<'a, str>>> {
        match self.value(expression)? {
            Value::Text(text) => Ok(Some(text)),
            Value::Nothing => Ok(None),
            other => Err(unexpected("a text", &other)),
        }
    }

    fn flag(&self, expression: &'a Expression) -> Result<bool> {
        match self.value(expression)? {
            Value::Flag(flag) => Ok(flag),
            other => Err(unexpected("a flag", &other)),
        }
    }

    fn call(&self, function: &'a Function) -> Result<Value<'a>> {
        Ok(match function {
            Function::IsSet(value) => Value::Flag(!matches!(self.value(value)?, Value::Nothing)),
            Function::Not(value) => {
                Value::Flag(matches!(self.value(value)?, Value::Nothing | Value::Flag(false)))
            }
            Function::BooleanEquals(left, right) => Value::Flag(self.flag(left)? == self.flag(right)?),
            Function::StringEquals(left, right) => Value::Flag(self.text(left)? == self.text(right)?),
            Function::GetAttribute(value, name) => attribute(&self.value(value)?, *name)?,
            Function::Substring { value, start, stop, reverse } => {
                cut(self.text(value)?, |text| substring(text, *start, *stop, *reverse))
            }
            Function::UriEncode(value) => Value::or_nothing(
                self.optional(value)?.map(|text| Value::Text(Cow::Owned(uri_encode(&text)))),
            ),
            Function::IsValidHostLabel(value, dots) => {
                Value::Flag(self.optional(value)?.is_some_and(|text| is_valid_host_label(&text, *dots)))
            }
            Function::IsVirtualHostableBucket(value, dots) => {
                Value::Flag(self.optional(value)?.is_some_and(|text| is_virtual_hostable(&text, *dots)))
            }
            Function::ParseUrl(value) => {
                let url = self.optional(value)?.and_then(|text| Url::parse(&text));
                Value::or_nothing(url.map(|url| Value::Url(Rc::new(url))))
            }
            Function::ParseArn(value) => {
                let arn = self.optional(value)?.and_then(|text| Arn::parse(&text));
                Value::or_nothing(arn.map(|arn| Value::Arn(Rc::new(arn))))
            }
            Function::Partition(region) => {
                let region = self.optional(region)?.unwrap_or_default();
                let partition = self.partitions.of(&region);
                Value::or_nothing(partition.map(|partition| Value::Partition(&partition.outputs)))
            }
        })
    }
}

fn given(parameter: &Parameter) -> Value<'_> {
    match parameter {
        Parameter::Text(text) => Value::Text(Cow::Borrowed(text)),
        Parameter::Flag(flag) => Value::Flag(*flag),
        Parameter::List(list) => Value::List(list),
    }
}

/// A piece of a text, borrowed where the text is.
fn cut(text: Cow<'_, str>, range: impl FnOnce(&str) -> Option<std::ops::Range<usize>>) -> Value<'_> {
    let piece = range(&text).and_then(|range| match text {
        Cow::Borrowed(text) => text.get(range).map(Cow::Borrowed),
        Cow::Owned(text) => text.get(range).map(|piece| Cow::Owned(piece.into())),
    });
    Value::or_nothing(piece.map(Value::Text))
}

fn attribute<'a>(value: &Value<'a>, name: Attribute) -> Result<Value<'a>> {
    let owned = |text: &str| Value::Text(Cow::Owned(text.into()));
    let item = |list: &[String], n: u16| Value::or_nothing(list.get(usize::from(n)).map(|text| owned(text)));
    Ok(match (value, name) {
        (Value::List(list), Attribute::Item(n)) => item(list, n),
        (Value::Arn(arn), Attribute::ResourceId(n)) => item(&arn.resource, n),
        (Value::Arn(arn), Attribute::Partition) => owned(&arn.partition),
        (Value::Arn(arn), Attribute::Service) => owned(&arn.service),
        (Value::Arn(arn), Attribute::Region) => owned(&arn.region),
        (Value::Arn(arn), Attribute::AccountId) => owned(&arn.account),
        (Value::Partition(of), Attribute::Name) => Value::Text(Cow::Borrowed(&of.name)),
        (Value::Partition(of), Attribute::DnsSuffix) => Value::Text(Cow::Borrowed(&of.dns_suffix)),
        (Value::Partition(of), Attribute::DualStackDnsSuffix) => {
            Value::Text(Cow::Borrowed(&of.dual_stack_dns_suffix))
        }
        (Value::Partition(of), Attribute::ImplicitGlobalRegion) => {
            Value::Text(Cow::Borrowed(&of.implicit_global_region))
        }
        (Value::Partition(of), Attribute::SupportsFips) => Value::Flag(of.supports_fips),
        (Value::Partition(of), Attribute::SupportsDualStack) => Value::Flag(of.supports_dual_stack),
        (Value::Url(url), Attribute::Scheme) => Value::Text(Cow::Borrowed(url.scheme)),
        (Value::Url(url), Attribute::Authority) => owned(&url.authority),
        (Value::Url(url), Attribute::Path) => owned(&url.path),
        (Value::Url(url), Attribute::NormalizedPath) => owned(&url.normalized_path),
        (Value::Url(url), Attribute::IsIp) => Value::Flag(url.is_ip),
        (other, name) => return Err(unexpected(&format!("something with {name:?}"), other)),
    })
}

fn unexpected(wanted: &str, found: &Value<'_>) -> Error {
    let found = match found {
        Value::Nothing => "nothing",
        Value::Text(_) => "a text",
        Value::Flag(_) => "a flag",
        Value::List(_) => "a list",
        Value::Partition(_) => "a partition",
        Value::Arn(_) => "an ARN",
        Value::Url(_) => "a URL",
    };
    Error::new(ErrorKind::Model, format!("the service's endpoint rules want {wanted} and find {found}"))
        .help("give the address with --endpoint-url")
}
