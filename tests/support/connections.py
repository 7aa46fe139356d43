"""Connections to a gateway over time: whose they are, and whether they carry requests without a break."""

import threading
from contextlib import suppress
from pathlib import Path


def workers_of(gateway, sockets) -> set[str]:
    """The names of the worker processes that hold the other ends of these connections, by the kernel's own tables."""
    ends = {(ours.getpeername()[1], ours.getsockname()[1]) for ours in sockets}
    return {
        name
        for name, process in gateway.processes().items()
        if name.startswith("worker-") and ends & _connections_of(process)
    }


def _connections_of(process: int) -> set[tuple[int, int]]:
    """(local port, remote port) of its TCP connections; of a process that is gone, none."""
    held = set()
    try:
        for descriptor in Path(f"/proc/{process}/fd").iterdir():
            with suppress(FileNotFoundError):  # closed since it was listed
                target = str(descriptor.readlink())
                if target.startswith("socket:["):
                    held.add(target[8:-1])
        table = [line.split() for line in Path(f"/proc/{process}/net/tcp").read_text().splitlines()[1:]]
    except OSError:
        return set()
    return {_ports(words[1], words[2]) for words in table if words[9] in held}


def _ports(local: str, remote: str) -> tuple[int, int]:
    """From `0100007F:20FB`."""
    return int(local.rpartition(":")[2], 16), int(remote.rpartition(":")[2], 16)


class Stream(threading.Thread):
    """Requests without a pause on one connection, until it is told to stop."""

    def __init__(self, connection, path="/health"):
        super().__init__()
        self._connection = connection
        self._path = path
        self._stopping = threading.Event()
        self.statuses = []
        self.failure = None

    def run(self):
        try:
            while not self._stopping.is_set():
                self.statuses.append(self._connection.ask(self._path).status)
        except Exception as error:  # noqa: BLE001  the test looks at it
            self.failure = error

    def finish(self):
        self._stopping.set()
        self.join()
