# Lists of Step Functions through the plugin's cache, in the form that existing scripts know.
#
# `executions` and `state_machines` have the API's own columns. `cache_source` is memory, disk or aws.

use ./integration.nu [cached-call]

# The executions of a state machine: `{executions, cached, cache_key, cache_source, timing}`.
export def cached-list-executions [
    --state-machine-arn: string      # whose executions
    --status-filter: string = ""     # RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED, PENDING_REDRIVE; all where empty
    --max-results: int = 100         # how many, up to 1000
    --ttl: duration = 5min           # how old the answer may be, and how long a new one is kept
]: nothing -> record {
    if ($state_machine_arn | is-empty) {
        error make {msg: "stateMachineArn required for list-executions", help: "give it with --state-machine-arn"}
    }
    let filter = if $status_filter == "" { {} } else { {statusFilter: $status_filter} }
    let parameters = {stateMachineArn: $state_machine_arn, maxResults: $max_results} | merge $filter
    listed ListExecutions $parameters $ttl executions executions
}

# The state machines: `{state_machines, cached, cache_key, cache_source, timing}`.
export def cached-list-state-machines [
    --max-results: int = 100         # how many, up to 1000
    --ttl: duration = 5min           # how old the answer may be, and how long a new one is kept
]: nothing -> record {
    listed ListStateMachines {maxResults: $max_results} $ttl stateMachines state_machines
}

# An answer whose rows have a name of their own.
def listed [operation: string, parameters: record, ttl: duration, from: string, to: string]: nothing -> record {
    let answer = cached-call stepfunctions $operation $parameters --ttl $ttl
    {$to: ($answer.data | get $from)} | merge ($answer | reject data)
}
