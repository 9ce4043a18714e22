//! Which rows an answer holds, and how it says that there are more. A token is the number of the next row, so no state
//! is kept between pages, and any page can be asked for at any time.

use super::{
    Call, Settings,
    echo::Echo,
    names::stem,
    recipe::Positions,
    text::{Style, Text},
};
use crate::model::{Kind, Member, Pagination, Range as Bounds, Rows, Service, Shape, ShapeId};
use chrono::DateTime;
use nu_protocol::{Record, Span, Value};
use std::ops::Range;

/// Rows of a page where neither request, settings nor model bound them: what S3 and most newer services give at most.
const PAGE: u64 = 1000;
/// What direct tokens begin with.
const TOKEN: &str = "mock-";

/// One list of rows in an answer.
#[derive(Debug)]
pub(super) struct RowList<'a> {
    /// Members from the answer down to the rows.
    pub(super) path: &'a [Box<str>],
    /// How many of its steps are lists or maps. None: a single structure stands for the rows.
    pub(super) depth: u32,
    /// The rows' own shape.
    pub(super) row: Option<&'a Shape>,
}

/// The rows of one answer.
#[derive(Debug)]
pub(super) struct Page<'a> {
    /// The lists that share the rows: those on a path with at least one list.
    pub(super) lists: Vec<RowList<'a>>,
    /// All rows of the operation.
    pub(super) total: u64,
    /// Rows at most.
    pub(super) size: u64,
    /// The rows in this answer.
    pub(super) rows: Range<u64>,
    /// Member and values of rows that the request names.
    pub(super) named: Option<(String, Vec<Value>)>,
    /// Member of the rows that serves as a token.
    pub(super) row_token: Option<&'a str>,
    pagination: Option<&'a Pagination>,
}

impl<'a> Page<'a> {
    pub(super) fn new(call: &Call<'a>, settings: &Settings, echo: &Echo<'_>) -> Self {
        let (service, operation) = (call.service, call.operation);
        let lists: Vec<_> = operation.rows.iter().filter_map(|rows| list(call, rows)).collect();
        // A paginator without rows has nothing to count.
        let pagination = operation.pagination.as_ref().filter(|_| !lists.is_empty());
        let size = size(call, settings, pagination, &lists);
        let named = match lists.as_slice() {
            [only] => only.row.and_then(|row| echo.named_rows(service, operation, row)),
            _ => None,
        };
        let total = match (&named, pagination, lists.is_empty()) {
            (_, _, true) => 0,
            (Some((_, values)), ..) => values.len() as u64,
            (None, Some(_), _) => settings.items,
            // An answer without pages is bounded by AWS itself: one page's worth.
            (None, None, _) => settings.items.min(size),
        };
        let row_token =
            pagination.and_then(|pages| pages.output_tokens.iter().find_map(|path| row_member(path)));
        let start = pagination.map_or(0, |pages| start(pages, row_token, call.input)).min(total);
        let rows = start..start.saturating_add(size).min(total);
        Self { lists, total, size, rows, named, row_token, pagination }
    }

    /// For each list the positions of this page's rows within it.
    pub(super) fn positions(&self) -> Vec<Range<u64>> {
        let stride = self.lists.len().max(1) as u64;
        let first = |row: u64, list: u64| row.saturating_sub(list).div_ceil(stride);
        (0..self.lists.len() as u64)
            .map(|list| first(self.rows.start, list)..first(self.rows.end, list))
            .collect()
    }

    /// Whether a member is a token or flag that [`Page::finish`] sets.
    pub(super) fn sets(&self, member: &str) -> bool {
        let last = |path: &str| path.split("||").any(|path| path.trim().rsplit('.').next() == Some(member));
        self.pagination.is_some_and(|pages| {
            pages.output_tokens.iter().filter(|path| row_member(path).is_none()).any(|path| last(path))
                || pages.more_results.iter().any(|path| last(path))
        })
    }

    /// Writes the tokens of the next page, or that there is none.
    pub(super) fn finish(&self, service: &Service, output: Option<ShapeId>, answer: &mut Record, span: Span) {
        let Some(pages) = self.pagination else { return };
        let more = self.rows.end < self.total;
        if let Some(path) = &pages.more_results {
            place(answer, path, Value::bool(more, span), span);
        }
        // GetLogEvents always gives a token; the end is where it stays the same.
        if !more && !pages.stop_on_same_token {
            return;
        }
        for path in &pages.output_tokens {
            let path = path.split("||").next().unwrap_or(path).trim();
            if row_member(path).is_none()
                && let Some(value) = token(service, member(service, output, path), self.rows.end, span)
            {
                place(answer, path, value, span);
            }
        }
    }
}

/// The text of a row's member that serves as the token.
pub(super) fn row_token(member: &str) -> Text {
    Text::new(Style::Numbered(format!("{}-", stem(member, "")), ""))
}

/// The rows' list, if the path leads to one. S3's common prefixes exist only where the request has a delimiter.
fn list<'a>(call: &Call<'a>, rows: &'a Rows) -> Option<RowList<'a>> {
    let last = rows.path.last()?;
    if &**last == "CommonPrefixes" && !call.input.contains("Delimiter") {
        return None;
    }
    let service = call.service;
    let (mut at, mut depth) = (call.operation.output?, 0);
    for step in &rows.path {
        let member = service.members(Some(at)).iter().find(|member| member.name == *step)?;
        at = member.shape;
        while let Some(element) = element(service, at) {
            (at, depth) = (element, depth + 1);
        }
    }
    (depth > 0).then(|| RowList { path: &rows.path, depth, row: service.shape(at) })
}

fn element(service: &Service, id: ShapeId) -> Option<ShapeId> {
    match &service.shape(id)?.kind {
        Kind::List { member, .. } => Some(member.shape),
        Kind::Map { value, .. } => Some(value.shape),
        _ => None,
    }
}

/// The least of what request, settings (else model) and the list itself allow.
fn size(call: &Call<'_>, settings: &Settings, pagination: Option<&Pagination>, lists: &[RowList<'_>]) -> u64 {
    let key = pagination.and_then(|pages| pages.limit_key.as_deref());
    let members = call.service.members(call.operation.input);
    let limit = key.and_then(|key| members.iter().find(|member| &*member.name == key));
    let modelled = limit.and_then(|member| match call.service.target(member)?.kind {
        Kind::Integer(range) | Kind::Long(range) => most(range),
        _ => None,
    });
    let asked = key.and_then(|key| match call.input.get(key)? {
        Value::Int { val, .. } => u64::try_from(*val).ok(),
        Value::String { val, .. } => val.parse().ok(),
        _ => None,
    });
    let usual = settings.page_size.unwrap_or_else(|| modelled.unwrap_or(PAGE).min(PAGE));
    let most = lists.iter().filter(|list| list.depth == 1).filter_map(|list| list_bound(call, list)).min();
    usual.min(asked.unwrap_or(u64::MAX)).min(most.unwrap_or(u64::MAX)).max(1)
}

fn most(range: Bounds) -> Option<u64> {
    u64::try_from(super::number::whole(range.max?)).ok().filter(|most| *most > 0)
}

/// Elements that the model lets a list of rows have.
fn list_bound(call: &Call<'_>, list: &RowList<'_>) -> Option<u64> {
    let path = list.path.join(".");
    match call.service.target(member(call.service, call.operation.output, &path)?)?.kind {
        Kind::List { range, .. } | Kind::Map { range, .. } => most(range),
        _ => None,
    }
}

/// The member at the end of a path of structures.
fn member<'a>(service: &'a Service, output: Option<ShapeId>, path: &str) -> Option<&'a Member> {
    let mut at = output;
    let mut found = None;
    for step in path.split('.') {
        found = service.members(at).iter().find(|member| &*member.name == step);
        at = found.map(|member| member.shape);
    }
    found
}

/// `JobId` of `Jobs[-1].JobId`: the member of the last row that is the token.
fn row_member(path: &str) -> Option<&str> {
    path.split("||").next()?.trim().split_once("[-1].").map(|(_, member)| member)
}

/// The first row that a request asks for. A token that is not of this mock, as a marker that the user chose, starts at
/// the first.
fn start(pages: &Pagination, row_token_member: Option<&str>, input: &Record) -> u64 {
    let given = pages.input_tokens.iter().filter_map(|name| input.get(&**name));
    let own = row_token_member.map(row_token);
    let read = |value: &Value| match &own {
        Some(text) => text.read(value.as_str().ok()?)?.checked_add(1),
        None => read(value),
    };
    given.filter_map(read).next().unwrap_or(0)
}

fn read(value: &Value) -> Option<u64> {
    match value {
        Value::String { val, .. } => {
            let digits = val.strip_prefix(TOKEN).unwrap_or(val);
            digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
        }
        Value::Int { val, .. } => u64::try_from(*val).ok(),
        Value::Date { val, .. } => u64::try_from(val.timestamp()).ok(),
        Value::Binary { val, .. } => std::str::from_utf8(val).ok()?.parse().ok(),
        Value::Record { val, .. } => val.values().find_map(read),
        Value::List { vals, .. } => vals.iter().find_map(read),
        _ => None,
    }
}

/// The number of the next row as a value of the token's shape.
fn token(service: &Service, member: Option<&Member>, next: u64, span: Span) -> Option<Value> {
    let number = i64::try_from(next).unwrap_or(i64::MAX);
    Some(match &service.target(member?)?.kind {
        Kind::String { values, range } => match values.first() {
            // As route53's NextRecordType: other tokens of the same answer carry the number.
            Some(value) => Value::string(&**value, span),
            None => Value::string(token_text(next, *range), span),
        },
        Kind::Integer(_) | Kind::Long(_) | Kind::Float(_) | Kind::Double(_) => Value::int(number, span),
        Kind::Timestamp(_) => Value::date(DateTime::from_timestamp(number, 0)?.fixed_offset(), span),
        Kind::Blob { .. } => Value::binary(next.to_string().into_bytes(), span),
        Kind::Structure(structure) => {
            let first = structure
                .members
                .iter()
                .find_map(|inner| Some((inner.name.to_string(), token(service, Some(inner), next, span)?)));
            Value::record(first.into_iter().collect(), span)
        }
        Kind::Map { value, .. } => {
            let entry = token(service, Some(value), next, span).map(|value| ("mock".to_string(), value));
            Value::record(entry.into_iter().collect(), span)
        }
        Kind::List { member, .. } => {
            Value::list(token(service, Some(member), next, span).into_iter().collect(), span)
        }
        Kind::Boolean | Kind::Document => return None,
    })
}

fn token_text(next: u64, range: Bounds) -> String {
    let least = range.min.map_or(0, super::number::whole);
    let most = range.max.map_or(i64::MAX, super::number::whole);
    let width = |room: i64| usize::try_from(room).unwrap_or(0).clamp(12, 64);
    if most < 17 { format!("{next}") } else { format!("{TOKEN}{next:0width$}", width = width(least - 5)) }
}

/// Puts a value at the end of a path of structures, which are made where they are missing.
fn place(answer: &mut Record, path: &str, value: Value, span: Span) {
    match path.split_once('.') {
        None => drop(answer.insert(path, value)),
        Some((first, rest)) => {
            if !answer.contains(first) {
                answer.push(first, Value::record(Record::new(), span));
            }
            if let Some(Value::Record { val, .. }) = answer.get_mut(first) {
                place(val.to_mut(), rest, value, span);
            }
        }
    }
}
