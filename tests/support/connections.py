"""Connections to a gateway over time: whose they are, and whether they carry requests without a break."""

import threading
from pathlib import Path


def workers_of(gateway, sockets):
    """The processes that hold the other ends of these connections, from the kernel's own tables."""
    ends = {(ours.getpeername()[1], ours.getsockname()[1]) for ours in sockets}
    holders = set()
    for name, process in gateway.processes().items():
        if not name.startswith("worker"):
            continue
        inodes = set()
        for descriptor in Path(f"/proc/{process}/fd").iterdir():
            try:
                target = str(descriptor.readlink())
            except OSError:
                continue
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
        for line in Path(f"/proc/{process}/net/tcp").read_text().splitlines()[1:]:
            words = line.split()
            pair = tuple(int(words[place].rpartition(":")[2], 16) for place in (1, 2))
            if words[9] in inodes and pair in ends:
                holders.add(name)
    return holders


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
