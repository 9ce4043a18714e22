//! Endpoint rules in the role that the orchestrator knows.

use super::{
    customs,
    endpoints::{self, AuthScheme, Endpoint, Parameters},
    session::Session,
};
use crate::{
    error::{Error, ErrorKind, Result},
    model::{
        Auth, Service,
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
    pub(super) use_arn_region: bool,
}

impl Addressing {
    pub(super) fn new(
        service: Arc<Service>,
        session: &Session,
        region: Option<String>,
        endpoint_url: Option<String>,
        rules: Option<Arc<RuleSet>>,
        partitions: Arc<Partitions>,
    ) -> Self {
        Self {
            service,
            rules,
            partitions,
            region,
            endpoint_url,
            use_fips: session.sdk.use_fips().unwrap_or_default(),
            use_dual_stack: session.sdk.use_dual_stack().unwrap_or_default(),
            // botocore's default is true; the profile may say otherwise.
            use_arn_region: session.setting("s3_use_arn_region").is_none_or(|on| on != "false"),
        }
    }

    /// Where a request goes, and that it can be signed for it.
    ///
    /// `place` is the region of a bucket that is not where the session is.
    pub(super) fn resolve(&self, request: &Request, place: Option<&str>) -> Result<Endpoint> {
        let mut endpoint = self.address(request, place)?;
        if let Some(url) = customs::endpoint(request) {
            endpoint.url = url?;
        }
        if endpoint.auth_schemes.is_empty() {
            endpoint.auth_schemes.extend(self.signed_elsewhere());
        }
        let auth =
            if request.operation.auth.is_empty() { &self.service.meta.auth } else { &request.operation.auth };
        if auth.first() == Some(&Auth::None) {
            return Ok(endpoint);
        }
        let ways = &endpoint.auth_schemes;
        if !ways.is_empty() && !ways.iter().any(|way| way.name == "sigv4") {
            let names: Vec<&str> = ways.iter().map(|way| way.name.as_str()).collect();
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!(
                    "`{}` has to be signed with {} here, which this plugin does not support",
                    request.name(),
                    names.join(" or ")
                ),
            )
            .help("use an AWS SDK or the AWS CLI for directory buckets and multi-region access points"));
        }
        if self.region.is_none() && !ways.iter().any(|way| way.signing_region.is_some()) {
            return Err(missing_region());
        }
        Ok(endpoint)
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

    fn address(&self, request: &Request, place: Option<&str>) -> Result<Endpoint> {
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
        if let Some(region) = place.or(self.region.as_deref()) {
            builder.builtin("AWS::Region", region);
        }
        if let Some(url) = &self.endpoint_url {
            builder.builtin("SDK::Endpoint", url.as_str());
        }
        builder
            .builtin("AWS::UseFIPS", self.use_fips)
            // The rules refuse dual stack together with an endpoint; botocore drops it too.
            .builtin("AWS::UseDualStack", self.use_dual_stack && self.endpoint_url.is_none())
            .builtin("AWS::S3::ForcePathStyle", self.path_style(request))
            .builtin("AWS::S3::UseArnRegion", self.use_arn_region)
            .builtin("AWS::S3Control::UseArnRegion", false);
        builder.operation(&self.service, &request.operation, &request.input)?;
        endpoints::resolve(rules, &self.partitions, &builder.build()?)
    }

    /// Buckets in the path instead of the host, where botocore does it: with a custom endpoint, which need not have a
    /// name for every bucket, and for the location of a bucket, which may be asked from anywhere.
    fn path_style(&self, request: &Request) -> bool {
        let bucket = request.input.get("Bucket").and_then(|bucket| bucket.as_str().ok());
        let arn = bucket.is_some_and(|bucket| bucket.starts_with("arn:"));
        !arn && (self.endpoint_url.is_some() || &*request.operation.name == "GetBucketLocation")
    }

    /// The operation's host prefix with its labels filled; none for local servers, which have one name only.
    pub(super) fn host_prefix(&self, request: &Request, disabled: bool) -> Option<String> {
        if disabled || self.endpoint_url.as_deref().is_some_and(is_local) {
            return None;
        }
        let mut prefix = request.operation.host_prefix.as_deref()?.to_string();
        for (name, value) in &request.input {
            if let Ok(text) = value.as_str() {
                prefix = prefix.replace(&format!("{{{name}}}"), text);
            }
        }
        Some(prefix)
    }
}

fn missing_region() -> Error {
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
    pub(super) fn new(endpoint: &Endpoint) -> Self {
        Self(to_sdk(endpoint))
    }
}

impl ResolveEndpoint for Resolved {
    fn resolve_endpoint<'a>(&'a self, _parameters: &'a EndpointResolverParams) -> EndpointFuture<'a> {
        EndpointFuture::ready(Ok(self.0.clone()))
    }
}

fn to_sdk(endpoint: &Endpoint) -> aws_smithy_types::endpoint::Endpoint {
    let mut builder = aws_smithy_types::endpoint::Endpoint::builder().url(endpoint.url.clone());
    for (name, values) in &endpoint.headers {
        for value in values {
            builder = builder.header(name.clone(), value.clone());
        }
    }
    for scheme in &endpoint.auth_schemes {
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
