//! Mock answers: of the model's shape for every operation of every service, and the same rows however they are paged.

use aws_perf::{
    client::mock::{Answer, Settings, answer},
    model::{
        Flags, Kind, Member, Operation, Range, Service, ShapeId, Structure, Unit,
        catalog::{Catalog, DataPaths},
    },
};
use nu_protocol::{Record, Span, Value};
use proptest::prelude::*;
use std::sync::{Arc, OnceLock};

const REGION: &str = "eu-west-1";

fn services() -> &'static [Arc<Service>] {
    static SERVICES: OnceLock<Vec<Arc<Service>>> = OnceLock::new();
    SERVICES.get_or_init(|| {
        let (catalog, paths) = (Catalog::new(), DataPaths::new([]));
        let names = catalog.names(&paths).unwrap();
        names.iter().map(|name| catalog.service(name, &paths).unwrap()).collect()
    })
}

fn service(name: &str) -> &'static Service {
    services().iter().find(|service| &*service.name == name).unwrap()
}

fn output(service: &Service, operation: &Operation, input: &Record, settings: &Settings) -> Option<Record> {
    let answer = answer(service, operation, input, settings, REGION, 1, Span::test_data()).ok()?;
    match answer {
        Answer::Output(value) => Some(value.into_record().unwrap()),
        Answer::Fault { .. } => panic!("{} {}: a fault without a rate", service.name, operation.name),
    }
}

/// All rows that one answer holds, and for each list its own.
fn rows(operation: &Operation, answer: &Record) -> Vec<Vec<Value>> {
    operation.rows.iter().map(|rows| below(&rows.path, &Value::test_record(answer.clone()))).collect()
}

fn below(path: &[Box<str>], value: &Value) -> Vec<Value> {
    match (value, path.split_first()) {
        (Value::List { vals, .. }, Some(_)) => vals.iter().flat_map(|value| below(path, value)).collect(),
        (Value::Record { val, .. }, Some((step, rest))) => match (val.get(&**step), rest) {
            (Some(Value::List { vals, .. }), []) => vals.to_vec(),
            (Some(value), _) => below(rest, value),
            (None, _) => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// What a path of botocore's paginators names: `A.B`, `A[-1].B`, `A[-1]`, and the first of `A || B`.
fn at<'a>(answer: &'a Record, path: &str) -> Option<&'a Value> {
    let mut found: Option<&Value> = None;
    for step in path.split("||").next()?.trim().split('.') {
        let record = found.map_or(answer, |value| value.as_record().unwrap());
        found = Some(record.get(step.trim_end_matches("[-1]"))?);
        if step.ends_with("[-1]") {
            found = Some(found?.as_list().unwrap().last()?);
        }
    }
    found
}

/// Follows the pages as any reader does, by the operation's pagination. Rows by list, and how many pages.
fn read_all(
    service: &Service,
    operation: &Operation,
    first: &Record,
    settings: &Settings,
) -> (Vec<Vec<Value>>, usize) {
    let pages = operation.pagination.as_ref().unwrap();
    let mut input = first.clone();
    let mut all = vec![Vec::new(); operation.rows.len()];
    for count in 1..10_000 {
        let answer = output(service, operation, &input, settings).unwrap();
        for (all, more) in all.iter_mut().zip(rows(operation, &answer)) {
            all.extend(more);
        }
        let more = pages.more_results.as_ref().map(|path| at(&answer, path) == Some(&Value::test_bool(true)));
        let tokens: Vec<_> = pages.output_tokens.iter().map(|path| at(&answer, path).cloned()).collect();
        let given: Vec<_> = pages.input_tokens.iter().map(|name| input.get(&**name).cloned()).collect();
        if more == Some(false) || tokens.iter().all(Option::is_none) || tokens == given {
            let ended = tokens.iter().all(Option::is_none) || more == Some(false) || pages.stop_on_same_token;
            assert!(ended, "{} {} repeats {tokens:?}", service.name, operation.name);
            return (all, count);
        }
        for (name, token) in pages.input_tokens.iter().zip(tokens) {
            if let Some(token) = token {
                input.insert(name.to_string(), token);
            }
        }
    }
    panic!("{} {} never ends", service.name, operation.name)
}

#[test]
fn every_operation_of_every_service_has_an_answer_of_its_shape() {
    let settings = Settings { items: 3, ..Settings::default() };
    let (mut answered, mut values) = (0, 0);
    for service in services() {
        for operation in &service.operations {
            let Some(answer) = output(service, operation, &Record::new(), &settings) else { continue };
            answered += 1;
            let mut check = Check { service, operation, values: 0, trail: Vec::new() };
            check.structure(operation.output, &answer);
            values += check.values;
        }
    }
    println!("{answered} operations answered with {values} values");
    assert!(answered > 19_000, "{answered}");
}

#[test]
fn every_paginated_operation_yields_exactly_its_items_in_pages_of_any_size() {
    let mut checked = 0;
    for service in services() {
        for operation in service.operations.iter().filter(|operation| operation.pagination.is_some()) {
            let settings =
                |page_size| Settings { items: 7, page_size: Some(page_size), ..Settings::default() };
            let (whole, _) = read_all(service, operation, &Record::new(), &settings(100));
            let total: usize = whole.iter().map(Vec::len).sum();
            // Some paginators have no list of rows: nothing can be counted.
            if operation.rows.is_empty() {
                continue;
            }
            assert_eq!(total, 7, "{} {}", service.name, operation.name);
            let (parts, pages) = read_all(service, operation, &Record::new(), &settings(2));
            assert!(pages >= 4, "{} {}: {pages} pages", service.name, operation.name);
            assert_eq!(whole, parts, "{} {}", service.name, operation.name);
            checked += 1;
        }
    }
    assert!(checked > 4000, "{checked}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rows_depend_on_seed_and_number_alone(
        seed in 0..3_u64, items in 0..150_u64, page in 1..120_u64, limit in 5..200_i64,
    ) {
        for (name, operation, path) in [
            ("ec2", "DescribeInstances", "MaxResults"),
            ("s3", "ListObjectsV2", "MaxKeys"),
            ("dynamodb", "Scan", "Limit"),
            ("route53", "ListResourceRecordSets", "MaxItems"),
            ("logs", "GetLogEvents", "limit"),
        ] {
            let service = service(name);
            let operation = service.operation(operation).unwrap();
            let settings = Settings { seed, items, ..Settings::default() };
            let input = Record::new();
            let (whole, _) = read_all(service, operation, &input, &settings);
            prop_assert_eq!(whole.iter().map(Vec::len).sum::<usize>() as u64, items);
            let mut limited = Record::new();
            limited.push(path, Value::test_int(limit));
            let settings = Settings { page_size: Some(page), ..settings };
            let (parts, pages) = read_all(service, operation, &limited, &settings);
            prop_assert_eq!(&whole, &parts);
            prop_assert!(pages as u64 >= items.div_ceil(page.min(limit.unsigned_abs())));
            let (again, _) = read_all(service, operation, &limited, &settings);
            prop_assert_eq!(&again, &parts);
            if name == "ec2" && items > 0 {
                let other = Settings { seed: seed + 1, ..settings };
                prop_assert_ne!(&read_all(service, operation, &input, &other).0, &whole);
            }
        }
    }

    #[test]
    fn faults_come_at_their_rate_and_can_be_repeated(seed in 0..u64::MAX, error in 0..=100_u32, throttle in 0..=100_u32) {
        let service = service("dynamodb");
        let operation = service.operation("GetItem").unwrap();
        let (error_rate, throttle_rate) = (f64::from(error) / 100.0, f64::from(throttle) / 100.0);
        let settings = Settings { seed, error_rate, throttle_rate, ..Settings::default() };
        let draw = |attempt| answer(service, operation, &Record::new(), &settings, REGION, attempt, Span::test_data()).unwrap();
        let (mut throttled, mut failed) = (0_u32, 0_u32);
        for attempt in 0..1000 {
            let drawn = draw(attempt);
            prop_assert_eq!(&drawn, &draw(attempt));
            if let Answer::Fault { message, .. } = &drawn {
                prop_assert!(message.contains("mocked"));
                if message.contains("THROTTLE") { throttled += 1 } else { failed += 1 }
            }
        }
        let near = |count: u32, rate: f64| (f64::from(count) - 1000.0 * rate).abs() < 90.0;
        prop_assert!(near(throttled, throttle_rate), "{throttled}");
        prop_assert!(near(failed, (1.0 - throttle_rate) * error_rate), "{failed}");
    }
}

#[test]
fn services_throttle_in_their_own_words() {
    let settings = Settings { throttle_rate: 1.0, ..Settings::default() };
    for (name, operation, status, code) in [
        ("ec2", "DescribeInstances", 503, "RequestLimitExceeded"),
        ("s3", "ListObjectsV2", 503, "SlowDown"),
        ("iam", "ListRoles", 400, "Throttling"),
        ("ecs", "ListClusters", 400, "ThrottlingException"),
    ] {
        let service = service(name);
        let operation = service.operation(operation).unwrap();
        let drawn =
            answer(service, operation, &Record::new(), &settings, REGION, 1, Span::test_data()).unwrap();
        let Answer::Fault { status: got, code: said, .. } = drawn else { panic!("{name} is not throttled") };
        assert_eq!((got, said.as_str()), (status, code), "{name}");
    }
}

#[test]
fn answers_look_like_what_was_asked_for() {
    let settings = Settings { items: 12, ..Settings::default() };
    let text = Value::test_string;
    let ask = |name: &str, operation: &str, input: Record| {
        let service = service(name);
        let operation = service.operation(operation).unwrap();
        let answer = output(service, operation, &input, &settings).unwrap();
        (rows(operation, &answer).concat(), answer)
    };
    let string = |row: &Value, column: &str| row.get_data_by_key(column).unwrap().into_string().unwrap();

    let (instances, _) = ask("ec2", "DescribeInstances", Record::new());
    let states: Vec<_> =
        instances.iter().map(|row| string(&row.get_data_by_key("State").unwrap(), "Name")).collect();
    assert!(states.contains(&"running".to_string()) && states.contains(&"stopped".to_string()), "{states:?}");
    let (vpcs, _) = ask("ec2", "DescribeVpcs", Record::new());
    let known: Vec<_> = vpcs.iter().map(|row| string(row, "VpcId")).collect();
    assert!(
        instances.iter().all(|row| known.contains(&string(row, "VpcId"))),
        "instances are in VPCs that exist"
    );
    assert!(instances.iter().all(|row| row.as_record().unwrap().columns().next_back().unwrap() == "mock"));

    let ids = Value::test_list(vec![text("i-1"), text("i-2")]);
    let (asked, _) =
        ask("ec2", "DescribeInstances", [("InstanceIds".to_string(), ids)].into_iter().collect());
    assert_eq!(asked.iter().map(|row| string(row, "InstanceId")).collect::<Vec<_>>(), ["i-1", "i-2"]);

    let list = [("Bucket".to_string(), text("b")), ("Prefix".to_string(), text("logs/"))];
    let (objects, listing) = ask("s3", "ListObjectsV2", list.into_iter().collect());
    assert!(objects.iter().all(|row| string(row, "Key").starts_with("logs/")));
    assert_eq!(listing.get("Name"), Some(&text("b")));
    assert_eq!(listing.get("KeyCount"), Some(&Value::test_int(12)));
    assert_eq!(listing.get("IsTruncated"), Some(&Value::test_bool(false)));
    assert!(!listing.contains("Delimiter") && !listing.contains("mock"));

    let (_, machine) = ask(
        "stepfunctions",
        "DescribeStateMachine",
        [("stateMachineArn".to_string(), text("arn:x"))].into_iter().collect(),
    );
    assert_eq!(machine.get("stateMachineArn"), Some(&text("arn:x")));
    assert_eq!(machine.get("mock"), Some(&Value::test_bool(true)));
    for (service, operation, member, arn) in [
        ("stepfunctions", "CreateStateMachine", "name", "stateMachineArn"),
        ("sns", "CreateTopic", "Name", "TopicArn"),
    ] {
        let (_, made) = ask(service, operation, [(member.to_string(), text("orders"))].into_iter().collect());
        let arn = made.get(arn).unwrap().as_str().unwrap().to_owned();
        assert!(arn.ends_with(":orders"), "{arn}");
    }
    let (machines, _) = ask("stepfunctions", "ListStateMachines", Record::new());
    let arn = "arn:aws:states:eu-west-1:123456789012:stateMachine:state-machine-000003";
    assert_eq!(string(&machines[3], "stateMachineArn"), arn);
    assert_eq!(string(&machines[3], "name"), "state-machine-000003");
    let created = |row: &Value| row.get_data_by_key("creationDate").unwrap().as_date().unwrap();
    assert!(machines.windows(2).all(|pair| created(&pair[0]) < created(&pair[1])));
}

/// Compares an answer with its shape.
struct Check<'a> {
    service: &'a Service,
    operation: &'a Operation,
    values: usize,
    trail: Vec<String>,
}

impl Check<'_> {
    fn wrong(&self, what: &str) -> ! {
        panic!("{} {} at {}: {what}", self.service.name, self.operation.name, self.trail.join("."))
    }

    fn structure(&mut self, id: Option<ShapeId>, record: &Record) {
        let default = Structure::default();
        let structure = id.and_then(|id| self.service.structure(id)).unwrap_or(&default);
        for (name, value) in record {
            self.trail.push(name.clone());
            match structure.member(name) {
                Some((_, member)) => self.value(member.shape, member.unit, value),
                None if name == "mock" && *value == Value::test_bool(true) => {}
                None => self.wrong("no such member"),
            }
            self.trail.pop();
        }
        let own = record.columns().filter(|name| *name != "mock").count();
        if structure.union && own != 1 && !(own == 0 && self.is_forced_end(record)) {
            self.wrong(&format!("a union with {own} members"));
        }
        let missing = |member: &&Member| {
            // A last page has no token, whatever the model says.
            let token =
                ["token", "marker"].iter().any(|word| member.name.to_ascii_lowercase().ends_with(word));
            member.flags.has(Flags::REQUIRED) && !structure.union && !token && !record.contains(&member.name)
        };
        let first = structure.members.iter().find(missing);
        if let Some(member) = first.filter(|_| !self.is_forced_end(record)) {
            self.wrong(&format!("`{}` is missing", member.name));
        }
    }

    /// Recursion that required members force ends in an empty record.
    fn is_forced_end(&self, record: &Record) -> bool {
        record.is_empty() && self.trail.len() > 3
    }

    fn value(&mut self, id: ShapeId, unit: Option<Unit>, value: &Value) {
        self.values += 1;
        let service = self.service;
        match (&service.shape(id).unwrap().kind, value) {
            (Kind::Structure(_), Value::Record { val, .. }) => self.structure(Some(id), val),
            (Kind::List { member, range, .. }, Value::List { vals, .. }) => {
                self.length(*range, vals.len(), true);
                for value in vals {
                    self.value(member.shape, member.unit.or(unit), value);
                }
            }
            (Kind::Map { key, value: of, .. }, Value::Record { val, .. }) => {
                for (name, value) in val.iter() {
                    self.value(key.shape, None, &Value::test_string(name));
                    self.value(of.shape, of.unit.or(unit), value);
                }
            }
            (Kind::String { values, range }, Value::String { val, .. }) if unit.is_none() => {
                if !values.is_empty() && !values.iter().any(|known| **known == **val) {
                    self.wrong(&format!("`{val}` is not among the values"));
                }
                if values.is_empty() {
                    self.length(*range, val.chars().count(), false);
                }
            }
            (_, Value::Filesize { .. } | Value::Date { .. } | Value::Record { .. }) if unit.is_some() => {}
            (Kind::Integer(range) | Kind::Long(range), Value::Int { val, .. }) => {
                #[expect(clippy::cast_precision_loss, reason = "bounds are doubles")]
                let number = *val as f64;
                if range.min.is_some_and(|min| number < min) || range.max.is_some_and(|max| number > max) {
                    self.wrong(&format!("{val} is out of {range:?}"));
                }
            }
            (Kind::Float(range) | Kind::Double(range), Value::Float { val, .. }) => {
                if range.min.is_some_and(|min| *val < min) || range.max.is_some_and(|max| *val > max) {
                    self.wrong(&format!("{val} is out of {range:?}"));
                }
            }
            (Kind::Boolean, Value::Bool { .. })
            | (Kind::Blob { .. }, Value::Binary { .. })
            | (Kind::Timestamp(_), Value::Date { .. })
            | (Kind::Document, _) => {}
            (kind, value) => self.wrong(&format!("{kind:?} cannot be {value:?}")),
        }
    }

    fn length(&self, range: Range, length: usize, may_be_empty: bool) {
        // Recursion ends in lists that are shorter than the model wants.
        if may_be_empty && length == 0 {
            return;
        }
        #[expect(clippy::cast_precision_loss, reason = "bounds are doubles")]
        let length = length as f64;
        if range.min.is_some_and(|min| length < min) || range.max.is_some_and(|max| length > max) {
            self.wrong(&format!("a length of {length} is out of {range:?}"));
        }
    }
}
