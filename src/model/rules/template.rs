//! Texts with values in them, as `https://{Bucket}.s3.{Region}.{partition#dnsSuffix}`.

use super::Attribute;
use serde::{Deserialize, Serialize};

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Part {
    /// Text as it stands.
    #[serde(rename = "t")]
    Text(Box<str>),
    /// The text in a slot.
    #[serde(rename = "s")]
    Slot(u16),
    /// A part of what is in a slot.
    #[serde(rename = "a")]
    Attribute(u16, Attribute),
}

/// Splits a text at its `{name}` and `{name#attribute}`; `{{` and `}}` stand for braces. `slot` finds a name.
/// The error says what is wrong.
pub(super) fn split(text: &str, slot: impl Fn(&str) -> Option<u16>) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(at);
        plain.push_str(before);
        if let Some(after) = from.strip_prefix("{{") {
            plain.push('{');
            rest = after;
        } else if let Some(after) = from.strip_prefix("}}") {
            plain.push('}');
            rest = after;
        } else {
            let inner = from.strip_prefix('{').and_then(|inner| inner.split_once('}'));
            let (reference, after) = inner.ok_or_else(|| format!("unbalanced braces in `{text}`"))?;
            if !plain.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut plain).into()));
            }
            parts.push(value(reference, &slot)?);
            rest = after;
        }
    }
    plain.push_str(rest);
    if !plain.is_empty() || parts.is_empty() {
        parts.push(Part::Text(plain.into()));
    }
    Ok(parts)
}

fn value(reference: &str, slot: impl Fn(&str) -> Option<u16>) -> Result<Part, String> {
    let find = |name: &str| slot(name).ok_or_else(|| format!("`{name}` is not in scope"));
    match reference.split_once('#') {
        None => Ok(Part::Slot(find(reference)?)),
        Some((name, path)) => {
            let attribute = Attribute::parse(path).ok_or_else(|| format!("unknown attribute `{path}`"))?;
            Ok(Part::Attribute(find(name)?, attribute))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(name: &str) -> Option<u16> {
        ["Region", "p"].iter().position(|known| *known == name).and_then(|n| u16::try_from(n).ok())
    }

    #[test]
    fn values_and_braces() {
        let parts = split("https://{{x}}.{Region}.{p#dnsSuffix}/", names);
        let expected = vec![
            Part::Text("https://{x}.".into()),
            Part::Slot(0),
            Part::Text(".".into()),
            Part::Attribute(1, Attribute::DnsSuffix),
            Part::Text("/".into()),
        ];
        assert_eq!(parts, Ok(expected));
        assert_eq!(split("", names), Ok(vec![Part::Text("".into())]));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, reason) in [
            ("{Region", "unbalanced"),
            ("a}b", "unbalanced"),
            ("{Nobody}", "`Nobody` is not in scope"),
            ("{p#colour}", "unknown attribute `colour`"),
        ] {
            let error = split(text, names).unwrap_err();
            assert!(error.contains(reason), "{error}");
        }
    }
}
