//! Which answers are kept: those of reads, unless they are moments, messages, tokens or secrets.

use crate::{model::Class, request::Request};

/// Reads whose answer is good once only, or is nobody else's business, beyond what the models call sensitive:
/// messages and records of streams, tokens and passwords, signed URLs, the tail of something that grows.
///
/// Sorted, with its reason in the group.
const NEVER: [(&str, &[&str]); 26] = [
    ("apigateway", &["GetApiKey", "GetApiKeys", "GetExport", "GetSdk"]),
    ("codeartifact", &["GetAuthorizationToken"]),
    (
        "cognito-identity",
        &["GetCredentialsForIdentity", "GetId", "GetOpenIdToken", "GetOpenIdTokenForDeveloperIdentity"],
    ),
    ("connect", &["GetFederationToken"]),
    ("dynamodbstreams", &["GetRecords", "GetShardIterator"]),
    ("ec2", &["GetConsoleOutput", "GetConsoleScreenshot", "GetPasswordData"]),
    ("ecr", &["GetAuthorizationToken", "GetDownloadUrlForLayer"]),
    ("ecr-public", &["GetAuthorizationToken"]),
    ("gamelift", &["GetComputeAuthToken", "GetInstanceAccess"]),
    ("iam", &["GenerateCredentialReport", "GetCredentialReport"]),
    ("iotdata", &["GetThingShadow"]),
    ("kinesis", &["GetRecords", "GetShardIterator"]),
    (
        "kms",
        &["Decrypt", "DeriveSharedSecret", "GenerateMac", "GenerateRandom", "GetParametersForImport", "Sign"],
    ),
    ("lambda", &["GetFunction", "GetLayerVersion", "GetLayerVersionByArn"]),
    (
        "lightsail",
        &["DownloadDefaultKeyPair", "GetInstanceAccessDetails", "GetRelationalDatabaseMasterUserPassword"],
    ),
    ("logs", &["FilterLogEvents", "GetLogEvents", "GetQueryResults"]),
    ("rds", &["DownloadDBLogFilePortion"]),
    ("redshift", &["GetClusterCredentials", "GetClusterCredentialsWithIAM"]),
    ("redshift-serverless", &["GetCredentials"]),
    ("secretsmanager", &["BatchGetSecretValue", "GetRandomPassword", "GetSecretValue"]),
    ("signer", &["GetRevocationStatus"]),
    ("sqs", &["ReceiveMessage"]),
    ("ssm", &["GetParameter", "GetParameterHistory", "GetParameters", "GetParametersByPath"]),
    ("sso", &["GetRoleCredentials"]),
    ("stepfunctions", &["GetActivityTask"]),
    (
        "sts",
        &[
            "AssumeRole",
            "AssumeRoleWithSAML",
            "AssumeRoleWithWebIdentity",
            "AssumeRoot",
            "DecodeAuthorizationMessage",
            "GetDelegatedAccessToken",
            "GetFederationToken",
            "GetSessionToken",
            "GetWebIdentityToken",
        ],
    ),
];

/// Whether the answer to a request may be kept.
pub(super) fn may_be_kept(request: &Request) -> bool {
    let (service, operation) = (&*request.service.name, &*request.operation.name);
    let never = NEVER.iter().any(|(of, operations)| *of == service && operations.contains(&operation));
    request.operation.class == Class::Read
        && !never
        && request.streaming_output().is_none()
        && !request.service.is_sensitive(request.operation.output)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalog::{Catalog, DataPaths};
    use nu_protocol::Span;

    #[test]
    fn the_table_names_what_there_is() {
        let (catalog, paths) = (Catalog::default(), DataPaths::default());
        for (service, operations) in NEVER {
            let service = catalog.service(service, &paths).unwrap();
            for operation in operations {
                assert!(service.operation(operation).is_some(), "{} {operation}", service.name);
            }
        }
        assert!(NEVER.is_sorted_by_key(|(service, _)| *service));
    }

    #[test]
    fn secrets_moments_and_writes_are_not_kept() {
        let (catalog, paths) = (Catalog::default(), DataPaths::default());
        let kept = |service: &str, operation: &str| {
            let service = catalog.service(service, &paths).unwrap();
            let operation = service.operation(operation).unwrap().clone();
            let input = nu_protocol::Record::new();
            may_be_kept(&Request { service, operation, input, span: Span::test_data() })
        };
        for (service, operation) in [
            ("ec2", "DescribeInstances"),
            ("s3", "ListObjectsV2"),
            ("iam", "ListRoles"),
            ("stepfunctions", "ListExecutions"),
        ] {
            assert!(kept(service, operation), "{service} {operation}");
        }
        for (service, operation) in [
            ("secretsmanager", "GetSecretValue"),
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
    }
}
