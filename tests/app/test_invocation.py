"""What a worker hears of an invocation, and what the client hears of its answer. The worker is a script."""

import asyncio
from contextlib import asynccontextmanager

import httptools
import pytest

from gatewright.app import invocation
from gatewright.app.invocation import WorkerDoor, render_head
from gatewright.core.connection_facts import ConnectionFacts

PEER = ConnectionFacts("local", "127.0.0.1", 40_000)
HOST = "abcdefghij.execute-api.us-east-1.gateway.localhost"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nDate: today\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


@asynccontextmanager
async def worker(path, answer, heard):
    """Takes one request a connection, and says `answer`."""

    async def serve(reader, writer):
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        writer.close()

    server = await asyncio.start_unix_server(serve, path)
    async with server:
        yield


async def others_have_ended():
    while len(asyncio.all_tasks()) > 1:  # noqa: ASYNC110  what it waits for tells nobody
        await asyncio.sleep(0.005)


def carry(paths, answers, *, method="GET", path="/dev/x", query="", headers=(), body=b"", times=1):
    """What the workers heard, and the last answer; a worker whose answer is None is not there."""
    heard = []

    async def main():
        door = WorkerDoor(paths, lambda api: f"{api}.execute-api.us-east-1.gateway.localhost")
        async with asyncio.timeout(5):
            servers = [worker(p, a, heard) for p, a in zip(paths, answers, strict=True) if a is not None]
            for server in servers:
                await server.__aenter__()
            for _ in range(times):
                answer = await door(PEER, "abcdefghij", method, path, query, headers, body)
            for server in servers:
                await server.__aexit__(None, None, None)
            await others_have_ended()
            return answer

    return heard, asyncio.run(main())


def test_the_worker_hears_the_default_endpoint_and_the_client_hears_the_worker(tmp_path):
    heard, answer = carry([str(tmp_path / "w")], [OK], query="a=%20b&a=c")
    assert heard[0].startswith(f"GET /dev/x?a=%20b&a=c HTTP/1.1\r\nhost: {HOST}\r\n".encode())
    assert (200, [(b"Content-Type", b"text/plain")], b"ok") == answer


def test_workers_take_turns(tmp_path):
    other = OK.replace(b"ok", b"OK")
    heard, first = carry([str(tmp_path / "a"), str(tmp_path / "b")], [OK, other], times=1)
    heard, second = carry([str(tmp_path / "a"), str(tmp_path / "b")], [OK, other], times=2)
    assert {b"ok", b"OK"} == {first[2], second[2]}
    assert 2 == len(heard)


def test_a_worker_that_is_away_is_passed_over(tmp_path):
    heard, answer = carry([str(tmp_path / "a"), str(tmp_path / "b")], [OK, None], times=4)
    assert 200 == answer[0]
    assert 4 == len(heard)


@pytest.mark.parametrize(
    ("said", "status"),
    [(None, 503), (b"", 502), (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok", 502), (b"what?\r\n\r\n", 502)],
)
def test_a_worker_that_fails_is_answered_for(tmp_path, said, status):
    _, answer = carry([str(tmp_path / "w")], [said])
    assert status == answer[0]
    assert [(b"content-type", b"application/json")] == answer[1]


def test_a_worker_that_says_nothing_is_answered_for_in_time(tmp_path, monkeypatch):
    monkeypatch.setattr(invocation, "ANSWER_SECONDS", 0.05)

    async def main():
        async def never(reader, writer):
            await reader.read()
            writer.close()

        async with await asyncio.start_unix_server(never, tmp_path / "w"):
            door = WorkerDoor([str(tmp_path / "w")], lambda _: HOST)
            answer = await door(PEER, "abcdefghij", "GET", "/dev", "", [], b"")
            await others_have_ended()
            return answer

    assert 504 == asyncio.run(main())[0]


def test_an_answer_to_head_has_a_length_and_no_body(tmp_path):
    said = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\n"
    _, answer = carry([str(tmp_path / "w")], [said], method="HEAD")
    assert (200, b"") == (answer[0], answer[2])


def test_an_answer_without_a_length_ends_with_its_connection(tmp_path):
    _, answer = carry([str(tmp_path / "w")], [b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end"])
    assert (200, b"to the end") == (answer[0], answer[2])


def fields_of(head):
    """The fields as llhttp reads them."""
    fields = []
    reader = type("Reader", (), {"on_header": lambda _self, name, value: fields.append((name, value))})()
    httptools.HttpRequestParser(reader).feed_data(head)
    return fields


def test_only_what_belongs_to_the_connection_is_left_out():
    sent = [
        (b"host", b"127.0.0.1:4566"),
        (b"x-gatewright-peer", b"6.6.6.6:6"),
        (b"X-Gatewright-Peer", b"6.6.6.6:6"),
        (b"connection", b"keep-alive, X-Hop"),
        (b"x-hop", b"1"),
        (b"transfer-encoding", b"chunked"),
        (b"expect", b"100-continue"),
        (b"accept", b"a"),
        (b"accept", b"b"),
        (b"x-bytes", b"\xe9"),
    ]
    assert [
        (b"host", HOST.encode()),
        (b"accept", b"a"),
        (b"accept", b"b"),
        (b"x-bytes", b"\xe9"),
        (b"content-length", b"3"),
        (b"x-gatewright-peer", b"127.0.0.1:40000"),
        (b"connection", b"close"),
    ] == fields_of(render_head("POST", b"/dev", HOST, sent, PEER, 3))


def test_an_empty_body_is_told_when_the_client_told_one():
    assert b"content-length: 0\r\n" in render_head("POST", b"/", HOST, [(b"content-length", b"0")], PEER, 0)
    assert b"content-length" not in render_head("GET", b"/", HOST, [], PEER, 0)


def test_an_ipv6_peer_is_in_brackets():
    head = render_head("GET", b"/", HOST, [], ConnectionFacts("local", "::1", 5), 0)
    assert b"\r\nx-gatewright-peer: [::1]:5\r\n" in head
