"""A stand-in for what runs Lambda functions: an Invoke API on this machine whose functions are the test's own.

    with InvokeApiStandIn() as functions:
        arn = functions.add("echo", lambda event: {"body": json.dumps(event)})
        functions.url                                  # for --lambda
        functions.invocations[0].event                 # what was invoked, oldest first

A function that raises `Failed` failed (X-Amz-Function-Error); one that raises `Refused` was not run by Lambda at all.
"""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

ACCOUNT, REGION = "000000000000", "us-east-1"


class Failed(Exception):
    """The function raised an error with this message."""


class Refused(Exception):
    """Lambda did not run the function: a status, and what it says."""

    def __init__(self, status: int, message: str = "") -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Invocation:
    """One call of the Invoke API."""

    path: str
    headers: dict[str, str]
    event: Any


@dataclass(frozen=True)
class Raw:
    """A payload that is answered as it is, not as JSON of it."""

    payload: bytes = field(default=b"")


def _not_found(_event):
    raise Refused(404, "Function not found")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    timeout = 60

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        prefix, _, rest = unquote(self.path).partition("/2015-03-31/functions/")
        arn = rest.removesuffix("/invocations")
        stand_in = self.server.stand_in
        stand_in.invocations.append(Invocation(self.path, dict(self.headers.items()), json.loads(body)))
        function = stand_in.functions.get(arn.partition(":function:")[2].partition(":")[0]) if not prefix else None
        more = {}
        try:
            returned = (function or _not_found)(json.loads(body))
            status, payload = 200, returned.payload if isinstance(returned, Raw) else json.dumps(returned).encode()
        except Failed as failed:
            status, more = 200, {"X-Amz-Function-Error": "Unhandled"}
            payload = json.dumps({"errorMessage": str(failed), "errorType": "Exception"}).encode()
        except Refused as refused:
            status, payload = refused.status, json.dumps({"Type": "User", "Message": str(refused)}).encode()
        self.send_response(status)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(payload)),
            "x-amzn-RequestId": f"invocation-{len(stand_in.invocations)}",
            "X-Amz-Executed-Version": "$LATEST",
            **more,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *_):
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a function that hangs is not waited for
    request_queue_size = 128

    def handle_error(self, *_):
        """Callers that give up are part of the tests."""


class InvokeApiStandIn:
    """Runs the functions that it is given."""

    def __init__(self) -> None:
        self.functions: dict[str, Callable[[Any], Any]] = {}
        self.invocations: list[Invocation] = []
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.stand_in = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def add(self, name: str, function: Callable[[Any], Any]) -> str:
        """The ARN of a function that answers an event with what `function` returns."""
        self.functions[name] = function
        return function_arn(name)

    def of(self, name: str) -> list[Invocation]:
        """The invocations of one function."""
        return [each for each in self.invocations if f":function:{name}" in unquote(each.path)]


def function_arn(name: str) -> str:
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"


def function_uri(arn: str) -> str:
    """The uri of an integration, or of an authorizer, that invokes the function."""
    return f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{arn}/invocations"
