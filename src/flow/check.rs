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

/// Operations whose `DryRun` is no check, or not surely one, since a check passes where writes are refused: emr asks for
/// the URL of a page that shows a dry run, wickr connects to a server of the caller's, and of the others the models do
/// not say what it does.
const NO_CHECK: [(&str, &str); 6] = [
    ("emr", "GetOnClusterAppUIPresignedURL"),
    ("medialive", "CreateChannel"),
    ("medialive", "StartMonitorDeployment"),
    ("medialive", "UpdateChannel"),
    ("redshift", "CreateSnapshotSchedule"),
    ("wickr", "RegisterOpentdfConfig"),
];

/// The member that makes an operation a check, and what it is set to: a boolean named `DryRun` or `dryRun`, or
/// lambda's kind of invocation.
fn checkable<'a>(service: &'a Service, operation: &Operation) -> Option<(&'a str, bool)> {
    if NO_CHECK.contains(&(&*service.name, &*operation.name)) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalog::{Catalog, DataPaths};
    use std::collections::BTreeMap;

    /// How many operations of each service can be checked. Where a newer model has more, read what their `DryRun`
    /// does before you change the number: a check is let through in read-only mode.
    const REVIEWED: [(&str, usize); 27] = [
        ("appstream", 2),
        ("bcm-dashboards", 1),
        ("billing", 2),
        ("cloud9", 1),
        ("clouddirectory", 2),
        ("ec2", 786),
        ("elementalinference", 2),
        ("es", 2),
        ("imagebuilder", 8),
        ("kinesis", 5),
        ("kms", 17),
        ("lambda", 2),
        ("lambda-core", 1),
        ("launch-wizard", 2),
        ("license-manager", 1),
        ("logs", 2),
        ("meteringmarketplace", 1),
        ("mgh", 12),
        ("migrationhub-config", 1),
        ("network-firewall", 6),
        ("opensearch", 3),
        ("outposts", 1),
        ("pinpoint-sms-voice-v2", 6),
        ("redshift", 1),
        ("redshift-serverless", 1),
        ("ssm", 1),
        ("support", 15),
    ];

    #[test]
    fn only_reviewed_operations_are_checks() {
        let (catalog, paths) = (Catalog::new(), DataPaths::default());
        let mut found: BTreeMap<String, usize> = BTreeMap::new();
        for name in catalog.names(&paths).unwrap() {
            let service = catalog.service(&name, &paths).unwrap();
            let count = service.operations.iter().filter(|one| checkable(&service, one).is_some()).count();
            if count > 0 {
                found.insert(name, count);
            }
        }
        let reviewed = REVIEWED.map(|(name, count)| (name.to_string(), count));
        assert_eq!(found, BTreeMap::from(reviewed));
    }
}
