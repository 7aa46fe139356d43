"""The spool that workers hand their counts over in, filled without workers.

spool = Spool(folder)                       folder: what a `MetricPoints` is given
spool.put(minute, [(200, 5, 3), (404, 1, None)], stage="dev")
"""

import itertools
import json
from pathlib import Path

from gatewright.core.metrics.request_counts import RequestCounts
from gatewright.core.metrics.stage_metrics import SeriesName

PETS = SeriesName("000000000000", "us-east-1", "abcdefghij", "pets", "dev")


class Spool:
    """One worker's files, a file a call."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "spool"
        self.folder.mkdir(parents=True, exist_ok=True)
        self._numbers = itertools.count(1)

    def put(self, minute: int, requests, **name) -> None:
        """Requests (status, latency, integration latency or None) of one series; `name` is what differs from PETS."""
        counts = RequestCounts()
        for request in requests:
            counts.add(*request)
        self.put_counts(minute, counts, **name)

    def put_counts(self, minute: int, counts: RequestCounts, **name) -> None:
        """The same, counted already."""
        line = json.dumps([minute, PETS._replace(**name), counts.encode()]) + "\n"
        (self.folder / f"worker-0-{next(self._numbers):08d}.jsonl").write_text(line)


def take_in_all(points) -> None:
    """All that the spool has is taken in."""
    while points.take_in().more:
        pass
