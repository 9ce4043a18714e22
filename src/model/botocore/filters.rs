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
            // What is said of this operation's filters goes before what is said of filters in general.
            let prose = [member, filter_name].map(|said| said.documentation.as_deref().unwrap_or_default());
            let ways = [listed, piped].into_iter();
            let found = ways.flat_map(|way| prose.map(way)).find(|names| !names.is_empty());
            return found.unwrap_or_default();
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
    let mut skipped = false;
    let mut rest = prose;
    while let Some((text, after)) = rest.split_once('<') {
        let Some((tag, after)) = after.split_once('>') else { break };
        match tag {
            "ul" => depth += 1,
            "/ul" => depth = depth.saturating_sub(1),
            "li" if depth == 1 && !skipped => {
                names.extend(opening_code(after).filter(|name| !names.contains(name)));
            }
            // The paragraph before a list may say that it is about something else.
            "/p" if depth == 0 => skipped = text.contains("perator") && !text.contains("ilters"),
            _ => {}
        }
        rest = after;
    }
    // Lists of a filter's own fields look the same; those name the field for the values.
    let fields = ["Value", "Values", "value", "values", "Condition", "Operator"];
    if names.iter().any(|name| fields.contains(&&**name)) {
        names.clear();
    }
    names
}

/// The names of `Valid filter names: endpoint-arn | endpoint-type`.
fn piped(prose: &str) -> Vec<Box<str>> {
    let series = ["Valid filter names:", "Valid filter key values:"];
    let Some((_, series)) = series.iter().find_map(|marker| prose.split_once(marker)) else {
        return Vec::new();
    };
    let series = series.replace("<code>", "").replace("</code>", "");
    let series = series.split('<').next().unwrap_or_default();
    series.split('|').filter_map(|part| name(part.trim().trim_matches('"').split(' ').next()?)).collect()
}

/// The `<code>` that an item opens with, perhaps within a paragraph or in bold.
fn opening_code(item: &str) -> Option<Box<str>> {
    let mut rest = item.trim_start();
    while let Some(inner) = ["<p>", "<b>"].iter().find_map(|tag| rest.strip_prefix(tag)) {
        rest = inner.trim_start();
    }
    let (code, after) = rest.strip_prefix("<code>")?.split_once("</code>")?;
    let after = after.split("</li>").next().unwrap_or_default();
    if code == "tag" && (after.starts_with(":&lt;key&gt;") || after.contains("key/value combination")) {
        return Some(TAG.into());
    }
    name(code)
}

/// How the filter by a tag of one's own choice is written here; the documentation has four ways.
const TAG: &str = "tag:<key>";

/// A name that can be typed as it stands.
fn name(text: &str) -> Option<Box<str>> {
    let text = text.trim();
    if text.starts_with("tag:") {
        return Some(TAG.into());
    }
    let is_name = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:/*".contains(c));
    is_name.then(|| text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_give_their_first_words() {
        let prose = "<p>The filters.</p> <ul> <li> <p> <code>architecture</code> - The architecture \
            (<code>i386</code>).</p> <ul> <li> <p> <code>i386</code> </p> </li> </ul> </li> <li> <p> \
            <code>tag</code>:&lt;key&gt; - The key.</p> </li> <li><code>group.name</code></li> <li> <p> \
            <b> <code>PATCH_SET</code> </b> </p> </li> <li> <p>Only prose.</p> </li> </ul>";
        assert_eq!(listed(prose).join(" "), "architecture tag:<key> group.name PATCH_SET");
    }

    #[test]
    fn lists_about_other_things_give_nothing() {
        let fields =
            "<ul> <li> <p> <code>Key</code> </p> </li> <li> <p> <code>Values</code> </p> </li> </ul>";
        assert!(listed(fields).is_empty());
        let operators = "<p>The valid Operators for this filter are:</p> <ul> <li> <p> <code>equals</code> </p> </li> </ul>";
        assert!(listed(operators).is_empty());
        assert!(listed("<ul <li> <code>").is_empty());
    }

    #[test]
    fn series_give_their_words() {
        let prose = "<p>Valid filter names: endpoint-arn | engine-name </p> <p>More | less.</p>";
        assert_eq!(piped(prose).join(" "), "endpoint-arn engine-name");
        let prose = "<p>Valid filter key values: A | \"tag-key\" | \"tag:<code>{keyname}</code> </p>";
        assert_eq!(piped(prose).join(" "), "A tag-key tag:<key>");
    }
}
