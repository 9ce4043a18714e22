//! How a request is authenticated: which scheme, for which name and regions.
//!
//! In rising order: the service's schemes, the operation's, the endpoint's. A bearer token in the environment and
//! `AWS_AUTH_SCHEME_PREFERENCE` decide among what is offered, as in botocore.

use super::{
    endpoints::{AuthScheme, Endpoint},
    session::Session,
};
use crate::{
    error::{Error, ErrorKind, Result},
    model::{Auth, Service},
    request::Request,
};

/// A scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    SigV2,
    SigV4,
    SigV4a,
    Bearer,
    Nothing,
}

impl From<Auth> for Kind {
    fn from(auth: Auth) -> Self {
        match auth {
            Auth::SigV4 => Self::SigV4,
            Auth::SigV4a => Self::SigV4a,
            Auth::Bearer => Self::Bearer,
            Auth::None => Self::Nothing,
        }
    }
}

/// A scheme, with what the endpoint says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) kind: Kind,
    /// The endpoint's word, where it has one.
    pub(super) scheme: Option<AuthScheme>,
}

/// Operations that hand out credentials or end them: their models do not say that they need none.
const UNSIGNED: [(&str, &str); 6] = [
    ("cognito-identity", "GetCredentialsForIdentity"),
    ("cognito-identity", "GetId"),
    ("cognito-identity", "GetOpenIdToken"),
    ("cognito-identity", "UnlinkIdentity"),
    ("sts", "AssumeRoleWithSAML"),
    ("sts", "AssumeRoleWithWebIdentity"),
];

/// The one service that still wants signatures of version 2.
const VERSION_2: &str = "sdb";

/// The way to authenticate a request.
///
/// # Errors
/// [`ErrorKind::Unsupported`] for S3 Express.
pub(super) fn choose(request: &Request, endpoint: &Endpoint, session: &Session) -> Result<Way> {
    let service = &request.service;
    if UNSIGNED.contains(&(&*service.name, &*request.operation.name)) {
        return Ok(Way { kind: Kind::Nothing, scheme: None });
    }
    if &*service.name == VERSION_2 {
        return Ok(Way { kind: Kind::SigV2, scheme: None });
    }
    if !endpoint.auth_schemes.is_empty() {
        return of_endpoint(request, endpoint, session);
    }
    let auth = if request.operation.auth.is_empty() {
        of_service(service, session)
    } else {
        first(&request.operation.auth, session)
    };
    Ok(Way { kind: auth.into(), scheme: None })
}

fn of_endpoint(request: &Request, endpoint: &Endpoint, session: &Session) -> Result<Way> {
    let offered: Vec<(Auth, &AuthScheme)> =
        endpoint.auth_schemes.iter().filter_map(|scheme| Some((auth(&scheme.name)?, scheme))).collect();
    let auths: Vec<Auth> = offered.iter().map(|(auth, _)| *auth).collect();
    let chosen = preferred(&auths, session).or(auths.first().copied());
    if let Some((auth, scheme)) = offered.into_iter().find(|(auth, _)| Some(*auth) == chosen) {
        return Ok(Way { kind: auth.into(), scheme: Some(scheme.clone()) });
    }
    let names: Vec<&str> = endpoint.auth_schemes.iter().map(|scheme| scheme.name.as_str()).collect();
    Err(unsupported(request, &names.join(" or ")))
}

fn of_service(service: &Service, session: &Session) -> Auth {
    let offered = &service.meta.auth;
    let bearer =
        offered.contains(&Auth::Bearer) && session.bearer_token(&service.meta.signing_name).is_some();
    if bearer { Auth::Bearer } else { first(offered, session) }
}

/// The first of the preferred schemes that is offered, else the first that is offered.
fn first(offered: &[Auth], session: &Session) -> Auth {
    preferred(offered, session).or(offered.first().copied()).unwrap_or(Auth::SigV4)
}

fn preferred(offered: &[Auth], session: &Session) -> Option<Auth> {
    let liked = session.options.auth_preference.iter().filter_map(|name| auth(name));
    liked.into_iter().find(|auth| offered.contains(auth))
}

/// A scheme by the name that rules and settings give it.
fn auth(name: &str) -> Option<Auth> {
    match name.rsplit('#').next().unwrap_or(name) {
        "sigv4" => Some(Auth::SigV4),
        "sigv4a" => Some(Auth::SigV4a),
        "httpBearerAuth" | "bearer" => Some(Auth::Bearer),
        "noAuth" | "none" => Some(Auth::None),
        _ => None,
    }
}

impl Way {
    /// The regions that a signature over several holds for: what the session says, else the endpoint, else all.
    pub(super) fn region_set(&self, session: &Session) -> String {
        if let Some(set) = &session.options.region_set {
            return set.clone();
        }
        let scheme = self.scheme.as_ref();
        let set = scheme.map(|scheme| scheme.signing_region_set.join(",")).filter(|set| !set.is_empty());
        set.or_else(|| scheme?.signing_region.clone()).unwrap_or_else(|| "*".into())
    }
}

fn unsupported(request: &Request, wanted: &str) -> Error {
    Error::new(
        ErrorKind::Unsupported,
        format!(
            "`{}` has to be signed with {wanted} here, which this plugin does not support",
            request.name()
        ),
    )
    .at(request.span)
    .help("use the AWS CLI or an AWS SDK for it (directory buckets of S3 Express want sessions)")
}
