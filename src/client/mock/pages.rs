//! Which rows an answer holds. A token is the number of the next row ([`tokens`](super::tokens)), so no state is kept
//! between pages, and any page can be asked for at any time.

use super::{Call, Settings, echo::Echo, names::kebab, number::whole, tokens, tokens::RowToken};
use crate::model::{Kind, Pagination, Rows, Service, Shape, ShapeId};
use nu_protocol::{Record, Span, Value};
use std::ops::Range;

/// Rows of a page where neither request, settings nor model bound them: what S3 and most newer services give at most.
const PAGE: u64 = 1000;

/// One list of rows in an answer.
#[derive(Debug)]
pub(super) struct RowList<'a> {
    /// Members from the answer down to the rows.
    pub(super) path: &'a [Box<str>],
    /// How many of its steps are lists.
    pub(super) depth: u32,
    /// The rows' own shape.
    pub(super) row: &'a Shape,
    /// Rows that the model lets it have.
    most: Option<u64>,
}

/// The rows of one answer.
#[derive(Debug)]
pub(super) struct Page<'a> {
    /// The lists that share the rows.
    pub(super) lists: Vec<RowList<'a>>,
    /// All rows of the operation.
    pub(super) total: u64,
    /// Rows at most.
    pub(super) size: u64,
    /// The rows in this answer.
    pub(super) rows: Range<u64>,
    /// Member and values of rows that the request names.
    pub(super) named: Option<(String, Vec<Value>)>,
    /// The last row, or a member of it, is the token.
    pub(super) row_token: Option<RowToken<'a>>,
    pagination: Option<&'a Pagination>,
}

impl<'a> Page<'a> {
    pub(super) fn new(call: &Call<'a>, settings: &Settings, echo: &Echo<'_>) -> Self {
        let lists: Vec<_> = call.operation.rows.iter().filter_map(|rows| list(call, rows)).collect();
        let pagination = call.operation.pagination.as_ref();
        let size = size(call, settings, pagination, &lists);
        let named = match lists.as_slice() {
            [only] => echo.named_rows(call.service, call.operation, only.row),
            _ => None,
        };
        let total = match (&named, pagination) {
            // A paginator without rows has nothing to count.
            _ if lists.is_empty() => 0,
            (Some((_, values)), _) => values.len() as u64,
            (None, Some(_)) => settings.items,
            // An answer without pages is bounded by AWS itself: one page's worth.
            (None, None) => settings.items.min(size),
        };
        let row_token = pagination.and_then(RowToken::of);
        let start = pagination.map_or(0, |pages| tokens::start(pages, call.input)).min(total);
        let rows = start..start.saturating_add(size).min(total);
        Self { lists, total, size, rows, named, row_token, pagination }
    }

    /// For each list the positions of this page's rows within it: row `n` is in list `n % lists`.
    pub(super) fn positions(&self) -> Vec<Range<u64>> {
        let stride = self.lists.len().max(1) as u64;
        let first = |row: u64, list: u64| row.saturating_sub(list).div_ceil(stride);
        (0..self.lists.len() as u64)
            .map(|list| first(self.rows.start, list)..first(self.rows.end, list))
            .collect()
    }

    /// Whether a member is a token or flag that [`Page::finish`] sets.
    pub(super) fn sets(&self, member: &str) -> bool {
        self.pagination.is_some_and(|pages| tokens::sets(pages, member))
    }

    /// Writes the tokens of the next page, or that there is none.
    pub(super) fn finish(&self, service: &Service, output: Option<ShapeId>, answer: &mut Record, span: Span) {
        if let Some(pages) = self.pagination {
            let more = self.rows.end < self.total;
            tokens::write(pages, service, output, (self.rows.end, more), answer, span);
        }
    }
}

/// The rows' list, if the path leads to one.
fn list<'a>(call: &Call<'a>, rows: &'a Rows) -> Option<RowList<'a>> {
    if is_unasked_prefix(call, rows.path.last()?) {
        return None;
    }
    let service = call.service;
    let (mut at, mut depth, mut last) = (call.operation.output?, 0, None);
    for step in &rows.path {
        let member = service.members(Some(at)).iter().find(|member| member.name == *step)?;
        last = match &service.target(member)?.kind {
            Kind::List { member, range, .. } => {
                depth += 1;
                Some((member.shape, *range))
            }
            _ => None,
        };
        at = last.map_or(member.shape, |(element, _)| element);
    }
    let (element, range) = last?;
    let most = range.max.filter(|_| depth == 1).and_then(|most| u64::try_from(whole(most)).ok());
    Some(RowList { path: &rows.path, depth, row: service.shape(element)?, most })
}

/// S3's common prefixes exist only where the request has a delimiter.
pub(super) fn is_unasked_prefix(call: &Call<'_>, member: &str) -> bool {
    member == "CommonPrefixes" && !call.input.contains("Delimiter")
}

/// The least of what request, settings (else model) and the lists themselves allow.
fn size(call: &Call<'_>, settings: &Settings, pagination: Option<&Pagination>, lists: &[RowList<'_>]) -> u64 {
    let members = call.service.members(call.operation.input);
    let limit = match pagination {
        Some(pages) => pages.limit_key.as_deref(),
        None => members.iter().map(|member| &*member.name).find(|name| bounds_rows(name)),
    };
    let asked = limit.and_then(|limit| match call.input.get(limit)? {
        Value::Int { val, .. } => u64::try_from(*val).ok(),
        Value::String { val, .. } => val.parse().ok(),
        _ => None,
    });
    let modelled = limit.and_then(|limit| {
        let member = members.iter().find(|member| &*member.name == limit)?;
        match call.service.target(member)?.kind {
            Kind::Integer(range) | Kind::Long(range) => u64::try_from(whole(range.max?)).ok(),
            _ => None,
        }
    });
    let usual = settings.page_size.unwrap_or_else(|| modelled.unwrap_or(PAGE).min(PAGE));
    let lists = lists.iter().filter_map(|list| list.most).min();
    usual.min(asked.unwrap_or(u64::MAX)).min(lists.unwrap_or(u64::MAX)).max(1)
}

/// Whether an input member bounds the rows of an answer without pages, as `MaxNumberOfMessages`.
fn bounds_rows(name: &str) -> bool {
    let name = kebab(name);
    let rows = ["results", "items", "records", "messages", "keys", "entries"];
    name == "limit" || (name.starts_with("max-") && rows.iter().any(|word| name.ends_with(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_dealt_to_the_lists_in_turn() {
        let service = crate::model::catalog::Catalog::new();
        let service = service.service("s3", &crate::model::catalog::DataPaths::new([])).unwrap();
        let operation = service.operation("ListObjectVersions").unwrap();
        let input = Record::new();
        let call = Call {
            service: &service,
            operation,
            input: &input,
            region: "x",
            attempt: 1,
            span: Span::test_data(),
        };
        let mut page = Page::new(&call, &Settings::default(), &Echo::new(&input, Span::test_data()));
        assert_eq!(page.lists.len(), 2);
        page.rows = 3..8;
        assert_eq!(page.positions(), [2..4, 1..4]);
        page.rows = 0..0;
        assert_eq!(page.positions(), [0..0, 0..0]);
    }

    #[test]
    fn limits_of_unpaged_answers() {
        assert!(bounds_rows("MaxNumberOfMessages") && bounds_rows("limit") && bounds_rows("maxResults"));
        assert!(!bounds_rows("MaxDuration") && !bounds_rows("Limits"));
    }
}
