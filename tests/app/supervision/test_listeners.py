import socket

import pytest

from gatewright.app.supervision.listeners import (
    ListenerRefused,
    bound_address,
    listen,
    listen_dns,
    listen_shared,
    listen_unix,
)
from gatewright.settings.address import Address


@pytest.fixture
def close():
    opened = []
    yield opened.extend
    for listener in opened:
        listener.close()


def test_shared_listeners_have_one_free_port_and_all_accept(close):
    listeners = listen_shared("--https", Address("127.0.0.1", 0), 3)
    close(listeners)
    ports = {listener.getsockname()[1] for listener in listeners}
    assert 1 == len(ports)
    for listener in listeners:
        listener.setblocking(False)
    accepted = set()
    for _ in range(64):
        with socket.create_connection(("127.0.0.1", ports.copy().pop())):
            for listener in listeners:
                try:
                    listener.accept()[0].close()
                    accepted.add(listener.fileno())
                except BlockingIOError:
                    continue
    assert {listener.fileno() for listener in listeners} == accepted


def test_a_port_that_another_shares_willingly_is_still_busy(close):
    other = listen_shared("--https", Address("127.0.0.1", 0), 1)
    close(other)
    port = other[0].getsockname()[1]
    with pytest.raises(ListenerRefused, match=f"--https: another process listens on 127.0.0.1:{port} already"):
        listen_shared("--https", Address("127.0.0.1", port), 2)
    with pytest.raises(ListenerRefused, match="--control: another process listens"):
        listen("--control", Address("127.0.0.1", port))


def test_a_port_whose_last_connection_lingers_is_free(close):
    first = listen("--control", Address("127.0.0.1", 0))
    address = bound_address(first, Address("127.0.0.1", 0))
    client = socket.create_connection((address.host, address.port))
    first.accept()[0].close()  # our side closes first, so it is ours that waits (TIME_WAIT)
    client.close()
    first.close()
    close(listen_shared("--control", address, 2))


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        (Address("192.0.2.1", 0), "--control: 192.0.2.1 is not an address of this machine"),
        (Address("no-such-host.invalid", 0), "--control: the host 'no-such-host.invalid' has no address"),
    ],
)
def test_an_address_that_is_not_ours_is_refused(address, sentence):
    with pytest.raises(ListenerRefused, match=sentence):
        listen("--control", address)


def test_an_ipv6_address_is_listened_on(close):
    try:
        listener = listen("--control", Address("::1", 0))
    except ListenerRefused:
        pytest.skip("this machine has no IPv6 loopback")
    close([listener])
    socket.create_connection(("::1", listener.getsockname()[1])).close()


def test_a_local_socket_accepts_before_anybody_serves_it(tmp_path, close):
    listener = listen_unix(str(tmp_path / "s"))
    close([listener])
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(tmp_path / "s"))


def test_a_local_socket_that_cannot_be_is_told_in_a_sentence(tmp_path):
    for path, why in ((tmp_path / ("s" * 108), "AF_UNIX path too long"), (tmp_path / "no" / "s", "No such file")):
        with pytest.raises(ListenerRefused, match=f"The local socket {path} cannot be listened on .{why}"):
            listen_unix(str(path))


# -- the DNS -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_datagrams_and_streams_share_a_port(host):
    datagrams, streams = listen_dns("--dns", Address(host, 0))
    with datagrams, streams:
        assert datagrams.getsockname()[:2] == streams.getsockname()[:2]
        assert (socket.SOCK_DGRAM, socket.SOCK_STREAM) == (datagrams.type, streams.type)
        with socket.create_connection(streams.getsockname()[:2]):
            pass


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM])
def test_a_dns_port_that_either_kind_has_already_is_refused(kind):
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            taken.listen()
        with pytest.raises(ListenerRefused, match=r"--dns: another process listens on 127\.0\.0\.1:"):
            listen_dns("--dns", Address("127.0.0.1", taken.getsockname()[1]))
