//! Errors as Nushell shows them.

use crate::error::{Error, ErrorKind};
use nu_protocol::{LabeledError, ShellError, Span};
use std::{any::Any, io::Write};
use tokio::task::JoinError;

/// Where faults of this plugin are reported.
const REPORT: &str = "please report it with the command that caused it";

/// One labelled error: what happened, at the user's argument, with what to do next and AWS's request id below.
pub fn labeled(error: &Error, head: Span) -> LabeledError {
    let (below, label): (Vec<_>, Vec<_>) = error.contexts().iter().partition(|(key, _)| {
        matches!(
            *key,
            "request id"
                | "attempts"
                | "endpoint"
                | "resume with"
                | "rows delivered"
                | "outcome"
                | "polls"
                | "last seen"
        )
    });
    let label = match label.as_slice() {
        [] => "here".to_string(),
        facts => facts.iter().map(|(key, value)| format!("{key} {value}")).collect::<Vec<_>>().join(", "),
    };
    let mut help: Vec<String> = error.help_text().map(String::from).into_iter().collect();
    let causes = error.causes();
    if !causes.is_empty() {
        help.push(format!("cause: {}", causes.join(": ")));
    }
    if !below.is_empty() {
        help.push(below.iter().map(|(key, value)| format!("{key}: {value}")).collect::<Vec<_>>().join(", "));
    }
    let mut labeled = LabeledError::new(message(error))
        .with_code(error.code())
        .with_label(label, error.span().unwrap_or(head));
    if !help.is_empty() {
        labeled = labeled.with_help(help.join("\n"));
    }
    labeled
}

/// AWS's messages often do not name the code, and users search for it.
fn message(error: &Error) -> String {
    match error.fault() {
        Some(fault) if !error.message().contains(&fault.code) => {
            format!("{}: {}", fault.code, error.message())
        }
        _ => error.message().to_string(),
    }
}

/// The same, for the end of a stream.
pub fn shell_error(error: &Error, head: Span) -> ShellError {
    ShellError::LabeledError(Box::new(labeled(error, head)))
}

/// A line on standard error. A plugin's standard output may be the protocol itself, so nothing else is ever printed;
/// a closed standard error is no reason to fail.
pub fn note(text: &str) {
    let mut stderr = std::io::stderr().lock();
    // Nobody is left to be told.
    let _ = writeln!(stderr, "aws_perf: {text}");
}

/// What every fault of this plugin is called.
const FAULT: &str = "this plugin failed in a way it should not";

/// A caught panic.
pub(super) fn panicked(panic: &(dyn Any + Send)) -> LabeledError {
    LabeledError::new(FAULT)
        .with_code("aws_perf::internal")
        .with_help(format!("{REPORT}: {}", panic_text(panic)))
}

/// A task that ended without having said so.
pub(super) fn broken_off(ended: Result<(), JoinError>) -> Error {
    let reason = match ended.map_err(JoinError::try_into_panic) {
        Err(Ok(panic)) => panic_text(panic.as_ref()),
        _ => "a task ended early".into(),
    };
    Error::new(ErrorKind::Internal, FAULT).help(format!("{REPORT}: {reason}"))
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "unknown".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Fault;

    #[test]
    fn an_aws_error_shows_code_place_help_and_request_id() {
        let fault = Fault { code: "AccessDenied".into(), status: 403, ..Fault::default() };
        let error = Error::service(fault, "not yours")
            .help("ask")
            .context("region", "eu-west-1")
            .context("request id", "r-1");
        let labeled = labeled(&error, Span::new(1, 2));
        assert_eq!(labeled.msg, "AccessDenied: not yours");
        assert_eq!(labeled.code.as_deref(), Some("aws::AccessDenied"));
        assert_eq!(labeled.labels[0].text, "region eu-west-1");
        assert_eq!(labeled.help.as_deref(), Some("ask\nrequest id: r-1"));
    }

    #[test]
    fn a_panic_becomes_an_error() {
        let result: Result<(), LabeledError> = super::super::guarded(|| panic!("boom"));
        let error = result.unwrap_err();
        assert_eq!(error.code.as_deref(), Some("aws_perf::internal"));
        assert!(error.help.unwrap().contains("boom"));
    }
}
