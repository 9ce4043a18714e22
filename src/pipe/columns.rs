//! `--columns`: only what was asked for, with dotted paths for nested values.

use nu_protocol::{Record, Span, Value};

/// The columns of a projection.
#[derive(Debug, Clone, Default)]
pub struct Columns(Vec<Column>);

#[derive(Debug, Clone)]
struct Column {
    name: String,
    /// The name, split at its dots.
    steps: Vec<String>,
    /// Another column reads the same member, so that this one must not take it away.
    shared: bool,
    /// Where the row before had the first step: rows of a stream are alike.
    place: usize,
}

impl Columns {
    /// Names as the user gave them: `InstanceId`, `State.Name`, `Tags.0.Key`.
    pub fn new(names: Vec<String>) -> Self {
        let first = |name: &str| name.split('.').next().map(String::from);
        let firsts: Vec<Option<String>> = names.iter().map(|name| first(name)).collect();
        let column = |name: String| Column {
            steps: name.split('.').map(String::from).collect(),
            shared: firsts.iter().filter(|other| **other == first(&name)).count() > 1,
            place: 0,
            name,
        };
        Self(names.into_iter().map(column).collect())
    }

    /// A record with exactly these columns; null where a row has none. Rows that are no records pass.
    pub fn project(&mut self, row: Value) -> Value {
        let span = row.span();
        let Value::Record { val, .. } = row else { return row };
        let mut record = val.into_owned();
        let mut projected = Record::with_capacity(self.0.len());
        for column in &mut self.0 {
            let value = column.take(&mut record, span).unwrap_or_else(|| Value::nothing(span));
            projected.push(column.name.clone(), value);
        }
        Value::record(projected, span)
    }
}

impl Column {
    fn take(&mut self, record: &mut Record, span: Span) -> Option<Value> {
        let (first, rest) = self.steps.split_first()?;
        // A column whose own name has dots comes before a path.
        let literal = if rest.is_empty() { None } else { record.index_of(&self.name) };
        let found = if let Some(place) = literal {
            record.get_index_mut(place)?.1
        } else {
            if record.get_index(self.place).is_none_or(|(name, _)| name != first) {
                self.place = record.index_of(first)?;
            }
            descend(record.get_index_mut(self.place)?.1, rest)?
        };
        Some(if self.shared { found.clone() } else { std::mem::replace(found, Value::nothing(span)) })
    }
}

fn descend<'v>(value: &'v mut Value, steps: &[String]) -> Option<&'v mut Value> {
    steps.iter().try_fold(value, |current, step| match current {
        Value::Record { val, .. } => val.to_mut().get_mut(step),
        Value::List { vals, .. } => vals.to_mut().get_mut(step.parse::<usize>().ok()?),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use nu_protocol::record;

    fn columns(names: &[&str]) -> Columns {
        Columns::new(names.iter().map(ToString::to_string).collect())
    }

    fn row() -> Value {
        let state = record! { "Name" => Value::test_string("running"), "Code" => Value::test_int(16) };
        Value::test_record(record! { "Id" => Value::test_int(1), "State" => Value::test_record(state) })
    }

    #[test]
    fn nested_and_missing_columns() {
        let expected = Value::test_record(record! {
            "State.Name" => Value::test_string("running"),
            "None" => Value::test_nothing(),
        });
        assert_eq!(columns(&["State.Name", "None"]).project(row()), expected);
    }

    #[test]
    fn columns_that_overlap_all_have_their_values() {
        let projected = columns(&["State.Name", "State", "State.Code", "Id"]).project(row());
        let state = row().get_data_by_key("State").unwrap();
        assert_eq!(projected.get_data_by_key("State.Name"), Some(Value::test_string("running")));
        assert_eq!(projected.get_data_by_key("State"), Some(state));
        assert_eq!(projected.get_data_by_key("State.Code"), Some(Value::test_int(16)));
        let twice = columns(&["Id", "Id"]).project(row());
        let values: Vec<&Value> = twice.as_record().unwrap().values().collect();
        assert_eq!(values, [&Value::test_int(1), &Value::test_int(1)]);
    }

    #[test]
    fn rows_may_differ_in_the_order_of_their_columns() {
        let mut columns = columns(&["b", "a.x"]);
        let first = record! { "a.x" => Value::test_int(1), "b" => Value::test_int(2) };
        let second = record! {
            "b" => Value::test_int(3),
            "a" => Value::test_record(record! { "x" => Value::test_int(4) }),
        };
        let values = |row: Value| row.into_record().unwrap().into_values().collect::<Vec<_>>();
        let ints = |numbers: [i64; 2]| numbers.map(Value::test_int).to_vec();
        assert_eq!(values(columns.project(Value::test_record(first))), ints([2, 1]));
        assert_eq!(values(columns.project(Value::test_record(second))), ints([3, 4]));
    }
}
