//! Rows as one would have written them: tags as a record, DynamoDB values plain, embedded JSON parsed, amounts numeric.
//!
//! Everything here goes by the form of the data, so it works for rows from anywhere (`aws tidy`). What does not fit a
//! form exactly is left as it is.

use nu_protocol::{Record, Span, Value};
use std::{borrow::Cow, collections::HashSet};

/// Deeper than any answer of AWS; data beyond it is left as it is.
const MAX_DEPTH: usize = 64;

/// Fields whose text is JSON by AWS's documentation.
const JSON_FIELDS: [&str; 14] = [
    "CloudTrailEvent",
    "definition",
    "Definition",
    "input",
    "output",
    "Body",
    "Message",
    "PolicyDocument",
    "Policy",
    "policyText",
    "AssumeRolePolicyDocument",
    "EventPattern",
    "Detail",
    "SecretString",
];

/// One row, tidied at every depth. What needs no change is left in place.
pub fn row(mut value: Value) -> Value {
    tidy(&mut value, None, 0);
    value
}

fn tidy(value: &mut Value, name: Option<&str>, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    let span = value.span();
    match value {
        Value::Record { val, .. } => {
            let record = val.to_mut();
            if let Some(plain) = attribute_value(record, span, depth) {
                *value = plain;
                return;
            }
            amount(record, span);
            for (key, field) in record.iter_mut() {
                tidy(field, Some(key), depth + 1);
            }
        }
        Value::List { vals, .. } => {
            let items = vals.to_mut();
            match name.filter(|name| is_tag_list(name)).and_then(|_| tags(items, span)) {
                Some(tags) => *value = tags,
                None => tidy_items(items, depth),
            }
        }
        Value::String { val, .. } if name.is_some_and(|name| JSON_FIELDS.contains(&name)) => {
            if let Some(parsed) = parse_json(val, span) {
                *value = parsed;
            }
        }
        _ => {}
    }
}

fn tidy_items(items: &mut [Value], depth: usize) {
    for item in items {
        tidy(item, None, depth + 1);
    }
}

fn take(value: &mut Value) -> Value {
    let nothing = Value::nothing(value.span());
    std::mem::replace(value, nothing)
}

fn is_tag_list(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with("tags") || matches!(name, "TagSet" | "TagList" | "tagList")
}

/// `[{Key, Value}, …]` as a record. Empty lists too: a row without tags must look like its neighbours.
///
/// Tags that say more (Auto Scaling's have `PropagateAtLaunch` and `ResourceId`) or that share a key have no place in
/// a record, and their list stays a list.
fn tags(items: &mut [Value], span: Span) -> Option<Value> {
    let mut keys = HashSet::with_capacity(items.len());
    if !items.iter().all(|item| tag_key(item).is_some_and(|key| keys.insert(key))) {
        return None;
    }
    let mut record = Record::with_capacity(items.len());
    for item in items {
        let Value::Record { val, .. } = item else { return None };
        let (mut key, mut value) = (String::new(), Value::nothing(span));
        for (name, field) in val.to_mut().iter_mut() {
            match field {
                Value::String { val, .. } if TAG_KEYS.contains(&name.as_str()) => key = std::mem::take(val),
                _ => value = take(field),
            }
        }
        record.push(key, value);
    }
    Some(Value::record(record, span))
}

const TAG_KEYS: [&str; 3] = ["Key", "key", "TagKey"];
const TAG_VALUES: [&str; 3] = ["Value", "value", "TagValue"];

/// The key of a record that is a tag and nothing else.
fn tag_key(item: &Value) -> Option<&str> {
    let Value::Record { val, .. } = item else { return None };
    let mut key = None;
    let mut values = 0;
    for (name, field) in val.iter() {
        match field {
            Value::String { val, .. } if key.is_none() && TAG_KEYS.contains(&name.as_str()) => {
                key = Some(val.as_str());
            }
            _ if TAG_VALUES.contains(&name.as_str()) => values += 1,
            _ => return None,
        }
    }
    key.filter(|_| values <= 1)
}

/// A DynamoDB attribute value, `{S: "x"}` or `{N: "1"}`, as the plain value. Numbers become integers or floats only
/// where nothing is lost; DynamoDB has 38 digits.
fn attribute_value(record: &mut Record, span: Span, depth: usize) -> Option<Value> {
    if record.len() != 1 {
        return None;
    }
    let (kind, value) = record.iter_mut().next()?;
    match (kind.as_str(), &mut *value) {
        ("S", Value::String { .. })
        | ("B", Value::Binary { .. })
        | ("BOOL", Value::Bool { .. })
        | ("SS" | "BS", Value::List { .. }) => {}
        ("N", Value::String { val, .. }) => return Some(number(val, span)),
        ("NULL", Value::Bool { val: true, .. }) => return Some(Value::nothing(span)),
        ("NS", Value::List { vals, .. }) => {
            for item in vals.to_mut() {
                if let Value::String { val, .. } = item {
                    *item = number(val, span);
                }
            }
        }
        ("L", Value::List { vals, .. }) => tidy_items(vals.to_mut(), depth),
        // The map's own keys are the user's: one called `S` is no type.
        ("M", Value::Record { val, .. }) => {
            for (_, field) in val.to_mut().iter_mut() {
                tidy(field, None, depth + 1);
            }
        }
        _ => return None,
    }
    Some(take(value))
}

/// `{Amount: "12.3", Unit: "USD"}` of the billing services: the amount as a number, unless digits would be lost.
fn amount(record: &mut Record, span: Span) {
    if record.len() != 2 || !record.contains("Unit") {
        return;
    }
    let Some(amount) = record.get_mut("Amount") else { return };
    if let Value::String { val, .. } = amount
        && let Some(float) = exact_float(val)
    {
        *amount = Value::float(float, span);
    }
}

/// A number, or the text itself where no number holds all of its digits.
fn number(text: &str, span: Span) -> Value {
    if let Ok(integer) = text.parse::<i64>() {
        return Value::int(integer, span);
    }
    // An integer beyond 64 bits is an id more often than a quantity.
    if !text.contains(['.', 'e', 'E']) {
        return Value::string(text, span);
    }
    exact_float(text).map_or_else(|| Value::string(text, span), |float| Value::float(float, span))
}

/// The float that has exactly the digits of the text.
fn exact_float(text: &str) -> Option<f64> {
    let float: f64 = text.parse().ok()?;
    (float.is_finite() && digits(text) == digits(&format!("{float:e}"))).then_some(float)
}

/// The significant digits.
fn digits(text: &str) -> String {
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    digits.trim_matches('0').to_string()
}

/// Objects and arrays only: a number or a word may be text by intent.
fn parse_json(text: &str, span: Span) -> Option<Value> {
    let trimmed = text.trim_start();
    if !trimmed.starts_with(['{', '[']) {
        return None;
    }
    serde_json::from_str(&quote_long_numbers(trimmed)).ok().map(|json| from_json(json, span))
}

/// JSON whose numbers all fit: those that would lose digits become text.
fn quote_long_numbers(json: &str) -> Cow<'_, str> {
    /// Numbers of so many characters always fit.
    const SHORT: usize = 15;
    let is_number = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E');
    let bytes = json.as_bytes();
    let (mut quoted, mut copied) = (String::new(), 0);
    let (mut at, mut in_text) = (0, false);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => in_text = !in_text,
            b'\\' => at += 1,
            b'-' | b'0'..=b'9' if !in_text => {
                let length = bytes.iter().skip(at).take_while(|byte| is_number(**byte)).count();
                let (before, number_text) = (json.get(copied..at), json.get(at..at + length));
                if let (Some(before), Some(text)) = (before, number_text)
                    && length > SHORT
                    && matches!(number(text, Span::unknown()), Value::String { .. })
                {
                    quoted.extend([before, "\"", text, "\""]);
                    copied = at + length;
                }
                at += length - 1;
            }
            _ => {}
        }
        at += 1;
    }
    if copied == 0 {
        return Cow::Borrowed(json);
    }
    quoted.push_str(json.get(copied..).unwrap_or_default());
    Cow::Owned(quoted)
}

fn from_json(json: serde_json::Value, span: Span) -> Value {
    use serde_json::Value as Json;
    match json {
        Json::Null => Value::nothing(span),
        Json::Bool(flag) => Value::bool(flag, span),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => Value::int(integer, span),
            (None, Some(float)) => Value::float(float, span),
            (None, None) => Value::string(number.to_string(), span),
        },
        Json::String(text) => Value::string(text, span),
        Json::Array(items) => {
            Value::list(items.into_iter().map(|item| from_json(item, span)).collect(), span)
        }
        Json::Object(fields) => Value::record(
            fields.into_iter().map(|(key, value)| (key, from_json(value, span))).collect(),
            span,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nu_protocol::record;

    fn text(text: &str) -> Value {
        Value::test_string(text)
    }

    fn tidied(name: &str, value: Value) -> Value {
        let row = row(Value::test_record(Record::from_iter([(name.to_string(), value)])));
        row.get_data_by_key(name).unwrap()
    }

    #[test]
    fn tags_become_a_record() {
        let tag = |k: &str, v: &str| Value::test_record(record! { "Key" => text(k), "Value" => text(v) });
        let expected = Value::test_record(record! { "Name" => text("web"), "env" => text("prod") });
        assert_eq!(tidied("Tags", Value::test_list(vec![tag("Name", "web"), tag("env", "prod")])), expected);
        assert_eq!(tidied("Tags", Value::test_list(vec![])), Value::test_record(Record::new()));
        let strings = Value::test_list(vec![text("a")]);
        assert_eq!(tidied("Tags", strings.clone()), strings);
    }

    #[test]
    fn dynamodb_values_become_plain_and_lose_nothing() {
        let n = |digits: &str| Value::test_record(record! { "N" => text(digits) });
        assert_eq!(tidied("a", n("42")), Value::test_int(42));
        assert_eq!(tidied("a", n("1.5")), Value::test_float(1.5));
        let long = "3.14159265358979323846264338327950288419";
        assert_eq!(tidied("a", n(long)), text(long));
        let map = Value::test_record(record! { "M" => Value::test_record(record! { "x" => n("1") }) });
        assert_eq!(tidied("a", map), Value::test_record(record! { "x" => Value::test_int(1) }));
        let two = Value::test_record(record! { "S" => text("a"), "N" => text("1") });
        assert_eq!(tidied("a", two.clone()), two);
    }

    #[test]
    fn json_is_parsed_only_where_it_is_json() {
        assert_eq!(
            tidied("definition", text("{\"a\":1}")),
            Value::test_record(record! { "a" => Value::test_int(1) })
        );
        assert_eq!(tidied("Body", text("{broken")), text("{broken"));
        assert_eq!(tidied("Body", text("12")), text("12"));
        assert_eq!(tidied("Name", text("{\"a\":1}")), text("{\"a\":1}"));
    }

    #[test]
    fn amounts_become_numbers() {
        let cost = Value::test_record(record! { "Amount" => text("12.5"), "Unit" => text("USD") });
        let expected =
            Value::test_record(record! { "Amount" => Value::test_float(12.5), "Unit" => text("USD") });
        assert_eq!(tidied("Total", cost), expected);
    }

    #[test]
    fn tags_that_say_more_stay_a_list() {
        let tag = |id: &str, more: bool| {
            let mut tag = record! { "Key" => text("Name"), "Value" => text(id) };
            if more {
                tag.push("PropagateAtLaunch", Value::test_bool(true));
            }
            Value::test_record(tag)
        };
        for list in [vec![tag("a", true)], vec![tag("a", false), tag("b", false)]] {
            let list = Value::test_list(list);
            assert_eq!(tidied("Tags", list.clone()), list);
        }
    }

    #[test]
    fn numbers_keep_all_their_digits() {
        let json = r#"{"id":18446744073709551615,"x":0.30000000000000004,"y":[-1.2345678901234567891,7],"s":"\\\"12345678901234567890"}"#;
        let expected = Value::test_record(record! {
            "id" => text("18446744073709551615"),
            "x" => Value::test_float(0.300_000_000_000_000_04),
            "y" => Value::test_list(vec![text("-1.2345678901234567891"), Value::test_int(7)]),
            "s" => text("\\\"12345678901234567890"),
        });
        assert_eq!(tidied("Body", text(json)), expected);
        for amount in ["NaN", "inf", "0.12345678901234567890123"] {
            let cost = Value::test_record(record! { "Amount" => text(amount), "Unit" => text("USD") });
            assert_eq!(tidied("Total", cost.clone()), cost);
        }
    }

    #[test]
    fn keys_of_a_dynamodb_map_are_no_types() {
        let attribute =
            |kind: &str, value| Value::test_record(Record::from_iter([(kind.to_string(), value)]));
        let map = attribute("M", attribute("M", attribute("S", text("x"))));
        assert_eq!(tidied("a", map), Value::test_record(record! { "M" => text("x") }));
    }
}
