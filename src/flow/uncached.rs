//! Which answers are kept: those that tell what there is, unless they are moments, messages, tokens or secrets.

use crate::{model::Class, request::Request};

/// How operations begin whose answers tell what there is. Others compute, sign, ask data or hand out something, and are
/// asked each time.
const VERBS: [&str; 6] = ["BatchDescribe", "BatchGet", "Describe", "Get", "Head", "List"];

/// Words in the names of operations that hand out what is good once or for one only.
const WORDS: [&str; 9] =
    ["Credential", "Iterator", "Message", "Password", "Record", "Secret", "Token", "Uri", "Url"];

/// More such operations, whose names do not tell: keys, decrypted parameters, exports, shadows and items that others
/// change all the time, signed URLs within an answer, the tail of something that grows.
const NEVER: [(&str, &[&str]); 13] = [
    ("apigateway", &["GetApiKey", "GetApiKeys", "GetExport", "GetSdk"]),
    ("cognito-identity", &["GetId"]),
    ("dynamodb", &["BatchGetItem", "GetItem"]),
    ("ec2", &["GetConsoleOutput", "GetConsoleScreenshot"]),
    ("gamelift", &["GetInstanceAccess"]),
    ("iotdata", &["GetThingShadow"]),
    ("kms", &["GetParametersForImport"]),
    ("lambda", &["GetFunction", "GetLayerVersion", "GetLayerVersionByArn"]),
    ("lightsail", &["GetInstanceAccessDetails"]),
    ("logs", &["GetLogEvents", "GetQueryResults"]),
    ("signer", &["GetRevocationStatus"]),
    ("ssm", &["GetParameter", "GetParameterHistory", "GetParameters", "GetParametersByPath"]),
    ("stepfunctions", &["GetActivityTask"]),
];

/// Whether the answer to a request may be kept.
pub(super) fn may_be_kept(request: &Request) -> bool {
    let (service, operation) = (&*request.service.name, &*request.operation.name);
    let begins = |verb: &&str| {
        operation.strip_prefix(*verb).is_some_and(|rest| !rest.starts_with(|c: char| c.is_lowercase()))
    };
    let never = NEVER.iter().any(|(of, operations)| *of == service && operations.contains(&operation));
    request.operation.class == Class::Read
        && VERBS.iter().any(begins)
        && !WORDS.iter().any(|word| operation.contains(word))
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
    }
}
