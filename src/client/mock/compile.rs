//! From the output shape of an operation to the [`Recipe`] of its answers.
//!
//! Every member is present, but: pages set their own tokens; recursion ends at the second turn; and where a shape is
//! so large that one answer or row would have thousands of values (QuickSight's dashboards, WAF's statements), it
//! ends at the depth where it fits.

use super::{
    echo::Echo,
    looks,
    names::{kebab, singular},
    number::{self, Form, whole},
    pages::{self, Page},
    plan::{Level, Place, World},
    recipe::{Field, Recipe, Rows, Through},
    text::{Style, Text},
};
use crate::model::{Flags, Kind, Member, Range, Service, Shape, ShapeId, Structure, Unit};
use nu_protocol::{Record, Value};

/// Values of one answer without its rows, or of one row.
const VALUES: u64 = 1500;
/// Structures within structures, at most and at least.
const DEPTHS: [u32; 6] = [10, 6, 4, 3, 2, 1];
/// Even required members end here.
const BOTTOM: u32 = 24;
/// Elements of lists that are not rows: enough to see that they are lists.
const ELEMENTS: u64 = 2;
/// Rows below one element of an outer list, as instances of a reservation.
const GROUP: u64 = 2;
/// Members of a union that take turns.
const CHOICES: usize = 4;

/// Compiles the output of an operation.
pub(super) fn answer(
    service: &Service,
    world: &World<'_>,
    page: &Page<'_>,
    echo: &Echo<'_>,
    output: ShapeId,
) -> Recipe {
    let mut recipe = Recipe::Structure(Vec::new());
    for depth in DEPTHS {
        let mut compiler =
            Compiler { service, world, page, echo, limit: depth, values: 0, stack: Vec::new() };
        let on_way: Vec<_> = (0..page.lists.len()).map(|list| OnWay { list, step: 0, crossed: 0 }).collect();
        let at = At { level: Level::Answer, depth: 0, weight: 1, only_required: false };
        recipe = compiler.structure(output, at, &on_way);
        if compiler.values <= VALUES {
            break;
        }
    }
    recipe
}

/// Where compilation is.
#[derive(Debug, Clone, Copy)]
struct At {
    level: Level,
    /// Structures and lists around, from the answer or the row.
    depth: u32,
    /// How many values one member here makes.
    weight: u64,
    /// Too deep for anything but required members.
    only_required: bool,
}

/// A list of rows whose path leads through here.
#[derive(Debug, Clone, Copy)]
struct OnWay {
    list: usize,
    step: usize,
    crossed: u32,
}

struct Compiler<'a> {
    service: &'a Service,
    world: &'a World<'a>,
    page: &'a Page<'a>,
    echo: &'a Echo<'a>,
    limit: u32,
    values: u64,
    stack: Vec<ShapeId>,
}

impl<'a> Compiler<'a> {
    fn structure(&mut self, id: ShapeId, at: At, on_way: &[OnWay]) -> Recipe {
        let Some((shape, structure)) = self.service.shape(id).and_then(|shape| match &shape.kind {
            Kind::Structure(structure) => Some((shape, structure)),
            _ => None,
        }) else {
            return Recipe::Given(vec![Value::record(Record::new(), self.world.span)]);
        };
        self.stack.push(id);
        let chosen = is_union(shape, structure);
        let mut fields = Vec::with_capacity(structure.members.len());
        for member in &structure.members {
            if at.only_required && !chosen && !member.flags.has(Flags::REQUIRED) {
                continue;
            }
            let leading: Vec<OnWay> =
                on_way.iter().filter(|way| self.leads(**way, &member.name)).copied().collect();
            let recipe = self.member(member, shape, at, &leading, chosen);
            fields.extend(recipe.map(|recipe| Field { name: member.name.to_string(), recipe }));
            if chosen && fields.len() >= CHOICES {
                break;
            }
        }
        self.stack.pop();
        if chosen { Recipe::Union(fields) } else { Recipe::Structure(fields) }
    }

    fn leads(&self, way: OnWay, member: &str) -> bool {
        self.page
            .lists
            .get(way.list)
            .and_then(|list| list.path.get(way.step))
            .is_some_and(|step| **step == *member)
    }

    fn member(
        &mut self,
        member: &'a Member,
        parent: &'a Shape,
        at: At,
        on_way: &[OnWay],
        optional: bool,
    ) -> Option<Recipe> {
        let shape = self.service.target(member)?;
        let place = Place { member: &member.name, shape: &shape.name, parent: &parent.name, level: at.level };
        let required = member.flags.has(Flags::REQUIRED) && !optional;
        if member.flags.has(Flags::EVENT_STREAM) || self.is_page_member(&member.name, at.level, required) {
            return None;
        }
        if !on_way.is_empty() {
            return Some(self.to_rows(member.shape, shape, &place, at, on_way));
        }
        if at.level == Level::Row {
            if self.page.row_token == Some(&*member.name) {
                return Some(Recipe::Text(Box::new(pages::row_token(&member.name))));
            }
            if let Some((name, values)) = &self.page.named
                && *name == *member.name
            {
                return Some(Recipe::Given(values.clone()));
            }
        }
        if at.level != Level::Inner
            && let Some(known) = self.known(&place, shape, member.unit)
        {
            return Some(known);
        }
        self.shape(member.shape, &place, at, member.unit, required)
    }

    /// What the page or the request decides.
    fn known(&self, place: &Place<'_>, shape: &Shape, unit: Option<Unit>) -> Option<Recipe> {
        let name = kebab(place.member);
        let span = self.world.span;
        let rows = self.page.rows.end - self.page.rows.start;
        if place.level == Level::Answer {
            let count = |number: u64| Value::int(i64::try_from(number).unwrap_or(i64::MAX), span);
            let value = match (&shape.kind, name.as_str()) {
                (
                    Kind::Integer(_) | Kind::Long(_),
                    "count" | "key-count" | "quantity" | "scanned-count" | "item-count",
                ) => count(if self.page.lists.is_empty() { ELEMENTS } else { rows }),
                (
                    Kind::Integer(_) | Kind::Long(_),
                    "total" | "total-count" | "total-results" | "total-size",
                ) if !self.page.lists.is_empty() => count(self.page.total),
                (
                    Kind::Integer(_) | Kind::Long(_),
                    "max-keys" | "max-items" | "max-results" | "max-buckets" | "max-parts",
                ) => count(self.page.size),
                (Kind::Boolean, "is-truncated" | "truncated" | "has-more" | "has-more-results") => {
                    Value::bool(false, span)
                }
                _ => return self.echo.member(place.member, shape, unit),
            };
            return Some(Recipe::Given(vec![value]));
        }
        self.echo.member(place.member, shape, unit)
    }

    /// Tokens belong to the pages; one that no page sets would lead readers on for ever.
    fn is_page_member(&self, name: &str, level: Level, required: bool) -> bool {
        let lower = name.to_ascii_lowercase();
        let token = lower.starts_with("next") && (lower.contains("token") || lower.contains("marker"));
        (level == Level::Answer && self.page.sets(name)) || (token && !required)
    }

    fn shape(
        &mut self,
        id: ShapeId,
        place: &Place<'a>,
        at: At,
        unit: Option<Unit>,
        required: bool,
    ) -> Option<Recipe> {
        let shape = self.service.shape(id)?;
        let deep = at.depth >= self.limit || self.stack.contains(&id);
        let inner = At { depth: at.depth + 1, only_required: at.only_required || deep, ..at };
        match &shape.kind {
            Kind::Structure(structure) if structure.event_stream => None,
            Kind::Structure(_) if deep && !required => None,
            Kind::Structure(_) if at.depth >= BOTTOM => Some(Recipe::Structure(Vec::new())),
            Kind::Structure(_) => {
                let level = if at.level == Level::Answer { Level::Answer } else { Level::Inner };
                Some(self.structure(id, At { level, ..inner }, &[]))
            }
            Kind::List { member, range, .. } => {
                let name = singular(place.member);
                let (count, element) = self.elements(member, &name, place, inner, unit, *range)?;
                Some(Recipe::List(Box::new(element), count))
            }
            Kind::Map { key, value, range, .. } => {
                let name = singular(place.member);
                let (count, element) = self.elements(value, &name, place, inner, unit, *range)?;
                let key = self.key(key, &name, place);
                Some(Recipe::Map(Box::new(key), Box::new(element), count))
            }
            _ => {
                self.values += at.weight;
                Some(self.scalar(shape, place, unit))
            }
        }
    }

    /// How many elements a list or map has, and how to make one; none where they would be too deep.
    fn elements(
        &mut self,
        member: &'a Member,
        name: &str,
        place: &Place<'a>,
        at: At,
        unit: Option<Unit>,
        range: Range,
    ) -> Option<(u64, Recipe)> {
        let bound = |bound: Option<f64>| bound.and_then(|bound| u64::try_from(whole(bound)).ok());
        let least = bound(range.min).unwrap_or(0);
        let count = ELEMENTS.clamp(least, bound(range.max).unwrap_or(u64::MAX).max(least));
        let target = self.service.target(member)?;
        let nothing = Recipe::Given(vec![Value::nothing(self.world.span)]);
        let nests = matches!(target.kind, Kind::Structure(_) | Kind::List { .. } | Kind::Map { .. });
        let deep =
            nests && (at.only_required || at.depth >= self.limit || self.stack.contains(&member.shape));
        if count == 0 || (deep && least == 0) || at.depth >= BOTTOM {
            return Some((0, nothing));
        }
        let at = At { level: Level::Inner, weight: at.weight * count, ..at };
        let place = Place { member: name, shape: &target.name, parent: place.parent, level: Level::Inner };
        // Names live as long as the call: elements are compiled with a place of their own.
        let element = self.element(member.shape, target, &place, at, member.unit.or(unit));
        Some(element.map_or((0, nothing), |element| (count, element)))
    }

    fn element(
        &mut self,
        id: ShapeId,
        shape: &'a Shape,
        place: &Place<'_>,
        at: At,
        unit: Option<Unit>,
    ) -> Option<Recipe> {
        match &shape.kind {
            Kind::Structure(_) => Some(self.structure(id, at, &[])),
            Kind::List { .. } | Kind::Map { .. } => {
                // Lists of lists have no names of their own.
                let outer = Place {
                    member: &shape.name,
                    shape: &shape.name,
                    parent: &shape.name,
                    level: place.level,
                };
                self.shape(id, &outer, at, unit, true)
            }
            _ => {
                self.values += at.weight;
                Some(self.scalar(shape, place, unit))
            }
        }
    }

    fn key(&self, key: &Member, name: &str, place: &Place<'_>) -> Text {
        match self.service.target(key) {
            Some(Shape { kind: Kind::String { values, range }, name: shape, .. }) => {
                let own = Place { member: name, shape, parent: place.parent, level: Level::Answer };
                self.text(values, *range, &own)
            }
            _ => Text::new(Style::Digits),
        }
    }

    fn to_rows(
        &mut self,
        id: ShapeId,
        shape: &'a Shape,
        place: &Place<'a>,
        at: At,
        on_way: &[OnWay],
    ) -> Recipe {
        let (target, key) = match &shape.kind {
            Kind::List { member, .. } => (member, None),
            Kind::Map { key, value, .. } => (value, Some(key)),
            _ => {
                let below: Vec<OnWay> =
                    on_way.iter().map(|way| OnWay { step: way.step + 1, ..*way }).collect();
                return self.structure(id, At { depth: at.depth + 1, ..at }, &below);
            }
        };
        let name = singular(place.member);
        let crossed = |way: &OnWay| OnWay { step: way.step + 1, crossed: way.crossed + 1, ..*way };
        let lists = on_way.iter().map(|way| {
            let remaining =
                self.page.lists.get(way.list).map_or(0, |list| list.depth.saturating_sub(way.crossed + 1));
            Through { list: way.list, group: (remaining > 0).then(|| GROUP.saturating_pow(remaining)) }
        });
        let lists: Vec<Through> = lists.collect();
        let below: Vec<OnWay> = on_way
            .iter()
            .zip(&lists)
            .filter(|(_, through)| through.group.is_some())
            .map(|(way, _)| crossed(way))
            .collect();
        let at = At { level: Level::Row, depth: 0, weight: 1, only_required: false };
        let row = Place { member: &name, shape: "", parent: place.parent, level: Level::Row };
        let element = match self.service.target(target) {
            Some(Shape { kind: Kind::Structure(_), .. }) => {
                self.row(target.shape, at, &below, !below.is_empty())
            }
            Some(inner @ Shape { kind: Kind::List { .. } | Kind::Map { .. }, .. }) if !below.is_empty() => {
                let below: Vec<OnWay> =
                    below.iter().map(|way| OnWay { step: way.step - 1, ..*way }).collect();
                self.to_rows(target.shape, inner, &Place { member: place.member, ..*place }, at, &below)
            }
            Some(inner) => {
                self.element(target.shape, inner, &row, at, target.unit).unwrap_or(Recipe::Document)
            }
            None => Recipe::Document,
        };
        let key = key.map(|key| self.key(key, &name, place));
        Recipe::Rows(Box::new(Rows { lists, stride: self.page.lists.len().max(1) as u64, element, key }))
    }

    /// A row, or a structure with rows in it. Rows say that they are mocked.
    fn row(&mut self, id: ShapeId, at: At, below: &[OnWay], has_rows_below: bool) -> Recipe {
        let mut recipe = self.structure(id, at, below);
        if !has_rows_below
            && let Recipe::Structure(fields) | Recipe::Union(fields) = &mut recipe
            && !fields.iter().any(|field| field.name == super::MARK)
        {
            let recipe = Recipe::Given(vec![Value::bool(true, self.world.span)]);
            fields.push(Field { name: super::MARK.into(), recipe });
        }
        recipe
    }

    fn text(&self, values: &[Box<str>], range: Range, place: &Place<'_>) -> Text {
        if !values.is_empty() {
            let offset = if place.level == Level::Inner { self.world.hash(place) % 64 } else { 0 };
            return Text::new(Style::Cycle(values.to_vec(), offset));
        }
        let size = |bound: Option<f64>| bound.and_then(|bound| usize::try_from(whole(bound)).ok());
        let mut text = looks::text(self.world, place);
        text.min = size(range.min).unwrap_or(0);
        text.max = size(range.max).unwrap_or(usize::MAX);
        text
    }

    fn scalar(&self, shape: &Shape, place: &Place<'_>, unit: Option<Unit>) -> Recipe {
        let (world, span) = (self.world, self.world.span);
        let numeric = |plain: Form, range: Range| {
            let form = Form::of(unit, world.typed).unwrap_or(plain);
            Recipe::Number(Box::new(number::number(world, place, form, unit, range)))
        };
        match &shape.kind {
            Kind::String { .. } if unit == Some(Unit::PolicyDocument) && world.typed => {
                let mut policy = Record::new();
                policy.push("Version", Value::string("2012-10-17", span));
                policy.push("Statement", Value::list(Vec::new(), span));
                Recipe::Given(vec![Value::record(policy, span)])
            }
            Kind::String { .. } if unit.is_some_and(|unit| unit != Unit::PolicyDocument) => {
                numeric(Form::Text, Range::default())
            }
            Kind::String { values, range } => Recipe::Text(Box::new(self.text(values, *range, place))),
            Kind::Integer(range) | Kind::Long(range) => numeric(Form::Int, *range),
            Kind::Float(range) | Kind::Double(range) => numeric(Form::Float, *range),
            Kind::Boolean => Recipe::Flag(world.hash(place)),
            Kind::Blob { range, .. } => {
                let least = range.min.map_or(0, whole);
                let most = range.max.map_or(i64::MAX, whole);
                Recipe::Blob(usize::try_from(16.clamp(least, most.max(least))).unwrap_or(16))
            }
            Kind::Timestamp(_) => Recipe::Number(Box::new(number::moment(place))),
            Kind::Document | Kind::Structure(_) | Kind::List { .. } | Kind::Map { .. } => Recipe::Document,
        }
    }
}

/// Exactly one member is set: by the model's word, or as everybody knows of DynamoDB's values, whose model forgot it.
fn is_union(shape: &Shape, structure: &Structure) -> bool {
    structure.union || (&*shape.name == "AttributeValue" && structure.member("BOOL").is_some())
}
