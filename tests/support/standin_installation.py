"""`gatewright serve` with children that do as the environment says, to see what the supervisor makes of them.

STANDIN_WORKER: `serves`; `crashes` before it is ready; `lingers` a second after SIGTERM; `ignores` SIGTERM.
STANDIN_CONTROL: `serves`; `hopeless`: says that there is no use.
STANDIN_FORKS: one letter for each fork, `-` for one that the machine refuses; all after the last letter succeed.
"""

import errno
import os
import selectors
import signal
import sys
import time

from gatewright.app.supervision import supervisor
from gatewright.app.supervision.child import HOPELESS
from gatewright.app.supervision.planes import Planes
from gatewright.cli import main


def wait_for_end(lifeline: int) -> None:
    """Returns after SIGTERM or when the supervisor is gone."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.signal(signal.SIGTERM, lambda *_: None)
    signal.set_wakeup_fd(writing)
    with selectors.DefaultSelector() as selector:
        selector.register(reading, selectors.EVENT_READ)
        selector.register(lifeline, selectors.EVENT_READ)
        selector.select()


def run_worker(settings, https_socket, *, report_ready, lifeline) -> int:
    manner = os.environ.get("STANDIN_WORKER", "serves")
    if manner == "crashes":
        raise RuntimeError("the stand-in crashes")
    report_ready()
    wait_for_end(lifeline)
    if manner == "lingers":
        time.sleep(1)
        print(f"worker-{settings.number} has finished", file=sys.stderr, flush=True)
    if manner == "ignores":
        time.sleep(600)
    return 0


def run_control(settings, control_socket, feed_socket, *, report_ready, lifeline) -> int:
    if os.environ.get("STANDIN_CONTROL") == "hopeless":
        return HOPELESS
    report_ready()
    wait_for_end(lifeline)
    return 0


def refuse_forks(fates: str) -> None:
    real, left = os.fork, list(fates)

    def fork() -> int:
        if left and left.pop(0) == "-":
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        return real()

    os.fork = fork


if __name__ == "__main__":
    refuse_forks(os.environ.get("STANDIN_FORKS", ""))
    supervisor.real_planes = lambda: Planes(lambda: run_control, lambda: run_worker)
    main(["serve", *sys.argv[1:]])
