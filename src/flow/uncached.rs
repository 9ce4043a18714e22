//! Which answers are kept: those that tell what there is, unless they are moments, messages, tokens or secrets.

use crate::{
    error::suggest::folded,
    model::{Class, Operation, Service, tables::Tables},
    request::streaming_output,
};

/// How operations begin whose answers tell what there is. Others compute, sign, ask data or hand out something, and are
/// asked each time.
const VERBS: [&str; 6] = ["BatchDescribe", "BatchGet", "Describe", "Get", "Head", "List"];

/// Words in the names of operations that hand out what is good once or for one only.
const WORDS: [&str; 9] =
    ["Credential", "Iterator", "Message", "Password", "Record", "Secret", "Token", "Uri", "Url"];

/// More such operations, whose names do not tell: keys, decrypted parameters, exports, shadows and items that others
/// change all the time, signed URLs within an answer, the tail of something that grows.
const NEVER: [(&str, &[&str]); 20] = [
    ("apigateway", &["GetApiKey", "GetApiKeys", "GetExport", "GetSdk"]),
    ("cloudwatchomni", &["GetSpaceDataAccess"]),
    ("codepipeline", &["GetJobDetails", "GetThirdPartyJobDetails"]),
    ("cognito-identity", &["GetId"]),
    ("datazone", &["GetConnection"]),
    ("dynamodb", &["BatchGetItem", "GetItem"]),
    ("ec2", &["GetConsoleOutput", "GetConsoleScreenshot"]),
    ("emr", &["GetSessionEndpoint"]),
    ("emr-serverless", &["GetSessionEndpoint"]),
    ("gamelift", &["GetComputeAccess", "GetInstanceAccess"]),
    ("glue", &["GetSessionEndpoint"]),
    ("iotdata", &["GetThingShadow"]),
    ("kms", &["GetParametersForImport"]),
    ("lambda", &["GetFunction", "GetLayerVersion", "GetLayerVersionByArn"]),
    ("lightsail", &["GetBucketAccessKeys", "GetInstanceAccessDetails"]),
    ("logs", &["GetLogEvents", "GetQueryResults"]),
    ("s3control", &["GetDataAccess"]),
    ("signer", &["GetRevocationStatus"]),
    ("ssm", &["GetParameter", "GetParameterHistory", "GetParameters", "GetParametersByPath"]),
    ("stepfunctions", &["GetActivityTask"]),
];

/// Answers that AWS marks as sensitive and that hold no secret: what is marked there is a name, the mail address of an
/// account, a tag, a comment, a network address, the id of a key, a token of the next page, or a password that AWS itself
/// returns as asterisks (RDS and Redshift). Reviewed member by member; what a user wrote freely, such as environments,
/// definitions and parameters, is not here.
const HARMLESS: [(&str, &[&str]); 15] = [
    ("account", &["GetAccountInformation"]),
    ("backup", &["GetBackupPlan", "ListTags"]),
    (
        "cloudfront",
        &[
            "ListDistributions",
            "ListDistributionsByAnycastIpListId",
            "ListDistributionsByConnectionFunction",
            "ListDistributionsByConnectionMode",
            "ListDistributionsByRealtimeLogConfig",
            "ListDistributionsByTrustStore",
            "ListDistributionsByWebACLId",
        ],
    ),
    ("cognito-idp", &["ListUserPoolClients"]),
    ("grafana", &["DescribeWorkspace", "ListWorkspaces"]),
    (
        "organizations",
        &[
            "DescribeAccount",
            "DescribeCreateAccountStatus",
            "DescribeOrganization",
            "ListAccounts",
            "ListAccountsForParent",
            "ListAccountsWithInvalidEffectivePolicy",
            "ListCreateAccountStatus",
            "ListDelegatedAdministrators",
        ],
    ),
    ("pipes", &["ListPipes", "ListTagsForResource"]),
    ("rds", &["DescribeDBClusters", "DescribeDBInstances", "DescribeTenantDatabases"]),
    ("redshift", &["DescribeClusters"]),
    ("redshift-serverless", &["GetNamespace", "ListNamespaces"]),
    ("resource-explorer-2", &["BatchGetView", "GetIndex", "GetView", "ListTagsForResource"]),
    (
        "s3",
        &[
            "GetBucketEncryption",
            "GetBucketInventoryConfiguration",
            "HeadObject",
            "ListBucketInventoryConfigurations",
        ],
    ),
    (
        "ssm",
        &[
            "DescribeInstanceInformation",
            "DescribeInstancePatchStates",
            "DescribeInstancePatchStatesForPatchGroup",
            "DescribeInstanceProperties",
            "DescribeMaintenanceWindows",
            "GetMaintenanceWindow",
            "ListNodes",
        ],
    ),
    ("stepfunctions", &["DescribeStateMachineAlias"]),
    ("storagegateway", &["DescribeGatewayInformation"]),
];

/// Whether a table names an operation.
fn names(table: &[(&str, &[&str])], service: &str, operation: &str) -> bool {
    table.iter().any(|(of, operations)| *of == service && operations.contains(&operation))
}

/// Whether the answers of an operation may be kept. `allowed` are the sensitive ones that the user wants kept.
pub fn may_be_kept(service: &Service, operation: &Operation, allowed: &[(String, String)]) -> bool {
    let (of, name) = (&*service.name, &*operation.name);
    let begins = |verb: &&str| {
        name.strip_prefix(*verb).is_some_and(|rest| !rest.starts_with(|c: char| c.is_lowercase()))
    };
    let fits = |pattern: &str| pattern == "*" || folded(pattern) == folded(name);
    let is_allowed = || {
        names(&HARMLESS, of, name)
            || allowed.iter().any(|(service, operation)| Tables::means(service, of) && fits(operation))
    };
    operation.class == Class::Read
        && VERBS.iter().any(begins)
        && !WORDS.iter().any(|word| name.contains(word))
        && !names(&NEVER, of, name)
        && streaming_output(service, operation).is_none()
        && (is_allowed() || !service.is_sensitive(operation.output))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalog::{Catalog, DataPaths};

    #[test]
    fn the_table_names_what_there_is() {
        let (catalog, paths) = (Catalog::default(), DataPaths::default());
        for (service, operations) in NEVER.iter().chain(&HARMLESS) {
            let service = catalog.service(service, &paths).unwrap();
            for operation in *operations {
                assert!(service.operation(operation).is_some(), "{} {operation}", service.name);
            }
            assert!(operations.is_sorted(), "{}", service.name);
        }
        assert!(NEVER.is_sorted_by_key(|(service, _)| *service));
        assert!(HARMLESS.is_sorted_by_key(|(service, _)| *service));
    }

    #[test]
    fn what_is_called_harmless_is_marked_sensitive() {
        let (catalog, paths) = (Catalog::default(), DataPaths::default());
        for (service, operations) in HARMLESS {
            let service = catalog.service(service, &paths).unwrap();
            for name in operations {
                let operation = service.operation(name).unwrap();
                assert!(service.is_sensitive(operation.output), "{} {name} needs no exception", service.name);
            }
        }
    }

    #[test]
    fn secrets_moments_and_writes_are_not_kept() {
        let (catalog, paths) = (Catalog::default(), DataPaths::default());
        let kept_with = |allowed: &[(String, String)], service: &str, operation: &str| {
            let service = catalog.service(service, &paths).unwrap();
            may_be_kept(&service, service.operation(operation).unwrap(), allowed)
        };
        let kept = |service: &str, operation: &str| kept_with(&[], service, operation);
        for (service, operation) in [
            ("ec2", "DescribeInstances"),
            ("s3", "ListObjectsV2"),
            ("iam", "ListRoles"),
            ("stepfunctions", "ListExecutions"),
            // Marked, yet harmless.
            ("organizations", "ListAccounts"),
            ("rds", "DescribeDBInstances"),
        ] {
            assert!(kept(service, operation), "{service} {operation}");
        }
        for (service, operation) in [
            ("secretsmanager", "GetSecretValue"),
            ("s3", "CreateSession"),
            ("kms", "Sign"),
            ("dynamodb", "Query"),
            ("dynamodb", "GetItem"),
            ("kinesis", "GetRecords"),
            ("ecr", "GetAuthorizationToken"),
            ("ssm", "GetParameter"),
            ("sts", "AssumeRole"),
            ("kms", "GenerateDataKey"),
            ("s3", "GetObject"),
            ("sqs", "SendMessage"),
            ("ec2", "RunInstances"),
            ("stepfunctions", "DescribeExecution"),
            // Environments hold passwords.
            ("lambda", "ListFunctions"),
        ] {
            assert!(!kept(service, operation), "{service} {operation}");
        }
        let allowed = [("lambda".into(), "list-functions".into()), ("sfn".into(), "*".into())];
        assert!(kept_with(&allowed, "lambda", "ListFunctions"));
        assert!(kept_with(&allowed, "stepfunctions", "DescribeExecution"));
        let all = [("*".into(), "*".into())];
        // Whatever a user allows, credentials, decrypted values and moments are not kept.
        for (service, operation) in [
            ("secretsmanager", "GetSecretValue"),
            ("ssm", "GetParameter"),
            ("sts", "AssumeRole"),
            ("stepfunctions", "GetActivityTask"),
            ("lightsail", "GetBucketAccessKeys"),
        ] {
            assert!(!kept_with(&all, service, operation), "{service} {operation}");
        }
    }
}
