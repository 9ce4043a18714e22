//! S3's lists in URL encoding: keys may hold characters that no XML can, so the lists are asked for encoded, as by the
//! other SDKs, and decoded on the way out.

use crate::request::Request;
use nu_protocol::{Record, Value};
use percent_encoding::percent_decode_str;

/// Texts of the answer that come encoded.
const TEXTS: [&str; 7] =
    ["Delimiter", "KeyMarker", "Marker", "NextKeyMarker", "NextMarker", "Prefix", "StartAfter"];
/// Lists of the answer, with the encoded text of their elements.
const LISTS: [(&str, &str); 4] =
    [("CommonPrefixes", "Prefix"), ("Contents", "Key"), ("DeleteMarkers", "Key"), ("Versions", "Key")];

/// Asks for encoded keys unless the caller chose an encoding; tells whether it did.
pub(super) fn ask_encoded(request: &Request, input: &mut Record) -> bool {
    let given = input.get("EncodingType").is_some_and(|value| !value.is_nothing());
    if given || !matches!(&*request.operation.name, "ListObjects" | "ListObjectsV2" | "ListObjectVersions") {
        return false;
    }
    input.insert("EncodingType", Value::string("url", request.span));
    true
}

/// Decodes an answer that says that it is encoded: local servers may not know how.
pub(super) fn decode(operation: &str, answer: &mut Record) {
    if answer.get("EncodingType").and_then(|kind| kind.as_str().ok()) != Some("url") {
        return;
    }
    for name in TEXTS {
        // ListObjects is alone in leaving its prefix as it is.
        if (operation, name) == ("ListObjects", "Prefix") {
            continue;
        }
        if let Some(value) = answer.get_mut(name) {
            decode_text(value);
        }
    }
    for (list, name) in LISTS {
        let Some(Value::List { vals, .. }) = answer.get_mut(list) else { continue };
        for element in vals.to_mut().iter_mut() {
            if let Value::Record { val, .. } = element
                && let Some(value) = val.to_mut().get_mut(name)
            {
                decode_text(value);
            }
        }
    }
}

fn decode_text(value: &mut Value) {
    if let Value::String { val, .. } = value
        && val.contains(['%', '+'])
    {
        let spaced = val.replace('+', " ");
        *val = percent_decode_str(&spaced).decode_utf8_lossy().into_owned();
    }
}
