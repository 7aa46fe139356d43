"""The worker's end of the feed: connect, say what we have, take updates, swap the snapshot, acknowledge.

When the control process is away the worker serves what it knows and tries again every 50 ms; it is sent only what it
missed.
"""

import asyncio
import gc
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from gatewright.core.failure import describe_failure
from gatewright.model.codec import RecordMalformed, decode_kind
from gatewright.model.compile_snapshot import RecordChange, SnapshotDraft, empty_snapshot
from gatewright.model.feed import Ack, FeedError, FrameDecoder, Hello, Update, encode_frame
from gatewright.model.snapshot import Snapshot

_LOG = logging.getLogger(__name__)

_RECONNECT_SECONDS: Final = 0.05
#: The pause after failures in a row doubles up to this: a change that never decodes must not fill the log.
_MAX_PAUSE_SECONDS: Final = 2.0
#: How often counters are sent when nothing changes.
_REPORT_SECONDS: Final = 1.0
_READ_BYTES: Final = 1024 * 1024


class FeedClient:
    """Keeps a snapshot up to date. `swap` is given each new one; `counters` is asked for the totals to report."""

    def __init__(
        self,
        path: str,
        worker: int,
        snapshot: Snapshot,
        *,
        swap: Callable[[Snapshot], None],
        counters: Callable[[], dict[str, int]],
    ) -> None:
        self._path = path
        self._worker = worker
        self._snapshot = snapshot
        self._swap = swap
        self._counters = counters
        self._draft: SnapshotDraft | None = None  # of an update whose last part has not come
        self.first_snapshot = asyncio.Event()

    async def run(self) -> None:
        """Follow the feed for ever."""
        pause = _RECONNECT_SECONDS
        while True:
            try:
                reader, writer = await asyncio.open_unix_connection(self._path)
            except OSError:
                await asyncio.sleep(_RECONNECT_SECONDS)
                continue
            try:
                await self._follow(reader, writer)
            except (OSError, FeedError) as error:
                _LOG.warning("The feed of changes broke off: %s. Serving what is known, and connecting again.", error)
            except Exception as failure:  # noqa: BLE001  a bug of ours must not leave the worker with what it knows now for ever
                told = describe_failure(failure, RecordMalformed)
                _LOG.error("A change could not be taken in. Serving what is known, and connecting again: %s", told)
                pause = min(pause * 2, _MAX_PAUSE_SECONDS)
            else:
                pause = _RECONNECT_SECONDS
            finally:
                writer.close()
            await asyncio.sleep(pause)

    async def _follow(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(encode_frame(Hello(self._worker, os.getpid(), self._snapshot.revision)))
        reporter = asyncio.get_running_loop().create_task(self._report(writer))
        decoder = FrameDecoder()
        # What the last connection did not finish sending is sent again, from the revision that we have.
        self._draft = None
        try:
            while data := await reader.read(_READ_BYTES):
                for message in decoder.feed(data):
                    if isinstance(message, Update):
                        self._apply(message)
                        if not message.more:
                            writer.write(encode_frame(Ack(self._snapshot.revision, self._counters())))
        finally:
            reporter.cancel()

    async def _report(self, writer: asyncio.StreamWriter) -> None:
        while True:
            await asyncio.sleep(_REPORT_SECONDS)
            writer.write(encode_frame(Ack(self._snapshot.revision, self._counters())))

    def _apply(self, update: Update) -> None:
        """Take an update in; the snapshot is swapped when its last part has come."""
        draft = self._draft
        if update.reset:  # what was told before, and not to its end, is told anew
            draft = SnapshotDraft(empty_snapshot(self._snapshot.names))
        elif draft is None:
            draft = SnapshotDraft(self._snapshot)
        self._draft = draft
        with _without_collections():
            for change in update.changes:
                record = None if change.document is None else decode_kind(change.kind, change.document)
                draft.apply(RecordChange(change.kind, change.account, change.region, change.key, record, change.secret))
            if update.more:
                return
            self._draft = None
            self._snapshot = draft.finish(update.revision)
        self._swap(self._snapshot)
        self.first_snapshot.set()


@contextmanager
def _without_collections() -> Iterator[None]:
    """The collector does not run: records hold no cycles, and of many it would look at each again and again.

    It takes half of the time that 10,000 domain names, or an API of 10,000 resources, take to be read.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
