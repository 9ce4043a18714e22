//! Page tokens: the number of the next row, in whatever shape the model gives tokens.

use super::{
    names::{singular, stem},
    number::whole,
    text::{Style, Text},
};
use crate::model::{Kind, Member, Pagination, Range, Service, ShapeId};
use chrono::DateTime;
use nu_protocol::{Record, Span, Value};

/// What tokens that are texts begin with.
const MARK: &str = "mock-";
/// Their digits.
const DIGITS: usize = 12;

/// A token that is taken out of the last row, as `Jobs[-1].JobId` and `Names[-1]` are.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowToken<'a> {
    list: &'a str,
    /// None where the rows are texts.
    pub(super) member: Option<&'a str>,
}

impl<'a> RowToken<'a> {
    pub(super) fn of(pages: &'a Pagination) -> Option<Self> {
        pages.output_tokens.iter().find_map(|path| Self::parse(first(path)))
    }

    fn parse(path: &'a str) -> Option<Self> {
        let (list, rest) = path.split_once("[-1]")?;
        Some(Self { list: list.rsplit('.').next().unwrap_or(list), member: rest.strip_prefix('.') })
    }

    /// How it is written, so that [`start`] can read it.
    pub(super) fn text(self) -> Text {
        let name = stem(self.member.unwrap_or(&singular(self.list)), "");
        Text::new(Style::Numbered(format!("{name}-"), ""))
    }
}

/// Whether a member of the answer is a token, or the flag that says that there is more.
pub(super) fn sets(pages: &Pagination, member: &str) -> bool {
    let tokens =
        pages.output_tokens.iter().map(|path| first(path)).filter(|path| RowToken::parse(path).is_none());
    tokens.chain(pages.more_results.as_deref()).any(|path| path.rsplit('.').next() == Some(member))
}

/// The first row that a request asks for. A token that is not of this mock, as a marker that the user chose, starts at
/// the first.
pub(super) fn start(pages: &Pagination, input: &Record) -> u64 {
    let own = RowToken::of(pages).map(RowToken::text);
    let number = |value: &Value| match &own {
        Some(text) => text.read(value.as_str().ok()?)?.checked_add(1),
        None => read(value),
    };
    pages.input_tokens.iter().filter_map(|name| input.get(&**name)).find_map(number).unwrap_or(0)
}

/// Writes the tokens of the page that starts at row `next`, if there are more rows, and the flag.
pub(super) fn write(
    pages: &Pagination,
    service: &Service,
    output: Option<ShapeId>,
    (next, more): (u64, bool),
    answer: &mut Record,
    span: Span,
) {
    if let Some(path) = &pages.more_results {
        place(answer, path, Value::bool(more, span), span);
    }
    // GetLogEvents always gives a token; the end is where it stays the same.
    if !more && !pages.stop_on_same_token {
        return;
    }
    for path in pages.output_tokens.iter().map(|path| first(path)) {
        if RowToken::parse(path).is_none()
            && let Some(value) = token(service, member(service, output, path), next, span)
        {
            place(answer, path, value, span);
        }
    }
}

/// The first of alternatives, as `NextMarker` of `NextMarker || Contents[-1].Key`.
fn first(path: &str) -> &str {
    path.split("||").next().unwrap_or(path).trim()
}

/// The member at the end of a path of structures.
fn member<'a>(service: &'a Service, output: Option<ShapeId>, path: &str) -> Option<&'a Member> {
    let (mut at, mut found) = (output, None);
    for step in path.split('.') {
        found = service.members(at).iter().find(|member| &*member.name == step);
        at = found.map(|member| member.shape);
    }
    found
}

fn read(value: &Value) -> Option<u64> {
    match value {
        Value::String { val, .. } => number(val),
        Value::Int { val, .. } => u64::try_from(*val).ok(),
        Value::Date { val, .. } => u64::try_from(val.timestamp()).ok(),
        Value::Binary { val, .. } => std::str::from_utf8(val).ok().and_then(number),
        Value::Record { val, .. } => val.values().find_map(read),
        Value::List { vals, .. } => vals.iter().find_map(read),
        _ => None,
    }
}

fn number(text: &str) -> Option<u64> {
    let digits = text.strip_prefix(MARK).unwrap_or(text);
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// The number of the next row as a value of the token's shape.
fn token(service: &Service, member: Option<&Member>, next: u64, span: Span) -> Option<Value> {
    let whole_number = i64::try_from(next).unwrap_or(i64::MAX);
    let inner = |member: &Member| token(service, Some(member), next, span);
    Some(match &service.target(member?)?.kind {
        Kind::String { values, range } => match values.first() {
            // As route53's NextRecordType: the other tokens of the answer carry the number.
            Some(value) => Value::string(&**value, span),
            None => Value::string(text(next, *range), span),
        },
        Kind::Integer(_) | Kind::Long(_) => Value::int(whole_number, span),
        Kind::Timestamp(_) => Value::date(DateTime::from_timestamp(whole_number, 0)?.fixed_offset(), span),
        Kind::Blob { .. } => Value::binary(next.to_string().into_bytes(), span),
        Kind::Structure(structure) => {
            let mut members = structure.members.iter();
            let field = members.find_map(|member| Some((member.name.to_string(), inner(member)?)));
            Value::record(field.into_iter().collect(), span)
        }
        Kind::Map { value, .. } => {
            let entry = inner(value).map(|value| ("mock".to_string(), value));
            Value::record(entry.into_iter().collect(), span)
        }
        Kind::List { member, .. } => Value::list(inner(member).into_iter().collect(), span),
        Kind::Float(_) | Kind::Double(_) | Kind::Boolean | Kind::Document => return None,
    })
}

fn text(next: u64, range: Range) -> String {
    let bound = |bound: f64| usize::try_from(whole(bound)).unwrap_or(0);
    let least = range.min.map_or(0, bound).saturating_sub(MARK.len());
    if range.max.is_some_and(|most| bound(most) < MARK.len() + DIGITS) {
        return next.to_string();
    }
    format!("{MARK}{next:0width$}", width = least.clamp(DIGITS, 256))
}

/// Puts a value at the end of a path of structures, which are made where they are missing.
fn place(answer: &mut Record, path: &str, value: Value, span: Span) {
    let Some((first, rest)) = path.split_once('.') else {
        answer.insert(path, value);
        return;
    };
    if !answer.contains(first) {
        answer.push(first, Value::record(Record::new(), span));
    }
    if let Some(Value::Record { val, .. }) = answer.get_mut(first) {
        place(val.to_mut(), rest, value, span);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nu_protocol::record;

    fn pages(input: &[&str], output: &[&str]) -> Pagination {
        let boxed = |names: &[&str]| names.iter().map(|name| (*name).into()).collect();
        Pagination { input_tokens: boxed(input), output_tokens: boxed(output), ..Pagination::default() }
    }

    #[test]
    fn tokens_of_the_last_row_are_read_back() {
        let pages = pages(&["Marker"], &["Jobs[-1].JobId"]);
        let token = RowToken::of(&pages).unwrap();
        assert_eq!(token.member, Some("JobId"));
        let input = record! { "Marker" => Value::test_string(token.text().write(41)) };
        assert_eq!(start(&pages, &input), 42);
        assert!(!sets(&pages, "JobId"));
        let names = RowToken::parse("A.StreamNames[-1]").unwrap();
        assert_eq!((names.member, names.text().write(1)), (None, "stream-000001".to_string()));
    }

    #[test]
    fn direct_tokens_are_read_back_and_foreign_ones_start_anew() {
        let pages = pages(&["A", "B"], &["X || Y[-1].Z", "D.B"]);
        let at = |value: Value| start(&pages, &record! { "B" => value });
        assert_eq!(at(Value::test_string(text(7, Range::default()))), 7);
        assert_eq!(at(Value::test_string(text(7, Range { min: None, max: Some(8.0) }))), 7);
        assert_eq!(text(7, Range { min: Some(30.0), max: None }).len(), 30);
        assert_eq!(at(Value::test_int(7)), 7);
        assert_eq!(at(Value::test_record(record! { "k" => Value::test_string("mock-7") })), 7);
        assert_eq!(at(Value::test_string("some/key")), 0);
        assert!(sets(&pages, "X") && sets(&pages, "B") && !sets(&pages, "D"));
    }

    #[test]
    fn places_may_be_nested() {
        let mut answer = record! { "List" => Value::test_record(record! { "a" => Value::test_int(1) }) };
        place(&mut answer, "List.Next", Value::test_int(2), Span::test_data());
        place(&mut answer, "Other.Next", Value::test_int(3), Span::test_data());
        let list = answer.get("List").unwrap().as_record().unwrap();
        assert_eq!(list.get("Next"), Some(&Value::test_int(2)));
        assert!(answer.get("Other").unwrap().as_record().unwrap().contains("Next"));
    }
}
