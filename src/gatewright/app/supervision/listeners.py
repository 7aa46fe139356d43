"""The listening sockets, which the supervisor owns: children come and go, the addresses stay ours.

What this module knows: with SO_REUSEPORT every socket on a port has an accept queue of its own, and the kernel spreads
connections over them (socket(7)). Because the supervisor keeps each socket open, a worker's queue outlives the worker:
clients that arrive while it is restarted wait a moment and are then served.

SO_REUSEPORT also lets another process of the same user join a port silently. So the port is tried without it first.
"""

from __future__ import annotations

import errno
import os
import socket
from typing import Final

from gatewright.settings.address import Address

#: Connections that wait while a worker is busy or restarted; the kernel cuts it to net.core.somaxconn (4096 since
#: Linux 5.4). nginx has 511 from days when that was much.
BACKLOG: Final = 4096

#: Free ports that are tried until one is free for datagrams and for streams.
_DNS_ATTEMPTS: Final = 16


class ListenerRefused(Exception):
    """An address cannot be listened on; the text is a sentence that names the option."""


def listen(option: str, address: Address) -> socket.socket:
    """One listening socket on the address."""
    family, where = _resolve(option, address)
    listener = _make_socket(family)
    _bind(listener, option, address, where)
    listener.listen(BACKLOG)
    return listener


def listen_shared(option: str, address: Address, count: int) -> list[socket.socket]:
    """`count` listening sockets that share the address; port 0 becomes the same free port for all."""
    family, where = _resolve(option, address)
    probe = _make_socket(family)
    _bind(probe, option, address, where)
    # The port that the probe got stays reserved for us until the first shared socket has it: neither listens yet.
    where = probe.getsockname()
    probe.close()
    listeners: list[socket.socket] = []
    for _ in range(count):
        listener = _make_socket(family)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listeners.append(listener)
        _bind(listener, option, address, where)
    for listener in listeners:
        listener.listen(BACKLOG)
    return listeners


def listen_dns(option: str, address: Address) -> tuple[socket.socket, socket.socket]:
    """A datagram socket, and a listening stream socket on the same port; port 0 becomes one that is free for both."""
    family, where = _resolve(option, address)
    for attempt in range(_DNS_ATTEMPTS):
        # Without SO_REUSEADDR: datagrams would go to whoever bound the address last (socket(7)).
        datagrams = socket.socket(family, socket.SOCK_DGRAM)
        if family == socket.AF_INET6:
            datagrams.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        _bind(datagrams, option, address, where)
        streams = _make_socket(family)
        try:
            _bind(streams, option, address, datagrams.getsockname())
        except ListenerRefused:
            datagrams.close()
            if address.port or attempt == _DNS_ATTEMPTS - 1:
                raise
            continue
        streams.listen(BACKLOG)
        return datagrams, streams
    raise AssertionError("the last attempt returns or raises")


def listen_unix(path: str) -> socket.socket:
    """A listening stream socket at a path that must be free."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(path)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        # A path that is too long is refused by Python, which gives no error number.
        raise ListenerRefused(
            f"The local socket {path} cannot be listened on ({error.strerror or error}); set XDG_RUNTIME_DIR to a "
            "folder with a short path, of your own, on a local file system with room."
        ) from None
    return listener


def bound_address(listener: socket.socket, asked: Address) -> Address:
    """The address as it was asked for, with the port that it really has."""
    return Address(asked.host, listener.getsockname()[1])


def _resolve(option: str, address: Address) -> tuple[int, tuple[object, ...]]:
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as error:
        raise ListenerRefused(
            f"{option}: the host {address.host!r} has no address on this machine ({error.strerror}); "
            "give an IP address of this machine."
        ) from None
    # Names such as `localhost` may have both; IPv4 is what every client tries.
    family, _, _, _, where = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    return family, where


def _make_socket(family: int) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    # A port whose last connections are in TIME_WAIT is free; one that somebody listens on is not (socket(7)).
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    return made


def _bind(listener: socket.socket, option: str, address: Address, where: tuple[object, ...]) -> None:
    try:
        listener.bind(where)
    except OSError as error:
        listener.close()
        raise ListenerRefused(_explain(option, address, error)) from None


def _explain(option: str, address: Address, error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return (
                f"{option}: another process listens on {address} already; "
                "stop it, or choose another address (port 0 takes any free one)."
            )
        case errno.EACCES:
            return f"{option}: this user may not listen on {address}; ports below 1024 need a privilege, choose a higher one."
        case errno.EADDRNOTAVAIL:
            return (
                f"{option}: {address.host} is not an address of this machine; choose one that is, or 0.0.0.0 for all."
            )
        case code:
            return f"{option}: {address} cannot be listened on ({os.strerror(code or 0)}); choose another address."
