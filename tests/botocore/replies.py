"""Answers for named operations, for tests/it/referees.rs.

Input: lines of "<service> <operation>". Output: a JSON line for each, a list of two answers {"status", "headers",
"body"} with base64 bodies: one with all members, and one of the operation's first modelled error, else of one that no
model knows.
"""

import json
import re
import sys
from xml.sax.saxutils import escape

import answers
import botocore.parsers
import botocore.session
from calls import encoded, settle

# S3's own names of the outermost element, which typed clients check. The models of botocore do not have them.
S3_ROOTS = {
    "CompleteMultipartUpload": "CompleteMultipartUploadResult",
    "CopyObject": "CopyObjectResult",
    "CreateMultipartUpload": "InitiateMultipartUploadResult",
    "DeleteObjects": "DeleteResult",
    "GetBucketAcl": "AccessControlPolicy",
    "GetBucketLifecycleConfiguration": "LifecycleConfiguration",
    "GetBucketTagging": "Tagging",
    "GetBucketVersioning": "VersioningConfiguration",
    "ListBuckets": "ListAllMyBucketsResult",
    "ListMultipartUploads": "ListMultipartUploadsResult",
    "ListObjectVersions": "ListVersionsResult",
    "ListObjects": "ListBucketResult",
    "ListObjectsV2": "ListBucketResult",
    "ListParts": "ListPartsResult",
}
MODELS = {}
SESSION = botocore.session.Session()


def replies(service, name):
    model = MODELS.get(service) or MODELS.setdefault(service, SESSION.get_service_model(service))
    operation, protocol = model.operation_model(name), model.resolved_protocol
    parser = botocore.parsers.create_parser(protocol)
    error = (operation.error_shapes or [None])[0]
    full = answers.success(parser, protocol, operation, "all", f"{service}.{name}.referee")
    failure = answers.failure(parser, protocol, error, f"{service}.{name}.referee.fault")
    if service == "s3":
        root = S3_ROOTS.get(name, f"{name}Response").encode()
        full["body"] = full["body"].replace(f"{name}Response".encode(), root)
        # S3's errors stand alone.
        failure["body"] = failure["body"].replace(b"<ErrorResponse>", b"").replace(b"</ErrorResponse>", b"")
        failure["body"] = re.sub(rb"</Error>(.*)", rb"\1</Error>", failure["body"])
    for response in (full, failure):
        plainer(response, protocol)
    return [told(full), told(failure)]


def plainer(response, protocol):
    """Without what the typed SDKs do not read: CDATA, which they take for nothing, and nulls in lists."""
    body = response["body"]
    if "json" in protocol and body:
        response["body"] = json.dumps(without_nulls(json.loads(body))).encode()
    else:
        response["body"] = re.sub(rb"<!\[CDATA\[(.*?)\]\]>(?=<)", escaped, body, flags=re.DOTALL)


def escaped(section):
    return escape(section[1].decode()).encode()


def without_nulls(value):
    if isinstance(value, dict):
        return {key: without_nulls(each) for key, each in value.items()}
    if isinstance(value, list):
        return [without_nulls(each) for each in value if each is not None]
    return value


def told(response):
    settle(response)
    return {
        "status": response["status_code"],
        "headers": dict(response["headers"]),
        "body": encoded(response["body"]),
    }


for line in sys.stdin:
    print(json.dumps(replies(*line.split())))
