"""The sockets: questions over UDP and TCP, many of them, slow ones and none."""

import asyncio
import socket
from contextlib import asynccontextmanager

import dns.asyncquery
import dns.flags
import dns.message
import dns.rcode
import pytest

from gatewright.app.supervision.listeners import listen_dns
from gatewright.core.dns.answer import answer_question
from gatewright.core.dns.zone import Zones
from gatewright.nameserver import server as module
from gatewright.nameserver.server import Allowance, network_of, start_name_server
from gatewright.settings.address import Address
from support.zones import ZONES, read_zone

QUERY = dns.message.make_query("www.example.com", "A")
WIRE = QUERY.to_wire()
FRAMED = len(WIRE).to_bytes(2) + WIRE


@asynccontextmanager
async def serving(host="127.0.0.1"):
    zones = Zones(read_zone(name, text) for name, text in ZONES.items())
    udp, tcp = listen_dns("--dns", Address(host, 0))
    server = await start_name_server(udp, tcp, lambda name, record_type: answer_question(zones, name, record_type))
    try:
        yield udp.getsockname()[1]
    finally:
        server.close()
        await asyncio.sleep(0)


def run(test):
    asyncio.run(asyncio.wait_for(test(), 20))


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_udp_and_tcp_answer_alike(host):
    async def test():
        async with serving(host) as port:
            for exchange in (dns.asyncquery.udp, dns.asyncquery.tcp):
                response = await exchange(QUERY, host, 5, port)
                assert {"192.0.2.2", "192.0.2.3"} == {str(each) for each in response.answer[0]}

    run(test)


def test_a_client_falls_back_to_tcp_for_what_is_large():
    async def test():
        async with serving() as port:
            query = dns.message.make_query("big.example.com", "TXT")
            response, used_tcp = await dns.asyncquery.udp_with_fallback(query, "127.0.0.1", 5, port)
            assert used_tcp
            assert 1 == len(response.answer)

    run(test)


def test_many_questions_on_one_stream_have_their_answers_in_order():
    async def test():
        async with serving() as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            queries = [dns.message.make_query(f"x{n}.wild.example.com", "A") for n in range(20)]
            writer.write(b"".join(len(q.to_wire()).to_bytes(2) + q.to_wire() for q in queries))
            for query in queries:
                answer = dns.message.from_wire(await reader.readexactly(int.from_bytes(await reader.readexactly(2))))
                assert query.id == answer.id
            writer.close()

    run(test)


@pytest.mark.parametrize(
    "sent", [b"", b"\0", FRAMED[:10], b"\xff\xff" + b"x" * 100], ids=["nothing", "half a length", "a part", "less"]
)
def test_a_stream_that_says_no_more_is_closed(monkeypatch, sent):
    monkeypatch.setattr(module, "STREAM_SECONDS", 0.2)

    async def test():
        async with serving() as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(sent)
            assert b"" == await reader.read()
            writer.close()

    run(test)


def test_what_is_no_question_ends_its_stream():
    async def test():
        async with serving() as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"\0\0" + FRAMED)
            assert b"" == await reader.read()
            writer.close()

    run(test)


def test_streams_beyond_the_limit_are_refused_and_the_others_go_on(monkeypatch):
    monkeypatch.setattr(module, "MAX_STREAMS", 3)

    async def test():
        async with serving() as port:
            kept = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
            for reader, writer in kept:
                writer.write(FRAMED)
                await reader.readexactly(2)
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await reader.readexactly(1)
            writer.close()
            kept[0][1].close()
            await asyncio.sleep(0.05)
            response = await dns.asyncquery.tcp(QUERY, "127.0.0.1", 5, port)
            assert dns.rcode.NOERROR == response.rcode()
            for _, writer in kept:
                writer.close()

    run(test)


def test_a_client_that_does_not_read_is_cut_off(monkeypatch):
    monkeypatch.setattr(module, "STREAM_SECONDS", 0.3)

    async def test():
        async with serving() as port:
            client = socket.create_connection(("127.0.0.1", port))
            client.setblocking(False)
            wire = dns.message.make_query("big.example.com", "TXT").to_wire()
            loop = asyncio.get_running_loop()

            async def ask_for_ever():
                while True:
                    await loop.sock_sendall(client, (len(wire).to_bytes(2) + wire) * 100)

            with pytest.raises(ConnectionError):
                await asyncio.wait_for(ask_for_ever(), 10)
            client.close()

    run(test)


def test_garbage_does_no_harm():
    async def test():
        async with serving() as port:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                for size in (0, 1, 11, 12, 500, 9000):
                    client.sendto(b"\x01" * size, ("127.0.0.1", port))
            response = await dns.asyncquery.udp(QUERY, "127.0.0.1", 5, port)
            assert dns.rcode.NOERROR == response.rcode()

    run(test)


def test_one_network_has_its_share_of_a_second_and_the_rest_is_left_to_tcp(monkeypatch):
    monkeypatch.setattr(module, "MAX_UDP_PER_NETWORK", 2)
    monkeypatch.setattr(module, "network_of", lambda host: "192.0.2.0/24")

    async def test():
        async with serving() as port:
            await asyncio.sleep(1 - asyncio.get_running_loop().time() % 1)
            truncated = [
                bool((await dns.asyncquery.udp(QUERY, "127.0.0.1", 5, port)).flags & dns.flags.TC) for _ in range(4)
            ]
            assert [False, False, True, True] == truncated

    run(test)


def test_an_allowance_is_spent_by_the_second():
    allowance = Allowance()
    for host in ("198.51.100.1", "198.51.100.200"):
        for _ in range(module.MAX_UDP_PER_NETWORK // 2):
            assert (True, True) == allowance.spend(host, 7.5)
    assert (True, False) == allowance.spend("198.51.100.3", 7.9)
    assert (True, True) == allowance.spend("203.0.113.1", 7.9)
    assert (True, True) == allowance.spend("127.0.0.1", 7.9)
    assert (True, True) == allowance.spend("198.51.100.3", 8.0)
    for number in range(module.MAX_UDP_PER_SECOND):
        allowance.spend("127.0.0.1", 9.0 + number / 2000)
    assert (False, False) == allowance.spend("127.0.0.1", 9.9)
    assert len(allowance.networks) <= module.MAX_UDP_PER_SECOND


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2ff::1", "2001:db8:1:200::/56"),
        ("fe80::1%eth0", "fe80::/56"),
        ("127.0.0.2", None),
        ("::1", None),
    ],
)
def test_a_share_belongs_to_a_network(host, network):
    assert network == network_of(host)
