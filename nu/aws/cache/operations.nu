# Lists of Step Functions through the plugin's cache, in the form that existing scripts know.
#
# `executions` and `state_machines` have the API's own columns. `cache_source` is memory, disk or aws.

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
    listed { aws call stepfunctions ListExecutions $parameters --ttl $ttl --meta } executions executions
}

# The state machines: `{state_machines, cached, cache_key, cache_source, timing}`.
export def cached-list-state-machines [
    --max-results: int = 100         # how many, up to 1000
    --ttl: duration = 5min           # how old the answer may be, and how long a new one is kept
]: nothing -> record {
    listed { aws call stepfunctions ListStateMachines {maxResults: $max_results} --ttl $ttl --meta } stateMachines state_machines
}

# `timing` is of durations: what the cache took is `cache_lookup_time`, storing a new answer included, which is not told apart.
def listed [ask: closure, from: string, to: string]: nothing -> record {
    let start = date now
    let answer = do $ask
    let total = (date now) - $start
    let cached = $answer.meta.cache in [memory disk]
    let called = if $cached { 0sec } else { $answer.meta.duration }
    {
        $to: ($answer.data | get $from)
        cached: $cached
        cache_key: ($answer.meta.key | default "")
        cache_source: (if $cached { $answer.meta.cache } else { "aws" })
        timing: {
            cache_lookup_time: (if $cached { $answer.meta.duration } else { $total - $called })
            aws_call_time: $called
            cache_store_time: 0sec
            total_time: $total
        }
    }
}
