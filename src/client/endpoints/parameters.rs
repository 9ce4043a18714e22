//! The parameters of one resolution.

use super::{check_region, context, missing_region};
use crate::{
    error::{Error, ErrorKind, Result},
    model::{
        Operation, Service,
        rules::{Default, ParameterKind, RuleSet},
    },
};
use nu_protocol::{Record, Value};

const REGION: &str = "AWS::Region";

/// The value of an endpoint parameter.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Parameter {
    /// Text.
    Text(String),
    /// True or false.
    Flag(bool),
    /// A list of texts.
    List(Vec<String>),
}

impl From<&str> for Parameter {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Parameter {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Parameter {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<Vec<String>> for Parameter {
    fn from(list: Vec<String>) -> Self {
        Self::List(list)
    }
}

impl Parameter {
    /// A text, flag or list of texts; `None` for what no endpoint parameter can hold.
    pub fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::String { val, .. } => Some(Self::Text(val.clone())),
            Value::Bool { val, .. } => Some(Self::Flag(*val)),
            Value::List { vals, .. } => {
                let texts = vals.iter().map(|value| value.as_str().ok().map(String::from));
                texts.collect::<Option<_>>().map(Self::List)
            }
            _ => None,
        }
    }

    fn kind(&self) -> ParameterKind {
        match self {
            Self::Text(_) => ParameterKind::Text,
            Self::Flag(_) => ParameterKind::Flag,
            Self::List(_) => ParameterKind::List,
        }
    }
}

/// One value or none for each parameter of a rule set, in its order. Equal ones lead to equal endpoints.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Parameters(pub(super) Vec<Option<Parameter>>);

impl Parameters {
    /// Collects values for the parameters of a rule set.
    pub fn builder(rules: &RuleSet) -> Builder<'_> {
        Builder { rules, values: rules.parameters.iter().map(|_| None).collect() }
    }

    pub(super) fn region_is_missing(&self, rules: &RuleSet) -> bool {
        rules.builtin(REGION).is_some_and(|(slot, _)| matches!(self.0.get(slot), Some(None)))
    }
}

/// Collects values for the parameters of a rule set. What the rule set does not know is left out, so callers offer all
/// that they have. Values set by name win over built-in ones, whatever the order.
#[derive(Debug, Clone)]
pub struct Builder<'a> {
    rules: &'a RuleSet,
    /// With whether it was set by name.
    values: Vec<Option<(Parameter, bool)>>,
}

impl Builder<'_> {
    /// Fills the parameter that a built-in as `AWS::Region` belongs to.
    pub fn builtin(&mut self, name: &str, value: impl Into<Parameter>) -> &mut Self {
        let slot = self.rules.builtin(name).map(|(slot, _)| slot);
        self.fill(slot, value.into(), false)
    }

    /// Fills the parameter of that name, as `Bucket`.
    pub fn set(&mut self, name: &str, value: impl Into<Parameter>) -> &mut Self {
        let slot = self.rules.parameter(name).map(|(slot, _)| slot);
        self.fill(slot, value.into(), true)
    }

    /// Fills what an operation sets: from its input (canonical, by model names), then constants, which win.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] where the model asks for the value in a way that is not known.
    pub fn operation(
        &mut self,
        service: &Service,
        operation: &Operation,
        input: &Record,
    ) -> Result<&mut Self> {
        for (name, value) in context::parameters(service, operation, input)? {
            self.set(name, value);
        }
        Ok(self)
    }

    fn fill(&mut self, slot: Option<usize>, value: Parameter, by_name: bool) -> &mut Self {
        if let Some(place) = slot.and_then(|slot| self.values.get_mut(slot))
            && (by_name || !matches!(place, Some((_, true))))
        {
            *place = Some((value, by_name));
        }
        self
    }

    /// Adds the defaults and checks the values.
    ///
    /// # Errors
    /// [`ErrorKind::MissingRegion`] and [`ErrorKind::InvalidInput`] for values that are missing, of the wrong kind, or
    /// that cannot be a region.
    pub fn build(&self) -> Result<Parameters> {
        let mut values = Vec::with_capacity(self.values.len());
        for (parameter, value) in self.rules.parameters.iter().zip(&self.values) {
            let value = value.as_ref().map(|(value, _)| value.clone());
            let value = value.or_else(|| parameter.default.as_ref().map(default));
            let is_region = parameter.builtin.as_deref() == Some(REGION);
            match &value {
                None if parameter.required && is_region => {
                    return Err(missing_region(
                        "the service has an endpoint per region, and no region is set",
                    ));
                }
                None if parameter.required => {
                    let message =
                        format!("the service's endpoint depends on `{}`, which is not set", parameter.name);
                    return Err(Error::invalid(message).help("give the parameter, or --endpoint-url"));
                }
                Some(value) if value.kind() != parameter.kind => {
                    let message = format!("the endpoint parameter `{}` cannot be {value:?}", parameter.name);
                    return Err(Error::new(ErrorKind::InvalidInput, message));
                }
                Some(Parameter::Text(region)) if is_region => check_region(region)?,
                _ => {}
            }
            values.push(value);
        }
        Ok(Parameters(values))
    }
}

fn default(default: &Default) -> Parameter {
    match default {
        Default::Text(text) => Parameter::Text(text.to_string()),
        Default::Flag(flag) => Parameter::Flag(*flag),
        Default::List(items) => Parameter::List(items.iter().map(ToString::to_string).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> RuleSet {
        let json = r#"{"parameters": {"Region": {"builtIn": "AWS::Region", "type": "String", "required": true},
                                      "Mode": {"type": "String", "default": "plain"},
                                      "Names": {"type": "stringArray"},
                                      "Fips": {"builtIn": "AWS::UseFIPS", "type": "Boolean"}}, "rules": []}"#;
        RuleSet::parse(json.as_bytes()).unwrap()
    }

    #[test]
    fn names_win_over_builtins_and_defaults_fill_the_rest() {
        let rules = rules();
        let mut builder = Parameters::builder(&rules);
        builder.set("Region", "eu-west-1").builtin(REGION, "us-east-1").builtin("AWS::UseFIPS", true);
        builder.set("Unknown", true).builtin("AWS::Unknown", true);
        let expected = vec![Some("eu-west-1".into()), Some("plain".into()), None, Some(true.into())];
        assert_eq!(builder.build().unwrap(), Parameters(expected));
    }

    #[test]
    fn wrong_and_missing_values_are_refused() {
        let rules = rules();
        let kind = |name: &str, value: Parameter| {
            Parameters::builder(&rules).builtin(REGION, "x").set(name, value).build().unwrap_err().kind()
        };
        assert_eq!(kind("Fips", "yes".into()), ErrorKind::InvalidInput);
        assert_eq!(kind("Names", "a".into()), ErrorKind::InvalidInput);
        assert_eq!(kind("Region", "evil.com/#".into()), ErrorKind::InvalidInput);
        assert_eq!(Parameters::builder(&rules).build().unwrap_err().kind(), ErrorKind::MissingRegion);
    }

    #[test]
    fn values_of_other_kinds_are_no_parameters() {
        let list = Value::test_list(vec![Value::test_string("a")]);
        assert_eq!(Parameter::from_value(&list), Some(Parameter::List(vec!["a".into()])));
        assert_eq!(Parameter::from_value(&Value::test_list(vec![Value::test_int(1)])), None);
        assert_eq!(Parameter::from_value(&Value::test_int(1)), None);
    }
}
