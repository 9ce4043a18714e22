# What the plugin measures of itself.

use std/assert
use std/testing *
use ../lib/moto.nu *

@before-all
def server [] { moto start $env.TEST_PYTHON $env.TEST_DIR }

@before-each
def folder [] { {AWS_CACHE_DIR: ($env.TEST_DIR | path join $"cache-(random chars --length 8)")} }

def other [code: string]: nothing -> any {
    ^$nu.current-exe --no-config-file --plugins $env.TEST_PLUGIN --commands $"($code) | to nuon" | from nuon
}

@test
def "each fetch is an event, with its tier, of all shells" [] {
    load-env $in
    let empty = aws perf stats
    assert equal ($empty | select count errors cache_hit_rate avg p99) {count: 0, errors: 0, cache_hit_rate: null, avg: null, p99: null}
    aws call sns ListTopics | ignore
    aws call sns ListTopics | ignore
    other "aws call sns ListTopics" | ignore
    aws call sns ListTopics --no-cache | ignore
    aws call sns CreateTopic {Name: measured} | ignore
    try { aws call sns GetTopicAttributes {TopicArn: "arn:aws:sns:eu-west-1:123456789012:none"} } | ignore
    let all = aws perf stats
    assert equal ($all | select count errors memory disk shared) {count: 6, errors: 1, memory: 1, disk: 1, shared: 0}
    assert equal ($all | select cache_hits cache_misses cache_hit_rate) {cache_hits: 2, cache_misses: 2, cache_hit_rate: 50.0}
    assert ($all.p50 > 0sec and $all.p50 <= $all.p95 and $all.p95 <= $all.p99 and $all.p99 <= $all.max)
    assert equal ($all.avg | describe) duration
    assert equal (other "aws perf stats | get count") 6
    let by = aws perf stats --by [operation cache]
    assert equal ($by | where operation == ListTopics | get cache) [bypass disk memory network]
    assert equal (aws perf stats --by [error] | get error) [null "aws::NotFound"]
    assert equal (aws perf stats --service SNS --operation create-topic | get count attempts) [1 1]
    assert equal (aws perf stats --operation "sqs:CreateTopic" | get count) 0
    aws perf reset
    assert equal [(aws perf stats | get count) (other "aws perf stats | get count")] [0 0]
}

@test
def "streams are measured by pages, replays too" [] {
    load-env $in
    aws stream sns ListTopics | ignore
    aws stream sns ListTopics | ignore
    assert equal (aws perf stats --by [cache] | select cache count) [[cache count]; [memory 1] [network 1]]
}

@test
def "phases and bytes of what came from AWS" [] {
    load-env $in
    let meta = aws call sns ListTopics --meta | get meta
    assert equal ($meta.phases | columns) [prepare retry wait receive decode]
    assert ($meta.phases.wait > 0sec)
    let sum = $meta.phases | values | math sum
    assert ($sum <= $meta.duration and $sum > ($meta.duration / 2)) $"($sum) of ($meta.duration)"
    assert equal (aws call sns ListTopics --meta | get meta.phases) null
    let stats = aws perf stats
    assert ($stats.bytes > 100b)
    # The mean is of what came from AWS alone.
    assert equal $stats.phases $meta.phases
    assert equal (aws perf stats --service none | get phases) null
}

@test
def "mocked answers are not measured, and measuring can be switched off" [] {
    load-env $in
    with-env {AWS_MOCK_MODE: "true"} { aws call sns ListTopics | ignore }
    with-env {AWS_PERF_METRICS: "false"} { aws call sns ListTopics | ignore }
    assert equal (aws perf stats | get count) 0
    with-env {AWS_PERF_CACHE: "false"} {
        aws call sns ListTopics | ignore
        assert ((aws perf stats | get count) >= 1) "without a disk, this plugin remembers its own"
    }
}

@test
def "windows and wrong names" [] {
    load-env $in
    aws perf record reports build --duration 3sec --bytes 2kb --error Broken
    assert equal (aws perf stats --since 1hr | select count errors bytes avg) {count: 1, errors: 1, bytes: 2kb, avg: 3sec}
    assert equal (aws perf stats --service none | get bytes) null
    assert equal (aws perf stats --since (date now) | get count) 0
    assert equal (aws perf stats --since ((date now) - 1day) | get count) 1
    for wrong in [{ aws perf stats --by [color] } { aws perf record a b --cache never } { aws perf record "" b } { aws perf stats --since 0sec } { aws perf stats --since yesterday }] {
        let error = try { do $wrong; "nothing" } catch {|error| $error.msg }
        assert ($error != "nothing")
    }
}
