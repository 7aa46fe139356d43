"""Which clients have come with which certificates lately: what `gatewright truststore check --impact` looks at.

One line a domain name, certificate and day in `{data-dir}/logs/clients`, in files that a journal bounds as it bounds those
of requests. A line holds the client's certificate and whether it was let in; certificates are public, and the files are
the gateway's own all the same. To note a client costs a look-up a connection, and nothing a request.
"""

from base64 import b64encode
from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from json.encoder import encode_basestring_ascii as _quote
from typing import Final

from gatewright.core.reasons import Reason
from gatewright.dataplane.journal import FLUSH_SECONDS
from gatewright.dataplane.ports import Lines

#: 4 files of 4 MB a worker, at some 1.5 kB a line: 10,000 clients a day and worker.
FILE_BYTES: Final = 4 * 1024 * 1024
_REPEAT_SECONDS: Final = 86_400.0
#: Clients whose line of today is remembered, at some 200 bytes; of others there may be two lines a day, or more.
_MAX_NOTED: Final = 16_384
#: Bytes of lines about clients that are refused, a worker and day: an eighth of the files. Anybody can make certificates and
#: show them; those who are let in must not go from the files for it.
_MAX_REFUSED_BYTES: Final = 2 * 1024 * 1024
#: Of a line, beside its certificate.
_LINE_BYTES: Final = 150


class SeenClients:
    """What one worker has noted. `call_later` is an event loop's."""

    __slots__ = ("_call_later", "_lines", "_noted", "_refused_bytes", "_refused_since")

    def __init__(self, lines: Lines, call_later: Callable[[float, Callable[[], None]], object]) -> None:
        self._lines = lines
        self._call_later = call_later
        self._noted: OrderedDict[tuple[str, bytes, bool], float] = OrderedDict()
        self._refused_since = 0.0
        self._refused_bytes = 0

    def note(self, domain_name: str, certificate: bytes, refusal: Reason | None, now: float) -> None:
        """A client came to the domain name with that certificate (DER), and was let in unless there is a refusal."""
        key = (domain_name, sha256(certificate).digest(), refusal is None)
        noted = self._noted.get(key)
        if noted is not None and now - noted < _REPEAT_SECONDS:
            return
        if refusal is not None and not self._has_room_for_refused(len(certificate), now):
            return
        self._noted[key] = now
        self._noted.move_to_end(key)
        if len(self._noted) > _MAX_NOTED:
            self._noted.popitem(last=False)
        reason = "null" if refusal is None else _quote(refusal.code)
        line = (
            f'{{"domainName":{_quote(domain_name)},"seenAt":{int(now)},"reason":{reason},'
            f'"certificate":"{b64encode(certificate).decode()}"}}\n'
        )
        if self._lines.append(line):
            self._call_later(FLUSH_SECONDS, self._lines.flush)

    def _has_room_for_refused(self, size: int, now: float) -> bool:
        """Whether another certificate of this size that was refused may be noted; if so, it is counted."""
        if now - self._refused_since >= _REPEAT_SECONDS:
            self._refused_since, self._refused_bytes = now, 0
        told = self._refused_bytes + _LINE_BYTES + size * 4 // 3  # base64
        if told > _MAX_REFUSED_BYTES:
            return False
        self._refused_bytes = told
        return True
