"""The values of API keys: secrets of the store, and no two of an account in a region are the same (facts 4.3).

Who has a value is asked by its digest, under a key that is a secret itself: a record holds nothing of a value that
could be guessed and tried.
"""

import hmac
from collections.abc import Sequence
from typing import Final

from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import ServiceError, conflict
from gatewright.model.identifiers import ALNUM
from gatewright.model.patch import PatchRefused
from gatewright.model.patch_tables.api_key import check_value
from gatewright.model.records import ApiKey, ApiKeyValue
from gatewright.store.port import StoreError

#: R (2024-10-10 and later): a generated value has 40 characters.
_GENERATED_LENGTH: Final = 40
_DIGEST_KEY: Final = "api-key-digest"
#: Letters and digits that hold more than the 256 bits of the digest.
_DIGEST_KEY_LENGTH: Final = 48


def new_value(call: Call, given: str | None) -> str:
    """The value that was given, if a key can have it, or a new one (R: also for an empty one)."""
    if not given:
        return call.random_text(ALNUM, _GENERATED_LENGTH)
    try:
        return check_value(given)
    except PatchRefused as refused:
        raise ServiceError(refused.code, refused.message) from refused


class Digests:
    """The digests of values, for the length of a call: the key of the store's is read once."""

    __slots__ = ("_key",)

    def __init__(self, call: Call) -> None:
        key = call.transaction.get_secret(_DIGEST_KEY)
        if key is None:
            key = call.random_text(ALNUM, _DIGEST_KEY_LENGTH).encode("ascii")
            call.transaction.put_secret(_DIGEST_KEY, key)
        self._key = key

    def of(self, value: str) -> str:
        """The digest of a value."""
        return hmac.digest(self._key, value.encode(), "sha256").hex()


def keep_value(call: Call, key: ApiKey, value: str) -> None:
    """The key, which is new, has this value; refused if another one has it."""
    digest = Digests(call).of(value)
    if holder_of(call, digest) is not None:
        raise conflict("API Key already exists")  # R (published by users of CloudFormation)
    call.transaction.put(ApiKeyValue(key.account, key.region, digest, key.id))
    call.transaction.put_secret(key.secret_name, value.encode("ascii"))


def forget_value(call: Call, key: ApiKey) -> None:
    """The key's value is gone, and another key may have it."""
    found = call.transaction.get(ApiKeyValue, key.account, key.region, Digests(call).of(value_of(call, key)))
    if found is not None:
        call.transaction.delete(found)
    call.transaction.delete_secret(key.secret_name)


def holder_of(call: Call, digest: str) -> str | None:
    """The id of the caller's key in the region that has the value of this digest."""
    found = call.transaction.get(ApiKeyValue, call.account, call.region, digest)
    return None if found is None else found.key_id


def value_of(call: Call, key: ApiKey) -> str:
    """The key's value."""
    return values_of(call, [key])[0]


def values_of(call: Call, keys: Sequence[ApiKey]) -> list[str]:
    """The values of these keys, in their order."""
    secrets = call.transaction.get_secrets([key.secret_name for key in keys])
    try:
        return [secrets[key.secret_name].decode("ascii") for key in keys]
    except KeyError as missing:
        raise StoreError(f"the secret {missing} is missing from the store though its API key is there") from None
