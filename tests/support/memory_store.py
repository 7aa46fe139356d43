"""A store that lives in a dictionary: the port's meaning without its durability, for tests of what stands above it."""

import copy
from contextlib import contextmanager

from gatewright.model import codec
from gatewright.model.records import PUBLISHED_KINDS
from gatewright.store.port import Change, Changes, StoredDocument


class MemoryTransaction:
    def __init__(self, records, secrets, revision):
        self.records, self.secrets, self.revision, self.touched = records, secrets, revision, {}

    def get(self, kind, account, region, *key):
        return self.records.get((kind.KIND, account, region, key))

    def get_many(self, kind, account, region, keys):
        found = {key: self.get(kind, account, region, *key) for key in keys}
        return {key: record for key, record in found.items() if record is not None}

    def list_under(self, kind, account, region, *prefix, after=None, limit=None, descending=False):
        where = (kind.KIND, account, region)
        return [
            record
            for at, record in sorted(self.records.items(), key=lambda item: item[0], reverse=descending)
            if at[:3] == where
            and at[3][: len(prefix)] == prefix
            and (after is None or (at[3] < after if descending else at[3] > after))
        ][:limit]

    def find(self, kind, *key):
        return [record for at, record in sorted(self.records.items()) if at[0] == kind.KIND and at[3] == key]

    def all(self, kind):
        return iter([record for at, record in sorted(self.records.items()) if at[0] == kind.KIND])

    def documents(self, kind):
        return (StoredDocument(r.account, r.region, r.key, codec.encode(r)) for r in self.all(kind))

    def get_secret(self, name):
        return self.secrets.get(name)

    def get_secrets(self, names):
        return {name: self.secrets[name] for name in names if name in self.secrets}

    def put(self, record):
        at = (record.KIND, record.account, record.region, record.key)
        self.records[at] = self.touched[at] = record

    def put_many(self, records):
        for record in records:
            self.put(record)

    def delete(self, record):
        at = (record.KIND, record.account, record.region, record.key)
        del self.records[at]
        self.touched[at] = None

    def delete_under(self, kind, account, region, *prefix):
        found = self.list_under(kind, account, region, *prefix)
        for record in found:
            self.delete(record)
        return len(found)

    def put_secret(self, name, value):
        self.secrets[name] = value

    def put_secrets(self, values):
        self.secrets.update(values)

    def delete_secret(self, name):
        self.secrets.pop(name, None)

    # Blobs lie among the secrets, under names that no secret has.
    def get_blob(self, name):
        return self.secrets.get(("blob", name))

    def put_blob(self, name, content):
        assert ("blob", name) not in self.secrets
        self.secrets["blob", name] = content

    def delete_blob(self, name):
        self.secrets.pop(("blob", name), None)


class MemoryStore:
    def __init__(self):
        self._records, self._secrets, self._log = {}, {}, []

    def fork(self):
        """Another store that begins as this one is now; records are never changed in place, so they are shared."""
        fork = MemoryStore()
        fork._records, fork._secrets, fork._log = self._records, self._secrets, list(self._log)
        return fork

    @contextmanager
    def transaction(self):
        transaction = MemoryTransaction(copy.copy(self._records), copy.copy(self._secrets), self.revision())
        yield transaction
        self._records, self._secrets = transaction.records, transaction.secrets
        self._log.append(transaction.touched)

    @contextmanager
    def read(self):
        yield MemoryTransaction(copy.copy(self._records), copy.copy(self._secrets), self.revision())

    def revision(self):
        return len(self._log)

    def changes_since(self, revision):
        newest = {}
        for touched in self._log[revision:]:
            newest.update(touched)
        return Changes(
            self.revision(),
            [Change(*at, record and codec.encode(record)) for at, record in newest.items() if at[0] in PUBLISHED_KINDS],
        )

    def close(self):
        pass
