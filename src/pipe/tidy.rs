//! Rows as one would have written them: tags as a record, DynamoDB values plain, embedded JSON parsed, amounts numeric.
//!
//! Everything here goes by the form of the data, so it works for rows from anywhere (`aws tidy`). What does not fit a
//! form exactly is left as it is.

use nu_protocol::{Record, Span, Value};

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

/// One row, tidied at every depth.
pub fn row(value: Value) -> Value {
    tidy(value, None, 0)
}

fn tidy(value: Value, name: Option<&str>, depth: usize) -> Value {
    if depth > MAX_DEPTH {
        return value;
    }
    let span = value.span();
    match value {
        Value::Record { val, .. } => {
            let record = val.into_owned();
            if let Some(plain) = attribute_value(&record, span, depth).or_else(|| amount(&record, span)) {
                return plain;
            }
            let fields = record.into_iter().map(|(key, value)| {
                let value = tidy(value, Some(&key), depth + 1);
                (key, value)
            });
            Value::record(fields.collect(), span)
        }
        Value::List { vals, .. } => {
            let items = vals.into_owned();
            match name.filter(|name| is_tag_list(name)).and_then(|_| tags(&items, span)) {
                Some(tags) => tags,
                None => {
                    Value::list(items.into_iter().map(|item| tidy(item, None, depth + 1)).collect(), span)
                }
            }
        }
        Value::String { ref val, .. } if name.is_some_and(|name| JSON_FIELDS.contains(&name)) => {
            parse_json(val, span).unwrap_or(value)
        }
        other => other,
    }
}

fn is_tag_list(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with("tags") || matches!(name, "TagSet" | "TagList" | "tagList")
}

/// `[{Key, Value}, …]` as a record. Empty lists too: a row without tags must look like its neighbours.
fn tags(items: &[Value], span: Span) -> Option<Value> {
    let mut record = Record::with_capacity(items.len());
    for item in items {
        let Value::Record { val, .. } = item else { return None };
        let field = |names: [&str; 3]| names.iter().find_map(|name| val.get(*name));
        let Value::String { val: key, .. } = field(["Key", "key", "TagKey"])? else { return None };
        let value = field(["Value", "value", "TagValue"]).cloned().unwrap_or_else(|| Value::nothing(span));
        record.insert(key.clone(), value);
    }
    Some(Value::record(record, span))
}

/// A DynamoDB attribute value, `{S: "x"}` or `{N: "1"}`, as the plain value. Numbers become integers or floats only
/// where nothing is lost; DynamoDB has 38 digits.
fn attribute_value(record: &Record, span: Span, depth: usize) -> Option<Value> {
    if record.len() != 1 {
        return None;
    }
    let (kind, value) = record.iter().next()?;
    let each = |value: &Value, convert: &dyn Fn(&Value) -> Value| match value {
        Value::List { vals, .. } => Some(Value::list(vals.iter().map(convert).collect(), span)),
        _ => None,
    };
    match (kind.as_str(), value) {
        ("S", Value::String { .. }) | ("B", Value::Binary { .. }) | ("BOOL", Value::Bool { .. }) => {
            Some(value.clone())
        }
        ("N", Value::String { val, .. }) => Some(number(val, span)),
        ("NULL", Value::Bool { val: true, .. }) => Some(Value::nothing(span)),
        ("SS" | "BS", list) => each(list, &Value::clone),
        ("NS", list) => each(list, &|item| match item {
            Value::String { val, .. } => number(val, span),
            other => other.clone(),
        }),
        ("L", list) => each(list, &|item| tidy(item.clone(), None, depth + 1)),
        ("M", Value::Record { .. }) => Some(tidy(value.clone(), None, depth + 1)),
        _ => None,
    }
}

/// `{Amount: "12.3", Unit: "USD"}` of the billing services: the amount as a number.
fn amount(record: &Record, span: Span) -> Option<Value> {
    let text = match record.get("Amount")? {
        Value::String { val, .. } if record.contains("Unit") && record.len() == 2 => val,
        _ => return None,
    };
    let amount: f64 = text.parse().ok()?;
    let mut record = record.clone();
    record.insert("Amount", Value::float(amount, span));
    Some(Value::record(record, span))
}

fn number(text: &str, span: Span) -> Value {
    if let Ok(integer) = text.parse::<i64>() {
        return Value::int(integer, span);
    }
    match text.parse::<f64>() {
        Ok(float) if float.is_finite() && same_digits(text, float) => Value::float(float, span),
        _ => Value::string(text, span),
    }
}

/// Whether a float says all that the text says: at most 15 significant digits survive.
fn same_digits(text: &str, float: f64) -> bool {
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    let digits = mantissa.chars().filter(char::is_ascii_digit).collect::<String>();
    digits.trim_start_matches('0').trim_end_matches('0').len() <= 15
        && (float != 0.0 || digits.trim_matches('0').is_empty())
}

/// Objects and arrays only: a number or a word may be text by intent.
fn parse_json(text: &str, span: Span) -> Option<Value> {
    let trimmed = text.trim_start();
    if !trimmed.starts_with(['{', '[']) {
        return None;
    }
    serde_json::from_str(trimmed).ok().map(|json| from_json(json, span))
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
}
