//! The pack against botocore: names, choices, and that it is what `make models` would make of the installed release.

use crate::python;
use aws_perf::model::{
    catalog::{Catalog, DataPaths},
    docs::Documentation,
    names::{find_operation, kebab, snake},
    pack,
    tables::Tables,
};
use serde_json::Value as Json;
use std::path::{Path, PathBuf};

fn text<'a>(json: &'a Json, key: &str) -> &'a str {
    json[key].as_str().unwrap()
}

fn names(json: &Json) -> Vec<&str> {
    json.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect()
}

#[test]
fn the_pack_agrees_with_botocore() {
    let lines = python::json_lines("tests/botocore/names.py");
    let (botocore, services) = lines.split_first().unwrap();
    let catalog = Catalog::new();
    let none = DataPaths::default();
    let installed = text(botocore, "version");
    assert_eq!(
        catalog.botocore().unwrap(),
        installed,
        "run `make models`, or `make tools` for the other botocore"
    );

    let known: Vec<&str> = services.iter().map(|line| text(line, "service")).collect();
    assert_eq!(catalog.names(&none).unwrap(), known);
    for line in services {
        let name = text(line, "service");
        let service = catalog.service(name, &none).unwrap();
        assert_eq!(*service.meta.api_version, *text(line, "version"), "{name}");
        assert_eq!(service.meta.protocol.name(), text(line, "protocol"), "{name}");
        assert_eq!(*service.meta.service_id, *text(line, "service_id"), "{name}");
        // Two of the retired services share one id.
        let by_id = catalog.service(&service.meta.service_id, &none).unwrap();
        assert_eq!(by_id.meta.service_id, service.meta.service_id, "{name}");
        for entry in line["names"].as_array().unwrap() {
            let [original, dashed, underscored] = names(entry)[..] else { panic!("{entry}") };
            assert_eq!((kebab(original), snake(original)), (dashed.into(), underscored.into()), "{name}");
        }
        for operation in &service.operations {
            assert_eq!(find_operation(&service, &kebab(&operation.name)).unwrap(), operation);
            assert_eq!(find_operation(&service, &snake(&operation.name)).unwrap(), operation);
        }
        let waiters: Vec<&str> = service.waiters.iter().map(|waiter| &*waiter.name).collect();
        assert_eq!(waiters, names(&line["waiters"]), "{name}");
        for paginated in names(&line["paginated"]) {
            let pagination = service.operation(paginated).unwrap().pagination.as_ref();
            assert!(pagination.is_some_and(|pagination| !pagination.inferred), "{name} {paginated}");
        }
    }
}

#[test]
fn the_pack_is_what_the_builder_makes() {
    let lines = python::json_lines("tests/botocore/names.py");
    let folder = PathBuf::from(text(&lines[0], "data"));
    let contents =
        pack::read_folder(&folder, text(&lines[0], "version"), Tables::embedded().unwrap()).unwrap();
    let packed = pack::Pack::embedded().unwrap();
    let stale = "the pack is older than the tables or the code that makes it: run `make models`";
    assert_eq!(packed.botocore(), contents.botocore, "{stale}");
    assert_eq!(packed.services().len(), contents.services.len(), "{stale}");
    for (entry, part) in packed.services().iter().zip(&contents.services) {
        assert!(packed.service(entry).unwrap() == part.service, "{}: {stale}", entry.name);
        assert!(packed.rules(entry).unwrap() == part.rules, "{}: {stale}", entry.name);
    }
    assert!(packed.partitions().unwrap() == contents.partitions, "{stale}");

    // The same contents make the same bytes, and bytes that read back.
    let few = pack::Contents { services: contents.services.into_iter().take(5).collect(), ..contents };
    let (bytes, _) = few.encode().unwrap();
    assert_eq!(bytes, few.encode().unwrap().0);
    let again = pack::Pack::open(Box::leak(bytes.into_boxed_slice())).unwrap();
    assert!(again.service(&again.services()[4]).unwrap() == few.services[4].service);
}

#[test]
fn documentation_comes_from_an_installed_botocore() {
    let lines = python::json_lines("tests/botocore/names.py");
    let folder = Path::new(text(&lines[0], "data"));
    // <venv>/lib/python3.x/site-packages/botocore/data
    let venv = folder.ancestors().nth(5).unwrap();
    let find = |variable: &str, value: PathBuf| {
        let environment = aws_perf::config::Environment::new(
            [(variable.to_owned(), value.into_os_string().into_string().unwrap())],
            "/",
        );
        Documentation::find("ec2", &DataPaths::default(), &environment).unwrap()
    };
    for said in [find("VIRTUAL_ENV", venv.to_owned()), find("PATH", venv.join("bin"))] {
        let sentence = said.operation("DescribeInstances").unwrap();
        assert_eq!(sentence, "Describes the specified instances or all instances.");
        assert!(said.member("DescribeInstancesRequest", "Filters").unwrap().starts_with("The filters"));
        assert_eq!(said.operation("NoSuchThing"), None);
    }
}
