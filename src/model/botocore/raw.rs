//! botocore's JSON as it stands in the files: `service-2`, `paginators-1` and `waiters-2`.
//!
//! Only what a client needs is named here; unknown keys are passed over, so newer models still load.
#![allow(clippy::struct_excessive_bools, clippy::struct_field_names, reason = "the files have these keys")]

use super::super::XmlNamespace;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::Value as Json;
use std::{collections::HashSet, fmt, marker::PhantomData};

#[derive(Deserialize)]
pub(crate) struct Service {
    pub(crate) metadata: Metadata,
    #[serde(default)]
    pub(crate) operations: Entries<Operation>,
    #[serde(default)]
    pub(crate) shapes: Entries<Shape>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Metadata {
    pub(crate) api_version: Box<str>,
    pub(crate) auth: Vec<Box<str>>,
    pub(crate) aws_query_compatible: Option<Json>,
    pub(crate) endpoint_prefix: Option<Box<str>>,
    pub(crate) json_version: Option<Box<str>>,
    pub(crate) protocol: Option<Box<str>>,
    pub(crate) protocols: Vec<Box<str>>,
    pub(crate) service_full_name: Option<Box<str>>,
    pub(crate) service_id: Option<Box<str>>,
    pub(crate) signature_version: Option<Box<str>>,
    pub(crate) signing_name: Option<Box<str>>,
    pub(crate) target_prefix: Option<Box<str>>,
    pub(crate) xml_namespace: Option<Namespace>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Operation {
    pub(crate) http: Http,
    pub(crate) input: Option<Reference>,
    pub(crate) output: Option<Reference>,
    pub(crate) errors: Vec<Reference>,
    pub(crate) endpoint: Endpoint,
    pub(crate) auth: Vec<Box<str>>,
    pub(crate) authtype: Option<Box<str>>,
    pub(crate) unsigned_payload: bool,
    pub(crate) http_checksum: HttpChecksum,
    pub(crate) http_checksum_required: bool,
    pub(crate) requestcompression: Compression,
    pub(crate) static_context_params: Entries<StaticParameter>,
    pub(crate) operation_context_params: Entries<PathParameter>,
    pub(crate) deprecated: bool,
    pub(crate) idempotent: bool,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Http {
    pub(crate) method: Option<Box<str>>,
    pub(crate) request_uri: Option<Box<str>>,
    pub(crate) response_code: Option<u16>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Endpoint {
    pub(crate) host_prefix: Option<Box<str>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct HttpChecksum {
    pub(crate) request_algorithm_member: Option<Box<str>>,
    pub(crate) request_checksum_required: bool,
    pub(crate) request_validation_mode_member: Option<Box<str>>,
    pub(crate) response_algorithms: Vec<Box<str>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Compression {
    pub(crate) encodings: Vec<Box<str>>,
}

#[derive(Deserialize)]
pub(crate) struct StaticParameter {
    pub(crate) value: Json,
}

#[derive(Deserialize)]
pub(crate) struct PathParameter {
    pub(crate) path: Box<str>,
}

#[derive(Deserialize)]
pub(crate) struct Named {
    pub(crate) name: Box<str>,
}

/// A shape; which of these keys mean something depends on its type.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Shape {
    #[serde(rename = "type")]
    pub(crate) kind: Option<Box<str>>,
    pub(crate) members: Entries<Reference>,
    pub(crate) required: HashSet<Box<str>>,
    pub(crate) payload: Option<Box<str>>,
    pub(crate) member: Option<Reference>,
    pub(crate) key: Option<Reference>,
    pub(crate) value: Option<Reference>,
    #[serde(rename = "enum")]
    pub(crate) values: Vec<Box<str>>,
    pub(crate) min: Option<f64>,
    pub(crate) max: Option<f64>,
    pub(crate) flattened: bool,
    pub(crate) sparse: bool,
    pub(crate) union: bool,
    pub(crate) document: bool,
    pub(crate) eventstream: bool,
    pub(crate) streaming: bool,
    pub(crate) sensitive: bool,
    pub(crate) exception: bool,
    pub(crate) error: Option<ErrorTrait>,
    pub(crate) retryable: Option<Retryable>,
    pub(crate) timestamp_format: Option<Box<str>>,
    pub(crate) location_name: Option<Box<str>>,
    pub(crate) xml_namespace: Option<Namespace>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ErrorTrait {
    pub(crate) code: Option<Box<str>>,
    pub(crate) http_status_code: Option<u16>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Retryable {
    pub(crate) throttling: bool,
}

/// A use of a shape: a member, an element, an input, an output or an error.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Reference {
    pub(crate) shape: Box<str>,
    pub(crate) documentation: Option<Box<str>>,
    pub(crate) location: Option<Box<str>>,
    pub(crate) location_name: Option<Box<str>>,
    pub(crate) query_name: Option<Box<str>>,
    pub(crate) result_wrapper: Option<Box<str>>,
    pub(crate) xml_namespace: Option<Namespace>,
    pub(crate) timestamp_format: Option<Box<str>>,
    pub(crate) context_param: Option<Named>,
    pub(crate) error: Option<ErrorTrait>,
    pub(crate) flattened: bool,
    pub(crate) streaming: bool,
    pub(crate) idempotency_token: bool,
    pub(crate) xml_attribute: bool,
    pub(crate) jsonvalue: bool,
    pub(crate) host_label: bool,
    pub(crate) deprecated: bool,
    pub(crate) eventstream: bool,
}

/// A namespace is an address, or an address with a prefix.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Namespace {
    Address(Box<str>),
    Prefixed { uri: Box<str>, prefix: Option<Box<str>> },
}

impl From<Namespace> for XmlNamespace {
    fn from(namespace: Namespace) -> Self {
        match namespace {
            Namespace::Address(uri) => Self { uri, prefix: None },
            Namespace::Prefixed { uri, prefix } => Self { uri, prefix },
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Paginators {
    pub(crate) pagination: Entries<Paginator>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Paginator {
    pub(crate) input_token: OneOrMore,
    pub(crate) output_token: OneOrMore,
    pub(crate) more_results: Option<Box<str>>,
    pub(crate) limit_key: Option<Box<str>>,
    pub(crate) result_key: OneOrMore,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Waiters {
    pub(crate) waiters: Entries<Waiter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Waiter {
    pub(crate) operation: Box<str>,
    pub(crate) delay: u32,
    pub(crate) max_attempts: u32,
    pub(crate) acceptors: Vec<Json>,
}

/// One name, or a list of names.
#[derive(Default)]
pub(crate) struct OneOrMore(pub(crate) Vec<Box<str>>);

impl<'de> Deserialize<'de> for OneOrMore {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            One(Box<str>),
            More(Vec<Box<str>>),
        }
        Ok(match Form::deserialize(deserializer)? {
            Form::One(one) => Self(vec![one]),
            Form::More(more) => Self(more),
        })
    }
}

/// A JSON object in the order of the file, which is the order of members on the wire.
pub(crate) struct Entries<T>(pub(crate) Vec<(Box<str>, T)>);

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Ordered<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Ordered<T> {
            type Value = Entries<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::with_capacity(map.size_hint().unwrap_or(0));
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(Ordered(PhantomData))
    }
}
