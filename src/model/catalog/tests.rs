use super::*;
use crate::{
    error::ErrorKind,
    model::{Class, Kind, Location, ShapeId, names::find_operation, tables::Tables},
};

fn name_of(given: &str) -> String {
    Catalog::new().service(given, &DataPaths::default()).unwrap().name.to_string()
}

#[test]
fn a_service_has_many_names() {
    let names = [
        ("ec2", "ec2"),
        ("EC2", "ec2"),
        ("Step Functions", "stepfunctions"),
        ("step-functions", "stepfunctions"),
        ("SFN", "stepfunctions"),
        ("Secrets Manager", "secretsmanager"),
        ("elastic_load_balancing_v2", "elbv2"),
        ("monitoring", "cloudwatch"),
        ("s3api", "s3"),
        ("aws-lambda", "lambda"),
        ("Amazon S3", "s3"),
        ("Amazon Elastic Compute Cloud", "ec2"),
    ];
    for (given, expected) in names {
        assert_eq!(name_of(given), expected, "{given}");
    }
}

#[test]
fn unknown_names_get_suggestions() {
    let error = Catalog::new().service("dynamodbb", &DataPaths::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownName);
    assert!(error.help_text().unwrap().contains("dynamodb"), "{error:?}");

    let ec2 = Catalog::new().service("ec2", &DataPaths::default()).unwrap();
    let error = find_operation(&ec2, "DescribeInstnaces").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownName);
    assert!(error.help_text().unwrap().contains("DescribeInstances"), "{error:?}");
}

#[test]
fn names_that_several_services_share_are_asked_back() {
    let paths = DataPaths::default();
    for (given, expected) in
        [("Amazon Simple Email Service", "ses or sesv2"), ("email", "pinpoint-email, ses or sesv2")]
    {
        let error = Catalog::new().service(given, &paths).map(|service| service.name.clone()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnknownName);
        assert!(error.help_text().unwrap().contains(expected), "{error:?} {:?}", error.help_text());
    }
}

#[test]
fn the_right_thing_under_the_wrong_verb_is_suggested_first() {
    let ec2 = Catalog::new().service("ec2", &DataPaths::default()).unwrap();
    let error = find_operation(&ec2, "list-instances").unwrap_err();
    assert!(error.help_text().unwrap().starts_with("Did you mean DescribeInstances, "), "{error:?}");
}

#[test]
fn every_line_of_the_reviewed_tables_fits_the_pack() {
    let catalog = Catalog::new();
    let paths = DataPaths::default();
    let names = catalog.names(&paths).unwrap();
    let services: Vec<_> = names.iter().map(|name| catalog.service(name, &paths).unwrap()).collect();
    let stale = Tables::embedded().unwrap().stale(services.iter().map(|service| &**service));
    assert!(stale.is_empty(), "{}", stale.join("\n"));
}

#[test]
fn operations_are_found_in_every_spelling() {
    let ec2 = Catalog::new().service("ec2", &DataPaths::default()).unwrap();
    for name in ["DescribeInstances", "describe-instances", "describe_instances", "DESCRIBEINSTANCES"] {
        assert_eq!(&*find_operation(&ec2, name).unwrap().name, "DescribeInstances");
    }
}

#[test]
fn every_service_of_the_pack_decodes_and_refers_to_its_own_shapes_only() {
    let catalog = Catalog::new();
    let paths = DataPaths::default();
    let summaries = catalog.services(&paths).unwrap();
    assert!(summaries.len() > 400);
    for summary in summaries {
        let service = catalog.service(&summary.name, &paths).unwrap();
        assert_eq!(summary, summary_of_service(&service, None));
        let count = service.shapes.len();
        let fits = |id: ShapeId| assert!(id.index() < count, "{}: {id:?}", service.name);
        for operation in &service.operations {
            for id in operation.input.iter().chain(&operation.output).chain(&operation.errors) {
                fits(*id);
                assert!(service.structure(*id).is_some(), "{} {}", service.name, operation.name);
            }
            for rows in &operation.rows {
                assert!(
                    service.has_path(operation.output, &rows.path),
                    "{} {}",
                    service.name,
                    operation.name
                );
            }
            let found = service.operation(&operation.name).unwrap();
            assert_eq!(found.name, operation.name);
        }
        for shape in &service.shapes {
            match &shape.kind {
                Kind::Structure(structure) => structure.members.iter().for_each(|m| fits(m.shape)),
                Kind::List { member, .. } => fits(member.shape),
                Kind::Map { key, value, .. } => {
                    fits(key.shape);
                    fits(value.shape);
                }
                _ => {}
            }
        }
        catalog.rules(&service, &paths).unwrap().unwrap();
    }
    assert!(catalog.partitions(&paths).unwrap().of("eu-west-1").is_some());
}

#[test]
fn models_say_what_the_wire_needs() {
    let catalog = Catalog::new();
    let paths = DataPaths::default();
    let s3 = catalog.service("s3", &paths).unwrap();
    let get = s3.operation("GetObject").unwrap();
    let bucket = s3.members(get.input).iter().find(|member| &*member.name == "Bucket").unwrap();
    assert_eq!((bucket.location, bucket.context.as_deref()), (Location::Uri, Some("Bucket")));
    assert!(!get.checksum.response_algorithms.is_empty());
    let ec2 = catalog.service("ec2", &paths).unwrap();
    let describe = ec2.operation("DescribeInstances").unwrap();
    assert!(describe.filters.iter().any(|name| &**name == "instance-state-name"));
    assert_eq!(describe.rows.len(), 1);
    assert_eq!(describe.rows[0].path.join("."), "Reservations.Instances");
    assert_eq!(describe.class, Class::Read);
    assert_eq!(describe.pagination.as_ref().unwrap().input_tokens.concat(), "NextToken");
    assert!(ec2.waiters.iter().any(|waiter| &*waiter.name == "InstanceRunning"));
}

#[test]
fn a_damaged_pack_is_an_error_and_never_a_panic() {
    let damaged = |bytes: Vec<u8>| {
        let catalog = Catalog::over(Box::leak(bytes.into_boxed_slice()));
        let error = catalog.service("sts", &DataPaths::default()).map(|_| ()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Model, "{error:?}");
    };
    damaged(Vec::new());
    damaged(b"AWSMODEL".to_vec());
    damaged(EMBEDDED[..EMBEDDED.len() / 200].to_vec());
    for place in [0, 9, 13, 17, 25, 60, 20_000] {
        let mut bytes = EMBEDDED.to_vec();
        bytes[place] ^= 0x55;
        damaged(bytes);
    }
    // Everything behind the index: the service's own part is broken, wherever it is.
    let length = u32::from_le_bytes(EMBEDDED[12..16].try_into().unwrap()) as usize;
    let mut bytes = EMBEDDED.to_vec();
    bytes[20 + length..].fill(0);
    damaged(bytes);
}
