# What scripts do around AWS Step Functions without asking anybody: errors as records, checks of input, parts of ARNs,
# definitions and answers for tests. Comes with `use aws/stepfunctions.nu`.

# Longest text and largest number that a check lets through where nobody says.
const LARGEST = 1_000_000

# The columns of an error, empty.
export def stepfunctions-error []: nothing -> record { {type: "", message: "", context: {}, code: "", details: ""} }

# The columns of what a check found, empty.
export def validation-result []: nothing -> record { {valid: false, errors: []} }

# The parameters of a state machine, empty.
export def stepfunctions-config []: nothing -> record {
    {name: "", definition: "", role_arn: "", type: "STANDARD", logging_configuration: {}, tracing_configuration: {}, tags: []}
}

# An error as a record, which `error make` takes: `{type, message, msg, context, code, details, timestamp}`.
export def create-error [
    type: string
    message: string
    context: record = {}
    code: string = ""
    details: string = ""
]: nothing -> record {
    let now = date now | date to-timezone UTC | format date "%Y-%m-%d %H:%M:%S UTC"
    {type: $type, message: $message, msg: $message, context: $context, code: $code, details: $details, timestamp: $now}
}

# An error about a value: its code is VALIDATION_FAILED, its context `{field, value, constraint}`.
export def create-validation-error [
    field: string
    value: any
    constraint: string
    message: string = ""   # instead of one made of field and constraint
]: nothing -> record {
    let message = if $message == "" { $"Validation failed for field '($field)': ($constraint)" } else { $message }
    create-error ValidationError $message {field: $field, value: $value, constraint: $constraint} VALIDATION_FAILED
}

# An error of AWS: its code is AWS_CLI_FAILED, its context `{operation}`.
export def create-aws-error [operation: string, message: string, details: string = ""]: nothing -> record {
    let told = if $message == "" { "" } else { $": ($message)" }
    create-error AWSError $"AWS CLI operation failed: ($operation)($told)" {operation: $operation} AWS_CLI_FAILED $details
}

# Errors as what a check found: `{valid, errors}`.
export def aggregate-validation-errors [errors: list<any>]: nothing -> record { {valid: ($errors | is-empty), errors: $errors} }

# What a check found: an error for each constraint that does not hold.
def checked [field: string, value: any, constraints: list<record>]: nothing -> record {
    let failed = $constraints | where holds == false | get constraint
    aggregate-validation-errors ($failed | each {|constraint| create-validation-error $field $value $constraint })
}

# Whether a text is an ARN, of the given type (`stateMachine`, `execution`, `role`) where one is given: `{valid, errors}`.
@example "The ARN of another thing" { validate-arn "arn:aws:states:eu-west-1:123456789012:stateMachine:m" execution | get valid } --result false
export def validate-arn [arn: string, resource_type: string = ""]: nothing -> record {
    let resource = $arn | split row ":" | skip 5 | str join ":"
    checked arn $arn [
        {holds: ($arn != ""), constraint: "must not be empty"}
        {holds: ($arn =~ '^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]*:.+$'), constraint: "must be a valid AWS ARN"}
        {holds: ($resource_type == "" or ($resource | split row -r "[:/]" | first) == $resource_type), constraint: $"must be a ($resource_type) ARN"}
    ]
}

# Whether a text has so many characters: `{valid, errors}`.
export def validate-string-length [value: string, field_name: string, min_length: int = 0, max_length: int = $LARGEST]: nothing -> record {
    let length = $value | str length --grapheme-clusters
    checked $field_name $value [
        {holds: ($length >= $min_length), constraint: $"minimum length is ($min_length)"}
        {holds: ($length <= $max_length), constraint: $"maximum length is ($max_length)"}
    ]
}

# Whether a value is one of those allowed: `{valid, errors}`.
export def validate-enum [value: string, field_name: string, allowed_values: list<string>]: nothing -> record {
    checked $field_name $value [{holds: ($value in $allowed_values), constraint: $"must be one of: ($allowed_values | str join ', ')"}]
}

# Whether a text is JSON: `{valid, errors}`.
export def validate-json [value: string, field_name: string]: nothing -> record {
    checked $field_name $value [{holds: (try { $value | from json --strict | ignore; true } catch { false }), constraint: "must be valid JSON"}]
}

# Whether a number is within bounds: `{valid, errors}`.
export def validate-integer [value: int, field_name: string, min_value: int = 0, max_value: int = $LARGEST]: nothing -> record {
    checked $field_name $value [
        {holds: ($value >= $min_value), constraint: $"minimum value is ($min_value)"}
        {holds: ($value <= $max_value), constraint: $"maximum value is ($max_value)"}
    ]
}

# Whether an execution can be started like that: `{valid, errors}`.
export def validate-execution-request [state_machine_arn: string, input: string = "{}", name: string = ""]: nothing -> record {
    let named = if $name == "" { [] } else { (validate-string-length $name name 1 80).errors }
    aggregate-validation-errors [...(validate-arn $state_machine_arn stateMachine).errors ...(validate-json $input input).errors ...$named]
}

# The name of what an ARN means: what follows the last colon.
@example "Of an execution" { extract-resource-name "arn:aws:states:eu-west-1:123456789012:execution:orders:first" } --result first
export def extract-resource-name [arn: string]: nothing -> string { $arn | split row ":" | last }

# The account in an ARN; empty where it has none.
export def extract-account-id [arn: string]: nothing -> string { $arn | split row ":" | get --optional 4 | default "" }

# The region in an ARN; empty where it has none.
export def extract-region [arn: string]: nothing -> string { $arn | split row ":" | get --optional 3 | default "" }

# A definition to test with, as JSON: `simple`, `choice`, `parallel`; anything else is `simple`.
export def generate-test-definition [type: string = "simple"]: nothing -> string {
    let pass = {Type: Pass, End: true}
    match $type {
        "choice" => {
            StartAt: Choose
            States: {
                Choose: {Type: Choice, Choices: [{Variable: "$.action", StringEquals: success, Next: Success}], Default: Failure}
                Success: $pass
                Failure: {Type: Fail, Error: DefaultError, Cause: "no action is named"}
            }
        }
        "parallel" => {
            StartAt: Both
            States: {Both: {Type: Parallel, Branches: [{StartAt: One, States: {One: $pass}} {StartAt: Two, States: {Two: $pass}}], End: true}}
        }
        _ => {StartAt: Pass, States: {Pass: $pass}}
    } | to json
}

# Whether Step Functions is mocked, and what mocked ARNs are made of: `{enabled, account_id, region}`.
export def mock-config []: nothing -> record {
    {
        enabled: ($env.STEPFUNCTIONS_MOCK_MODE? | default ($env.AWS_MOCK_MODE? | default false) | into string | str lowercase | $in in ["true" "1" "yes" "on"])
        account_id: ($env.AWS_ACCOUNT_ID? | default "123456789012")
        region: ($env.AWS_REGION? | default ($env.AWS_DEFAULT_REGION? | default "us-east-1"))
    }
}

# Whether Step Functions is mocked.
export def is-mock-mode []: nothing -> bool { (mock-config).enabled }

# The present moment as AWS writes it.
export def generate-mock-timestamp []: nothing -> string { date now | date to-timezone UTC | format date "%Y-%m-%dT%H:%M:%S.%3fZ" }

# An ARN of Step Functions, of the account and region of `mock-config` or a record like it.
export def generate-mock-arn [resource_type: string, resource_name: string, config?: record]: nothing -> string {
    let of = $config | default (mock-config)
    $"arn:aws:states:($of.region):($of.account_id):($resource_type):($resource_name)"
}

# The ARN of an execution, as `generate-mock-arn`.
export def generate-mock-execution-arn [state_machine_name: string, execution_name: string = "mock-execution", config?: record]: nothing -> string {
    generate-mock-arn execution $"($state_machine_name):($execution_name)" $config
}

# An answer to start-execution, for tests.
export def mock-start-execution-response [state_machine_arn: string, execution_name: string = "mock-execution"]: nothing -> record {
    {executionArn: (generate-mock-execution-arn (extract-resource-name $state_machine_arn) $execution_name), startDate: (generate-mock-timestamp)}
}

# An answer to create-state-machine, for tests.
export def mock-create-state-machine-response [name: string]: nothing -> record {
    {stateMachineArn: (generate-mock-arn stateMachine $name), creationDate: (generate-mock-timestamp)}
}

# An answer to describe-execution, for tests: it succeeded.
export def mock-describe-execution-response [execution_arn: string]: nothing -> record {
    let now = generate-mock-timestamp
    {
        executionArn: $execution_arn
        stateMachineArn: ($execution_arn | str replace ":execution:" ":stateMachine:" | str replace --regex ":[^:]+$" "")
        name: (extract-resource-name $execution_arn)
        status: SUCCEEDED
        startDate: $now
        stopDate: $now
        input: "{}"
        inputDetails: {included: true}
        output: '{"result": "mock success"}'
        outputDetails: {included: true}
    }
}

# An answer to list-executions, for tests: there are none.
export def mock-list-executions-response []: nothing -> record { {executions: [], nextToken: ""} }

# An answer to list-state-machines, for tests: there are none.
export def mock-list-state-machines-response []: nothing -> record { {stateMachines: [], nextToken: ""} }

# An answer to create-activity, for tests.
export def mock-create-activity-response [name: string]: nothing -> record {
    {activityArn: (generate-mock-arn activity $name), creationDate: (generate-mock-timestamp)}
}

# An answer to validate-state-machine-definition, for tests: it is well.
export def mock-validation-response []: nothing -> record { {result: OK, diagnostics: []} }

# Arguments as the AWS CLI takes them: what is required, and of the rest what is not empty, zero or false.
@example "A list of words" { build-aws-args stepfunctions list-executions {state_machine_arn: a} {max_results: 5} } --result [stepfunctions list-executions --state-machine-arn a --max-results "5"]
export def build-aws-args [command: string, subcommand: string, required_args: record, optional_args: record = {}]: nothing -> list<string> {
    let flags = { items {|name, value| [$"--($name | str replace --all _ -)" ($value | into string)] } | flatten }
    let given = $optional_args | items {|name, value| {name: $name, value: $value} }
    | where value not-in ["" 0 false null] and ($it.value | is-not-empty)
    | reduce --fold {} {|one, all| $all | insert $one.name $one.value }
    [$command $subcommand ...($required_args | do $flags) ...($given | do $flags)]
}
