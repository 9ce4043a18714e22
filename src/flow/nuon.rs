//! Values as a user can paste them into a command.

use nu_protocol::Value;
use std::fmt::Write;

/// `value` as Nushell would read it back: text and keys are quoted, records and lists are written out.
pub fn nuon(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::String { val, .. } => quote(val, out),
        Value::Binary { val, .. } => {
            out.push_str("0x[");
            // Writing to a string cannot fail.
            let _ = val.iter().try_for_each(|byte| write!(out, "{byte:02x}"));
            out.push(']');
        }
        Value::Date { val, .. } => out.push_str(&val.to_rfc3339()),
        Value::Nothing { .. } => out.push_str("null"),
        Value::List { vals, .. } => {
            out.push('[');
            for (index, item) in vals.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Record { val, .. } => {
            out.push('{');
            for (index, (key, item)) in val.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                quote(key, out);
                out.push_str(": ");
                write(item, out);
            }
            out.push('}');
        }
        other => out.push_str(&other.to_expanded_string(", ", &nu_protocol::Config::default())),
    }
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control.is_control() => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(control));
            }
            plain => out.push(plain),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use nu_protocol::record;

    #[test]
    fn tokens_are_written_as_nushell_reads_them() {
        let text = |text: &str| Value::test_string(text);
        assert_eq!(nuon(&text("a\"\\\u{1}$x")), r#""a\"\\\u{1}$x""#);
        assert_eq!(nuon(&Value::test_int(7)), "7");
        let key = Value::test_record(record! {
            "id" => Value::test_record(record! { "S" => text("1") }),
            "a b" => Value::test_record(record! { "B" => Value::test_binary(vec![0xab, 1]) }),
        });
        assert_eq!(nuon(&key), r#"{"id": {"S": "1"}, "a b": {"B": 0x[ab01]}}"#);
        assert_eq!(
            nuon(&Value::test_list(vec![Value::test_bool(true), Value::test_nothing()])),
            "[true, null]"
        );
    }
}
