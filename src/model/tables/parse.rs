//! From lines to [`Tables`].

use super::{PageRule, Sources, Tables, UnitRule};
use crate::{
    error::{Error, ErrorKind, Result},
    model::{Class, Rows, Unit},
};

impl Tables {
    /// Parses all tables.
    ///
    /// # Errors
    /// `Model`, naming table, line and cause.
    pub fn parse(sources: Sources) -> Result<Self> {
        let mut tables = Self::default();
        lines("classes", sources.classes, |[service, operation, class]| {
            let class = class_named(class).ok_or("the class is none of read, write and destructive")?;
            let old = match service {
                "*" => tables.verbs.insert(operation, class),
                _ => tables.classes.entry(service).or_default().insert(operation, class),
            };
            once(old.as_ref())
        })?;
        lines("rows", sources.rows, |[service, operation, path, keep]| {
            let rows = tables.rows.entry(service).or_default().entry(operation).or_default();
            if path == "-" {
                return once(rows.first());
            }
            rows.push(Rows { path: names(path, '.')?, keep: names(keep, ',')? });
            Ok(())
        })?;
        lines("pagination", sources.pagination, |[service, operation, input, output, more, limit, same]| {
            let rule = PageRule {
                input_tokens: names(input, ',')?,
                output_tokens: names(output, ',')?,
                more_results: optional(more),
                limit_key: optional(limit),
                stop_on_same_token: match same {
                    "" => false,
                    "stop" => true,
                    _ => return Err("the last column is neither empty nor `stop`"),
                },
            };
            if rule.input_tokens.is_empty() || rule.input_tokens.len() != rule.output_tokens.len() {
                return Err("input and output tokens do not pair up");
            }
            once(tables.pagination.entry(service).or_default().insert(operation, rule).as_ref())
        })?;
        lines("units", sources.units, |[service, shape, member, unit]| {
            let unit = unit_named(unit).ok_or("the unit is unknown")?;
            let rules = tables.units.entry(service).or_default();
            let old = rules.iter().find(|rule| rule.shape == shape && rule.member == member);
            once(old)?;
            rules.push(UnitRule { shape, member, unit });
            Ok(())
        })?;
        lines("names", sources.names, |[name, service]| once(tables.names.insert(name, service).as_ref()))?;
        Ok(tables)
    }
}

/// Hands the columns of every line to `take`. Columns missing at the end are empty, since editors strip them.
fn lines<const N: usize>(
    table: &str,
    text: &'static str,
    mut take: impl FnMut([&'static str; N]) -> Result<(), &'static str>,
) -> Result<()> {
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let mut columns = [""; N];
        let mut given = line.split('\t').map(str::trim);
        for (column, value) in columns.iter_mut().zip(given.by_ref()) {
            *column = value;
        }
        let outcome = match (given.next(), columns) {
            (Some(_), _) => Err("there are too many columns"),
            (None, columns) if columns.iter().take(2).any(|column| column.is_empty()) => {
                Err("one of the first columns is empty")
            }
            (None, columns) => take(columns),
        };
        outcome.map_err(|cause| {
            Error::new(
                ErrorKind::Model,
                format!("Line {} of the table '{table}' is wrong: {cause}", index + 1),
            )
            .context("line", line)
        })?;
    }
    Ok(())
}

fn once<T>(old: Option<&T>) -> Result<(), &'static str> {
    if old.is_some() { Err("it repeats or contradicts an earlier line") } else { Ok(()) }
}

fn names(column: &str, separator: char) -> Result<Vec<Box<str>>, &'static str> {
    if column.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<Box<str>> = column.split(separator).map(|name| name.trim().into()).collect();
    if names.iter().any(|name| name.is_empty()) { Err("a name in a list is empty") } else { Ok(names) }
}

fn optional(column: &str) -> Option<Box<str>> {
    (!column.is_empty()).then(|| column.into())
}

fn class_named(name: &str) -> Option<Class> {
    [Class::Read, Class::Write, Class::Destructive].into_iter().find(|class| class.name() == name)
}

fn unit_named(name: &str) -> Option<Unit> {
    Some(match name {
        "Bytes" => Unit::Bytes,
        "KiB" => Unit::KiB,
        "MiB" => Unit::MiB,
        "GiB" => Unit::GiB,
        "TiB" => Unit::TiB,
        "EpochSeconds" => Unit::EpochSeconds,
        "EpochMillis" => Unit::EpochMillis,
        "PolicyDocument" => Unit::PolicyDocument,
        _ => return None,
    })
}
