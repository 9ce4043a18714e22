"""Whole calls of every AWS service as botocore's clients make them, for tests/it/differential.rs.

Usage: python calls.py <operations per service, 0 for all> <shard>/<shards> [service ...]

Each operation is called through a real botocore client with everything that comes with it: handlers, endpoint rules,
checksums, compression, signing, parsing. Only the network is replaced, by an answer made up for the operation. Prints
JSON lines, one of kind `service` per service and protocol, then its calls:

    {"kind": "service", "service", "protocol", "refused": {"<operation>": "<by design, why>"},
     "exceptions": {"<operation>": "<why it cannot be compared>"}}
    {"kind": "call", "operation", "variant", "input",
     "request": {"method", "url", "headers", "body"} or {"refused": "<exception>"},
     "answer": {"status", "headers", "body"},
     "output": {...} or "error": {"code", "message", "id", "fields"}}

Bodies are base64. In `input`, blobs are base64 and timestamps microseconds since 1970; what they are, the shapes
tell. In `output` and `fields`, blobs are "b:<base64>" and timestamps "t:<microseconds>". Floats that JSON cannot say
are text. The choice of operations and all values depend on nothing but the names, so that runs can be compared.
"""

import base64
import hashlib
import json
import os
import random
import re
import sys
import warnings
import zlib

import answers
import botocore.auth
import botocore.awsrequest
import botocore.exceptions
import botocore.loaders
import botocore.parsers
import botocore.session
import examples
import jmespath
from botocore.config import Config
from botocore.model import ServiceModel

# What `all`, `required` and so on mean: see examples.py and answers.py.
VARIANTS = ("all", "required", "empty", "null", "maximal")
REGION = "us-west-2"
ACCOUNT = "123456789012"
DISCOVERED = "ingest-cell1.timestream.us-west-2.amazonaws.com"
# Set by the test that reads this, for its own client.
SETTINGS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_ACCOUNT_ID": ACCOUNT,
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
# What cannot be compared, each with its reason.
EXCEPTIONS = {
    ("s3", "GetBucketNotification"): "botocore binds one element to two members and hands one out as an XML node",
}
CHECKSUMS = {
    "crc32": lambda body: zlib.crc32(body).to_bytes(4, "big"),
    "sha1": lambda body: hashlib.sha1(body).digest(),
    "sha256": lambda body: hashlib.sha256(body).digest(),
}


def main(per_service, shard, only):
    warnings.simplefilter("ignore")
    for name in [name for name in os.environ if name.startswith(("AWS_", "BOTO"))]:
        del os.environ[name]
    os.environ.update(SETTINGS)
    # awscrt is there for signatures over several regions; the others are botocore's own.
    botocore.auth.AUTH_TYPE_MAPS.update(v4=botocore.auth.SigV4Auth, s3v4=botocore.auth.S3SigV4Auth)
    mine, shards = map(int, shard.split("/"))
    loader = botocore.loaders.Loader(include_default_search_paths=False)
    loader.search_paths.append(loader.BUILTIN_DATA_PATH)
    session = botocore.session.Session()
    session.register_component("data_loader", loader)
    for number, service in enumerate(only or loader.list_available_services("service-2")):
        if number % shards != mine:
            continue
        model = ServiceModel(loader.load_service_model(service, "service-2"), service)
        # The protocol that botocore chooses, and CBOR wherever the service speaks it too.
        protocols = [model.resolved_protocol]
        if "smithy-rpc-v2-cbor" in model.metadata.get("protocols", ()) and "smithy-rpc-v2-cbor" not in protocols:
            protocols.append("smithy-rpc-v2-cbor")
        for protocol in protocols:
            Calls(session, loader, service, protocol).make(per_service)


class Calls:
    """The calls of one service in one protocol."""

    def __init__(self, session, loader, service, protocol):
        self.service = service
        self.protocol = protocol
        raw = loader.load_service_model(service, "service-2")
        known = raw["metadata"].get("protocols")
        if known and protocol != ServiceModel(raw, service).resolved_protocol:
            # The loader keeps what it has read, so the client finds the other choice.
            raw["metadata"]["protocols"] = [protocol]
        config = Config(parameter_validation=False, retries={"total_max_attempts": 1})
        self.client = session.create_client(service, region_name=REGION, config=config)
        self.model = self.client.meta.service_model
        assert self.model.resolved_protocol == protocol
        if known:
            raw["metadata"]["protocols"] = known
        self.client.meta.events.register_first("before-send.*", self.send)
        self.parser = botocore.parsers.create_parser(protocol)
        self.sent = None
        self.response = None
        self.operation_name = None
        self.seen_errors = set()

    def make(self, per_service):
        names = sorted(self.model.operation_names)
        # Few services speak these; each has to stand for many.
        if self.protocol in ("ec2", "rest-xml", "smithy-rpc-v2-cbor"):
            per_service *= 10
        everything = not per_service
        if per_service and len(names) > per_service:
            names = sorted(random.Random(self.service).sample(names, per_service))
        refused = {name: why for name in names if (why := self.refusal(name))}
        left = {name: EXCEPTIONS[self.service, name] for name in names if (self.service, name) in EXCEPTIONS}
        emit(kind="service", service=self.service, protocol=self.protocol, refused=refused, exceptions=left)
        for name in names:
            if name not in refused and name not in left:
                self.operation(self.model.operation_model(name), everything)

    def refusal(self, name):
        operation = self.model.operation_model(name)
        if operation.has_event_stream_input or operation.has_event_stream_output:
            return "event stream"
        return None

    def operation(self, operation, everything):
        for variant in VARIANTS:
            seed = f"{self.service}.{operation.name}.{variant}"
            response = answers.success(self.parser, self.protocol, operation, variant, f"{seed}.answer")
            self.call(operation, variant, variant, response)
        # All modelled errors once per service, or two of each operation in a sample; and one that no model knows.
        errors = operation.error_shapes
        errors = [e for e in errors if e.name not in self.seen_errors] if everything else errors[:2]
        self.seen_errors.update(error.name for error in errors)
        # botocore asks for another endpoint again and again, as long as this one is answered.
        errors = [error for error in errors if error.name != "InvalidEndpointException"]
        for error in [*errors, None]:
            variant = error.name if error else "unmodelled"
            seed = f"{self.service}.{operation.name}.{variant}.fault"
            response = answers.failure(self.parser, self.protocol, error, seed)
            self.call(operation, "required", f"fault {variant}", response, error)

    def call(self, operation, given, variant, response, error=None):
        seed = f"{self.service}.{operation.name}.{given}"
        parameters = examples.parameters(operation.input_shape, given, seed)
        for context in operation.context_parameters:
            if context.member_name in parameters:
                parameters[context.member_name] = examples.address(self.service, context.name, parameters)
        if "SourceRegion" in parameters:
            # Part of a host name in a signed URL: ours refuses what cannot be one.
            parameters["SourceRegion"] = "us-east-1"
        if "assetSHA256" in parameters:
            # Travels in the header of the body's hash, which signers believe.
            parameters["assetSHA256"] = hashlib.sha256(parameters.get("assetContent", b"")).hexdigest()
        shown = plain(parameters, blob="{}", moment=int)
        if given == "null":
            # Nulls are members that are not there; botocore takes none.
            for name in operation.input_shape.members if operation.input_shape else ():
                shown.setdefault(name, None)
        settle(response)
        self.sent, self.response, self.operation_name = None, response, operation.name
        line = {"kind": "call", "operation": operation.name, "variant": variant, "input": shown}
        try:
            output = self.client._make_api_call(operation.name, parameters)
        except botocore.exceptions.ClientError as failure:
            line["error"] = self.failure(failure.response, error)
        except (jmespath.exceptions.JMESPathTypeError, TypeError):
            # Rules and handlers stumble over a missing member, which botocore's validation tells before.
            return
        except (botocore.exceptions.BotoCoreError, KeyError, AttributeError) as failure:
            line["request"] = {"refused": f"{type(failure).__name__}: {failure}"}
            emit(**line)
            return
        else:
            line["output"] = self.output(operation, output)
        line["request"] = self.sent
        line["answer"] = {
            "status": response["status_code"],
            "headers": dict(response["headers"]),
            "body": encoded(response["body"]),
        }
        emit(**line)

    def send(self, request, **_):
        """Takes the network's place."""
        asks_where = text(request.headers.get("X-Amz-Target", "")).endswith(".DescribeEndpoints")
        if asks_where and self.operation_name != "DescribeEndpoints":
            endpoints = {"Endpoints": [{"Address": DISCOVERED, "CachePeriodInMinutes": 9}]}
            body = json.dumps(endpoints).encode()
            return botocore.awsrequest.AWSResponse(request.url, 200, {}, Raw(body))
        self.sent = told(request)
        response = self.response
        headers = dict(response["headers"])
        return botocore.awsrequest.AWSResponse(request.url, response["status_code"], headers, Raw(response["body"]))

    def output(self, operation, output):
        output.pop("ResponseMetadata", None)
        shape = operation.output_shape
        payload = shape and shape.serialization.get("payload")
        if payload and payload in output and hasattr(output[payload], "read"):
            output[payload] = output[payload].read()
        elif payload and shape.members[payload].type_name == "blob" and isinstance(output.get(payload), str):
            # botocore hands a blob that is the whole body out as text.
            output[payload] = output[payload].encode()
        return plain(output)

    def failure(self, response, error):
        told = response.pop("Error", {})
        metadata = response.pop("ResponseMetadata", {})
        known = error.members if error else ()
        return {
            "code": text(told.get("Code")),
            "message": told.get("Message", ""),
            "id": metadata.get("RequestId"),
            "fields": plain({name: value for name, value in response.items() if name in known}),
        }


class Raw:
    """A body as urllib3 has it."""

    def __init__(self, body):
        self.body = body

    def stream(self):
        yield self.body

    def read(self, amount=None, **_):
        body, self.body = self.body, b""
        return body


def settle(response):
    """Headers that speak of the body speak the truth."""
    headers, body = response["headers"], response["body"]
    if "content-length" in headers:
        headers["content-length"] = str(len(body))
    for name in [name for name in headers if name.lower().startswith("x-amz-checksum-")]:
        algorithm = name.lower().removeprefix("x-amz-checksum-")
        if algorithm in CHECKSUMS:
            headers[name] = encoded(CHECKSUMS[algorithm](body))
        elif algorithm not in ("mode", "type", "algorithm"):
            # Of the parts of an upload, which nobody can check.
            headers[name] = "AAAAAA==-2"


def told(request):
    """The request as it would go out."""
    body = request.body or b""
    if hasattr(body, "read"):
        body = body.read()
    if isinstance(body, str):
        body = body.encode()
    headers = {name.lower(): text(value) for name, value in request.headers.items()}
    trailer = headers.pop("x-amz-trailer", None)
    if trailer:
        body = unwrapped(body, headers, trailer)
    return {"method": request.method, "url": request.url, "headers": headers, "body": encoded(bytes(body))}


def unwrapped(body, headers, trailer):
    """A body in chunks with a checksum behind them, as the body and a header: ours are held whole."""
    content, rest = b"", body
    while True:
        size, rest = rest.split(b"\r\n", 1)
        size = int(size, 16)
        if not size:
            break
        content += rest[:size]
        rest = rest[size + 2 :]
    name, value = re.fullmatch(rb"([^:]+):(.*)\r\n\r\n", rest).groups()
    assert name.decode() == trailer
    headers[trailer] = value.decode()
    del headers["x-amz-decoded-content-length"]
    encodings = [each for each in headers.pop("content-encoding").split(",") if each != "aws-chunked"]
    if encodings:
        headers["content-encoding"] = ",".join(encodings)
    return content


def plain(value, blob="b:{}", moment="t:{}".format):
    """The value as JSON can say it."""
    if isinstance(value, dict):
        return {key: plain(each, blob, moment) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each, blob, moment) for each in value]
    if isinstance(value, (bytes, bytearray)):
        return blob.format(encoded(bytes(value)))
    if isinstance(value, float) and not abs(value) < float("inf"):
        return {float("inf"): "Infinity", float("-inf"): "-Infinity"}.get(value, "NaN")
    if hasattr(value, "timestamp"):
        return moment(examples.microseconds(value))
    return value


def text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def encoded(data):
    return base64.b64encode(data).decode()


def emit(**case):
    sys.stdout.write(json.dumps(case, allow_nan=False) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3:])
