"""HTTP/2 over a real worker: many requests at once, each answered on its stream, none in the way of another."""

import contextlib
import shutil
import signal
import ssl
import subprocess
from dataclasses import replace

import pytest
from h2.errors import ErrorCodes
from h2.settings import SettingCodes

from gatewright.core.request_record import explain
from gatewright.model.records import BasePathMapping, MutualTlsAuthentication
from support.client_chains import make_client
from support.http2_over_tls import connect_http2, http2_context
from support.worker import ACCOUNT, REGION, SECONDS, SUFFIX, Backend, certificate, domain, put

pytestmark = pytest.mark.e2e

MISDIRECTED = b'{"message":"Misdirected Request"}'


def echo(call):
    """The body, or the target where there is none; `/slow` waits to be released."""
    if "slow" in call.request.target:
        assert call.released.wait(SECONDS)
    body = call.request.body or call.request.target.encode()
    call.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))


@pytest.fixture
def backend():
    with Backend(echo) as running:
        yield running


# --- which version --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offered", "agreed"),
    [
        (["h2", "http/1.1"], "h2"),
        (["http/1.1", "h2"], "h2"),
        (["h2"], "h2"),
        (["http/1.1"], "http/1.1"),
        (["http/1.0", "http/1.1"], "http/1.1"),
        (["spdy/3"], None),
        ([], None),
    ],
)
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_http_2_is_spoken_with_those_who_offer_it(worker, offered, agreed, version):
    context = ssl.create_default_context(cadata=worker.authority.certificate_pem)
    context.check_hostname = False
    context.minimum_version = context.maximum_version = version
    if offered:
        context.set_alpn_protocols(offered)
    with worker.handshake("any.test", context=context) as connection:
        assert agreed == connection.selected_alpn_protocol()
        if agreed != "h2":
            connection.sendall(b"GET /ping HTTP/1.1\r\nHost: any.test\r\n\r\n")
            assert connection.recv(4_096).startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_tls_1_1_is_too_old_for_http_2(worker):
    context = http2_context(worker.authority.certificate_pem)
    context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with worker.handshake(f"abcdefghij.{SUFFIX}", context=context) as connection:
        assert "http/1.1" == connection.selected_alpn_protocol()


# --- requests and answers -------------------------------------------------------------------------------------------


def test_curl_speaks_http_2_with_a_backend_that_does_not(worker, backend, tmp_path):
    if shutil.which("curl") is None or b" HTTP2 " not in subprocess.check_output(["curl", "-V"]):
        pytest.skip("curl is not installed, or has no HTTP/2")
    host = worker.proxy(backend)
    shown = tmp_path / "body"
    done = subprocess.run(
        ["curl", "-sS", "--http2", "--cacert", str(worker.ca_file), "--connect-to", f"{host}:443:127.0.0.1:{worker.port}",
         "-d", "@-", "-o", str(shown), "-w", "%{http_version} %{http_code}", f"https://{host}/dev/x?q=1"],
        input=b"x" * 200_000, capture_output=True, timeout=20, check=False,
    )  # fmt: skip
    assert (b"2 200", b"") == (done.stdout, done.stderr)
    assert b"x" * 200_000 == shown.read_bytes()
    assert "/x?q=1" == backend.received[0].target


def test_an_answer_and_its_record_are_those_of_http_1_1(worker, backend):
    host = worker.proxy(backend)
    with connect_http2(worker, host) as client:
        answer = client.answer(client.request("GET", "/dev/x"))
    over_http_1 = worker.fetch("GET", host, "/dev/x")
    varying = {"x-amzn-requestid", "x-amz-apigw-id", "date"}
    told = {name.lower(): value for name, value in over_http_1.headers.items() if name.lower() not in varying}
    assert told.pop("connection") == "keep-alive"
    assert told | {":status": "200"} == {name: value for name, value in answer.headers.items() if name not in varying}
    assert over_http_1.body == answer.body == b"/x"
    (record,) = worker.records(answer.headers["x-amzn-requestid"])
    (other,) = worker.records(over_http_1.headers["x-amzn-RequestId"])
    assert ("HTTP/1.1", 200, "/dev/x") == (record["protocol"], record["status"], record["path"])
    assert other.keys() == record.keys()


def test_a_head_is_answered_without_a_body(worker):
    with Backend() as backend, connect_http2(worker, worker.proxy(backend)) as client:
        answer = client.answer(client.request("HEAD", "/dev/x"))
        assert (200, b"") == (answer.status, answer.body)
        assert 200 == client.answer(client.request("GET", "/dev/x")).status


def test_a_hundred_requests_are_under_way_at_once(worker, backend):
    host = worker.proxy(backend)
    with connect_http2(worker, host) as client:
        streams = [client.request("GET", f"/dev/slow/{number}") for number in range(100)]
        for _ in streams:
            assert backend.arrived.acquire(timeout=SECONDS)  # all of them, before any has its answer
        assert [] == client.order
        backend.released.set()
        assert [b"/slow/%d" % number for number in range(100)] == [client.answer(stream).body for stream in streams]


def test_one_slow_stream_does_not_hold_up_the_others(worker, backend):
    host = worker.proxy(backend)
    with connect_http2(worker, host) as client:
        slow = client.request("GET", "/dev/slow")
        assert backend.arrived.acquire(timeout=SECONDS)
        quick = [client.request("GET", f"/dev/{number}") for number in range(20)]
        assert [200] * 20 == [client.answer(stream).status for stream in quick]
        assert not client.answers[slow].ended
        backend.released.set()
        assert b"/slow" == client.answer(slow).body
        assert slow == client.order[-1]


@pytest.mark.parametrize("size", [0, 1, 16_384, 65_536, 1_000_000, 10_485_760])
def test_bodies_of_every_size_go_both_ways(worker, backend, size):
    body = (bytes(range(256)) * (size // 256 + 1))[:size]
    with connect_http2(worker, worker.proxy(backend)) as client:
        answer = client.answer(client.request("POST", "/dev/x", body))
        assert (200, body or b"/x") == (answer.status, answer.body)


def test_a_client_that_reads_nothing_is_waited_for_and_gets_everything(worker):
    body = bytes(4_000_000)

    def behave(call):
        call.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    with Backend(behave) as backend, connect_http2(worker, worker.proxy(backend)) as client:
        streams = [client.request("GET", "/dev/x") for _ in range(8)]
        for _ in streams:
            assert backend.arrived.acquire(timeout=SECONDS)
        assert [body] * 8 == [client.answer(stream).body for stream in streams]


def test_a_stream_whose_window_is_shut_does_not_hold_up_the_others(worker, backend):
    with connect_http2(worker, worker.proxy(backend)) as client:
        client.h2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: 0})
        shut = client.request("GET", "/dev/shut")
        while not client.answers[shut].headers:
            client.read()
        with contextlib.suppress(TimeoutError):
            client.socket.settimeout(0.2)
            client.read()
        client.socket.settimeout(SECONDS)
        assert b"" == client.answers[shut].body
        client.h2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: 65_535})
        client.flush()
        assert b"/open" == client.answer(client.request("GET", "/dev/open")).body
        assert b"/shut" == client.answer(shut).body


# --- refusals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "code"),
    [
        ("PUT", "/big", [("content-length", "10485761")], 413, "REQUEST_TOO_LARGE"),
        ("GET", "/cookies", [("x", "y" * 10_241)], 431, "REQUEST_HEADERS_TOO_LARGE"),
        ("GET", "/" + "x" * 10_241, [], 414, "URI_TOO_LONG"),
        ("PROPFIND", "/x", [], 400, "REQUEST_MALFORMED"),
    ],
)
def test_a_refusal_is_answered_and_recorded_and_the_connection_goes_on(worker, method, path, headers, status, code):
    with connect_http2(worker, "any.test") as client:
        answer = client.answer(client.begin(method, path, headers=headers))
        assert status == answer.status
        (record,) = worker.records(answer.headers["x-amzn-requestid"])
        assert (code, method, path[:10_240], "any.test") == (
            record["reason"]["code"],
            record["httpMethod"],
            record["path"],
            record["serverName"],
        )
        assert 200 == client.answer(client.request("GET", "/ping")).status


@pytest.fixture(scope="module")
def named(worker):
    """Custom domain names: one by itself, one with a wildcard's certificate, and two that share a certificate."""
    issued = {
        "own": worker.authority.issue("own.misdirected.test"),
        "wild": worker.authority.issue("*.misdirected.test"),
        "both": worker.authority.issue("one.both.test", "two.both.test"),
    }
    worker.publish(
        *(certificate(f"421-{name}", each) for name, each in issued.items()),
        put(domain("own.misdirected.test", "421-own")),
        put(domain("*.misdirected.test", "421-wild")),
        put(domain("one.both.test", "421-both")),
        put(domain("two.both.test", "421-both")),
    )
    return worker


@pytest.mark.parametrize(
    ("server_name", "authority", "misdirected"),
    [
        ("own.misdirected.test", "own.misdirected.test", False),
        ("own.misdirected.test", "OWN.misdirected.test:8443", False),
        ("own.misdirected.test", "a.misdirected.test", True),
        ("own.misdirected.test", "one.both.test", True),
        ("own.misdirected.test", f"abcdefghij.{SUFFIX}", True),
        ("own.misdirected.test", "nobody.test", True),
        ("a.misdirected.test", "b.misdirected.test", False),
        ("a.misdirected.test", "own.misdirected.test", False),
        ("a.misdirected.test", "misdirected.test", True),
        ("one.both.test", "two.both.test", False),
        (f"abcdefghij.{SUFFIX}", f"klmnopqrst.{SUFFIX}", False),
        (f"abcdefghij.{SUFFIX}", "one.both.test", True),
        ("nobody.test", "nobody.test", False),
        ("nobody.test", "nobody-else.test", True),
    ],
)
def test_what_the_certificate_does_not_cover_is_misdirected(named, server_name, authority, misdirected):
    with connect_http2(named, authority, server_name=server_name) as client:
        answer = client.answer(client.request("GET", "/x"))
        # None of these has an API, so whoever is not misdirected is told that.
        assert (421 if misdirected else 403) == answer.status
        if misdirected:
            assert (MISDIRECTED, "application/json") == (answer.body, answer.headers["content-type"])
            (record,) = named.records(answer.headers["x-amzn-requestid"])
            assert "AUTHORITY_MISDIRECTED" == record["reason"]["code"]
            assert f"is {authority.partition(':')[0]}, which is neither the server name" in "\n".join(explain(record))
        assert 200 == client.answer(client.request("GET", "/ping", host=server_name)).status


def test_after_a_rotation_a_connection_answers_for_what_its_client_was_shown(named, backend):
    first, second = named.authority.issue("turned.test", "old.turned.test"), named.authority.issue("turned.test")
    api = named.proxy(backend).partition(".")[0]
    named.publish(
        certificate("421-turned", first),
        *(put(domain(name, "421-turned")) for name in ("turned.test", "old.turned.test")),
        *(put(BasePathMapping(ACCOUNT, REGION, name, "", api, "dev")) for name in ("turned.test", "old.turned.test")),
    )
    with connect_http2(named, "turned.test") as client:
        assert 200 == client.answer(client.request("GET", "/x")).status
        named.publish(certificate("421-turned", second))
        assert 200 == client.answer(client.request("GET", "/x")).status
        assert 200 == client.answer(client.request("GET", "/x", host="old.turned.test")).status


def test_a_domain_with_mutual_tls_shares_no_connection_even_under_one_certificate(worker):
    """Whoever was asked for no client certificate must not reach those who ask for one."""
    issued = worker.authority.issue("*.share.test")
    mutual = replace(
        domain("mutual.share.test", "421-share"), mutual_tls_authentication=MutualTlsAuthentication("s3://t/x")
    )
    worker.publish(
        certificate("421-share", issued),
        *(
            put(each)
            for each in (domain("open.share.test", "421-share"), domain("also.share.test", "421-share"), mutual)
        ),
    )
    with connect_http2(worker, "open.share.test") as client:
        assert 403 == client.answer(client.request("GET", "/x", host="also.share.test")).status  # it has no API
        answer = client.answer(client.request("GET", "/x", host="mutual.share.test"))
        assert (421, MISDIRECTED) == (answer.status, answer.body)
    (record,) = worker.records(answer.headers["x-amzn-requestid"])
    assert "AUTHORITY_MUTUAL_TLS" == record["reason"]["code"]
    with connect_http2(worker, "mutual.share.test", client=make_client("device")) as client:
        assert 421 == client.answer(client.request("GET", "/x", host="open.share.test")).status


# --- ends -----------------------------------------------------------------------------------------------------------


def test_a_drain_lets_streams_finish_and_takes_no_more(own_worker):
    worker = own_worker
    with Backend(echo) as backend:
        host = worker.proxy(backend)
        with connect_http2(worker, host) as busy, connect_http2(worker, host) as idle:
            assert 200 == idle.answer(idle.request("GET", "/ping")).status
            slow = busy.request("GET", "/dev/slow")
            assert backend.arrived.acquire(timeout=SECONDS)
            worker.process.send_signal(signal.SIGTERM)
            idle.read_to_end()
            assert ErrorCodes.NO_ERROR == idle.goaway
            while busy.goaway is None:
                busy.read()
            assert ErrorCodes.NO_ERROR == busy.goaway
            backend.released.set()
            busy.read_to_end()
            assert (200, b"/slow") == (busy.answers[slow].status, busy.answers[slow].body)
        assert 0 == worker.process.wait(SECONDS)
    assert "Traceback" not in (worker.folder / "worker.log").read_text()


def test_streams_that_are_reset_at_once_end_their_connection_and_nothing_else(worker, backend):
    host = worker.proxy(backend)
    with connect_http2(worker, host) as flood, connect_http2(worker, host) as neighbour:
        with contextlib.suppress(OSError):
            for _ in range(5_000):
                flood.h2.reset_stream(flood.begin("GET", "/dev/x"))
        with contextlib.suppress(OSError):  # it may be cut before its last word was read
            flood.read_to_end()
        assert flood.goaway in {ErrorCodes.ENHANCE_YOUR_CALM, None}
        assert b"/fine" == neighbour.answer(neighbour.request("GET", "/dev/fine")).body
    assert len(backend.received) < 1_000


def test_what_is_not_http_2_gets_a_goaway_and_an_end(worker):
    context = http2_context(worker.authority.certificate_pem)
    with worker.handshake("any.test", context=context) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: any.test\r\n\r\n")
        said = connection.makefile("rb").read()
    assert ErrorCodes.PROTOCOL_ERROR == int.from_bytes(said[-4:])  # a GOAWAY ends with its code
