//! Endpoint rule sets and partitions, as compiled data. The interpreter is `client::endpoints`.
//!
//! The language is the one of Smithy's `endpointRuleSet` trait in the version that botocore's
//! `endpoint-rule-set-1.json` speaks: a tree of rules whose conditions call functions and may assign a variable.
//! Names are resolved here, lexically, to slots: an interpreter needs one small array and no map. A reference to
//! something that is not in scope, or a function, rule type or attribute that is unknown, makes a rule set unreadable;
//! so an interpreter never meets one.

mod parse;
mod partitions;
mod template;

pub use partitions::{Outputs, Partition, Partitions, Piece};
pub use template::Part;

use serde::{Deserialize, Serialize};

/// The endpoint rules of one service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleSet {
    /// In the file's order; parameter `n` lives in slot `n`.
    pub parameters: Vec<Parameter>,
    /// Slots that an evaluation needs: the parameters, then what conditions assign. Scopes that never see each other
    /// share slots.
    pub slots: u16,
    /// The first rule that matches decides.
    pub rules: Vec<Rule>,
}

/// Something that a caller can set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// As `Region` or `Bucket`.
    pub name: Box<str>,
    /// What it holds.
    pub kind: ParameterKind,
    /// Where its value comes from without the caller's doing, as `AWS::Region`.
    pub builtin: Option<Box<str>>,
    /// Resolution fails without it (and without a default).
    pub required: bool,
    /// Its value where none is given.
    pub default: Option<Default>,
}

/// What a parameter holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ParameterKind {
    /// Text.
    Text,
    /// True or false.
    Flag,
    /// A list of texts.
    List,
}

/// A parameter's value where none is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Default {
    /// Text.
    Text(Box<str>),
    /// True or false.
    Flag(bool),
    /// A list of texts.
    List(Vec<Box<str>>),
}

/// One rule: what it leads to when all conditions hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Each must give something other than `false` and nothing.
    #[serde(rename = "c")]
    pub conditions: Vec<Condition>,
    /// What follows.
    #[serde(rename = "o")]
    pub outcome: Outcome,
}

/// One condition of a rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    /// What is asked.
    pub function: Function,
    /// Slot that keeps the answer for later conditions and rules below.
    pub assign: Option<u16>,
}

/// What a rule leads to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// More rules; where none of them matches, the search goes on after this one.
    #[serde(rename = "r")]
    Rules(Vec<Rule>),
    /// An endpoint.
    #[serde(rename = "e")]
    Endpoint(Box<Endpoint>),
    /// An error with that text.
    #[serde(rename = "x")]
    Error(Expression),
}

/// An endpoint with templates in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Endpoint {
    /// Gives the URL.
    pub url: Expression,
    /// Headers that every request to it carries, with their values.
    pub headers: Vec<(Box<str>, Vec<Expression>)>,
    /// How to sign, in order of preference; empty where the service's own ways hold.
    pub auth_schemes: Vec<AuthScheme>,
}

/// One way to sign. Other properties of endpoints (`backend`, `metricValues`) say nothing that these do not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuthScheme {
    /// As `sigv4` or `sigv4-s3express`.
    pub name: Box<str>,
    /// Service name in the credential scope.
    pub signing_name: Option<Expression>,
    /// Region in the credential scope.
    pub signing_region: Option<Expression>,
    /// Regions, for `sigv4a`.
    pub signing_region_set: Vec<Expression>,
    /// Do not escape the path a second time (S3).
    pub disable_double_encoding: bool,
}

/// Something with a value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Expression {
    /// A parameter or variable.
    #[serde(rename = "s")]
    Slot(u16),
    /// True or false.
    #[serde(rename = "f")]
    Flag(bool),
    /// Plain text.
    #[serde(rename = "t")]
    Text(Box<str>),
    /// Text with values in it.
    #[serde(rename = "m")]
    Template(Vec<Part>),
    /// What a function gives.
    #[serde(rename = "c")]
    Call(Box<Function>),
}

/// The functions of the language. An argument that a function cannot take makes the resolution fail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Function {
    /// Whether there is a value.
    #[serde(rename = "is")]
    IsSet(Expression),
    /// Turns a flag round; nothing counts as false.
    #[serde(rename = "no")]
    Not(Expression),
    /// Whether two flags are equal.
    #[serde(rename = "b=")]
    BooleanEquals(Expression, Expression),
    /// Whether two texts are equal.
    #[serde(rename = "s=")]
    StringEquals(Expression, Expression),
    /// A part of an ARN, URL, partition or list; nothing where the list is shorter.
    #[serde(rename = "a")]
    GetAttribute(Expression, Attribute),
    /// Some characters of an ASCII text; nothing where it is shorter or not ASCII.
    #[serde(rename = "sub")]
    Substring {
        /// The text.
        value: Expression,
        /// First character, from 0.
        start: u32,
        /// After the last character.
        stop: u32,
        /// Positions count from the end.
        reverse: bool,
    },
    /// Percent-encoding of all but unreserved characters.
    #[serde(rename = "enc")]
    UriEncode(Expression),
    /// Whether a text can be part of a host name; with `true` also several parts with dots between.
    #[serde(rename = "label")]
    IsValidHostLabel(Expression, bool),
    /// The parts of an HTTP URL without query; nothing where it is none.
    #[serde(rename = "url")]
    ParseUrl(Expression),
    /// The partition of a region; the first one where no other knows it.
    #[serde(rename = "part")]
    Partition(Expression),
    /// The parts of an ARN; nothing where it is none.
    #[serde(rename = "arn")]
    ParseArn(Expression),
    /// Whether a bucket's name can be part of a host name; with `true` also one with dots.
    #[serde(rename = "vhost")]
    IsVirtualHostableBucket(Expression, bool),
}

/// A part of what the parsing functions give, or of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Attribute {
    /// An element of a list, from 0.
    Item(u16),
    /// An element of an ARN's resource, from 0.
    ResourceId(u16),
    /// An ARN's partition.
    Partition,
    /// An ARN's service.
    Service,
    /// An ARN's region.
    Region,
    /// An ARN's account.
    AccountId,
    /// A partition's name.
    Name,
    /// A partition's host suffix.
    DnsSuffix,
    /// A partition's host suffix for IPv4 and IPv6.
    DualStackDnsSuffix,
    /// A partition's region for services without regions.
    ImplicitGlobalRegion,
    /// Whether a partition has FIPS endpoints.
    SupportsFips,
    /// Whether a partition has dual-stack endpoints.
    SupportsDualStack,
    /// A URL's scheme.
    Scheme,
    /// A URL's host and port.
    Authority,
    /// A URL's path as it stands.
    Path,
    /// A URL's path, normalised and with a slash at the end.
    NormalizedPath,
    /// Whether a URL's host is an IP address.
    IsIp,
}

impl Attribute {
    /// Reads a path as rule sets write it: `resourceId[1]`, `[0]` or `dnsSuffix`.
    pub fn parse(path: &str) -> Option<Self> {
        if let Some((list, rest)) = path.split_once('[') {
            let index = rest.strip_suffix(']')?.parse().ok()?;
            return match list {
                "" => Some(Self::Item(index)),
                "resourceId" => Some(Self::ResourceId(index)),
                _ => None,
            };
        }
        Some(match path {
            "partition" => Self::Partition,
            "service" => Self::Service,
            "region" => Self::Region,
            "accountId" => Self::AccountId,
            "name" => Self::Name,
            "dnsSuffix" => Self::DnsSuffix,
            "dualStackDnsSuffix" => Self::DualStackDnsSuffix,
            "implicitGlobalRegion" => Self::ImplicitGlobalRegion,
            "supportsFIPS" => Self::SupportsFips,
            "supportsDualStack" => Self::SupportsDualStack,
            "scheme" => Self::Scheme,
            "authority" => Self::Authority,
            "path" => Self::Path,
            "normalizedPath" => Self::NormalizedPath,
            "isIp" => Self::IsIp,
            _ => return None,
        })
    }
}

impl RuleSet {
    /// The parameter of that name, with its slot.
    pub fn parameter(&self, name: &str) -> Option<(usize, &Parameter)> {
        self.parameters.iter().enumerate().find(|(_, parameter)| &*parameter.name == name)
    }

    /// The parameter that a built-in such as `AWS::Region` fills, with its slot.
    pub fn builtin(&self, name: &str) -> Option<(usize, &Parameter)> {
        self.parameters.iter().enumerate().find(|(_, parameter)| parameter.builtin.as_deref() == Some(name))
    }
}
