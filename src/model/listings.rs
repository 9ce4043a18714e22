//! Which read lists the things that a parameter names: `DescribeInstances` those of `InstanceIds`.

use super::{Class, Flags, Kind, Member, Operation, Service, names::folded, tables::lines_of};
use std::sync::OnceLock;

/// A read that needs no parameters of the user, and where in its rows the names are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The service.
    pub service: String,
    /// The operation.
    pub operation: String,
    /// The column; `None` where the rows are the names.
    pub column: Option<String>,
    /// A parameter that bounds it to what is the user's own, with the one text in its list.
    pub bound: Option<(&'static str, &'static str)>,
}

/// How names end that call one thing.
const ENDS: [&str; 5] = ["arn", "id", "identifier", "name", "url"];

impl Listing {
    /// The listing of what a parameter of a service names: by the reviewed table, else by the model's names, where those
    /// leave no doubt.
    pub fn of(service: &Service, parameter: &Member) -> Option<Self> {
        if !takes_text(service, parameter) {
            return None;
        }
        if let Some(line) = reviewed(&service.name, &parameter.name) {
            return line.listing.clone();
        }
        derived(service, &parameter.name).or_else(|| reviewed("*", &parameter.name)?.listing.clone())
    }
}

/// One line of the table: whose parameters, and the listing; none where there is none.
struct Line {
    service: &'static str,
    parameters: Vec<&'static str>,
    listing: Option<Listing>,
}

fn table() -> &'static [Line] {
    static TABLE: OnceLock<Vec<Line>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let lines = lines_of(include_str!("listings.tsv"));
        lines.filter_map(line).collect()
    })
}

fn line(text: &'static str) -> Option<Line> {
    let mut columns = text.split('\t');
    let (service, parameters, of) = (columns.next()?, columns.next()?, columns.next()?);
    let listing = columns.next().map(|operation| Listing {
        service: of.into(),
        operation: operation.into(),
        column: columns.next().filter(|column| *column != "-").map(String::from),
        bound: columns.next().and_then(|bound| bound.split_once(':')),
    });
    Some(Line { service, parameters: parameters.split(' ').collect(), listing })
}

fn reviewed(service: &str, parameter: &str) -> Option<&'static Line> {
    table().iter().find(|line| line.service == service && line.parameters.contains(&parameter))
}

/// Whether a parameter is a text or a list of texts, of free choice.
fn takes_text(service: &Service, parameter: &Member) -> bool {
    match service.target(parameter).map(|shape| &shape.kind) {
        Some(Kind::List { member, .. }) => is_free_text(service, member),
        _ => is_free_text(service, parameter),
    }
}

fn is_free_text(service: &Service, member: &Member) -> bool {
    service.target(member).is_some_and(|shape| {
        !shape.sensitive && matches!(&shape.kind, Kind::String { values, .. } if values.is_empty())
    })
}

/// By the names of the model: `VpcIds` are the `VpcId` in the rows of `DescribeVpcs`.
fn derived(service: &Service, parameter: &str) -> Option<Listing> {
    let wanted = folded(parameter);
    let one = wanted.strip_suffix('s').unwrap_or(&wanted);
    let thing = ENDS.iter().find_map(|end| one.strip_suffix(end)).filter(|thing| !thing.is_empty())?;
    let things = plural(thing);
    let found = service.operations.iter().filter_map(|operation| {
        // `DescribeVpcs` and `ListVpcs` list VPCs; `DescribeVpcAttribute` does not.
        let verb = ["List", "Describe"]
            .iter()
            .position(|verb| operation.name.strip_prefix(verb).is_some_and(|rest| folded(rest) == things))?;
        Some((verb, listing(service, operation, one)?))
    });
    found.min_by_key(|(verb, _)| *verb).map(|(_, listing)| listing)
}

/// `policies` of `policy`.
fn plural(thing: &str) -> String {
    match thing.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ if thing.ends_with(['s', 'x']) || thing.ends_with("ch") => format!("{thing}es"),
        _ => format!("{thing}s"),
    }
}

/// The operation as a listing of what is called `one`, where its rows have that, and nothing else need be said.
fn listing(service: &Service, operation: &Operation, one: &str) -> Option<Listing> {
    let needs = service.members(operation.input).iter().any(|member| member.flags.has(Flags::REQUIRED));
    let [rows] = operation.rows.as_slice() else { return None };
    if operation.class != Class::Read || needs {
        return None;
    }
    let mut at = operation.output;
    let mut last: Option<&Member> = None;
    for step in &rows.path {
        let member = service.members(at).iter().find(|member| member.name == *step)?;
        let inner = match &service.target(member)?.kind {
            Kind::List { member, .. } => member.shape,
            _ => member.shape,
        };
        (at, last) = (Some(inner), Some(member));
    }
    let member = last?;
    let Kind::List { member: row, .. } = &service.target(member)?.kind else { return None };
    let column = if is_free_text(service, row) {
        if folded(&member.name).strip_suffix('s') != Some(one) {
            return None;
        }
        None
    } else {
        let columns = service.members(Some(row.shape)).iter();
        let mut fitting = columns.filter(|column| is_free_text(service, column));
        Some(fitting.find(|column| folded(&column.name) == one)?.name.to_string())
    };
    let (service, operation) = (service.name.to_string(), operation.name.to_string());
    Some(Listing { service, operation, column, bound: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalog::{Catalog, DataPaths};

    fn told(service: &str, operation: &str, parameter: &str) -> Option<String> {
        let service = Catalog::default().service(service, &DataPaths::default()).unwrap();
        let operation = service.operation(operation).unwrap();
        let parameter =
            service.members(operation.input).iter().find(|member| *member.name == *parameter).unwrap();
        let Listing { service, operation, column, .. } = Listing::of(&service, parameter)?;
        Some(format!("{service} {operation} {}", column.unwrap_or("-".into())))
    }

    #[test]
    fn parameters_lead_to_what_lists_them() {
        for (service, operation, parameter, listing) in [
            ("ec2", "DescribeInstances", "InstanceIds", "ec2 DescribeInstances InstanceId"),
            ("ec2", "DescribeSubnets", "SubnetIds", "ec2 DescribeSubnets SubnetId"),
            ("ec2", "DescribeSecurityGroups", "GroupIds", "ec2 DescribeSecurityGroups GroupId"),
            ("ec2", "RunInstances", "ImageId", "ec2 DescribeImages ImageId"),
            ("s3", "ListObjectsV2", "Bucket", "s3 ListBuckets Name"),
            ("lambda", "Invoke", "FunctionName", "lambda ListFunctions FunctionName"),
            ("sqs", "SendMessage", "QueueUrl", "sqs ListQueues -"),
            ("dynamodb", "DescribeTable", "TableName", "dynamodb ListTables -"),
            ("iam", "GetRole", "RoleName", "iam ListRoles RoleName"),
            ("lambda", "CreateFunction", "Role", ""),
            ("stepfunctions", "CreateStateMachine", "roleArn", "iam ListRoles Arn"),
            (
                "stepfunctions",
                "ListExecutions",
                "stateMachineArn",
                "stepfunctions ListStateMachines stateMachineArn",
            ),
            ("stepfunctions", "DescribeExecution", "executionArn", ""),
            ("logs", "DescribeLogStreams", "logGroupName", "logs DescribeLogGroups logGroupName"),
            ("ecs", "ListTasks", "cluster", "ecs ListClusters -"),
            (
                "rds",
                "DescribeDBInstances",
                "DBInstanceIdentifier",
                "rds DescribeDBInstances DBInstanceIdentifier",
            ),
            (
                "autoscaling",
                "SetDesiredCapacity",
                "AutoScalingGroupName",
                "autoscaling DescribeAutoScalingGroups AutoScalingGroupName",
            ),
            ("elbv2", "DescribeListeners", "LoadBalancerArn", "elbv2 DescribeLoadBalancers LoadBalancerArn"),
            ("ssm", "StartSession", "Target", ""),
            ("ssm", "SendCommand", "InstanceIds", "ec2 DescribeInstances InstanceId"),
            // Values that the model enumerates, and what is no text.
            ("ec2", "RunInstances", "InstanceType", ""),
            ("ec2", "RunInstances", "MaxCount", ""),
        ] {
            assert_eq!(
                told(service, operation, parameter).unwrap_or_default(),
                listing,
                "{service} {operation} {parameter}"
            );
        }
    }

    /// Every parameter of every operation: what leads anywhere leads to a read that is there and has that column.
    #[test]
    fn every_listing_exists() {
        let (catalog, paths) = (Catalog::default(), DataPaths::default());
        let (mut led, mut services, mut used) = (0, 0, std::collections::HashSet::new());
        for name in &*catalog.names(&paths).unwrap() {
            let service = catalog.service(name, &paths).unwrap();
            let before = led;
            for operation in &service.operations {
                for parameter in service.members(operation.input) {
                    let Some(found) = Listing::of(&service, parameter) else { continue };
                    led += 1;
                    let of = catalog.service(&found.service, &paths).unwrap();
                    let lists = of.operation(&found.operation).unwrap_or_else(|| panic!("{found:?}"));
                    assert_eq!(lists.class, Class::Read, "{found:?}");
                    assert!(!lists.rows.is_empty(), "{found:?}");
                    if let Some((bound, _)) = found.bound {
                        assert!(
                            of.members(lists.input).iter().any(|member| *member.name == *bound),
                            "{found:?}"
                        );
                    }
                    used.insert((found.service, found.operation));
                }
            }
            services += usize::from(led > before);
        }
        assert!(
            led > 8_000 && services > 250 && used.len() > 700,
            "{led} parameters, {services} services, {} listings",
            used.len()
        );
        for line in table() {
            if line.service == "*" {
                continue;
            }
            let service = catalog.service(line.service, &paths).unwrap();
            for parameter in &line.parameters {
                let mut inputs =
                    service.operations.iter().flat_map(|operation| service.members(operation.input));
                assert!(inputs.any(|member| *member.name == **parameter), "{} {parameter}", line.service);
            }
            if let Some(Listing { service, operation, column: Some(column), .. }) = &line.listing {
                let service = catalog.service(service, &paths).unwrap();
                let rows = &service.operation(operation).unwrap().rows;
                let [rows] = rows.as_slice() else { panic!("{operation} has several lists") };
                let mut path = rows.path.clone();
                path.push(column.as_str().into());
                assert!(
                    service.has_path(service.operation(operation).unwrap().output, &path),
                    "{operation} {column}"
                );
            }
        }
    }
}
