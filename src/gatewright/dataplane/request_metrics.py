"""The requests that one worker counted, and the spool in which it hands them over.

A request costs this module a look-up and some additions to the worker's own numbers: there is no lock and nothing shared.
Once a second, and where a minute ends, what was counted goes to a file as one line a tally, `[minute, name, counts]`
(`store.metric_spool` reads it), and counting begins anew. So a worker that is killed loses what it counted in its last
second, and a control process that is away loses nothing as long as the files have room. A disk that does not answer
keeps no request waiting: meanwhile counting goes on in the same numbers, and minutes that are over wait to be written.
"""

import logging
from collections.abc import Callable
from json import JSONEncoder
from pathlib import Path
from threading import Lock
from typing import Final

from gatewright.core.context import MethodFacts
from gatewright.core.metrics.request_counts import RequestCounts
from gatewright.core.metrics.stage_metrics import SeriesName, StageMetrics, Tally
from gatewright.dataplane.bounded_files import BoundedFiles
from gatewright.dataplane.disk import Disk, do_now

_LOG = logging.getLogger(__name__)

FLUSH_SECONDS: Final = 1.0
MINUTE: Final = 60
#: What waits for a control process that is away: 32 MB a worker, some 150,000 lines.
_FILE_BYTES: Final = 4 * 1024 * 1024
_FILES: Final = 8
#: So many tallies, of 20 µs each, are written without letting requests pass.
_AT_ONCE: Final = 250
_PAUSE_SECONDS: Final = 0.01
#: Lines that wait for a disk that does not answer; the oldest are dropped beyond this, and counted.
_MAX_WAITING: Final = 100_000
_ENCODE: Final = JSONEncoder(separators=(",", ":"), check_circular=False).encode


class RequestMetrics:
    """The counts of one worker. `flush` is called by the timer that `call_later` sets; `disk` does the writing."""

    def __init__(
        self,
        folder: Path,
        worker: int,
        call_later: Callable[[float, Callable[[], None]], object],
        disk: Disk = do_now,
    ) -> None:
        self._folder = folder
        self._files = BoundedFiles(folder, f"worker-{worker}", file_bytes=_FILE_BYTES, files=_FILES)
        self._call_later = call_later
        self._disk = disk
        self._due = False  # a timer is set
        self._writing = False  # the disk has not dealt with what it was given last
        self._losing = Lock()
        self._touched: list[Tally] = []
        self._waiting: list[tuple[int, SeriesName, RequestCounts]] = []
        self._minute = 0
        self._minute_ends = 0.0
        self.lost = 0

    def count(
        self,
        metrics: StageMetrics,
        method: MethodFacts | None,
        ended_at: float,
        status: int,
        latency_ms: int,
        integration_latency_ms: int | None,
    ) -> None:
        """One request was answered."""
        # Some milliseconds early is no matter, but a clock that was set back is.
        if ended_at >= self._minute_ends or ended_at < self._minute_ends - 2 * MINUTE:
            self._begin_minute(ended_at)
        tally = metrics.of(method)
        counts = tally.counts
        if counts.latency.count == 0:
            self._flush_in(FLUSH_SECONDS)
            self._touched.append(tally)
        counts.add(status, latency_ms, integration_latency_ms)

    def _begin_minute(self, now: float) -> None:
        self._gather()
        self._minute = int(now) // MINUTE * MINUTE
        self._minute_ends = float(self._minute + MINUTE)

    def _gather(self) -> None:
        """What was counted waits to be written, and counting begins anew."""
        minute = self._minute
        self._waiting += [(minute, tally.name, tally.take()) for tally in self._touched]
        self._touched = []
        if (beyond := len(self._waiting) - _MAX_WAITING) > 0:
            self._lose(beyond, "the disk does not answer")
            del self._waiting[:beyond]

    def flush(self) -> None:
        """What was counted is in the spool, or is on its way there."""
        self._due = False
        if self._writing:
            self._flush_in(FLUSH_SECONDS)
            return
        self._gather()
        self._write(_AT_ONCE)
        if self._waiting:
            self._flush_in(_PAUSE_SECONDS)

    def _flush_in(self, seconds: float) -> None:
        if not self._due:
            self._due = True
            self._call_later(seconds, self.flush)

    def _write(self, most: int) -> None:
        waiting = self._waiting[:most]
        if not waiting:
            return
        del self._waiting[:most]
        lines = [_ENCODE([minute, name, counts.encode()]) for minute, name, counts in waiting]
        block = ("\n".join(lines) + "\n").encode()
        self._writing = True
        self._disk(lambda: self._put(block, len(lines)))

    def _put(self, block: bytes, count: int) -> None:
        try:
            self._files.write(block)
        except OSError as error:
            self._lose(count, str(error))
        finally:
            self._writing = False

    def _lose(self, count: int, why: str) -> None:
        if self.lost == 0:
            _LOG.error("The counts of requests in %s cannot be written: %s. They are lost.", self._folder, why)
        with self._losing:
            self.lost += count

    def close(self) -> None:
        """Have what was counted written and the file released."""
        self._gather()
        self._write(len(self._waiting))
        self._disk(self._files.close)
