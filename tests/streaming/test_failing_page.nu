# A page that fails in the middle of a stream: the rows before it are delivered, and the reader can never take them
# for all there is.
use std/assert
use std/testing *
use ../lib/moto.nu *

@before-all
def bucket [] {
    let server = moto start $env.TEST_PYTHON $env.TEST_DIR | insert AWS_MAX_ATTEMPTS 1
    load-env $server
    aws call s3 CreateBucket {Bucket: partly, CreateBucketConfiguration: {LocationConstraint: eu-west-1}} | ignore
    for key in [a b c d] { aws call s3 PutObject {Bucket: partly, Key: $key, Body: x} | ignore }
    $server
}

@after-each
def mend [] { load-env $in; moto fault none }

@test
def "the stream ends with an error, after the rows that came" [] {
    load-env $in
    let seen = $env.TEST_DIR | path join seen.txt
    moto fault unavailable --after 2
    let error = try {
        aws stream s3 ListObjectsV2 {Bucket: partly} --page-size 1 | each {|row| $"($row.Key)\n" | save --append $seen }
        null
    } catch {|error| $error.details.help }
    assert equal (open --raw $seen | lines) [a b]
    assert str contains $error "--starting-token"
    assert str contains $error "rows delivered: 2"
}

@test
def "the token in the error goes on where the stream stopped" [] {
    load-env $in
    moto fault unavailable --after 2
    let error = try {
        aws stream s3 ListObjectsV2 {Bucket: partly} --page-size 1 | get Key | ignore
    } catch {|error| $error.details.help }
    let token = $error | parse --regex '--starting-token "(?<token>[^"]+)"' | get 0.token
    moto fault none
    assert equal (aws stream s3 ListObjectsV2 {Bucket: partly} --starting-token $token | get Key) [c d]
}

# Nushell counts an error as a row, so a count alone cannot fail; but it must not stay silent either.
@test
def "a count of an incomplete stream is told on standard error" [] {
    load-env $in
    moto fault unavailable --after 2
    let code = 'aws stream s3 ListObjectsV2 {Bucket: partly} --page-size 1 | where Size > 0b | length'
    let ended = ^$nu.current-exe --commands $code | complete
    assert str contains $ended.stderr "the stream is incomplete"
}

@test
def "errors can be ignored" [] {
    load-env $in
    moto fault unavailable --after 2
    assert equal (aws stream s3 ListObjectsV2 {Bucket: partly} --page-size 1 --errors ignore | get Key) [a b]
}

@test
def "errors can be rows" [] {
    load-env $in
    moto fault unavailable --after 2
    let rows = aws stream s3 ListObjectsV2 {Bucket: partly} --page-size 1 --errors rows | collect
    assert equal ($rows | length) 3
    assert equal ($rows | first 2 | get Key) [a b]
}

@test
def "a failing first page is an error at once" [] {
    load-env $in
    moto fault unavailable
    let outcome = try { aws stream s3 ListObjectsV2 {Bucket: partly} | first 1 } catch { "failed" }
    assert equal $outcome failed
}
