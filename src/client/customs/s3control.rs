//! S3 Control: ARNs of outposts carry an account, which must be the one that is asked for.

use crate::{
    client::endpoints::Arn,
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
        let Ok(text) = given.as_str() else { continue };
        let Some(arn) = Arn::parse(text) else { continue };
        if !is_outpost(&arn, kind) {
            return Err(Error::invalid(format!("{member} cannot be the ARN `{text}`"))
                .at(given.span())
                .help(format!(
                    "write arn:aws:s3-outposts:<region>:<account>:outpost/<id>/{kind}/<name>, or a name"
                )));
        }
        match input.get("AccountId") {
            Some(other) if other.as_str().is_ok_and(|id| id != arn.account) => {
                return Err(Error::invalid(format!(
                    "the ARN in {member} belongs to another account than AccountId"
                ))
                .at(other.span())
                .help(format!("write AccountId: \"{}\"", arn.account)));
            }
            Some(Value::String { .. }) => {}
            _ => drop(input.insert("AccountId", Value::string(arn.account, given.span()))),
        }
    }
    Ok(())
}

fn is_outpost(arn: &Arn, kind: &str) -> bool {
    arn.service == "s3-outposts"
        && matches!(arn.resource.as_slice(), [outpost, _, of, _] if outpost == "outpost" && of == kind)
}
