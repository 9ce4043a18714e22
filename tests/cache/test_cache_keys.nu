# Keys of scripts: text only, the same as ever.

use std/assert
use std/testing *
use ../../nu/aws/cache/keys.nu *

@test
def "keys have five parts" [] {
    with-env {AWS_PROFILE: "", AWS_DEFAULT_REGION: ""} {
        assert equal (cache-key s3 list {}) "default:us-east-1:s3:list:empty-params"
    }
    with-env {AWS_PROFILE: dev, AWS_DEFAULT_REGION: eu-west-1} {
        assert equal (cache-key s3 list {}) "dev:eu-west-1:s3:list:empty-params"
        assert equal (cache-key s3 list {} --profile prod --region us-west-2) "prod:us-west-2:s3:list:empty-params"
        assert equal (resource-cache-key ec2 instance i-1) "resource:dev:eu-west-1:ec2:instance:i-1"
        assert equal (batch-cache-key ec2 describe b-1 --profile prod) "batch:prod:eu-west-1:ec2:describe:b-1"
    }
}

@test
def "hashes go by what is asked and by nothing else" [] {
    # known since the first version
    assert equal (generate-param-hash {b: 2, a: 1}) "608de49a4600dbb5b173492759792e4a"
    assert equal (generate-param-hash {a: 1, b: 2}) "608de49a4600dbb5b173492759792e4a"
    assert equal (generate-param-hash {}) "empty-params"
    assert equal (generate-param-hash {f: [{n: a, v: [b]}]}) (generate-param-hash {f: [{v: [b], n: a}]})
    assert not equal (generate-param-hash {f: [a b]}) (generate-param-hash {f: [b a]})
    assert not equal (generate-param-hash {a: 1}) (generate-param-hash {a: "1"})
}

@test
def "keys are taken apart" [] {
    let key = "dev:eu-west-1:s3:list:abc"
    assert equal (parse-cache-key $key) {profile: dev, region: eu-west-1, service: s3, operation: list, param_hash: abc}
    assert equal [(get-service-from-cache-key $key) (get-region-from-cache-key $key) (get-profile-from-cache-key $key)] [s3 eu-west-1 dev]
    for wrong in ["" "a:b:c:d" "a:b:c:d:e:f"] {
        assert equal (try { parse-cache-key $wrong } catch {|e| $e.msg }) "Invalid cache key format"
    }
}

@test
def "patterns are texts or globs" [] {
    let key = "dev:eu-west-1:s3:list:abc"
    for yes in ["s3" "dev:" "*" "dev:*:s3:*" "dev:eu-west-?:s3:list:???"] { assert (cache-key-matches-pattern $key $yes) $yes }
    for no in ["ec2" "*:ec2:*" "prod*" "dev:eu-west-1" "s?"] { assert ((cache-key-matches-pattern $key $no) == ($no == "dev:eu-west-1")) $no }
    assert (cache-key-matches-pattern "a.b" "a.*")
    assert (not (cache-key-matches-pattern "axb" "a.b*"))
}
