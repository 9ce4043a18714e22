//! Endpoint rules in the role that the orchestrator knows.

use super::{
    auth::Way,
    customs,
    endpoints::{self, AuthScheme, Endpoint, Parameters},
    prepared::PreparedKey,
    session::{AccountIdMode, Options, Session},
};
use crate::{
    error::{Error, ErrorKind, Result},
    model::{
        Service,
        rules::{Partitions, RuleSet},
    },
    request::Request,
};
use aws_smithy_runtime_api::client::endpoint::{EndpointFuture, EndpointResolverParams, ResolveEndpoint};
use aws_smithy_types::{Document, endpoint::EndpointAuthScheme};
use std::sync::Arc;

/// What a service's endpoints depend on, apart from the request.
#[derive(Debug)]
pub(super) struct Addressing {
    pub(super) service: Arc<Service>,
    pub(super) rules: Option<Arc<RuleSet>>,
    pub(super) partitions: Arc<Partitions>,
    pub(super) region: Option<String>,
    pub(super) endpoint_url: Option<String>,
    pub(super) use_fips: bool,
    pub(super) use_dual_stack: bool,
    pub(super) options: Options,
    /// All that decides the endpoint besides region and request, as one text.
    pub(super) place: String,
}

/// Regions whose calls to STS go to one endpoint where the settings ask for the behaviour of old.
const GLOBAL_STS: [&str; 16] = [
    "ap-northeast-1",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "aws-global",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

impl Addressing {
    pub(super) fn new(
        service: Arc<Service>,
        session: &Session,
        key: &PreparedKey,
        rules: Option<Arc<RuleSet>>,
        partitions: Arc<Partitions>,
    ) -> Self {
        let (endpoint_url, options) = (key.endpoint_url.clone(), session.options.clone());
        let use_fips = key.fips_by_name || session.sdk.use_fips().unwrap_or_default();
        let use_dual_stack = session.sdk.use_dual_stack().unwrap_or_default();
        Self {
            service,
            rules,
            partitions,
            region: key.region.clone(),
            place: format!("{endpoint_url:?} {use_fips} {use_dual_stack} {options:?}"),
            endpoint_url,
            use_fips,
            use_dual_stack,
            options,
        }
    }

    /// Where a request goes.
    ///
    /// `place` is the region of a bucket that is not where the session is.
    pub(super) fn resolve(
        &self,
        request: &Request,
        place: Option<&str>,
        account_id: Option<&str>,
    ) -> Result<Endpoint> {
        let mut endpoint = self.address(request, place, account_id)?;
        if let Some(url) = customs::endpoint(request) {
            endpoint.url = url?;
        }
        if endpoint.auth_schemes.is_empty() {
            endpoint.auth_schemes.extend(self.signed_elsewhere());
        }
        Ok(endpoint)
    }

    /// Whether the service's endpoints know accounts, so that the credentials have to be asked for theirs.
    pub(super) fn wants_account(&self) -> bool {
        self.options.account_id_mode != AccountIdMode::Disabled
            && self.endpoint_url.is_none()
            && self.rules.as_ref().is_some_and(|rules| rules.builtin("AWS::Auth::AccountId").is_some())
    }

    /// AWS Health is signed for the one region of its partition that answers for all, which its rules do not say.
    fn signed_elsewhere(&self) -> Option<AuthScheme> {
        let region = self.region.as_deref().filter(|_| &*self.service.name == "health")?;
        let signing_region = self.partitions.of(region)?.outputs.implicit_global_region.to_string();
        Some(AuthScheme {
            name: "sigv4".into(),
            signing_region: Some(signing_region),
            ..AuthScheme::default()
        })
    }

    fn address(&self, request: &Request, place: Option<&str>, account_id: Option<&str>) -> Result<Endpoint> {
        let Some(rules) = &self.rules else {
            if let Some(url) = &self.endpoint_url {
                return Ok(Endpoint { url: url.clone(), ..Endpoint::default() });
            }
            let Some(region) = &self.region else {
                return Err(missing_region());
            };
            return endpoints::fallback(&self.service, region, &self.partitions);
        };
        let mut builder = Parameters::builder(rules);
        let region = place.or(self.region.as_deref());
        if let Some(region) = region {
            builder.builtin("AWS::Region", region);
        }
        let custom = self.endpoint_url.as_deref();
        if let Some(url) = custom {
            builder.builtin("SDK::Endpoint", url);
        }
        if let Some(account) = account_id {
            builder.builtin("AWS::Auth::AccountId", account);
        }
        let s3 = &self.options.s3;
        let of_s3 = matches!(&*self.service.name, "s3" | "s3control");
        let dual_stack = s3.dual_stack.filter(|_| of_s3).unwrap_or(self.use_dual_stack);
        builder
            // The rules refuse both together with an endpoint; botocore drops them too.
            .builtin("AWS::UseFIPS", self.use_fips && custom.is_none())
            .builtin("AWS::UseDualStack", dual_stack && custom.is_none())
            .builtin("AWS::Auth::AccountIdEndpointMode", self.options.account_id_mode.name())
            .builtin("AWS::S3::Accelerate", s3.accelerate)
            .builtin("AWS::S3::DisableMultiRegionAccessPoints", s3.disable_multi_region)
            .builtin("AWS::S3::DisableS3ExpressSessionAuth", s3.disable_express_auth)
            .builtin("AWS::S3::ForcePathStyle", self.path_style(request))
            .builtin("AWS::S3::UseArnRegion", s3.use_arn_region.unwrap_or(true))
            .builtin("AWS::S3::UseGlobalEndpoint", s3.global_us_east_1 && region == Some("us-east-1"))
            .builtin("AWS::S3Control::UseArnRegion", s3.use_arn_region.unwrap_or(false))
            .builtin(
                "AWS::STS::UseGlobalEndpoint",
                self.options.sts_global
                    && custom.is_none()
                    && region.is_some_and(|region| GLOBAL_STS.contains(&region)),
            );
        builder.operation(&self.service, &request.operation, &request.input)?;
        endpoints::resolve(rules, &self.partitions, &builder.build()?)
    }

    /// Buckets in the path instead of the host, where botocore does it: with a custom endpoint, which need not have a
    /// name for every bucket, where the profile says so, and for the location of a bucket, which may be asked from
    /// anywhere.
    fn path_style(&self, request: &Request) -> bool {
        let s3 = &self.options.s3;
        let bucket = request.input.get("Bucket").and_then(|bucket| bucket.as_str().ok());
        if bucket.is_some_and(|bucket| bucket.starts_with("arn:")) {
            return false;
        }
        if &*request.operation.name == "GetBucketLocation" {
            return true;
        }
        match s3.addressing_style.as_deref() {
            _ if s3.accelerate => false,
            Some("path") => true,
            Some("virtual") => false,
            _ => self.endpoint_url.is_some(),
        }
    }

    /// The operation's host prefix with its labels filled; none for local servers, which have one name only.
    pub(super) fn host_prefix(&self, request: &Request) -> Option<String> {
        if self.options.no_host_prefix || self.endpoint_url.as_deref().is_some_and(is_local) {
            return None;
        }
        let mut prefix = request.operation.host_prefix.as_deref()?.to_string();
        // Where the endpoint rules ask for the account, they put it there themselves.
        if prefix == "{AccountId}."
            && request.operation.context.iter().any(|context| &*context.name == "RequiresAccountId")
        {
            return None;
        }
        for (name, value) in &request.input {
            if let Ok(text) = value.as_str() {
                prefix = prefix.replace(&format!("{{{name}}}"), text);
            }
        }
        Some(prefix)
    }
}

pub(super) fn missing_region() -> Error {
    Error::new(ErrorKind::MissingRegion, "no region is configured")
        .help("set AWS_REGION, pass --region, or give the profile a `region`")
}

/// Whether a URL's host is an address or `localhost`, so that no name can be put in front of it.
pub(super) fn is_local(url: &str) -> bool {
    let Ok(uri) = url.parse::<http::Uri>() else { return false };
    let host = uri.host().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<std::net::IpAddr>().is_ok()
}

/// The endpoint of one request, resolved already: all attempts go there.
#[derive(Debug)]
pub(super) struct Resolved(aws_smithy_types::endpoint::Endpoint);

impl Resolved {
    /// With the one scheme that was chosen, where the endpoint has a word on it.
    pub(super) fn new(endpoint: &Endpoint, way: &Way) -> Self {
        Self(to_sdk(endpoint, way.scheme.as_ref()))
    }
}

impl ResolveEndpoint for Resolved {
    fn resolve_endpoint<'a>(&'a self, _parameters: &'a EndpointResolverParams) -> EndpointFuture<'a> {
        EndpointFuture::ready(Ok(self.0.clone()))
    }
}

fn to_sdk(endpoint: &Endpoint, scheme: Option<&AuthScheme>) -> aws_smithy_types::endpoint::Endpoint {
    let mut builder = aws_smithy_types::endpoint::Endpoint::builder().url(endpoint.url.clone());
    for (name, values) in &endpoint.headers {
        for value in values {
            builder = builder.header(name.clone(), value.clone());
        }
    }
    if let Some(scheme) = scheme {
        let mut sdk = EndpointAuthScheme::with_capacity(scheme.name.clone(), 4);
        if let Some(name) = &scheme.signing_name {
            sdk = sdk.put("signingName", name.clone());
        }
        if let Some(region) = &scheme.signing_region {
            sdk = sdk.put("signingRegion", region.clone());
        }
        if !scheme.signing_region_set.is_empty() {
            let set: Vec<Document> = scheme.signing_region_set.iter().map(|r| r.clone().into()).collect();
            sdk = sdk.put("signingRegionSet", set);
        }
        if scheme.disable_double_encoding {
            sdk = sdk.put("disableDoubleEncoding", true);
        }
        builder = builder.auth_scheme(sdk);
    }
    builder.build()
}

#[cfg(test)]
mod tests {
    use super::is_local;

    #[test]
    fn addresses_and_localhost_are_local() {
        for url in ["http://127.0.0.1:5000", "http://localhost:4566/", "http://[::1]:80"] {
            assert!(is_local(url), "{url}");
        }
        for url in ["https://s3.eu-west-1.amazonaws.com", "https://vpce-1.s3.example.com", "not a url"] {
            assert!(!is_local(url), "{url}");
        }
    }
}
