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
            let known = tables.rows.entry(service).or_default();
            if path == "-" {
                return once(known.insert(operation, Vec::new()).as_ref());
            }
            let rows = Rows { path: names(path, '.')?, keep: names(keep, ',')? };
            match known.get_mut(operation) {
                _ if rows.path.is_empty() => Err("there is no path"),
                Some(others) if others.is_empty() || others.contains(&rows) => once(Some(others)),
                Some(others) => {
                    others.push(rows);
                    Ok(())
                }
                None => once(known.insert(operation, vec![rows]).as_ref()),
            }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn refused(sources: Sources, part: &str) {
        let error = Tables::parse(sources).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Model);
        assert!(error.message().contains(part), "{error:?}");
    }

    #[test]
    fn the_tables_of_this_build_are_well_formed() {
        Tables::embedded().unwrap();
    }

    #[test]
    fn verbs_rule_and_exceptions_override() {
        let classes = "# comment\n\n*\tDescribe\tread\nx\tDescribeThis\twrite\n*\tDelete\tdestructive\n";
        let tables = Tables::parse(Sources { classes, ..Sources::default() }).unwrap();
        let class = |operation| tables.class("x", operation);
        assert_eq!(class("DescribeThat"), Class::Read);
        assert_eq!(class("DescribeThis"), Class::Write);
        assert_eq!(class("DeleteThis"), Class::Destructive);
        assert_eq!(class("Unheard"), Class::Write);
        assert!(!tables.knows("x", "Unheard"));
    }

    #[test]
    fn columns_that_end_a_line_may_be_missing() {
        let pagination = "logs\tGetLogEvents\tnextToken\tnextForwardToken\t\tlimit\tstop\nx\tY\ta,b\tc,d.e\n";
        let tables = Tables::parse(Sources { pagination, ..Sources::default() }).unwrap();
        let rule = tables.pagination("logs", "GetLogEvents").unwrap();
        assert!(rule.stop_on_same_token);
        assert_eq!((rule.more_results.as_deref(), rule.limit_key.as_deref()), (None, Some("limit")));
        assert_eq!(tables.pagination("x", "Y").unwrap().output_tokens.join(" "), "c d.e");
    }

    #[test]
    fn malformed_lines_are_named() {
        let none = Sources::default();
        refused(
            Sources { classes: "*\tGet\tread\n*\tGet\twrite\n", ..none },
            "Line 2 of the table 'classes'",
        );
        refused(Sources { classes: "*\tGet\treads\n", ..none }, "none of read, write");
        refused(Sources { classes: "*\tGet\tread\tx\n", ..none }, "too many columns");
        refused(Sources { classes: "*\n", ..none }, "is empty");
        refused(Sources { rows: "x\tY\tA..B\n", ..none }, "a name in a list is empty");
        refused(Sources { rows: "x\tY\n", ..none }, "no path");
        refused(Sources { rows: "x\tY\tA\nx\tY\t-\n", ..none }, "repeats or contradicts");
        refused(Sources { rows: "x\tY\t-\nx\tY\tA\n", ..none }, "repeats or contradicts");
        refused(Sources { pagination: "x\tY\ta,b\tc\n", ..none }, "do not pair up");
        refused(Sources { pagination: "x\tY\ta\tb\t\t\tgo\n", ..none }, "neither empty nor");
        refused(Sources { units: "x\tY\tz\tParsec\n", ..none }, "unit is unknown");
        refused(Sources { names: "a\tx\na\ty\n", ..none }, "Line 2");
    }
}
