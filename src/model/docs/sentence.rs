//! The first sentence of a piece of AWS's documentation, which is HTML.

/// Blocks that may come before what the thing itself is about.
const ASIDES: [&str; 3] = ["note", "important", "fullname"];

/// Words whose full stop does not end a sentence.
const ABBREVIATIONS: [&str; 7] = ["e.g", "i.e", "etc", "vs", "approx", "Inc", "St"];

/// Entities that occur, with what they stand for.
const ENTITIES: [(&str, &str); 8] = [
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&quot;", "\""),
    ("&#39;", "'"),
    ("&apos;", "'"),
    ("&nbsp;", " "),
    ("&mdash;", "—"),
    // The last one, or it would make new ones.
    ("&amp;", "&"),
];

/// The first sentence, as plain text; `None` where there is no text.
pub(super) fn first(html: &str) -> Option<String> {
    let text = opening_text(html);
    let mut end = text.len();
    for (at, mark) in text.match_indices(['.', '!', '?']) {
        let after = text.get(at + mark.len()..).unwrap_or_default();
        let ends = after.is_empty()
            || (after.starts_with(' ') && !after.trim_start().starts_with(|c: char| c.is_lowercase()));
        let word = text.get(..at).and_then(|before| before.rsplit([' ', '(']).next()).unwrap_or_default();
        if ends && !(mark == "." && ABBREVIATIONS.contains(&word)) {
            end = at + mark.len();
            break;
        }
    }
    text.get(..end).filter(|sentence| !sentence.is_empty()).map(str::to_owned)
}

/// The text up to the end of the first paragraph that says something, asides passed over.
fn opening_text(html: &str) -> String {
    let mut text = String::new();
    let mut aside: Option<&str> = None;
    let mut rest = html;
    loop {
        let (piece, after) = rest.split_once('<').map_or((rest, None), |(piece, after)| (piece, Some(after)));
        if aside.is_none() {
            text.push_str(piece);
        }
        let Some((tag, after)) = after.and_then(|after| after.split_once('>')) else { break };
        rest = after;
        let name = tag.split_whitespace().next().unwrap_or_default();
        match aside {
            Some(open) if name.strip_prefix('/') == Some(open) => aside = None,
            None if ASIDES.contains(&name) => aside = Some(name),
            None if matches!(name, "/p" | "ul" | "ol" | "dl" | "br" | "br/") && !text.trim().is_empty() => {
                break;
            }
            _ => {}
        }
    }
    let mut plain = text;
    for (entity, meant) in ENTITIES {
        plain = plain.replace(entity, meant);
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::first;

    fn is(html: &str, expected: &str) {
        assert_eq!(first(html).as_deref(), Some(expected));
    }

    #[test]
    fn sentences_end_where_people_end_them() {
        is("<p>Describes <b>instances</b>. More.</p>", "Describes instances.");
        is("<p>Uses e.g. S3 &amp; EC2 v1.2 here. More.</p>", "Uses e.g. S3 & EC2 v1.2 here.");
        is("<p>No full stop</p><p>Another.</p>", "No full stop");
        is("Plain text", "Plain text");
        is("<p>Is it? Yes.</p>", "Is it?");
    }

    #[test]
    fn asides_are_passed_over() {
        is("<note> <p>Support ends.</p> </note> <p>Gets it.</p>", "Gets it.");
        is("<p/>\n <p>A\n  list:</p> <ul><li>x</li></ul>", "A list:");
    }

    #[test]
    fn nothing_said_is_nothing() {
        assert_eq!(first(""), None);
        assert_eq!(first("<p></p> <br>"), None);
        assert_eq!(first("<note><p>Only an aside"), None);
        assert_eq!(first("<"), None);
    }
}
