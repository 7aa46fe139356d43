"""The feed: how a committed change reaches every worker, and how the control plane knows that it is live there.

    commit → changes since the last one → one frame to each worker → acknowledged → the client is answered

What it keeps to:

- A worker is told of everything, in order, from the revision it has; when the log does not reach back, of all records.
- An answer waits for the workers that serve or are about to, and not longer than `PATIENCE`: a worker that hangs must
  not stop an operator.
- The store is asked on the loop, where the control plane writes too. So what is read between two commits belongs
  together: a record and its secret. Only the first filling of a worker, which may be long, is read on a thread; and
  operations that take long (`controlplane.call.Lengthy`) commit from one: none that changes a secret may be of these.
  One may delete a secret with its record; a record without its secret is therefore told as gone, which it is by then.
- A region that gets its first API or domain name gets its default certificate before anybody is told.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from gatewright.app.worker_counters import WorkerCounters
from gatewright.controlplane.failure import describe_failure
from gatewright.controlplane.rollout import Place
from gatewright.model.feed import Ack, FeedError, FrameDecoder, Hello, PublishedChange, Update, encode_frame
from gatewright.model.records import (
    KINDS,
    PUBLISHED_KINDS,
    AccessKeyRecord,
    ApiKey,
    Certificate,
    DefaultCertificate,
    DomainName,
    Record,
    RestApi,
    ValidatedCertificate,
)
from gatewright.store.port import Change, Changes, Reader, Store, StoreError

logger = logging.getLogger(__name__)

#: How long the answer to a change waits for the workers: ten times what a change may take (DESIGN 5).
PATIENCE: Final = 1.0

#: How often the store is asked whether another process (the CLI) changed something.
POLL_SECONDS: Final = 0.5

#: Default certificates are good for more than a year and renewed six weeks before their end.
RENEWAL_SECONDS: Final = 24 * 3600.0

#: A full snapshot is sent in frames of about this size, so that neither side holds it twice.
FRAME_BYTES: Final = 4 * 1024 * 1024

#: A filling is kept so long for further workers: those of a start come together, and so do those of a fault.
FILLING_SECONDS: Final = 30.0

#: So many changes are told one by one after a filling that was kept; with more, it is read anew.
MAX_AFTER_FILLING: Final = 1_000

#: So many records are read with their secrets at one time.
SECRETS_AT_ONCE: Final = 500

#: Records that are told with their secret: private keys, secret access keys, and the values of API keys.
_WITH_SECRET: Final = frozenset(
    kind.KIND for kind in (Certificate, DefaultCertificate, ValidatedCertificate, AccessKeyRecord, ApiKey)
)

#: Whatever of these is in a region makes the region one that is used.
_IN_A_REGION: Final = {kind.KIND: kind for kind in (RestApi, DomainName)}

#: A worker that lets so much wait is sent away; it comes back and is given what it missed in one piece.
MAX_UNSENT: Final = 64 * 1024 * 1024


@dataclass(slots=True, eq=False)
class Link:
    """One connected worker."""

    worker: int
    process: int
    writer: asyncio.StreamWriter = field(repr=False)
    revision: int  # the newest that it has acknowledged; 0: it serves nothing yet
    first: int  # the revision that it was brought to when it came, with which it begins if it serves nothing yet

    @property
    def acts_upon(self) -> int:
        """The oldest revision by which it may answer a client from now on."""
        return self.revision or self.first


class Feed:
    """Tells workers of changes. One an installation, in the control process.

    `ensure_region(region)` makes what a region needs (its default certificate), if it has not got it yet.
    """

    def __init__(self, store: Store, ensure_region: Callable[[str], object], regions: Iterable[str]) -> None:
        self.counters = WorkerCounters()
        self._store = store
        self._ensure_region = ensure_region
        self._regions = set(regions)
        self._links: list[Link] = []
        self._acknowledged = asyncio.Condition()
        self._filling: tuple[int, list[bytes]] | None = None
        self._filling_until = 0.0
        self._filling_lock = asyncio.Lock()
        for region in sorted(self._regions | regions_in_use(store)):
            self._prepare_region(region)
        self._revision = store.revision()

    @property
    def revision(self) -> int:
        """The newest revision that workers were told of."""
        return self._revision

    @property
    def links(self) -> Sequence[Link]:
        """The connected workers."""
        return tuple(self._links)

    def unacknowledged(self) -> Container[Place]:
        """The records of which some worker acts upon an older state, or is about to."""
        newest = self._store.revision()
        oldest = min((link.acts_upon for link in self._links), default=newest)
        if oldest >= newest:
            return frozenset()
        changes = self._store.changes_since(oldest)
        if not changes.complete:
            return _Everything()
        return frozenset((each.kind, each.account, each.region, each.key) for each in changes.changes)

    async def publish(self, revision: int) -> None:
        """`revision` is live on every worker that serves, or somebody is late, which is logged."""
        target = max(revision, self._advance())
        async with self._acknowledged:
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    await self._acknowledged.wait_for(lambda: not self._late(target))
        for link in self._late(target):
            logger.warning(
                "worker-%d (process %d) has not acknowledged revision %d within %g s; it is at %d",
                link.worker, link.process, target, PATIENCE, link.revision,
            )  # fmt: skip

    async def watch(self) -> None:
        """Looks for changes of other processes and renews certificates, until cancelled."""
        loop = asyncio.get_running_loop()
        renewal = loop.time() + RENEWAL_SECONDS
        while True:
            await asyncio.sleep(POLL_SECONDS)
            try:
                if loop.time() >= renewal:
                    renewal += RENEWAL_SECONDS
                    for region in sorted(self._regions):
                        self._prepare_region(region)
                if loop.time() >= self._filling_until:
                    self._filling = None  # some 3 kB a domain name
                if self._store.revision() != self._revision:
                    self._advance()
            except Exception as failure:  # noqa: BLE001  whatever it is, looking goes on
                told = describe_failure(failure)
                logger.error("Looking for changes failed; trying again: %s", told)  # noqa: TRY400  `told` has it all

    async def serve_worker(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One worker's connection, from its hello to its end."""
        link: Link | None = None
        decoder = FrameDecoder()
        try:
            while data := await reader.read(65_536):
                for message in decoder.feed(data):
                    match message:
                        case Hello() if link is None:
                            link = await self._welcome(message, writer)
                        case Ack() if link is not None:
                            await self._note(link, message)
                        case _:
                            raise FeedError(f"{type(message).__name__} is out of place here")  # noqa: TRY301  handled as the decoder's own
        except FeedError as error:
            logger.error("A worker's connection is closed: %s", error)  # noqa: TRY400  says all there is
        except (ConnectionError, StoreError) as error:
            logger.warning("A worker's connection is lost: %s", error)
        except asyncio.CancelledError:
            # The process ends. Streams before Python 3.12 log a connection that was cancelled as an error, so we return.
            pass
        finally:
            if link is not None and link in self._links:
                self._links.remove(link)
                self.counters.forget_gauges(link.worker, link.process)
                logger.debug("worker-%d (process %d) has left the feed", link.worker, link.process)
                await self._wake_waiting()
            writer.close()

    # -- changes ---------------------------------------------------------------------------------------------------

    def _advance(self) -> int:
        """Every worker was sent what happened up to now; the revision of now."""
        changes = self._store.changes_since(self._revision)
        if self._prepare_regions(changes):
            changes = self._store.changes_since(self._revision)
        if changes.revision == self._revision:
            return self._revision
        if not changes.complete:
            # Whoever wrote so much at once is not us. Workers come back, and are filled anew.
            logger.warning("The change log does not reach back to revision %d; filling all workers", self._revision)
            for region in sorted(regions_in_use(self._store) - self._regions):
                self._prepare_region(region)
            for link in self._links:
                link.writer.close()
        elif self._links:
            with self._store.read() as reader:
                frames = list(_frames(changes.revision, _published(changes, reader)))
            for link in self._links:
                self._send(link, frames)
        # Not before: had any of this failed, the next look would begin behind changes that nobody was told of.
        self._revision = changes.revision
        return self._revision

    def _send(self, link: Link, frames: Iterable[bytes]) -> None:
        for frame in frames:
            link.writer.write(frame)
        if link.writer.transport.get_write_buffer_size() > MAX_UNSENT:
            logger.warning("worker-%d (process %d) does not listen; closing its feed", link.worker, link.process)
            link.writer.transport.abort()

    def _prepare_regions(self, changes: Changes) -> bool:
        """True when something was made for a region that is new here."""
        named = {c.region for c in changes.changes if c.kind in _IN_A_REGION and c.document is not None}
        new = named - self._regions
        for region in sorted(new):
            self._prepare_region(region)
        return bool(new)

    def _prepare_region(self, region: str) -> None:
        self._ensure_region(region)
        self._regions.add(region)

    # -- workers ---------------------------------------------------------------------------------------------------

    async def _welcome(self, hello: Hello, writer: asyncio.StreamWriter) -> Link:
        """The worker is told what it missed and belongs to the feed from then on."""
        missed = self._store.changes_since(hello.revision) if hello.revision else None
        while missed is None or not missed.complete:
            told, frames = await self._fill()
            for frame in frames:
                writer.write(frame)
                await writer.drain()
            missed = self._store.changes_since(told)
        # From here to the end without a pause: nothing is missed between what is sent now and the next change.
        link = Link(hello.worker, hello.process, writer, hello.revision, missed.revision)
        with self._store.read() as reader:
            self._send(link, _frames(missed.revision, _published(missed, reader)))
        self._links.append(link)
        logger.debug("worker-%d (process %d) has joined the feed at %d", link.worker, link.process, missed.revision)
        return link

    async def _fill(self) -> tuple[int, list[bytes]]:
        """All published records as frames, as they were at some revision.

        They are kept for a while, since to read them is most of a worker's start: 2 s of 3 with 10,000 domain names
        (30 MB). A worker that is put back soon gets the same frames, and then what happened since. All of them say that
        more comes, so that it never serves what is no longer true.
        """
        async with self._filling_lock:
            self._filling_until = asyncio.get_running_loop().time() + FILLING_SECONDS
            if self._filling is not None:
                missed = self._store.changes_since(self._filling[0])
                if missed.complete and len(missed.changes) <= MAX_AFTER_FILLING:
                    return self._filling
            self._filling = await asyncio.to_thread(_read_all, self._store)
            return self._filling

    async def _note(self, link: Link, ack: Ack) -> None:
        link.revision = ack.revision
        self.counters.note(link.worker, link.process, ack.counters)
        await self._wake_waiting()

    async def _wake_waiting(self) -> None:
        async with self._acknowledged:
            self._acknowledged.notify_all()

    def _late(self, revision: int) -> list[Link]:
        # Also of those that serve nothing yet: clients wait for them at their socket, and they begin with what they were
        # sent first, which the change that is waited for may not be in.
        return [link for link in self._links if link.revision < revision]


class _Everything:
    """Any record may be one: the change log does not reach back to what the worker has."""

    def __contains__(self, place: object) -> bool:
        return True


def regions_in_use(store: Store) -> set[str]:
    """Every region in which there is an API or a domain name."""
    with store.read() as reader:
        return {stored.region for kind in _IN_A_REGION.values() for stored in reader.documents(kind)}


def _read_all(store: Store) -> tuple[int, list[bytes]]:
    with store.read() as reader:
        everything = (change for kind in sorted(PUBLISHED_KINDS) for change in _published_of_kind(KINDS[kind], reader))
        return reader.revision, list(_frames(reader.revision, everything, reset=True, more=True))


def _published_of_kind(kind: type[Record], reader: Reader) -> Iterator[PublishedChange]:
    stored = reader.documents(kind)
    while part := list(islice(stored, SECRETS_AT_ONCE)):
        changes = [Change(kind.KIND, each.account, each.region, each.key, each.document) for each in part]
        yield from _with_secrets(changes, reader)


def _published(changes: Changes, reader: Reader) -> Iterator[PublishedChange]:
    return _with_secrets([change for change in changes.changes if change.kind in PUBLISHED_KINDS], reader)


def _with_secrets(changes: Sequence[Change], reader: Reader) -> Iterator[PublishedChange]:
    """The changes as they are told. Documents are handed on unread, but where they name a secret."""
    names = [_secret_name(change) for change in changes]
    secrets = reader.get_secrets([name for name in names if name is not None])
    for change, name in zip(changes, names, strict=True):
        secret = None if name is None else secrets.get(name)
        told = None if secret is None else secret.decode("ascii")
        document = change.document if name is None or secret is not None else None
        yield PublishedChange(change.kind, change.account, change.region, change.key, document, told)


def _secret_name(change: Change) -> str | None:
    record = change.record if change.kind in _WITH_SECRET else None
    match record:
        case Certificate() | DefaultCertificate() | ValidatedCertificate() | AccessKeyRecord() | ApiKey():
            return record.secret_name
        case _:
            return None


def _frames(
    revision: int, changes: Iterable[PublishedChange], *, reset: bool = False, more: bool = False
) -> Iterator[bytes]:
    """The changes in frames of about `FRAME_BYTES`; at least one, since a worker acknowledges what it was sent.

    `more`: the last of them is not the end of what the worker must know before it may serve.
    """
    part: list[PublishedChange] = []
    size = 0
    for change in changes:
        length = len(change.document or "") + len(change.secret or "")
        if part and size + length > FRAME_BYTES:
            yield encode_frame(Update(revision, tuple(part), reset=reset, more=True))
            part, size, reset = [], 0, False
        part.append(change)
        size += length
    yield encode_frame(Update(revision, tuple(part), reset=reset, more=more))
