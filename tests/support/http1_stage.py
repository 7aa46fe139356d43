"""HTTP/1.1 without a network, for fuzzing: a client's bytes, or a backend's, go into the real classes; what came of them
is judged by h11, which reads the same bytes on its own.

    outcome = RequestStage().converse([b"GET / HT", b"TP/1.1\\r\\n…"])
    judge_requests(data, outcome)      # raises AssertionError with what is wrong
    judge_answer(data, answer_of([data], "GET", ended=True))
"""

import asyncio
import re
from collections import deque
from dataclasses import dataclass, field

import h11

from gatewright.core.errors import GatewayError
from gatewright.core.http.message import Request
from gatewright.core.integration.http import BackendRequest, BackendResponse, HttpIntegration, shape_backend_response
from gatewright.core.integration.uri import Endpoint, parse_uri
from gatewright.dataplane.capacity import Capacity, Limits
from gatewright.dataplane.connection import IDLE_SECONDS
from gatewright.dataplane.drive import Waiter
from gatewright.dataplane.http1 import render_response
from gatewright.dataplane.local_connection import LocalConnection
from gatewright.dataplane.upstream.connection import UpstreamConnection
from gatewright.dataplane.world import World
from gatewright.model.compile_snapshot import RecordChange, compile_snapshot, empty_snapshot
from gatewright.model.records import (
    BasePathMapping,
    DeployedApi,
    DomainName,
    EndpointConfiguration,
    Integration,
    Method,
    Resource,
    RestApi,
    Stage,
)
from gatewright.model.snapshot import InstallationNames
from support.exchange import EXTENDED_ID, REQUEST_ID, TRACE_ID, make_context

ACCOUNT, REGION, API = "000000000000", "us-east-1", "abcdefghij"
LARGE = 1 << 24
#: h11 reads chunk sizes of up to 20 digits.
_MANY_DIGITS = re.compile(rb"\n0{5}[0-9A-Fa-f]{16}")
_STATUS_LINE = re.compile(rb"(HTTP/1\.[01] [0-9]{3}) [^\r\n]*")
DATE = b"Sat, 21 Nov 2026 00:00:00 GMT"
ENDPOINT = Endpoint("http", "backend.test", 80)


class Loop:
    """An event loop that runs what is due when it is told to, and whose time stands still."""

    def __init__(self):
        self.soon = deque()
        self.later = []

    def call_soon(self, callback, *arguments):
        self.soon.append((callback, arguments))

    def call_later(self, _delay, callback, *arguments):
        self.later.append((callback, arguments))

    def time(self):
        return 0.0

    def run(self):
        """What is due now."""
        while self.soon:
            callback, arguments = self.soon.popleft()
            callback(*arguments)

    def pass_time(self):
        """What was to be done later."""
        due, self.later = self.later, []
        for callback, arguments in due:
            callback(*arguments)

    def __enter__(self):
        asyncio._set_running_loop(self)
        return self

    def __exit__(self, *_):
        asyncio._set_running_loop(None)


class Transport:
    """Keeps what is written."""

    def __init__(self):
        self.written = bytearray()
        self.reading = True
        self.ended = False

    def write(self, data):
        assert not self.ended, "written behind the end"
        self.written += data

    def writelines(self, parts):
        for part in parts:
            self.write(part)

    def close(self):
        self.ended = True

    abort = close

    def write_eof(self):
        assert not self.ended

    def is_closing(self):
        return self.ended

    def is_reading(self):
        return self.reading

    def pause_reading(self):
        self.reading = False

    def resume_reading(self):
        self.reading = True

    def get_write_buffer_size(self):
        return 0


class Journal:
    """Takes lines, and forgets them."""

    lost = 0

    def append(self, line):
        return not line


class Backends:
    """Take every call and answer it with two bytes, when they are told to."""

    def __init__(self):
        self.calls = []
        self.waiting = deque()

    def call(self, request):
        self.calls.append(request)
        waiter = Waiter()
        self.waiting.append(waiter)
        return waiter

    def answer(self):
        """All calls that wait; those that the answers bring about too."""
        while self.waiting:
            self.waiting.popleft().resolve(BackendResponse(200, [(b"content-length", b"Content-Length", b"2")], b"ok"))


@dataclass
class Outcome:
    """What came of a client's bytes."""

    written: bytes
    calls: list[BackendRequest]
    requests: list[Request]  # in their order; one that was refused is the last
    statuses: list[int]
    refused: bool = False
    open: bool = True
    reads_left: int = 0
    reasons: list[str] = field(default_factory=list)

    @property
    def final(self):
        """What was written, but for the leave to go on that depends on how far a client waits for it."""
        return self.written.replace(b"HTTP/1.1 100 Continue\r\n\r\n", b"")


def make_snapshot(host="a"):
    """`host` hands everything to a backend."""
    regional = EndpointConfiguration(("REGIONAL",))
    integration = Integration("HTTP_PROXY", http_method="ANY", uri="http://backend.test/{proxy}")
    methods = {"ANY": Method("ANY", method_integration=integration)}
    resources = tuple(
        Resource(ACCOUNT, REGION, API, f"r{index}", path, resource_methods=methods)
        for index, path in enumerate(("/", "/{proxy+}"))
    )
    api = RestApi(ACCOUNT, REGION, API, "all", "root", 0.0, regional)
    records = [
        DeployedApi(ACCOUNT, REGION, API, "d1", api, resources),
        Stage(ACCOUNT, REGION, API, "dev", "d1", 0.0, 0.0),
        DomainName(ACCOUNT, REGION, host, regional, 0.0),
        BasePathMapping(ACCOUNT, REGION, host, "", API, "dev"),
    ]
    changes = [RecordChange(record.KIND, ACCOUNT, REGION, record.key, record) for record in records]
    return compile_snapshot(empty_snapshot(InstallationNames("gateway.localhost", REGION)), 1, changes)


class RequestStage:
    """A worker's world around client connections; one conversation at a time."""

    def __init__(self):
        self._loop = Loop()
        self._snapshot = make_snapshot()

    def converse(self, reads, *, late=False):
        """What comes of these reads on a new connection. `late`: the backend answers only when they are all there."""
        backends = Backends()
        world = World(self._snapshot, backends, Journal(), lambda _delay, _call: None, 8443)
        clock = [1_000.0]
        world.now = world.uptime = lambda: clock[0]
        world.request_ids = lambda _received_at: (REQUEST_ID, EXTENDED_ID, TRACE_ID)
        world.http_date = lambda: DATE
        seen = []

        def record(context, *, refusal, latency_ms):
            seen.append((context.request, context.status, refusal.reason.code if refusal else ""))

        world.record = record
        transport = Transport()
        connection = LocalConnection(world)
        with self._loop as loop:
            loop.soon.clear()
            loop.later.clear()
            connection.connection_made(transport)
            reads = deque(reads)
            while reads and not transport.ended:
                if transport.reading:
                    connection.data_received(reads.popleft())
                if not late or not transport.reading:
                    self._settle(backends)
            self._settle(backends)
            loop.pass_time()
            still_open = not transport.ended
            clock[0] += IDLE_SECONDS + 1
            connection.expire(clock[0])
            assert transport.ended, "a connection without limit"
            connection.connection_lost(None)
        assert world.capacity.requests.used == 0, "memory that nobody gave back"
        return Outcome(
            bytes(transport.written),
            backends.calls,
            [request for request, _, _ in seen],
            [status for _, status, _ in seen],
            any(code.startswith(("REQUEST_", "URI_", "EXPECTATION_")) for _, _, code in seen),
            still_open,
            len(reads),
            [code for _, _, code in seen],
        )

    def _settle(self, backends):
        while backends.waiting or self._loop.soon:
            backends.answer()
            self._loop.run()


def read_by_h11(data):
    """(method, target, body) of the requests that h11 finds in the bytes, up to where it finds none."""
    found = []
    while data := data.lstrip(b"\r\n"):
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=LARGE)
        connection.receive_data(data)
        try:
            request = connection.next_event()
            if not isinstance(request, h11.Request):
                break
            body = bytearray()
            while isinstance(event := connection.next_event(), h11.Data):
                body += event.data
        except h11.RemoteProtocolError:
            break
        if not isinstance(event, h11.EndOfMessage):
            break
        found.append((request.method.decode(), request.target.decode("latin-1"), bytes(body)))
        data = connection.trailing_data[0]
    return found


def read_answers(written, methods):
    """The statuses of the answers to requests of these methods; there is nothing else in the bytes."""
    statuses = []
    for index, method in enumerate(methods):
        connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=LARGE)
        connection.send(h11.Request(method=method, target="/", headers=[("Host", "a")]))
        connection.send(h11.EndOfMessage())
        connection.receive_data(written)
        while isinstance(answer := connection.next_event(), h11.InformationalResponse):
            assert answer.status_code == 100, answer
        assert isinstance(answer, h11.Response), answer
        while isinstance(event := connection.next_event(), h11.Data):
            pass
        assert isinstance(event, h11.EndOfMessage), event
        statuses.append(answer.status_code)
        written = connection.trailing_data[0]
        if (b"connection", b"close") in answer.headers:
            assert index == len(methods) - 1, "an answer behind the last"
            assert not written, "bytes behind the last answer"
    assert written in {b"", b"HTTP/1.1 100 Continue\r\n\r\n"}, written
    return statuses


def judge_requests(data, outcome):
    """Every answer is one, in order; every call is one request; and h11 found all of these requests in the bytes too."""
    methods = ["HEAD" if request.method == "HEAD" else "GET" for request in outcome.requests]
    assert outcome.statuses == read_answers(outcome.written, methods)
    whole = outcome.requests[:-1] if outcome.refused else outcome.requests
    if _MANY_DIGITS.search(data):
        return
    ours = [(request.method, request.body) for request in whole]
    theirs = [(method, body) for method, _, body in read_by_h11(data)]
    assert ours == theirs[: len(ours)], (ours, theirs)
    assert len(outcome.calls) <= len(whole)
    bodies = iter(request.body for request in whole)
    for call in outcome.calls:
        ((method, _, body),) = read_by_h11(call.head + call.body)
        assert (method, body) == (call.method, call.body)
        assert any(body == candidate for candidate in bodies), "a body that no request had"
    if outcome.refused:
        assert not outcome.open


# --- answers ----------------------------------------------------------------------------------------------------------

_INTEGRATION = HttpIntegration(
    api_id=API,
    proxy=True,
    http_method="ANY",
    endpoint=parse_uri("http://backend.test/").endpoint,
    timeout_in_millis=29_000,
)


@dataclass
class AnswerOutcome:
    """What came of a backend's bytes."""

    method: str
    ended: bool
    answer: BackendResponse | None = None
    error: GatewayError | None = None
    reused: bool = False
    open: bool = True


def answer_of(reads, method="GET", *, ended=False, cut=False):
    """What a call of this method gets from these reads. `ended`: the backend then says that this was all; `cut`: the
    connection is lost without a word.
    """
    idle = []
    outcome = AnswerOutcome(method, ended)
    with Loop():
        connection = UpstreamConnection(idle.append, lambda _connection: None, Capacity(Limits()).answers)
        transport = Transport()
        connection.connection_made(transport)
        call = Waiter()
        connection.start(BackendRequest(ENDPOINT, method, b"", b"", 29_000), call)
        for data in reads:
            if call.done or transport.ended:
                break
            connection.data_received(data)
        if ended and not transport.ended:
            connection.eof_received()
        if (ended or cut) and not transport.ended:
            connection.connection_lost(None)
    if call.done:
        outcome.error = call._error
        outcome.answer = None if call._error is not None else call._result
    assert call.done or not (ended or cut), "a call that nobody answers"
    outcome.reused = bool(idle)
    outcome.open = not transport.ended
    return outcome


def answers_of(calls):
    """What several calls (method, reads) get over one connection, as long as it is used again: (status, headers, body)."""
    idle, answers = [], []
    with Loop():
        connection = UpstreamConnection(idle.append, lambda _connection: None, Capacity(Limits()).answers)
        connection.connection_made(Transport())
        for method, reads in calls:
            idle.clear()
            call = Waiter()
            connection.start(BackendRequest(ENDPOINT, method, b"", b"", 29_000), call)
            for data in reads:
                connection.data_received(data)
            answer = call._result
            answers.append((answer.status, list(answer.headers), bytes(answer.body)))
            if not idle:
                break
    return answers


def _without_reasons(data):
    """The same answers without their reason phrases, which nobody reads: llhttp takes any byte in them."""
    heads, rest = b"", data
    while line := _STATUS_LINE.match(rest):
        interim, blank, behind = rest[line.end() :].partition(b"\r\n\r\n")
        if line[1][9:10] != b"1" or not blank:
            return heads + line[1] + rest[line.end() :]
        heads, rest = heads + line[1] + interim + blank, behind
    return heads + rest


def judge_answer(data, outcome):
    """An answer that was taken is the one h11 reads, and what the client gets of it is valid; nothing else is kept open."""
    assert outcome.error is None or isinstance(outcome.error, GatewayError), outcome.error
    if outcome.answer is None:
        assert not outcome.reused
        assert outcome.error is None or outcome.ended or not outcome.open
        return
    if _MANY_DIGITS.search(data):
        return
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=LARGE)
    connection.send(h11.Request(method=outcome.method, target="/", headers=[("Host", "a")]))
    connection.send(h11.EndOfMessage())
    connection.receive_data(_without_reasons(data))
    if outcome.ended:
        connection.receive_data(b"")
    while isinstance(answer := connection.next_event(), h11.InformationalResponse):
        pass
    body = bytearray()
    while isinstance(event := connection.next_event(), h11.Data):
        body += event.data
    assert isinstance(event, h11.EndOfMessage), event
    assert (answer.status_code, bytes(body)) == (outcome.answer.status, bytes(outcome.answer.body))
    if outcome.reused:
        assert connection.their_state is h11.DONE, "a connection that its backend closes"
    response = shape_backend_response(_INTEGRATION, outcome.answer, make_context())
    head_only = outcome.method == "HEAD"
    for keep_alive in (True, False):
        rendered = render_response(response, head_only=head_only, keep_alive=keep_alive, date=DATE)
        assert [answer.status_code] == read_answers(rendered, [outcome.method])
