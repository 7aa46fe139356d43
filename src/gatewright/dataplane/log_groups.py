"""Access and execution logs, written: events gathered in memory, and every few hundredths of a second appended to the
files of their log group.

What this module keeps to: a request never waits for a disk (`dataplane/disk.py`). A worker has a log stream of its own in every group, in files
that are bounded as a journal's are (`{folder}/{group}/{stream}-{sequence}.jsonl`); those who read know them by
`core.logs.log_group`. An event is a line `[milliseconds, "message"]`, and within a stream instants never go down: an event's
is that of the end of its request. A full disk loses events, which are counted, and so does one that does not keep up.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable
from json.encoder import encode_basestring_ascii as _quote
from pathlib import Path
from threading import Lock
from typing import Final

from gatewright.core.context import RequestContext
from gatewright.core.errors import GatewayError
from gatewright.core.logs.execution_log import LogLevel, render_execution_log
from gatewright.core.logs.log_group import LogGroupName, stream_of_worker
from gatewright.core.logs.stage_logs import StageLogs
from gatewright.dataplane.bounded_files import BoundedFiles
from gatewright.dataplane.disk import Disk, do_now
from gatewright.dataplane.journal import FLUSH_SECONDS

_LOG = logging.getLogger(__name__)

#: What may wait for the next write, and as much again for a disk that does not answer; beyond this events are dropped and
#: counted.
_MAX_WAITING_CHARACTERS: Final = 32 * 1024 * 1024
#: Groups whose file is kept open. An installation may have thousands of stages with logs; the busy ones stay.
_MAX_OPEN: Final = 64


class LogGroups:
    """The log groups that one worker writes. `call_later` is an event loop's, `disk` is where the writing is done."""

    def __init__(
        self,
        folder: Path,
        worker: int,
        call_later: Callable[[float, Callable[[], None]], object],
        disk: Disk = do_now,
    ) -> None:
        self._folder = folder
        self._worker = worker
        self._call_later = call_later
        self._disk = disk
        self._waiting: dict[LogGroupName, list[str]] = {}
        self._characters = 0
        # Bytes; each of these has one writer: the loop, and the disk.
        self._handed_over = 0
        self._dealt_with = 0
        self._losing = Lock()
        self._open: OrderedDict[LogGroupName, BoundedFiles] = OrderedDict()
        self._last_millisecond = 0
        self._instant = "[0,"  # how the events of that millisecond begin
        self.written = 0
        self.lost = 0

    def record(self, logs: StageLogs, context: RequestContext, refusal: GatewayError | None) -> None:
        """Keep what a stage logs of a finished request."""
        ended = int(context.received_at * 1000) + (context.response_latency_ms or 0)
        # The clock may be set back; a stream's events stay in order (DescribeLogStreams, GetLogEvents).
        if ended > self._last_millisecond:
            self._last_millisecond = ended
            self._instant = f"[{ended},"
        access = logs.access
        if access is not None:
            self._append(access.group, f'{self._instant}"{access.format.render_escaped(context)}"]\n', 1)
        logging = logs.of(context)
        if logging.level is not LogLevel.OFF:
            lines = render_execution_log(context, logging, refusal)
            if lines:
                block = "".join([f"{self._instant}{_quote(line)}]\n" for line in lines])
                self._append(logs.execution_group, block, len(lines))

    def _append(self, group: LogGroupName, block: str, count: int) -> None:
        if self._characters > _MAX_WAITING_CHARACTERS:
            self._lose(count)
            return
        if not self._waiting:
            self._call_later(FLUSH_SECONDS, self.flush)
        blocks = self._waiting.get(group)
        if blocks is None:
            self._waiting[group] = [block]
        else:
            blocks.append(block)
        self._characters += len(block)

    def flush(self) -> None:
        """Have what waits written."""
        waiting, self._waiting, self._characters = self._waiting, {}, 0
        if not waiting:
            return
        blocks = [(group, "".join(texts).encode()) for group, texts in waiting.items()]
        if self._handed_over - self._dealt_with > _MAX_WAITING_CHARACTERS:
            if self.lost == 0:
                _LOG.error("The log groups in %s are written too slowly. Events are lost.", self._folder)
            self._lose(sum(block.count(b"\n") for _, block in blocks))
            return
        self._handed_over += sum(len(block) for _, block in blocks)
        self._disk(lambda: self._write(blocks))

    def _write(self, blocks: list[tuple[LogGroupName, bytes]]) -> None:
        for group, block in blocks:
            count = block.count(b"\n")
            try:
                self._files_of(group).write(block)
                self.written += count
            except OSError as error:
                if self.lost == 0:
                    _LOG.error("The log group %s cannot be written: %s. Events are lost.", group.name, error)
                self._lose(count)
            self._dealt_with += len(block)

    def _lose(self, count: int) -> None:
        with self._losing:
            self.lost += count

    def _files_of(self, group: LogGroupName) -> BoundedFiles:
        files = self._open.get(group)
        if files is None:
            stream = stream_of_worker(group, self._worker)
            files = self._open[group] = BoundedFiles(self._folder / group.folder, stream, continued=True)
            if len(self._open) > _MAX_OPEN:
                self._open.popitem(last=False)[1].close()
        else:
            self._open.move_to_end(group)
        return files

    def close(self) -> None:
        """Have what waits written and the files released."""
        self.flush()
        self._disk(self._close)

    def _close(self) -> None:
        for files in self._open.values():
            files.close()
        self._open.clear()
