# Completions of what is there: names from the cache, listed anew behind.

use std/assert
use std/testing *
use ../lib/moto.nu *
use ../../nu/aws/stepfunctions.nu

@before-all
def server [] { moto start $env.TEST_PYTHON $env.TEST_DIR }

@before-each
def folder [] { {AWS_CACHE_DIR: ($env.TEST_DIR | path join $"cache-(random chars --length 8)")} }

# What would be put into the line.
def complete-line [line: string]: nothing -> list<string> {
    $line | commandline complete | each {|one| if ($one | describe) == string { $one } else { $one.value } }
}

# Asks until something is there, for five seconds at most: names are listed behind.
def once-there [ask: closure]: nothing -> any {
    for _ in 1..50 {
        let found = do $ask
        if ($found | is-not-empty) { return $found }
        sleep 100ms
    }
}

def bucket [name: string] {
    aws call s3 CreateBucket {Bucket: $name, CreateBucketConfiguration: {LocationConstraint: eu-west-1}} | ignore
}

@test
def "the first time there are no names and then there are" [] {
    load-env $in
    bucket first-bucket
    bucket 2026.logs
    moto delay 2sec
    assert equal (aws complete s3 Bucket) []
    assert equal (complete-line "aws call s3 ListObjectsV2 {Bu") ["{Bucket: "]
    moto delay 0ms
    let names = once-there { aws complete s3 Bucket | get value }
    assert ("first-bucket" in $names and "2026.logs" in $names)
    let line = complete-line "aws call s3 ListObjectsV2 {Bu"
    # What all begin with is written without asking, and must not lead past the names.
    assert equal ($line | last) "{ Bucket: "
    assert ("{Bucket: first-bucket}" in $line)
    # What Nushell would read as a number is quoted.
    assert ('{Bucket: "2026.logs"}' in $line)
    assert equal (complete-line "aws stream s3 ListObjectsV2 {Bu") $line
}

@test
def "lists of ids are completed as lists and tags tell what people call them" [] {
    load-env $in
    let tags = [{ResourceType: instance, Tags: [{Key: Name, Value: web}]}]
    let made = aws call ec2 RunInstances {ImageId: ami-12345678, MinCount: 1, MaxCount: 1, TagSpecifications: $tags}
    let id = $made.Instances.0.InstanceId
    let named = once-there { aws complete ec2 instance-ids }
    assert equal ($named | where value == $id | get 0.description) web
    assert ($"{InstanceIds: [($id)]}" in (complete-line "aws call ec2 DescribeInstances {I"))
    # Another region has its own.
    assert equal (aws complete ec2 InstanceIds --region us-east-1) []
    assert ($"{InstanceIds: [($id)]}" not-in (complete-line "aws call ec2 DescribeInstances --region us-east-1 {I"))
}

@test
def "names are there where AWS cannot be reached and where a write made answers old" [] {
    load-env $in
    bucket lasting
    once-there { aws complete s3 Bucket } | ignore
    with-env {HTTP_PROXY: "http://127.0.0.1:1", AWS_MAX_ATTEMPTS: 1} {
        assert ((try { aws call s3 ListBuckets --no-cache; "" } catch {|error| $error.msg }) != "")
        assert ("lasting" in (aws complete s3 Bucket | get value))
    }
    bucket later
    assert ("lasting" in (aws complete s3 Bucket | get value))
    # A write that was made here has them listed anew at once.
    assert equal (once-there { aws complete s3 Bucket | where value == later } | length) 1
}

@test
def "what a sensitive listing says besides names is not kept" [] {
    load-env $in
    let role = aws call iam CreateRole {RoleName: runs, AssumeRolePolicyDocument: "{}"} | get Role.Arn
    let code = {ZipFile: 0x[504b0506000000000000000000000000000000000000]}
    aws call lambda CreateFunction {FunctionName: secretive, Runtime: python3.12, Role: $role, Handler: a.b, Code: $code, Environment: {Variables: {PASSWORD: hunter2}}} | ignore
    assert equal (once-there { aws complete lambda FunctionName | get value }) [secretive]
    assert equal (aws cache list | where key =~ ListFunctions | length) 1
    let files = glob $"($env.AWS_CACHE_DIR)/**/*" --no-dir
    for file in $files {
        let bytes = open --raw $file | into binary
        assert not ($bytes | decode utf-8 | str contains hunter2)
    }
}

@test
def "what nothing lists is an error and completions can be switched off" [] {
    load-env $in
    let message = {|ask| try { do $ask; "" } catch {|error| $error.msg } }
    assert str contains (do $message { aws complete s3 Key }) "nothing lists what `Key` of s3 takes"
    assert str contains (do $message { aws complete s3 Kye }) "no parameter `Kye`"
    bucket unseen
    with-env {AWS_PERF_COMPLETIONS: false} {
        aws complete s3 Bucket | ignore
        sleep 1sec
        assert equal (aws complete s3 Bucket) []
    }
    assert equal (aws cache list | where key =~ names) []
}

@test
def "names are forgotten with the service and refused nowhere" [] {
    load-env $in
    bucket forgotten
    once-there { aws complete s3 Bucket } | ignore
    assert equal (aws cache list | where key =~ names | get kind) [names]
    moto delay 2sec
    assert (aws invalidate --service s3 | where kind == names | is-not-empty)
    assert equal (aws complete s3 Bucket) []
    moto delay 0ms
}

@test
def "names that were removed come back, however often somebody asks" [] {
    load-env $in
    bucket cleared
    once-there { aws complete s3 Bucket } | ignore
    moto delay 2sec
    aws cache clear | ignore
    assert equal (aws complete s3 Bucket) []
    moto delay 0ms
    let back = once-there { aws complete s3 Bucket }
    assert ("cleared" in $back.value)
}

@test
def "the module completes state machines" [] {
    load-env $in
    let role = "arn:aws:iam::123456789012:role/flow"
    let made = stepfunctions create-state-machine complete-me {StartAt: end, States: {end: {Type: Succeed}}} $role
    once-there { aws complete stepfunctions stateMachineArn } | ignore
    let offered = complete-line "stepfunctions describe-state-machine "
    assert ($offered | any {|one| $one | str contains $made.state_machine_arn })
}
