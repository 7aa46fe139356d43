import os
import socket

import pytest

from gatewright.app.serving import read_serving
from gatewright.app.supervision.announcement import announce
from gatewright.app.supervision.public_sockets import PublicSockets
from gatewright.settings.address import Address
from gatewright.settings.installation import make_settings

PORTS = (4566, 8443, 8053)


def sockets_at(host, *, dns):
    unbound = socket.socket()
    unbound.close()
    control, https, names = (Address(host, port) for port in PORTS)
    return PublicSockets((unbound,), unbound, None, https, control, names if dns else None)


@pytest.mark.parametrize(
    ("host", "reached"), [("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "127.0.0.1"), ("::", "[::1]"), ("::1", "[::1]")]
)
def test_one_line_and_a_file_tell_where_everything_is_reached_from_here(host, reached, tmp_path, capsys):
    announce(make_settings({"workers": "2"}), sockets_at(host, dns=True), tmp_path)
    assert (
        f"ready control=http://{reached}:4566 https=https://{reached}:8443 dns={reached}:8053 workers=2 "
        f"suffix=gateway.localhost region=us-east-1 auth=enforce pid={os.getpid()}\n"
    ) == capsys.readouterr().out
    serving = read_serving(tmp_path)
    assert (f"http://{reached}:4566", f"https://{reached}:8443", f"{reached}:8053") == (
        serving.control,
        serving.https,
        serving.dns,
    )


def test_a_dns_that_is_off_and_a_door_that_is_open_are_told(tmp_path, capsys):
    announce(make_settings({"auth": "lenient"}), sockets_at("127.0.0.1", dns=False), tmp_path)
    line = capsys.readouterr().out
    assert " dns=off " in line
    assert " auth=lenient " in line
    assert read_serving(tmp_path).dns is None
