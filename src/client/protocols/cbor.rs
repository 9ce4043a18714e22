//! rpcv2Cbor: everything is in the body, the operation is in the path.

use super::{
    Encoded,
    cbor_reader::CborReader,
    cbor_writer,
    reading::{Read, Reading},
    tree_reader,
};
use crate::{
    error::Result,
    model::{Operation, Service, Structure},
};
use bytes::Bytes;
use nu_protocol::Record;

pub(super) fn encode(service: &Service, operation: &Operation, input: &Record) -> Result<Encoded> {
    let target = service.meta.target_prefix.as_deref().unwrap_or_default();
    let mut headers =
        vec![("smithy-protocol".into(), "rpc-v2-cbor".into()), ("Accept".into(), "application/cbor".into())];
    if service.meta.query_compatible {
        headers.push(("x-amzn-query-mode".into(), "true".into()));
    }
    let mut body = Bytes::new();
    if let Some(structure) = operation.input.and_then(|id| service.structure(id)) {
        headers.push(("Content-Type".into(), "application/cbor".into()));
        body = cbor_writer::write(service, structure, input)?.into();
    }
    let uri = format!("/service/{target}/operation/{}", operation.name);
    Ok(Encoded { method: "POST".into(), uri, headers, body })
}

pub(super) fn decode(reading: &Reading<'_>, operation: &Operation, body: &[u8]) -> Read<Record> {
    match operation.output.and_then(|id| reading.service.structure(id)) {
        Some(output) => structure(reading, output, body),
        None => Ok(Record::new()),
    }
}

/// A body that holds the members of `structure`; an empty one holds none.
pub(super) fn structure(reading: &Reading<'_>, structure: &Structure, body: &[u8]) -> Read<Record> {
    if body.is_empty() {
        return Ok(Record::new());
    }
    let mut reader = CborReader::new(body);
    let record =
        tree_reader::structure(reading, structure, &mut reader).map_err(|error| error.to_string())?;
    reader.end().map_err(|error| error.to_string())?;
    Ok(record)
}

#[cfg(test)]
mod tests {
    use crate::client::protocols::testing::*;
    use crate::model::Service;
    use nu_protocol::Value;
    use serde_json::json;

    fn both() -> Service {
        let members = json!({
            "T": { "shape": "string" },
            "I": { "shape": "long" },
            "F": { "shape": "float" },
            "D": { "shape": "double" },
            "B": { "shape": "blob" },
            "W": { "shape": "timestamp" },
            "O": { "shape": "boolean" },
            "L": { "shape": "List" },
            "M": { "shape": "Map" },
            "S": { "shape": "In" },
        });
        let shapes = json!({
            "In": structure(&members),
            "Out": structure(&members),
            "List": { "type": "list", "member": { "shape": "long" } },
            "Map": { "type": "map", "key": { "shape": "string" }, "value": { "shape": "In" } },
        });
        service("smithy-rpc-v2-cbor", &json!({}), &shapes)
    }

    fn sent(input: &Value) -> Vec<u8> {
        request(&both(), input).body.to_vec()
    }

    #[test]
    fn the_operation_is_in_the_path() {
        let sent = request(&both(), &record([]));
        assert_eq!((sent.method.as_str(), sent.uri.as_str()), ("POST", "/service/Target/operation/Act"));
        assert_eq!(header(&sent, "smithy-protocol"), Some("rpc-v2-cbor"));
        assert_eq!(header(&sent, "Content-Type"), Some("application/cbor"));
        assert_eq!(sent.body.as_ref(), [0xa0]);
    }

    #[test]
    fn every_kind_has_its_form() {
        assert_eq!(sent(&record([("T", text("é"))])), b"\xa1aTb\xc3\xa9");
        for (number, bytes) in [
            (23, &b"\x17"[..]),
            (24, b"\x18\x18"),
            (256, b"\x19\x01\x00"),
            (65_536, b"\x1a\x00\x01\x00\x00"),
            (1 << 32, b"\x1b\x00\x00\x00\x01\x00\x00\x00\x00"),
            (-1, b"\x20"),
            (i64::MIN, b"\x3b\x7f\xff\xff\xff\xff\xff\xff\xff"),
        ] {
            assert_eq!(sent(&record([("I", int(number))])), [b"\xa1aI", bytes].concat(), "{number}");
        }
        assert_eq!(sent(&record([("F", Value::test_float(1.5))])), b"\xa1aF\xfa\x3f\xc0\x00\x00");
        assert_eq!(sent(&record([("D", Value::test_float(f64::NAN))])), b"\xa1aD\xf9\x7e\x00");
        assert_eq!(sent(&record([("W", date(1_000_000))])), b"\xa1aW\xc1\x01");
        assert_eq!(sent(&record([("W", date(500_000))])), b"\xa1aW\xc1\xfb\x3f\xe0\0\0\0\0\0\0");
        assert_eq!(sent(&record([("L", list([int(1), Value::test_nothing()]))])), b"\xa1aL\x82\x01\xf6");
    }

    #[test]
    fn answers_may_come_in_pieces_and_with_strangers() {
        let body = b"\xbfaT\x7faxay\xff\x7f\x61z\x61z\xff\x82\x01\xa0aB\x5f\x41\x01\x41\x02\xffaL\x9f\x01\xf7\xffaO\xf5aD\xf9\x3e\x00aI\xf6\xff";
        let expected = record([
            ("T", text("xy")),
            ("B", Value::test_binary([1, 2])),
            ("L", list([int(1), Value::test_nothing()])),
            ("O", Value::test_bool(true)),
            ("D", Value::test_float(1.5)),
        ]);
        assert_eq!(answer(&both(), body), expected);
        assert_eq!(answer(&both(), ""), record([]));
    }

    #[test]
    fn what_is_not_cbor_is_told() {
        for (body, reason) in [
            (&b"\xa1"[..], "ends too early"),
            (b"\xa1aT\x7b\xff\xff\xff\xff\xff\xff\xff\xff", "ends too early"),
            (b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff", "ends too early"),
            (b"\xa1aT\x62\xff\xff", "at T: a text is not UTF-8"),
            (b"\xa1aW\x61x", "at W: a timestamp expected, found \"x\""),
            (b"\xa1aT\x1c", "cannot start an item"),
            (b"\xa1aT\xff", "cannot start an item"),
            (b"\xa1aT\x7f\x41x\xff", "in pieces that are none"),
            (b"\xa0\xa0", "follows the end"),
            (b"\x01", "expected an object"),
        ] {
            let message = refusal(&both(), body);
            assert!(message.contains(reason), "{body:?}: {message}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        assert!(refusal(&both(), b"\xa1aS".repeat(100_000)).contains("nested too deep"));
        assert!(refusal(&both(), [&b"\xa1ax"[..], &b"\x81".repeat(100_000)].concat()).contains("too deep"));
        assert!(refusal(&both(), [&b"\xa1ax"[..], &b"\xc1".repeat(100_000)].concat()).contains("too deep"));
    }
}
