//! The chosen way to authenticate, plugged into one call of the orchestrator.

use super::{
    auth::{Kind, Way},
    endpoints::Endpoint,
    invoke::Caller,
    mocked,
    resolver::{is_local, missing_region},
    signature2::{self, SigV2},
};
use crate::{
    error::{Error, ErrorKind, Result},
    request::Request,
};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions, sigv4a};
use aws_sigv4::http_request::SignableBody;
use aws_smithy_runtime::client::{
    auth::no_auth::{NO_AUTH_SCHEME_ID, NoAuthScheme},
    identity::no_auth::NoAuthIdentityResolver,
};
use aws_smithy_runtime_api::client::{
    auth::{http::HTTP_BEARER_AUTH_SCHEME_ID, static_resolver::StaticAuthSchemeOptionResolver},
    identity::{SharedIdentityResolver, http::Token},
    runtime_components::RuntimeComponentsBuilder,
};
use aws_smithy_types::config_bag::Layer;
use aws_types::region::{Region, SigningRegionSet};
use std::sync::LazyLock;

/// One identity for all unauthenticated calls: the SDK's identity cache has few places.
static NOBODY: LazyLock<SharedIdentityResolver> =
    LazyLock::new(|| SharedIdentityResolver::new(NoAuthIdentityResolver::new()));

impl Caller {
    /// Plugs in the chosen way to authenticate; SigV4 is there already.
    pub(super) fn authenticate(
        &self,
        way: &Way,
        endpoint: &Endpoint,
        config: &mut Layer,
        components: &mut RuntimeComponentsBuilder,
    ) -> Result<()> {
        let scheme = match way.kind {
            Kind::SigV4 => {
                let elsewhere = way.scheme.as_ref().and_then(|scheme| scheme.signing_region.as_ref());
                let known = elsewhere.or(self.prepared.addressing.region.as_ref());
                return known.map(drop).ok_or_else(missing_region);
            }
            Kind::SigV4a => {
                config.store_put(SigningRegionSet::from(Region::new(way.region_set(&self.session))));
                sigv4a::SCHEME_ID
            }
            Kind::Bearer => {
                if endpoint.url.starts_with("http:") && !is_local(&endpoint.url) {
                    // Whoever reads a token can use it; a signature holds for one request.
                    return Err(Error::new(
                        ErrorKind::Configuration,
                        "a bearer token is sent over https only",
                    )
                    .help("use an https endpoint"));
                }
                components.set_identity_resolver(HTTP_BEARER_AUTH_SCHEME_ID, self.bearer()?);
                HTTP_BEARER_AUTH_SCHEME_ID
            }
            Kind::SigV2 => {
                let keys = self.session.sdk.credentials_provider().filter(|_| !self.is_mocked());
                let keys = keys.map_or_else(mocked::nobody, SharedIdentityResolver::new);
                components.set_identity_resolver(signature2::SCHEME_ID, keys);
                components.push_auth_scheme(SigV2);
                signature2::SCHEME_ID
            }
            Kind::Nothing => {
                components.set_identity_resolver(NO_AUTH_SCHEME_ID, NOBODY.clone());
                components.push_auth_scheme(NoAuthScheme::default());
                NO_AUTH_SCHEME_ID
            }
        };
        components.set_auth_scheme_option_resolver(Some(StaticAuthSchemeOptionResolver::new(vec![scheme])));
        Ok(())
    }

    /// The token of the service's own variable, else of a login through IAM Identity Center.
    fn bearer(&self) -> Result<SharedIdentityResolver> {
        let meta = &self.prepared.service.meta;
        if self.is_mocked() {
            return Ok(SharedIdentityResolver::new(Token::new("mock", None)));
        }
        if let Some(token) = self.session.bearer_token(&meta.signing_name) {
            return Ok(SharedIdentityResolver::new(Token::new(token, None)));
        }
        match self.session.sdk.token_provider() {
            Some(provider) => Ok(SharedIdentityResolver::new(provider)),
            None => Err(Error::new(
                ErrorKind::MissingCredentials,
                format!("{} is called with a bearer token, and there is none", self.prepared.service.name),
            )
            .help("log in with `aws sso login`, with a profile that has an `sso_session`")),
        }
    }

    /// S3 signs paths as they are and wants the body's hash in a header.
    pub(super) fn signing(&self, request: &Request) -> SigV4OperationSigningConfig {
        let s3 =
            matches!(&*self.prepared.service.meta.signing_name, "s3" | "s3-outposts" | "s3-object-lambda");
        let mut options = SigningOptions::default();
        options.double_uri_encode = !s3;
        options.normalize_uri_path = !s3;
        options.content_sha256_header = s3;
        if request.operation.unsigned_payload {
            options.payload_override = Some(SignableBody::UnsignedPayload);
        }
        SigV4OperationSigningConfig { signing_options: options, ..Default::default() }
    }
}
