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
    assert equal [$listed.state_machines.name $listed.next_token] [[orders] null]
    assert equal (stepfunctions describe-state-machine $made.state_machine_arn | get name) orders
    assert equal (stepfunctions list-tags-for-resource $made.state_machine_arn) [{key: team, value: ops}]
    stepfunctions tag-resource $made.state_machine_arn [{key: more, value: yes}]
    stepfunctions untag-resource $made.state_machine_arn [team]
    assert equal (stepfunctions list-tags-for-resource $made.state_machine_arn) [{key: more, value: yes}]
    let run = stepfunctions start-execution $made.state_machine_arn --name first --input '{"a": 1}'
    assert equal ($run | columns) [execution_arn start_date]
    assert equal (stepfunctions describe-execution $run.execution_arn | select name input) {name: first, input: '{"a": 1}'}
    let executions = stepfunctions list-executions --state-machine-arn $made.state_machine_arn
    assert equal [$executions.executions.name $executions.next_token] [[first] null]
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
    assert equal [($first.state_machines | length) $second.next_token] [2 null]
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
    let made = stepfunctions create-state-machine helped (stepfunctions generate-test-definition choice) $ROLE
    let run = stepfunctions start-execution $made.state_machine_arn --name only --input '{"value": 1}'
    assert equal (stepfunctions get-execution-input $run.execution_arn) {value: 1}
    assert equal (stepfunctions get-execution-output $run.execution_arn) null
    let slow = try { stepfunctions wait-for-execution-complete $run.execution_arn --timeout-seconds 1 --poll-interval-seconds 5 } catch {|error| $error.msg }
    assert str contains $slow "still RUNNING after 1 seconds"
    stepfunctions stop-execution $run.execution_arn | ignore
    assert equal (stepfunctions wait-for-execution-complete $run.execution_arn | get status) ABORTED
    assert equal (stepfunctions list-all-executions $made.state_machine_arn | get name) [only]
    assert equal (stepfunctions list-all-executions $made.state_machine_arn --status-filter SUCCEEDED) []
}

@test
def "helpers that ask nobody" [] {
    let arn = "arn:aws:states:eu-west-1:123456789012:execution:orders:first"
    assert equal (stepfunctions extract-resource-name $arn) first
    assert equal [(stepfunctions extract-region $arn) (stepfunctions extract-account-id $arn)] [eu-west-1 "123456789012"]
    assert str contains (try { stepfunctions extract-region "arn:aws:s3:::b" } catch {|error| $error.msg }) "Invalid ARN format: arn:aws:s3:::b"
    assert equal (stepfunctions validate-arn $arn) {valid: true, errors: []}
    assert not (stepfunctions validate-arn $arn stateMachine).valid
    assert equal (stepfunctions validate-enum RED [BLUE GREEN]) {valid: false, errors: ["`RED` is none of BLUE, GREEN"]}
    assert (stepfunctions validate-integer 5 1 10).valid
    assert not (stepfunctions validate-string-length "" 1 80).valid
    assert not (stepfunctions validate-json "{a: ").valid
    assert (stepfunctions validate-json '{"a": 1}').valid
    assert equal (stepfunctions generate-test-definition parallel | get States.Both.Branches | length) 2
    let file = mktemp --tmpdir
    let result = stepfunctions retry-operation --delay-seconds 0 { "x" | save --append $file; if (open --raw $file | str length) < 3 { error make {msg: "not yet"} }; "done" }
    assert equal [$result (open --raw $file)] [done xxx]
    rm $file
    assert equal (try { stepfunctions retry-operation --max-attempts 2 --delay-seconds 0 { error make {msg: never} } } catch {|error| $error.msg }) never
}
