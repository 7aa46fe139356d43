"""The addresses of an installation, as the supervisor takes them; nobody is served here."""

import socket
from dataclasses import replace

import pytest

from gatewright.app.supervision.listeners import ListenerRefused
from gatewright.app.supervision.public_sockets import PublicSockets, listen_for_dns
from gatewright.settings.installation import make_settings

FREE = {"control": "127.0.0.1:0", "https": "127.0.0.1:0", "dns": "127.0.0.1:0", "workers": "2"}


def connects(address):
    try:
        socket.create_connection((address.host, address.port), timeout=1).close()
    except ConnectionRefusedError:
        return False
    return True


def test_every_worker_has_a_socket_of_its_own_and_the_addresses_are_the_real_ones():
    with PublicSockets.open(make_settings(FREE)) as sockets:
        assert 2 == len(sockets.https)
        assert {sockets.https_address.port} == {each.getsockname()[1] for each in sockets.https}
        assert [True] * 3 == [
            connects(each) for each in (sockets.https_address, sockets.control_address, sockets.dns_address)
        ]
        assert 5 == len(list(sockets))
    assert [False] * 3 == [
        connects(each) for each in (sockets.https_address, sockets.control_address, sockets.dns_address)
    ]


def test_without_the_dns_there_is_no_address_of_it():
    with PublicSockets.open(make_settings({**FREE, "dns": "off"})) as sockets:
        assert (None, None) == (sockets.dns, sockets.dns_address)
        assert 3 == len(list(sockets))


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM])
def test_whoever_has_the_default_dns_address_may_keep_it(tmp_path, kind, caplog):
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            taken.listen()
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        chosen = make_settings({"data_dir": str(tmp_path), "dns": where})
        assert listen_for_dns(replace(chosen, dns_is_chosen=False)) is None
        assert f"another process listens on {where} already" in caplog.text
        assert "Going on without the built-in DNS." in caplog.text
        with pytest.raises(ListenerRefused):
            listen_for_dns(chosen)


def test_no_dns_takes_no_address(tmp_path):
    assert listen_for_dns(make_settings({"data_dir": str(tmp_path), "dns": "off"})) is None
