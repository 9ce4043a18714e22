//! Models on disk over the pack, by botocore's conventions.

use aws_perf::{
    config::Environment,
    error::ErrorKind,
    model::catalog::{Catalog, DataPaths},
};
use serde_json::{Value as Json, json};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A fresh folder for one test.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("overlays").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn write(folder: &Path, file: &str, content: &Json) {
    let path = folder.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content.to_string()).unwrap();
}

fn paths(folder: &Path) -> DataPaths {
    DataPaths::new([folder.to_owned()])
}

fn model(version: &str, operation: &str) -> Json {
    json!({
        "metadata": {"apiVersion": version, "protocol": "json", "jsonVersion": "1.1", "endpointPrefix": "x"},
        "operations": {operation: {"http": {"method": "POST", "requestUri": "/"}, "input": {"shape": "In"},
            "output": {"shape": "Out"}}},
        "shapes": {"In": {"type": "structure", "members": {"nextToken": {"shape": "S"}, "maxResults": {"shape": "I"}}},
            "Out": {"type": "structure", "members": {"nextToken": {"shape": "S"}, "stateMachines": {"shape": "L"}}},
            "L": {"type": "list", "member": {"shape": "S"}}, "S": {"type": "string"}, "I": {"type": "integer"}}
    })
}

#[test]
fn a_service_of_ones_own_needs_no_endpoint_rules() {
    let home = folder("home");
    write(&home, ".aws/models/our-things/2020-01-01/service-2.json", &model("2020-01-01", "ListThings"));
    let home = home.to_str().unwrap().to_owned();
    let paths = DataPaths::from(&Environment::new([("HOME".to_owned(), home)], "/"));
    let catalog = Catalog::new();
    let service = catalog.service("our_things", &paths).unwrap();
    assert_eq!(&*service.name, "our-things");
    assert!(service.operation("ListThings").unwrap().pagination.as_ref().unwrap().inferred);
    assert!(catalog.rules(&service, &paths).unwrap().is_none());
    let listed = catalog.services(&paths).unwrap();
    let ours = listed.iter().find(|summary| summary.name == "our-things").unwrap();
    assert_eq!((ours.operations, ours.problem.as_deref()), (1, None));
    assert!(ours.file.is_some());
    assert!(catalog.names(&paths).unwrap().iter().any(|name| name == "our-things"));
    assert!(catalog.service("our-things", &DataPaths::default()).is_err());
    // A folder is no way out of the data path.
    assert_eq!(catalog.service("../models/our-things", &paths).unwrap_err().kind(), ErrorKind::UnknownName);
}

#[test]
fn the_newest_version_wins_and_of_equals_the_one_on_disk() {
    let catalog = Catalog::new();
    let packed = catalog.service("stepfunctions", &DataPaths::default()).unwrap();
    let version = packed.meta.api_version.to_string();
    for (api, replaced) in [("1999-01-01", false), (version.as_str(), true), ("2999-01-01", true)] {
        let folder = folder(&format!("version-{api}"));
        let file = format!("stepfunctions/{api}/service-2.json");
        write(&folder, &file, &model(api, "ListStateMachines"));
        let service = catalog.service("stepfunctions", &paths(&folder)).unwrap();
        assert_eq!(service.operations.len() == 1, replaced, "{api}");
        // Rules, and of the same version also paginators and waiters, are still the pack's.
        assert!(catalog.rules(&service, &paths(&folder)).unwrap().is_some());
        let pagination = service.operation("ListStateMachines").unwrap().pagination.as_ref().unwrap();
        assert_eq!(pagination.inferred, api == "2999-01-01", "{api}");
    }
    let (first, second) = (folder("first"), folder("second"));
    write(&first, "mine/2020-01-01/service-2.json", &model("2020-01-01", "ListFirst"));
    write(&second, "mine/2020-01-01/service-2.json", &model("2020-01-01", "ListSecond"));
    let both = DataPaths::new([first, second]);
    assert!(catalog.service("mine", &both).unwrap().operation("ListFirst").is_some());
}

#[test]
fn single_files_replace_the_packs() {
    let folder = folder("single");
    let catalog = Catalog::new();
    let packed = catalog.service("stepfunctions", &DataPaths::default()).unwrap();
    let version = &packed.meta.api_version;
    write(
        &folder,
        &format!("stepfunctions/{version}/paginators-1.json"),
        &json!({"pagination": {"ListStateMachines": {"input_token": "nextToken", "output_token": "other",
            "result_key": "stateMachines"}}}),
    );
    write(
        &folder,
        &format!("stepfunctions/{version}/waiters-2.json"),
        &json!({"waiters": {"Mine": {"operation": "ListStateMachines", "delay": 1, "maxAttempts": 2, "acceptors": []}}}),
    );
    let service = catalog.service("stepfunctions", &paths(&folder)).unwrap();
    let list = service.operation("ListStateMachines").unwrap();
    assert_eq!(list.pagination.as_ref().unwrap().output_tokens.concat(), "other");
    assert_eq!(&*service.waiters[0].name, "Mine");
    assert_eq!(service.operations.len(), packed.operations.len());
}

#[test]
fn an_edited_file_is_seen_and_an_unchanged_one_is_not_read_again() {
    let folder = folder("edited");
    let paths = paths(&folder);
    let catalog = Catalog::new();
    let file = "mine/2020-01-01/service-2.json";
    write(&folder, file, &model("2020-01-01", "ListThings"));
    let first = catalog.service("mine", &paths).unwrap();
    assert!(std::sync::Arc::ptr_eq(&first, &catalog.service("mine", &paths).unwrap()));
    write(&folder, file, &model("2020-01-01", "ListOtherThings"));
    assert!(catalog.service("mine", &paths).unwrap().operation("ListOtherThings").is_some());
    fs::remove_file(folder.join(file)).unwrap();
    assert_eq!(catalog.service("mine", &paths).unwrap_err().kind(), ErrorKind::UnknownName);
}

#[test]
fn what_cannot_be_read_is_named_and_harms_nothing_else() {
    let folder = folder("broken");
    let paths = paths(&folder);
    fs::create_dir_all(folder.join("mine/2020-01-01")).unwrap();
    fs::write(folder.join("mine/2020-01-01/service-2.json"), "{\"metadata\": {}").unwrap();
    fs::create_dir_all(folder.join("sts/2999-01-01")).unwrap();
    fs::write(folder.join("sts/2999-01-01/endpoint-rule-set-1.json"), "{}").unwrap();
    fs::write(folder.join("partitions.json"), "[]").unwrap();
    let catalog = Catalog::new();
    let error = catalog.service("mine", &paths).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Model);
    assert!(error.message().contains("service-2.json"), "{error:?}");
    let listed = catalog.services(&paths).unwrap();
    assert!(listed.iter().find(|summary| summary.name == "mine").unwrap().problem.is_some());
    assert!(listed.iter().filter(|summary| summary.problem.is_some()).count() == 1);
    let sts = catalog.service("sts", &paths).unwrap();
    let error = catalog.rules(&sts, &paths).unwrap_err();
    assert!(error.message().contains("endpoint-rule-set-1.json"), "{error:?}");
    assert!(catalog.partitions(&paths).unwrap_err().message().contains("partitions.json"));
}
