//! `--columns`: only what was asked for, with dotted paths for nested values.

use nu_protocol::{Record, Value};

/// The columns of a projection.
#[derive(Debug, Clone, Default)]
pub struct Columns(Vec<String>);

impl Columns {
    /// Names as the user gave them: `InstanceId`, `State.Name`, `Tags.0.Key`.
    pub fn new(names: Vec<String>) -> Self {
        Self(names)
    }

    /// A record with exactly these columns; null where a row has none. Rows that are no records pass.
    pub fn project(&self, row: Value) -> Value {
        let span = row.span();
        let Value::Record { val, .. } = &row else { return row };
        let mut projected = Record::with_capacity(self.0.len());
        for name in &self.0 {
            projected.push(name.clone(), find(val, name).unwrap_or_else(|| Value::nothing(span)));
        }
        Value::record(projected, span)
    }
}

fn find(record: &Record, path: &str) -> Option<Value> {
    if let Some(value) = record.get(path) {
        return Some(value.clone());
    }
    let mut steps = path.split('.');
    let mut current = record.get(steps.next()?)?;
    for step in steps {
        current = match current {
            Value::Record { val, .. } => val.get(step)?,
            Value::List { vals, .. } => vals.get(step.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    Some(current.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use nu_protocol::{Span, record};

    #[test]
    fn nested_and_missing_columns() {
        let state = Value::test_record(record! { "Name" => Value::test_string("running") });
        let row = Value::test_record(record! { "Id" => Value::test_int(1), "State" => state });
        let columns = Columns::new(vec!["State.Name".into(), "None".into()]);
        let expected = Value::test_record(record! {
            "State.Name" => Value::test_string("running"),
            "None" => Value::nothing(Span::test_data()),
        });
        assert_eq!(columns.project(row), expected);
    }
}
