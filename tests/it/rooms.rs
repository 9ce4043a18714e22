//! The rooms of `docs/ARCHITECTURE.md`: a room imports only rooms of a lower number, and rooms of one number never see
//! each other. Every path that begins with `crate::` or `super::` is resolved, in `use` trees and inline.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Rooms with their numbers. The executable and the crate's root stand outside: they see everything.
const ROOMS: [(&str, u8); 17] = [
    ("clock", 0),
    ("private", 0),
    ("redact", 0),
    ("sync", 0),
    ("error", 0),
    ("config", 1),
    ("model", 2),
    ("metrics", 2),
    ("request", 3),
    ("cache", 4),
    ("limit", 4),
    ("client", 4),
    ("flow", 5),
    ("correlate", 6),
    ("pipe", 7),
    ("app", 8),
    ("commands", 9),
];

fn number(room: &str) -> Option<u8> {
    ROOMS.iter().find(|(name, _)| *name == room).map(|(_, number)| *number)
}

#[test]
fn rooms_see_only_lower_rooms() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    let mut seen = 0;
    for file in rust_files(&source) {
        let module = module_of(&source, &file);
        let Some(room) = module.first().cloned() else { continue };
        if room == "plugin" || room == "bin" {
            continue;
        }
        let from = number(&room).unwrap_or_else(|| panic!("{} is in no room", file.display()));
        for path in paths(&fs::read_to_string(&file).unwrap(), &module) {
            let Some(to) = path.first() else { continue };
            seen += 1;
            let allowed = *to == room || number(to).is_some_and(|to| to < from);
            if !allowed {
                wrong.push(format!("{}: {room} ({from}) sees {}", file.display(), path.join("::")));
            }
        }
    }
    assert!(seen > 100, "only {seen} paths found: the reader is blind");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_stay_under_400_lines() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut long = Vec::new();
    for folder in ["src", "tests/it", "benches"] {
        for file in rust_files(&root.join(folder)) {
            let lines = fs::read_to_string(&file).unwrap().lines().count();
            if lines >= 400 {
                long.push(format!("{} has {lines} lines", file.display()));
            }
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn the_reader_of_paths_sees_what_it_must() {
    let module = ["client".to_string(), "session".to_string()];
    let text = r#"
        use crate::{flow::{self, Pager as P}, error::Error};
        // use crate::commented;
        fn f() { let _ = "crate::quoted"; crate::pipe::wait(); super::super::app::App; super::mock::x(); }
        mod tests { use super::*; fn g() { super::super::other(); super::super::super::commands::all(); } }
    "#;
    let found: BTreeSet<String> = paths(text, &module).into_iter().map(|path| path.join("::")).collect();
    let expected = [
        "flow::self",
        "flow::Pager",
        "error::Error",
        "pipe::wait",
        "app::App",
        "client::mock::x",
        "client::session::*",
        "client::other",
        "commands::all",
    ];
    assert_eq!(found, expected.iter().map(ToString::to_string).collect());
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { return files };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn module_of(source: &Path, file: &Path) -> Vec<String> {
    let relative = file.strip_prefix(source).unwrap().with_extension("");
    let parts: Vec<String> =
        relative.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    if parts == ["main"] || parts == ["lib"] { Vec::new() } else { parts }
}

/// All `crate::` and `super::` paths of a file, resolved to module paths from the crate's root.
fn paths(text: &str, module: &[String]) -> Vec<Vec<String>> {
    let tokens = tokens(text);
    let mut found = Vec::new();
    // Inline modules: their names, with the depth of braces at which they end.
    let mut inner: Vec<(String, usize)> = Vec::new();
    let mut depth = 0;
    let mut at = 0;
    while at < tokens.len() {
        let token = tokens[at].as_str();
        let after_colons = at > 0 && tokens[at - 1] == "::";
        match token {
            "{" => {
                if at >= 2 && tokens[at - 2] == "mod" {
                    inner.push((tokens[at - 1].clone(), depth));
                }
                depth += 1;
            }
            "}" => {
                depth -= 1;
                if inner.last().is_some_and(|(_, end)| *end == depth) {
                    inner.pop();
                }
            }
            "crate" | "super" if !after_colons && tokens.get(at + 1).is_some_and(|next| next == "::") => {
                let mut base: Vec<String> = module.to_vec();
                base.extend(inner.iter().map(|(name, _)| name.clone()));
                if token == "crate" {
                    base.clear();
                } else {
                    base.pop();
                }
                at = tree(&tokens, at + 2, &base, &mut found);
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// Reads a path, or a tree of paths in braces, and returns the place behind it.
fn tree(tokens: &[String], mut at: usize, base: &[String], found: &mut Vec<Vec<String>>) -> usize {
    let mut path = base.to_vec();
    loop {
        match tokens.get(at).map(String::as_str) {
            Some("super") => {
                path.pop();
                at += 1;
            }
            Some("{") => {
                at += 1;
                while tokens.get(at).is_some_and(|token| token != "}") {
                    at = tree(tokens, at, &path, found);
                    while tokens.get(at).is_some_and(|token| token != "," && token != "}") {
                        at += 1;
                    }
                    if tokens.get(at).is_some_and(|token| token == ",") {
                        at += 1;
                    }
                }
                return at + 1;
            }
            Some(name) => {
                path.push(name.to_string());
                at += 1;
            }
            None => return at,
        }
        if tokens.get(at).is_some_and(|token| token == "::") {
            at += 1;
            continue;
        }
        found.push(path);
        return at;
    }
}

/// Words, `::` and single signs, without comments and literals.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let bytes: Vec<char> = text.chars().collect();
    let mut at = 0;
    while at < bytes.len() {
        let c = bytes[at];
        let next = bytes.get(at + 1).copied().unwrap_or(' ');
        if c == '/' && next == '/' {
            while at < bytes.len() && bytes[at] != '\n' {
                at += 1;
            }
        } else if c == 'r' && (next == '"' || next == '#') {
            let hashes = bytes[at + 1..].iter().take_while(|c| **c == '#').count();
            let close: String = format!("\"{}", "#".repeat(hashes));
            let rest: String = bytes[at + 2 + hashes..].iter().collect();
            let end = rest.find(&close).map_or(rest.chars().count(), |end| rest[..end].chars().count());
            at += 2 + hashes + end + close.len();
        } else if c == '"' {
            at += 1;
            while at < bytes.len() && bytes[at] != '"' {
                at += if bytes[at] == '\\' { 2 } else { 1 };
            }
            at += 1;
        } else if c == '\'' && (bytes.get(at + 2) == Some(&'\'') || next == '\\') {
            at += if next == '\\' { 3 } else { 2 };
            while at < bytes.len() && bytes[at] != '\'' {
                at += 1;
            }
            at += 1;
        } else if c == ':' && next == ':' {
            tokens.push("::".into());
            at += 2;
        } else if c.is_alphanumeric() || c == '_' {
            let start = at;
            while at < bytes.len() && (bytes[at].is_alphanumeric() || bytes[at] == '_') {
                at += 1;
            }
            tokens.push(bytes[start..at].iter().collect());
        } else {
            if !c.is_whitespace() {
                tokens.push(c.to_string());
            }
            at += 1;
        }
    }
    tokens
}
