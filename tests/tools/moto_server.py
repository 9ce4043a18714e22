"""A moto server for one test suite, demo or benchmark: every AWS service in memory, over HTTP on this machine.

Binds a free port of 127.0.0.1 and writes it to --port-file once requests are answered. Ends by itself when the
process that started it is gone, and after --seconds in any case, so that nothing is ever left running.

Beside what moto serves, it answers under /_test:
  GET    /_test/requests   the requests so far, as a list of {method, path, query, operation, access_key, region, service}
  DELETE /_test/requests   forgets them
  PUT    /_test/delay?ms=N from now on every request takes N milliseconds longer
  PUT    /_test/fault?kind=K&after=N  after N more requests all are answered with fault K; with `none`, no more
and below /_faults/<fault>, as an endpoint for any client, with a fault instead of an answer (see `fault`).
"""

import argparse
import io
import json
import logging
import os
import re
import sys
import threading
import time
from pathlib import Path
from urllib.parse import parse_qs

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

SCOPE = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/")


class Observed:
    """The moto application, with a journal of what was asked and a delay on demand."""

    def __init__(self, application):
        self.application = application
        self.requests = []
        self.delay = 0.0
        self.fault = "none"
        self.fault_after = 0
        self.lock = threading.Lock()

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        if path.startswith("/_test/"):
            return self.control(environ, path, start_response)
        entry = describe(environ)
        with self.lock:
            self.requests.append(entry)
            faulty = self.fault != "none" and self.fault_after <= 0
            self.fault_after -= 1
        if self.delay:
            time.sleep(self.delay)
        if faulty:
            return fault(self.fault, start_response)
        if path.startswith("/_faults/"):
            return fault(path.split("/")[2], start_response)
        return self.application(environ, start_response)

    def control(self, environ, path, start_response):
        answer = None
        query = parse_qs(environ["QUERY_STRING"])
        match environ["REQUEST_METHOD"], path:
            case "GET", "/_test/requests":
                with self.lock:
                    answer = list(self.requests)
            case "DELETE", "/_test/requests":
                with self.lock:
                    self.requests.clear()
            case "PUT", "/_test/delay":
                self.delay = int(query["ms"][0]) / 1000
            case "PUT", "/_test/fault":
                with self.lock:
                    self.fault = query["kind"][0]
                    self.fault_after = int(query["after"][0])
            case _:
                start_response("404 Not Found", [])
                return [b""]
        start_response("200 OK", [("content-type", "application/json")])
        return [json.dumps(answer).encode()]


def fault(kind, start_response):
    """Answers that no client wants to see."""
    match kind:
        case "garbage":
            start_response("200 OK", [("content-type", "application/x-amz-json-1.0")])
            return [b"\x00\xff this is neither JSON nor XML <"]
        case "truncated":
            start_response("200 OK", [("content-type", "application/x-amz-json-1.0"), ("content-length", "1000")])
            return [b'{"QueueUrls": ["http://']
        case "login-page":
            start_response("200 OK", [("content-type", "text/html")])
            return [b"<!DOCTYPE html><html><body>Please log in to the proxy.</body></html>"]
        case "unavailable":
            start_response("503 Service Unavailable", [("content-type", "text/plain")])
            return [b"try later"]
        case "throttled":
            start_response("400 Bad Request", [("content-type", "application/x-amz-json-1.0")])
            return [b'{"__type": "com.amazonaws.sqs#ThrottlingException", "message": "Rate exceeded"}']
        case _:
            start_response("404 Not Found", [])
            return [b""]


def describe(environ):
    """What the tests want to know about a request. Reads a query-protocol body and puts it back."""
    operation = environ.get("HTTP_X_AMZ_TARGET", "")
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        operation = parse_qs(body.decode("utf-8", "replace")).get("Action", [""])[0]
    scope = SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    access_key, region, service = scope.groups() if scope else (None, None, None)
    return {
        "method": environ["REQUEST_METHOD"],
        "path": environ["PATH_INFO"],
        "query": environ["QUERY_STRING"],
        "operation": operation.rpartition(".")[2],
        "access_key": access_key,
        "region": region,
        "service": service,
    }


class QuietHandler(MotoRequestHandler):
    """moto's own handler, without a line per request."""

    def log_request(self, *_):
        pass


def end_with(parent, seconds):
    """Ends this process when `parent` is gone or the time is up."""
    deadline = time.monotonic() + seconds
    while os.getppid() == parent and time.monotonic() < deadline:
        time.sleep(0.2)
    os._exit(0)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--port-file", type=Path, required=True)
    arguments.add_argument("--seconds", type=float, default=1800, help="ends after so many seconds in any case")
    arguments = arguments.parse_args()
    threading.Thread(target=end_with, args=(os.getppid(), arguments.seconds), daemon=True).start()

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    application = Observed(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=QuietHandler)
    # renamed into place, so that a reader never sees half a number
    partial = arguments.port_file.with_suffix(".part")
    partial.write_text(str(server.server_port))
    partial.rename(arguments.port_file)
    server.serve_forever()


if __name__ == "__main__":
    sys.exit(main())
