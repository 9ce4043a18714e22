# Variables are those of the engine at the time of a call, in one plugin process: the server tells who signed for
# which region. A process environment that is frozen at the plugin's start would fail here.
use std/assert
use std/testing *
use ../lib/moto.nu *

@before-all
def server [] {
    let server = moto start $env.TEST_PYTHON $env.TEST_DIR
    let config = $env.TEST_DIR | path join config.ini
    let process = $env.TEST_DIR | path join keys.sh
    # prints the keys of the user that the engine names: a frozen environment would print another one
    r#'printf '{"Version": 1, "AccessKeyId": "PROCESS%s", "SecretAccessKey": "secret"}' "$AWS_WHO"'# | save $process
    $"[default]
region = eu-central-1
aws_access_key_id = DEFAULT
aws_secret_access_key = secret

[profile other]
region = ap-south-1
aws_access_key_id = OTHER
aws_secret_access_key = secret

[profile process]
region = us-west-2
credential_process = sh ($process)

[profile role]
region = sa-east-1
role_arn = arn:aws:iam::123456789012:role/reader
source_profile = other
" | save $config
    $server | merge {AWS_CONFIG_FILE: $config}
}

# Only what a profile says: no keys and no region in the environment.
def --env forget-keys [] {
    hide-env --ignore-errors AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_REGION AWS_DEFAULT_REGION
}

# Who signed the last request, and for which region.
def signed [] {
    moto forget
    aws call sqs ListQueues --no-cache | ignore
    moto requests | last | select access_key region
}

@test
def "one process answers all of these tests" [] {
    load-env $in
    signed | ignore
    let before = plugin list | where name == aws_perf | get 0.pid
    with-env {AWS_REGION: us-east-2} { signed | ignore }
    assert equal (plugin list | where name == aws_perf | get 0.pid) $before
}

@test
def "regions" [] {
    load-env $in
    assert equal (signed).region eu-west-1
    assert equal (with-env {AWS_REGION: us-east-2} { signed }).region us-east-2
    assert equal (signed).region eu-west-1
    hide-env AWS_REGION
    assert equal (with-env {AWS_DEFAULT_REGION: ca-central-1} { signed }).region ca-central-1
}

@test
def "keys" [] {
    load-env $in
    assert equal (signed).access_key test
    assert equal (with-env {AWS_ACCESS_KEY_ID: ANOTHER, AWS_SECRET_ACCESS_KEY: x} { signed }).access_key ANOTHER
    assert equal (signed).access_key test
}

@test
def "profiles" [] {
    load-env $in
    forget-keys
    assert equal (signed) {access_key: DEFAULT, region: eu-central-1}
    assert equal (with-env {AWS_PROFILE: other} { signed }) {access_key: OTHER, region: ap-south-1}
    assert equal (signed) {access_key: DEFAULT, region: eu-central-1}
}

@test
def "flags go before variables" [] {
    load-env $in
    moto forget
    aws call sqs ListQueues --profile other --region us-east-2 | ignore
    aws call sqs ListQueues --profile other | ignore
    let asked = moto requests
    assert equal ($asked | first | select access_key region) {access_key: OTHER, region: us-east-2}
    # the region is the environment's, since the flag names a profile only
    assert equal ($asked | last | select access_key region) {access_key: OTHER, region: eu-west-1}
}

@test
def "credential processes run with the variables of the engine" [] {
    load-env $in
    forget-keys
    $env.AWS_PROFILE = "process"
    assert equal (with-env {AWS_WHO: ALICE} { signed }) {access_key: PROCESSALICE, region: us-west-2}
    assert equal (with-env {AWS_WHO: BOB} { signed }) {access_key: PROCESSBOB, region: us-west-2}
}

@test
def "roles are assumed with the keys of their source" [] {
    load-env $in
    forget-keys
    $env.AWS_PROFILE = "role"
    moto forget
    aws call sqs ListQueues | ignore
    let asked = moto requests
    assert equal ($asked | where operation == AssumeRole | get access_key | uniq) [OTHER]
    assert equal ($asked | last | get region) sa-east-1
    assert not equal ($asked | last | get access_key) OTHER
}

@test
def "a changed config file is seen" [] {
    load-env $in
    forget-keys
    let config = $env.TEST_DIR | path join changing.ini
    $env.AWS_CONFIG_FILE = $config
    let profile = {|key| $"[default]\nregion = eu-north-1\naws_access_key_id = ($key)\naws_secret_access_key = secret\n" }
    do $profile FIRST | save --force $config
    assert equal (signed).access_key FIRST
    do $profile SECONDONE | save --force $config
    assert equal (signed).access_key SECONDONE
}

@test
def "endpoints" [] {
    load-env $in
    let other = moto start $env.TEST_PYTHON $env.TEST_DIR
    aws call sqs CreateQueue {QueueName: here} | ignore
    let there = with-env {AWS_ENDPOINT_URL: $other.AWS_ENDPOINT_URL} { aws call sqs ListQueues }
    assert equal $there.QueueUrls? null
    let here = with-env {AWS_ENDPOINT_URL: $other.AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_SQS: $env.AWS_ENDPOINT_URL} {
        aws call sqs ListQueues
    }
    assert equal ($here.QueueUrls | length) 1
    let by_flag = aws call sqs ListQueues --endpoint-url $other.AWS_ENDPOINT_URL
    assert equal $by_flag.QueueUrls? null
}

@test
def "whoami tells who and from where" [] {
    load-env $in
    forget-keys
    let me = aws whoami --profile other
    assert equal ($me | select account profile region) {account: "123456789012", profile: other, region: ap-south-1}
    assert str contains ($me.source | to text) other
}
