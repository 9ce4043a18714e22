//! How long an answer is good: by what it tells of, and by what the user says.

use crate::{
    config::{Settings, TtlRule},
    error::suggest::folded,
    model::tables::{Tables, lines_of},
};
use std::{collections::HashMap, sync::OnceLock, time::Duration};

/// How fast something changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pace {
    /// While one looks: states of instances, running executions; and what nobody reviewed.
    Hot,
    /// Lists that grow: objects, log streams, metrics.
    Listing,
    /// What people set up: networks, load balancers, functions, queues.
    Config,
    /// Who may do what: users, roles, keys, buckets, accounts.
    Identity,
    /// What AWS offers: instance types, versions of engines.
    Catalog,
    /// Never again: executions that ended.
    Final,
}

const MINUTE: u64 = 60;
const DAY: u64 = 24 * 60 * MINUTE;

impl Pace {
    /// All, the fastest first.
    pub const ALL: [Self; 6] =
        [Self::Hot, Self::Listing, Self::Config, Self::Identity, Self::Catalog, Self::Final];

    /// As `config`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hot => "hot",
            Self::Listing => "listing",
            Self::Config => "config",
            Self::Identity => "identity",
            Self::Catalog => "catalog",
            Self::Final => "final",
        }
    }

    /// What it is the pace of.
    pub fn about(self) -> &'static str {
        match self {
            Self::Hot => "changes while one looks, or nobody reviewed it",
            Self::Listing => "lists that grow",
            Self::Config => "what people set up",
            Self::Identity => "who may do what",
            Self::Catalog => "what AWS offers",
            Self::Final => "never changes again",
        }
    }

    /// How long an answer is good; `hot` where that is a setting.
    pub fn ttl(self, hot: Duration) -> Duration {
        let seconds = match self {
            Self::Hot => return hot,
            Self::Listing => MINUTE,
            Self::Config => 5 * MINUTE,
            Self::Identity => 10 * MINUTE,
            Self::Catalog => DAY,
            Self::Final => 7 * DAY,
        };
        Duration::from_secs(seconds)
    }

    /// For how long after that an answer may be given to who is in a hurry (`--stale`), while a new one is fetched.
    pub fn stale(self) -> Duration {
        let seconds = match self {
            Self::Hot => 30,
            Self::Listing => 5 * MINUTE,
            Self::Config | Self::Identity => 60 * MINUTE,
            Self::Catalog | Self::Final => 7 * DAY,
        };
        Duration::from_secs(seconds)
    }

    /// The pace of an operation's answers, by the reviewed table.
    pub fn of(service: &str, operation: &str) -> Self {
        let Some(of_service) = table().get(service) else { return Self::Hot };
        of_service.get(operation).or_else(|| of_service.get("*")).copied().unwrap_or(Self::Hot)
    }
}

type Table = HashMap<&'static str, HashMap<&'static str, Pace>>;

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = Table::new();
        for line in lines_of(include_str!("paces.tsv")) {
            let mut columns = line.split('\t');
            let (Some(pace), Some(service), Some(operations)) =
                (columns.next(), columns.next(), columns.next())
            else {
                continue;
            };
            let Some(pace) = Pace::ALL.into_iter().find(|known| known.name() == pace) else { continue };
            let of_service = table.entry(service).or_default();
            of_service.extend(operations.split(' ').map(|operation| (operation, pace)));
        }
        table
    })
}

/// How long an answer is good, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freshness {
    /// How long.
    pub ttl: Duration,
    /// The pace of what it tells of.
    pub pace: Pace,
    /// Who says so: a setting, a variable, or nobody but the table.
    pub said: Option<String>,
}

impl Freshness {
    /// Of the answers of an operation, where no flag says otherwise: an operation's own setting, else its service's, else
    /// its pace.
    pub fn of(service: &str, operation: &str, settings: &Settings) -> Self {
        let pace = Pace::of(service, operation);
        let fits = |rule: &&TtlRule| {
            Tables::means(&rule.service, service)
                && rule.operation.as_ref().is_none_or(|of| folded(of) == folded(operation))
        };
        let rules = settings.ttls.iter().filter(fits);
        // The one that says most wins; of equal ones the first, since variables come first.
        let rule = rules.rev().max_by_key(|rule| (rule.operation.is_some(), rule.service != "*"));
        match rule {
            Some(rule) => Self { ttl: rule.ttl, pace, said: Some(rule.origin.clone()) },
            None => Self { ttl: pace.ttl(settings.answer_ttl), pace, said: None },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::Environment,
        model::{
            Class,
            catalog::{Catalog, DataPaths},
        },
    };
    use nu_protocol::{Value, record};

    #[test]
    fn the_table_names_reads_that_there_are_once() {
        let (catalog, paths) = (Catalog::default(), DataPaths::default());
        let mut lines = 0;
        for line in lines_of(include_str!("paces.tsv")) {
            let [pace, service, operations] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
            assert!(Pace::ALL.iter().any(|known| known.name() == pace), "{line}");
            let service = catalog.service(service, &paths).unwrap();
            let operations: Vec<&str> = operations.split(' ').collect();
            assert!(operations.is_sorted(), "{line}");
            for operation in operations {
                assert_eq!(
                    Pace::of(&service.name, operation).name(),
                    pace,
                    "{} {operation} is named twice",
                    service.name
                );
                lines += 1;
                if operation == "*" {
                    continue;
                }
                let Some(operation) = service.operation(operation) else {
                    panic!("{} has no {operation}", service.name)
                };
                assert_eq!(operation.class, Class::Read, "{} {}", service.name, operation.name);
            }
        }
        assert!(lines > 300, "{lines}");
    }

    #[test]
    fn who_says_most_wins() {
        let seconds = |seconds: i64| Value::test_duration(seconds * 1_000_000_000);
        let ttls = Value::test_record(record! {
            "ec2" => seconds(1), "ec2:describe-vpcs" => seconds(2), "*" => seconds(3), "sns" => seconds(4), "sfn" => seconds(6),
        });
        let config =
            Value::test_record(record! { "cache" => Value::test_record(record! { "ttls" => ttls }) });
        let environment = Environment::new([("AWS_PERF_TTL_SNS".into(), "5sec".into())], "/");
        let settings = Settings::resolve(Some(&config), &environment).unwrap();
        let told = |service: &str, operation: &str| {
            let Freshness { ttl, said, .. } = Freshness::of(service, operation, &settings);
            (ttl.as_secs(), said.unwrap_or_default())
        };
        assert_eq!(told("ec2", "DescribeInstances"), (1, "plugin setting `cache.ttls.ec2`".into()));
        assert_eq!(told("ec2", "DescribeVpcs"), (2, "plugin setting `cache.ttls.ec2:describe-vpcs`".into()));
        assert_eq!(told("iam", "ListRoles").0, 3);
        assert_eq!(told("stepfunctions", "ListExecutions").0, 6, "by another name");
        assert_eq!(told("sns", "ListTopics"), (5, "variable AWS_PERF_TTL_SNS".into()));
        let plain = Settings::resolve(None, &Environment::default()).unwrap();
        let told = |service: &str, operation: &str| Freshness::of(service, operation, &plain).ttl.as_secs();
        assert_eq!(told("ec2", "DescribeInstances"), 10);
        assert_eq!(told("ec2", "DescribeVpcs"), 300);
        assert_eq!(told("iam", "ListRoles"), 600);
        assert_eq!(told("pricing", "GetProducts"), 86_400);
        assert_eq!(told("nobody", "ListNothing"), 10);
        let all = Environment::new([("AWS_PERF_TTL".into(), "1sec".into())], "/");
        let settings = Settings::resolve(Some(&config), &all).unwrap();
        let told =
            |service: &str, operation: &str| Freshness::of(service, operation, &settings).ttl.as_secs();
        assert_eq!(
            (told("iam", "ListRoles"), told("ec2", "DescribeVpcs")),
            (1, 2),
            "variables win over settings"
        );
    }

    #[test]
    fn wrong_settings_are_told() {
        for (name, value) in
            [("AWS_PERF_TTL_EC2", "soon"), ("AWS_PERF_TTL_EC2", "0sec"), ("AWS_PERF_TTL_EC2", "900000000sec")]
        {
            let environment = Environment::new([(name.to_string(), value.to_string())], "/");
            let error = Settings::resolve(None, &environment).unwrap_err();
            assert!(error.message().contains(name), "{}", error.message());
        }
        let ttls = Value::test_record(record! { "ec2" => Value::test_string("soon") });
        let config =
            Value::test_record(record! { "cache" => Value::test_record(record! { "ttls" => ttls }) });
        let error = Settings::resolve(Some(&config), &Environment::default()).unwrap_err();
        assert!(error.message().contains("cache.ttls.ec2"), "{}", error.message());
    }
}
