//! From the output shape of an operation to the [`Recipe`] of its answers.
//!
//! Every member is present, but: pages set their own tokens; a list does not repeat what the request did not say (a
//! prefix, a delimiter); recursion ends at the second turn; and where a shape is so large that one answer or row would
//! have thousands of values (a dashboard of `QuickSight`), it ends at the depth where it fits.

use super::{
    Call, MARK,
    echo::{Echo, Said},
    leaves,
    names::singular,
    number::whole,
    pages::{Page, is_unasked_prefix},
    plan::{Level, Place, World},
    recipe::{Field, Recipe, Rows, Through},
};
use crate::model::{Flags, Kind, Member, Range, Shape, ShapeId, Structure, Unit};
use nu_protocol::{Record, Value};

/// Values of one answer without its rows, or of one row: more than any but generated documents have.
const VALUES: u64 = 1500;
/// Structures within structures, at most; the first at which [`VALUES`] suffice.
const DEPTHS: [u32; 6] = [10, 6, 4, 3, 2, 1];
/// Even required members end here.
const BOTTOM: u32 = 24;
/// Turns of a recursion that required members can force.
const TURNS: usize = 3;
/// Elements of lists that are not rows: enough to see that they are lists.
pub(super) const ELEMENTS: u64 = 2;
/// Rows below one element of an outer list, as instances of a reservation.
const GROUP: u64 = 2;
/// Members of a union that take turns.
const CHOICES: usize = 4;

/// Compiles the output of an operation.
pub(super) fn answer(
    call: &Call<'_>,
    world: &World<'_>,
    page: &Page<'_>,
    echo: &Echo<'_>,
    output: ShapeId,
) -> Recipe {
    let mut recipe = Recipe::Structure(Vec::new());
    for limit in DEPTHS {
        let most = if Some(&limit) == DEPTHS.last() { u64::MAX } else { VALUES };
        let mut compiler = Compiler { call, world, page, echo, limit, most, values: 0, stack: Vec::new() };
        let on_way: Vec<_> = (0..page.lists.len()).map(|list| OnWay { list, step: 0, crossed: 0 }).collect();
        let at = At { level: Level::Answer, depth: 0, weight: 1, only_required: false };
        recipe = compiler.structure(output, at, &on_way);
        if compiler.values <= most {
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
    call: &'a Call<'a>,
    world: &'a World<'a>,
    page: &'a Page<'a>,
    echo: &'a Echo<'a>,
    limit: u32,
    /// Values beyond which the limit is too great, and the rest is not worth compiling.
    most: u64,
    values: u64,
    stack: Vec<ShapeId>,
}

impl<'a> Compiler<'a> {
    fn structure(&mut self, id: ShapeId, at: At, on_way: &[OnWay]) -> Recipe {
        let shape = self.call.service.shape(id);
        let Some((shape, Kind::Structure(structure))) = shape.map(|shape| (shape, &shape.kind)) else {
            return Recipe::Given(vec![Value::record(Record::new(), self.world.span)]);
        };
        let choices = choices(shape, structure);
        self.stack.push(id);
        let mut fields = Vec::with_capacity(structure.members.len());
        for member in &structure.members {
            let required = member.flags.has(Flags::REQUIRED) && choices.is_none();
            if at.only_required && !required {
                continue;
            }
            fields.extend(self.field(member, shape, at, on_way, required));
            if choices.is_some_and(|choices| fields.len() >= choices) {
                break;
            }
        }
        // All choices are too deep, and one there must be: better one that does not go round again.
        if choices.is_some() && fields.is_empty() {
            let mut members = structure.members.iter();
            let chosen = members.find(|member| !self.recurs(member.shape)).or(structure.members.first());
            fields.extend(chosen.and_then(|member| self.field(member, shape, at, on_way, true)));
        }
        self.stack.pop();
        if choices.is_some() { Recipe::Union(fields) } else { Recipe::Structure(fields) }
    }

    /// Whether a shape, or what a list or map of that shape holds, is being compiled around here.
    fn recurs(&self, id: ShapeId) -> bool {
        let inner = match self.call.service.shape(id).map(|shape| &shape.kind) {
            Some(Kind::List { member, .. }) => member.shape,
            Some(Kind::Map { value, .. }) => value.shape,
            _ => id,
        };
        self.stack.contains(&id) || self.stack.contains(&inner)
    }

    /// None for what is absent.
    fn field(
        &mut self,
        member: &'a Member,
        parent: &'a Shape,
        at: At,
        on_way: &[OnWay],
        required: bool,
    ) -> Option<Field> {
        let leading = on_way.iter().filter(|way| self.leads(**way, &member.name)).copied();
        let recipe = self.member(member, parent, at, &leading.collect::<Vec<_>>(), required)?;
        Some(Field { name: member.name.to_string(), recipe })
    }

    fn leads(&self, way: OnWay, member: &str) -> bool {
        let step = self.page.lists.get(way.list).and_then(|list| list.path.get(way.step));
        step.is_some_and(|step| **step == *member)
    }

    fn member(
        &mut self,
        member: &'a Member,
        parent: &'a Shape,
        at: At,
        on_way: &[OnWay],
        required: bool,
    ) -> Option<Recipe> {
        let shape = self.call.service.target(member)?;
        let place = Place { member: &member.name, shape: &shape.name, parent: &parent.name, level: at.level };
        if self.values > self.most || self.is_left_out(&place, required) {
            return None;
        }
        if !on_way.is_empty() {
            return Some(self.rows(member.shape, &place, at, on_way));
        }
        if at.level == Level::Row {
            if let Some(token) = self.page.row_token.filter(|token| token.member == Some(&*member.name)) {
                return Some(Recipe::Text(Box::new(token.text())));
            }
            if let Some((_, values)) = self.page.named.as_ref().filter(|(name, _)| **name == *member.name) {
                return Some(Recipe::Given(values.clone()));
            }
        }
        match self.echo.said(self.call, self.page, &place, shape, member.unit) {
            Said::Value(value) => Some(Recipe::Given(vec![value])),
            Said::Unsaid if !required => None,
            Said::Unsaid | Said::Open => self.shape(member.shape, &place, at, member.unit, required),
        }
    }

    /// Tokens belong to the pages; one that no page sets would lead readers on for ever.
    fn is_left_out(&self, place: &Place<'_>, required: bool) -> bool {
        let lower = place.member.to_ascii_lowercase();
        let token = lower.starts_with("next") && (lower.contains("token") || lower.contains("marker"));
        let of_page = place.level == Level::Answer
            && (self.page.sets(place.member) || is_unasked_prefix(self.call, place.member));
        of_page || (token && !required)
    }

    fn shape(
        &mut self,
        id: ShapeId,
        place: &Place<'a>,
        at: At,
        unit: Option<Unit>,
        required: bool,
    ) -> Option<Recipe> {
        let shape = self.call.service.shape(id)?;
        let deep = at.depth >= self.limit || self.stack.contains(&id);
        let inner = At { depth: at.depth + 1, only_required: at.only_required || deep, ..at };
        match &shape.kind {
            Kind::Structure(structure) if structure.event_stream => None,
            Kind::Structure(_) if deep && !required => None,
            Kind::Structure(_) if self.must_end(id, at) => Some(Recipe::Structure(Vec::new())),
            Kind::Structure(_) => {
                let level = if at.level == Level::Answer { Level::Answer } else { Level::Inner };
                Some(self.structure(id, At { level, ..inner }, &[]))
            }
            Kind::List { member, range, .. } => {
                let (count, element) = self.elements(member, place, inner, unit, *range)?;
                Some(Recipe::List(Box::new(element), count))
            }
            Kind::Map { key, value, range, .. } => {
                let (count, element) = self.elements(value, place, inner, unit, *range)?;
                let key = leaves::key(self.world, self.call.service.target(key), place);
                Some(Recipe::Map(Box::new(key), Box::new(element), count))
            }
            _ => Some(self.scalar(shape, place, at, unit)),
        }
    }

    fn must_end(&self, id: ShapeId, at: At) -> bool {
        at.depth >= BOTTOM || self.stack.iter().filter(|open| **open == id).count() >= TURNS
    }

    fn scalar(&mut self, shape: &Shape, place: &Place<'_>, at: At, unit: Option<Unit>) -> Recipe {
        self.values += at.weight;
        leaves::scalar(self.world, shape, place, unit)
    }

    /// How many elements a list or map has, and how to make one; none where they would be too deep.
    fn elements(
        &mut self,
        member: &'a Member,
        outer: &Place<'a>,
        at: At,
        unit: Option<Unit>,
        range: Range,
    ) -> Option<(u64, Recipe)> {
        let target = self.call.service.target(member)?;
        let bound = |bound: Option<f64>| bound.and_then(|bound| u64::try_from(whole(bound)).ok());
        let least = bound(range.min).unwrap_or(0);
        let nests = matches!(target.kind, Kind::Structure(_) | Kind::List { .. } | Kind::Map { .. });
        let recurs = self.stack.contains(&member.shape);
        let deep = nests && (at.only_required || at.depth >= self.limit || recurs);
        let wanted = if deep { least } else { ELEMENTS };
        let count = wanted.clamp(least, bound(range.max).unwrap_or(u64::MAX).max(least));
        if count == 0 || (nests && self.must_end(member.shape, at)) {
            return Some((0, Recipe::Document));
        }
        let name = singular(outer.member);
        let at = At { level: Level::Inner, weight: at.weight.saturating_mul(count), ..at };
        let place = Place { member: &name, shape: &target.name, parent: outer.parent, level: Level::Inner };
        let element = self.element(
            member.shape,
            target,
            &place,
            At { only_required: deep, ..at },
            member.unit.or(unit),
        );
        Some(element.map_or((0, Recipe::Document), |element| (count, element)))
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
            _ => Some(self.scalar(shape, place, at, unit)),
        }
    }

    /// A member on the way to rows.
    fn rows(&mut self, id: ShapeId, place: &Place<'a>, at: At, on_way: &[OnWay]) -> Recipe {
        let Some(Shape { kind: Kind::List { member, .. }, .. }) = self.call.service.shape(id) else {
            let below: Vec<_> = on_way.iter().map(|way| OnWay { step: way.step + 1, ..*way }).collect();
            return self.structure(id, At { depth: at.depth + 1, ..at }, &below);
        };
        let through = |way: &OnWay| {
            let lists = self.page.lists.get(way.list).map_or(0, |list| list.depth);
            let remaining = lists.saturating_sub(way.crossed + 1);
            Through { list: way.list, group: (remaining > 0).then(|| GROUP.saturating_pow(remaining)) }
        };
        let lists: Vec<Through> = on_way.iter().map(through).collect();
        let passing = on_way.iter().zip(&lists).filter(|(_, through)| through.group.is_some());
        let below: Vec<_> =
            passing.map(|(way, _)| OnWay { step: way.step + 1, crossed: way.crossed + 1, ..*way }).collect();
        let at = At { level: Level::Row, depth: 0, weight: 1, only_required: false };
        let element = match self.call.service.target(member) {
            Some(Shape { kind: Kind::Structure(_), .. }) => {
                let recipe = self.structure(member.shape, at, &below);
                if below.is_empty() { self.marked(recipe) } else { recipe }
            }
            Some(_) if self.page.row_token.is_some_and(|token| token.member.is_none()) => {
                self.page.row_token.map_or(Recipe::Document, |token| Recipe::Text(Box::new(token.text())))
            }
            Some(shape) => {
                // A row that is a text names itself, not something that it refers to.
                let name = singular(place.member);
                let own =
                    Place { member: &name, shape: &shape.name, parent: place.parent, level: Level::Answer };
                self.element(member.shape, shape, &own, at, member.unit).unwrap_or(Recipe::Document)
            }
            None => Recipe::Document,
        };
        Recipe::Rows(Box::new(Rows { lists, stride: self.page.lists.len().max(1) as u64, element }))
    }

    fn marked(&self, recipe: Recipe) -> Recipe {
        match recipe {
            Recipe::Structure(mut fields) if fields.iter().all(|field| field.name != MARK) => {
                let recipe = Recipe::Given(vec![Value::bool(true, self.world.span)]);
                fields.push(Field { name: MARK.into(), recipe });
                Recipe::Structure(fields)
            }
            other => Recipe::Marked(Box::new(other)),
        }
    }
}

/// How many members take turns, where exactly one is set: by the model's word, or as everybody knows of `DynamoDB`'s
/// values, whose model forgot it. Two of those, so that all rows of a table have the same types.
fn choices(shape: &Shape, structure: &Structure) -> Option<usize> {
    let dynamodb = &*shape.name == "AttributeValue" && structure.member("BOOL").is_some();
    if dynamodb { Some(2) } else { structure.union.then_some(CHOICES) }
}
