"""The sockets of one installation that clients come to. The supervisor opens them before anything is forked, and keeps
them open: a child that is started again finds its own as it was, with the clients that wait in it.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self, TypeAlias

from gatewright.app.supervision.listeners import ListenerRefused, bound_address, listen, listen_dns, listen_shared
from gatewright.settings.address import Address
from gatewright.settings.installation import Settings

logger = logging.getLogger(__name__)

#: For datagrams and for streams.
DnsSockets: TypeAlias = tuple[socket.socket, socket.socket]


@dataclass(frozen=True, slots=True)
class PublicSockets:
    """Listening sockets, and the addresses that they really have."""

    https: tuple[socket.socket, ...]  # one for each worker
    control: socket.socket
    dns: DnsSockets | None  # None: off
    https_address: Address
    control_address: Address
    dns_address: Address | None

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Everything listens; `ListenerRefused` for the first address that cannot be listened on."""
        https = listen_shared("--https", settings.https, settings.workers)
        control = listen("--control", settings.control)
        dns = listen_for_dns(settings)
        return cls(
            tuple(https),
            control,
            dns,
            https_address=bound_address(https[0], settings.https),
            control_address=bound_address(control, settings.control),
            dns_address=None if dns is None or settings.dns is None else bound_address(dns[0], settings.dns),
        )

    def __iter__(self) -> Iterator[socket.socket]:
        return iter((*self.https, self.control, *(self.dns or ())))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """New clients are refused, once the children have closed theirs too."""
        for each in self:
            each.close()


def listen_for_dns(settings: Settings) -> DnsSockets | None:
    """The sockets of the DNS. Who has the default address already may keep it."""
    if settings.dns is None:
        return None
    try:
        return listen_dns("--dns", settings.dns)
    except ListenerRefused as refused:
        if settings.dns_is_chosen:
            raise
        logger.warning("%s Going on without the built-in DNS.", refused)
        return None
