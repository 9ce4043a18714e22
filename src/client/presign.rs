//! Copies of encrypted snapshots between regions: the destination is given a signed URL with which it asks the source.

use super::{customs::Customs, endpoints::Endpoint, exchange, invoke::Caller};
use crate::{
    error::{Error, ErrorKind, Result},
    request::Request,
};
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign},
    sign::v4::SigningParams,
};
use nu_protocol::{Record, Value};
use std::time::Duration;

/// botocore's default; the destination uses the URL at once.
const EXPIRES: Duration = Duration::from_hours(1);
/// Stands for the signed URL where nothing is signed.
const UNSIGNED: &str = "(a presigned URL, made when the call is sent)";

/// The member that takes the URL.
fn member(request: &Request) -> Option<&'static str> {
    match (&*request.service.name, &*request.operation.name) {
        ("ec2", "CopySnapshot") => Some("PresignedUrl"),
        ("docdb" | "neptune" | "rds", "CopyDBClusterSnapshot" | "CreateDBCluster")
        | (
            "rds",
            "CopyDBSnapshot" | "CreateDBInstanceReadReplica" | "StartDBInstanceAutomatedBackupsReplication",
        ) => Some("PreSignedUrl"),
        _ => None,
    }
}

/// What a URL has to be signed for.
struct Wanted {
    member: &'static str,
    source: String,
    /// The input without what only the SDKs know.
    input: Record,
}

/// `None` where the call is none between regions.
fn wanted(request: &Request) -> Option<Wanted> {
    let member = member(request)?;
    let source = request.input.get("SourceRegion")?.as_str().ok()?.to_string();
    let mut input = request.input.clone();
    // Only ec2 knows this member; the others learn it from the URL.
    if member == "PreSignedUrl" {
        input.remove("SourceRegion");
    }
    Some(Wanted { member, source, input })
}

fn is_given(input: &Record, member: &str) -> bool {
    input.get(member).is_some_and(|value| !value.is_nothing())
}

/// For a dry run: the same request, with a placeholder for the URL.
pub(super) fn unsigned(customs: Customs, region: Option<&str>) -> Customs {
    match wanted(&customs.request) {
        Some(wanted) => finish(customs, wanted, region.unwrap_or_default(), UNSIGNED.into()),
        None => customs,
    }
}

fn finish(customs: Customs, wanted: Wanted, region: &str, url: String) -> Customs {
    let span = customs.request.span;
    let Wanted { member, mut input, .. } = wanted;
    if !is_given(&input, member) {
        input.insert(member, Value::string(url, span));
        if member == "PresignedUrl" {
            input.insert("DestinationRegion", Value::string(region, span));
        }
    }
    customs.with_input(input)
}

impl Caller {
    /// Signs the URL for calls that need one.
    pub(super) async fn presign(&self, customs: Customs, endpoint: &Endpoint) -> Result<Customs> {
        let Some(wanted) = wanted(&customs.request) else { return Ok(customs) };
        let region = self.region().unwrap_or_default().to_string();
        let url = if is_given(&wanted.input, wanted.member) || self.is_mocked() {
            UNSIGNED.to_string()
        } else {
            let asked = customs.clone().with_input(wanted.input.clone());
            self.signed_url(&asked.request, endpoint, &wanted.source, &region).await?
        };
        Ok(finish(customs, wanted, &region, url))
    }

    /// The call as a signed GET in the source's region.
    async fn signed_url(
        &self,
        request: &Request,
        endpoint: &Endpoint,
        source: &str,
        region: &str,
    ) -> Result<String> {
        let failed = |error: String| {
            Error::new(ErrorKind::Internal, "the URL for the source region could not be signed")
                .source(std::io::Error::other(error))
        };
        super::endpoints::check_region(source)?;
        let encoded = exchange::encode(request, &self.session.options)?;
        let form = String::from_utf8_lossy(encoded.body().bytes().unwrap_or_default()).into_owned();
        let host = endpoint.url.trim_end_matches('/').replace(region, source);
        let url = format!("{host}/?{form}&DestinationRegion={region}");
        let identity = self.session.credentials().await?.into();
        let mut settings = SigningSettings::default();
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(EXPIRES);
        let time =
            self.session.sdk.time_source().map_or_else(std::time::SystemTime::now, |source| source.now());
        let parameters = SigningParams::builder()
            .identity(&identity)
            .region(source)
            .name(&request.service.meta.signing_name)
            .time(time)
            .settings(settings)
            .build()
            .map_err(|error| failed(error.to_string()))?;
        let signable = SignableRequest::new("GET", &url, std::iter::empty(), SignableBody::Bytes(&[]))
            .map_err(|error| failed(error.to_string()))?;
        let (instructions, _) =
            sign(signable, &parameters.into()).map_err(|error| failed(error.to_string()))?.into_parts();
        let mut signed = http::Request::get(&url).body(()).map_err(|error| failed(error.to_string()))?;
        instructions.apply_to_request_http1x(&mut signed);
        Ok(signed.uri().to_string())
    }
}
