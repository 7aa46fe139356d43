import asyncio

import pytest
import uvicorn
from uvicorn.server import ServerState

from gatewright.app.whole_answers import WholeAnswers


class Transport(asyncio.Transport):
    """Remembers what it was given, call by call."""

    def __init__(self):
        super().__init__({"peername": ("127.0.0.1", 5), "sockname": ("127.0.0.1", 7788)})
        self.writes = []
        self.closed = False

    def write(self, data):
        assert not self.closed
        self.writes.append(bytes(data))

    def is_closing(self):
        return self.closed

    def close(self):
        self.closed = True


async def answer(scope, _receive, send):
    """An ASGI application whose answer comes in two pieces."""
    assert "/made" == scope["path"]
    await send({"type": "http.response.start", "status": 201, "headers": [(b"content-length", b"9")]})
    await send({"type": "http.response.body", "body": b'{"id":', "more_body": True})
    await send({"type": "http.response.body", "body": b"42}"})


async def exchange(request, application=answer, transport=None):
    config = uvicorn.Config(application, http=WholeAnswers, ws="none", lifespan="off", log_config=None)
    config.load()
    state = ServerState()
    protocol = WholeAnswers(config, state, {})
    transport = transport or Transport()
    transport.protocol = protocol
    protocol.connection_made(transport)
    protocol.data_received(request)
    await asyncio.gather(*state.tasks)
    for _ in range(3):
        await asyncio.sleep(0)
    closed = transport.closed
    protocol.connection_lost(None)
    return transport.writes, closed


@pytest.mark.parametrize("connection", ["keep-alive", "close"])
def test_an_answer_is_one_write(connection):
    request = f"POST /made HTTP/1.1\r\nHost: a\r\nConnection: {connection}\r\n\r\n".encode()
    (whole,), closed = asyncio.run(exchange(request))
    head, _, body = whole.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 201")
    assert b'{"id":42}' == body
    assert (connection == "close") is closed


class Slow(Transport):
    """Of a client that reads one write at a time."""

    def write(self, data):
        super().write(data)
        self.protocol.pause_writing()
        asyncio.get_running_loop().call_soon(self.protocol.resume_writing)


def test_of_a_large_answer_no_more_is_kept_than_one_piece():
    transport, ahead = Slow(), []

    async def answer_at_length(_scope, _receive, send):
        pieces = [b"%d" % number * 1_000_000 for number in range(4)]
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4000000")]})
        for number, piece in enumerate(pieces):
            await send({"type": "http.response.body", "body": piece, "more_body": number < 3})
            ahead.append(number + 1 - len(transport.writes))

    writes, _ = asyncio.run(exchange(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", answer_at_length, transport))
    assert [0, 0, 0, 0] == ahead
    head, _, first = writes[0].partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert [1_000_000] * 4 == [len(first), *map(len, writes[1:])]
