//! What holds for a whole service: protocol, authentication, names.

use super::{broken, raw};
use crate::{
    error::Result,
    model::{Auth, Metadata, Protocol},
};

/// botocore's order of preference among the protocols that a service offers.
const PREFERENCE: [&str; 6] = ["json", "rest-json", "rest-xml", "smithy-rpc-v2-cbor", "query", "ec2"];

pub(super) fn convert(name: &str, raw: raw::Metadata, file: &str) -> Result<Metadata> {
    let json = match raw.json_version.as_deref() {
        None | Some("1.0") => Protocol::Json10,
        Some("1.1") => Protocol::Json11,
        Some(other) => return Err(broken(file, &format!("the JSON version '{other}' is unknown"))),
    };
    let protocol = PREFERENCE
        .into_iter()
        .find(|known| raw.protocols.iter().any(|offered| **offered == **known))
        .or(raw.protocol.as_deref())
        .ok_or_else(|| broken(file, &"its metadata names no protocol"))?;
    let protocol = protocol_named(protocol, json)
        .ok_or_else(|| broken(file, &format!("the protocol '{protocol}' is unknown")))?;
    let mut protocols: Vec<Protocol> =
        raw.protocols.iter().filter_map(|offered| protocol_named(offered, json)).collect();
    if protocols.is_empty() {
        protocols.push(protocol);
    }
    let endpoint_prefix = raw.endpoint_prefix.unwrap_or_else(|| name.into());
    let mut auth: Vec<Auth> = raw.auth.iter().filter_map(|id| scheme(id)).collect();
    if auth.is_empty() {
        auth.push(signature(raw.signature_version.as_deref(), file)?);
    }
    Ok(Metadata {
        service_id: raw.service_id.unwrap_or_else(|| name.into()),
        full_name: raw.service_full_name.unwrap_or_else(|| name.into()),
        api_version: raw.api_version,
        signing_name: raw.signing_name.unwrap_or_else(|| endpoint_prefix.clone()),
        endpoint_prefix,
        target_prefix: raw.target_prefix,
        protocol,
        protocols,
        xml_namespace: raw.xml_namespace.map(Into::into),
        query_compatible: raw.aws_query_compatible.is_some(),
        auth,
    })
}

fn protocol_named(name: &str, json: Protocol) -> Option<Protocol> {
    Some(match name {
        "json" => json,
        "rest-json" => Protocol::RestJson,
        "rest-xml" => Protocol::RestXml,
        "query" => Protocol::Query,
        "ec2" => Protocol::Ec2,
        "smithy-rpc-v2-cbor" => Protocol::Cbor,
        _ => return None,
    })
}

/// The scheme behind a Smithy trait; those that this client does not speak are passed over.
pub(super) fn scheme(id: &str) -> Option<Auth> {
    Some(match id {
        "aws.auth#sigv4" => Auth::SigV4,
        "aws.auth#sigv4a" => Auth::SigV4a,
        "smithy.api#httpBearerAuth" => Auth::Bearer,
        "smithy.api#noAuth" => Auth::None,
        _ => return None,
    })
}

fn signature(version: Option<&str>, file: &str) -> Result<Auth> {
    Ok(match version {
        // The s3 forms are SigV4 with S3's options. Version 2 is what two retired services (sdb, importexport)
        // still name; AWS accepts version 4 in its place wherever it still answers.
        None | Some("v2" | "v4" | "s3" | "s3v4") => Auth::SigV4,
        Some("v4a") => Auth::SigV4a,
        Some("bearer") => Auth::Bearer,
        Some("none") => Auth::None,
        Some(other) => return Err(broken(file, &format!("the signature version '{other}' is unknown"))),
    })
}
