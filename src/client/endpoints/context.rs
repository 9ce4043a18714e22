//! Endpoint parameters that an operation sets: constants, members of its input, and paths into its input.

use super::Parameter;
use crate::{
    error::{Error, ErrorKind, Result},
    model::{ContextSource, Operation, Service},
};
use nu_protocol::{Record, Value};

/// All that the operation sets, in rising order of precedence (botocore's): paths, members, constants.
pub(super) fn parameters<'a>(
    service: &'a Service,
    operation: &'a Operation,
    input: &Record,
) -> Result<Vec<(&'a str, Parameter)>> {
    let mut found = Vec::new();
    for context in &operation.context {
        if let ContextSource::Path(path) = &context.source
            && let Some(value) = search(path, input)?
        {
            found.push((&*context.name, value));
        }
    }
    for member in service.members(operation.input) {
        if let Some(name) = &member.context
            && let Some(value) = input.get(&*member.name).and_then(Parameter::from_value)
        {
            found.push((name, value));
        }
    }
    for context in &operation.context {
        if let ContextSource::Static(json) = &context.source {
            found.push((&context.name, constant(json)?));
        }
    }
    Ok(found)
}

fn constant(json: &str) -> Result<Parameter> {
    match serde_json::from_str(json) {
        Ok(serde_json::Value::String(text)) => Ok(Parameter::Text(text)),
        Ok(serde_json::Value::Bool(flag)) => Ok(Parameter::Flag(flag)),
        Ok(serde_json::Value::Array(items)) => {
            let texts = items.iter().map(|item| item.as_str().map(String::from));
            texts.collect::<Option<_>>().map(Parameter::List).ok_or_else(|| unreadable(json))
        }
        _ => Err(unreadable(json)),
    }
}

/// Follows the JMESPath that Smithy allows here: names with dots, `[*]`, `[a.b, c]`, `[]` and `keys(name)`.
/// A path over lists gives a list, else one value.
fn search(path: &str, input: &Record) -> Result<Option<Parameter>> {
    if let Some(inner) = path.strip_prefix("keys(").and_then(|rest| rest.strip_suffix(')')) {
        let Some(Value::Record { val, .. }) = follow(input, inner) else { return Ok(None) };
        return Ok(Some(Parameter::List(val.columns().cloned().collect())));
    }
    let Some((list, rest)) = path.split_once("[*]") else {
        return plain(path)
            .then(|| follow(input, path).and_then(Parameter::from_value))
            .ok_or_else(|| unreadable(path));
    };
    let several = rest.strip_prefix(".[").and_then(|rest| rest.strip_suffix("][]"));
    let names: Vec<&str> = match several {
        Some(names) => names.split(',').map(str::trim).collect(),
        None => vec![rest.strip_prefix('.').ok_or_else(|| unreadable(path))?],
    };
    if !plain(list) || !names.iter().all(|name| plain(name)) {
        return Err(unreadable(path));
    }
    let Some(Value::List { vals, .. }) = follow(input, list) else { return Ok(None) };
    let rows = vals.iter().filter_map(|row| row.as_record().ok());
    let texts = rows.flat_map(|row| names.iter().filter_map(|name| follow(row, name)));
    Ok(Some(Parameter::List(texts.filter_map(|text| text.as_str().ok().map(String::from)).collect())))
}

fn plain(path: &str) -> bool {
    path.split('.')
        .all(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
}

fn follow<'a>(record: &'a Record, path: &str) -> Option<&'a Value> {
    match path.split_once('.') {
        None => record.get(path),
        Some((first, rest)) => follow(record.get(first)?.as_record().ok()?, rest),
    }
}

fn unreadable(text: &str) -> Error {
    Error::new(
        ErrorKind::Model,
        format!("the endpoint parameter `{text}` of the operation is not understood"),
    )
    .help("report it with the service and operation; until then pass --endpoint-url")
}

#[cfg(test)]
mod tests {
    use super::*;
    use nu_protocol::record;

    #[test]
    fn the_paths_that_occur() {
        let text = Value::test_string;
        let input = record! {
            "RequestItems" => Value::test_record(record! { "t1" => text("x"), "t2" => text("y") }),
            "Creation" => Value::test_record(record! { "TableName" => text("t3") }),
            "Items" => Value::test_list(vec![
                Value::test_record(record! { "Put" => Value::test_record(record! { "TableName" => text("t4") }) }),
                Value::test_record(record! { "Get" => Value::test_record(record! { "TableName" => text("t5") }) }),
            ]),
        };
        let list = |names: &[&str]| Some(Parameter::List(names.iter().map(ToString::to_string).collect()));
        let found = |path| search(path, &input).unwrap();
        assert_eq!(found("keys(RequestItems)"), list(&["t1", "t2"]));
        assert_eq!(found("Creation.TableName"), Some("t3".into()));
        assert_eq!(found("Items[*].Get.TableName"), list(&["t5"]));
        assert_eq!(found("Items[*].[Put.TableName, Get.TableName][]"), list(&["t4", "t5"]));
        assert_eq!(found("keys(Absent)"), None);
        assert_eq!(found("Absent[*].Name"), None);
        for path in ["Items[0].Put", "a || b", "Items[*]", "Items[*].[a][b]"] {
            assert_eq!(search(path, &input).unwrap_err().kind(), ErrorKind::Model, "{path}");
        }
    }

    #[test]
    fn constants_are_json() {
        assert_eq!(constant("true").unwrap(), Parameter::Flag(true));
        assert_eq!(constant(r#""data""#).unwrap(), "data".into());
        assert_eq!(constant(r#"["a"]"#).unwrap(), Parameter::List(vec!["a".into()]));
        assert_eq!(constant("1").unwrap_err().kind(), ErrorKind::Model);
    }
}
