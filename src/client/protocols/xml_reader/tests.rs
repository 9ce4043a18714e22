use crate::client::protocols::testing::*;
use crate::model::Service;
use nu_protocol::Value;
use serde_json::json;

fn xml(protocol: &str) -> Service {
    let members = json!({
        "Text": { "shape": "string" },
        "Renamed": { "shape": "string", "locationName": "wire" },
        "Kind": { "shape": "string", "locationName": "xsi:type", "xmlAttribute": true },
        "Whole": { "shape": "integer" },
        "Real": { "shape": "double" },
        "Flag": { "shape": "boolean" },
        "Bytes": { "shape": "blob" },
        "Secret": { "shape": "Secret" },
        "When": { "shape": "timestamp" },
        "List": { "shape": "List" },
        "Flat": { "shape": "Flat" },
        "FlatNamed": { "shape": "FlatNamed" },
        "Map": { "shape": "Map" },
        "FlatMap": { "shape": "FlatMap" },
        "Deep": { "shape": "Out" },
    });
    let shapes = json!({
        "Out": structure(&members),
        "List": { "type": "list", "member": { "shape": "Out" } },
        "Secret": { "type": "blob", "sensitive": true },
        "Flat": { "type": "list", "flattened": true, "member": { "shape": "integer" } },
        "FlatNamed": { "type": "list", "flattened": true, "member": { "shape": "string", "locationName": "Each" } },
        "Map": { "type": "map", "key": { "shape": "string" }, "value": { "shape": "integer" } },
        "FlatMap": {
            "type": "map",
            "flattened": true,
            "key": { "shape": "string", "locationName": "K" },
            "value": { "shape": "string", "locationName": "V" },
        },
    });
    service(protocol, &json!({ "output": { "shape": "Out", "resultWrapper": "ActResult" } }), &shapes)
}

fn read(inner: &str) -> Value {
    answer(&xml("rest-xml"), format!("<Root>{inner}</Root>"))
}

fn why(body: &str) -> String {
    refusal(&xml("rest-xml"), body)
}

#[test]
fn scalars() {
    let inner = "<wire>r</wire><Whole> 7 </Whole><Real>NaN</Real><Flag>true</Flag><Bytes>AQ\nI=</Bytes>\
                 <When>2020-01-02T03:04:05Z</When><Text/>";
    let read = read(inner);
    let real = read.get_data_by_key("Real").unwrap();
    assert!(real.as_float().unwrap().is_nan());
    let rest =
        ["Renamed", "Whole", "Flag", "Bytes", "When", "Text"].map(|key| read.get_data_by_key(key).unwrap());
    let expected = [
        text("r"),
        int(7),
        Value::test_bool(true),
        Value::test_binary([1, 2]),
        date(1_577_934_245_000_000),
        text(""),
    ];
    assert_eq!(rest, expected);
}

#[test]
fn text_is_what_xml_says_it_is() {
    for (inner, expected) in [
        ("a &lt;b&gt; &amp; &quot;c&quot; &#233;&#x20AC;", "a <b> & \"c\" é€"),
        ("<![CDATA[<b> & ]]>x", "<b> & x"),
        ("a<!-- no -->b<?no?>c", "abc"),
        (" kept\r\n ", " kept\n "),
        ("a&#13;&#10;", "a\r\n"),
        ("before<child>inside</child>behind", "before"),
    ] {
        assert_eq!(read(&format!("<Text>{inner}</Text>")), record([("Text", text(expected))]), "{inner}");
    }
}

#[test]
fn prefixes_declarations_and_strangers_do_not_matter() {
    let body = "\u{feff}<?xml version='1.0'?>\n<!DOCTYPE x>\n<!-- a --><n:Root xmlns:n='u'>\n <Stranger><Text>no</Text></Stranger>\
                <n:Text>yes</n:Text> </n:Root>\n<!-- z -->\n";
    assert_eq!(answer(&xml("rest-xml"), body), record([("Text", text("yes"))]));
}

#[test]
fn attributes() {
    let inner = r#"<Deep xmlns:xsi="u" xsi:type="a &amp; b" other="c"><Text>t</Text></Deep>"#;
    assert_eq!(read(inner), record([("Deep", record([("Kind", text("a & b")), ("Text", text("t"))]))]));
}

#[test]
fn lists_and_maps() {
    let inner = "<List><member><Whole>1</Whole></member> <any><Whole>2</Whole></any></List>\
                 <Map><entry><key>k</key><value>1</value></entry><x><value>2</value><key>l</key></x></Map>";
    let rows = list([record([("Whole", int(1))]), record([("Whole", int(2))])]);
    assert_eq!(read(inner), record([("List", rows), ("Map", record([("k", int(1)), ("l", int(2))]))]));
    assert_eq!(read("<List/><Map></Map>"), record([("List", list([])), ("Map", record([]))]));
}

#[test]
fn flattened_ones_may_be_scattered() {
    let inner = "<Flat>1</Flat><Each>a</Each><Flat>2</Flat><FlatMap><K>k</K><V>v</V></FlatMap><Each>b</Each>\
                 <FlatMap><K>l</K><V>w</V></FlatMap>";
    let expected = record([
        ("Flat", list([int(1), int(2)])),
        ("FlatNamed", list([text("a"), text("b")])),
        ("FlatMap", record([("k", text("v")), ("l", text("w"))])),
    ]);
    assert_eq!(read(inner), expected);
}

#[test]
fn an_empty_number_or_timestamp_says_nothing() {
    assert_eq!(
        read("<Whole/><When></When><Real> </Real><Flag/>"),
        record([("Flag", Value::test_bool(false))])
    );
}

#[test]
fn integers_beyond_64_bits_stay_text() {
    assert_eq!(
        read("<Whole>99999999999999999999</Whole>"),
        record([("Whole", text("99999999999999999999"))])
    );
}

#[test]
fn an_empty_body_is_an_empty_answer_but_to_queries() {
    assert_eq!(answer(&xml("rest-xml"), ""), record([]));
    assert!(refusal(&xml("query"), "").contains("the answer is empty"));
    assert!(refusal(&xml("ec2"), "").contains("the answer is empty"));
}

#[test]
fn a_query_wraps_its_result_and_ec2_does_not() {
    let body = "<ActResponse><x/><ActResult><Text>t</Text></ActResult><ResponseMetadata/></ActResponse>";
    assert_eq!(answer(&xml("query"), body), record([("Text", text("t"))]));
    assert!(refusal(&xml("query"), "<ActResponse/>").contains("there is no ActResult in it"));
    let body = "<ActResponse><requestId>x</requestId><Text>t</Text></ActResponse>";
    assert_eq!(answer(&xml("ec2"), body), record([("Text", text("t"))]));
}

#[test]
fn what_cannot_be_read_is_told_with_its_place() {
    let message = why("<R><Deep><List><m/><m><Whole>x</Whole></m></List></Deep></R>");
    let place = "at Deep.List[1].Whole: an integer expected, found \"x\"";
    assert!(message.ends_with(place), "{message}");
    assert!(why("<R><Map><e><key>k</key><value>x</value></e></Map></R>").contains("at Map.k: an integer"));
    assert!(why("<R><List>text</List></R>").contains("a list of an object expected, found text"));
    assert!(why("<R><Bytes>!</Bytes></R>").ends_with("at Bytes: base64 expected, found \"!\""));
    assert!(why("<R><Secret>!</Secret></R>").ends_with("at Secret: base64 expected, found something else"));
}

#[test]
fn what_is_not_xml_is_told() {
    for (body, reason) in [
        ("text", "XML expected"),
        ("<R>", "ends too early"),
        ("<R><Text>a</Text>", "ends too early"),
        ("<R><Text>a</R>", "not well-formed"),
        ("<R><Text>a</Whole></R>", "not well-formed"),
        ("<R><Text>a & b</Text></R>", "not well-formed"),
        ("<R><Text>&nbsp;</Text></R>", "&nbsp; is not defined"),
        ("<R><Text>&#0;</Text></R>", "at Text"),
        ("<R/><R/>", "follows the end"),
        ("<R/>x", "follows the end"),
        ("<R><Text", "not well-formed"),
        ("{}", "XML expected"),
    ] {
        let message = why(body);
        assert!(message.contains(reason), "{body}: {message}");
    }
    let error = try_answer(&xml("rest-xml"), &[], b"<R><Text>\xff</Text></R>", true).unwrap_err();
    assert!(error.message().contains("at Text"), "{}", error.message());
}

#[test]
fn depth_is_bounded() {
    for name in ["Deep", "Stranger"] {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        let body = format!("<R>{}{}</R>", open.repeat(100_000), close.repeat(100_000));
        assert!(why(&body).contains("nested deeper than 128"));
        let body = format!("<R>{}{}</R>", open.repeat(100), close.repeat(100));
        assert!(try_answer(&xml("rest-xml"), &[], body.as_bytes(), true).is_ok());
    }
}
