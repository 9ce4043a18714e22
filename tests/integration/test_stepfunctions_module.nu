# The module `aws/stepfunctions.nu`: names and columns of existing scripts, on a local AWS server.

use std/assert
use std/testing *
use ../lib/moto.nu *
use ../../nu/aws/stepfunctions.nu

const ROLE = "arn:aws:iam::123456789012:role/flow"
const DEFINITION = {StartAt: end, States: {end: {Type: Succeed}}}

@before-all
def server [] {
    let server = moto start $env.TEST_PYTHON $env.TEST_DIR
    $server | insert AWS_CACHE_DIR ($env.TEST_DIR | path join stepfunctions-cache)
}

@test
def "a state machine from its making to its end" [] {
    load-env $in
    let made = stepfunctions create-state-machine orders $DEFINITION $ROLE --tags [{key: team, value: ops}]
    assert equal ($made | columns) [state_machine_arn creation_date]
    assert equal ($made.creation_date | describe) datetime
    let listed = stepfunctions list-state-machines
    assert equal ($listed | columns) [state_machines next_token]
    assert equal [$listed.state_machines.name $listed.next_token] [[orders] ""]
    assert equal (stepfunctions describe-state-machine $made.state_machine_arn | get name) orders
    assert equal (stepfunctions list-tags-for-resource $made.state_machine_arn) [{key: team, value: ops}]
    stepfunctions tag-resource $made.state_machine_arn [{key: more, value: yes}]
    stepfunctions untag-resource $made.state_machine_arn [team]
    assert equal (stepfunctions list-tags-for-resource $made.state_machine_arn) [{key: more, value: yes}]
    let run = stepfunctions start-execution $made.state_machine_arn --name first --input '{"a": 1}'
    assert equal ($run | columns) [execution_arn start_date]
    assert equal (stepfunctions describe-execution $run.execution_arn | select name input) {name: first, input: '{"a": 1}'}
    let executions = stepfunctions list-executions --state-machine-arn $made.state_machine_arn
    assert equal [$executions.executions.name $executions.next_token] [[first] ""]
    assert equal (stepfunctions stop-execution $run.execution_arn --error E --cause c | columns) [stop_date]
    assert equal (stepfunctions list-executions --state-machine-arn $made.state_machine_arn --status-filter ABORTED | get executions.name) [first]
    assert equal (stepfunctions get-execution-history $run.execution_arn | columns) [events next_token]
    stepfunctions update-state-machine $made.state_machine_arn --definition ($DEFINITION | to json) | ignore
    stepfunctions delete-state-machine $made.state_machine_arn
    assert equal (stepfunctions list-state-machines | get state_machines) []
}

@test
def "lists come in pages" [] {
    load-env $in
    for i in 1..3 { stepfunctions create-state-machine $"m($i)" $DEFINITION $ROLE | ignore }
    let first = stepfunctions list-state-machines --max-results 2
    let second = stepfunctions list-state-machines --max-results 2 --next-token $first.next_token
    assert equal [($first.state_machines | length) $second.next_token] [2 ""]
    assert equal ($first.state_machines.name ++ $second.state_machines.name | sort) [m1 m2 m3]
}

@test
def "activities, and errors that keep their code" [] {
    load-env $in
    let activity = stepfunctions create-activity work
    assert equal ($activity | columns) [activity_arn creation_date]
    assert equal (stepfunctions list-activities | get activities.name) [work]
    assert equal (stepfunctions describe-activity $activity.activity_arn | get name) work
    stepfunctions delete-activity $activity.activity_arn
    let told = try { stepfunctions describe-state-machine "arn:aws:states:eu-west-1:123456789012:stateMachine:none" } catch {|error| $error.rendered }
    assert str contains $told "aws::StateMachineDoesNotExist"
}

@test
def "every command works on generated answers" [] {
    load-env $in
    $env.STEPFUNCTIONS_MOCK_MODE = "true"
    let arn = "arn:aws:states:eu-west-1:123456789012:stateMachine:m"
    assert equal (stepfunctions list-map-runs $arn | columns) [map_runs next_token]
    assert equal (stepfunctions describe-map-run $arn | get mock) true
    stepfunctions update-map-run $arn --max-concurrency 3
    assert equal (stepfunctions start-sync-execution $arn | get mock) true
    assert equal (stepfunctions redrive-execution $arn | columns) [redrive_date]
    assert equal (stepfunctions describe-state-machine-for-execution $arn | get mock) true
    stepfunctions send-task-success token "{}"
    stepfunctions send-task-failure token --error E
    stepfunctions send-task-heartbeat token
    assert equal (stepfunctions get-activity-task $arn | columns) [task_token input]
    assert equal (stepfunctions publish-state-machine-version $arn | columns) [creation_date state_machine_version_arn]
    assert equal (stepfunctions list-state-machine-versions $arn | columns) [state_machine_versions next_token]
    stepfunctions delete-state-machine-version $arn
    assert equal (stepfunctions create-state-machine-alias a [{stateMachineVersionArn: $arn, weight: 100}] | get mock) true
    assert equal (stepfunctions describe-state-machine-alias $arn | get mock) true
    assert equal (stepfunctions update-state-machine-alias $arn --description d | get mock) true
    stepfunctions delete-state-machine-alias $arn
    assert equal (stepfunctions list-state-machine-aliases $arn | columns) [state_machine_aliases next_token]
    assert equal (stepfunctions test-state $DEFINITION | get mock) true
    assert equal (stepfunctions validate-state-machine-definition $DEFINITION | columns) [result diagnostics]
}

@test
def "helpers around executions" [] {
    load-env $in
    let made = stepfunctions create-test-state-machine helped $ROLE --tags [{key: for, value: tests}]
    assert equal (stepfunctions list-tags-for-resource $made.state_machine_arn) [{key: for, value: tests}]
    assert equal (stepfunctions describe-state-machine $made.state_machine_arn | get definition | from json | get StartAt) Pass
    let run = stepfunctions start-execution $made.state_machine_arn --name only --input '{"value": 1}'
    assert equal (stepfunctions get-execution-input $run.execution_arn) {value: 1}
    assert equal (stepfunctions get-execution-output $run.execution_arn) null
    let slow = try { stepfunctions wait-for-execution-complete $run.execution_arn --timeout-seconds 1 --poll-interval-seconds 5 } catch {|error| $error.msg }
    assert str contains $slow "still RUNNING after 1 seconds"
    let measured = stepfunctions monitor-execution-performance $run.execution_arn
    assert equal ($measured | select execution_arn status) {execution_arn: $run.execution_arn, status: RUNNING}
    assert ($measured.event_count > 0 and $measured.duration_ms >= 1000 and not $measured.performance_summary.fast)
    stepfunctions stop-execution $run.execution_arn | ignore
    assert equal (stepfunctions wait-for-execution-complete $run.execution_arn | get status) ABORTED
    let second = stepfunctions create-test-state-machine second $ROLE
    stepfunctions start-execution $second.state_machine_arn --name other | ignore
    let all = stepfunctions list-all-executions [$made.state_machine_arn $second.state_machine_arn]
    assert equal [$all.executions.name $all.total_count] [[only other] 2]
    assert equal (stepfunctions list-all-executions [$made.state_machine_arn] --status-filter SUCCEEDED) {executions: [], total_count: 0}
    let late = try { stepfunctions test-execution $second.state_machine_arn "{}" --timeout-seconds 1 } catch {|error| $error.msg }
    assert str contains $late "still RUNNING"
    assert equal (try { stepfunctions wait-for-execution-complete $made.state_machine_arn } catch {|error| $error.msg }) "Invalid execution ARN"
}

@test
def "an execution is tested by its end" [] {
    load-env $in
    let made = stepfunctions create-test-state-machine ends $ROLE
    # The server carries nothing out: somebody else ends it.
    job spawn {
        sleep 1sec
        let name = aws call stepfunctions ListExecutions {stateMachineArn: $made.state_machine_arn} --no-cache | get executions.0.executionArn
        aws call stepfunctions StopExecution {executionArn: $name, cause: "enough"} | ignore
    } | ignore
    let seen = {|execution| if $execution.status != ABORTED { error make {msg: "not that"} } }
    let execution = stepfunctions test-execution $made.state_machine_arn "{}" ABORTED --execution-name ended --assertion-closure $seen
    assert equal [$execution.name $execution.status] [ended ABORTED]
    let run = stepfunctions start-execution $made.state_machine_arn
    stepfunctions stop-execution $run.execution_arn | ignore
    let refused = try { stepfunctions test-execution $made.state_machine_arn "{" } catch {|error| $error.msg }
    assert equal $refused "Invalid execution request"
}

@test
def "arguments of the AWS CLI make calls of the plugin" [] {
    load-env $in
    let args = stepfunctions build-aws-args stepfunctions create-activity {name: by-words} {tags: '[{"key": "a", "value": "1"}]'}
    let made = stepfunctions enhanced-aws-cli-call create-activity $args
    assert equal (stepfunctions list-tags-for-resource $made.activityArn) [{key: a, value: "1"}]
    let listed = stepfunctions enhanced-aws-cli-call list-activities [stepfunctions list-activities --max-results "1"]
    assert equal ($listed.activities | length) 1
    assert str contains (try { stepfunctions enhanced-aws-cli-call list [stepfunctions]; "" } catch {|error| $error.msg }) "an operation of it"
    let told = try { stepfunctions enhanced-aws-cli-call describe-activity [stepfunctions describe-activity --activity-arn "arn:aws:states:eu-west-1:123456789012:activity:none"] } catch {|error| $error.msg }
    assert ($told starts-with "AWS CLI operation failed: describe-activity: ")
    with-env {STEPFUNCTIONS_MOCK_MODE: "true"} {
        assert equal (stepfunctions enhanced-aws-cli-call list-activities [stepfunctions list-activities] { "mine" }) mine
        assert (stepfunctions enhanced-aws-cli-call list-activities [stepfunctions list-activities] | get activities | is-not-empty)
    }
}

@test
def "helpers that ask nobody" [] {
    let arn = "arn:aws:states:eu-west-1:123456789012:execution:orders:first"
    assert equal (stepfunctions extract-resource-name $arn) first
    assert equal [(stepfunctions extract-region $arn) (stepfunctions extract-account-id $arn)] [eu-west-1 "123456789012"]
    assert equal [(stepfunctions extract-region x) (stepfunctions extract-account-id x)] ["" ""]
    assert equal (stepfunctions validate-arn $arn execution) {valid: true, errors: []}
    assert equal (stepfunctions validate-arn $arn stateMachine | get errors.context.constraint) ["must be a stateMachine ARN"]
    assert (stepfunctions validate-arn $ROLE role).valid
    assert equal (stepfunctions validate-arn "" | get errors.context.constraint) ["must not be empty" "must be a valid AWS ARN"]
    assert equal (stepfunctions validate-enum RED color [BLUE GREEN] | get errors.0 | reject timestamp) {
        type: ValidationError
        message: "Validation failed for field 'color': must be one of: BLUE, GREEN"
        msg: "Validation failed for field 'color': must be one of: BLUE, GREEN"
        context: {field: color, value: RED, constraint: "must be one of: BLUE, GREEN"}
        code: VALIDATION_FAILED
        details: ""
    }
    assert (stepfunctions validate-integer 5 n 1 10).valid
    assert not (stepfunctions validate-integer 11 n 1 10).valid
    assert not (stepfunctions validate-string-length "" name 1 80).valid
    assert not (stepfunctions validate-json "{a: " input).valid
    assert (stepfunctions validate-json '{"a": 1}' input).valid
    assert equal (stepfunctions validate-execution-request x "{" ("" | fill --width 81 --character x) | get errors.context.field) [arn arn input name]
    assert equal (stepfunctions generate-test-definition parallel | from json | get States.Both.Branches | length) 2
    assert equal (stepfunctions generate-test-definition choice | from json | get StartAt) Choose
    assert equal (try { error make (stepfunctions create-error Timeout late {} CODE) } catch {|error| $error.msg }) late
    assert equal (stepfunctions create-aws-error list no | select message context) {message: "AWS CLI operation failed: list: no", context: {operation: list}}
    let file = mktemp --tmpdir
    let result = stepfunctions retry-operation --delay-seconds 0 { "x" | save --append $file; if (open --raw $file | str length) < 3 { error make {msg: "not yet"} }; "done" }
    assert equal [$result (open --raw $file)] [done xxx]
    rm $file
    assert equal (try { stepfunctions retry-operation --max-attempts 2 --delay-seconds 0 { error make {msg: never} } } catch {|error| $error.msg }) never
}

@test
def "answers for tests" [] {
    hide-env --ignore-errors AWS_REGION AWS_DEFAULT_REGION
    assert equal (stepfunctions mock-config) {enabled: false, account_id: "123456789012", region: us-east-1}
    with-env {STEPFUNCTIONS_MOCK_MODE: true, AWS_REGION: eu-west-1, AWS_ACCOUNT_ID: "1"} {
        assert (stepfunctions is-mock-mode)
        let execution = stepfunctions generate-mock-execution-arn orders first
        assert equal $execution "arn:aws:states:eu-west-1:1:execution:orders:first"
        assert equal (stepfunctions mock-describe-execution-response $execution | select stateMachineArn name status) {
            stateMachineArn: "arn:aws:states:eu-west-1:1:stateMachine:orders", name: first, status: SUCCEEDED
        }
        assert equal (stepfunctions mock-start-execution-response (stepfunctions generate-mock-arn stateMachine orders) first).executionArn $execution
        assert str contains (stepfunctions mock-create-state-machine-response m).stateMachineArn ":stateMachine:m"
        assert str contains (stepfunctions mock-create-activity-response a).activityArn ":activity:a"
    }
    assert equal (stepfunctions generate-mock-arn activity a {region: r, account_id: "2"}) "arn:aws:states:r:2:activity:a"
    assert equal [(stepfunctions mock-list-executions-response) (stepfunctions mock-list-state-machines-response)] [{executions: [], nextToken: ""} {stateMachines: [], nextToken: ""}]
    assert equal (stepfunctions mock-validation-response) {result: OK, diagnostics: []}
    assert ((stepfunctions generate-mock-timestamp | into datetime) > (date now) - 1min)
    assert equal [(stepfunctions stepfunctions-error | columns) (stepfunctions validation-result) (stepfunctions stepfunctions-config).type] [[type message context code details] {valid: false, errors: []} STANDARD]
}
