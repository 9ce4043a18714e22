//! Laws that hold for all codecs: what is written is read, and no bytes make a reader panic.

use super::testing::*;
use crate::model::Service;
use nu_protocol::{Record, Value};
use proptest::{collection::vec, prelude::*};
use serde_json::json;

/// A service whose answer has the shape of its request, which holds every kind and itself.
fn mirror(protocol: &str) -> Service {
    let members = json!({
        "Text": { "shape": "string" },
        "Renamed": { "shape": "string", "locationName": "wire" },
        "Whole": { "shape": "long" },
        "Real": { "shape": "double" },
        "Flag": { "shape": "boolean" },
        "Bytes": { "shape": "blob" },
        "When": { "shape": "timestamp" },
        "List": { "shape": "List" },
        "Flat": { "shape": "Flat" },
        "Map": { "shape": "Map" },
        "Deep": { "shape": "In" },
    });
    let shapes = json!({
        "In": structure(&members),
        "Out": structure(&members),
        "List": { "type": "list", "member": { "shape": "In" } },
        "Flat": { "type": "list", "flattened": true, "member": { "shape": "string" } },
        "Map": { "type": "map", "key": { "shape": "string" }, "value": { "shape": "long" } },
    });
    service(protocol, &json!({}), &shapes)
}

const PROTOCOLS: [&str; 6] = ["json", "rest-json", "rest-xml", "query", "ec2", "smithy-rpc-v2-cbor"];
/// Those whose requests and answers are written alike.
const MIRRORS: [&str; 4] = ["json", "rest-json", "rest-xml", "smithy-rpc-v2-cbor"];

fn any_record() -> impl Strategy<Value = Value> {
    let date_values = (0..4_000_000_000_000_000_i64).prop_map(date);
    let scalars = (
        proptest::option::of("\\PC{0,12}"),
        proptest::option::of("[ -~\r\n\t]{0,12}"),
        proptest::option::of(any::<i64>()),
        proptest::option::of(proptest::num::f64::NORMAL),
        proptest::option::of(any::<bool>()),
        proptest::option::of(any::<Vec<u8>>()),
        proptest::option::of(date_values),
        vec("\\PC{0,6}", 0..3),
        proptest::option::of(proptest::collection::btree_map("\\PC{0,6}", any::<i64>(), 0..40)),
    );
    let leaf = scalars.prop_map(|(a, b, whole, real, flag, bytes, when, flat, map)| {
        let map = map.map(|map| {
            Value::test_record(map.into_iter().map(|(key, number)| (key, int(number))).collect::<Record>())
        });
        // An empty list without a wrapper leaves no trace.
        let flat =
            (!flat.is_empty()).then(|| Value::test_list(flat.iter().map(Value::test_string).collect()));
        fields([
            ("Text", a.map(Value::test_string)),
            ("Renamed", b.map(Value::test_string)),
            ("Whole", whole.map(int)),
            ("Real", real.map(Value::test_float)),
            ("Flag", flag.map(Value::test_bool)),
            ("Bytes", bytes.map(Value::test_binary)),
            ("When", when),
            ("Flat", flat),
            ("Map", map),
        ])
    });
    leaf.prop_recursive(3, 12, 3, |inner| {
        (inner.clone(), vec(inner.clone(), 0..3), inner).prop_map(|(outer, list, deep)| {
            let mut record = outer.into_record().unwrap();
            record.insert("List", Value::test_list(list));
            record.insert("Deep", deep);
            Value::test_record(record)
        })
    })
}

fn fields<const N: usize>(fields: [(&str, Option<Value>); N]) -> Value {
    let told = fields.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
    Value::test_record(told.collect::<Record>())
}

fn read_all(bytes: &[u8]) {
    for protocol in PROTOCOLS {
        let service = mirror(protocol);
        let _ = try_answer(&service, &[], bytes, true);
        let _ = fault(&service, 400, &[], &String::from_utf8_lossy(bytes));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read(input in any_record()) {
        for protocol in MIRRORS {
            let service = mirror(protocol);
            let body = request(&service, &input).body;
            prop_assert_eq!(answer(&service, &body), input.clone(), "{}", protocol);
        }
    }

    #[test]
    fn every_record_is_a_form(input in any_record()) {
        for protocol in ["query", "ec2"] {
            let sent = request(&mirror(protocol), &input);
            prop_assert!(body(&sent).bytes().all(|byte| byte.is_ascii_graphic()));
        }
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in any::<Vec<u8>>()) {
        read_all(&bytes);
    }

    #[test]
    fn no_markup_makes_a_reader_panic(
        pieces in vec(proptest::sample::select(vec![
            "<", ">", "/", "</", "/>", "<Deep>", "</Deep>", "<List>", "</List>", "<Map", "=", "'", "\"", "<!--", "-->",
            "<![CDATA[", "]]>", "&", ";", "&amp;", "&#x", "<?", "?>", "<!DOCTYPE", "[", "]", "{", "}", ",", ":",
            "\"Deep\":", "\"List\":[", "null", "1e999", "-", "Text", "<key>", "<value>", "é", "\0", " ",
        ]), 0..30)
    ) {
        read_all(pieces.concat().as_bytes());
    }

    #[test]
    fn a_damaged_answer_does_not_make_a_reader_panic(
        input in any_record(),
        damages in vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 1..6)
    ) {
        for protocol in MIRRORS {
            let service = mirror(protocol);
            let mut body = request(&service, &input).body.to_vec();
            for (place, byte, kind) in &damages {
                if body.is_empty() {
                    break;
                }
                let place = place.index(body.len());
                match kind {
                    0 => body[place] = *byte,
                    1 => body.insert(place, *byte),
                    _ => body.truncate(place),
                }
            }
            let _ = try_answer(&service, &[], &body, true);
        }
    }
}
