"""How it is told that an installation serves: a file for commands beside it, and one line for scripts that wait."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from gatewright.app.serving import Serving
from gatewright.app.supervision.public_sockets import PublicSockets
from gatewright.settings.address import Address
from gatewright.settings.installation import Settings


def announce(settings: Settings, sockets: PublicSockets, data_directory: Path) -> None:
    """Says that every listener accepts."""
    serving = Serving(
        pid=os.getpid(),
        control=f"http://{_reachable(sockets.control_address)}",
        https=f"https://{_reachable(sockets.https_address)}",
        suffix=settings.suffix,
        region=settings.region,
        account=settings.account_id,
        dns=None if sockets.dns_address is None else _reachable(sockets.dns_address),
    )
    serving.write(data_directory)
    with suppress(OSError):  # nobody need listen
        print(  # noqa: T201  the one line that scripts wait for
            f"ready control={serving.control} https={serving.https} dns={serving.dns or 'off'} "
            f"workers={settings.workers} suffix={settings.suffix} region={settings.region} "
            f"auth={'lenient' if settings.lenient else 'enforce'} pid={serving.pid}",
            flush=True,
        )


def _reachable(address: Address) -> str:
    """The address for a URL: who listens everywhere is reached on loopback from here."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  compared, not bound
    return str(Address(everywhere.get(address.host, address.host), address.port))
