//! Whether a call would be allowed: AWS's own dry run, where an operation has one.

use super::fetch;
use crate::{
    client::{Caller, Reply},
    error::{Error, ErrorKind, Result},
    model::{Kind, Operation, Service},
    request::Request,
};
use nu_protocol::Value;
use std::sync::Arc;

/// What AWS said to a call that it was not to carry out.
#[derive(Debug)]
pub struct Verdict {
    /// Whether the call would have been carried out.
    pub allowed: bool,
    /// The error code in which most services put their word.
    pub code: Option<String>,
    /// Its message.
    pub message: Option<String>,
    /// The answer of services that answer a dry run with one, as a preview of what would change.
    pub answer: Option<Reply>,
}

/// Codes that mean that all would have been well: ec2, cloud9, mgh and others; kms, kinesis, support; redshift-serverless.
const ALLOWED: [&str; 3] = ["DryRunOperation", "DryRunOperationException", "DryRunException"];

/// Codes that mean that the caller may not.
const DENIED: [&str; 7] = [
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedAccess",
    "UnauthorizedException",
    "UnauthorizedOperation",
    "NotAuthorized",
    "NotAuthorizedException",
];

/// Members that are named like a check and are none, with services and operations: emr asks for the URL of a page
/// that shows a dry run, wickr connects to a server of the caller's.
const OTHER_MEANING: [(&str, &str); 2] =
    [("emr", "GetOnClusterAppUIPresignedURL"), ("wickr", "RegisterOpentdfConfig")];

/// The member that makes an operation a check, and what it is set to: a boolean named `DryRun` or `dryRun`, or
/// lambda's kind of invocation.
fn checkable<'a>(service: &'a Service, operation: &Operation) -> Option<(&'a str, bool)> {
    if OTHER_MEANING.contains(&(&*service.name, &*operation.name)) {
        return None;
    }
    let invoke = (&*service.name, &*operation.name) == ("lambda", "Invoke");
    service.members(operation.input).iter().find_map(|member| {
        let flag = matches!(&*member.name, "DryRun" | "dryRun")
            && service.target(member).is_some_and(|shape| matches!(shape.kind, Kind::Boolean));
        let kind = invoke && &*member.name == "InvocationType";
        (flag || kind).then_some((&*member.name, flag))
    })
}

/// The request as a check.
///
/// # Errors
/// [`ErrorKind::Unsupported`] where the operation has none.
pub fn as_check(mut request: Request) -> Result<Request> {
    let Some((name, flag)) = checkable(&request.service, &request.operation) else {
        let message = format!("AWS cannot check `{}` without carrying it out", request.name());
        return Err(Error::new(ErrorKind::Unsupported, message)
            .at(request.span)
            .help("--dry-run shows the request that would be sent, without asking AWS"));
    };
    let name = name.to_string();
    let value = if flag { Value::bool(true, request.span) } else { Value::string("DryRun", request.span) };
    request.input.insert(name, value);
    Ok(request)
}

/// Asks AWS whether it would carry the request out. The request must be one of [`as_check`].
///
/// # Errors
/// Whatever AWS says but "allowed" and "denied": a check of a resource that is not there fails as the call would.
pub async fn check(caller: &Caller, request: Request) -> Result<Verdict> {
    let request = as_check(request)?;
    match fetch(caller, Arc::new(request)).await {
        Ok(reply) => Ok(Verdict { allowed: true, code: None, message: None, answer: Some(reply) }),
        Err(error) => {
            let code = error.fault().map(|fault| fault.code.clone()).unwrap_or_default();
            let allowed = ALLOWED.contains(&code.as_str());
            if !allowed && !DENIED.contains(&code.as_str()) {
                return Err(error);
            }
            Ok(Verdict { allowed, code: Some(code), message: Some(error.message().into()), answer: None })
        }
    }
}
