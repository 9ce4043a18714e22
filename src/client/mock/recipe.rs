//! How to make values of one shape: everything that names and shapes decide is decided once, rows only run it.

use super::{MARK, number::Number, text::Text};
use nu_protocol::{Record, Span, Value};
use std::ops::Range;

/// Makes the value of a shape for any number.
#[derive(Debug, Clone)]
pub(super) enum Recipe {
    /// All fields.
    Structure(Vec<Field>),
    /// One of the fields, in turn.
    Union(Vec<Field>),
    /// That many elements.
    List(Box<Recipe>, u64),
    /// That many entries.
    Map(Box<Text>, Box<Recipe>, u64),
    /// Elements that are rows, or lead to rows.
    Rows(Box<Rows>),
    /// The same with a last column that says that it is mocked.
    Marked(Box<Recipe>),
    Text(Box<Text>),
    Number(Box<Number>),
    /// By the bits of a hash.
    Flag(u64),
    /// That many bytes.
    Blob(usize),
    Document,
    /// One of these, in turn.
    Given(Vec<Value>),
}

/// A field of a record.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) recipe: Recipe,
}

/// A list on the way to rows.
#[derive(Debug, Clone)]
pub(super) struct Rows {
    /// The lists of rows that are here or below.
    pub(super) lists: Vec<Through>,
    /// How many lists of rows share the answer's rows.
    pub(super) stride: u64,
    /// The element.
    pub(super) element: Recipe,
}

/// One list of rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Through {
    /// Index of the list.
    pub(super) list: usize,
    /// Rows below one element; none where the elements are the rows.
    pub(super) group: Option<u64>,
}

/// Rows of one page: for each list the positions within that list. Row `n` of the answer is position `n / lists` of
/// list `n % lists`, whatever the size of pages.
pub(super) type Positions<'a> = &'a [Range<u64>];

impl Recipe {
    /// The value for a number, with the page's rows in it.
    pub(super) fn make(&self, number: u64, positions: Positions<'_>, span: Span) -> Value {
        match self {
            Self::Structure(fields) => {
                let mut record = Record::with_capacity(fields.len());
                for field in fields {
                    record.push(field.name.as_str(), field.recipe.make(number, positions, span));
                }
                Value::record(record, span)
            }
            Self::Union(fields) => {
                let field = pick(fields, number);
                let record =
                    field.map(|field| (field.name.clone(), field.recipe.make(number, positions, span)));
                Value::record(record.into_iter().collect(), span)
            }
            Self::List(element, count) => {
                let numbers = (0..*count).map(|n| number.wrapping_mul(*count).wrapping_add(n));
                Value::list(numbers.map(|number| element.make(number, &[], span)).collect(), span)
            }
            Self::Map(key, value, count) => {
                let mut record = Record::new();
                for n in 0..*count {
                    // All rows have the same keys. Ones that the model wants short may not differ.
                    let key = key.write(n);
                    if !record.contains(&key) {
                        record.push(key, value.make(number.wrapping_mul(*count).wrapping_add(n), &[], span));
                    }
                }
                Value::record(record, span)
            }
            Self::Rows(rows) => rows.make(positions, span),
            Self::Marked(recipe) => {
                let mut value = recipe.make(number, positions, span);
                if let Value::Record { val, .. } = &mut value
                    && !val.contains(MARK)
                {
                    val.to_mut().push(MARK, Value::bool(true, span));
                }
                value
            }
            Self::Text(text) => Value::string(text.write(number), span),
            Self::Number(of) => of.value(number, span),
            Self::Flag(hash) => {
                Value::bool(hash.rotate_right(u32::try_from(number % 64).unwrap_or(0)) & 1 == 1, span)
            }
            Self::Blob(length) => {
                Value::binary(b"mock".iter().copied().cycle().take(*length).collect::<Vec<_>>(), span)
            }
            Self::Document => {
                let mut record = Record::new();
                record.push("mock", Value::int(i64::try_from(number).unwrap_or(i64::MAX), span));
                Value::record(record, span)
            }
            Self::Given(values) => pick(values, number).cloned().unwrap_or_else(|| Value::nothing(span)),
        }
    }
}

impl Rows {
    fn make(&self, positions: Positions<'_>, span: Span) -> Value {
        let mut made = Vec::new();
        for through in self.lists.iter().filter(|through| through.group.is_none()) {
            for position in positions.get(through.list).cloned().unwrap_or_default() {
                let number = position.wrapping_mul(self.stride).wrapping_add(through.list as u64);
                made.push(self.element.make(number, &[], span));
            }
        }
        for element in self.elements(positions) {
            let below = positions.iter().enumerate().map(|(list, at)| self.below(list, element, at));
            made.push(self.element.make(element, &below.collect::<Vec<_>>(), span));
        }
        Value::list(made, span)
    }

    /// The elements that have rows of this page below them.
    fn elements(&self, positions: Positions<'_>) -> Range<u64> {
        let spans = self.lists.iter().filter_map(|through| {
            let (group, at) = (through.group?, positions.get(through.list)?);
            (!at.is_empty()).then(|| at.start / group..at.end.div_ceil(group))
        });
        spans.reduce(|left, right| left.start.min(right.start)..left.end.max(right.end)).unwrap_or_default()
    }

    /// A list's rows below one element.
    fn below(&self, list: usize, element: u64, at: &Range<u64>) -> Range<u64> {
        let group = self.lists.iter().find(|through| through.list == list).and_then(|through| through.group);
        group.map_or(0..0, |group| at.start.max(element * group)..at.end.min((element + 1) * group))
    }
}

fn pick<T>(values: &[T], number: u64) -> Option<&T> {
    values.get(usize::try_from(number % values.len().max(1) as u64).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::mock::text::{Style, Text};

    fn text() -> Recipe {
        Recipe::Text(Box::new(Text::new(Style::Digits)))
    }

    fn rows(group: Option<u64>, element: Recipe) -> Recipe {
        Recipe::Rows(Box::new(Rows { lists: vec![Through { list: 0, group }], stride: 1, element }))
    }

    fn record(name: &str, recipe: Recipe) -> Recipe {
        Recipe::Structure(vec![Field { name: name.into(), recipe }])
    }

    fn shown(recipe: &Recipe, positions: Range<u64>) -> String {
        let value = recipe.make(0, std::slice::from_ref(&positions), Span::test_data());
        value.to_expanded_string("", &nu_protocol::Config::default()).replace(' ', "")
    }

    #[test]
    fn groups_are_cut_where_pages_are() {
        let nested = rows(Some(2), record("in", rows(None, text())));
        assert_eq!(shown(&nested, 0..5), "[{in:[0,1]}{in:[2,3]}{in:[4]}]");
        assert_eq!(shown(&nested, 1..3), "[{in:[1]}{in:[2]}]");
        assert_eq!(shown(&nested, 3..3), "[]");
    }

    #[test]
    fn elements_have_numbers_of_their_own() {
        assert_eq!(shown(&rows(None, Recipe::List(Box::new(text()), 2)), 3..5), "[[6,7][8,9]]");
        let map = Recipe::Map(Box::new(Text::new(Style::Digits)), Box::new(text()), 2);
        assert_eq!(shown(&rows(None, map), 3..5), "[{0:6,1:7}{0:8,1:9}]");
    }

    #[test]
    fn unions_take_turns_and_marks_come_last() {
        let union = Recipe::Union(vec![
            Field { name: "a".into(), recipe: text() },
            Field { name: "b".into(), recipe: text() },
        ]);
        let marked = Recipe::Marked(Box::new(union));
        assert_eq!(shown(&rows(None, marked), 0..3), "[{a:0,mock:true}{b:1,mock:true}{a:2,mock:true}]");
        assert_eq!(shown(&Recipe::Union(vec![]), 0..0), "{}");
    }
}
