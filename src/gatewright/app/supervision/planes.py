"""What the children run: the control plane in one process, the data plane in N."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from gatewright.app.control import ControlSettings
    from gatewright.dataplane.worker import WorkerSettings


class RunWorker(Protocol):
    """See `gatewright.dataplane.worker.run_worker`."""

    def __call__(
        self,
        settings: WorkerSettings,
        https_socket: socket.socket,
        *,
        report_ready: Callable[[], None],
        lifeline: int,
    ) -> int:
        """Serves until SIGTERM or the end of the lifeline; the exit code."""


class RunControl(Protocol):
    """See `gatewright.app.control.run_control`."""

    def __call__(
        self,
        settings: ControlSettings,
        control_socket: socket.socket,
        feed_socket: socket.socket,
        *,
        report_ready: Callable[[], None],
        lifeline: int,
    ) -> int:
        """Serves until SIGTERM or the end of the lifeline; the exit code."""


@dataclass(frozen=True, slots=True)
class Planes:
    """What the children do. `load_worker` is called once in the supervisor, `load_control` in each control process."""

    load_control: Callable[[], RunControl]
    load_worker: Callable[[], RunWorker]


def real_planes() -> Planes:
    """The planes of the product."""

    def load_control() -> RunControl:
        from gatewright.app.control import run_control  # noqa: PLC0415  only in the control process

        return run_control

    def load_worker() -> RunWorker:
        from gatewright.dataplane.ticket_keys import TicketKeys  # noqa: PLC0415  after the control process was forked
        from gatewright.dataplane.worker import run_worker  # noqa: PLC0415  likewise

        # Made here, once, so that all workers have the same, also those that take the place of others.
        return partial(run_worker, ticket_keys=TicketKeys())

    return Planes(load_control, load_worker)
