"""One data-plane worker as a process of its own: `run_worker.py SETTINGS` (JSON). Its standard input is the lifeline.

Prints `ready PORT` once it serves.
"""

import json
import os
import resource
import socket
import sys
from pathlib import Path

from gatewright.dataplane.capacity import Limits
from gatewright.dataplane.worker import WorkerSettings, run_worker
from gatewright.model.snapshot import InstallationNames


def main() -> int:
    told = json.loads(sys.argv[1])
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    settings = WorkerSettings(
        0,
        told["feed"],
        told["local"],
        Path(told["journal"]),
        Path(told["journal"]).with_name("clients"),
        Path(told["journal"]).with_name("groups"),
        InstallationNames("gateway.localhost", "us-east-1"),
        told["upstream_ca"],
        port,
        Limits(**told.get("limits") or {}),
    )
    if told.get("files"):
        resource.setrlimit(resource.RLIMIT_NOFILE, (told["files"], told["files"]))
    return run_worker(
        settings,
        listener,
        report_ready=lambda: print("ready", port, flush=True),
        lifeline=os.dup(sys.stdin.fileno()),
    )


if __name__ == "__main__":
    sys.exit(main())
