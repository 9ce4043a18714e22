//! Documents that repeat what the code knows are held against it.

use aws_perf::config::{KNOBS, Range};
use std::{fmt::Write, fs, path::Path};

const START: &str = "<!-- knobs";
const END: &str = "<!-- end -->";

#[test]
fn every_knob_is_documented_as_it_is() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/CONFIGURATION.md");
    let text = fs::read_to_string(&path).unwrap();
    let start = text.find(START).unwrap();
    let body = start + text[start..].find('\n').unwrap() + 1;
    let end = text.find(END).unwrap();
    let table = table();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, format!("{}{table}{}", &text[..body], &text[end..])).unwrap();
        return;
    }
    assert_eq!(&text[body..end], table, "run `UPDATE_DOCS=1 cargo test --test it documents`");
}

fn table() -> String {
    let mut table = String::from(
        "\n| setting | variable | takes | default | what for, and why |\n| --- | --- | --- | --- | --- |\n",
    );
    for knob in KNOBS {
        let takes = match knob.range {
            Range::Duration(min, max) => format!("duration, {min:?} to {max:?}"),
            Range::Integer(min, max) => format!("{min} to {max}"),
            Range::Size(min, max) => format!("size, {min} to {max} bytes"),
            Range::Switch => "true or false".into(),
            Range::Operations => "a list of `service:Operation`".into(),
        };
        let _ = writeln!(
            table,
            "| `{}` | `{}` | {takes} | `{}` | {} |",
            knob.path, knob.variable, knob.default, knob.reason
        );
    }
    table + "\n"
}

#[test]
fn every_promise_names_a_test_that_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("docs/RELIABILITY.md")).unwrap();
    let (mut named, mut missing) = (0, Vec::new());
    for line in text.lines().filter(|line| line.starts_with('|')) {
        for proof in line.split('`').skip(1).step_by(2) {
            let Some((file, test)) = proof.split_once(" › ") else { continue };
            named += 1;
            let code = fs::read_to_string(root.join(file)).unwrap_or_default();
            let forms = [format!("fn {test}("), format!("def \"{test}\" []")];
            if !forms.iter().any(|form| code.contains(form)) {
                missing.push(proof);
            }
        }
    }
    assert!(named > 30 && missing.is_empty(), "{named} named, missing: {missing:#?}");
}
