//! Names as people type them: `DescribeInstances`, `describe-instances`, `describe_instances`.

use super::{Class, Operation, Service, Waiter, tables::verb};
use crate::error::{
    Error, ErrorKind, Result,
    suggest::{nearest, question},
};

pub use crate::error::suggest::folded;

/// Names that botocore writes in a way its own rule does not give (`_xform_cache` in botocore's `__init__.py`),
/// sorted.
const IRREGULAR: [&str; 51] = [
    "AssociateWhatsAppBusinessAccount",
    "CreateCachediSCSIVolume",
    "CreateOAuth2Token",
    "CreateOAuth2TokenWithIAM",
    "CreateStorediSCSIVolume",
    "CreateWhatsAppDataset",
    "CreateWhatsAppFlow",
    "CreateWhatsAppMessageTemplate",
    "CreateWhatsAppMessageTemplateFromLibrary",
    "CreateWhatsAppMessageTemplateMedia",
    "DeleteWhatsAppFlow",
    "DeleteWhatsAppMessageMedia",
    "DeleteWhatsAppMessageTemplate",
    "DeprecateWhatsAppFlow",
    "DescribeCachediSCSIVolumes",
    "DescribeStorediSCSIVolumes",
    "DisassociateWhatsAppBusinessAccount",
    "ExecutePartiQLBatch",
    "ExecutePartiQLStatement",
    "ExecutePartiQLTransaction",
    "GetLinkedWhatsAppBusinessAccount",
    "GetLinkedWhatsAppBusinessAccountPhoneNumber",
    "GetOTelEnrichment",
    "GetWhatsAppBusinessPublicKey",
    "GetWhatsAppCallPermission",
    "GetWhatsAppFlow",
    "GetWhatsAppFlowPreview",
    "GetWhatsAppMessageMedia",
    "GetWhatsAppMessageTemplate",
    "IntrospectOAuth2TokenWithIAM",
    "ListHITsForQualificationType",
    "ListLinkedWhatsAppBusinessAccounts",
    "ListWhatsAppFlowAssets",
    "ListWhatsAppFlows",
    "ListWhatsAppMessageTemplates",
    "ListWhatsAppTemplateLibrary",
    "PostWhatsAppMessageMedia",
    "PublishWhatsAppFlow",
    "PutWhatsAppBusinessAccountEventDestinations",
    "PutWhatsAppBusinessPublicKey",
    "RevokeOAuth2TokenWithIAM",
    "SendWhatsAppCallEvent",
    "SendWhatsAppConversionEvent",
    "SendWhatsAppMessage",
    "StartOTelEnrichment",
    "StopOTelEnrichment",
    "UpdateLinkedWhatsAppBusinessAccountPhoneNumber",
    "UpdateOTelEnrichment",
    "UpdateWhatsAppFlow",
    "UpdateWhatsAppFlowAssets",
    "UpdateWhatsAppMessageTemplate",
];

/// Words of [`IRREGULAR`] names, spelled so that the rule gives what botocore does.
const RESPELLED: [(&str, &str); 6] = [
    ("HITs", "Hits"),
    ("OAuth2", "Oauth2"),
    ("OTel", "Otel"),
    ("PartiQL", "Partiql"),
    ("WhatsApp", "Whatsapp"),
    ("iSCSI", "Iscsi"),
];

/// A name as the AWS CLI spells it: `describe-db-instances` for `DescribeDBInstances`.
pub fn kebab(name: &str) -> String {
    separated(name, '-')
}

/// A name as boto3 spells it: `describe_db_instances` for `DescribeDBInstances`.
pub fn snake(name: &str) -> String {
    separated(name, '_')
}

/// botocore's `xform_name`, equal to it for every operation and member.
fn separated(name: &str, separator: char) -> String {
    if name.contains(separator) {
        return name.to_owned();
    }
    let mut spelled = name.to_owned();
    if IRREGULAR.binary_search(&name).is_ok() {
        for (word, respelled) in RESPELLED {
            spelled = spelled.replace(word, respelled);
        }
    }
    if let Some(start) = plural_acronym(&spelled) {
        let (head, acronym) = spelled.split_at(start);
        spelled = format!("{head}{separator}{}", acronym.to_lowercase());
    }
    before_ends(&before_words(&spelled, separator), separator).to_lowercase()
}

/// Where the capitals of a closing plural acronym start, as `ARNs` of `GatewayARNs`.
fn plural_acronym(name: &str) -> Option<usize> {
    let head = name.strip_suffix('s')?;
    let capitals = head.bytes().rev().take_while(u8::is_ascii_uppercase).count();
    (capitals >= 2).then(|| head.len() - capitals)
}

/// Separates each capitalised word from the character before it, as `(.)([A-Z][a-z]+)` finds them. The character
/// before is used up by its match, so it cannot also end the word before.
fn before_words(name: &str, separator: char) -> String {
    let mut out = String::with_capacity(name.len() + 8);
    let mut chars = name.chars().peekable();
    while let Some(before) = chars.next() {
        out.push(before);
        let mut ahead = chars.clone();
        let capital = ahead.next().is_some_and(|c| c.is_ascii_uppercase());
        if capital && ahead.next().is_some_and(|c| c.is_ascii_lowercase()) {
            out.push(separator);
            out.extend(chars.next());
            while let Some(small) = chars.next_if(char::is_ascii_lowercase) {
                out.push(small);
            }
        }
    }
    out
}

/// Separates each capital from the small letter or digit before it.
fn before_ends(name: &str, separator: char) -> String {
    let mut out = String::with_capacity(name.len() + 8);
    let mut ended = false;
    for c in name.chars() {
        if ended && c.is_ascii_uppercase() {
            out.push(separator);
        }
        ended = c.is_ascii_lowercase() || c.is_ascii_digit();
        out.push(c);
    }
    out
}

/// The operation of that name in any spelling: `DescribeDBInstances`, `describe-db-instances`,
/// `describe_db_instances`, in any case.
///
/// # Errors
/// `UnknownName`, with the nearest names as help.
pub fn find_operation<'a>(service: &'a Service, name: &str) -> Result<&'a Operation> {
    if let Some(operation) = service.operation(name) {
        return Ok(operation);
    }
    let wanted = folded(name);
    if let Some(operation) = service.operations.iter().find(|operation| folded(&operation.name) == wanted) {
        return Ok(operation);
    }
    let nearest = nearest(name, service.operations.iter().map(|operation| &*operation.name));
    let help = question(reads_of_the_same(service, name).into_iter().chain(nearest))
        .unwrap_or_else(|| format!("`aws operations {}` lists them.", service.name));
    Err(Error::new(ErrorKind::UnknownName, format!("{} has no operation '{name}'", service.name)).help(help))
}

/// The waiter of that name in any spelling: `InstanceRunning`, `instance-running`, `instance_running`, in any case.
///
/// # Errors
/// `UnknownName`, with the nearest names as help, or all of them where nothing is near.
pub fn find_waiter<'a>(service: &'a Service, name: &str) -> Result<&'a Waiter> {
    let wanted = folded(name);
    let exact = service.waiters.iter().find(|waiter| &*waiter.name == name);
    if let Some(waiter) = exact.or_else(|| service.waiters.iter().find(|one| folded(&one.name) == wanted)) {
        return Ok(waiter);
    }
    let names = || service.waiters.iter().map(|waiter| &*waiter.name);
    let help = if service.waiters.is_empty() {
        "poll an operation with `aws call` until its answer is what you wait for".into()
    } else {
        question(nearest(name, names()))
            .unwrap_or_else(|| format!("its waiters: {}", names().collect::<Vec<_>>().join(", ")))
    };
    let message = if service.waiters.is_empty() {
        format!("{} has no waiters", service.name)
    } else {
        format!("{} has no waiter '{name}'", service.name)
    };
    Err(Error::new(ErrorKind::UnknownName, message).help(help))
}

/// Reads of the same thing under another verb, as `DescribeInstances` for `list-instances`: services disagree on
/// which verb lists.
fn reads_of_the_same<'a>(service: &'a Service, name: &str) -> Vec<&'a str> {
    let dashed = kebab(name).replace('_', "-");
    let Some((_, thing)) = dashed.split_once('-') else { return Vec::new() };
    let thing = folded(thing);
    let reads = service.operations.iter().filter(|operation| operation.class == Class::Read);
    reads
        .map(|operation| &*operation.name)
        .filter(|known| known.strip_prefix(verb(known)).is_some_and(|rest| folded(rest) == thing))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_written_as_the_cli_has_them() {
        let names = [
            ("DescribeDBInstances", "describe-db-instances"),
            ("ListObjectsV2", "list-objects-v2"),
            (
                "GetTransitGatewayMulticastDomainAssociations",
                "get-transit-gateway-multicast-domain-associations",
            ),
            ("ListWebACLs", "list-web-acls"),
            ("DescribeStorediSCSIVolumes", "describe-stored-iscsi-volumes"),
            ("IPv6CIDRBlocks", "i-pv6-cidr-blocks"),
            ("S3Bucket", "s3-bucket"),
            ("ARNs", "-arns"),
            ("x", "x"),
            ("", ""),
        ];
        for (name, expected) in names {
            assert_eq!(kebab(name), expected);
            assert_eq!(snake(name), expected.replace('-', "_"));
        }
    }

    #[test]
    fn the_irregular_names_are_sorted() {
        assert!(IRREGULAR.is_sorted());
    }

    proptest! {
        #[test]
        fn separating_loses_nothing_and_happens_once(name in "[A-Z][A-Za-z0-9]{0,30}") {
            let separated = kebab(&name);
            prop_assert_eq!(folded(&separated), folded(&name));
            prop_assert_eq!(separated.to_lowercase(), separated.clone());
            prop_assert_eq!(snake(&name), separated.replace('-', "_"));
            if separated.contains('-') {
                prop_assert_eq!(kebab(&separated), separated);
            }
        }

        #[test]
        fn any_text_is_separated_without_a_panic(name in ".{0,40}") {
            kebab(&name);
            snake(&name);
            folded(&name);
        }
    }
}
