//! S3 Control: ARNs of outposts carry an account, which must be the one that is asked for.

use crate::{
    error::{Error, Result},
    request::Request,
};
use nu_protocol::{Record, Value};

/// Checks ARNs given as `Name` or `Bucket` and fills the account from them.
pub(super) fn account(request: &Request, input: &mut Record) -> Result<()> {
    let operation = &*request.operation.name;
    if matches!(operation, "CreateBucket" | "ListRegionalBuckets") {
        return Ok(());
    }
    for (member, kind) in [("Name", "accesspoint"), ("Bucket", "bucket")] {
        // Here the name is a new one, and no ARN.
        if member == "Name" && operation == "CreateAccessPoint" {
            continue;
        }
        let Some(given) = input.get(member).cloned() else { continue };
        let Ok(arn) = given.as_str() else { continue };
        let Some((service, account, resource)) = parts(arn) else { continue };
        if service != "s3-outposts" || !is_outpost(resource, kind) {
            return Err(Error::invalid(format!("{member} cannot be the ARN `{arn}`")).at(given.span()).help(
                format!("write arn:aws:s3-outposts:<region>:<account>:outpost/<id>/{kind}/<name>, or a name"),
            ));
        }
        match input.get("AccountId") {
            Some(other) if other.as_str().is_ok_and(|id| id != account) => {
                return Err(Error::invalid(format!(
                    "the ARN in {member} belongs to another account than AccountId"
                ))
                .at(other.span())
                .help(format!("write AccountId: \"{account}\"")));
            }
            Some(Value::String { .. }) => {}
            _ => drop(input.insert("AccountId", Value::string(account, given.span()))),
        }
    }
    Ok(())
}

/// Service, account and resource of an ARN.
fn parts(arn: &str) -> Option<(&str, &str, &str)> {
    let mut parts = arn.splitn(6, ':');
    let (scheme, _, service, _) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let (account, resource) = (parts.next()?, parts.next()?);
    (scheme == "arn").then_some((service, account, resource))
}

fn is_outpost(resource: &str, kind: &str) -> bool {
    let parts: Vec<&str> = resource.split([':', '/']).collect();
    matches!(parts.as_slice(), ["outpost", _, of, _] if *of == kind)
}
