//! Step Functions: JSON.

use super::{Pair, REGION, same, typed};
use aws_sdk_sfn::types::{ExecutionStatus, LogLevel, LoggingConfiguration, StateMachineType, Tag};

const MACHINE: &str = "arn:aws:states:us-west-2:123456789012:stateMachine:nightly";
const EXECUTION: &str = "arn:aws:states:us-west-2:123456789012:execution:nightly:é 1";
const ACTIVITY: &str = "arn:aws:states:us-west-2:123456789012:activity:review";
const ROLE: &str = "arn:aws:iam::123456789012:role/states";

pub(super) fn compare() -> Pair {
    let mut pair = Pair::new("stepfunctions", REGION, 1);
    let sfn = typed!(aws_sdk_sfn, pair);
    let tag = || Tag::builder().key("team é").value("a=b&c").build();
    let logging =
        || LoggingConfiguration::builder().level(LogLevel::Error).include_execution_data(true).build();
    same!(pair,
        "ListStateMachines" {} = sfn.list_state_machines();
        "ListExecutions" {
            "stateMachineArn": MACHINE, "statusFilter": "FAILED", "maxResults": 7, "nextToken": "a+b/c="
        } = sfn.list_executions().state_machine_arn(MACHINE).status_filter(ExecutionStatus::Failed)
            .max_results(7).next_token("a+b/c=");
        "DescribeStateMachine" { "stateMachineArn": MACHINE } = sfn.describe_state_machine().state_machine_arn(MACHINE);
        "DescribeExecution" { "executionArn": EXECUTION } = sfn.describe_execution().execution_arn(EXECUTION);
        "GetExecutionHistory" {
            "executionArn": EXECUTION, "reverseOrder": true, "includeExecutionData": false
        } = sfn.get_execution_history().execution_arn(EXECUTION).reverse_order(true).include_execution_data(false);
        "StartExecution" {
            "stateMachineArn": MACHINE, "name": "one", "input": "{\"a\": \"é\\n\"}"
        } = sfn.start_execution().state_machine_arn(MACHINE).name("one").input("{\"a\": \"é\\n\"}");
        "StartSyncExecution" {
            "stateMachineArn": MACHINE, "input": "{}"
        } = sfn.start_sync_execution().state_machine_arn(MACHINE).input("{}");
        "StopExecution" {
            "executionArn": EXECUTION, "error": "Stopped", "cause": "by \"hand\""
        } = sfn.stop_execution().execution_arn(EXECUTION).error("Stopped").cause("by \"hand\"");
        "CreateStateMachine" {
            "name": "nightly", "definition": "{\"StartAt\": \"A\"}", "roleArn": ROLE, "type": "EXPRESS",
            "loggingConfiguration": { "level": "ERROR", "includeExecutionData": true },
            "tags": [{ "key": "team é", "value": "a=b&c" }], "publish": true
        } = sfn.create_state_machine().name("nightly").definition("{\"StartAt\": \"A\"}").role_arn(ROLE)
            .r#type(StateMachineType::Express).logging_configuration(logging()).tags(tag()).publish(true);
        "UpdateStateMachine" {
            "stateMachineArn": MACHINE, "definition": "{}",
            "loggingConfiguration": { "level": "ERROR", "includeExecutionData": true }
        } = sfn.update_state_machine().state_machine_arn(MACHINE).definition("{}").logging_configuration(logging());
        "DeleteStateMachine" { "stateMachineArn": MACHINE } = sfn.delete_state_machine().state_machine_arn(MACHINE);
        "DescribeStateMachineForExecution" {
            "executionArn": EXECUTION
        } = sfn.describe_state_machine_for_execution().execution_arn(EXECUTION);
        "CreateActivity" {
            "name": "review", "tags": [{ "key": "team é", "value": "a=b&c" }]
        } = sfn.create_activity().name("review").tags(tag());
        "ListActivities" { "maxResults": 1000 } = sfn.list_activities().max_results(1000);
        "GetActivityTask" {
            "activityArn": ACTIVITY, "workerName": "w"
        } = sfn.get_activity_task().activity_arn(ACTIVITY).worker_name("w");
        "SendTaskSuccess" {
            "taskToken": "t", "output": "[1, 2]"
        } = sfn.send_task_success().task_token("t").output("[1, 2]");
        "SendTaskFailure" {
            "taskToken": "t", "error": "E", "cause": ""
        } = sfn.send_task_failure().task_token("t").error("E").cause("");
        "TagResource" {
            "resourceArn": MACHINE, "tags": [{ "key": "team é", "value": "a=b&c" }]
        } = sfn.tag_resource().resource_arn(MACHINE).tags(tag());
        "ListMapRuns" { "executionArn": EXECUTION } = sfn.list_map_runs().execution_arn(EXECUTION);
        "ValidateStateMachineDefinition" {
            "definition": "{}", "type": "STANDARD", "maxResults": 0
        } = sfn.validate_state_machine_definition().definition("{}").r#type(StateMachineType::Standard).max_results(0);
    );
    pair
}
