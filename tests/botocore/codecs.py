"""Requests and answers of every AWS service as botocore writes and reads them, for tests/it/differential.rs.

Usage: python codecs.py <operations per service, 0 for all> [service ...]

Prints JSON lines, first one of kind `model` per service and then its cases:

    {"kind": "model", "service", "file", "extras"}
    {"kind": "request", "operation", "variant", "input", "expect": {"method", "url", "headers", "body"} or null}
    {"kind": "answer", "operation", "variant", "status", "headers", "body", "expect"}
    {"kind": "fault", "operation", "variant", "status", "headers", "body", "expect": {"code", "message", "id", "fields"}}

Bodies are base64. In `input`, blobs are base64 and timestamps microseconds since 1970; what they are, the shapes
tell. In `expect`, blobs are "b:<base64>" and timestamps "t:<microseconds>". Floats that JSON cannot say are text.
The choice of operations and all values depend on nothing but the names, so that runs can be compared.
"""

import base64
import json
import os
import random
import sys
import types
import warnings

import answers
import botocore.handlers
import botocore.loaders
import examples
from botocore import awsrequest, parsers, serialize
from botocore.model import ServiceModel

VARIANTS = ("all", "required", "empty")
# Its deprecated output binds one element to two members, of which botocore hands out one as an XML node.
UNREADABLE = {("s3", "GetBucketNotification")}


def main(per_service, only):
    warnings.simplefilter("ignore")
    loader = botocore.loaders.Loader()
    for service in only or loader.list_available_services("service-2"):
        version = loader.determine_latest_version(service, "service-2")
        model = ServiceModel(loader.load_service_model(service, "service-2", version), service)
        emit(kind="model", service=service, **files(service, version))
        cases(service, model, per_service)


def files(service, version):
    """The files that the loader just read: the model and, where there is one, its extras."""
    folder = os.path.join(os.path.dirname(botocore.__file__), "data", service, version)
    names = {"file": "service-2", "extras": "service-2.sdk-extras"}
    found = {}
    for key, stem in names.items():
        paths = [os.path.join(folder, stem + end) for end in (".json.gz", ".json")]
        found[key] = next((path for path in paths if os.path.exists(path)), None)
    return found


def cases(service, model, per_service):
    protocol = model.resolved_protocol
    serializer = serialize.create_serializer(protocol, include_validation=False)
    parser = parsers.create_parser(protocol)
    for name in sample(service, model, per_service):
        operation = model.operation_model(name)
        if not operation.has_event_stream_input:
            for variant in VARIANTS:
                request(serializer, service, operation, variant)
        if not operation.has_event_stream_output and (service, name) not in UNREADABLE:
            for variant in VARIANTS:
                answer(parser, protocol, service, operation, variant)
        for variant, error in enumerate(operation.error_shapes[:2] + [None]):
            fault(parser, protocol, service, operation, error, str(variant))


def sample(service, model, per_service):
    names = sorted(model.operation_names)
    # Few services speak these; each has to stand for many.
    if model.resolved_protocol in ("ec2", "rest-xml"):
        per_service *= 10
    if per_service and len(names) > per_service:
        names = sorted(random.Random(service).sample(names, per_service))
    return names


def request(serializer, service, operation, variant):
    seed = f"{service}.{operation.name}.{variant}"
    parameters = examples.parameters(operation.input_shape, variant, seed)
    if service == "s3":
        botocore.handlers.remove_bucket_from_url_paths_from_model({}, operation, {})
    try:
        expect = prepared(serializer.serialize_to_request(parameters, operation))
    except KeyError:
        if (operation.endpoint or {}).get("hostPrefix"):
            # A label of the host may be missing, which is none of the codecs' business.
            return
        # A label of the path is missing.
        expect = None
    emit(
        kind="request",
        operation=operation.name,
        variant=variant,
        input=plain(parameters, blob="{}", moment=int),
        expect=expect,
    )


def prepared(request):
    """The request as it would be signed and sent."""
    context = {"client_region": "us-east-1", "has_streaming_input": False}
    awsrequest.prepare_request_dict(request, "https://host", context)
    sent = awsrequest.create_request_object(request).prepare()
    body = sent.body or b""
    if isinstance(body, str):
        body = body.encode()
    headers = {name: text(value) for name, value in sent.headers.items() if name != "Content-Length"}
    return {"method": sent.method, "url": sent.url, "headers": headers, "body": encoded(bytes(body))}


def answer(parser, protocol, service, operation, variant):
    seed = f"{service}.{operation.name}.{variant}.answer"
    response = answers.success(parser, protocol, operation, variant, seed)
    headers = dict(response["headers"])
    custom = {}
    if service == "s3":
        botocore.handlers.handle_expires_header(operation, response, custom)
    expect = parser.parse(response, operation.output_shape) | custom
    if operation.name == "GetBucketLocation":
        sent = types.SimpleNamespace(raw=True, content=response["body"])
        botocore.handlers.parse_get_bucket_location(expect, sent)
    expect.pop("ResponseMetadata", None)
    output = operation.output_shape
    payload = output and output.serialization.get("payload")
    if payload and output.members[payload].serialization.get("streaming"):
        # The caller puts it in.
        expect.pop(payload, None)
    elif payload and output.members[payload].type_name == "blob":
        # botocore hands a blob that is the whole body out as text.
        expect[payload] = expect[payload].encode()
    # The handler of Expires takes away what it cannot read.
    response["headers"] = headers
    emit_answer("answer", operation, variant, response, plain(expect))


def fault(parser, protocol, service, operation, error, variant):
    seed = f"{service}.{operation.name}.{variant}.fault"
    response = answers.failure(parser, protocol, error, seed)
    parsed = parser.parse(response, None)
    expect = {
        "code": text(parsed["Error"].get("Code")),
        "message": parsed["Error"].get("Message", ""),
        "id": parsed["ResponseMetadata"].get("RequestId"),
        "fields": plain(parser.parse(response, error)) if error else {},
    }
    emit_answer("fault", operation, variant, response, expect)


def emit_answer(kind, operation, variant, response, expect):
    emit(
        kind=kind,
        operation=operation.name,
        variant=variant,
        status=response["status_code"],
        headers=dict(response["headers"]),
        body=encoded(response["body"]),
        expect=expect,
    )


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
    main(int(sys.argv[1]), sys.argv[2:])
