"""A transaction for operations that only read: it shows what a reader shows and refuses to change anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NoReturn, TypeVar

from gatewright.model.records import Record
from gatewright.store.port import Reader, StoredDocument

R = TypeVar("R", bound=Record)


class ReadOnly:
    """A `Transaction` around a reader. Writing through it is our own bug: the operation is named like one that reads."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    @property
    def revision(self) -> int:
        """The newest committed revision that the reader shows."""
        return self._reader.revision

    def get(self, kind: type[R], account: str, region: str, *key: str) -> R | None:
        """As the reader."""
        return self._reader.get(kind, account, region, *key)

    def get_many(
        self, kind: type[R], account: str, region: str, keys: Sequence[tuple[str, ...]]
    ) -> Mapping[tuple[str, ...], R]:
        """As the reader."""
        return self._reader.get_many(kind, account, region, keys)

    def list_under(
        self,
        kind: type[R],
        account: str,
        region: str,
        *prefix: str,
        after: tuple[str, ...] | None = None,
        limit: int | None = None,
        descending: bool = False,
    ) -> list[R]:
        """As the reader."""
        return self._reader.list_under(kind, account, region, *prefix, after=after, limit=limit, descending=descending)

    def find(self, kind: type[R], *key: str) -> list[R]:
        """As the reader."""
        return self._reader.find(kind, *key)

    def all(self, kind: type[R]) -> Iterator[R]:
        """As the reader."""
        return self._reader.all(kind)

    def documents(self, kind: type[Record]) -> Iterator[StoredDocument]:
        """As the reader."""
        return self._reader.documents(kind)

    def get_secret(self, name: str) -> bytes | None:
        """As the reader."""
        return self._reader.get_secret(name)

    def get_secrets(self, names: Sequence[str]) -> Mapping[str, bytes]:
        """As the reader."""
        return self._reader.get_secrets(names)

    def get_blob(self, name: str) -> bytes | None:
        """As the reader."""
        return self._reader.get_blob(name)

    def put(self, record: Record) -> NoReturn:
        """Refused."""
        raise AssertionError(f"A read-only operation tried to put a {record.KIND}.")

    def put_many(self, records: Iterable[Record]) -> NoReturn:
        """Refused."""
        raise AssertionError(f"A read-only operation tried to put {sorted({each.KIND for each in records})}.")

    def delete(self, record: Record) -> NoReturn:
        """Refused."""
        raise AssertionError(f"A read-only operation tried to delete a {record.KIND}.")

    def delete_under(self, kind: type[R], account: str, region: str, *prefix: str) -> NoReturn:  # noqa: ARG002
        """Refused."""
        raise AssertionError(f"A read-only operation tried to delete {kind.KIND} records.")

    def put_secret(self, name: str, value: bytes) -> NoReturn:  # noqa: ARG002
        """Refused."""
        raise AssertionError(f"A read-only operation tried to keep the secret {name}.")

    def put_secrets(self, values: Mapping[str, bytes]) -> NoReturn:
        """Refused."""
        raise AssertionError(f"A read-only operation tried to keep the secrets {', '.join(values)}.")

    def delete_secret(self, name: str) -> NoReturn:
        """Refused."""
        raise AssertionError(f"A read-only operation tried to forget the secret {name}.")

    def put_blob(self, name: str, content: bytes) -> NoReturn:  # noqa: ARG002
        """Refused."""
        raise AssertionError(f"A read-only operation tried to keep the blob {name}.")

    def delete_blob(self, name: str) -> NoReturn:
        """Refused."""
        raise AssertionError(f"A read-only operation tried to forget the blob {name}.")
