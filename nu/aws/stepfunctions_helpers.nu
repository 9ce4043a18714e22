# What scripts do around AWS Step Functions, through the plugin: waiting, whole lists, tests of state machines. Comes with
# `use aws/stepfunctions.nu`.

use ./stepfunctions_checks.nu *

# The error of a check, at the value that was checked.
def insist [found: record, message: string, value: any]: nothing -> nothing {
    if not $found.valid {
        let first = $found.errors.0
        error make {
            msg: $message
            code: $first.code
            label: {text: $first.context.constraint, span: (metadata $value).span}
        }
    }
}

# Makes a state machine to test with, of `generate-test-definition` where no definition is given: `{state_machine_arn, creation_date}`.
export def create-test-state-machine [
    name: string
    role_arn: string
    --definition: string = ""    # JSON
    --type: string = "STANDARD"
    --tags: list<any> = []       # {key, value}
]: nothing -> record {
    insist (validate-string-length $name name 1 80) "Invalid state machine name" $name
    let definition = if $definition == "" { generate-test-definition } else { $definition }
    insist (validate-json $definition definition) "Invalid state machine definition" $definition
    let tagged = if ($tags | is-empty) { {} } else { {tags: $tags} }
    let made = aws call stepfunctions CreateStateMachine ({name: $name, definition: $definition, roleArn: $role_arn, type: $type} | merge $tagged)
    {state_machine_arn: $made.stateMachineArn, creation_date: $made.creationDate}
}

# Runs a state machine and returns the description of the execution. An error where it ends otherwise than expected.
export def test-execution [
    state_machine_arn: string
    input: string                                # JSON
    expected_status: string = "SUCCEEDED"
    --execution-name: string = ""
    --timeout-seconds: int = 60
    --assertion-closure: closure                 # looks at the description, and fails where it should not be so
]: nothing -> record {
    insist (validate-execution-request $state_machine_arn $input $execution_name) "Invalid execution request" $state_machine_arn
    let named = if $execution_name == "" { {} } else { {name: $execution_name} }
    let arn = aws call stepfunctions StartExecution ({stateMachineArn: $state_machine_arn, input: $input} | merge $named) | get executionArn
    let execution = wait-for-execution-complete $arn --timeout-seconds $timeout_seconds --poll-interval-seconds 1
    if $execution.status != $expected_status {
        let cause = [$execution.error? $execution.cause?] | compact --empty | str join ": "
        error make {
            msg: $"Step Functions execution status mismatch: ($arn) is ($execution.status), not ($expected_status)"
            code: "ASSERTION_FAILED"
            label: {text: (if $cause == "" { "expected this" } else { $cause }), span: (metadata $expected_status).span}
        }
    }
    if $assertion_closure != null { $execution | do $assertion_closure $execution | ignore }
    $execution
}

# Waits until an execution ends, past the cache, and returns its description. An error where it takes longer.
export def wait-for-execution-complete [
    execution_arn: string
    --timeout-seconds: int = 300
    --poll-interval-seconds: int = 5
]: nothing -> any {
    insist (validate-arn $execution_arn execution) "Invalid execution ARN" $execution_arn
    let until = (date now) + $timeout_seconds * 1sec
    loop {
        let execution = aws call stepfunctions DescribeExecution {executionArn: $execution_arn} --no-cache
        if $execution.status not-in [RUNNING PENDING_REDRIVE] { return $execution }
        if (date now) >= $until {
            error make {
                msg: $"execution ($execution_arn) is still ($execution.status) after ($timeout_seconds) seconds"
                code: "EXECUTION_TIMEOUT"
                label: {text: "this execution", span: (metadata $execution_arn).span}
                help: "it goes on: wait again, or give --timeout-seconds"
            }
        }
        sleep ([($poll_interval_seconds * 1sec) ($until - (date now))] | math min)
    }
}

# What an execution returned, as a value; as text where it is no JSON, null while there is nothing.
export def get-execution-output [execution_arn: string]: nothing -> any { told $execution_arn output }

# What an execution was given, as a value; as text where it is no JSON, null where there is nothing.
export def get-execution-input [execution_arn: string]: nothing -> any { told $execution_arn input }

def told [execution_arn: string, part: string]: nothing -> any {
    insist (validate-arn $execution_arn execution) "Invalid execution ARN" $execution_arn
    let text = aws call stepfunctions DescribeExecution {executionArn: $execution_arn} | get --optional $part
    if $text == null { return null }
    try { $text | from json } catch { $text }
}

# The executions of several state machines, so many of each at most: `{executions, total_count}`.
export def list-all-executions [
    state_machine_arns: list<string>
    --status-filter: string = ""
    --max-results: int = 100
]: nothing -> record {
    let filter = if $status_filter == "" { {} } else { {statusFilter: $status_filter} }
    let executions = $state_machine_arns | each {|arn|
        aws stream stepfunctions ListExecutions ({stateMachineArn: $arn} | merge $filter) --max-items $max_results
    } | flatten
    {executions: $executions, total_count: ($executions | length)}
}

# Runs a closure until it succeeds, so many times at most; its last error where it never does.
export def retry-operation [
    operation: closure
    --max-attempts: int = 3
    --delay-seconds: int = 1
]: nothing -> any {
    for _ in 1..<$max_attempts {
        try { return (do $operation) } catch { sleep ($delay_seconds * 1sec) }
    }
    do $operation
}

# How long an execution took, or takes so far: `{execution_arn, status, duration_ms, event_count, start_time, end_time, performance_summary}`.
export def monitor-execution-performance [execution_arn: string]: nothing -> record {
    insist (validate-arn $execution_arn execution) "Invalid execution ARN" $execution_arn
    let execution = aws call stepfunctions DescribeExecution {executionArn: $execution_arn}
    let end = $execution.stopDate? | default (date now)
    let milliseconds = ($end - $execution.startDate) // 1ms
    {
        execution_arn: $execution_arn
        status: $execution.status
        duration_ms: $milliseconds
        event_count: (aws stream stepfunctions GetExecutionHistory {executionArn: $execution_arn} | length)
        start_time: $execution.startDate
        end_time: $end
        performance_summary: {
            fast: ($milliseconds < 1000)
            normal: ($milliseconds in 1000..9999)
            slow: ($milliseconds >= 10000)
        }
    }
}

# Makes the call that the AWS CLI would make of these arguments (`build-aws-args`), through the plugin. In mock mode the answer
# is the closure's, where there is one.
export def enhanced-aws-cli-call [
    operation: string
    args: list<string>
    mock_generator?: closure
]: nothing -> any {
    if $mock_generator != null and (is-mock-mode) { return (do $mock_generator) }
    if ($args | length) < 2 {
        error make (create-aws-error $operation "the arguments begin with a service and an operation of it" $"AWS CLI args: ($args | str join ' ')")
    }
    let service = $args.0
    let known = aws operations $service $args.1
    let words = $args | skip 2
    let flags = $words | enumerate | where item starts-with "--" | get index
    let parameters = $flags | reduce --fold {} {|at, all|
        let name = $words | get $at | str substring 2..
        let next = $words | get --optional ($at + 1)
        let value = if $next == null or ($at + 1) in $flags { null } else { $next }
        let off = $value == null and ($name starts-with "no-")
        let name = if $off { $name | str substring 3.. } else { $name }
        let type = $known.parameters | where {|one| (plain $one.name) == (plain $name) } | get --optional 0.type | default string
        $all | insert $name (if $value == null { not $off } else if $type == string { $value } else { $value | from json })
    }
    try { aws call $service $known.name $parameters } catch {|error|
        error make (create-aws-error $operation $error.msg $"AWS CLI args: ($args | str join ' ')")
    }
}

def plain [name: string]: nothing -> string { $name | str lowercase | str replace --all "-" "" }
