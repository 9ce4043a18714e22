# AWS Step Functions through the plugin, with the names and columns that existing scripts know: parameters in
# kebab-case, results in snake_case around the API's own fields. Lists come from the plugin's cache; definitions and inputs,
# which AWS calls sensitive, only where `cache.sensitive` says so (`aws cache ttl stepfunctions` tells of each).

export use ./stepfunctions_checks.nu *
export use ./stepfunctions_helpers.nu *

# The answer of an operation; parameters that are empty or null are left out.
def ask [operation: string, parameters: record]: nothing -> any {
    let given = $parameters | items {|name, value| {name: $name, value: $value} }
    | where {|one| $one.value not-in ["" null [] {}] }
    | reduce --fold {} {|one, all| $all | insert $one.name $one.value }
    aws call stepfunctions $operation $given
}

# What may stand for a state machine or an activity: those that are known, without waiting for AWS.
def "nu-complete state machines" []: nothing -> table { aws complete stepfunctions stateMachineArn }
def "nu-complete activities" []: nothing -> table { aws complete stepfunctions activityArn }

# One page of a list: its rows under a name, and `next_token`, which is empty at the end.
def page [from: string, to: string]: record -> record {
    {$to: ($in | get --optional $from | default []), next_token: ($in | get --optional nextToken | default "")}
}

# A definition as text, given as such or as a record.
def definition [given: any]: nothing -> string { if ($given | describe) == string { $given } else { $given | to json --raw } }

# The map runs of an execution: `{map_runs, next_token}`.
export def list-map-runs [
    execution_arn: string
    --max-results: int = 100
    --next-token: string = ""
]: nothing -> record {
    ask ListMapRuns {executionArn: $execution_arn, maxResults: $max_results, nextToken: $next_token} | page mapRuns map_runs
}

# A map run.
export def describe-map-run [
    map_run_arn: string
]: nothing -> record {
    ask DescribeMapRun {mapRunArn: $map_run_arn}
}

# Changes how a map run goes on.
export def update-map-run [
    map_run_arn: string
    --max-concurrency: int
    --tolerated-failure-percentage: float
    --tolerated-failure-count: int
]: nothing -> nothing {
    ask UpdateMapRun {mapRunArn: $map_run_arn, maxConcurrency: $max_concurrency, toleratedFailurePercentage: $tolerated_failure_percentage, toleratedFailureCount: $tolerated_failure_count} | ignore
}

# Starts an execution: `{execution_arn, start_date}`.
export def start-execution [
    state_machine_arn: string@"nu-complete state machines"
    --name: string = ""
    --input: string = "{}"   # JSON
    --trace-header: string = ""
]: nothing -> record {
    ask StartExecution {stateMachineArn: $state_machine_arn, name: $name, input: $input, traceHeader: $trace_header} | {execution_arn: $in.executionArn, start_date: $in.startDate}
}

# Starts an execution of an express state machine and waits for it.
export def start-sync-execution [
    state_machine_arn: string@"nu-complete state machines"
    --name: string = ""
    --input: string = "{}"   # JSON
    --trace-header: string = ""
]: nothing -> record {
    ask StartSyncExecution {stateMachineArn: $state_machine_arn, name: $name, input: $input, traceHeader: $trace_header}
}

# Stops an execution: `{stop_date}`.
export def stop-execution [
    execution_arn: string
    --error: string = ""
    --cause: string = ""
]: nothing -> record {
    ask StopExecution {executionArn: $execution_arn, error: $error, cause: $cause} | {stop_date: $in.stopDate}
}

# Goes on with an execution that failed: `{redrive_date}`.
export def redrive-execution [
    execution_arn: string
    --client-token: string = ""
]: nothing -> record {
    ask RedriveExecution {executionArn: $execution_arn, clientToken: $client_token} | {redrive_date: $in.redriveDate}
}

# An execution.
export def describe-execution [
    execution_arn: string
]: nothing -> record {
    ask DescribeExecution {executionArn: $execution_arn}
}

# The executions of a state machine or map run: `{executions, next_token}`.
export def list-executions [
    --state-machine-arn: string = ""
    --map-run-arn: string = ""
    --status-filter: string = ""
    --max-results: int = 100
    --next-token: string = ""
    --redrive-filter: string = ""
]: nothing -> record {
    ask ListExecutions {stateMachineArn: $state_machine_arn, mapRunArn: $map_run_arn, statusFilter: $status_filter, redriveFilter: $redrive_filter, maxResults: $max_results, nextToken: $next_token} | page executions executions
}

# What happened in an execution: `{events, next_token}`.
export def get-execution-history [
    execution_arn: string
    --max-results: int = 100
    --next-token: string = ""
    --reverse-order = false           # the latest first
    --include-execution-data = true   # with inputs and outputs
]: nothing -> record {
    ask GetExecutionHistory {executionArn: $execution_arn, reverseOrder: $reverse_order, includeExecutionData: $include_execution_data, maxResults: $max_results, nextToken: $next_token} | page events events
}

# The state machines: `{state_machines, next_token}`.
export def list-state-machines [
    --max-results: int = 100
    --next-token: string = ""
]: nothing -> record {
    ask ListStateMachines {maxResults: $max_results, nextToken: $next_token} | page stateMachines state_machines
}

# A state machine.
export def describe-state-machine [
    state_machine_arn: string@"nu-complete state machines"
]: nothing -> record {
    ask DescribeStateMachine {stateMachineArn: $state_machine_arn}
}

# The state machine as it was for an execution.
export def describe-state-machine-for-execution [
    execution_arn: string
]: nothing -> record {
    ask DescribeStateMachineForExecution {executionArn: $execution_arn}
}

# Makes a state machine of a definition (text or record): `{state_machine_arn, creation_date}`.
export def create-state-machine [
    name: string
    definition: any
    role_arn: string
    --type: string = "STANDARD"
    --logging-configuration: record = {}
    --tags: list<record> = []       # {key, value}
    --tracing-configuration: record = {}
    --publish = false
    --version-description: string = ""
]: nothing -> record {
    ask CreateStateMachine {name: $name, definition: (definition $definition), roleArn: $role_arn, type: $type, loggingConfiguration: $logging_configuration, tags: $tags, tracingConfiguration: $tracing_configuration, publish: (if $publish { true }), versionDescription: $version_description} | {state_machine_arn: $in.stateMachineArn, creation_date: $in.creationDate}
}

# Changes a state machine.
export def update-state-machine [
    state_machine_arn: string@"nu-complete state machines"
    --definition: any
    --role-arn: string = ""
    --logging-configuration: record = {}
    --tracing-configuration: record = {}
    --publish = false
    --version-description: string = ""
]: nothing -> record {
    ask UpdateStateMachine {stateMachineArn: $state_machine_arn, definition: (if $definition != null { definition $definition }), roleArn: $role_arn, loggingConfiguration: $logging_configuration, tracingConfiguration: $tracing_configuration, publish: (if $publish { true }), versionDescription: $version_description}
}

# Deletes a state machine.
export def delete-state-machine [
    state_machine_arn: string@"nu-complete state machines"
]: nothing -> nothing {
    ask DeleteStateMachine {stateMachineArn: $state_machine_arn} | ignore
}

# Tells that a task succeeded, with its output (JSON).
export def send-task-success [
    task_token: string
    output: string
]: nothing -> nothing {
    ask SendTaskSuccess {taskToken: $task_token, output: $output} | ignore
}

# Tells that a task failed.
export def send-task-failure [
    task_token: string
    --error: string = ""
    --cause: string = ""
]: nothing -> nothing {
    ask SendTaskFailure {taskToken: $task_token, error: $error, cause: $cause} | ignore
}

# Tells that a task goes on.
export def send-task-heartbeat [
    task_token: string
]: nothing -> nothing {
    ask SendTaskHeartbeat {taskToken: $task_token} | ignore
}

# Makes an activity: `{activity_arn, creation_date}`.
export def create-activity [
    name: string
    --tags: list<record> = []       # {key, value}
]: nothing -> record {
    ask CreateActivity {name: $name, tags: $tags} | {activity_arn: $in.activityArn, creation_date: $in.creationDate}
}

# Deletes an activity.
export def delete-activity [
    activity_arn: string@"nu-complete activities"
]: nothing -> nothing {
    ask DeleteActivity {activityArn: $activity_arn} | ignore
}

# An activity.
export def describe-activity [
    activity_arn: string@"nu-complete activities"
]: nothing -> record {
    ask DescribeActivity {activityArn: $activity_arn}
}

# The activities: `{activities, next_token}`.
export def list-activities [
    --max-results: int = 100
    --next-token: string = ""
]: nothing -> record {
    ask ListActivities {maxResults: $max_results, nextToken: $next_token} | page activities activities
}

# Waits for a task of an activity, a minute at most: `{task_token, input}`, both empty where there is none.
export def get-activity-task [
    activity_arn: string@"nu-complete activities"
    --worker-name: string = ""
]: nothing -> record {
    ask GetActivityTask {activityArn: $activity_arn, workerName: $worker_name} | {task_token: ($in.taskToken? | default ""), input: ($in.input? | default "")}
}

# Tags a resource.
export def tag-resource [
    resource_arn: string
    tags: list<record>              # {key, value}
]: nothing -> nothing {
    ask TagResource {resourceArn: $resource_arn, tags: $tags} | ignore
}

# Takes tags off a resource.
export def untag-resource [
    resource_arn: string
    tag_keys: list<string>
]: nothing -> nothing {
    ask UntagResource {resourceArn: $resource_arn, tagKeys: $tag_keys} | ignore
}

# The tags of a resource: a list of `{key, value}`.
export def list-tags-for-resource [
    resource_arn: string
]: nothing -> list<any> {
    ask ListTagsForResource {resourceArn: $resource_arn} | get --optional tags | default []
}

# Publishes a version: `{creation_date, state_machine_version_arn}`.
export def publish-state-machine-version [
    state_machine_arn: string@"nu-complete state machines"
    --revision-id: string = ""
    --description: string = ""
]: nothing -> record {
    ask PublishStateMachineVersion {stateMachineArn: $state_machine_arn, revisionId: $revision_id, description: $description} | {creation_date: $in.creationDate, state_machine_version_arn: $in.stateMachineVersionArn}
}

# The versions of a state machine: `{state_machine_versions, next_token}`.
export def list-state-machine-versions [
    state_machine_arn: string@"nu-complete state machines"
    --max-results: int = 100
    --next-token: string = ""
]: nothing -> record {
    ask ListStateMachineVersions {stateMachineArn: $state_machine_arn, maxResults: $max_results, nextToken: $next_token} | page stateMachineVersions state_machine_versions
}

# Deletes a version.
export def delete-state-machine-version [
    state_machine_version_arn: string
]: nothing -> nothing {
    ask DeleteStateMachineVersion {stateMachineVersionArn: $state_machine_version_arn} | ignore
}

# Makes an alias: `routing_configuration` is a list of `{stateMachineVersionArn, weight}`.
export def create-state-machine-alias [
    name: string
    routing_configuration: list<record>
    --description: string = ""
]: nothing -> record {
    ask CreateStateMachineAlias {name: $name, routingConfiguration: $routing_configuration, description: $description}
}

# An alias.
export def describe-state-machine-alias [
    state_machine_alias_arn: string
]: nothing -> record {
    ask DescribeStateMachineAlias {stateMachineAliasArn: $state_machine_alias_arn}
}

# Changes an alias.
export def update-state-machine-alias [
    state_machine_alias_arn: string
    --routing-configuration: list<record> = []
    --description: string = ""
]: nothing -> record {
    ask UpdateStateMachineAlias {stateMachineAliasArn: $state_machine_alias_arn, routingConfiguration: $routing_configuration, description: $description}
}

# Deletes an alias.
export def delete-state-machine-alias [
    state_machine_alias_arn: string
]: nothing -> nothing {
    ask DeleteStateMachineAlias {stateMachineAliasArn: $state_machine_alias_arn} | ignore
}

# The aliases of a state machine: `{state_machine_aliases, next_token}`.
export def list-state-machine-aliases [
    state_machine_arn: string@"nu-complete state machines"
    --max-results: int = 100
    --next-token: string = ""
]: nothing -> record {
    ask ListStateMachineAliases {stateMachineArn: $state_machine_arn, maxResults: $max_results, nextToken: $next_token} | page stateMachineAliases state_machine_aliases
}

# Runs one state of a definition (text or record).
export def test-state [
    definition: any
    role_arn: string = ""
    --input: string = "{}"   # JSON
    --inspection-level: string = "INFO"
]: nothing -> record {
    ask TestState {definition: (definition $definition), roleArn: $role_arn, input: $input, inspectionLevel: $inspection_level}
}

# Checks a definition (text or record): `{result, diagnostics}`.
export def validate-state-machine-definition [
    definition: any
    --type: string = "STANDARD"
]: nothing -> record {
    ask ValidateStateMachineDefinition {definition: (definition $definition), type: $type} | {result: $in.result, diagnostics: ($in.diagnostics? | default [])}
}
