//! Writes: what was answered before is old then, also of other services that see the same things.

use super::{Keeper, kept::parse_key, touched};
use crate::{
    cache::{Cache, Kind, Scope},
    client::{Caller, Transport},
    model::Class,
    request::Request,
};
use nu_protocol::{Record, Value};
use std::{collections::HashSet, sync::Arc};

/// A write that is under way. What was answered before it is forgotten when it begins, for whoever reads meanwhile, and when
/// it ends, since only then it is so; also where it is interrupted, and nobody knows the outcome.
#[derive(Debug)]
pub struct Writing {
    cache: Arc<Cache>,
    scope: Scope,
    pages: Vec<String>,
}

impl Keeper {
    /// Begins a write, which lasts until the outcome is dropped. `None` for what changes nothing.
    pub fn writing(&self, caller: &Caller, request: &Request, scope: &Scope) -> Option<Writing> {
        let writes = request.operation.class != Class::Read && caller.transport() == Transport::Network;
        writes.then(|| {
            let (cache, pages) = (self.cache.clone(), stale_after(request, caller.answers_of()));
            let writing = Writing { cache, scope: scope.clone(), pages };
            writing.turn_pages();
            writing
        })
    }

    /// What was waited for is seen by whoever reads after, in any shell.
    pub fn waited(&self, caller: &Caller, request: &Request, scope: &Scope) {
        if caller.transport() != Transport::Network {
            return;
        }
        let (service, operation, region) =
            (&*request.service.name, &request.operation.name, caller.answers_of());
        for one in together(service) {
            self.cache.turn_page(scope, &touched::wholly(&one, operation, region));
        }
        if BUILDERS.contains(&service) {
            let scope = scope.clone().reaching_all();
            let mut answers = self.list(&scope);
            answers.retain(|entry| {
                let here = parse_key(&entry.key).is_some_and(|[_, of, service, ..]| {
                    of == region || of.ends_with("-global") || !touched::is_regional(&service)
                });
                // Names are of use when they are old, too.
                here && matches!(entry.kind, Kind::Answer | Kind::Stream)
            });
            self.forget(&scope, answers);
        }
    }
}

impl Writing {
    fn turn_pages(&self) {
        for page in &self.pages {
            self.cache.turn_page(&self.scope, page);
        }
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        self.turn_pages();
    }
}

/// Services over one store. Reviewed by hand.
const TOGETHER: [&[&str]; 13] = [
    &["account", "organizations"],
    &["apigateway", "apigatewayv2"],
    &["codeconnections", "codestar-connections"],
    &["docdb", "neptune", "rds"],
    &["dynamodb", "dynamodbstreams"],
    &["es", "opensearch"],
    &["kinesisanalytics", "kinesisanalyticsv2"],
    &["qconnect", "wisdom"],
    &["route53", "servicediscovery"],
    &["s3", "s3control"],
    &["pinpoint-email", "ses", "sesv2"],
    &["waf", "wafv2"],
    &["identitystore", "sso-admin"],
];

/// What writes change in another service by the time they answer: service (`*` is any), a word in the write's name, the other
/// service. Reviewed by hand; what comes later, no write can foresee.
const ALSO: [(&str, &str, &str); 23] = [
    ("*", "DelegatedAdmin", "organizations"),
    ("*", "OrganizationAdmin", "organizations"),
    ("*", "WithAwsOrganization", "organizations"),
    ("account", "Region", "ec2"),
    // Policies of target tracking come and go with their alarms.
    ("application-autoscaling", "ScalableTarget", "cloudwatch"),
    ("application-autoscaling", "ScalingPolicy", "cloudwatch"),
    ("autoscaling", "DeleteAutoScalingGroup", "cloudwatch"),
    ("autoscaling", "Policy", "cloudwatch"),
    ("autoscaling", "TerminateInstance", "ec2"),
    ("backup", "RecoveryPoint", "ec2"),
    ("ebs", "Snapshot", "ec2"),
    ("ec2", "VpnGateway", "directconnect"),
    ("efs", "MountTarget", "ec2"),
    ("elasticbeanstalk", "StorageLocation", "s3"),
    // A security group, where none is named; network interfaces.
    ("elb", "LoadBalancer", "ec2"),
    ("elbv2", "LoadBalancer", "ec2"),
    // One catalog of data.
    ("glue", "Database", "athena"),
    ("glue", "Table", "athena"),
    ("greengrassv2", "Deployment", "iot"),
    ("iot", "Job", "iot-jobs-data"),
    ("iot-jobs-data", "Job", "iot"),
    ("waf-regional", "WebACL", "apigateway"),
    ("wafv2", "WebACL", "apigateway"),
];

/// Services that change in their own time what other services tell of.
const BUILDERS: [&str; 2] = ["cloudcontrol", "cloudformation"];

/// Sees the tags of all services, and writes them.
const TAGGING: &str = "resourcegroupstaggingapi";

/// Has groups of what bears a tag.
const GROUPS: &str = "resource-groups";

/// How ARNs call services whose models have other names, or several.
const IN_ARNS: [(&str, &[&str]); 9] = [
    ("airflow", &["mwaa"]),
    ("aps", &["amp"]),
    ("cassandra", &["keyspaces"]),
    ("elasticfilesystem", &["efs"]),
    ("elasticloadbalancing", &["elb", "elbv2"]),
    ("elasticmapreduce", &["emr"]),
    ("execute-api", &["apigateway", "apigatewayv2"]),
    ("states", &["stepfunctions"]),
    ("wisdom", &["qconnect", "wisdom"]),
];

/// The pages that a write turns: those that its rule names, else those of all services that see the same, its own first.
fn stale_after(request: &Request, region: &str) -> Vec<String> {
    let own = request.service.name.to_string();
    let operation = &request.operation.name;
    if let Some(mut pages) = touched::narrowly(&own, operation, region) {
        // Objects' tags are in no service's lists but their own.
        if own != "s3" && has_tags(&request.input) {
            pages.extend(tagged_pages(&own, operation, region));
        }
        return pages;
    }
    let mut all = vec![own.clone()];
    all.extend(together(&own));
    if own == TAGGING {
        all.extend(tagged(request).iter().flat_map(|service| together(service)));
    }
    let also = ALSO.iter().filter(|(of, word, _)| (*of == own || *of == "*") && operation.contains(word));
    all.extend(also.map(|(.., other)| (*other).to_owned()));
    let mut seen = HashSet::new();
    all.retain(|service| seen.insert(service.clone()));
    let mut pages: Vec<String> =
        all.iter().map(|service| touched::wholly(service, operation, region)).collect();
    if own == TAGGING || changes_tags(request) {
        pages.extend(tagged_pages(&own, operation, region));
    }
    pages
}

/// The pages of those who see the tags of a service, itself left out.
fn tagged_pages(own: &str, operation: &str, region: &str) -> Vec<String> {
    // What has no region is told in several.
    let everywhere = !touched::is_regional(own);
    let tagging = if everywhere { TAGGING.into() } else { touched::wholly(TAGGING, operation, region) };
    let both = [(TAGGING, tagging), (GROUPS, GROUPS.into())];
    both.into_iter().filter(|(service, _)| *service != own).map(|(_, page)| page).collect()
}

/// How writes begin that bring tags along from elsewhere.
const BRINGS_TAGS: [&str; 4] = ["Copy", "Import", "Restore", "Run"];

/// Whether tags come or go: they are written, something is made with them, or what may have some is removed.
fn changes_tags(request: &Request) -> bool {
    let name = &request.operation.name;
    request.operation.class == Class::Destructive
        || name.contains("Tag")
        || BRINGS_TAGS.iter().any(|verb| name.starts_with(verb))
        || has_tags(&request.input)
}

fn has_tags(input: &Record) -> bool {
    fn within(value: &Value) -> bool {
        match value {
            Value::Record { val, .. } => has_tags(val),
            Value::List { vals, .. } => vals.iter().any(within),
            _ => false,
        }
    }
    input.iter().any(|(name, value)| name.contains("Tag") || name.starts_with("tag") || within(value))
}

fn together(service: &str) -> Vec<String> {
    let group = TOGETHER.iter().find(|group| group.contains(&service));
    group
        .map_or_else(|| vec![service.to_owned()], |group| group.iter().map(|&name| name.to_owned()).collect())
}

/// The services of the resources that a call of the tagging service names.
fn tagged(request: &Request) -> Vec<String> {
    let Some(Value::List { vals, .. }) = request.input.get("ResourceARNList") else { return Vec::new() };
    let services = vals.iter().filter_map(|arn| arn.as_str().ok()?.split(':').nth(2));
    services
        .flat_map(|service| match IN_ARNS.iter().find(|(name, _)| *name == service) {
            Some((_, names)) => names.iter().map(|&name| name.to_owned()).collect(),
            None => vec![service.to_owned()],
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalog::{Catalog, DataPaths};
    use nu_protocol::{Span, record};

    fn stale(service: &str, operation: &str, input: Record) -> Vec<String> {
        stale_in("r", service, operation, input)
    }

    fn stale_in(region: &str, service: &str, operation: &str, input: Record) -> Vec<String> {
        let (catalog, paths) = (Catalog::default(), DataPaths::default());
        let service = catalog.service(service, &paths).unwrap();
        let operation = service.operation(operation).unwrap().clone();
        stale_after(&Request { service, operation, input, span: Span::test_data() }, region)
    }

    #[test]
    fn the_tables_name_services_that_there_are() {
        let (catalog, paths) = (Catalog::default(), DataPaths::default());
        let groups = TOGETHER.iter().copied().chain(IN_ARNS.iter().map(|(_, names)| *names));
        let named = groups.chain([&BUILDERS[..]]).flatten();
        let also = ALSO.iter().flat_map(|(service, _, other)| [service, other]).filter(|name| **name != "*");
        for service in named.chain([&TAGGING, &GROUPS]).chain(also) {
            assert_eq!(&*catalog.service(service, &paths).unwrap().name, *service);
        }
        for (service, word, _) in ALSO.iter().filter(|(service, ..)| *service != "*") {
            let service = catalog.service(service, &paths).unwrap();
            let mut writes = service.operations.iter().filter(|operation| operation.class != Class::Read);
            assert!(writes.any(|operation| operation.name.contains(word)), "{word}");
        }
        assert!(ALSO.is_sorted());
        assert!(IN_ARNS.is_sorted_by_key(|(name, _)| *name));
    }

    #[test]
    fn a_write_reaches_who_sees_the_same() {
        let none = Record::new;
        assert_eq!(stale("sqs", "CreateQueue", none()), ["sqs@r"]);
        assert_eq!(stale("sqs", "SendMessage", none()), ["sqs@r#QueueAttributes"]);
        assert_eq!(stale("rds", "ModifyDBInstance", none()), ["rds", "docdb", "neptune"]);
        assert_eq!(stale("dynamodb", "UpdateTable", none()), ["dynamodb", "dynamodbstreams"]);
        assert_eq!(
            stale("application-autoscaling", "PutScalingPolicy", none()),
            ["application-autoscaling", "cloudwatch@r"]
        );
        assert_eq!(stale("glue", "CreateTable", none()), ["glue@r", "athena@r"]);
        let enabled = stale_in("aws-global", "account", "EnableRegion", none());
        assert_eq!(enabled, ["account", "organizations", "ec2"]);
        assert_eq!(
            stale("guardduty", "EnableOrganizationAdminAccount", none()),
            ["guardduty", "organizations"]
        );
        assert_eq!(
            stale("servicediscovery", "CreatePrivateDnsNamespace", none()),
            ["servicediscovery", "route53"]
        );
        let here = "resourcegroupstaggingapi@r";
        assert_eq!(stale("ec2", "CreateTags", none()), ["ec2@r", here, GROUPS]);
        let given = |name: &str| record! { name => Value::test_nothing() };
        assert_eq!(stale("sqs", "CreateQueue", given("tags")), ["sqs@r", here, GROUPS]);
        assert_eq!(stale("ec2", "RunInstances", given("TagSpecifications")), ["ec2@r", here, GROUPS]);
        assert_eq!(stale("sqs", "DeleteQueue", none()), ["sqs@r", here, GROUPS]);
        assert_eq!(stale("s3", "DeleteBucket", none()), ["s3", "s3control", TAGGING, GROUPS]);
        assert_eq!(stale("ecs", "RunTask", given("propagateTags"))[4..], [here, GROUPS]);
        assert_eq!(stale("s3", "PutObject", given("Tagging")), ["s3@#Object"]);
        let several = record! { "Workspaces" => Value::test_list(vec![Value::test_record(given("Tags"))]) };
        assert_eq!(stale("workspaces", "CreateWorkspaces", several), ["workspaces", TAGGING, GROUPS]);
        let nested = record! { "CreateBucketConfiguration" => Value::test_record(given("Tags")) };
        assert_eq!(stale("s3", "CreateBucket", nested), ["s3", "s3control", TAGGING, GROUPS]);
        let arns = [
            "arn:aws:states:eu-west-1:1:stateMachine:m",
            "arn:aws:elasticloadbalancing:eu-west-1:1:x",
            "arn:aws:s3:::b",
        ];
        let list = Value::test_list(arns.map(Value::test_string).into());
        assert_eq!(
            stale(TAGGING, "TagResources", record! { "ResourceARNList" => list }),
            ["resourcegroupstaggingapi@r", "stepfunctions@r", "elb@r", "elbv2@r", "s3", "s3control", GROUPS]
        );
    }
}
