# What scripts do around AWS Step Functions: parts of ARNs, checks of input, definitions for tests, waiting. Comes with
# `use aws/stepfunctions.nu`; what asks AWS goes through the plugin.

# The parts of an ARN of Step Functions.
def parts [arn: string, span: record]: nothing -> list<string> {
    let parts = $arn | split row ":"
    if ($parts | length) < 7 or $parts.0 != "arn" or $parts.2 != "states" {
        error make {
            msg: $"Invalid ARN format: ($arn)"
            label: {text: "not an ARN of Step Functions", span: $span}
            help: "write it as arn:aws:states:eu-west-1:123456789012:stateMachine:name"
        }
    }
    $parts
}

# The name of what an ARN of Step Functions means: the last part.
@example "Of an execution" { extract-resource-name "arn:aws:states:eu-west-1:123456789012:execution:orders:first" } --result first
export def extract-resource-name [arn: string]: nothing -> string { parts $arn (metadata $arn).span | last }

# The account in an ARN of Step Functions.
export def extract-account-id [arn: string]: nothing -> string { (parts $arn (metadata $arn).span).4 }

# The region in an ARN of Step Functions.
export def extract-region [arn: string]: nothing -> string { (parts $arn (metadata $arn).span).3 }

# What a check found: `{valid, errors}`.
def found [errors: list<string>]: nothing -> record { {valid: ($errors | is-empty), errors: $errors} }

# Whether a text is an ARN of Step Functions, of the given kind where one is given: `{valid, errors}`.
export def validate-arn [arn: string, kind: string = ""]: nothing -> record {
    let of = if $kind == "" { "[a-zA-Z]+" } else { $kind }
    found (if $arn =~ $"^arn:aws[a-z-]*:states:[a-z0-9-]+:[0-9]{12}:($of):.+$" { [] } else { [$"Invalid ARN format: ($arn)"] })
}

# Whether a text has so many characters: `{valid, errors}`.
export def validate-string-length [text: string, min: int, max: int]: nothing -> record {
    let length = $text | str length --grapheme-clusters
    found (if $length in $min..$max { [] } else { [$"has ($length) characters, not ($min) to ($max)"] })
}

# Whether a value is one of those allowed: `{valid, errors}`.
export def validate-enum [value: string, allowed: list<string>]: nothing -> record {
    found (if $value in $allowed { [] } else { [$"`($value)` is none of ($allowed | str join ', ')"] })
}

# Whether a number is within bounds: `{valid, errors}`.
export def validate-integer [value: int, min: int, max: int]: nothing -> record {
    found (if $value in $min..$max { [] } else { [$"($value) is not within ($min) and ($max)"] })
}

# Whether a text is JSON: `{valid, errors}`.
export def validate-json [text: string]: nothing -> record {
    let well = try { $text | from json --strict | ignore; true } catch { false }
    found (if $well { [] } else { ["is no JSON"] })
}

# A definition to test with: `simple`, `choice` or `parallel`, as a record.
export def generate-test-definition [kind: string = "simple"]: nothing -> record {
    let pass = {Type: Pass, End: true}
    match $kind {
        "simple" => {StartAt: Pass, States: {Pass: $pass}}
        "choice" => {
            StartAt: Choose
            States: {
                Choose: {Type: Choice, Choices: [{Variable: "$.value", NumericGreaterThan: 0, Next: Positive}], Default: Other}
                Positive: $pass
                Other: $pass
            }
        }
        "parallel" => {
            StartAt: Both
            States: {Both: {Type: Parallel, Branches: [{StartAt: One, States: {One: $pass}} {StartAt: Two, States: {Two: $pass}}], End: true}}
        }
        _ => {
            error make {
                msg: $"there is no test definition `($kind)`"
                label: {text: "simple, choice or parallel", span: (metadata $kind).span}
            }
        }
    }
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

# Waits until an execution ends, past the cache, and returns its description. An error where it takes longer.
export def wait-for-execution-complete [
    execution_arn: string
    --timeout-seconds: int = 300
    --poll-interval-seconds: int = 5
]: nothing -> any {
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

# All executions of a state machine, page by page.
export def list-all-executions [state_machine_arn: string, --status-filter: string = ""]: nothing -> list<any> {
    let filter = if $status_filter == "" { {} } else { {statusFilter: $status_filter} }
    aws stream stepfunctions ListExecutions ({stateMachineArn: $state_machine_arn} | merge $filter)
}

# What an execution returned, as a value; null while it has not.
export def get-execution-output [execution_arn: string]: nothing -> any {
    let output = aws call stepfunctions DescribeExecution {executionArn: $execution_arn} | get --optional output
    if $output == null { null } else { $output | from json }
}

# What an execution was given, as a value.
export def get-execution-input [execution_arn: string]: nothing -> any {
    aws call stepfunctions DescribeExecution {executionArn: $execution_arn} | get input | from json
}
