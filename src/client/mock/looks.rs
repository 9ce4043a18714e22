//! What a text looks like, by the names of its member, shape and structure. Not a model of AWS: enough that pipelines
//! written for real answers find ids, ARNs, names and addresses of the right form.

use super::{
    mix,
    names::{kebab, resource, stem},
    plan::{Level, Place, World},
    text::{Style, Text},
};

/// Prefixes of ids, by the resource that the id names. They hold in every service: an RDS instance's `VpcId` is EC2's.
const IDS: [(&str, &str); 34] = [
    ("allocation", "eipalloc-"),
    ("association", "assoc-"),
    ("attachment", "attach-"),
    ("customer-gateway", "cgw-"),
    ("dhcp-options", "dopt-"),
    ("egress-only-internet-gateway", "eigw-"),
    ("file-system", "fs-"),
    ("flow-log", "fl-"),
    ("group", "sg-"),
    ("image", "ami-"),
    ("instance", "i-"),
    ("internet-gateway", "igw-"),
    ("key-pair", "key-"),
    ("launch-template", "lt-"),
    ("mount-target", "fsmt-"),
    ("nat-gateway", "nat-"),
    ("network-acl", "acl-"),
    ("network-interface", "eni-"),
    ("placement-group", "pg-"),
    ("prefix-list", "pl-"),
    ("reservation", "r-"),
    ("route-table", "rtb-"),
    ("security-group", "sg-"),
    ("security-group-rule", "sgr-"),
    ("snapshot", "snap-"),
    ("spot-instance-request", "sir-"),
    ("subnet", "subnet-"),
    ("transit-gateway", "tgw-"),
    ("volume", "vol-"),
    ("vpc", "vpc-"),
    ("vpc-endpoint", "vpce-"),
    ("vpc-peering-connection", "pcx-"),
    ("vpn-connection", "vpn-"),
    ("vpn-gateway", "vgw-"),
];

/// ARNs of resources that other services' answers name: resource, service, what stands before the name.
const ARNS: [(&str, &str, &str); 18] = [
    ("bucket", "s3", ""),
    ("caller-identity", "iam", "user/"),
    ("certificate", "acm", "certificate/"),
    ("function", "lambda", "function:"),
    ("instance-profile", "iam", "instance-profile/"),
    ("key", "kms", "key/"),
    ("load-balancer", "elasticloadbalancing", "loadbalancer/app/"),
    ("log-group", "logs", "log-group:"),
    ("policy", "iam", "policy/"),
    ("queue", "sqs", ""),
    ("role", "iam", "role/"),
    ("secret", "secretsmanager", "secret:"),
    ("security-group", "ec2", "security-group/"),
    ("state-machine", "states", "stateMachine:"),
    ("subnet", "ec2", "subnet/"),
    ("target-group", "elasticloadbalancing", "targetgroup/"),
    ("topic", "sns", ""),
    ("user", "iam", "user/"),
];

/// Services whose ARNs have a colon behind the resource's type.
const COLON: [&str; 7] = ["cloudwatch", "elasticache", "lambda", "logs", "rds", "redshift", "states"];
/// Services whose ARNs name no region.
const GLOBAL: [&str; 6] = ["cloudfront", "iam", "organizations", "route53", "s3", "globalaccelerator"];

/// The account that everything belongs to: AWS's own example.
const ACCOUNT: &str = "123456789012";
/// Things that rows refer to come from this many.
const REFERENCES: u64 = 5;

/// The text of a member.
pub(super) fn text(world: &World<'_>, place: &Place<'_>) -> Text {
    let name = kebab(place.member);
    let shape = kebab(place.shape);
    let is = |words: &[&str]| words.contains(&name.as_str());
    let ends = |words: &[&str]| words.iter().any(|word| name.ends_with(word));
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    let parent = resource(place.parent);
    let in_tag = parent.ends_with("tag");

    if ends(&["arn"]) || (shape.ends_with("arn") && !ends(&["name"])) {
        return arn(world, place);
    }
    let style = if ends(&["account", "account-id", "owner-id", "account-number", "registry-id"]) {
        Style::Fixed(ACCOUNT.into())
    } else if ends(&["region", "region-name"]) {
        Style::Fixed(world.region.into())
    } else if ends(&["availability-zone", "availability-zone-name"])
        || is(&["zone-name"])
        || (is(&["name"]) && parent == "availability-zone")
    {
        Style::Cycle(["a", "b", "c"].iter().map(|zone| format!("{}{zone}", world.region).into()).collect(), 0)
    } else if in_tag && is(&["key", "tag-key"]) {
        Style::Cycle(["Name", "Environment", "Team"].map(Into::into).into(), 0)
    } else if in_tag && is(&["value", "tag-value"]) {
        Style::Cycle(["mock", "production", "platform"].map(Into::into).into(), 0)
    } else if has(&["email"]) {
        Style::Numbered("user-".into(), "@example.com")
    } else if has(&["mac-address"]) {
        Style::Mac
    } else if has(&["ipv6-cidr"]) {
        Style::Fixed("2001:db8::/56".into())
    } else if has(&["cidr"]) {
        Style::Cidr
    } else if has(&["ipv6"]) {
        Style::Ipv6
    } else if ends(&["ip-address", "ipv4-address", "-ip"]) || is(&["ip"]) {
        if has(&["public", "external", "source", "elastic"]) { Style::PublicIp } else { Style::PrivateIp }
    } else if is(&["queue-url"]) {
        let host = format!("https://sqs.{}.amazonaws.com/{ACCOUNT}/queue-", world.region);
        Style::Numbered(host, "")
    } else if has(&["s3-uri", "s3-url", "s3-path"]) {
        Style::Numbered("s3://bucket-000001/".into(), "")
    } else if ends(&["url", "uri"]) {
        Style::Numbered("https://example.com/".into(), "")
    } else if ends(&["dns-name", "hostname", "host-name", "domain-name", "domain", "endpoint"])
        || (is(&["address"]) && parent.ends_with("endpoint"))
    {
        Style::Numbered(format!("{}-", stem(place.member, place.parent)), ".example.com")
    } else if ends(&["e-tag", "etag"]) {
        Style::Hex(world.hash(place), 32)
    } else if has(&["md5", "sha1", "sha256", "sha512", "crc", "xxhash"])
        || ends(&["hash", "digest", "checksum", "fingerprint"])
    {
        Style::Hex(world.hash(place), 40)
    } else if ends(&["version"]) {
        Style::Fixed("1".into())
    } else if ends(&["policy", "policy-document", "policy-text"]) {
        Style::Fixed(r#"{"Version":"2012-10-17","Statement":[]}"#.into())
    } else if is(&["definition"]) {
        Style::Fixed(r#"{"StartAt":"Done","States":{"Done":{"Type":"Succeed"}}}"#.into())
    } else if is(&["content-type"]) {
        Style::Fixed("application/octet-stream".into())
    } else if is(&["device-name"]) {
        Style::Cycle(["/dev/xvda", "/dev/xvdb"].map(Into::into).into(), 0)
    } else if ends(&["document", "json", "input", "output", "detail", "payload", "body"]) {
        Style::Numbered(r#"{"mock": "item-"#.into(), r#""}"#)
    } else if ends(&["status", "state", "phase"]) {
        Style::Fixed("ACTIVE".into())
    } else if ends(&["date", "timestamp", "date-time"])
        || (ends(&["time", "ed-at", "ed-on"]) && !ends(&["runtime"]))
    {
        Style::Fixed("2024-01-01T00:00:00Z".into())
    } else if ends(&["count", "size", "port", "quantity", "amount"]) || shape.contains("number") {
        Style::Digits
    } else if is(&["key"]) && world.service == "s3" {
        Style::Numbered(format!("{}object-", world.key_prefix), "")
    } else if is(&["access-key-id"]) {
        Style::Numbered("AKIAMOCK000000".into(), "")
    } else if ends(&["-id", "-ids"]) || is(&["id"]) {
        return refer(place, id(world, place));
    } else {
        return refer(place, Style::Numbered(format!("{}-", stem(place.member, place.parent)), ""));
    };
    Text::new(style)
}

fn id(world: &World<'_>, place: &Place<'_>) -> Style {
    let of = stem(place.member, place.parent);
    match IDS.binary_search_by(|(resource, _)| (*resource).cmp(of.as_str())).ok().and_then(|at| IDS.get(at)) {
        Some((_, prefix)) => {
            let salt = mix::bytes(world.seed, prefix.as_bytes()) & 0x0FFF_FFFF;
            Style::Resource(format!("{prefix}0{salt:07x}"))
        }
        None => Style::Uuid(mix::bytes(world.seed, of.as_bytes())),
    }
}

fn arn(world: &World<'_>, place: &Place<'_>) -> Text {
    let of = stem(place.member, place.parent);
    let of = if of.is_empty() || of == "arn" { resource(place.parent) } else { of };
    let known = ARNS.iter().find(|(resource, ..)| {
        of == *resource || of.strip_suffix(resource).is_some_and(|rest| rest.ends_with('-'))
    });
    let separator = if COLON.contains(&world.signing_name) { ':' } else { '/' };
    let own = || (world.signing_name, format!("{of}{separator}"));
    let (service, before) = known.map_or_else(own, |(_, service, before)| (service, (*before).to_string()));
    let region = if GLOBAL.contains(&service) { "" } else { world.region };
    let account = if service == "s3" { "" } else { ACCOUNT };
    let before = format!("arn:{}:{service}:{region}:{account}:{before}", world.partition());
    match &world.made {
        Some((made, name)) if place.level == Level::Answer && *made == of => {
            Text::new(Style::Fixed(before + name))
        }
        _ => refer(place, Style::Numbered(format!("{before}{of}-"), "")),
    }
}

/// A row's own name has the row's number; what it merely refers to is one of a few.
fn refer(place: &Place<'_>, style: Style) -> Text {
    let refers = ["-id", "-arn", "-name", "-identifier"].iter().any(|end| kebab(place.member).ends_with(end));
    let mut text = Text::new(style);
    text.modulo = match place.level {
        Level::Answer => None,
        Level::Row => (refers && !is_own(place)).then_some(REFERENCES),
        Level::Inner => refers.then_some(REFERENCES),
    };
    text
}

/// Whether a member names the very thing that its structure describes.
pub(super) fn is_own(place: &Place<'_>) -> bool {
    let (owner, named) = (resource(place.parent), stem(place.member, place.parent));
    owner.starts_with(&named) || named.ends_with(&owner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use nu_protocol::Span;

    fn written(member: &str, parent: &str, level: Level, number: u64) -> String {
        let world = World {
            service: "ec2",
            signing_name: "ec2",
            region: "cn-north-1",
            seed: 1,
            salt: 2,
            made: None,
            key_prefix: "",
            span: Span::test_data(),
        };
        text(&world, &Place { member, shape: "String", parent, level }).write(number)
    }

    #[test]
    fn prefixes_can_be_searched() {
        assert!(IDS.is_sorted_by(|(left, _), (right, _)| left < right));
    }

    #[test]
    fn names_decide() {
        for (member, parent, expected) in [
            ("VpcArn", "Vpc", "arn:aws-cn:ec2:cn-north-1:123456789012:vpc/vpc-000007"),
            ("RoleArn", "Vpc", "arn:aws-cn:iam::123456789012:role/role-000007"),
            ("BucketArn", "Bucket", "arn:aws-cn:s3:::bucket-000007"),
            ("OwnerId", "Vpc", "123456789012"),
            ("AvailabilityZone", "Subnet", "cn-north-1b"),
            ("Key", "Tag", "Environment"),
            ("PrivateIpAddress", "Instance", "10.0.0.7"),
            ("Name", "DBInstance", "db-instance-000007"),
            ("DnsName", "LoadBalancer", "dns-000007.example.com"),
        ] {
            assert_eq!(written(member, parent, Level::Answer, 7), expected, "{member}");
        }
    }

    #[test]
    fn rows_have_their_own_id_and_share_what_they_refer_to() {
        let id = |member, parent, number| written(member, parent, Level::Row, number);
        assert_ne!(id("VpcId", "Vpc", 1), id("VpcId", "Vpc", 6));
        assert_eq!(id("VpcId", "Instance", 1), id("VpcId", "Instance", 6));
        assert_eq!(id("VpcId", "Instance", 1), id("VpcId", "Vpc", 1));
        assert!(id("VpcId", "Vpc", 1).starts_with("vpc-0") && id("VpcId", "Vpc", 1).len() == 21);
    }
}
