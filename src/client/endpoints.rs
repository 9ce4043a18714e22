//! Where a request goes and how it is signed: the interpreter of endpoint rules.
//!
//! It agrees with botocore's over the whole of botocore's rule sets (`tests/it/endpoints.rs`), also where Smithy's
//! specification is stricter: a tree in which no rule matches lets the search go on behind it.

mod context;
mod evaluate;
mod functions;
mod parameters;

pub use parameters::{Builder, Parameter, Parameters};

use crate::{
    error::{Error, ErrorKind, Result},
    model::{
        Service,
        rules::{Partitions, RuleSet},
    },
};
use evaluate::Evaluation;
pub(super) use functions::Arn;

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Endpoint {
    /// Scheme, host and perhaps a path, as `https://s3.eu-west-1.amazonaws.com/bucket`.
    pub url: String,
    /// Headers that each request to it carries, with their values.
    pub headers: Vec<(String, Vec<String>)>,
    /// How to sign, in order of preference; empty where the service's own ways and names hold.
    pub auth_schemes: Vec<AuthScheme>,
}

/// One way to sign.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuthScheme {
    /// As `sigv4`, `sigv4a` or `sigv4-s3express`.
    pub name: String,
    /// Service name in the credential scope, where it differs.
    pub signing_name: Option<String>,
    /// Region in the credential scope, where it differs.
    pub signing_region: Option<String>,
    /// Regions, for `sigv4a`.
    pub signing_region_set: Vec<String>,
    /// Do not escape the path a second time (S3).
    pub disable_double_encoding: bool,
}

/// Applies a service's rules to parameters that were made for them.
///
/// # Errors
/// [`ErrorKind::MissingRegion`] where a region would decide; [`ErrorKind::Configuration`] or
/// [`ErrorKind::InvalidInput`] with the rule's own text; [`ErrorKind::Model`] for rules that contradict themselves.
pub fn resolve(rules: &RuleSet, partitions: &Partitions, parameters: &Parameters) -> Result<Endpoint> {
    let found = Evaluation::new(rules, partitions, parameters).run(&rules.rules)?;
    found.ok_or_else(|| {
        if parameters.region_is_missing(rules) {
            return missing_region("no endpoint can be found without a region");
        }
        Error::new(ErrorKind::Model, "no rule of the service leads to an endpoint for these settings")
            .help("give the address with --endpoint-url, or choose another region")
    })
}

/// The endpoint of a service without rules: botocore's older convention `{prefix}.{region}.{suffix}`.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] where the region cannot be part of a host name.
pub fn fallback(service: &Service, region: &str, partitions: &Partitions) -> Result<Endpoint> {
    check_region(region)?;
    let suffix = partitions.of(region).map_or("amazonaws.com", |partition| &partition.outputs.dns_suffix);
    let url = format!("https://{}.{region}.{suffix}", service.meta.endpoint_prefix);
    Ok(Endpoint { url, ..Endpoint::default() })
}

/// Two regions of each partition that has several.
const PROBES: [(&str, &str); 3] =
    [("eu-central-1", "us-west-2"), ("cn-north-1", "cn-northwest-1"), ("us-gov-east-1", "us-gov-west-1")];

/// Whether a service has one endpoint for all regions of this one's partition, as IAM and Route 53 have.
pub fn is_global(rules: &RuleSet, partitions: &Partitions, region: &str) -> bool {
    let name = |region: &str| partitions.of(region).map(|partition| &partition.outputs.name);
    let Some((one, other)) = PROBES.iter().find(|(one, _)| name(one) == name(region)) else { return false };
    let at = |region: &str| {
        let mut builder = Parameters::builder(rules);
        let parameters = builder.builtin("AWS::Region", region).build().ok()?;
        resolve(rules, partitions, &parameters).ok()
    };
    at(one).is_some_and(|endpoint| at(other) == Some(endpoint))
}

fn missing_region(message: &str) -> Error {
    Error::new(ErrorKind::MissingRegion, message)
        .help("set $env.AWS_REGION, pass --region, or give the profile a `region`")
}

/// A region becomes part of a host name: one with dots or slashes would send signed requests to somebody else.
pub(super) fn check_region(region: &str) -> Result<()> {
    if functions::is_host_label(region) {
        return Ok(());
    }
    Err(Error::invalid(format!("`{region}` cannot be a region"))
        .help("regions are made of letters, digits and hyphens, as eu-west-1"))
}

/// The error of a rule, in its own words. The rules give nothing but a text, so the words also decide whose fault it
/// is: the settings' or the parameters'.
fn refused(text: &str, region_is_missing: bool) -> Error {
    const SETTINGS: [&str; 7] =
        ["configuration", "configured", "fips", "dualstack", "dual-stack", "accelerate", "accountid"];
    let lower = text.to_ascii_lowercase();
    if region_is_missing && lower.contains("region") {
        return missing_region(text);
    }
    if SETTINGS.iter().any(|word| lower.contains(word)) {
        return Error::new(ErrorKind::Configuration, text).help(
            "look at the region, the endpoint URL, AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT, \
             and at the profile's settings of the service",
        );
    }
    Error::invalid(text).help("the endpoint depends on this parameter: correct it and call again")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        Metadata, Protocol,
        catalog::{Catalog, DataPaths},
    };

    const RULES: &str = r#"{"version": "1.0",
        "parameters": {"Region": {"builtIn": "AWS::Region", "type": "String"},
                       "UseFIPS": {"builtIn": "AWS::UseFIPS", "type": "Boolean", "required": true, "default": false},
                       "Endpoint": {"builtIn": "SDK::Endpoint", "type": "String"},
                       "Bucket": {"type": "String"}},
        "rules": [
            {"conditions": [{"fn": "isSet", "argv": [{"ref": "Endpoint"}]}], "type": "endpoint",
             "endpoint": {"url": {"ref": "Endpoint"}}},
            {"conditions": [{"fn": "aws.parseArn", "argv": [{"ref": "Bucket"}], "assign": "arn"}], "type": "error",
             "error": "Invalid ARN: no {arn#service} `{arn#resourceId[1]}`"},
            {"conditions": [{"fn": "isSet", "argv": [{"ref": "Region"}]},
                            {"fn": "aws.partition", "argv": [{"ref": "Region"}], "assign": "p"}], "type": "tree",
             "rules": [{"conditions": [{"fn": "booleanEquals", "argv": [{"ref": "UseFIPS"}, true]}], "type": "error",
                        "error": "FIPS is not for {p#name}"},
                       {"conditions": [{"fn": "not", "argv": [{"fn": "isSet", "argv": [{"ref": "Bucket"}]}]}],
                        "type": "endpoint", "endpoint": {"url": "https://x.{Region}.{p#dnsSuffix}"}}]},
            {"conditions": [{"fn": "isSet", "argv": [{"ref": "Bucket"}]}], "type": "endpoint",
             "endpoint": {"url": "https://late", "headers": {"x-a": ["{Bucket}", "b"]},
                          "properties": {"authSchemes": [{"name": "sigv4a", "signingName": "s3",
                                                          "signingRegionSet": ["*"]}]}}},
            {"conditions": [], "type": "error", "error": "Invalid Configuration: Missing Region"}]}"#;

    fn partitions() -> Partitions {
        let json = r#"{"partitions": [{"id": "aws", "regionRegex": "^eu\\-\\w+\\-\\d+$", "regions": {},
            "outputs": {"dnsSuffix": "amazonaws.com", "dualStackDnsSuffix": "api.aws",
                        "implicitGlobalRegion": "us-east-1"}}]}"#;
        Partitions::parse(json.as_bytes()).unwrap()
    }

    fn resolved(settings: &[(&str, Parameter)]) -> Result<Endpoint> {
        let rules = RuleSet::parse(RULES.as_bytes()).unwrap();
        let mut builder = Parameters::builder(&rules);
        for (name, value) in settings {
            builder.set(name, value.clone());
        }
        resolve(&rules, &partitions(), &builder.build()?)
    }

    #[test]
    fn the_first_rule_that_matches_decides() {
        assert_eq!(resolved(&[("Region", "eu-x-1".into())]).unwrap().url, "https://x.eu-x-1.amazonaws.com");
        assert_eq!(resolved(&[("Endpoint", "http://here".into())]).unwrap().url, "http://here");
    }

    #[test]
    fn a_tree_without_a_match_lets_the_search_go_on() {
        let endpoint = resolved(&[("Region", "eu-x-1".into()), ("Bucket", "b".into())]).unwrap();
        assert_eq!(endpoint.url, "https://late");
        assert_eq!(endpoint.headers, [("x-a".to_string(), vec!["b".to_string(), "b".to_string()])]);
        let scheme = &endpoint.auth_schemes[0];
        assert_eq!((scheme.name.as_str(), scheme.signing_name.as_deref()), ("sigv4a", Some("s3")));
        assert_eq!(scheme.signing_region_set, ["*"]);
    }

    #[test]
    fn errors_have_the_rules_words_and_a_kind() {
        let missing = resolved(&[]).unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::MissingRegion);
        assert!(missing.help_text().unwrap().contains("AWS_REGION"));
        let fips = resolved(&[("Region", "eu-x-1".into()), ("UseFIPS", true.into())]).unwrap_err();
        assert_eq!((fips.kind(), fips.message()), (ErrorKind::Configuration, "FIPS is not for aws"));
        let arn = resolved(&[("Bucket", "arn:aws:q::1:a/b".into())]).unwrap_err();
        assert_eq!((arn.kind(), arn.message()), (ErrorKind::InvalidInput, "Invalid ARN: no q `b`"));
    }

    #[test]
    fn a_service_without_rules_has_the_old_convention() {
        let meta = Metadata {
            service_id: "X".into(),
            full_name: "X".into(),
            api_version: "1".into(),
            endpoint_prefix: "api.x".into(),
            signing_name: "x".into(),
            target_prefix: None,
            protocol: Protocol::RestJson,
            protocols: vec![Protocol::RestJson],
            xml_namespace: None,
            query_compatible: false,
            auth: vec![],
        };
        let service = Service { name: "x".into(), meta, operations: vec![], shapes: vec![], waiters: vec![] };
        assert_eq!(
            fallback(&service, "eu-x-1", &partitions()).unwrap().url,
            "https://api.x.eu-x-1.amazonaws.com"
        );
        assert_eq!(fallback(&service, "x.evil/", &partitions()).unwrap_err().kind(), ErrorKind::InvalidInput);
    }

    #[test]
    fn services_without_regions_are_known() {
        let (catalog, paths) = (Catalog::default(), DataPaths::default());
        let partitions = catalog.partitions(&paths).unwrap();
        let is_global = |service: &str, region: &str| {
            let service = catalog.service(service, &paths).unwrap();
            let rules = catalog.rules(&service, &paths).unwrap().unwrap();
            super::is_global(&rules, &partitions, region)
        };
        for service in ["budgets", "ce", "cloudfront", "iam", "organizations", "route53", "waf"] {
            assert!(is_global(service, "eu-west-1") && is_global(service, "us-east-1"), "{service}");
        }
        for service in ["ec2", "s3", "sts", "lambda", "dynamodb", "stepfunctions", "kms", "sns"] {
            assert!(!is_global(service, "eu-west-1") && !is_global(service, "us-east-1"), "{service}");
        }
        assert!(is_global("iam", "cn-north-1") && is_global("iam", "us-gov-west-1"));
        assert!(!is_global("iam", "us-iso-east-1"), "a partition with regions that nobody lists");
    }
}
