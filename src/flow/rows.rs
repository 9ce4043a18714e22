//! Where rows are in an answer, and what they look like: homogeneous records in model order.

use crate::{
    error::{Error, ErrorKind, Result, suggest::did_you_mean},
    model::{Kind, Member, Operation, Service, ShapeId},
    request::Request,
};
use nu_protocol::{Record, Span, Value};

/// Column that tells several lists of one answer apart.
const KIND_COLUMN: &str = "_kind";
/// Column of rows that are no records, where they need one.
const PLAIN_COLUMN: &str = "value";

/// How the rows of an operation are taken out of its answers.
#[derive(Debug, Clone)]
pub struct RowPlan {
    lists: Vec<List>,
    headline: Vec<String>,
}

#[derive(Debug, Clone)]
struct List {
    path: Vec<String>,
    keep: Vec<String>,
    /// Columns of a record row in model order, those of all lists where there are several; none where rows are no
    /// structures.
    columns: Vec<String>,
    /// Set where there are several lists.
    kind: Option<String>,
}

/// The rows of one answer, and what else it said at its top level.
#[derive(Debug, Default)]
pub struct Rows {
    /// In the order of the answer.
    pub rows: Vec<Value>,
    /// Scalars of the answer, such as counts.
    pub scalars: Record,
    /// What the service could not give: lists such as `failures` or `UnprocessedKeys`, where they are not empty.
    pub failures: Vec<(String, Value)>,
}

/// Names of lists that say what is missing from an answer. About 130 reads have one beside their rows; a count of the
/// rows alone would be silently wrong.
const FAILURE_LISTS: [&str; 4] = ["fail", "error", "unprocessed", "notfound"];

impl RowPlan {
    /// The plan of an operation: `path` (from `--rows`), else the reviewed table's.
    pub fn new(request: &Request, path: Option<&str>) -> Result<Self> {
        let (service, operation) = (&request.service, &request.operation);
        if let Some(path) = path {
            let path: Vec<String> = path.split('.').map(String::from).collect();
            let list = list(service, operation, path, &[], None)?;
            if !ends_in_a_list(service, operation, &list.path) {
                return Err(Error::invalid(format!(
                    "`{}` is no list in the answer of `{}`",
                    list.path.join("."),
                    operation.name
                ))
                .help("rows are the elements of a list; `aws call` gives the whole answer"));
            }
            return Ok(Self { headline: headline(service, operation, &list.path), lists: vec![list] });
        }
        let several = operation.rows.len() > 1;
        let lists = operation.rows.iter().map(|rows| {
            let path: Vec<String> = rows.path.iter().map(ToString::to_string).collect();
            let kind = several.then(|| path.last().cloned().unwrap_or_default());
            list(service, operation, path, &rows.keep, kind)
        });
        let mut lists: Vec<List> = lists.collect::<Result<_>>()?;
        if lists.is_empty() {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!("it is not known where the rows of `{}` are", request.name()),
            )
            .at(request.span)
            .help("name the list with --rows <path>, or use `aws call`"));
        }
        if several {
            unite(&mut lists);
        }
        let headline = lists.first().map(|list| headline(service, operation, &list.path)).unwrap_or_default();
        Ok(Self { lists, headline })
    }

    /// Refuses columns that no row has: they would be null in every one. Nested steps are not checked, since tags and
    /// documents have free keys.
    pub fn check_columns(&self, names: &[String]) -> Result<()> {
        let known =
            |name: &str| self.lists.iter().any(|list| list.columns.iter().any(|column| column == name));
        if self.lists.iter().any(|list| list.columns.is_empty()) {
            return Ok(());
        }
        for name in names {
            let first = name.split('.').next().unwrap_or_default();
            if known(name) || known(first) || [KIND_COLUMN, "mock"].contains(&first) {
                continue;
            }
            let columns = self.lists.iter().flat_map(|list| list.columns.iter().map(String::as_str));
            let error = Error::new(ErrorKind::UnknownName, format!("rows have no column `{name}`"));
            return Err(match did_you_mean(first, columns) {
                Some(hint) => error.help(hint),
                None => error,
            });
        }
        Ok(())
    }

    /// The columns that a narrow terminal should keep: what a row is called, its state, type, size and time.
    pub fn headline(&self) -> &[String] {
        &self.headline
    }

    /// Takes the rows out of an answer.
    pub fn take(&self, answer: Value) -> Rows {
        let span = answer.span();
        let Value::Record { val, .. } = answer else { return Rows::default() };
        let mut answer = val.into_owned();
        let mut rows = Vec::new();
        for list in &self.lists {
            let Some((first, rest)) = list.path.split_first() else { continue };
            let kept = list.keep.iter().filter_map(|name| Some((name.clone(), answer.get(name)?.clone())));
            let kept: Record = kept.collect();
            if let Some(value) = answer.remove(first) {
                collect(list, value, rest, kept, span, &mut rows);
            }
        }
        let mut taken = Rows { rows, ..Rows::default() };
        for (name, value) in answer {
            match &value {
                Value::List { vals, .. } if vals.is_empty() => {}
                Value::Record { val, .. } if val.is_empty() => {}
                Value::List { .. } | Value::Record { .. } => {
                    let lower = name.to_ascii_lowercase();
                    if FAILURE_LISTS.iter().any(|known| lower.contains(known)) {
                        taken.failures.push((name, value));
                    }
                }
                _ => taken.scalars.push(name, value),
            }
        }
        taken
    }
}

fn list(
    service: &Service,
    operation: &Operation,
    path: Vec<String>,
    keep: &[Box<str>],
    kind: Option<String>,
) -> Result<List> {
    let mut kept: Vec<String> = Vec::new();
    let mut current = operation.output;
    for name in &path {
        // What a passed structure keeps stands behind the row's own columns.
        let passed = service.members(current).iter().filter(|member| keep.contains(&member.name));
        kept.extend(passed.map(|member| member.name.to_string()));
        let member =
            current.and_then(|id| service.structure(id)).and_then(|structure| structure.member(name));
        let Some((_, member)) = member else {
            return Err(no_such_path(service, operation, &path, current));
        };
        current = Some(element(service, member));
    }
    let mut columns: Vec<String> =
        service.members(current).iter().map(|member| member.name.to_string()).collect();
    if !columns.is_empty() {
        columns.extend(kept.iter().filter(|name| !columns.contains(name)).cloned().collect::<Vec<_>>());
    }
    Ok(List { path, keep: kept, columns, kind })
}

/// Rows of several lists share a stream, so each of them gets the columns of all: `where Size > 1kb` must not stumble
/// over the first common prefix.
fn unite(lists: &mut [List]) {
    let mut all: Vec<String> = Vec::new();
    for list in lists.iter() {
        let plain = [PLAIN_COLUMN.to_string()];
        let columns = if list.columns.is_empty() { &plain[..] } else { &list.columns };
        for column in columns {
            if !all.contains(column) {
                all.push(column.clone());
            }
        }
    }
    for list in lists {
        list.columns.clone_from(&all);
    }
}

/// Columns worth a place on a narrow screen, the most telling first. AWS's own order is alphabetical or historical.
fn headline(service: &Service, operation: &Operation, path: &[String]) -> Vec<String> {
    const MOST: usize = 6;
    let row = path.iter().try_fold(operation.output, |at, name| {
        Some(service.structure(at?)?.member(name).map(|(_, member)| element(service, member)))
    });
    let row = row.flatten();
    let shape = row.and_then(|id| service.shape(id)).map(|shape| shape.name.to_ascii_lowercase());
    let shape = shape.unwrap_or_default();
    let rank = |member: &Member| {
        let name = member.name.to_ascii_lowercase();
        let own = name.strip_prefix(shape.as_str()).unwrap_or(&name);
        match own {
            "id" | "key" => Some(0),
            "name" => Some(1),
            "state" | "status" => Some(2),
            "type" => Some(3),
            "size" => Some(4),
            _ if matches!(service.target(member)?.kind, Kind::Timestamp(_)) => Some(5),
            _ => None,
        }
    };
    let mut ranked: Vec<(i32, &Member)> =
        service.members(row).iter().filter_map(|member| Some((rank(member)?, member))).collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().take(MOST).map(|(_, member)| member.name.to_string()).collect()
}

/// The element of a list member, else the member's own shape.
fn element(service: &Service, member: &Member) -> ShapeId {
    match service.target(member).map(|shape| &shape.kind) {
        Some(Kind::List { member, .. }) => member.shape,
        _ => member.shape,
    }
}

fn ends_in_a_list(service: &Service, operation: &Operation, path: &[String]) -> bool {
    let mut at = operation.output;
    let mut last = false;
    for name in path {
        let member = at.and_then(|id| service.structure(id)).and_then(|structure| structure.member(name));
        let Some((_, member)) = member else { return false };
        last = service.target(member).is_some_and(|shape| matches!(shape.kind, Kind::List { .. }));
        at = Some(element(service, member));
    }
    last
}

fn no_such_path(service: &Service, operation: &Operation, path: &[String], at: Option<ShapeId>) -> Error {
    let names: Vec<&str> = service.members(at).iter().map(|member| &*member.name).collect();
    Error::new(
        ErrorKind::UnknownName,
        format!("the answer of `{}` has no `{}`", operation.name, path.join(".")),
    )
    .help(format!("members there: {}", names.join(", ")))
}

fn collect(list: &List, value: Value, path: &[String], kept: Record, span: Span, rows: &mut Vec<Value>) {
    match value {
        Value::List { vals, .. } => {
            let vals = vals.into_owned();
            if path.is_empty() {
                rows.reserve(vals.len());
            }
            for item in vals {
                descend(list, item, path, kept.clone(), span, rows);
            }
        }
        other => descend(list, other, path, kept, span, rows),
    }
}

fn descend(list: &List, value: Value, path: &[String], mut kept: Record, span: Span, rows: &mut Vec<Value>) {
    let Some((next, rest)) = path.split_first() else {
        rows.push(finish(list, value, kept, span));
        return;
    };
    let Value::Record { val, .. } = value else { return };
    let mut record = val.into_owned();
    let Some(inner) = record.remove(next) else { return };
    for name in &list.keep {
        if let Some(value) = record.remove(name) {
            kept.insert(name.clone(), value);
        }
    }
    collect(list, inner, rest, kept, span, rows);
}

/// A record row gets every column of its structure, null where the answer had none, so that `where` works.
fn finish(list: &List, value: Value, mut kept: Record, span: Span) -> Value {
    let row = match value {
        Value::Record { val, .. } if !list.columns.is_empty() => {
            let mut row = Record::with_capacity(list.columns.len() + 1);
            let mut given = val.into_owned().into_iter().peekable();
            let mut late: Vec<(String, Value)> = Vec::new();
            for column in &list.columns {
                // Answers come nearly in model order: look at the next one first, else among those passed over.
                if given.peek().is_some_and(|(name, _)| name == column) {
                    row.extend(given.next());
                    continue;
                }
                let position = late.iter().position(|(name, _)| name == column);
                let value = match position {
                    Some(position) => Some(late.swap_remove(position).1),
                    None => kept.remove(column).or_else(|| seek(&mut given, column, &mut late)),
                };
                row.push(column.clone(), value.unwrap_or_else(|| Value::nothing(span)));
            }
            row.extend(late);
            row.extend(given);
            row
        }
        Value::Record { val, .. } => val.into_owned(),
        plain if list.kind.is_none() && kept.is_empty() => return plain,
        plain => {
            let mut row: Record =
                list.columns.iter().map(|column| (column.clone(), Value::nothing(span))).collect();
            row.insert(PLAIN_COLUMN, plain);
            row
        }
    };
    let mut row = row;
    row.extend(kept);
    if let Some(kind) = &list.kind {
        row.push(KIND_COLUMN, Value::string(kind, span));
    }
    Value::record(row, span)
}

/// Looks for a column further on; what is passed over comes later in model order.
fn seek(
    given: &mut std::iter::Peekable<impl Iterator<Item = (String, Value)>>,
    column: &str,
    late: &mut Vec<(String, Value)>,
) -> Option<Value> {
    for (name, value) in given.by_ref() {
        if name == column {
            return Some(value);
        }
        late.push((name, value));
    }
    None
}
