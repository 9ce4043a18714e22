# Secrets that nobody may find again: credentials, and what AWS keeps secret, in no output and no file.

use std/assert
use std/testing *
use ../lib/moto.nu *

const CANARIES = {
    secret: canary-secret-access-key-5d41402a
    token: canary-session-token-7d793037
    proxy: canary-proxy-password-a0b1c2
    value: canary-secret-value-9b74c989
    parameter: canary-parameter-value-bd8e1f
}

@before-all
def server [] { moto start $env.TEST_PYTHON $env.TEST_DIR }

# What a shell of its own with these credentials prints, on both channels.
def printed [commands: list<string>]: nothing -> string {
    let script = $commands | each {|command| $"try { print \(($command) | to nuon --serialize\) } catch {|error| print $error.rendered \($error.details | to nuon --serialize\) }" } | str join "\n"
    let environment = {
        AWS_ACCESS_KEY_ID: AKIACANARY0000000000, AWS_SECRET_ACCESS_KEY: $CANARIES.secret, AWS_SESSION_TOKEN: $CANARIES.token
        CANARY_PROXY: $"http://user:($CANARIES.proxy)@127.0.0.1:9", RUST_LOG: trace, RUST_BACKTRACE: "1"
    }
    let run = with-env $environment {
        ^$nu.current-exe --no-config-file --plugins $env.TEST_PLUGIN --commands ($script) | complete
    }
    $run.stdout + $run.stderr
}

# The canaries that are in any file below a folder, packed or not.
def in-files [folder: path]: nothing -> list<string> {
    let search = r#'
import pathlib, sys, zlib
folder, *canaries = sys.argv[1:]
found = set()
for path in pathlib.Path(folder).rglob("*"):
    if not path.is_file(): continue
    data = path.read_bytes()
    texts, at = [data], data.find(b"\x1f\x8b")
    while at >= 0:
        try: texts.append(zlib.decompressobj(31).decompress(data[at:]))
        except zlib.error: pass
        at = data.find(b"\x1f\x8b", at + 1)
    found |= {canary for canary in canaries for text in texts if canary.encode() in text}
for canary in sorted(found): print(canary)
'#
    ^$env.TEST_PYTHON -c $search $folder ...($CANARIES | values) ordinary-topic | lines
}

@test
def "credentials and secrets are in no output and no file" [] {
    load-env $in
    $env.AWS_CACHE_DIR = $env.TEST_DIR | path join canary-cache
    aws call sns CreateTopic {Name: ordinary-topic} | ignore
    aws call secretsmanager CreateSecret {Name: canary, SecretString: $CANARIES.value} | ignore
    aws call ssm PutParameter {Name: /canary, Value: $CANARIES.parameter, Type: SecureString} | ignore
    # Nothing of sns is kept for a while after a write.
    sleep 15100ms
    let dead = "--endpoint-url http://127.0.0.1:9"
    let printed = printed [
        "aws call sns ListTopics --ttl 1hr --meta"
        "aws stream sns ListTopics --ttl 1hr"
        "aws call sns ListTopics --dry-run"
        "aws call iam CreateUser {UserName: canary} --dry-run"
        $"aws call sns ListTopics --no-cache ($dead)"
        $"aws stream ec2 DescribeInstances ($dead)"
        "aws call sns GetTopicAttributes {TopicArn: nonsense}"
        "aws call sns NoSuchOperation"
        # Not written out, since errors show the script's own line.
        "with-env {HTTP_PROXY: $env.CANARY_PROXY, NO_PROXY: ''} { aws call sns ListTopics --no-cache --endpoint-url http://example.invalid }"
        "aws whoami"
        "aws call secretsmanager GetSecretValue {SecretId: canary} | ignore"
        "aws call ssm GetParameter {Name: /canary, WithDecryption: true} | ignore"
        "aws stream ssm GetParametersByPath {Path: '/', WithDecryption: true} --ttl 1hr | ignore"
        "aws cache list" "aws cache stats" "aws perf stats --by [service operation cache error region profile]"
    ]
    assert str contains $printed ordinary-topic
    assert str contains $printed "aws_perf::unreachable"
    for canary in ($CANARIES | transpose name text) {
        assert not ($printed | str contains $canary.text) $"($canary.name) was printed"
    }
    # The control: what may be kept is found by this search.
    assert equal (in-files $env.AWS_CACHE_DIR) [ordinary-topic]
    assert equal (in-files $env.HOME | where $it != ordinary-topic) []
}
