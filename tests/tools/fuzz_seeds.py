"""Writes what fuzzing starts from into fuzz/corpus: answers, models and endpoint rules of botocore's, cut to size."""

import gzip
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/botocore"))

import answers
import botocore
import botocore.parsers
import botocore.session

# As in fuzz/targets/answers.rs.
OPERATIONS = (
    ("stepfunctions", "GetExecutionHistory"),
    ("dynamodb", "Scan"),
    ("s3", "ListObjectVersions"),
    ("ec2", "DescribeInstances"),
    ("iam", "GetAccountAuthorizationDetails"),
    ("lambda", "ListFunctions"),
    ("eventbridgev2", "ListEventBuses"),
)
LARGEST = 60_000


def main():
    session = botocore.session.Session()
    for number, (service, name) in enumerate(OPERATIONS):
        model = session.get_service_model(service)
        operation, protocol = model.operation_model(name), model.resolved_protocol
        parser = botocore.parsers.create_parser(protocol)
        for variant in ("all", "required", "null", "maximal"):
            body = answers.success(parser, protocol, operation, variant, f"{name}.{variant}")["body"]
            seed("answers", f"{service}-{variant}", bytes([number, 0]) + body)
        for error in [*operation.error_shapes[:2], None]:
            body = answers.failure(parser, protocol, error, f"{name}.{error}")["body"]
            seed("answers", f"{service}-{error.name if error else 'unmodelled'}", bytes([number, 1]) + body)
    data = Path(botocore.__file__).parent / "data"
    for folder in sorted(data.glob("*/*/")):
        service = plain(folder / "service-2.json")
        others = plain(folder / "paginators-1.json"), plain(folder / "waiters-2.json")
        if service and len(service) < LARGEST:
            for number, other in enumerate(others):
                seed("models", f"{folder.parent.name}-{number}", len(service).to_bytes(2, "big") + service + other)
        rules = plain(folder / "endpoint-rule-set-1.json")
        if rules and len(rules) < LARGEST:
            seed("rules", folder.parent.name, b"\x00" + rules)
    for number, words in enumerate(
        ("logs\nus-east-1", "arn:aws:s3:us-west-2:123456789012:accesspoint:a\nus-east-1\nhttp://[::1]:80/x", "a.b\nx")
    ):
        for kind in range(64):
            seed("rules", f"words-{number}-{kind}", bytes([kind | 1]) + words.encode())


def plain(path):
    """A file of botocore's, smaller without its documentation; nothing where there is none."""
    packed = path.with_suffix(".json.gz")
    if not packed.exists():
        return path.read_bytes() if path.exists() else b""
    content = json.loads(gzip.decompress(packed.read_bytes()))
    return json.dumps(content, separators=(",", ":")).encode()


def seed(target, name, content):
    folder = ROOT / "fuzz/corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


main()
