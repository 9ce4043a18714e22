# The cache of scripts on disk: names and columns as ever, over the plugin's.

use std/assert
use std/testing *
use ../../nu/aws/cache/disk.nu *

@before-each
def folder [] { {AWS_CACHE_DIR: ($env.TEST_DIR | path join $"cache-(random chars --length 8)")} }

# Another shell with a plugin of its own.
def other [code: string]: nothing -> any {
    let module = $env.TEST_ROOT | path join nu aws cache disk.nu
    ^$nu.current-exe --no-config-file --plugins $env.TEST_PLUGIN --commands $"use ($module) *; ($code) | to nuon" | from nuon
}

@test
def "what is stored is found, by every shell, with its time" [] {
    load-env $in
    let data = {at: 2026-01-02T03:04:05Z, took: 5sec, rows: [[a]; [1]]}
    store-in-disk "a:b/../c" $data
    for found in [(get-from-disk "a:b/../c") (other "get-from-disk 'a:b/../c'")] {
        assert equal $found.data $data
        assert equal ($found.timestamp | describe) datetime
        assert ((date now) - $found.timestamp < 1min)
    }
    assert equal [(disk-cache-exists "a:b/../c") (disk-cache-exists other)] [true false]
    store-in-disk nothing null
    assert equal (get-from-disk nothing | get data) null
    assert equal (get-from-disk other) null
}

@test
def "documents beyond 64 KiB come back" [] {
    load-env $in
    let rows = 1..20000 | each {|number| {id: $number, name: $"row ($number)"} }
    store-in-disk large $rows
    assert equal (other "get-from-disk large | get data | last") {id: 20000, name: "row 20000"}
    let ratio = get-compression-ratio
    assert ($ratio < 0.5 and $ratio > 0) $"($ratio)"
}

@test
def "entries are listed, counted and removed" [] {
    load-env $in
    assert equal (get-compression-ratio) 1.0
    assert equal (get-disk-cache-stats | select total_entries total_size) {total_entries: 0, total_size: 0b}
    aws cache put "not of this module" 1
    store-in-disk a 1
    store-in-disk b 2
    let listed = list-disk-cache-entries
    assert equal ($listed | columns) [key file_path size modified]
    assert equal ($listed.key | sort) [a b]
    assert ($listed.file_path | all { path exists })
    assert equal ($listed | first | select size modified | describe) "record<size: filesize, modified: datetime>"
    assert equal (get-disk-cache-stats | get total_entries cache_directory) [2 $env.AWS_CACHE_DIR]
    remove-from-disk a
    assert equal [(disk-cache-exists a) (disk-cache-exists b)] [false true]
    assert equal (clear-disk-cache) 1
    assert equal (clear-disk-cache) 0
    assert equal (aws cache get "not of this module") 1
}

@test
def "what is old is cleaned" [] {
    load-env $in
    store-in-disk old 1
    sleep 2100ms
    store-in-disk new 2
    assert equal (clean-expired-disk-cache) 0
    assert equal (clean-expired-disk-cache 2sec) 1
    assert equal (list-disk-cache-entries | get key) [new]
    assert equal [(is-expired ((date now) - 2hr) 1hr) (is-expired (date now) 1hr)] [true false]
}

@test
def "the folder is where it was, with its suffix for tests" [] {
    load-env $in
    assert equal (get-cache-dir) $env.AWS_CACHE_DIR
    with-env {AWS_CACHE_TEST_SUFFIX: mine} {
        assert equal (get-cache-dir) $"($env.AWS_CACHE_DIR)_test_mine"
        store-in-disk a 1
        assert ($"($env.AWS_CACHE_DIR)_test_mine" | path exists)
    }
    assert equal (get-from-disk a) null
    hide-env AWS_CACHE_DIR
    assert str contains (get-cache-dir) ".cache/aws-nushell"
}

@test
def "files of older versions are left alone" [] {
    load-env $in
    mkdir $env.AWS_CACHE_DIR
    chmod 700 $env.AWS_CACHE_DIR
    let old = $env.AWS_CACHE_DIR | path join "default:us-east-1:s3:list:abc.json.gz"
    "old" | save $old
    assert equal (list-disk-cache-entries) []
    store-in-disk "default:us-east-1:s3:list:abc" 1
    assert equal (clear-disk-cache) 1
    assert equal (open --raw $old | decode) "old"
}
