# The cache of scripts that counts its entries: names and columns as ever, over the plugin's.

use std/assert
use std/testing *
use ../../nu/aws/cache/disk.nu *
use ../../nu/aws/cache/memory.nu *

@before-each
def folder [] { {AWS_CACHE_DIR: ($env.TEST_DIR | path join $"cache-(random chars --length 8)")} }

# Another shell with a plugin of its own.
def other [code: string]: nothing -> any {
    let module = $env.TEST_ROOT | path join nu aws cache memory.nu
    ^$nu.current-exe --no-config-file --plugins $env.TEST_PLUGIN --commands $"use ($module) *; ($code) | to nuon" | from nuon
}

@test
def "a new cache is empty and has room" [] {
    load-env $in
    assert equal (init-memory-cache) {entries: {}, order: [], max_size: 1000}
    assert equal (init-memory-cache-with-size 3) {entries: {}, order: [], max_size: 3}
    assert equal (get-memory-cache-stats) {size: 0, max_size: 3, entries: []}
    assert equal (clear-memory-cache) {entries: {}, order: [], max_size: 1000}
    assert error { init-memory-cache-with-size 0 }
}

@test
def "what is stored is found, by every shell, with its time" [] {
    load-env $in
    let data = {at: 2026-01-02T03:04:05Z, took: 5sec, rows: [[a]; [1]]}
    store-in-memory "a:b/../c" $data | ignore
    for found in [(get-from-memory "a:b/../c") (other "get-from-memory 'a:b/../c'")] {
        assert equal $found.data $data
        assert equal ($found.timestamp | describe) datetime
    }
    assert equal (get-from-memory other) null
    store-in-memory nothing null | ignore
    assert equal (get-from-memory nothing | get data) null
    assert equal (get-memory-cache-size) 2
}

@test
def "the least recently used entry goes, and only where a new one comes" [] {
    load-env $in
    init-memory-cache-with-size 3 | ignore
    for key in [a b c] { store-in-memory $key $key | ignore }
    get-from-memory a | ignore
    store-in-memory b again | ignore
    assert equal (store-in-memory d d | get order) [a b d]
    assert equal (get-from-memory c) null
    assert equal ([a b d] | each {|key| get-from-memory $key | get data }) [a again d]
    # A use by another shell counts as well.
    other "get-from-memory a" | ignore
    store-in-memory e e | ignore
    store-in-memory f f | ignore
    assert equal ([a b d e f] | where {|key| (get-from-memory $key) != null }) [a e f]
    assert equal (get-memory-cache-size) 3
}

@test
def "statistics have the old columns" [] {
    load-env $in
    store-in-memory a [1 2 3] | ignore
    let stats = get-memory-cache-stats
    assert equal ($stats | reject entries) {size: 1, max_size: 1000}
    assert equal ($stats.entries | columns) [key timestamp size_estimate]
    assert equal ($stats.entries.0.timestamp | describe) datetime
    assert ($stats.entries.0.size_estimate > 0)
}

@test
def "many at once lose nothing" [] {
    load-env $in
    1..40 | par-each {|number| store-in-memory $"key ($number)" $number | ignore } | ignore
    assert equal (get-memory-cache-size) 40
    init-memory-cache-with-size 5 | ignore
    1..4 | par-each {|shell| other $"1..10 | each {|number| store-in-memory $'($shell) \($number)' $number | ignore } | length" } | ignore
    assert equal (get-memory-cache-size) 5
}

@test
def "old state files are neither read nor touched" [] {
    load-env $in
    $env.AWS_CACHE_TEST_SUFFIX = random chars --length 8
    let state = $nu.temp-dir | path join $"aws_cli_nushell_cache_state_($env.AWS_CACHE_TEST_SUFFIX).json"
    '{"entries": {"a": {"data": 1, "timestamp": "x"}}, "order": ["a"], "max_size": 1}' | save $state
    let before = open --raw $state
    assert equal (get-from-memory a) null
    store-in-memory a 2 | ignore
    assert equal [(get-from-memory a | get data) (open --raw $state)] [2 $before]
    rm $state
}

@test
def "the cache walks from memory over disk to the closure" [] {
    load-env $in
    let made = cache-get k --ttl 1hr { 42 }
    assert equal [$made (cache-get k { error make {msg: "not asked"} }) (other "cache-get k { 0 }")] [42 42 42]
    let stats = get-cache-memory-stats
    assert equal ($stats | columns) [entries size max_size hits misses hit_rate]
    assert equal $stats.entries 1
    assert ($stats.hits >= 1 and $stats.hit_rate > 0)
    assert equal [(get-from-memory k | get data) (get-from-disk k | get data)] [42 42]
    assert equal (aws cache list | get key) ["disk:k"]
    # Whatever is in a tier is found, as long as it is good.
    store-in-memory m 1 | ignore
    store-in-disk d 2
    assert equal [(cache-get m { 0 }) (cache-get d { 0 }) (cache-get m --ttl 1ns { 3 }) (cache-get m { 0 })] [1 2 3 3]
    for key in [k m] { remove-from-disk $key }
    clear-memory-cache | ignore
    assert equal (cache-get k { 43 }) 43
    let log = $env.AWS_CACHE_DIR + "-runs"
    let found = 1..20 | par-each { cache-get many { "x" | save --append $log; sleep 300ms; 7 } }
    assert equal [($found | uniq) (open --raw $log)] [[7] x]
}

@test
def "an age is compared with a time to live" [] {
    load-env $in
    assert equal (is-expired ((date now) - 2min) 1min) true
    assert equal (is-expired ((date now) - 2min) 3min) false
}
