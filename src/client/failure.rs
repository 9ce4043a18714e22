//! The runtime's errors -> ours: what happened, where, and what to do next.

use super::{
    body,
    exchange::Refusal,
    session::{Session, Source},
    trace::Trace,
};
use crate::{
    error::{Error, ErrorKind, Fault},
    request::Request,
};
use aws_credential_types::provider::error::{CredentialsError, TokenError};
use aws_smithy_runtime_api::client::{
    interceptors::context::Error as ErasedError,
    orchestrator::HttpResponse,
    result::{ConnectorError, SdkError},
};
use http_body_util::LengthLimitError;
use std::{error::Error as StdError, time::Duration};

/// What a call may take at most.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) deadline: Duration,
    /// What each of its attempts may take.
    pub(super) attempt: Duration,
    /// Bytes of an answer.
    pub(super) body_cap: u64,
}

/// The error of a call.
pub(super) fn of_call(
    error: SdkError<ErasedError, HttpResponse>,
    trace: &Trace,
    session: &Session,
    request: &Request,
    limits: Limits,
) -> Error {
    if let Some(own) = trace.take_failure() {
        // An answer came, and nobody can read what it says.
        let answered = own.kind() == ErrorKind::BadAnswer;
        return if answered { unknown_outcome(own, request, trace) } else { own };
    }
    let endpoint = trace.endpoint();
    let mapped = match error {
        SdkError::ServiceError(service) => refused(service.into_err(), session),
        other => {
            if let Some(cause) = find::<CredentialsError>(&other) {
                return credentials(cause, session);
            }
            if let Some(cause) = find::<TokenError>(&other) {
                return token(cause, session);
            }
            match other {
                SdkError::TimeoutError(_) => {
                    let single = Flat::of(&other).0.iter().any(|cause| cause.contains("single attempt"));
                    let error =
                        if single { slow_attempt(limits.attempt) } else { timed_out(limits.deadline) };
                    unknown_outcome(error, request, trace)
                }
                SdkError::DispatchFailure(ref failure) => {
                    let error = dispatch(failure.as_connector_error(), endpoint.as_deref(), session);
                    if surely_undelivered(&other) { error } else { unknown_outcome(error, request, trace) }
                }
                SdkError::ResponseError(_) if find::<LengthLimitError>(&other).is_some() => {
                    unknown_outcome(body::too_large(&request.name(), limits.body_cap), request, trace)
                }
                SdkError::ResponseError(_) => unknown_outcome(
                    Error::new(ErrorKind::BadAnswer, "the answer broke off before its end")
                        .help("try again; if it persists, look at proxies between you and the endpoint")
                        .source(Flat::of(&other)),
                    request,
                    trace,
                ),
                other => {
                    Error::new(ErrorKind::Internal, "the request could not be built").source(Flat::of(&other))
                }
            }
        }
    };
    match endpoint {
        Some(endpoint) => mapped.context("endpoint", endpoint),
        None => mapped,
    }
}

/// Whether the request cannot have reached AWS: no connection was made.
pub(super) fn surely_undelivered(error: &(dyn StdError + 'static)) -> bool {
    find::<hyper_util::client::legacy::Error>(error)
        .is_some_and(hyper_util::client::legacy::Error::is_connect)
}

/// The deadline of a call passed between its legs.
pub(super) fn too_late(deadline: Duration, request: &Request, trace: &Trace) -> Error {
    unknown_outcome(timed_out(deadline), request, trace)
}

fn timed_out(deadline: Duration) -> Error {
    Error::new(ErrorKind::Timeout, format!("no answer within {deadline:?}"))
        .help("raise --timeout, or http.operation_timeout in $env.config.plugins.aws_perf")
}

/// The last of the attempts took too long.
fn slow_attempt(limit: Duration) -> Error {
    Error::new(ErrorKind::Timeout, format!("no whole answer within {limit:?}, which an attempt may take"))
        .help("raise --timeout, or http.attempt_timeout in $env.config.plugins.aws_perf")
}

fn dispatch(error: Option<&ConnectorError>, endpoint: Option<&str>, session: &Session) -> Error {
    let endpoint = endpoint.unwrap_or("the endpoint");
    match error {
        Some(error) if error.is_timeout() => {
            Error::new(ErrorKind::Timeout, format!("{endpoint} did not answer in time"))
                .help("check the network and --endpoint-url; http.connect_timeout and http.read_timeout say how long is waited")
                .source(Flat::of(error))
        }
        Some(error) if find::<hyper::Error>(error).is_some_and(hyper::Error::is_parse) => {
            Error::new(ErrorKind::BadAnswer, format!("{endpoint} answered with what is no HTTP"))
                .help("check --endpoint-url and its port: another kind of server listens there")
                .source(Flat::of(error))
        }
        Some(error) => {
            let causes = Flat::of(error);
            let help = unreached(&causes, endpoint, session);
            Error::new(ErrorKind::Unreachable, format!("{endpoint} could not be reached"))
                .help(help)
                .source(causes)
        }
        None => Error::new(ErrorKind::Unreachable, format!("{endpoint} could not be reached")),
    }
}

/// What to do about an endpoint that was not reached.
fn unreached(causes: &Flat, endpoint: &str, session: &Session) -> String {
    let told = |text: &str| causes.0.iter().any(|cause| cause.contains(text));
    if told("invalid peer certificate") {
        return "its certificate is not trusted: name the file of the CA that signed it, of a proxy that opens TLS as \
                well, with AWS_CA_BUNDLE or `ca_bundle` of the profile"
            .into();
    }
    if told("received corrupt message") {
        return "it does not speak TLS: should the endpoint URL begin with http://?".into();
    }
    match session.proxies.of(endpoint) {
        Some(variable) => {
            format!("look at the proxy of {variable}; NO_PROXY names hosts that are asked straight")
        }
        None => "check the network, the region and --endpoint-url; behind a proxy set HTTPS_PROXY".into(),
    }
}

/// A write whose answer is missing may have been carried out.
fn unknown_outcome(error: Error, request: &Request, trace: &Trace) -> Error {
    if request.is_repeatable() || trace.attempts() == 0 {
        return error;
    }
    error.context("outcome", "unknown").help(format!(
        "`{}` may have been carried out: look at the resource before you repeat it",
        request.operation.name
    ))
}

fn refused(error: ErasedError, session: &Session) -> Error {
    match error.downcast::<Refusal>() {
        Ok(refusal) => {
            let Refusal { fault, message, .. } = refusal;
            let message = if message.is_empty() { default_message(&fault) } else { message };
            let help = advice(&fault, session);
            let error = Error::service(fault, message);
            match help {
                Some(help) => error.help(help),
                None => error,
            }
        }
        Err(other) => Error::new(ErrorKind::Internal, format!("unexpected error: {other:?}")),
    }
}

fn default_message(fault: &Fault) -> String {
    format!("AWS refused the call with status {} and no message", fault.status)
}

/// What to do about the codes that users meet most.
fn advice(fault: &Fault, session: &Session) -> Option<String> {
    let renew = renewal(session);
    Some(match fault.code.as_str() {
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" | "TokenRefreshRequired" => {
            format!("the credentials ({}) are expired: {renew}", session.source)
        }
        "InvalidClientTokenId" | "UnrecognizedClientException" | "InvalidAccessKeyId" | "AuthFailure" => {
            format!("AWS does not know the access key ({}): {renew}", session.source)
        }
        "SignatureDoesNotMatch" => {
            format!("the secret key ({}) does not fit the access key, or the clock is off", session.source)
        }
        "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" | "UnauthorizedException" => {
            format!("profile `{}` may not do this: `aws whoami` shows as whom you asked", session.profile)
        }
        "OptInRequired" | "InvalidRegion" => "the region may have to be enabled for this account".into(),
        code if code.contains("Throttl") || code == "RequestLimitExceeded" || code == "SlowDown" => {
            "AWS throttles these calls: ask for less at a time, or raise AWS_MAX_ATTEMPTS".into()
        }
        _ => return None,
    })
}

/// How the credentials of a session are renewed.
pub(crate) fn renewal(session: &Session) -> String {
    match &session.source {
        Source::Sso(start) => format!("run `aws sso login --profile {}`", start.from),
        Source::Environment => {
            "set new AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN".into()
        }
        Source::Command { start, .. } => {
            format!("the credential_process of profile `{}` must print valid ones", start.from)
        }
        Source::Container | Source::ContainerRole(_) => {
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI must be where the container gets its credentials".into()
        }
        Source::InstanceRole(start) => format!(
            "profile `{}` takes its credentials from the instance: use another one where there is none",
            start.from
        ),
        Source::Nothing | Source::Instance => {
            "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run `aws configure`".into()
        }
        Source::WebIdentity => {
            "AWS_WEB_IDENTITY_TOKEN_FILE must be the file of a token that AWS_ROLE_ARN trusts".into()
        }
        Source::WebRole(start) => format!(
            "web_identity_token_file of profile `{}` must be the file of a token that its role_arn trusts",
            start.from
        ),
        source => format!("renew the {source}"),
    }
}

/// Failed credentials.
pub(super) fn credentials(error: &CredentialsError, session: &Session) -> Error {
    let causes = Flat::of(error);
    let text = causes.0.join(": ");
    let lower = text.to_ascii_lowercase();
    // The portal says of a login that was ended only that nobody is authorised.
    let ended = matches!(session.source, Source::Sso(_)) && lower.contains("unauthorizedexception");
    let expired = ended
        || lower.contains("expired")
        || lower.contains("refresh the sso")
        || lower.contains("sso session");
    let (kind, message) = match error {
        _ if expired => {
            (ErrorKind::ExpiredCredentials, format!("the credentials ({}) are expired", session.source))
        }
        CredentialsError::CredentialsNotLoaded(_) => {
            (ErrorKind::MissingCredentials, format!("no credentials were found ({})", session.source))
        }
        CredentialsError::ProviderTimedOut(_) => (
            ErrorKind::MissingCredentials,
            format!("the credentials ({}) did not arrive in time", session.source),
        ),
        _ => (ErrorKind::MissingCredentials, format!("the credentials ({}) cannot be used", session.source)),
    };
    Error::new(kind, message)
        .help(renewal(session))
        .context("profile", session.profile.clone())
        .source(causes)
}

/// A failed bearer token, which only logins give.
fn token(error: &TokenError, session: &Session) -> Error {
    let causes = Flat::of(error);
    let ended = causes.0.iter().any(|cause| cause.contains("expired") || cause.contains("Unauthorized"));
    let (kind, message) = if ended {
        (ErrorKind::ExpiredCredentials, format!("the login ({}) is expired", session.source))
    } else {
        (ErrorKind::MissingCredentials, format!("the login ({}) gives no token", session.source))
    };
    Error::new(kind, message).help(renewal(session)).source(causes)
}

/// A chain of causes as text: the originals borrow from what is about to be dropped.
#[derive(Debug)]
pub(super) struct Flat(Vec<String>);

impl Flat {
    pub(super) fn of(error: &(dyn StdError + 'static)) -> Self {
        let mut texts: Vec<String> = Vec::new();
        let mut next = Some(error);
        while let Some(error) = next {
            // Some of the runtime's errors print the whole request, secrets and all.
            let text = error.to_string();
            let text = text.split(" to request `").next().unwrap_or_default().to_string();
            if !texts.iter().any(|known| known.contains(&text)) {
                texts.push(text);
            }
            next = error.source();
        }
        Self(texts)
    }
}

impl std::fmt::Display for Flat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join(": "))
    }
}

impl StdError for Flat {}

/// The first cause of type `E`.
pub(super) fn find<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}
