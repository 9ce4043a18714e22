//! Filter names that stand only in the documentation, as `instance-state-name`.
//!
//! Many operations take filters as `[{Name, Values}]` where `Name` is free text for the model, and list the names
//! in prose: `<ul> <li> <p> <code>instance-type</code> - The type …`. Only such names are kept, never the prose.

use super::raw::{Entries, Operation, Reference, Shape};
use std::collections::HashMap;

/// Members that hold filters.
const FILTER_MEMBERS: [&str; 4] = ["Filters", "filters", "Filter", "filter"];

/// Members of a filter that hold its name.
const NAME_MEMBERS: [&str; 6] = ["Name", "name", "Key", "key", "Field", "field"];

/// Filter names by operation, for the operations that have some.
pub(super) fn extract(
    operations: &Entries<Operation>,
    shapes: &Entries<Shape>,
) -> HashMap<Box<str>, Vec<Box<str>>> {
    let shapes: HashMap<&str, &Shape> = shapes.0.iter().map(|(name, shape)| (&**name, shape)).collect();
    let mut found = HashMap::new();
    for (name, operation) in &operations.0 {
        let input = operation.input.as_ref().and_then(|input| shapes.get(&*input.shape));
        let names = input.map_or_else(Vec::new, |input| of_input(input, &shapes));
        if !names.is_empty() {
            found.insert(name.clone(), names);
        }
    }
    found
}

fn of_input(input: &Shape, shapes: &HashMap<&str, &Shape>) -> Vec<Box<str>> {
    for (name, member) in &input.members.0 {
        if FILTER_MEMBERS.contains(&&**name)
            && let Some(filter_name) = free_name(member, shapes)
        {
            let names = listed(member.documentation.as_deref().unwrap_or_default());
            return if names.is_empty() {
                listed(filter_name.documentation.as_deref().unwrap_or_default())
            } else {
                names
            };
        }
    }
    Vec::new()
}

/// The member of a list's elements that names the filter, where the model does not enumerate the names.
fn free_name<'a>(member: &Reference, shapes: &HashMap<&str, &'a Shape>) -> Option<&'a Reference> {
    let element = shapes.get(&*member.shape)?.member.as_ref()?;
    let element = shapes.get(&*element.shape)?;
    let (_, name) = element.members.0.iter().find(|(name, _)| NAME_MEMBERS.contains(&&**name))?;
    shapes.get(&*name.shape)?.values.is_empty().then_some(name)
}

/// The names that open the items of the outermost lists of a piece of documentation.
fn listed(prose: &str) -> Vec<Box<str>> {
    let mut names = Vec::new();
    let mut depth = 0_u32;
    let mut rest = prose;
    while let Some((_, after)) = rest.split_once('<') {
        let Some((tag, after)) = after.split_once('>') else { break };
        rest = after;
        match tag {
            "ul" => depth += 1,
            "/ul" => depth = depth.saturating_sub(1),
            "li" if depth == 1 => names.extend(opening_code(rest).filter(|name| !names.contains(name))),
            _ => {}
        }
    }
    // Lists of a filter's own fields look the same; those name the field for the values.
    let fields = ["Value", "Values", "value", "values", "Condition", "Operator"];
    if names.iter().any(|name| fields.contains(&&**name)) {
        names.clear();
    }
    names
}

/// The `<code>` that an item opens with, perhaps within a paragraph or in bold.
fn opening_code(item: &str) -> Option<Box<str>> {
    let mut rest = item.trim_start();
    while let Some(inner) = ["<p>", "<b>"].iter().find_map(|tag| rest.strip_prefix(tag)) {
        rest = inner.trim_start();
    }
    let (code, after) = rest.strip_prefix("<code>")?.split_once("</code>")?;
    // `<code>tag</code>:<key>` and `<code>tag:<key></code>` are two ways to say the same.
    let name = if code == "tag" && after.starts_with(":&lt;key&gt;") { "tag:<key>" } else { code.trim() };
    let name = name.replace("&lt;", "<").replace("&gt;", ">");
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:/<>*".contains(c));
    is_name.then(|| name.into())
}
