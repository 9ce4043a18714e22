//! The hash of parameters: one for all spellings of the same, another one for everything else.

use super::*;
use proptest::{collection::vec, prelude::*, sample::subsequence};
use std::collections::HashMap;

fn hash(operation: &str, parameters: &Value) -> String {
    let service = Catalog::new().service("ec2", &DataPaths::default()).unwrap();
    let operation = service.operation(operation).unwrap();
    Request::new(service.clone(), operation, parameters, Span::test_data()).unwrap().parameters_hash()
}

#[test]
fn order_spelling_and_nulls_are_nothing() {
    let one =
        hash("DescribeInstances", &data(r#"{"Filters":[{"Name":"a","Values":["b","c"]}],"MaxResults":5}"#));
    for same in [
        r#"{"MaxResults":5,"Filters":[{"Values":["b","c"],"Name":"a"}]}"#,
        r#"{"max_results":5,"filters":[{"values":["b","c"],"name":"a"}]}"#,
        r#"{"max-results":5,"Filters":[{"Name":"a","Values":["b","c"]}],"NextToken":null}"#,
    ] {
        assert_eq!(hash("DescribeInstances", &data(same)), one, "{same}");
    }
    for other in [
        r#"{"Filters":[{"Name":"a","Values":["c","b"]}],"MaxResults":5}"#,
        r#"{"Filters":[{"Name":"a","Values":["bc"]}],"MaxResults":5}"#,
        r#"{"Filters":[{"Name":"a","Values":["b"]},{"Name":"c"}],"MaxResults":5}"#,
        r#"{"Filters":[{"Name":"a","Values":["b","c"]}],"MaxResults":6}"#,
        r#"{"Filters":[{"Name":"a","Values":["b","c"]}]}"#,
    ] {
        assert_ne!(hash("DescribeInstances", &data(other)), one, "{other}");
    }
    assert_eq!(one.len(), 32);
    for nothing in ["{}", r#"{"MaxResults":null}"#] {
        assert_eq!(hash("DescribeInstances", &data(nothing)), "empty-params");
    }
    assert_eq!(hash("DescribeInstances", &Value::test_nothing()), "empty-params");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(50))]

    /// Different parameters have different hashes, whatever they are put together of.
    #[test]
    fn different_filters_differ(lists in vec(vec("[a-c]{0,2}", 0..3), 2..6), order in subsequence((0..6).collect::<Vec<usize>>(), 0..6)) {
        let mut seen: HashMap<String, Value> = HashMap::new();
        for (number, values) in lists.iter().enumerate() {
            let values: Vec<Value> = values.iter().map(Value::test_string).collect();
            let mut fields = vec![("Name", Value::test_string("n")), ("Values", Value::test_list(values))];
            if order.contains(&number) {
                fields.reverse();
            }
            let filter = Value::test_record(fields.into_iter().map(|(k, v)| (k.to_owned(), v)).collect());
            let parameters = Value::test_record(nu_protocol::record! { "Filters" => Value::test_list(vec![filter]) });
            let canonical = Value::test_record(input("ec2", "DescribeInstances", &parameters).unwrap());
            let values = canonical.get_data_by_key("Filters").unwrap().as_list().unwrap()[0].get_data_by_key("Values");
            let told = hash("DescribeInstances", &parameters);
            let known = seen.entry(told).or_insert_with(|| values.clone().unwrap());
            prop_assert_eq!(Some(&*known), values.as_ref());
        }
    }
}
