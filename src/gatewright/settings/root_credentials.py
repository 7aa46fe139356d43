"""The access key of the root of the default account, where the operator chooses it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from gatewright.settings.refusal import refuse

# IAM's AccessKey data type: 16 to 128 word characters.
# https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKey.html
_ACCESS_KEY_ID = re.compile(r"\w{16,128}", re.ASCII)
_SECRET_ACCESS_KEY = re.compile(r"[!-~]{8,128}", re.ASCII)


@dataclass(frozen=True, slots=True)
class RootCredentials:
    """An access key of an account's root, as the operator chose it."""

    access_key_id: str
    secret_access_key: str = field(repr=False)


def parse_root_credentials(access_key_id: str | None, secret_access_key: str | None) -> RootCredentials | None:
    """Both or none of the variables that set the root's access key; the secret is in no message."""
    if not access_key_id and not secret_access_key:
        return None
    if not access_key_id or not secret_access_key:
        there = "GATEWRIGHT_ROOT_ACCESS_KEY_ID" if access_key_id else "GATEWRIGHT_ROOT_SECRET_ACCESS_KEY"
        missing = "GATEWRIGHT_ROOT_SECRET_ACCESS_KEY" if access_key_id else "GATEWRIGHT_ROOT_ACCESS_KEY_ID"
        refuse(missing, f"expected it beside {there}, found it unset", "set both, or none to have a key made")
    if not _ACCESS_KEY_ID.fullmatch(access_key_id):
        refuse(
            "GATEWRIGHT_ROOT_ACCESS_KEY_ID",
            "expected 16 to 128 letters, digits and underscores, found something else",
            "an id looks like AKIAIOSFODNN7EXAMPLE",
        )
    if not _SECRET_ACCESS_KEY.fullmatch(secret_access_key):
        refuse(
            "GATEWRIGHT_ROOT_SECRET_ACCESS_KEY",
            "expected 8 to 128 printable ASCII characters without spaces, found something else",
            "forty random ones are usual",
        )
    return RootCredentials(access_key_id, secret_access_key)
