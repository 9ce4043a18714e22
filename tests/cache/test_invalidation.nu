# Forgetting: by pattern, service, region, resource and age, for all shells; and what writes make old.

use std/assert
use std/testing *
use ../lib/moto.nu *
use ../../nu/aws/cache/invalidation.nu *
use ../../nu/aws/cache/disk.nu [store-in-disk get-from-disk]
use ../../nu/aws/cache/memory.nu [init-memory-cache-with-size store-in-memory get-from-memory get-memory-cache-size]
use ../../nu/aws/cache/keys.nu cache-key

@before-all
def server [] { moto start $env.TEST_PYTHON $env.TEST_DIR }

@before-each
def folder [] { {AWS_CACHE_DIR: ($env.TEST_DIR | path join $"cache-(random chars --length 8)")} }

# Another shell with a plugin of its own.
def other [code: string]: nothing -> any {
    ^$nu.current-exe --no-config-file --plugins $env.TEST_PLUGIN --commands $"($code) | to nuon" | from nuon
}

def kept [] { aws cache list | get key | each { split row ":" | skip 1 | first 3 | str join ":" } | sort }

def fill [] {
    aws call sns ListTopics | ignore
    aws call sqs ListQueues | ignore
    aws call sqs ListQueues --region eu-west-2 | ignore
    aws call iam ListRoles | ignore
    aws stream ec2 DescribeVpcs | ignore
    aws cache put mine 1
}

@test
def "a pattern, a service, an operation, a region and a profile" [] {
    load-env $in
    fill
    assert equal (aws cache list | length) 6
    assert equal (aws invalidate "*:sqs:*" --region eu-west-2 --dry-run | get key) ["default:eu-west-2:sqs:ListQueues:empty-params"]
    assert equal (aws cache list | length) 6
    let gone = aws invalidate "*:sqs:*" --region eu-west-2
    assert equal ($gone | select kind memory disk) [[kind memory disk]; [answer true true]]
    assert equal (aws invalidate --service sfn) [] "services are found by any of their names"
    assert equal (aws invalidate --service sqs | length) 1
    assert equal (aws invalidate --operation describe-vpcs | get kind) [stream]
    assert equal (aws invalidate --profile nobody) []
    assert equal (aws invalidate --region eu-west-1 | length) 1
    assert equal (aws invalidate "{mine,yours}" | get key) [mine]
    assert equal (aws cache list | get key) ["default:aws-global:iam:ListRoles:empty-params"] "IAM has no region"
    assert equal (aws call iam ListRoles --meta | get meta.cache) memory
    assert equal (aws call iam ListRoles --region us-west-2 --meta | get meta.cache) memory
    aws invalidate --service iam | ignore
    assert equal (aws call iam ListRoles --meta | get meta.cache) network
}

@test
def "all shells forget" [] {
    load-env $in
    aws call sns ListTopics | ignore
    assert equal (aws call sns ListTopics --meta | get meta.cache) memory
    assert equal (other "aws invalidate --service sns | length") 1
    assert equal (aws call sns ListTopics --meta | get meta.cache) network
}

@test
def "a resource is found in what was asked, and in what tells of it" [] {
    load-env $in
    let vpcs = 1..2 | each { aws call ec2 CreateVpc {CidrBlock: $"10.($in).0.0/16"} | get Vpc.VpcId }
    sleep 15100ms
    aws call ec2 DescribeVpcs {VpcIds: [$vpcs.0]} | ignore
    aws call ec2 DescribeVpcs {VpcIds: [$vpcs.1]} | ignore
    aws call ec2 DescribeSubnets {Filters: [{Name: vpc-id, Values: [$vpcs.0]}]} | ignore
    aws stream ec2 DescribeVpcs | ignore
    aws call sns ListTopics | ignore
    let found = aws invalidate --resource $vpcs.0 --dry-run
    assert equal ($found.key | each { split row ":" | get 3 } | sort) [DescribeSubnets DescribeVpcs]
    assert equal (aws invalidate --resource $"arn:aws:ec2:eu-west-1:123456789012:vpc/($vpcs.0)" --dry-run | get key | sort) ($found.key | sort)
    assert equal (aws invalidate --resource ($vpcs.0 | str substring 0..<-1) --dry-run) []
    assert equal (aws invalidate --resource VpcIds --dry-run) [] "names of parameters are no resources"
    # The stream of all tells of it, too.
    assert equal (aws invalidate --resource $vpcs.0 --cascade | get kind | sort) [answer answer stream]
    assert equal (aws cache list | length) 2
}

@test
def "what is no longer good, and nothing else" [] {
    load-env $in
    aws cache put short 1 --ttl 1ms
    aws cache put long 1 --ttl 1hr
    aws cache put ever 1 --ttl 36500day
    sleep 5ms
    assert equal (aws invalidate --expired | get key) [short]
    assert equal (aws invalidate "*" | get key) [ever long]
    # What a write made old is no good either, whoever wrote.
    aws call sns ListTopics --ttl 1hr | ignore
    aws call sqs ListQueues --ttl 1hr | ignore
    assert equal (aws cache list | get expired) [false false]
    ^$nu.current-exe --no-config-file --plugins $env.TEST_PLUGIN --commands "aws call sns CreateTopic {Name: expiring} | ignore"
    assert equal (aws cache list | where expired | get key | each { split row ":" | get 3 }) [ListTopics]
    assert equal (aws invalidate --expired | get key | each { split row ":" | get 3 }) [ListTopics]
}

@test
def "places and profiles that are nowhere are told" [] {
    load-env $in
    let code = "aws invalidate --region eu-wset-1; aws invalidate --profile prodd; aws invalidate --region eu-north-1 --profile default"
    let told = ^$nu.current-exe --no-config-file --plugins $env.TEST_PLUGIN --commands $code | complete
    assert equal $told.exit_code 0
    let lines = $told.stderr | lines
    assert equal ($lines | length) 2
    assert str contains $lines.0 "no region is called `eu-wset-1`"
    assert str contains $lines.0 "eu-west-1"
    assert str contains $lines.1 "no profile is called `prodd`"
}

@test
def "what says nothing or nonsense is refused" [] {
    load-env $in
    for wrong in [
        [code part]; [{ aws invalidate } "nothing says what to forget"] [{ aws invalidate --dry-run } "nothing says"]
        [{ aws invalidate "[a" } "is no pattern"] [{ aws invalidate --service nosuchservice } "nosuchservice"]
        [{ aws invalidate --service ec2 --cascade } "--resource"] [{ aws invalidate --resource "" } "names nothing"]
        [{ aws invalidate --service ec2 --operation DescribeVpc } "no operation 'DescribeVpc'"]
    ] {
        let told = try { do $wrong.code; "nothing" } catch {|error| $error.msg }
        assert str contains $told $wrong.part
    }
}

@test
def "what is under way when something is forgotten is not kept" [] {
    load-env $in
    moto delay 1500ms
    job spawn { aws call sns ListTopics | ignore }
    sleep 500ms
    aws invalidate "*" | ignore
    # Whoever asks after it gets an answer of after: not the one that is under way.
    moto delay 0ms
    assert equal (aws call sns ListTopics --meta | get meta.cache) network
    aws invalidate "*" | ignore
    sleep 2sec
    assert equal (aws cache list) []
}

@test
def "a write reaches the services that see the same" [] {
    load-env $in
    aws call resourcegroupstaggingapi GetResources | ignore
    aws call sqs ListQueues | ignore
    aws call sns ListTopics | ignore
    aws call sqs CreateQueue {QueueName: tagged, tags: {team: ops}} | ignore
    aws call sqs TagQueue {QueueUrl: (aws call sqs GetQueueUrl {QueueName: tagged} | get QueueUrl), Tags: {more: yes}} | ignore
    assert equal (aws call sns ListTopics --meta | get meta.cache) memory
    assert equal (aws call sqs ListQueues --meta | get meta.cache) network
    assert equal (aws call resourcegroupstaggingapi GetResources --meta | get meta.cache) network
    # Also where tags come with what they are on, or go with it.
    let arns = {|| aws call resourcegroupstaggingapi GetResources --ttl 1hr | get ResourceTagMappingList.ResourceARN }
    sleep 15100ms
    let before = do $arns
    let arn = aws call sns CreateTopic {Name: born-tagged, Tags: [{Key: team, Value: ops}]} | get TopicArn
    assert equal (do $arns | where $it not-in $before) [$arn]
    sleep 15100ms
    assert ($arn in (do $arns))
    aws call sns DeleteTopic {TopicArn: $arn} | ignore
    assert equal (do $arns | sort) ($before | sort)
}

# Entries of scripts and an answer, of three services.
def scripts [] {
    for service in [sqs sns lambda] {
        store-in-disk (cache-key $service list-things {}) $service
        store-in-memory (cache-key $service list-things {}) $service | ignore
    }
    aws call sqs ListQueues | ignore
}

def left [] { [sqs sns lambda] | where { (get-from-disk (cache-key $in list-things {})) != null } }
def left-in-memory [] { [sqs sns lambda] | where { (get-from-memory (cache-key $in list-things {})) != null } }

@test
def "the modules forget entries of scripts and answers alike" [] {
    load-env $in
    scripts
    invalidate-cache-by-service sqs
    assert equal [(left) (left-in-memory)] [[sns lambda] [sns lambda]]
    assert equal (aws cache list | where kind == answer) []
    invalidate-cache-by-operation sns ListThings
    assert equal [(left) (left-in-memory)] [[lambda] [lambda]]
    scripts
    invalidate-cache-by-pattern "*:s?s:*"
    assert equal [(left) (left-in-memory)] [[lambda] [lambda]]
    scripts
    invalidate-cache-by-region nowhere
    assert equal (left) [sqs sns lambda]
    invalidate-cache-by-region eu-west-1
    assert equal [(left) (left-in-memory)] [[] []]
    scripts
    invalidate-cache-by-profile default
    assert equal [(left) (aws cache list)] [[] []]
    scripts
    invalidate-expired-cache 1hr
    assert equal (left) [sqs sns lambda]
    sleep 20ms
    invalidate-expired-cache 10ms
    assert equal [(left) (aws cache list)] [[] []]
}

@test
def "the modules choose by what happened" [] {
    load-env $in
    scripts
    smart-invalidate sqs create-queue
    assert equal (left) [sns lambda]
    smart-invalidate sns describe-things
    assert equal (left) [sns lambda]
    smart-invalidate sns batch-get-things
    assert equal (left) [sns lambda]
    smart-invalidate sns StartThing {arn: list-things}
    assert equal (left) [lambda]
    smart-invalidate lambda terminate-things
    assert equal (left) []
    scripts
    cascade-invalidate-on-resource-change stepfunctions stateMachine "arn:aws:states:eu-west-1:1:stateMachine:m"
    assert equal (left) [sqs sns lambda]
    let lacking = try { batch-invalidate [{type: service, service: sqs} {type: resource, service: sns}]; "" } catch {|error| $error.msg }
    assert str contains $lacking "lacks `resource_identifier`"
    assert equal (left) [sqs sns lambda]
    batch-invalidate [{type: service, service: sqs} {type: pattern, pattern: "*:sns:*"} {type: nonsense} {}]
    assert equal (left) [lambda]
    let stats = get-invalidation-stats
    assert equal ($stats | columns) [memory_entries disk_entries last_invalidation total_invalidations]
    assert equal ($stats.disk_entries | length) 1
    assert equal (get-resource-ttl ec2 DescribeVpcs) 5min
    invalidate-cache "*" | ignore
    assert equal [(left) (left-in-memory)] [[] []]
}

@test
def "what is set for the modules is no entry to forget" [] {
    load-env $in
    init-memory-cache-with-size 2 | ignore
    store-in-memory mine 1 | ignore
    assert equal (invalidate-cache mine | get key) [mine]
    assert equal (get-from-memory mine) null
    invalidate-expired-cache 0sec
    aws cache clear | ignore
    for i in 1..5 { store-in-memory $"k($i)" $i | ignore }
    assert equal (get-memory-cache-size) 2
}
