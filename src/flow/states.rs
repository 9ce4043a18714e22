//! States in answers: what is on its way somewhere is asked again soon, what is over never changes.

use crate::request::{Pace, Request};
use nu_protocol::{Record, Value};
use std::time::Duration;

/// An answer with something under way is good for so long at most.
const UNDER_WAY: Duration = Duration::from_secs(2);

/// Services whose `running` is work that ends; elsewhere it is a state to stay in.
const JOBS: [&str; 7] = ["athena", "batch", "cloudformation", "datasync", "emr", "glue", "stepfunctions"];

/// States that are on the way, besides those in `…ing`.
const MOVING: [&str; 9] = [
    "in-progress",
    "initiated",
    "inprogress",
    "queued",
    "requested",
    "runnable",
    "scheduled-for-deletion",
    "submitted",
    "under-way",
];

/// Words in `…ing` that are no way to somewhere.
const STAYING: [&str; 6] = ["existing", "failing", "missing", "nothing", "running", "warning"];

/// How long an answer is good that would be good for `ttl` by its pace.
pub(super) fn adjusted(ttl: Duration, request: &Request, answer: &Value) -> Duration {
    if let Some(pace) = slower(request, answer) {
        return ttl.max(pace.ttl(ttl));
    }
    let jobs = JOBS.contains(&&*request.service.name);
    if is_moving(answer, jobs) { ttl.min(UNDER_WAY) } else { ttl }
}

/// The pace of what is over: nothing about an execution that succeeded changes any more, and of snapshots that are
/// complete and named by id only what people do to them does.
fn slower(request: &Request, answer: &Value) -> Option<Pace> {
    let answer = answer.as_record().ok()?;
    let rows = |name| answer.get(name).and_then(|rows| rows.as_list().ok()).unwrap_or_default();
    let is = |of: &Record, name, word| of.get(name).is_some_and(|value| value.as_str() == Ok(word));
    let has = |row: &Value, name, word| row.as_record().is_ok_and(|row| is(row, name, word));
    // What failed or was stopped may be redriven.
    let (over, pace) = match (&*request.service.name, &*request.operation.name) {
        ("stepfunctions", "DescribeExecution") => (is(answer, "status", "SUCCEEDED"), Pace::Final),
        ("stepfunctions", "GetExecutionHistory") => {
            (rows("events").iter().any(|event| has(event, "type", "ExecutionSucceeded")), Pace::Final)
        }
        ("ec2", "DescribeSnapshots") => {
            let named = request.input.get("SnapshotIds").is_some();
            (named && rows("Snapshots").iter().all(|row| has(row, "State", "completed")), Pace::Config)
        }
        _ => return None,
    };
    over.then_some(pace)
}

/// Whether any part of it says that it is on its way.
fn is_moving(value: &Value, jobs: bool) -> bool {
    match value {
        Value::List { vals, .. } => vals.iter().any(|value| is_moving(value, jobs)),
        Value::Record { val, .. } => val.iter().any(|(key, value)| match value {
            Value::String { val, .. } => tells_a_state(key) && is_on_its_way(val, jobs),
            // EC2's: `State: {Code: 0, Name: pending}`.
            Value::Record { val: inner, .. } if tells_a_state(key) => {
                let name = inner.get("Name").and_then(|name| name.as_str().ok());
                name.is_some_and(|name| is_on_its_way(name, jobs)) || is_moving(value, jobs)
            }
            _ => is_moving(value, jobs),
        }),
        _ => false,
    }
}

/// Whether a member of this name tells a state: `State`, `status`, `StackStatus`, `LifecycleState`.
fn tells_a_state(key: &str) -> bool {
    let ends = |word: &str| {
        key.len()
            .checked_sub(word.len())
            .and_then(|at| key.get(at..))
            .is_some_and(|end| end.eq_ignore_ascii_case(word))
    };
    ends("state") || ends("status")
}

fn is_on_its_way(state: &str, jobs: bool) -> bool {
    // No service's states are longer; a text that is one is no state.
    if state.len() > 64 {
        return false;
    }
    let word = state.to_ascii_lowercase().replace(['_', ' '], "-");
    if word == "running" {
        return jobs;
    }
    MOVING.contains(&word.as_str())
        || word.ends_with("-in-progress")
        || word.starts_with("pending")
        || word.split('-').any(|part| part.ends_with("ing") && !STAYING.contains(&part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalog::{Catalog, DataPaths};
    use nu_protocol::{Span, record};

    fn ttl(service: &str, operation: &str, answer: &Value) -> u64 {
        ttl_of(service, operation, Record::new(), Duration::from_mins(5), answer)
    }

    fn ttl_of(service: &str, operation: &str, input: Record, ttl: Duration, answer: &Value) -> u64 {
        let (catalog, paths) = (Catalog::default(), DataPaths::default());
        let service = catalog.service(service, &paths).unwrap();
        let operation = service.operation(operation).unwrap().clone();
        let request = Request { service, operation, input, span: Span::test_data() };
        adjusted(ttl, &request, answer).as_secs()
    }

    fn status(key: &str, word: &str) -> Value {
        let row = Value::test_record(record! { key => Value::test_string(word) });
        Value::test_record(record! { "Things" => Value::test_list(vec![Value::test_nothing(), row]) })
    }

    #[test]
    fn what_is_on_its_way_is_asked_again_soon() {
        for (service, operation, key, word) in [
            ("rds", "DescribeDBInstances", "DBInstanceStatus", "modifying"),
            ("rds", "DescribeDBInstances", "DBInstanceStatus", "backing-up"),
            ("ec2", "DescribeInstanceStatus", "InstanceState", "shutting-down"),
            ("cloudformation", "DescribeStacks", "StackStatus", "UPDATE_ROLLBACK_IN_PROGRESS"),
            ("ecs", "DescribeTasks", "lastStatus", "PROVISIONING"),
            ("batch", "DescribeJobs", "status", "RUNNABLE"),
            ("stepfunctions", "ListExecutions", "status", "RUNNING"),
            ("stepfunctions", "ListExecutions", "status", "PENDING_REDRIVE"),
            ("ec2", "DescribeVpcs", "State", "pending"),
            ("codebuild", "BatchGetBuilds", "buildStatus", "IN_PROGRESS"),
        ] {
            assert_eq!(ttl(service, operation, &status(key, word)), 2, "{service} {word}");
        }
        let nested = Value::test_record(record! { "State" => Value::test_record(record! {
            "Code" => Value::test_int(64), "Name" => Value::test_string("stopping"),
        }) });
        assert_eq!(ttl("ec2", "DescribeInstances", &nested), 2);
    }

    #[test]
    fn what_stays_is_good_as_long_as_its_pace() {
        for (service, operation, key, word) in [
            ("ec2", "DescribeInstances", "State", "running"),
            ("rds", "DescribeDBInstances", "DBInstanceStatus", "available"),
            ("cloudwatch", "DescribeAlarms", "StateValue", "pending"),
            ("cloudformation", "DescribeStacks", "StackStatus", "UPDATE_COMPLETE"),
            ("ecs", "DescribeTasks", "lastStatus", "RUNNING"),
            ("ec2", "DescribeTags", "Value", "pending"),
            ("stepfunctions", "DescribeExecution", "status", "FAILED"),
        ] {
            assert_eq!(ttl(service, operation, &status(key, word)), 300, "{service} {word}");
        }
    }

    #[test]
    fn an_execution_that_succeeded_never_changes() {
        let over = Value::test_record(record! { "status" => Value::test_string("SUCCEEDED") });
        assert_eq!(ttl("stepfunctions", "DescribeExecution", &over), 7 * 24 * 3600);
        assert_eq!(ttl("stepfunctions", "ListExecutions", &over), 300);
        let history = |last: &str| {
            let events = ["ExecutionStarted", last]
                .map(|kind| Value::test_record(record! { "type" => Value::test_string(kind) }));
            ttl(
                "stepfunctions",
                "GetExecutionHistory",
                &Value::test_record(record! { "events" => Value::test_list(events.into()) }),
            )
        };
        assert_eq!([history("ExecutionSucceeded"), history("ExecutionFailed")], [7 * 24 * 3600, 300]);
    }

    #[test]
    fn a_snapshot_that_is_complete_changes_by_hand_only() {
        let hot = Duration::from_secs(10);
        let snapshots = |states: &[&str]| {
            let row = |state: &&str| Value::test_record(record! { "State" => Value::test_string(*state) });
            let rows = states.iter().map(row).collect();
            Value::test_record(record! { "Snapshots" => Value::test_list(rows) })
        };
        let ids = record! { "SnapshotIds" => Value::test_list(vec![Value::test_string("snap-1")]) };
        let named = |states| ttl_of("ec2", "DescribeSnapshots", ids.clone(), hot, &snapshots(states));
        assert_eq!([named(&["completed"]), named(&["completed", "pending"])], [300, 2]);
        // New ones come by themselves.
        assert_eq!(ttl_of("ec2", "DescribeSnapshots", Record::new(), hot, &snapshots(&["completed"])), 10);
    }
}
