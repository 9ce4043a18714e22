# Step Functions through the cache, as existing scripts ask for it.

use std/assert
use std/testing *
use ../lib/moto.nu *
use ../../nu/aws/cache/operations.nu *
use ../../nu/aws/cache/integration.nu *
use ../../nu/aws/cache/invalidation.nu [cascade-invalidate-on-resource-change]

const MODULES = path self ../../nu/aws
const ROLE = "arn:aws:iam::123456789012:role/flow"

@before-all
def machine [] {
    let server = moto start $env.TEST_PYTHON $env.TEST_DIR
    load-env $server
    let definition = {StartAt: end, States: {end: {Type: Succeed}}} | to json
    let machine = aws call stepfunctions CreateStateMachine {name: orders, definition: $definition, roleArn: $ROLE} | get stateMachineArn
    for i in 1..3 { aws call stepfunctions StartExecution {stateMachineArn: $machine, name: $"run-($i)", input: "{}"} | ignore }
    $server | insert MACHINE $machine
}

@before-each
def folder [] { {AWS_CACHE_DIR: ($env.TEST_DIR | path join $"cache-(random chars --length 8)")} }

def asked [operation: string]: nothing -> int { moto requests | where operation == $operation | length }

@test
def "executions come from AWS once" [] {
    load-env $in
    moto forget
    let first = cached-list-executions --state-machine-arn $env.MACHINE
    assert equal ($first | columns) [executions cached cache_key cache_source timing]
    assert equal ($first.executions.name | sort) [run-1 run-2 run-3]
    assert equal ($first | select cached cache_source) {cached: false, cache_source: aws}
    assert ($first.timing.aws_call_time > 0sec and $first.timing.total_time >= $first.timing.aws_call_time)
    let again = cached-list-executions --state-machine-arn $env.MACHINE
    assert equal ($again | select cached cache_source cache_key) {cached: true, cache_source: memory, cache_key: $first.cache_key}
    assert equal $again.executions $first.executions
    assert equal $again.timing.aws_call_time 0sec
    assert equal (asked ListExecutions) 1
    let other = ^$nu.current-exe --no-config-file --plugins $env.TEST_PLUGIN --commands $"use ($MODULES)/cache/operations.nu *; cached-list-executions --state-machine-arn ($env.MACHINE) | get cache_source" | str trim
    assert equal $other disk
    # Other parameters are another question, and so is a shorter patience.
    assert equal (cached-list-executions --state-machine-arn $env.MACHINE --status-filter SUCCEEDED | get cached) false
    sleep 5ms
    assert equal (cached-list-executions --state-machine-arn $env.MACHINE --ttl 1ms | get cached) false
    assert str contains (try { cached-list-executions } catch {|error| $error.msg }) "stateMachineArn required"
}

@test
def "state machines are listed the same way" [] {
    load-env $in
    let first = cached-list-state-machines --max-results 10
    assert equal ($first | columns) [state_machines cached cache_key cache_source timing]
    assert equal $first.state_machines.name [orders]
    assert equal (cached-list-state-machines --max-results 10 | get cache_source) memory
}

@test
def "what is started is seen, and what changed elsewhere can be forgotten" [] {
    load-env $in
    cached-list-executions --state-machine-arn $env.MACHINE | ignore
    aws call stepfunctions StartExecution {stateMachineArn: $env.MACHINE, name: later, input: "{}"} | ignore
    assert ("later" in (cached-list-executions --state-machine-arn $env.MACHINE | get executions.name))
    sleep 15100ms
    cached-list-executions --state-machine-arn $env.MACHINE | ignore
    assert equal (cached-list-executions --state-machine-arn $env.MACHINE | get cached) true
    cascade-invalidate-on-resource-change stepfunctions stateMachine $env.MACHINE
    assert equal (cached-list-executions --state-machine-arn $env.MACHINE | get cached) false
}

@test
def "answers of mock mode are kept apart" [] {
    load-env $in
    let mocked = with-env {STEPFUNCTIONS_MOCK_MODE: "true", AWS_PROFILE: test-profile, AWS_DEFAULT_REGION: us-east-1} {
        let first = cached-list-executions --state-machine-arn $env.MACHINE
        let again = cached-list-executions --state-machine-arn $env.MACHINE
        assert equal [$first.cached $again.cached $again.cache_source] [false true memory]
        assert equal ($again | select executions cache_key) ($first | select executions cache_key)
        assert ($first.cache_key starts-with "test-profile:us-east-1:stepfunctions:list-executions:")
        assert equal (cached-list-executions --state-machine-arn $env.MACHINE --max-results 5 | get cached) false
        sleep 5ms
        assert equal (cached-list-executions --state-machine-arn $env.MACHINE --ttl 1ms | get cached) false
        $first
    }
    let real = cached-list-executions --state-machine-arn $env.MACHINE
    assert equal [$real.cached $real.cache_source] [false aws]
    assert ($real.executions != $mocked.executions)
}

@test
def "any operation is called through the cache" [] {
    load-env $in
    let first = cached-call stepfunctions describe-state-machine {stateMachineArn: $env.MACHINE}
    assert equal ($first | columns) [data cached cache_key cache_source timing]
    assert equal $first.data.name orders
    # A definition is sensitive, and never kept.
    assert equal [$first.cached (cached-call stepfunctions describe-state-machine {stateMachineArn: $env.MACHINE} | get cached) $first.cache_key] [false false ""]
    let listed = cached-call stepfunctions ListActivities
    assert equal [$listed.cached (cached-call stepfunctions list-activities | get cached)] [false true]
    invalidate-cache $"*:ListActivities:*" | ignore
    assert equal (cached-call stepfunctions ListActivities | get cached) false
    assert equal (get-resource-ttl stepfunctions ListActivities) 5min
    assert equal (cache-get mine { 7 }) 7
}
