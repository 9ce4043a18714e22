//! Endpoint rules: what this client resolves is what botocore resolves, for every rule set of botocore's data.

use super::python;
use aws_perf::{
    client::endpoints::{Endpoint, Parameter, Parameters, resolve},
    error::{Error, ErrorKind},
    model::rules::{Partitions, RuleSet},
};
use serde_json::{Value as Json, json};
use std::{fs::File, io::Read};

#[test]
fn every_rule_set_resolves_as_botocore_does() {
    let lines = python::json_lines("tests/botocore/endpoints.py");
    let (first, services) = lines.split_first().expect("at least the line of the partitions");
    let partitions = Partitions::parse(first["partitions"].to_string().as_bytes()).unwrap();
    let (mut cases, mut leaves, mut reached) = (0, 0, 0);
    let mut differences = Vec::new();
    for service in services {
        let rules = rule_set(service["rules"].as_str().unwrap());
        leaves += service["leaves"].as_u64().unwrap();
        reached += service["reached"].as_u64().unwrap();
        for case in service["cases"].as_array().unwrap() {
            cases += 1;
            let ours = ours(&rules, &partitions, &case["parameters"]);
            if !agree(&ours, case) {
                differences.push(format!("{} {case}\n  ours: {ours:?}", service["service"]));
            }
        }
    }
    println!("{} rule sets, {cases} cases, {reached} of {leaves} rules reached", services.len());
    assert!(services.len() > 400 && cases > 50_000 && reached * 100 > leaves * 90, "the grid has shrunk");
    assert!(
        differences.is_empty(),
        "{} differ, as\n{}",
        differences.len(),
        differences[..differences.len().min(5)].join("\n")
    );
}

fn rule_set(path: &str) -> RuleSet {
    let mut json = Vec::new();
    flate2::read::GzDecoder::new(File::open(path).unwrap()).read_to_end(&mut json).unwrap();
    let rules = RuleSet::parse(&json).unwrap_or_else(|error| panic!("{path}: {error}"));
    // the form in which it is used
    rmp_serde::from_slice(&rmp_serde::to_vec(&rules).unwrap()).unwrap()
}

fn ours(rules: &RuleSet, partitions: &Partitions, parameters: &Json) -> Result<Endpoint, Error> {
    let mut builder = Parameters::builder(rules);
    for (name, value) in parameters.as_object().unwrap() {
        match value {
            Json::String(text) => builder.set(name, text.as_str()),
            Json::Bool(flag) => builder.set(name, *flag),
            Json::Array(list) => {
                let texts = list.iter().map(|text| text.as_str().unwrap().to_string());
                builder.set(name, Parameter::List(texts.collect()))
            }
            other => panic!("{other} is no endpoint parameter"),
        };
    }
    resolve(rules, partitions, &builder.build()?)
}

fn agree(ours: &Result<Endpoint, Error>, case: &Json) -> bool {
    match (ours, case["error"].as_str()) {
        (Err(error), Some(theirs)) if case["by_rule"] == true => {
            error.message() == theirs && error.kind() != ErrorKind::Model
        }
        // their words for contradictions are about Python
        (Err(_), Some(_)) => true,
        (Ok(endpoint), None) => {
            let headers: Json =
                endpoint.headers.iter().map(|(name, values)| (name.clone(), json!(values))).collect();
            let schemes: Vec<_> = endpoint.auth_schemes.iter().map(scheme).collect();
            case["url"] == endpoint.url.as_str()
                && case["headers"] == headers
                && case["schemes"] == json!(schemes)
        }
        _ => false,
    }
}

fn scheme(scheme: &aws_perf::client::endpoints::AuthScheme) -> Json {
    let mut json = json!({ "name": scheme.name });
    let fields = json.as_object_mut().unwrap();
    if let Some(name) = &scheme.signing_name {
        fields.insert("signingName".into(), json!(name));
    }
    if let Some(region) = &scheme.signing_region {
        fields.insert("signingRegion".into(), json!(region));
    }
    if !scheme.signing_region_set.is_empty() {
        fields.insert("signingRegionSet".into(), json!(scheme.signing_region_set));
    }
    if scheme.disable_double_encoding {
        fields.insert("disableDoubleEncoding".into(), json!(true));
    }
    json
}
