"""What botocore resolves for a grid of endpoint parameters, as JSON lines.

Input: none. Output, one line per rule set of the installed botocore:
    {"service": "s3", "rules": "<path of the gzipped JSON>", "leaves": 311, "reached": 305,
     "cases": [{"parameters": {"Region": "eu-west-1"}, "url": "https://...", "headers": {}, "schemes": [...]},
               {"parameters": {}, "error": "Invalid Configuration: Missing Region", "by_rule": true}]}
`leaves` counts the rules that end a search, `reached` those that some case reached. Before them comes one line
    {"partitions": {<partitions.json, with three more partitions that lack FIPS, dual-stack or both>}}

Region, FIPS and dual-stack are combined completely; where there are more parameters, they are sampled, by nothing but
the service's name.
"""

import copy
import glob
import itertools
import json
import os
import random
import re
import sys

import botocore
from botocore.endpoint_provider import EndpointProvider, EndpointRule, ErrorRule, TreeRule
from botocore.exceptions import EndpointResolutionError
from botocore.loaders import Loader

DATA = os.path.join(os.path.dirname(botocore.__file__), "data")
SAMPLES = {"s3": 9000, "s3control": 4000, "kinesis": 9000, "dynamodb": 2000, "dynamodbstreams": 2000}
OTHER_SAMPLES = 400

# No real partition lacks these, so some rules would never be reached.
MORE_PARTITIONS = {"plain": (False, False), "fips": (True, False), "dual": (False, True)}
REGIONS = [
    "us-east-1", "eu-west-1", "us-gov-west-1", "cn-north-1", "us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1",
    "us-isof-south-1", "eusc-de-east-1", "aws-global", "eu-central-9", "nowhere", "plain-x-1", "fips-x-1", "dual-x-1",
    None,
]
ENDPOINTS = ["http://127.0.0.1:5599", "https://example.com/x/", "https://[::1]:4566", "not a url"]
STANDARD = ("Region", "UseFIPS", "UseDualStack")
DECISIVE = ("Region", "Bucket", "OperationType", "ServiceType", "ApiType", "KvsARN", "SpaceId", "AccountIdEndpointMode")
STREAM = "arn:aws:kinesis:us-east-1:123456789012:stream/s"
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/t"
ARNS = [
    STREAM,
    STREAM + "/consumer/c:1",
    "arn:aws:kinesis:us-east-1:123456789012:channel/c",
    "arn:aws:kinesis:us-east-1:123456789012:queue/q",
    "arn:aws:kinesis:us-east-1:123456789012:queue/",
    "arn:aws:kinesis:us-east-1:123456789012:channel/-bad-",
    "arn:aws-iso:kinesis:us-iso-east-1:123456789012:stream/s",
    "arn:aws-cn:kinesis:cn-north-1:123456789012:queue/q",
    "arn:aws:kinesis:us-east-1:1_2:stream/s",
    "arn:aws:kinesis:us_east:123456789012:stream/s",
    "arn:aws:kinesis:us-east-1:123456789012:/s",
    TABLE,
    TABLE + "/stream/2024-01-01T00:00:00.000",
    "arn:aws:dynamodb:us-east-1:bad_account:table/t",
    "arn:aws-cn:dynamodb:cn-north-1:123456789012:table/t",
    "arn:aws:cloudfront::123456789012:key-value-store/k",
    "arn:aws:cloudfront:us-east-1:123456789012:key-value-store/k",
    "arn:aws:cloudfront::123456789012:distribution/d",
    "arn:aws:cloudfront::123456789012:/d",
    "arn:aws-cn:cloudfront::123456789012:key-value-store/k",
    "arn:aws:events:us-east-1:123456789012:event-bus/b",
    "arn:aws:s3express:us-east-1:123456789012:bucket/b--use1-az1--x-s3",
    "arn:aws:s3express:eu-west-1:123456789012:bucket/b--euw1-az1--x-s3",
    "plain-name",
    "arn:broken",
]
OUTPOST = "arn:aws:s3-outposts:us-west-2:123456789012:outpost"
OUTPOSTS = [
    f"{OUTPOST}:op-01234567890123456:accesspoint:reports",
    f"{OUTPOST}/op-01234567890123456/bucket/b",
    f"{OUTPOST}:op-01234567890123456:accesspoint",
    f"{OUTPOST}:op-01234567890123456:other:x",
    f"{OUTPOST}:op-01234567890123456:accesspoint:re_ports",
    f"{OUTPOST}:op-01234567890123456:accesspoint:a:b",
    f"{OUTPOST}:op-01234567890123456",
    f"{OUTPOST}:op_1:accesspoint:reports",
    OUTPOST,
    "arn:aws:s3-outposts:us-west-2::outpost:op-1:accesspoint:reports",
    "arn:aws:s3-outposts:us-west-2:1_2:outpost:op-1:bucket:reports",
    "arn:aws:s3-outposts:us_west:123456789012:outpost:op-1:bucket:reports",
    "arn:aws-cn:s3-outposts:cn-north-1:123456789012:outpost:op-1:bucket:reports",
    "arn:aws:s3-outposts:us-west-2:123456789012::x",
]
ZONES = ["use1-az1", "usw2-az12", "use1-lax1-az1", "use1-zzz1-az12", "use1-abcdefghij-az1", "bad"]
POINT = "arn:aws:s3:us-west-2:123456789012:accesspoint"
BUCKETS = [
    "bucket", "my.dotted.bucket", "UPPER_bucket", "-bad-", "192.168.1.1", "a", "a.b", "b ü/c%", "x" * 64, "a..b",
    f"{POINT}/myap", f"{POINT}:myap", f"{POINT}:my_ap", f"{POINT}:my.ap", f"{POINT}:a:b", POINT,
    "arn:aws:s3:us-west-2::accesspoint:myap", "arn:aws:s3:us-west-2:1_2:accesspoint:myap",
    "arn:aws:s3:us_west:123456789012:accesspoint:myap", "arn:aws-cn:s3:cn-north-1:123456789012:accesspoint:myap",
    "arn:aws:sqs:us-west-2:123456789012:accesspoint:myap",
    "arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap", "arn:aws:s3::123456789012:accesspoint/bad..mrap",
    "arn:aws-cn:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap",
    "arn:aws:s3-object-lambda:us-east-1:123456789012:accesspoint/ol",
    "arn:aws:s3-object-lambda:us-east-1:123456789012:accesspoint/o_l",
    "arn:aws:s3-object-lambda:us-east-1:123456789012:accesspoint/a/b",
    "arn:aws:s3-object-lambda:us-east-1:123456789012:accesspoint",
    "arn:aws:s3-object-lambda:us-east-1:123456789012:other/ol",
    "arn:aws:s3-object-lambda::123456789012:accesspoint/ol",
    "arn:aws:s3-object-lambda:us_east:123456789012:accesspoint/ol",
    "arn:aws:s3-object-lambda:us-east-1::accesspoint/ol",
    "arn:aws:s3-object-lambda:us-east-1:1_2:accesspoint/ol",
    "arn:aws-cn:s3-object-lambda:cn-north-1:123456789012:accesspoint/ol",
    "arn:aws:s3:::bucket", "arn:aws:s3:us-west-2:123456789012:other:x", "arn:aws:s3", "arn:aws:s3:::/x",
    "test-accessp-o0b1d075431d83bebde8xz5w8ijx1qzlbp3i3kuse10--op-s3",
    "test-accessp-e0b1d075431d83bebde8xz5w8ijx1qzlbp3i3ebeta0--op-s3",
    "test-accessp-x0b1d075431d83bebde8xz5w8ijx1qzlbp3i3kuse10--op-s3", "--op-s3", "a.--op-s3",
    *OUTPOSTS,
    *(f"my-bucket--{zone}--x-s3" for zone in ZONES), "My-Bucket--use1-az1--x-s3",
    *(f"my-point--{zone}--xa-s3" for zone in ZONES), "My-Point--use1-az1--xa-s3",
]
KINESIS_ENDPOINTS = [
    "https://kinesis-abcd-x.us-east-1.amazonaws.com", "https://kinesis-beta-gamma.us", "http://a-beta-x-y.com",
    "https://abcdefg-beta-", "http://-beta-gamma-delta",
]
TEXTS = {
    "Region": REGIONS,
    "Endpoint": [None, *ENDPOINTS],
    "Bucket": [None, *BUCKETS],
    "AccountId": [None, "123456789012", "123456789012", "bad_account", ""],
    "AccountIdEndpointMode": [None, "preferred", "required", "disabled"],
    "AccessPointName": [None, None, "reports", *OUTPOSTS, *(b for b in BUCKETS if b.endswith("--xa-s3"))],
    "ResourceArn": [None, *ARNS],
    "OutpostId": [None, None, None, "op-1", "op_1"],
    "EndpointId": [None, "abc.123", "abc_123", "abcdef"],
    "SpaceId": [None, "abc123", "abc_123"],
    "OperationType": [None, "data", "control", "data", "control"],
    "ResourceType": [None, "queue", "queue", "stream", ""],
    "StreamId": [None, None, "a" * 20 + "-001", "a" * 20 + "-" + "b" * 3, "short", "a" * 20 + "_001"],
    "ShardIterator": [None, "AAAAAAAAAAE" + "x" * 30, TABLE + "/stream/2024|1|AAAA", "short"],
}


def constants(rules, found):
    """Texts that rules compare with, so that a parameter can have them as a value."""
    if isinstance(rules, dict):
        if rules.get("fn") == "stringEquals":
            found.update(arg for arg in rules["argv"] if isinstance(arg, str) and "{" not in arg)
        for value in rules.values():
            constants(value, found)
    elif isinstance(rules, list):
        for value in rules:
            constants(value, found)
    return found


def axis(service, name, definition, words):
    """The values that a parameter takes; None leaves it out."""
    kind = definition["type"].lower()
    if kind == "boolean":
        return [False, True] if "default" in definition else [None, False, True]
    if kind == "stringarray":
        return [None, (), (TABLE,), (TABLE, "t"), ("t",), tuple(ARNS[-4:])]
    if name == "Region":
        return [*REGIONS, *(word for word in words if re.fullmatch(r"[a-z-]+-\d|snow", word))]
    if name == "Endpoint" and service == "kinesis":
        return [None, *ENDPOINTS, *KINESIS_ENDPOINTS]
    if name in TEXTS:
        return TEXTS[name]
    if name.lower().endswith("arn"):
        return [None, *ARNS]
    return [None, "other", *words]


def pick(chance, name, values):
    """One value; the usual one mostly, since a rare one often decides alone."""
    usual = None if None in values else False if False in values else values[0]
    rare = 0.95 if name in DECISIVE else 0.3
    return chance.choice(values) if chance.random() < rare else usual


def grid(service, rules):
    words = sorted(constants(rules["rules"], set()))
    axes = {name: axis(service, name, definition, words) for name, definition in rules["parameters"].items()}
    chance = random.Random(service)
    standard = [axes.get(name, [None]) for name in STANDARD]
    for values in itertools.product(*standard):
        yield dict(zip(STANDARD, values))
    for values in itertools.product(["eu-west-1", None], *standard[1:], ENDPOINTS[:2]):
        yield dict(zip([*STANDARD, "Endpoint"], values))
    if set(axes) - {*STANDARD, "Endpoint"}:
        for _ in range(SAMPLES.get(service, OTHER_SAMPLES)):
            yield {name: pick(chance, name, values) for name, values in axes.items()}


def given(parameters):
    return {name: value for name, value in parameters.items() if value is not None}


def leaves(rules):
    for rule in rules:
        if isinstance(rule, TreeRule):
            yield from leaves(rule.rules)
        else:
            yield rule


def watch(reached):
    """Notes the leaves whose conditions held."""
    for kind in (EndpointRule, ErrorRule):
        conditions = kind.evaluate_conditions

        def noting(self, *args, _conditions=conditions):
            holds = _conditions(self, *args)
            if holds:
                reached.add(id(self))
            return holds

        kind.evaluate_conditions = noting


def case(provider, parameters):
    try:
        endpoint = provider.resolve_endpoint(**parameters)
    except EndpointResolutionError as error:
        text = str(error)
        by_rule = not text.startswith(("No endpoint found", "Cannot find value", "Both ", "Input must", "Value ("))
        return {"parameters": parameters, "error": text, "by_rule": by_rule}
    except Exception as error:
        return {"parameters": parameters, "error": repr(error), "by_rule": False}
    schemes = endpoint.properties.get("authSchemes", [])
    return {"parameters": parameters, "url": endpoint.url, "headers": endpoint.headers, "schemes": schemes}


def main():
    loader = Loader()
    partitions = loader.load_data("partitions")
    for name, (fips, dual) in MORE_PARTITIONS.items():
        more = copy.deepcopy(partitions["partitions"][0])
        more.update(id=f"aws-{name}", regions={}, regionRegex=f"^{name}\\-\\w+\\-\\d+$")
        more["outputs"].update(name=more["id"], supportsFIPS=fips, supportsDualStack=dual)
        partitions["partitions"].append(more)
    print(json.dumps({"partitions": partitions}))
    reached = set()
    watch(reached)
    for path in sorted(glob.glob(os.path.join(DATA, "*", "*", "endpoint-rule-set-1.json.gz"))):
        service, version = path.split(os.sep)[-3:-1]
        rules = loader.load_service_model(service, "endpoint-rule-set-1", version)
        provider = EndpointProvider(rules, partitions)
        cases = [case(provider, given(parameters)) for parameters in grid(service, rules)]
        ends = [id(leaf) for leaf in leaves(provider.ruleset.rules)]
        line = {"service": service, "rules": path, "leaves": len(ends), "cases": cases}
        line["reached"] = sum(leaf in reached for leaf in ends)
        reached.clear()
        json.dump(line, sys.stdout)
        sys.stdout.write("\n")


if __name__ == "__main__":
    main()
