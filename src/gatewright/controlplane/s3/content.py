"""The content of objects, in the store's blobs.

A blob is what one request brought, a whole object or a part of a multipart upload, and is written once: what is copied is
written anew, so that each blob belongs to one record and goes with it.
"""

from __future__ import annotations

from collections.abc import Iterable

from gatewright.controlplane.call import Call
from gatewright.controlplane.s3.faults import fault
from gatewright.model.identifiers import ALNUM
from gatewright.model.records import Blob, ObjectVersion
from gatewright.store.port import Reader, Transaction

#: The largest object. S3's limit is 50 TB; here an object is held in memory while it is written and read, and the largest
#: that API Gateway reads, a truststore, has 1 MB (facts 3.1).
MAX_OBJECT_BYTES = 100 * 1024 * 1024


def check_size(size: int) -> None:
    """Raises EntityTooLarge when an object may not be so large."""
    if size > MAX_OBJECT_BYTES:
        raise fault("EntityTooLarge", ProposedSize=size, MaxSizeAllowed=MAX_OBJECT_BYTES)


def keep_content(call: Call, content: bytes) -> Blob:
    """The content as a blob of the store."""
    name = call.random_text(ALNUM, 32)
    call.transaction.put_blob(name, content)
    return Blob(name, len(content))


def delete_content(transaction: Transaction, content: Iterable[Blob]) -> None:
    """The blobs are gone."""
    for blob in content:
        transaction.delete_blob(blob.name)


def read_content(reader: Reader, version: ObjectVersion, first: int = 0, end: int | None = None) -> bytes:
    """The bytes of a version from `first` up to `end`; blobs that hold none of them are not read."""
    end = version.size if end is None else end
    pieces, position = [], 0
    for blob in version.content:
        if position < end and first < position + blob.size:
            piece = reader.get_blob(blob.name)
            assert piece is not None, f"Our own bug: the content {blob.name} of a stored version is not there."
            pieces.append(piece[max(0, first - position) : end - position])
        position += blob.size
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)
