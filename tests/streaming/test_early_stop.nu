# Whoever stops reading stops the fetching: nobody pays for pages that nobody reads.
use std/assert
use std/testing *
use ../lib/moto.nu *

const PAGES = 100
const PAGE = 20

# Nushell itself takes up to 100 items ahead of their reader; the plugin may have its prefetched pages, and one that
# is under way.
const AHEAD = 100 // 20 + 4

@before-all
def filled-table [] {
    let server = moto start $env.TEST_PYTHON $env.TEST_DIR
    load-env $server
    aws call dynamodb CreateTable {
        TableName: many, KeySchema: [{AttributeName: id, KeyType: HASH}]
        AttributeDefinitions: [{AttributeName: id, AttributeType: N}], BillingMode: PAY_PER_REQUEST
    } | ignore
    for batch in (seq 1 ($PAGES * $PAGE) | chunks 25) {
        let puts = $batch | each {|i| {PutRequest: {Item: {id: {N: $"($i)"}}}} }
        aws call dynamodb BatchWriteItem {RequestItems: {many: $puts}} | ignore
    }
    $server
}

def scans [] { moto requests | where operation == Scan | length }

@test
def "first 3 fetches few pages" [] {
    load-env $in
    moto forget
    let rows = aws stream dynamodb Scan {TableName: many} --page-size $PAGE | first 3
    assert equal ($rows | length) 3
    # what was under way has long ended then
    sleep 2sec
    assert less or equal (scans) ($AHEAD + 1)
}

@test
def "a reader that stands still stops the fetching" [] {
    load-env $in
    moto forget
    aws stream dynamodb Scan {TableName: many} --page-size $PAGE | each {|row| sleep 3sec; $row } | first 1 | ignore
    assert less or equal (scans) ($AHEAD + 1)
}

@test
def "all rows arrive where everything is read" [] {
    load-env $in
    let rows = aws stream dynamodb Scan {TableName: many} --page-size $PAGE | get id.N | uniq | length
    assert equal $rows ($PAGES * $PAGE)
}

@test
def "another call works after an early stop" [] {
    load-env $in
    aws stream dynamodb Scan {TableName: many} --page-size $PAGE | first 1 | ignore
    assert equal (aws call dynamodb DescribeTable {TableName: many}).Table.TableName many
}
