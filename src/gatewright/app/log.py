"""The process's own log: standard error, one line a record, whatever the record holds.

Every process of the tree writes whole lines to the same descriptor, so lines of two processes do not mix. What must not
be read by the operator (secrets, bodies) is kept out where the record is made; see `controlplane.failure`.
"""

from __future__ import annotations

import logging
import sys
import time


class OneLineFormatter(logging.Formatter):
    """`2026-03-01T12:00:00.123Z INFO worker-1[4711] gatewright.dataplane.worker: sentence`."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self, process_name: str) -> None:
        name = process_name.replace("%", "%%")
        super().__init__(f"%(asctime)s %(levelname)s {name}[%(process)d] %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The record's line; the lines of a traceback are parted by bars."""
        lines = super().format(record).splitlines()
        return " | ".join(stripped for line in lines if (stripped := line.rstrip()))


def set_up_logging(process_name: str, level: str) -> None:
    """This process logs under `process_name` from now on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLineFormatter(process_name))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # Libraries tell rows, headers and frames at "debug", which are not for a log: the level is that of our own words.
    root.setLevel(logging.WARNING)
    logging.getLogger("gatewright").setLevel(level.upper())
