# The cache as a thing of its own: any value under any key, in memory, on disk, for several shells.

use std/assert
use std/testing *

@before-each
def folder [] {
    let folder = $env.TEST_DIR | path join $"cache-(random chars --length 8)"
    {AWS_CACHE_DIR: $folder, FOLDER: $folder}
}

# Another shell with a plugin of its own.
def other [code: string]: nothing -> any {
    ^$nu.current-exe --no-config-file --plugins $env.TEST_PLUGIN --commands $"($code) | to nuon" | from nuon
}

def code [closure: closure]: nothing -> string { try { do $closure; "none" } catch {|e| $e.details.code? | default $e.msg } }

@test
def "a value comes from memory here and from disk in another shell" [] {
    load-env $in
    {size: 5kb, at: 2026-01-02T03:04:05+01:00, took: 90sec, rows: [[a b]; [1 null]], raw: 0x[00 ff]} | aws cache put all
    let expected = {size: 5kb, at: 2026-01-02T03:04:05+01:00, took: 90sec, rows: [[a b]; [1 null]], raw: 0x[00 ff]}
    assert equal (aws cache get all) $expected
    assert equal (aws cache get all --meta | get meta.cache) "memory"
    let there = other "aws cache get all --meta"
    assert equal $there.data $expected
    assert equal $there.meta.cache "disk"
}

@test
def "a closure runs once and again when its time is over" [] {
    load-env $in
    let log = $env.FOLDER + "-runs"
    let ask = {|| aws cache get key --ttl 1sec { "x" | save --append $log; 7 } }
    assert equal [(do $ask) (do $ask)] [7 7]
    assert equal (open --raw $log) "x"
    sleep 1100ms
    assert equal (do $ask) 7
    assert equal (open --raw $log) "xx"
    aws cache get key --ttl 1sec --refresh { "x" | save --append $log; 8 }
    assert equal (aws cache get key) 8
    assert equal (open --raw $log) "xxx"
}

@test
def "who wants the same at once gets one run" [] {
    load-env $in
    let log = $env.FOLDER + "-runs"
    let found = 1..20 | par-each {|| aws cache get key --ttl 1min { "x" | save --append $log; sleep 300ms; 7 } }
    assert equal ($found | uniq) [7]
    assert equal (open --raw $log) "x"
}

@test
def "a closure that fails is told and leaves nothing" [] {
    load-env $in
    assert equal (try { aws cache get key { error make {msg: "no luck"} } } catch {|e| $e.msg }) "no luck"
    assert equal (code { aws cache get key { 1 / 0 } }) "nu::shell::division_by_zero"
    assert equal (aws cache get key) null
    assert equal (aws cache get key { 1 }) 1
}

@test
def "a closure may ask for its own key" [] {
    load-env $in
    assert equal (aws cache get key { aws cache get key { 7 } }) 7
}

@test
def "what is no data and what is no key is refused" [] {
    load-env $in
    assert equal (code { aws cache put key {|| 1 } }) "aws_perf::invalid_input"
    assert equal (aws cache get key { 1..3 } | each { $in }) [1 2 3]
    assert equal (aws cache get key) null
    assert equal (code { aws cache put "" 1 }) "aws_perf::invalid_input"
    assert equal (code { 1 | aws cache put key 2 }) "aws_perf::invalid_input"
    assert equal (code { aws cache get key --ttl 0sec }) "aws_perf::invalid_input"
    assert equal (aws cache list) []
}

@test
def "lists, figures, pruning and clearing" [] {
    load-env $in
    aws cache put short 1 --ttl 1ms
    aws cache put "long: ../é" [1 2 3] --ttl 1hr
    sleep 5ms
    let rows = aws cache list
    assert equal ($rows | get key) ["long: ../é" short]
    assert equal ($rows | get expired) [false true]
    assert equal ($rows | first | select ttl memory disk) {ttl: 1hr, memory: true, disk: true}
    assert equal ($rows.age | describe) "list<duration>"
    assert equal (aws cache get short) null
    let told = aws cache prune --dry-run
    assert equal ($told | select key reason) [[key reason]; [short expired]]
    assert equal (aws cache prune) $told
    assert equal (aws cache verify) {well: 1, removed: 0}
    let stats = aws cache stats
    assert equal ($stats | get tier) [memory disk]
    assert equal ($stats | last | select entries off) {entries: 1, off: null}
    assert equal (aws cache clear "long: ../é" nobody) 1
    assert equal (aws cache list) []
}

@test
def "changes of another shell are seen at once" [] {
    load-env $in
    aws cache put key 1
    assert equal (aws cache get key) 1
    other "aws cache put key 2"
    assert equal (aws cache get key) 2
    other "aws cache clear"
    assert equal (aws cache get key) null
}

@test
def "a damaged file is a miss" [] {
    load-env $in
    aws cache put key 1
    let file = glob ($env.FOLDER + "/v1/??/*") | first
    "damaged" | save --force $file
    assert equal (other "aws cache get key") null
    assert (not ($file | path exists))
}

@test
def "a disk that cannot be used fails no command" [] {
    load-env $in
    "a file" | save $env.FOLDER
    aws cache put key 1
    assert equal (aws cache get key --meta | get meta.cache) "memory"
    assert str contains (aws cache stats | last | get off) $env.FOLDER
}

@test
def "tiers are switched off together and alone" [] {
    load-env $in
    with-env {AWS_PERF_CACHE: "false"} {
        aws cache put key 1
        assert equal (aws cache get key) null
    }
    with-env {AWS_PERF_CACHE_MEMORY: "0"} {
        aws cache put key 1
        assert equal (aws cache get key --meta | get meta.cache) "disk"
    }
    with-env {AWS_PERF_CACHE_DISK: "0"} {
        aws cache put other 1
        assert equal (aws cache get other --meta | get meta.cache) "memory"
        assert equal (aws cache stats | last | get off) "switched off"
    }
}

@test
def "folders of test suites are apart" [] {
    load-env $in
    aws cache put key 1
    with-env {AWS_CACHE_TEST_SUFFIX: suite} {
        assert equal (aws cache get key) null
        aws cache put key 2
    }
    assert equal (aws cache get key) 1
    assert ($env.FOLDER + "_test_suite/v1" | path exists)
}

@test
def "large values are kept where there is room, and told where there is none" [] {
    load-env $in
    random binary 70mb | aws cache put large
    assert equal (aws cache list | select key memory disk) [[key memory disk]; [large true false]]
    with-env {AWS_PERF_CACHE_MEMORY: 1mb} {
        assert equal (code { random binary 70mb | aws cache put other }) "aws_perf::too_large"
    }
}
