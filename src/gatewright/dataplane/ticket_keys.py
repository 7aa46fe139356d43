"""Session tickets that every worker can open: the keys are drawn before the workers are forked, and lent to bindings.

What this module knows:

- OpenSSL draws the keys that seal its session tickets when a context is made, and Python's `ssl` cannot set them. But a
  session seals and opens tickets with the keys of the context that it *begins* with, also when it goes on with another
  (`SSLObject.context`, SSL_set_SSL_CTX). So bare contexts, which differ in nothing but their keys, are made once in the
  supervisor; each worker, started again or not, has the same ones.
- From the context that it begins with a session also keeps the oldest version, the suites of TLS 1.3, the groups, the options
  and the number of tickets; certificate, older suites, security level and ALPN come from the one that it goes on with.
- OpenSSL resumes whatever its key opens, without a look at the server name. RFC 6066 section 3 forbids to resume for another
  name, and a client could skip the certificate of the other domain. So a key belongs to one binding, certificate
  and security policy; the rotation of a certificate ends its sessions.

The rules this file keeps:

- Which binding has which key stands in memory that the workers share, and is changed under a lock that the kernel takes
  back from a process that dies.
- A key is lent to another binding only when every ticket of the one before has expired.
- When all keys are lent, the binding goes without, and its sessions are resumed only by the worker that began them.
- Keys are never written down, and live as long as the supervisor. Rotating them meanwhile would take a way to
  hand new ones to running workers, which OpenSSL has and Python's `ssl` has not. What that costs: in TLS 1.3 nothing that
  was recorded can be read with them later (resumption draws a fresh Diffie-Hellman secret, psk_dhe_ke); in TLS 1.2 the
  sessions that were resumed by ticket can, by somebody who reads the memory of the process. nginx keeps its own as long.

Domains that ask for client certificates have no part in this: nothing of theirs is resumed (`dataplane.mutual_tls`).
"""

import fcntl
import mmap
import os
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from struct import Struct
from typing import Final

from gatewright.core.tls.security_policy import SecurityPolicy
from gatewright.dataplane.tls_policy import apply_policy

#: Domains whose sessions all workers resume at one time. A bare context costs 12 kB and 0.1 ms, once an installation.
_KEYS: Final = 256
#: OpenSSL's own, which Python cannot change (SSL_CTX_set_timeout(3)); it is in the ticket, and told to the client.
TICKET_SECONDS: Final = 7_200
#: How exactly the time of a key's last use is kept: to write it down at each handshake would buy nothing.
_STAMP_SECONDS: Final = 60

#: Whose key it is, and when it was used last.
_ENTRY: Final = Struct("=16sd")


def make_bare_context() -> ssl.SSLContext:
    """A server context without a certificate; what all our sessions have in common is set."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    # OpenSSL's default of two serves clients that open several connections at once with one-time tickets; the second
    # costs each full handshake 13 µs, some 3 %, and each resumption grants a new one anyhow.
    context.num_tickets = 1
    return context


def render_owner(*parts: str) -> bytes:
    """What stands in the table for the binding, certificate and security policy that a key is lent to."""
    return blake2b("\0".join(parts).encode(), digest_size=16).digest()


class TicketKeys:
    """The keys of one installation. Made before the fork; each worker uses its copy, the table is one and the same."""

    __slots__ = ("_contexts", "_file", "_full_of", "_full_until", "_numbers", "_owners", "_table")

    def __init__(self, count: int = _KEYS) -> None:
        self._contexts = [make_bare_context() for _ in range(count)]
        self._file = _open_nameless_file()
        size = max(count * _ENTRY.size, 1)
        os.ftruncate(self._file, size)
        self._table = mmap.mmap(self._file, size)
        self._numbers: dict[bytes, int] = {}  # the keys that this worker has met, by owner
        self._owners: dict[int, bytes] = {}  # and the other way round
        self._full_until = 0.0  # until then no key is free
        self._full_of: frozenset[bytes] = frozenset()  # whose the keys are meanwhile

    def __repr__(self) -> str:
        lent = sum(stamped > 0 for _, stamped in _ENTRY.iter_unpack(self._table[: self._size]))
        return f"<TicketKeys {lent} of {len(self._contexts)} lent>"

    def lend(self, owner: bytes, policy: SecurityPolicy, now: float) -> ssl.SSLContext | None:
        """The context that a session of this owner begins with; None when all keys are lent to others."""
        number = self._numbers.get(owner)
        if number is not None:
            found, stamped = _ENTRY.unpack_from(self._table, number * _ENTRY.size)
            # Nobody else takes a key that was stamped so lately, so this needs no lock.
            if found == owner and 0 <= now - stamped < _STAMP_SECONDS:
                return self._contexts[number]
        elif now < self._full_until and owner not in self._full_of:
            return None
        with self._lock():
            number = self._find(owner)
            if number is None:
                number = self._find_expired(now)
            if number is None:
                # Whoever goes without meanwhile need not search the table at each handshake, which would be 30,000 instructions.
                self._full_until = now + _STAMP_SECONDS
                self._full_of = frozenset(lent for lent, _ in _ENTRY.iter_unpack(self._table[: self._size]))
                return None
            _ENTRY.pack_into(self._table, number * _ENTRY.size, owner, now)
        self._remember(number, owner)
        context = self._contexts[number]
        apply_policy(context, policy)
        return context

    @property
    def _size(self) -> int:
        return len(self._contexts) * _ENTRY.size

    def _remember(self, number: int, owner: bytes) -> None:
        before = self._owners.get(number)
        if before is not None and before != owner:
            self._numbers.pop(before, None)
        self._owners[number] = owner
        self._numbers[owner] = number

    def _find(self, owner: bytes) -> int | None:
        position = self._table.find(owner)
        while position >= 0 and position % _ENTRY.size:
            position = self._table.find(owner, position + 1)
        return None if position < 0 else position // _ENTRY.size

    def _find_expired(self, now: float) -> int | None:
        """The key that has been idle for the longest time, if its last ticket has expired; OpenSSL goes by the same clock."""
        # One that was never lent was stamped in 1970.
        entries = enumerate(_ENTRY.iter_unpack(self._table[: self._size]))
        stamped, number = min(((stamped, number) for number, (_, stamped) in entries), default=(now, 0))
        return number if now - stamped > TICKET_SECONDS + _STAMP_SECONDS else None

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Held for some microseconds. POSIX record locks belong to a process, so those of one that is killed are gone."""
        fcntl.lockf(self._file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN)


def _open_nameless_file() -> int:
    """A file that no name leads to: in memory where the system can."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("ticket-keys", os.MFD_CLOEXEC)
    descriptor, path = tempfile.mkstemp()
    Path(path).unlink()
    return descriptor
