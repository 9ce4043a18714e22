use super::*;
use crate::model::{
    Auth, Class, ContextSource, Flags, Kind, Location, Protocol, ShapeId, TimestampFormat, Unit,
    tables::Sources,
};
use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use serde_json::json;
use std::io::Write;

const SERVICE: &str = r#"{
  "metadata": {"apiVersion": "2020-01-01", "endpointPrefix": "things", "protocol": "smithy-rpc-v2-cbor",
    "protocols": ["smithy-rpc-v2-cbor", "json", "quic"], "jsonVersion": "1.1", "serviceId": "Thing Keeper",
    "serviceFullName": "AWS Thing Keeper", "targetPrefix": "Things", "awsQueryCompatible": {},
    "auth": ["aws.auth#sigv4a", "aws.auth#sigv4", "some#other"]},
  "operations": {
    "ListThings": {"http": {"method": "POST", "requestUri": "/"}, "input": {"shape": "ListThingsRequest"},
      "output": {"shape": "ListThingsResponse", "resultWrapper": "ListThingsResult"},
      "errors": [{"shape": "TooManyThings"}], "endpoint": {"hostPrefix": "{Name}."}},
    "DeleteThing": {"http": {"method": "DELETE", "requestUri": "/{Name}", "responseCode": 204},
      "input": {"shape": "DeleteThingRequest", "locationName": "DeleteThing", "xmlNamespace": {"uri": "urn:x"}},
      "authtype": "v4-unsigned-body", "idempotent": true, "deprecated": true,
      "httpChecksum": {"requestAlgorithmMember": "Algorithm", "requestChecksumRequired": true},
      "requestcompression": {"encodings": ["gzip"]},
      "staticContextParams": {"Kind": {"value": ["a"]}}, "operationContextParams": {"Arns": {"path": "keys(X)"}}},
    "PeekThing": {"http": {"method": "GET", "requestUri": "/peek"}, "auth": ["smithy.api#noAuth"]}
  },
  "shapes": {
    "ListThingsRequest": {"type": "structure", "required": ["Name"], "members": {
      "Name": {"shape": "Name", "hostLabel": true, "contextParam": {"name": "ThingName"}},
      "NextToken": {"shape": "Token"}, "MaxResults": {"shape": "Count"},
      "Filters": {"shape": "FilterList", "documentation": "<ul> <li> <p> <code>colour</code> - Its colour.</p> </li> </ul>"}}},
    "ListThingsResponse": {"type": "structure", "members": {
      "Things": {"shape": "ThingList"}, "NextToken": {"shape": "Token"}, "Total": {"shape": "Count"}}},
    "DeleteThingRequest": {"type": "structure", "payload": "Body", "members": {
      "Name": {"shape": "Name", "location": "uri", "locationName": "name"},
      "Token": {"shape": "Token", "idempotencyToken": true, "location": "header", "locationName": "x-token"},
      "Body": {"shape": "Body", "streaming": true}}},
    "ThingList": {"type": "list", "member": {"shape": "Thing", "locationName": "item"}, "min": 0, "max": 7},
    "Thing": {"type": "structure", "members": {
      "Size": {"shape": "Count"}, "Made": {"shape": "Time"}, "Tags": {"shape": "Tags"}, "Free": {"shape": "Anything"},
      "Inner": {"shape": "Thing"}}},
    "TooManyThings": {"type": "structure", "members": {}, "exception": true, "retryable": {"throttling": true},
      "error": {"code": "Things.TooMany", "httpStatusCode": 429, "senderFault": true}},
    "FilterList": {"type": "list", "member": {"shape": "Filter"}},
    "Filter": {"type": "structure", "members": {"Name": {"shape": "Token"}}},
    "Tags": {"type": "map", "key": {"shape": "Name"}, "value": {"shape": "Name"}, "flattened": true, "sparse": true},
    "Name": {"type": "string", "enum": ["one", "two"], "sensitive": true},
    "Token": {"type": "string"}, "Count": {"type": "long", "min": 1, "max": 9007199254740991},
    "Time": {"type": "timestamp", "timestampFormat": "rfc822"}, "Body": {"type": "blob", "streaming": true},
    "Anything": {"type": "structure", "members": {}, "document": true}
  }
}"#;

fn document(bytes: &[u8]) -> Document<'_> {
    Document { file: "things.json", bytes }
}

fn documents(bytes: &[u8]) -> Documents<'_> {
    Documents {
        service: document(bytes),
        service_extras: None,
        paginators: None,
        paginator_extras: None,
        waiters: None,
    }
}

fn tables() -> Tables {
    Tables::parse(Sources {
        classes: "*\tList\tread\n*\tDelete\tdestructive\n",
        units: "things\tThing\tSize\tKiB\n",
        ..Sources::default()
    })
    .unwrap()
}

fn things() -> Service {
    parse("things", &documents(SERVICE.as_bytes()), &tables()).unwrap()
}

fn shape<'a>(service: &'a Service, name: &str) -> &'a crate::model::Shape {
    service.shapes.iter().find(|shape| &*shape.name == name).unwrap()
}

#[test]
fn metadata_follows_botocores_preferences() {
    let meta = things().meta;
    assert_eq!(meta.protocol, Protocol::Json11);
    assert_eq!(meta.protocols, [Protocol::Cbor, Protocol::Json11]);
    assert_eq!(meta.auth, [Auth::SigV4a, Auth::SigV4]);
    assert_eq!((&*meta.signing_name, &*meta.service_id), ("things", "Thing Keeper"));
    assert!(meta.query_compatible);
}

#[test]
fn operations_keep_what_a_call_needs() {
    let service = things();
    let names: Vec<&str> = service.operations.iter().map(|operation| &*operation.name).collect();
    assert_eq!(names, ["DeleteThing", "ListThings", "PeekThing"]);
    let delete = service.operation("DeleteThing").unwrap();
    assert_eq!((delete.http.status, delete.input_name.as_deref()), (Some(204), Some("DeleteThing")));
    assert!(delete.unsigned_payload && delete.idempotent && delete.deprecated && delete.checksum.required);
    assert_eq!(delete.checksum.request_member.as_deref(), Some("Algorithm"));
    assert_eq!(delete.compression.concat(), "gzip");
    assert_eq!(delete.context[0].source, ContextSource::Static("[\"a\"]".into()));
    assert_eq!(delete.context[1].source, ContextSource::Path("keys(X)".into()));
    assert_eq!(delete.class, Class::Destructive);
    let list = service.operation("ListThings").unwrap();
    assert_eq!(list.host_prefix.as_deref(), Some("{Name}."));
    assert_eq!(list.result_wrapper.as_deref(), Some("ListThingsResult"));
    assert_eq!(list.filters.concat(), "colour");
    assert_eq!(list.class, Class::Read);
    assert_eq!(service.operation("PeekThing").unwrap().auth, [Auth::None]);
    assert_eq!(service.error(list, "Things.TooMany"), Some(list.errors[0]));
}

#[test]
fn shapes_keep_their_traits() {
    let service = things();
    let list = service.operation("ListThings").unwrap();
    let name = &service.members(list.input)[0];
    assert!(name.flags.has(Flags::REQUIRED) && name.flags.has(Flags::HOST_LABEL));
    assert_eq!(name.context.as_deref(), Some("ThingName"));
    let delete = service.structure(service.operation("DeleteThing").unwrap().input.unwrap()).unwrap();
    assert_eq!(delete.payload().map(|member| &*member.name), Some("Body"));
    assert_eq!((delete.members[0].location, delete.members[1].location), (Location::Uri, Location::Header));
    assert!(delete.members[1].flags.has(Flags::IDEMPOTENCY_TOKEN));
    let Kind::Structure(thing) = &shape(&service, "Thing").kind else { panic!("not a structure") };
    assert_eq!(thing.members[0].unit, Some(Unit::KiB));
    assert_eq!(service.target(&thing.members[4]).unwrap().name, shape(&service, "Thing").name);
    assert_eq!(shape(&service, "Time").kind, Kind::Timestamp(Some(TimestampFormat::HttpDate)));
    assert_eq!(shape(&service, "Anything").kind, Kind::Document);
    assert!(shape(&service, "Name").sensitive);
    let Kind::Structure(error) = &shape(&service, "TooManyThings").kind else { panic!("not a structure") };
    let error = error.error.as_ref().unwrap();
    assert_eq!((error.status, error.retryable), (Some(429), Some(true)));
    let Kind::Map { flattened, sparse, .. } = shape(&service, "Tags").kind else { panic!("not a map") };
    assert!(flattened && sparse);
}

#[test]
fn pages_come_from_paginators_or_are_inferred() {
    let mut service = things();
    let list = service.operation("ListThings").unwrap();
    let inferred = list.pagination.as_ref().unwrap();
    assert!(inferred.inferred);
    assert_eq!(inferred.limit_key.as_deref(), Some("MaxResults"));
    assert_eq!(list.rows[0].path.concat(), "Things");

    let given = json!({"pagination": {"ListThings": {"input_token": "NextToken", "output_token": "NextToken",
        "result_key": ["Things", "Total"], "limit_key": "MaxResults"}}})
    .to_string();
    paginate(&mut service, Some(document(given.as_bytes())), None, &tables()).unwrap();
    let list = service.operation("ListThings").unwrap();
    assert!(!list.pagination.as_ref().unwrap().inferred);
    assert_eq!(list.rows.len(), 1, "a total is no row");

    let wrong = given.replace("\"NextToken\"", "\"Nowhere\"");
    let error = paginate(&mut service, Some(document(wrong.as_bytes())), None, &tables()).unwrap_err();
    assert!(error.message().contains("Nowhere"), "{error:?}");
}

#[test]
fn the_tables_go_before_paginators() {
    let tables = Tables::parse(Sources {
        classes: "*\tList\tread\n",
        rows: "things\tListThings\t-\n",
        pagination: "things\tListThings\tName\tThings[-1].Name\t\t\tstop\n",
        ..Sources::default()
    })
    .unwrap();
    let service = parse("things", &documents(SERVICE.as_bytes()), &tables).unwrap();
    let list = service.operation("ListThings").unwrap();
    assert!(list.rows.is_empty());
    assert!(list.pagination.as_ref().unwrap().stop_on_same_token);
}

#[test]
fn extras_are_merged_deeply_and_gzip_is_read() {
    let extras = json!({"version": 1, "merge": {"metadata": {"serviceId": "Other"}, "shapes": {
        "ListThingsRequest": {"members": {"Added": {"shape": "Token"}}}}}})
    .to_string();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(SERVICE.as_bytes()).unwrap();
    let bytes = gzip.finish().unwrap();
    let documents = Documents { service_extras: Some(document(extras.as_bytes())), ..documents(&bytes) };
    let service = parse("things", &documents, &tables()).unwrap();
    assert_eq!(&*service.meta.service_id, "Other");
    let input = service.members(service.operation("ListThings").unwrap().input);
    assert_eq!(input.iter().map(|member| &*member.name).collect::<Vec<_>>()[3..], ["Filters", "Added"]);
}

#[test]
fn waiters_keep_their_acceptors() {
    let text = json!({"version": 2, "waiters": {"ThingGone": {"operation": "ListThings", "delay": 2, "maxAttempts": 3,
        "acceptors": [{"matcher": "status", "expected": 404, "state": "success"}]}}})
    .to_string();
    let mut service = things();
    wait(&mut service, document(text.as_bytes())).unwrap();
    assert_eq!((service.waiters[0].delay, service.waiters[0].max_attempts), (2, 3));
    assert!(service.waiters[0].acceptors.contains("404"));
    let wrong = text.replace("ListThings", "NoThings");
    assert!(wait(&mut service, document(wrong.as_bytes())).unwrap_err().message().contains("NoThings"));
}

#[test]
fn broken_models_name_the_file_and_the_cause() {
    let cases = [
        (r#""shape": "ThingList""#, r#""shape": "Gone""#, "unknown shape 'Gone'"),
        (r#"{"type": "blob", "streaming": true}"#, r#"{"type": "bulb"}"#, "unknown type 'bulb'"),
        (r#"{"type": "blob", "streaming": true}"#, r#"{"streaming": true}"#, "has no type"),
        (r#""location": "header""#, r#""location": "trailer""#, "unknown location 'trailer'"),
        (r#""timestampFormat": "rfc822""#, r#""timestampFormat": "sundial""#, "timestamp format 'sundial'"),
        (r#""payload": "Body""#, r#""payload": "Soul""#, "payload 'Soul'"),
        (r#""input": {"shape": "ListThingsRequest"}"#, r#""input": {"shape": "Name"}"#, "not a structure"),
        (r#""key": {"shape": "Name"}"#, r#""key": {"shape": "Count"}"#, "is not a string"),
        (r#""key": {"shape": "Name"}, "#, "", "the key of shape 'Tags' is missing"),
        (r#""method": "GET", "#, "", "no HTTP method"),
        (r#""jsonVersion": "1.1""#, r#""jsonVersion": "3""#, "JSON version '3'"),
        (r#", "json", "quic"]"#, r"]", ""),
        (r#""deprecated": true"#, r#""deprecated": "yes""#, "expected a boolean at line"),
        (r#""apiVersion": "2020-01-01", "#, r#""apiVersion": "2020-01-01" "#, "at line 2"),
    ];
    for (old, new, cause) in cases {
        let text = SERVICE.replacen(old, new, 1);
        assert_ne!(text, SERVICE, "{old}");
        match parse("things", &documents(text.as_bytes()), &tables()) {
            Ok(service) => assert!(cause.is_empty() && service.meta.protocol == Protocol::Cbor, "{new}"),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Model);
                assert!(error.message().contains("things.json"), "{error:?}");
                assert!(error.message().contains(cause) && !cause.is_empty(), "{error:?}");
            }
        }
    }
    let cut = [0x1f, 0x8b, 8, 0];
    assert!(parse("x", &documents(&cut), &tables()).unwrap_err().message().contains("gzip"));
    let mut bomb = GzEncoder::new(Vec::new(), Compression::fast());
    bomb.write_all(&vec![b' '; 65 << 20]).unwrap();
    let bomb = bomb.finish().unwrap();
    assert!(bomb.len() < 1 << 20);
    assert!(parse("x", &documents(&bomb), &tables()).unwrap_err().message().contains("larger than"));
    let unknown = r#"{"metadata": {"protocol": "smoke"}}"#;
    assert!(parse("x", &documents(unknown.as_bytes()), &tables()).unwrap_err().message().contains("'smoke'"));
    assert!(parse("x", &documents(br#"{"metadata": {}}"#), &tables()).is_err());
}

#[test]
fn a_list_of_itself_ends() {
    let text = r#"{"metadata": {"protocol": "json"}, "operations": {"ListX": {"http": {"method": "POST",
        "requestUri": "/"}, "output": {"shape": "Out"}}}, "shapes": {"Out": {"type": "structure", "members": {"L":
        {"shape": "L"}}}, "L": {"type": "list", "member": {"shape": "L"}}}}"#;
    let service = parse("x", &documents(text.as_bytes()), &tables()).unwrap();
    assert!(!service.has_path(Some(ShapeId(0)), &["L".into(), "X".into()]));
}

proptest! {
    #[test]
    fn damaged_models_never_panic(start in 0..SERVICE.len(), length in 0_usize..40, with in "[ -~]{0,6}") {
        let mut bytes = SERVICE.as_bytes().to_vec();
        let end = (start + length).min(bytes.len());
        bytes.splice(start..end, with.bytes());
        if let Err(error) = parse("things", &documents(&bytes), &tables()) {
            prop_assert_eq!(error.kind(), ErrorKind::Model);
        }
    }
}
