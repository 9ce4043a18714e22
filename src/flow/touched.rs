//! How far a write reaches: which pages an answer stands on, and which of them a write turns.
//!
//! Every answer stands on its service's page, on that of the service in its region, and on those of the words in its
//! operation's name that the reviewed table (`touched.tsv`) knows. A write turns its service's page, or less where that
//! was reviewed. Nobody looks at whose account it is: two identities may see the same things.

use crate::model::tables::lines_of;
use std::{collections::HashMap, sync::OnceLock};

/// Services whose writes are seen in their own region only. Reviewed by hand: what is not here may have replicas, copies
/// or global parts elsewhere, as buckets, keys, tables and clusters of databases have.
const REGIONAL: [&str; 26] = [
    "acm",
    "apigateway",
    "apigatewayv2",
    "athena",
    "autoscaling",
    "batch",
    "cloudwatch",
    "codebuild",
    "codepipeline",
    "ec2",
    "ecs",
    "eks",
    "elb",
    "elbv2",
    "emr",
    "firehose",
    "glue",
    "kinesis",
    "lambda",
    "logs",
    "resourcegroupstaggingapi",
    "scheduler",
    "sns",
    "sqs",
    "ssm",
    "stepfunctions",
];

/// Words in the names of their writes that are seen in other regions all the same.
const CROSSING: [(&str, &[&str]); 2] =
    [("cloudwatch", &["Dashboard"]), ("ec2", &["Copy", "Ipam", "Peering", "TransitGateway", "VpcEndpoint"])];

/// A line of the table.
struct Rule {
    service: &'static str,
    writes: Vec<&'static str>,
    words: Vec<&'static str>,
}

fn rules() -> &'static [Rule] {
    static RULES: OnceLock<Vec<Rule>> = OnceLock::new();
    RULES.get_or_init(|| {
        let lines = lines_of(include_str!("touched.tsv"));
        let rule = |line: &'static str| {
            let mut columns = line.split('\t');
            let service = columns.next()?;
            let mut list = || Some(columns.next()?.split(' ').filter(|word| *word != "-").collect());
            Some(Rule { service, writes: list()?, words: list()? })
        };
        lines.filter_map(rule).collect()
    })
}

/// The words of a service that the table knows.
fn words(service: &str) -> &'static [&'static str] {
    static WORDS: OnceLock<HashMap<&str, Vec<&str>>> = OnceLock::new();
    let all = WORDS.get_or_init(|| {
        let mut all: HashMap<&str, Vec<&str>> = HashMap::new();
        for rule in rules() {
            all.entry(rule.service).or_default().extend(&rule.words);
        }
        for words in all.values_mut() {
            words.sort_unstable();
            words.dedup();
        }
        all
    });
    all.get(service).map_or(&[], Vec::as_slice)
}

/// Whether a service's writes are seen in their own region only.
pub(super) fn is_regional(service: &str) -> bool {
    REGIONAL.contains(&service)
}

fn in_region(service: &str, region: &str) -> String {
    format!("{service}@{region}")
}

/// The pages that an answer stands on.
pub(super) fn under(service: &str, operation: &str, region: &str) -> Vec<String> {
    let mut pages = vec![service.to_owned()];
    if is_regional(service) {
        pages.push(in_region(service, region));
    }
    let known = words(service).iter().filter(|word| operation.contains(**word));
    pages.extend(known.map(|word| word_page(service, word, region)));
    pages
}

fn word_page(service: &str, word: &str, region: &str) -> String {
    let region = if is_regional(service) { region } else { "" };
    format!("{service}@{region}#{word}")
}

/// The pages that a write turns in its own service, where it is known to touch less than all of it.
pub(super) fn narrowly(service: &str, operation: &str, region: &str) -> Option<Vec<String>> {
    let rule = rules().iter().find(|rule| rule.service == service && rule.writes.contains(&operation))?;
    Some(rule.words.iter().map(|word| word_page(service, word, region)).collect())
}

/// The page that any other write turns in a service. What is written for all regions is seen in each of them.
pub(super) fn wholly(service: &str, operation: &str, region: &str) -> String {
    let crosses = CROSSING
        .iter()
        .any(|(of, words)| *of == service && words.iter().any(|word| operation.contains(word)));
    let crosses = crosses || region.ends_with("-global");
    if is_regional(service) && !crosses { in_region(service, region) } else { service.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        Class,
        catalog::{Catalog, DataPaths},
    };
    use proptest::prelude::*;

    #[test]
    fn the_tables_name_what_there_is() {
        let (catalog, paths) = (Catalog::default(), DataPaths::default());
        for service in REGIONAL.iter().chain(CROSSING.iter().map(|(service, _)| service)) {
            assert_eq!(&*catalog.service(service, &paths).unwrap().name, *service);
        }
        assert!(REGIONAL.is_sorted());
        for (service, words) in CROSSING {
            assert!(REGIONAL.contains(&service));
            let service = catalog.service(service, &paths).unwrap();
            for word in words {
                let mut writes = service.operations.iter().filter(|operation| operation.class != Class::Read);
                assert!(writes.any(|operation| operation.name.contains(word)), "{word}");
            }
        }
        for rule in rules() {
            let service = catalog.service(rule.service, &paths).unwrap();
            for write in &rule.writes {
                let operation =
                    service.operation(write).unwrap_or_else(|| panic!("{} has no {write}", service.name));
                assert_ne!(operation.class, Class::Read, "{write}");
                let of_write = rules()
                    .iter()
                    .filter(|other| other.service == rule.service && other.writes.contains(write));
                assert_eq!(of_write.count(), 1, "{write} is named twice");
            }
            for word in &rule.words {
                let mut reads = service.operations.iter().filter(|operation| operation.class == Class::Read);
                assert!(reads.any(|operation| operation.name.contains(word)), "{} {word}", service.name);
            }
        }
    }

    /// Each rule with its examples, for each of its writes.
    #[test]
    fn each_rule_touches_and_spares_its_examples() {
        let (catalog, paths) = (Catalog::default(), DataPaths::default());
        for line in lines_of(include_str!("touched.tsv")) {
            let [service, writes, words, touched, spared] =
                line.split('\t').collect::<Vec<_>>().try_into().unwrap();
            let model = catalog.service(service, &paths).unwrap();
            for write in writes.split(' ') {
                let turned = narrowly(service, write, "r").unwrap();
                let stale = |read: &str, region: &str| {
                    assert_eq!(model.operation(read).unwrap().class, Class::Read, "{read}");
                    under(service, read, region).iter().any(|page| turned.contains(page))
                };
                assert_eq!(words == "-", touched == "-", "{line}");
                assert!(touched == "-" || stale(touched, "r"), "{write} touches {touched}");
                assert!(!stale(spared, "r"), "{write} spares {spared}");
                let elsewhere = touched != "-" && stale(touched, "elsewhere");
                assert_eq!(elsewhere, touched != "-" && !REGIONAL.contains(&service), "{write} elsewhere");
            }
        }
    }

    #[test]
    fn other_writes_touch_their_service_in_one_region_or_in_all() {
        let stale = |service: &str, write: &str, read: &str, region: &str| {
            under(service, read, region).contains(&wholly(service, write, "here"))
        };
        for (service, write, read) in [
            ("ec2", "CreateVpc", "DescribeVpcs"),
            ("sqs", "CreateQueue", "ListQueues"),
            ("ec2", "RunInstances", "DescribeImages"),
        ] {
            assert!(narrowly(service, write, "here").is_none());
            assert!(stale(service, write, read, "here"), "{write}");
            assert!(!stale(service, write, read, "elsewhere"), "{write}");
        }
        for (service, write, read) in [
            ("s3", "CreateBucket", "ListBuckets"),
            ("dynamodb", "UpdateTable", "DescribeTable"),
            ("ec2", "CreateVpcPeeringConnection", "DescribeVpcPeeringConnections"),
            ("cloudwatch", "PutDashboard", "ListDashboards"),
        ] {
            assert!(
                stale(service, write, read, "here") && stale(service, write, read, "elsewhere"),
                "{write}"
            );
        }
    }

    proptest! {
        /// For any write and any read of a service, in any regions: the read is touched where the rules say so, and
        /// nowhere else. A write without a rule touches everything that it can be seen in; nothing reaches other services.
        #[test]
        fn a_write_reaches_what_its_rule_names_and_nothing_else(
            service in proptest::sample::select(REGIONAL.iter().copied().chain(["s3", "dynamodb", "iam", "kms"]).collect::<Vec<_>>()),
            other in proptest::sample::select(vec!["ec2", "s3", "sqs", "iam", "lambda"]),
            (write, read) in (any::<proptest::sample::Index>(), any::<proptest::sample::Index>()),
            (here, there) in ("[ab]", "[ab]"),
        ) {
            let (catalog, paths) = (Catalog::default(), DataPaths::default());
            let model = catalog.service(service, &paths).unwrap();
            let of = |class_is_read: bool, index: proptest::sample::Index| {
                let those: Vec<&str> = model.operations.iter()
                    .filter(|operation| (operation.class == Class::Read) == class_is_read)
                    .map(|operation| &*operation.name).collect();
                those[index.index(those.len())].to_owned()
            };
            let (write, read) = (of(false, write), of(true, read));
            let turned = narrowly(service, &write, &here).unwrap_or_else(|| vec![wholly(service, &write, &here)]);
            let touched = under(service, &read, &there).iter().any(|page| turned.contains(page));
            let rule = rules().iter().find(|rule| rule.service == service && rule.writes.contains(&&*write));
            let crosses = CROSSING.iter().any(|(of, words)| *of == service && words.iter().any(|word| write.contains(word)));
            let same_place = here == there || !REGIONAL.contains(&service) || (rule.is_none() && crosses);
            let named = rule.is_none_or(|rule| rule.words.iter().any(|word| read.contains(word)));
            prop_assert_eq!(touched, same_place && named, "{} {} {}", service, write, read);
            if other != service {
                prop_assert!(!under(other, &read, &here).iter().any(|page| turned.contains(page)));
            }
        }
    }
}
