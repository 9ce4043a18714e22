# What scripts measure: names and columns as ever, over the plugin's journal.

use std/assert
use std/testing *
use ../../nu/aws/cache/metrics.nu *
use ../../nu/aws/perf/metrics.nu *
use ../../nu/aws/perf/stats.nu *

@before-each
def folder [] { {AWS_CACHE_DIR: ($env.TEST_DIR | path join $"cache-(random chars --length 8)")} }

def other [code: string]: nothing -> any {
    let module = $env.TEST_ROOT | path join nu aws cache metrics.nu
    ^$nu.current-exe --no-config-file --plugins $env.TEST_PLUGIN --commands $"use ($module) *; ($code) | to nuon" | from nuon
}

@test
def "nothing measured is zeros" [] {
    load-env $in
    let metrics = init-performance-metrics
    assert equal ($metrics | columns) [cache_hit_rate total_requests cache_hits cache_misses avg_response_time cache_hit_avg_time cache_miss_avg_time uptime]
    assert equal ($metrics | reject uptime) {
        cache_hit_rate: 0.0, total_requests: 0, cache_hits: 0, cache_misses: 0
        avg_response_time: 0sec, cache_hit_avg_time: 0sec, cache_miss_avg_time: 0sec
    }
    assert equal (get-service-metrics s3) {service: s3, cache_hits: 0, cache_misses: 0, total_requests: 0, cache_hit_rate: 0.0}
    assert equal (get-performance-alerts) []
}

@test
def "hits and misses are counted, by service and operation, of all shells" [] {
    load-env $in
    init-performance-metrics | ignore
    for _ in 1..3 { record-cache-hit stepfunctions list-executions }
    record-cache-miss stepfunctions list-executions
    record-cache-miss s3 list-buckets
    other "record-cache-hit s3 list-buckets" | ignore
    let metrics = get-performance-metrics
    assert equal ($metrics | select cache_hits cache_misses total_requests) {cache_hits: 4, cache_misses: 2, total_requests: 6}
    assert ($metrics.cache_hit_rate > 0.66 and $metrics.cache_hit_rate < 0.67)
    assert equal (get-operation-metrics stepfunctions list-executions) {
        service: stepfunctions, operation: list-executions
        cache_hits: 3, cache_misses: 1, total_requests: 4, cache_hit_rate: 0.75
    }
    assert equal (get-service-metrics s3 | get cache_hit_rate) 0.5
    reset-performance-metrics
    assert equal (get-performance-metrics | get total_requests) 0
    assert equal (other "get-performance-metrics | get total_requests") 0
}

@test
def "times are durations and count no request" [] {
    load-env $in
    init-performance-metrics | ignore
    record-operation-timing s3 list 10ms true
    record-operation-timing s3 list 30ms true
    record-operation-timing s3 list 200ms false
    let metrics = get-performance-metrics
    assert equal $metrics.total_requests 0
    assert equal [$metrics.cache_hit_avg_time $metrics.cache_miss_avg_time $metrics.avg_response_time] [20ms 200ms 80ms]
    assert ($metrics.uptime > 0sec and $metrics.uptime < 1min)
}

@test
def "efficiency tells what was saved and how full it is" [] {
    load-env $in
    init-performance-metrics | ignore
    record-cache-storage memory 25 100
    record-cache-storage disk 75 100
    record-operation-timing s3 list 10ms true
    record-operation-timing s3 list 110ms false
    record-cache-hit s3 list
    record-cache-hit s3 list
    assert equal (get-cache-efficiency-metrics) {memory_utilization: 0.25, disk_utilization: 0.75, time_saved: 200ms, storage_efficiency: 0.5}
}

@test
def "a window holds what came in it" [] {
    load-env $in
    init-performance-metrics | ignore
    record-cache-hit s3 list
    sleep 300ms
    record-cache-miss s3 list
    assert equal (get-metrics-for-window 200ms | select cache_hits cache_misses) {cache_hits: 0, cache_misses: 1}
    assert equal (get-metrics-for-window 1hr | select cache_hits cache_misses) {cache_hits: 1, cache_misses: 1}
}

@test
def "alerts tell what is beyond the thresholds" [] {
    load-env $in
    init-performance-metrics | ignore
    set-performance-thresholds {max_cache_miss_rate: 0.3, max_avg_response_time: 100ms, min_cache_hit_rate: 0.7}
    assert equal (get-performance-alerts) []
    record-cache-hit s3 list
    record-cache-miss s3 list
    record-operation-timing s3 list 150ms false
    let alerts = get-performance-alerts
    assert equal $alerts.type [high_miss_rate high_response_time low_hit_rate]
    assert equal ($alerts.severity | uniq) [warning]
    assert equal [$alerts.0.current_miss_rate $alerts.1.current_time $alerts.2.current_hit_rate] [0.5 150ms 0.5]
    set-performance-thresholds {max_cache_miss_rate: 0.9, max_avg_response_time: 1sec, min_cache_hit_rate: 0.1}
    assert equal (get-performance-alerts) []
}

@test
def "figures go out as JSON, CSV and for Prometheus, and to a file" [] {
    load-env $in
    init-performance-metrics | ignore
    record-cache-hit s3 list
    assert equal (export-metrics-as-json | from json | get cache_hits) 1
    let rows = export-metrics-as-csv | from csv
    assert equal ($rows | columns) [metric value]
    assert equal ($rows | length) 5
    let text = export-metrics-as-prometheus
    for part in ["# TYPE cache_hit_rate gauge" "cache_requests_total 1" "cache_hits_total 1"] { assert str contains $text $part }
    let path = save-performance-metrics
    reset-performance-metrics
    assert equal [(load-performance-metrics $path | get cache_hits) (load-performance-metrics | get cache_hits)] [1 0]
    rm $path
}

@test
def "record-metric feeds the statistics" [] {
    load-env $in
    record-metric "ec2:DescribeInstances" 40ms
    record-metric "ec2:DescribeInstances" 2ms true --region eu-west-1 --profile prod
    record-metric build 1sec
    let told = aws perf stats --operation "ec2:describe-instances"
    assert equal ($told | select count cache_hits cache_misses cache_hit_rate avg) {count: 2, cache_hits: 1, cache_misses: 1, cache_hit_rate: 50.0, avg: 21ms}
    assert equal (aws perf stats --by [profile region] | where profile == prod | get region) [eu-west-1]
    assert equal (perf-stats | get service) [ec2 script]
    assert equal (perf-stats --format json | from json | get 0.count) 2
    assert equal (perf-stats --format csv | from csv | get 0.avg) 21000000
    assert equal (perf-stats --format nuon --operation build | from nuon | get 0.avg) 1sec
    assert error { perf-stats --format xml }
}
