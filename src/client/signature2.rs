//! Signature version 2, which one service (`sdb`) still wants: the form itself carries the signature.
//!
//! Rules: <https://docs.aws.amazon.com/AmazonSimpleDB/latest/DeveloperGuide/HMACAuth.html>. Referee: botocore's
//! `SigV2Auth`, in `tests/it/differential.rs`.

use aws_credential_types::Credentials;
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        auth::{AuthScheme, AuthSchemeEndpointConfig, AuthSchemeId, Sign},
        identity::{Identity, SharedIdentityResolver},
        orchestrator::HttpRequest,
        runtime_components::{GetIdentityResolver, RuntimeComponents},
    },
};
use aws_smithy_types::{body::SdkBody, config_bag::ConfigBag};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::Sha256;

pub(super) const SCHEME_ID: AuthSchemeId = AuthSchemeId::new("sigv2");

/// RFC 3986's unreserved characters.
const TEXT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The scheme in the role that the orchestrator knows.
#[derive(Debug)]
pub(super) struct SigV2;

impl AuthScheme for SigV2 {
    fn scheme_id(&self) -> AuthSchemeId {
        SCHEME_ID
    }

    fn identity_resolver(&self, resolvers: &dyn GetIdentityResolver) -> Option<SharedIdentityResolver> {
        resolvers.identity_resolver(SCHEME_ID)
    }

    fn signer(&self) -> &dyn Sign {
        self
    }
}

impl Sign for SigV2 {
    fn sign_http_request(
        &self,
        request: &mut HttpRequest,
        identity: &Identity,
        _endpoint: AuthSchemeEndpointConfig<'_>,
        components: &RuntimeComponents,
        _config: &ConfigBag,
    ) -> Result<(), BoxError> {
        let credentials = identity.data::<Credentials>().ok_or("the identity has no keys")?;
        let now: DateTime<Utc> = components.time_source().unwrap_or_default().now().into();
        let url: http::Uri = request.uri().parse()?;
        let host = url.authority().ok_or("the URL has no host")?.as_str();
        let form = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
        let signed = sign(request.method(), host, url.path(), &form, credentials, now)?;
        request.headers_mut().insert("content-length", signed.len().to_string());
        *request.body_mut() = SdkBody::from(signed);
        Ok(())
    }
}

/// The form with the signature and what it needs.
fn sign(
    method: &str,
    host: &str,
    path: &str,
    form: &str,
    credentials: &Credentials,
    now: DateTime<Utc>,
) -> Result<String, BoxError> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let mut pairs: Vec<(String, String)> = form
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect();
    let mut add = |name: &str, value: &str| pairs.push((name.into(), value.into()));
    add("AWSAccessKeyId", credentials.access_key_id());
    add("SignatureVersion", "2");
    add("SignatureMethod", "HmacSHA256");
    add("Timestamp", &now.format("%Y-%m-%dT%H:%M:%SZ").to_string());
    if let Some(token) = credentials.session_token() {
        add("SecurityToken", token);
    }
    // Names are sorted by their bytes.
    let mut sorted = pairs.clone();
    sorted.sort();
    let text = format!("{method}\n{host}\n{path}\n{}", encode(&sorted));
    let mut mac = Hmac::<Sha256>::new_from_slice(credentials.secret_access_key().as_bytes())?;
    mac.update(text.as_bytes());
    pairs.push(("Signature".into(), STANDARD.encode(mac.finalize().into_bytes())));
    Ok(encode(&pairs))
}

fn encode(pairs: &[(String, String)]) -> String {
    let quote = |text: &str| utf8_percent_encode(text, TEXT).to_string();
    let pairs: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{}={}", quote(name), quote(value))).collect();
    pairs.join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value is botocore's.
    #[test]
    fn a_form_is_signed_as_by_botocore() {
        let keys = Credentials::new("test", "test", Some("token".into()), None, "test");
        let now = DateTime::parse_from_rfc3339("2020-01-02T03:04:05Z").unwrap().to_utc();
        let form = "Action=Select&Version=2009-04-15&SelectExpression=select%20%2A%20from%20%C3%BC~_-.&a=";
        let signed = sign("POST", "sdb.amazonaws.com", "/", form, &keys, now).unwrap();
        assert!(
            signed.starts_with(&form.replace("a=", "a=&AWSAccessKeyId=test&SignatureVersion=2")),
            "{signed}"
        );
        let (_, signature) = signed.split_once("&Signature=").unwrap();
        assert_eq!(
            percent_decode_str(signature).decode_utf8().unwrap(),
            "Ano1L4JZp4Wc0DZa4QNAEyrPAe1kdBbqGOVDKxFyDFU="
        );
    }
}
