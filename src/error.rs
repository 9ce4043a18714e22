//! The one error type. Its kind says what the caller can do about it; the message says what happened,
//! the help says what to do next, the span points at the user's own argument.

pub mod suggest;

use nu_protocol::{Record, Span};
use std::{error::Error as StdError, fmt, sync::Arc};

/// A result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

type Source = Box<dyn StdError + Send + Sync>;

/// What went wrong, named by what the caller can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A parameter or flag has the wrong type, is missing, or is out of range. Correct it and call again.
    InvalidInput,
    /// A service, operation, parameter or profile of that name does not exist.
    UnknownName,
    /// A configuration file, variable or plugin setting cannot be used as it is.
    Configuration,
    /// No region is configured.
    MissingRegion,
    /// No credentials could be found.
    MissingCredentials,
    /// Credentials were found and are no longer valid.
    ExpiredCredentials,
    /// A write was refused because of read-only mode.
    ReadOnly,
    /// A service model cannot be read.
    Model,
    /// This client does not support what was asked.
    Unsupported,
    /// AWS answered with an error; see [`Error::fault`].
    Service,
    /// A deadline passed.
    Timeout,
    /// The endpoint could not be reached, or the connection broke.
    Unreachable,
    /// The answer was malformed or cut off.
    BadAnswer,
    /// An answer is larger than the configured cap.
    TooLarge,
    /// The user or the engine interrupted the call.
    Interrupted,
    /// A stream ended before all of its rows were delivered.
    Incomplete,
    /// What a wait was for will not happen: the resource reached a state from which there is no way to it.
    WaitFailed,
    /// A fault of this plugin.
    Internal,
}

impl ErrorKind {
    /// The last part of the diagnostic code `aws_perf::<name>`.
    pub fn name(self) -> &'static str {
        match self {
            Self::InvalidInput => "invalid_input",
            Self::UnknownName => "unknown_name",
            Self::Configuration => "configuration",
            Self::MissingRegion => "missing_region",
            Self::MissingCredentials => "missing_credentials",
            Self::ExpiredCredentials => "expired_credentials",
            Self::ReadOnly => "read_only",
            Self::Model => "model",
            Self::Unsupported => "unsupported",
            Self::Service => "service",
            Self::Timeout => "timeout",
            Self::Unreachable => "unreachable",
            Self::BadAnswer => "bad_answer",
            Self::TooLarge => "too_large",
            Self::Interrupted => "interrupted",
            Self::Incomplete => "incomplete",
            Self::WaitFailed => "wait_failed",
            Self::Internal => "internal",
        }
    }
}

/// What AWS said when it refused a call.
#[derive(Debug, Clone, Default)]
pub struct Fault {
    /// The error code, as `AccessDenied` or `ResourceNotFoundException`.
    pub code: String,
    /// HTTP status of the answer.
    pub status: u16,
    /// AWS's id of the request, where the answer carried one.
    pub request_id: Option<String>,
    /// The modelled members of the error, decoded; empty where the model knows none.
    pub fields: Record,
}

/// An error of this crate. One pointer wide, since it travels in every `Result`.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: String,
    help: Option<String>,
    span: Option<Span>,
    context: Vec<(&'static str, String)>,
    fault: Option<Fault>,
    /// Shared, since one failure may be told to many who waited for it.
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of `kind` whose `message` says what happened.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            help: None,
            span: None,
            context: Vec::new(),
            fault: None,
            source: None,
        }))
    }

    /// Shorthand for [`ErrorKind::InvalidInput`].
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidInput, message)
    }

    /// An answer of AWS that refuses the call.
    pub fn service(fault: Fault, message: impl Into<String>) -> Self {
        let mut error = Self::new(ErrorKind::Service, message);
        error.0.fault = Some(fault);
        error
    }

    /// Says what to do next.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    /// Points at the user's argument, unless a more precise place is known already.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        if self.0.span.is_none() && span != Span::unknown() {
            self.0.span = Some(span);
        }
        self
    }

    /// Points at another argument, for an error that was made for somebody else.
    #[must_use]
    pub fn relocated(mut self, span: Span) -> Self {
        self.0.span = Some(span);
        self
    }

    /// Adds a fact about where it happened, such as `("region", "eu-west-1")`.
    #[must_use]
    pub fn context(mut self, key: &'static str, value: impl Into<String>) -> Self {
        let fact = (key, value.into());
        if !self.0.context.contains(&fact) {
            self.0.context.push(fact);
        }
        self
    }

    /// Keeps the cause.
    #[must_use]
    pub fn source(mut self, source: impl Into<Source>) -> Self {
        self.0.source = Some(Arc::from(source.into()));
        self
    }

    /// What the caller can do about it.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What happened.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What to do next.
    pub fn help_text(&self) -> Option<&str> {
        self.0.help.as_deref()
    }

    /// The user's argument that it is about.
    pub fn span(&self) -> Option<Span> {
        self.0.span
    }

    /// Facts about where it happened, in the order they were added.
    pub fn contexts(&self) -> &[(&'static str, String)] {
        &self.0.context
    }

    /// What AWS said, for [`ErrorKind::Service`].
    pub fn fault(&self) -> Option<&Fault> {
        self.0.fault.as_ref()
    }

    /// The diagnostic code: `aws::<AWS error code>` or `aws_perf::<kind>`.
    pub fn code(&self) -> String {
        match &self.0.fault {
            Some(fault) if !fault.code.is_empty() => format!("aws::{}", fault.code),
            _ => format!("aws_perf::{}", self.0.kind.name()),
        }
    }

    /// The messages of the causes, outermost first, each once.
    pub fn causes(&self) -> Vec<String> {
        let mut causes: Vec<String> = Vec::new();
        let mut next = StdError::source(self);
        while let Some(cause) = next {
            let text = cause.to_string();
            if !text.is_empty() && causes.last() != Some(&text) {
                causes.push(text);
            }
            next = cause.source();
        }
        causes
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("code", &self.code())
            .field("message", &self.0.message)
            .field("context", &self.0.context)
            .field("source", &self.0.source)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_the_service_code_or_the_kind() {
        assert_eq!(Error::invalid("x").code(), "aws_perf::invalid_input");
        let fault = Fault { code: "AccessDenied".into(), status: 403, ..Fault::default() };
        assert_eq!(Error::service(fault, "no").code(), "aws::AccessDenied");
    }

    #[test]
    fn the_innermost_span_wins() {
        let error = Error::invalid("x").at(Span::new(3, 5)).at(Span::new(0, 9));
        assert_eq!(error.span(), Some(Span::new(3, 5)));
        assert_eq!(Error::invalid("x").at(Span::unknown()).span(), None);
    }

    #[test]
    fn causes_are_listed_once_each() {
        let inner = Error::invalid("inner");
        let error = Error::new(ErrorKind::Model, "outer").source(inner);
        assert_eq!(error.causes(), ["inner"]);
    }
}
