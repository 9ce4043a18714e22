//! Partitions: separate clouds such as `aws`, `aws-cn` and `aws-us-gov`, each with its regions and host suffixes.

use super::parse::{Problem, array, field, object, text};
use crate::error::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// botocore's `partitions.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partitions {
    /// At least one; the first is the one for regions that none knows.
    partitions: Vec<Partition>,
}

/// One partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partition {
    /// What rules ask about it.
    pub outputs: Outputs,
    /// Its known regions with the pseudo region `aws-global` and its like, sorted.
    pub regions: Vec<Box<str>>,
    /// How its regions look, so that ones newer than this data are recognised.
    pub pattern: Vec<Piece>,
}

/// What rules ask about a partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outputs {
    /// As `aws` or `aws-cn`.
    pub name: Box<str>,
    /// As `amazonaws.com`.
    pub dns_suffix: Box<str>,
    /// As `api.aws`.
    pub dual_stack_dns_suffix: Box<str>,
    /// The region that services without regions sign for.
    pub implicit_global_region: Box<str>,
    /// Whether there are FIPS endpoints.
    pub supports_fips: bool,
    /// Whether there are dual-stack endpoints.
    pub supports_dual_stack: bool,
}

/// A piece of the regular expressions that occur, as `^(us|eu)\-\w+\-\d+$`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Piece {
    /// Text as it stands.
    Text(Box<str>),
    /// One of several texts.
    Choice(Vec<Box<str>>),
    /// One or more letters, digits or underscores.
    Word,
    /// One or more digits.
    Digits,
}

impl Partitions {
    /// Reads the JSON text of `partitions.json`. Fails with [`ErrorKind::Model`] where it is not understood.
    pub fn parse(json: &[u8]) -> Result<Self> {
        let json: Json = serde_json::from_slice(json).map_err(|cause| {
            Error::new(ErrorKind::Model, "the partitions are not readable as JSON").source(cause)
        })?;
        all(&json).map_err(|problem| {
            Error::new(ErrorKind::Model, format!("the partitions cannot be read: {problem}"))
        })
    }

    /// The partition of a region; the first one, `aws`, where none knows it.
    pub fn of(&self, region: &str) -> Option<&Partition> {
        self.partitions.iter().find(|partition| partition.has(region)).or_else(|| self.partitions.first())
    }

    /// All partitions, in the file's order.
    pub fn iter(&self) -> impl Iterator<Item = &Partition> {
        self.partitions.iter()
    }
}

impl Partition {
    /// Whether a region is one of its own, known or by its look.
    pub fn has(&self, region: &str) -> bool {
        self.regions.binary_search_by(|known| known.as_ref().cmp(region)).is_ok()
            || matches(&self.pattern, region)
    }
}

fn all(json: &Json) -> std::result::Result<Partitions, Problem> {
    let list = array(field(json, "partitions")?)?;
    let partitions = list.iter().map(one).collect::<std::result::Result<Vec<_>, _>>()?;
    if partitions.is_empty() {
        return Err(Problem::new("there is no partition"));
    }
    Ok(Partitions { partitions })
}

fn one(json: &Json) -> std::result::Result<Partition, Problem> {
    let outputs = field(json, "outputs")?;
    let string = |name: &str| Ok(text(field(outputs, name)?)?.into());
    let flag = |name: &str| outputs.get(name).and_then(Json::as_bool).unwrap_or(false);
    let expression = text(field(json, "regionRegex")?)?;
    let pattern = pieces(expression)
        .ok_or_else(|| Problem::new(format!("the regular expression `{expression}` is not understood")))?;
    let mut regions: Vec<Box<str>> =
        object(field(json, "regions")?)?.keys().map(|name| name.as_str().into()).collect();
    regions.sort_unstable();
    Ok(Partition {
        outputs: Outputs {
            name: text(field(json, "id")?)?.into(),
            dns_suffix: string("dnsSuffix")?,
            dual_stack_dns_suffix: string("dualStackDnsSuffix")?,
            implicit_global_region: string("implicitGlobalRegion")?,
            supports_fips: flag("supportsFIPS"),
            supports_dual_stack: flag("supportsDualStack"),
        },
        regions,
        pattern,
    })
}

/// Reads a regular expression of the few forms that occur.
fn pieces(expression: &str) -> Option<Vec<Piece>> {
    let mut rest = expression.strip_prefix('^')?.strip_suffix('$')?;
    let mut pieces = Vec::new();
    let mut plain = String::new();
    while let Some(first) = rest.chars().next() {
        let special = if let Some(after) = rest.strip_prefix(r"\w+") {
            Some((Piece::Word, after))
        } else if let Some(after) = rest.strip_prefix(r"\d+") {
            Some((Piece::Digits, after))
        } else if let Some(inner) = rest.strip_prefix('(') {
            let (choices, after) = inner.split_once(')')?;
            let simple = |c: char| c.is_ascii_alphanumeric() || c == '|';
            choices.chars().all(simple).then_some(())?;
            Some((Piece::Choice(choices.split('|').map(Into::into).collect()), after))
        } else {
            None
        };
        if let Some((piece, after)) = special {
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain).into()));
            }
            pieces.push(piece);
            rest = after;
        } else {
            let escaped = rest.strip_prefix(r"\-");
            let known = escaped.is_some() || first.is_ascii_alphanumeric() || first == '-';
            known.then(|| plain.push(if escaped.is_some() { '-' } else { first }))?;
            rest = escaped.or_else(|| rest.strip_prefix(first))?;
        }
    }
    if !plain.is_empty() {
        pieces.push(Piece::Text(plain.into()));
    }
    Some(pieces)
}

/// Whether the pieces make up the whole text. Repetitions try the longest first, as regular expressions do.
fn matches(pieces: &[Piece], text: &str) -> bool {
    let Some((piece, rest)) = pieces.split_first() else { return text.is_empty() };
    let repeated = |belongs: fn(char) -> bool| {
        let longest = text.find(|c| !belongs(c)).unwrap_or(text.len());
        let mut ends = (1..=longest).rev();
        ends.any(|end| text.get(end..).is_some_and(|after| matches(rest, after)))
    };
    let after = |prefix: &str| text.strip_prefix(prefix).is_some_and(|after| matches(rest, after));
    match piece {
        Piece::Text(plain) => after(plain),
        Piece::Choice(choices) => choices.iter().any(|choice| after(choice)),
        Piece::Word => repeated(|c| c.is_alphanumeric() || c == '_'),
        Piece::Digits => repeated(|c| c.is_ascii_digit()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = r#"{"partitions": [
        {"id": "aws", "regionRegex": "^(us|eu)\\-\\w+\\-\\d+$", "regions": {"us-east-1": {}, "aws-global": {}},
         "outputs": {"dnsSuffix": "amazonaws.com", "dualStackDnsSuffix": "api.aws",
                     "implicitGlobalRegion": "us-east-1", "supportsFIPS": true, "supportsDualStack": true}},
        {"id": "aws-iso", "regionRegex": "^us\\-iso\\-\\w+\\-\\d+$", "regions": {},
         "outputs": {"dnsSuffix": "c2s.ic.gov", "dualStackDnsSuffix": "c2s.ic.gov",
                     "implicitGlobalRegion": "us-iso-east-1", "supportsFIPS": true}}]}"#;

    #[test]
    fn regions_find_their_partition() {
        let partitions = Partitions::parse(TWO.as_bytes()).unwrap();
        let name = |region: &str| partitions.of(region).unwrap().outputs.name.to_string();
        assert_eq!(name("us-east-1"), "aws");
        assert_eq!(name("eu-new-77"), "aws");
        assert_eq!(name("us-iso-east-1"), "aws-iso");
        assert_eq!(name("nowhere"), "aws");
        assert!(!partitions.of("aws-global").unwrap().has("us-iso-east-1"));
    }

    #[test]
    fn patterns_match_as_regular_expressions_do() {
        let pieces = pieces(r"^eusc\-(de|fr)\-\w+\d+-\w+$").unwrap();
        for (text, expected) in [
            ("eusc-de-east1-x", true),
            ("eusc-fr-east-x", false),
            ("eusc-it-east1-x", false),
            ("eusc-de-a12-é", true),
        ] {
            assert_eq!(matches(&pieces, text), expected, "{text}");
        }
    }

    #[test]
    fn other_regular_expressions_are_refused() {
        for expression in [r"us\-\w+$", r"^us\-\w*$", "^us.$", "^(us|(eu))$", "^[a-z]+$"] {
            assert_eq!(pieces(expression), None, "{expression}");
            let json = TWO.replacen(r"^(us|eu)\\-\\w+\\-\\d+$", &expression.replace('\\', r"\\"), 1);
            assert_eq!(Partitions::parse(json.as_bytes()).unwrap_err().kind(), ErrorKind::Model);
        }
        assert_eq!(Partitions::parse(br#"{"partitions": []}"#).unwrap_err().kind(), ErrorKind::Model);
    }
}
