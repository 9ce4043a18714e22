//! Where a call's parameters come from: its argument, or a record from the pipeline.
//!
//! Inside of `each` Nushell hands every row to the first command of the closure as pipeline input. If rows were merged
//! into parameters without being asked, `each {|o| aws call s3 DeleteObject {Bucket: b, Key: $o.Key}}` would delete the
//! version that the row happens to name. So a given argument stands alone, and `--merge` joins both.

use super::invocation::from_shell;
use crate::{
    error::{Error, Result},
    model::names::folded,
};
use nu_protocol::{PipelineData, Record, Span, Value};
use std::collections::HashSet;

/// How to call without the pipeline's input.
const WAY_ROUND: &str =
    "inside of `each` the row is the pipeline's input: give the parameters as an argument, {} for none";

/// The parameters of a call. `takes_some` tells whether the operation has parameters at all.
pub(super) fn parameters(
    input: PipelineData,
    given: Option<Value>,
    join: bool,
    takes_some: bool,
    head: Span,
) -> Result<Value> {
    match given {
        Some(given) if !join => Ok(given),
        None if !takes_some => Ok(Value::nothing(head)),
        given => {
            let piped = record(input, head)?;
            Ok(match (piped, given) {
                (None, given) => given.unwrap_or_else(|| Value::nothing(head)),
                (Some((piped, span)), None) => Value::record(piped, span),
                (Some((piped, _)), Some(given)) => joined(piped, given)?,
            })
        }
    }
}

/// The pipeline's record. Plain values are never parameters and pass by, so that
/// `$regions | each {|region| aws call ec2 DescribeVpcs --region $region }` works. Streams are refused before they are
/// read: one may be endless.
fn record(input: PipelineData, head: Span) -> Result<Option<(Record, Span)>> {
    let wrong = |found: &str, span: Span| {
        Error::invalid(format!("pipeline input must be a record of parameters, found {found}"))
            .at(span)
            .help(WAY_ROUND)
    };
    match input {
        PipelineData::Value(Value::Record { val, internal_span, .. }, _) => {
            Ok(Some((val.into_owned(), internal_span)))
        }
        PipelineData::Value(Value::Error { error, .. }, _) => Err(from_shell(*error)),
        PipelineData::Value(other @ (Value::List { .. } | Value::Custom { .. }), _) => {
            Err(wrong(&other.get_type().to_string(), other.span()))
        }
        PipelineData::Empty | PipelineData::Value(..) => Ok(None),
        PipelineData::ListStream(stream, _) => Err(wrong("a list", stream.span())),
        PipelineData::ByteStream(..) => Err(wrong("bytes", head)),
    }
}

/// The argument wins, in whatever spelling either names a member. Below the top level nothing is joined: keys of maps
/// are data.
fn joined(piped: Record, given: Value) -> Result<Value> {
    let span = given.span();
    let Value::Record { val, .. } = given else {
        return Err(
            Error::invalid(format!("parameters must be a record, found {}", given.get_type())).at(span)
        );
    };
    let names: HashSet<String> = val.columns().map(|name| folded(name)).collect();
    let kept = piped.into_iter().filter(|(name, _)| !names.contains(&folded(name)));
    Ok(Value::record(kept.chain(val.into_owned()).collect(), span))
}

#[cfg(test)]
mod tests {
    use super::*;
    use nu_protocol::record;

    fn text(name: &str, value: &str) -> Value {
        Value::test_record(Record::from_iter([(name.to_string(), Value::test_string(value))]))
    }

    fn of(piped: Value, given: Option<Value>, join: bool) -> Result<Value> {
        parameters(PipelineData::value(piped, None), given, join, true, Span::test_data())
    }

    #[test]
    fn an_argument_stands_alone() {
        for piped in [text("VersionId", "v"), Value::test_int(7), Value::test_list(vec![])] {
            assert_eq!(of(piped, Some(text("Key", "k")), false).unwrap(), text("Key", "k"));
        }
    }

    #[test]
    fn without_an_argument_a_record_is_the_parameters_and_plain_values_pass_by() {
        assert_eq!(of(text("Key", "k"), None, false).unwrap(), text("Key", "k"));
        let error = of(Value::test_list(vec![]), None, false).unwrap_err();
        assert!(error.help_text().unwrap().contains("{} for none"), "{error:?}");
        for piped in [Value::test_string("eu-west-1"), Value::test_int(7)] {
            assert!(of(piped, None, false).unwrap().is_nothing());
        }
        let nothing = parameters(PipelineData::empty(), None, false, true, Span::test_data()).unwrap();
        assert!(nothing.is_nothing());
    }

    #[test]
    fn an_operation_without_parameters_takes_none() {
        let row = PipelineData::value(text("Name", "n"), None);
        assert!(parameters(row, None, false, false, Span::test_data()).unwrap().is_nothing());
    }

    #[test]
    fn joined_on_request_the_argument_wins_in_any_spelling() {
        for (piped, given) in [("Bucket", "Bucket"), ("bucket", "Bucket"), ("max-keys", "max_keys")] {
            assert_eq!(of(text(piped, "a"), Some(text(given, "b")), true).unwrap(), text(given, "b"));
        }
        let both = of(text("Bucket", "a"), Some(text("Prefix", "p")), true).unwrap();
        let expected = Value::test_record(record! {
            "Bucket" => Value::test_string("a"),
            "Prefix" => Value::test_string("p"),
        });
        assert_eq!(both, expected);
    }

    #[test]
    fn an_error_in_the_pipeline_stays_itself() {
        let boom = nu_protocol::LabeledError::new("boom");
        let error = of(Value::error(boom.into(), Span::test_data()), None, false).unwrap_err();
        assert!(error.message().contains("boom"), "{error}");
    }
}
