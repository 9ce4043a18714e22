"""The signatures that botocore computes for requests that somebody else signed.

Input: JSON lines {"method", "url", "headers", "body"} with base64 bodies and names of headers in lower case.
Output: one line each, the signature in hex over the same headers, for the same date and scope, with the keys of the tests.
"""

import base64
import json
import re
import sys

import botocore.auth
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

PARTS = re.compile(r"Credential=test/(\d+)/([^/]+)/([^/]+)/aws4_request, ?SignedHeaders=([^,]+), ?Signature=")
# They sign paths as they are.
PLAIN_PATHS = ("s3", "s3-object-lambda", "s3-outposts")
# A server signs over the headers that a request names, also where botocore would not have named one (`traceparent`,
# which proxies may change).
botocore.auth.SIGNED_HEADERS_BLACKLIST = ()


class Server:
    """Takes headers as the specification has it: runs of spaces count as one, where botocore takes tabs for spaces too."""

    def _header_value(self, value):
        return re.sub(" +", " ", value.strip(" "))


class PlainPaths(Server, S3SigV4Auth):
    pass


class Paths(Server, SigV4Auth):
    pass


def signature(sent):
    _, region, service, names = PARTS.search(sent["headers"]["authorization"]).groups()
    signed = {name: sent["headers"][name] for name in names.split(";") if name != "host"}
    request = AWSRequest(sent["method"], sent["url"], signed, base64.b64decode(sent["body"]))
    request.context["timestamp"] = sent["headers"]["x-amz-date"]
    kind = PlainPaths if service in PLAIN_PATHS else Paths
    signer = kind(Credentials("test", "test"), service, region)
    return signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)


for line in sys.stdin:
    print(signature(json.loads(line)))
