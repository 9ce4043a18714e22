# `aws stream` over several pages, against a server that counts the requests.
use std/assert
use std/testing *
use ../lib/moto.nu *

const KEYS = 25

@before-all
def bucket [] {
    let server = moto start $env.TEST_PYTHON $env.TEST_DIR
    load-env $server
    aws call s3 CreateBucket {Bucket: numbers, CreateBucketConfiguration: {LocationConstraint: eu-west-1}} | ignore
    for i in 1..$KEYS {
        aws call s3 PutObject {Bucket: numbers, Key: (key $i), Body: ("x" | fill --character x --width $i)} | ignore
    }
    $server
}

@before-each
def count-from-zero [] { {} }

def key [i: int] { $"n/($i | fill --alignment right --character '0' --width 3)" }

# The pages that the server was asked for by `code`, with its result.
def counted [code: closure] {
    moto forget
    let result = do $code
    {result: $result, pages: (moto requests | where path == /numbers/ | length)}
}

@test
def "all pages arrive as rows, in order" [] {
    load-env $in
    let run = counted { aws stream s3 ListObjectsV2 {Bucket: numbers} --page-size 10 | collect }
    assert equal ($run.result | get Key) (1..$KEYS | each {|i| key $i })
    assert equal $run.pages 3
    assert equal ($run.result | get Size | math sum) 325b
    assert equal ($run.result | where Size > 20b | length) 5
}

@test
def "a stream is bounded by items and by pages" [] {
    load-env $in
    let items = counted { aws stream s3 ListObjectsV2 {Bucket: numbers} --page-size 10 --max-items 12 | collect }
    assert equal ($items.result | length) 12
    assert equal $items.pages 2
    let pages = counted { aws stream s3 ListObjectsV2 {Bucket: numbers} --page-size 10 --max-pages 1 | collect }
    assert equal ($pages.result | length) 10
    assert equal $pages.pages 1
}

@test
def "a stream begins at a token" [] {
    load-env $in
    let first = aws call s3 ListObjectsV2 {Bucket: numbers, MaxKeys: 20}
    let rest = aws stream s3 ListObjectsV2 {Bucket: numbers} --starting-token $first.NextContinuationToken | collect
    assert equal ($rest | get Key) (21..$KEYS | each {|i| key $i })
}

@test
def "rows have the columns that were asked for" [] {
    load-env $in
    let rows = aws stream s3 ListObjectsV2 {Bucket: numbers} --columns [Key Owner.ID] | first 2
    assert equal $rows [[Key Owner.ID]; [(key 1) null] [(key 2) null]]
}

@test
def "several lists become rows of a kind" [] {
    load-env $in
    aws call s3 PutObject {Bucket: numbers, Key: top, Body: x} | ignore
    let rows = aws stream s3 ListObjectsV2 {Bucket: numbers, Delimiter: "/"} | collect
    aws call s3 DeleteObject {Bucket: numbers, Key: top} | ignore
    assert equal ($rows | select Key Prefix _kind) [[Key Prefix _kind]; [top null Contents] [null n/ CommonPrefixes]]
    # every row has every column, so that a filter stumbles over none
    assert equal ($rows | where Size > 0b | get Key) [top]
}

@test
def "another list can be named" [] {
    load-env $in
    let rows = aws stream s3 ListObjectsV2 {Bucket: numbers, Delimiter: "/"} --rows CommonPrefixes | collect
    assert equal ($rows | get Prefix) [n/]
}

@test
def "call --all joins the pages" [] {
    load-env $in
    let run = counted { aws call s3 ListObjectsV2 {Bucket: numbers, MaxKeys: 10} --all }
    assert equal ($run.result.Contents | get Key) (1..$KEYS | each {|i| key $i })
    assert equal $run.pages 3
    assert ("NextContinuationToken" not-in ($run.result | columns))
}

@test
def "metadata tells what is known before the first row" [] {
    load-env $in
    let known = aws stream s3 ListObjectsV2 {Bucket: numbers} | metadata | get aws_perf
    assert equal ($known | select region transport) {region: eu-west-1, transport: network}
    assert equal $known.first_page.Name numbers
}

@test
def "tokens that are records carry on too" [] {
    load-env $in
    aws call dynamodb CreateTable {
        TableName: paged, KeySchema: [{AttributeName: id, KeyType: HASH}]
        AttributeDefinitions: [{AttributeName: id, AttributeType: N}], BillingMode: PAY_PER_REQUEST
    } | ignore
    for i in 1..7 { aws call dynamodb PutItem {TableName: paged, Item: {id: {N: $"($i)"}}} | ignore }
    let rows = aws stream dynamodb Scan {TableName: paged} --page-size 2 | collect
    assert equal ($rows | get id.N | sort --natural) (1..7 | each { into string })
}

@test
def "query services page by marker" [] {
    load-env $in
    for i in 1..5 { aws call iam CreateUser {UserName: $"user($i)"} | ignore }
    let rows = aws stream iam ListUsers --page-size 2 | collect
    assert equal ($rows | get UserName) [user1 user2 user3 user4 user5]
}

@test
def "a list without pages is a stream too" [] {
    load-env $in
    assert equal (aws stream s3 ListBuckets | get Name) [numbers]
}

@test
def "with meta each page is a record of its rows and of how it came about" [] {
    load-env $in
    $env.AWS_CACHE_DIR = $env.TEST_DIR | path join metas
    let pages = aws stream s3 ListObjectsV2 {Bucket: numbers} --page-size 10 --columns [Key] --meta --ttl 1min | collect
    assert equal ($pages | each { $in.data | length }) [10 10 5]
    assert equal ($pages.data | flatten | get Key) (1..$KEYS | each {|i| key $i })
    assert equal ($pages.meta.cache | uniq) [network]
    assert equal ($pages.meta.attempts) [1 1 1]
    assert equal ($pages.meta.phases | columns) [prepare retry wait receive decode]
    assert equal ($pages.meta.page.Name | uniq) [numbers]
    let again = aws stream s3 ListObjectsV2 {Bucket: numbers} --page-size 10 --columns [Key] --meta --ttl 1min | collect
    assert equal ($again.meta.cache | uniq) [memory]
    assert equal $again.data $pages.data
}
