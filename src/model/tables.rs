//! The reviewed tables: what botocore's models do not say.
//!
//! Tab separated, one fact a line, `#` starts a comment. They are joined to a service when the pack is built and
//! when a model is read from disk, so a model of one's own gets the same treatment.
//!
//! | table | columns |
//! | --- | --- |
//! | `classes` | service (`*` for a verb rule), operation or verb, `read`, `write` or `destructive` |
//! | `rows` | service, operation, dotted path (`-`: no rows), members to keep |
//! | `pagination` | service, operation, input tokens, output tokens, more-results path, limit key, `stop` or empty |
//! | `units` | service, shape, member, unit |
//! | `names` | other name, service |

mod check;
mod parse;

use super::{Class, Kind, Operation, Rows, Service, Unit};
use crate::error::{Result, suggest::folded};
use std::{collections::HashMap, sync::OnceLock};

/// The text of all tables.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sources {
    /// `classes.tsv`.
    pub classes: &'static str,
    /// `rows.tsv`.
    pub rows: &'static str,
    /// `pagination.tsv`.
    pub pagination: &'static str,
    /// `units.tsv`.
    pub units: &'static str,
    /// `names.tsv`.
    pub names: &'static str,
}

/// The tables that this build carries.
const EMBEDDED: Sources = Sources {
    classes: include_str!("tables/classes.tsv"),
    rows: include_str!("tables/rows.tsv"),
    pagination: include_str!("tables/pagination.tsv"),
    units: include_str!("tables/units.tsv"),
    names: include_str!("tables/names.tsv"),
};

/// The reviewed tables, parsed.
#[derive(Debug, Default)]
pub struct Tables {
    verbs: HashMap<&'static str, Class>,
    classes: ByOperation<Class>,
    rows: ByOperation<Vec<Rows>>,
    pagination: ByOperation<PageRule>,
    units: HashMap<&'static str, Vec<UnitRule>>,
    names: HashMap<&'static str, &'static str>,
}

/// Service, then operation.
type ByOperation<T> = HashMap<&'static str, HashMap<&'static str, T>>;

/// How an operation pages where botocore says nothing, or the wrong thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRule {
    /// Input members that take the tokens.
    pub input_tokens: Vec<Box<str>>,
    /// Paths of the tokens in the answer.
    pub output_tokens: Vec<Box<str>>,
    /// Path that tells whether there is more.
    pub more_results: Option<Box<str>>,
    /// Input member that bounds the size of a page.
    pub limit_key: Option<Box<str>>,
    /// A repeated token means the end.
    pub stop_on_same_token: bool,
}

#[derive(Debug)]
struct UnitRule {
    shape: &'static str,
    member: &'static str,
    unit: Unit,
}

impl Tables {
    /// The tables of this build.
    ///
    /// # Errors
    /// `Model`, if a line is malformed; tests rule that out.
    pub fn embedded() -> Result<&'static Self> {
        static TABLES: OnceLock<Tables> = OnceLock::new();
        if let Some(tables) = TABLES.get() {
            return Ok(tables);
        }
        let tables = Self::parse(EMBEDDED)?;
        Ok(TABLES.get_or_init(|| tables))
    }

    /// Whether an operation reads, writes or destroys. An unknown verb counts as a write: the careful guess, since
    /// a write is neither cached nor repeated.
    pub fn class(&self, service: &str, operation: &str) -> Class {
        let exception = get(&self.classes, service, operation);
        exception.or_else(|| self.verbs.get(verb(operation))).copied().unwrap_or(Class::Write)
    }

    /// Whether the table knows an operation's verb, or the operation.
    pub fn knows(&self, service: &str, operation: &str) -> bool {
        get(&self.classes, service, operation).is_some() || self.verbs.contains_key(verb(operation))
    }

    /// How an operation pages, where the table has something to say.
    pub fn pagination(&self, service: &str, operation: &str) -> Option<&PageRule> {
        get(&self.pagination, service, operation)
    }

    /// Where an operation's rows are; empty where it has none; `None` where the table says nothing that fits the
    /// model at hand.
    pub fn rows(&self, service: &Service, operation: &Operation) -> Option<Vec<Rows>> {
        let rows = get(&self.rows, &service.name, &operation.name)?;
        let fitting: Vec<Rows> =
            rows.iter().filter(|rows| service.has_path(operation.output, &rows.path)).cloned().collect();
        (rows.is_empty() || !fitting.is_empty()).then_some(fitting)
    }

    /// The folder name of a service that goes by another name as well, as `s3` for `s3api`.
    pub fn service_named(&self, name: &str) -> Option<&'static str> {
        self.names.get(name).copied()
    }

    /// Whether a setting that names a service, in any spelling or by another name, means this one. `*` means all.
    pub fn means(said: &str, service: &str) -> bool {
        let dashed = said.to_ascii_lowercase().replace('_', "-");
        let other = || Self::embedded().is_ok_and(|tables| tables.service_named(&dashed) == Some(service));
        said == "*" || folded(said) == folded(service) || other()
    }

    /// Other names of services with the folder names they stand for.
    pub fn names(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.names.iter().map(|(name, service)| (*name, *service))
    }

    /// Sets classes and units of a service.
    pub fn join(&self, service: &mut Service) {
        for operation in &mut service.operations {
            operation.class = self.class(&service.name, &operation.name);
        }
        let Some(rules) = self.units.get(&*service.name) else { return };
        for shape in &mut service.shapes {
            let Kind::Structure(structure) = &mut shape.kind else { continue };
            for rule in rules.iter().filter(|rule| *rule.shape == *shape.name) {
                for member in structure.members.iter_mut().filter(|member| *member.name == *rule.member) {
                    member.unit = Some(rule.unit);
                }
            }
        }
    }
}

/// The lines of a small table, without its comments.
pub fn lines_of(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.starts_with('#'))
}

/// The first word of an operation's name, as `Describe` of `DescribeInstances`.
pub fn verb(operation: &str) -> &str {
    let end = operation.char_indices().skip(1).find(|(_, c)| c.is_ascii_uppercase()).map(|(at, _)| at);
    end.and_then(|end| operation.get(..end)).unwrap_or(operation)
}

fn get<'a, T>(table: &'a ByOperation<T>, service: &str, operation: &str) -> Option<&'a T> {
    table.get(service)?.get(operation)
}
