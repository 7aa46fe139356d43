"""`{data-dir}/credentials`: access keys where AWS clients and people look for them.

What this module knows: the ini form of AWS's shared credentials file. What it keeps to:

- The store decides; the file is its shadow, mended at each start.
- The profile of the default account is `default`; another account's is its id.
- It is readable by its owner alone.
"""

from __future__ import annotations

import configparser
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Final

from gatewright.app.private_file import write_private
from gatewright.settings.root_credentials import RootCredentials

DEFAULT_PROFILE: Final = "default"


class CredentialsUnreadable(ValueError):
    """The file is not in its form any more; the text says what to do."""


@dataclass(frozen=True, slots=True)
class AccessKeyPair:
    """An access key with its secret, as a client needs it."""

    account: str
    access_key_id: str
    secret_access_key: str = field(repr=False)


def write_credentials(path: Path, pair: AccessKeyPair, profile: str = DEFAULT_PROFILE) -> None:
    """The file has this key under that profile, beside the profiles it had; it is its owner's alone."""
    file = _read(path)
    members = {"aws_access_key_id": pair.access_key_id, "aws_secret_access_key": pair.secret_access_key}
    is_private = path.exists() and path.stat().st_mode & 0o077 == 0
    if is_private and file.has_section(profile) and dict(file[profile]) == members:
        return
    file[profile] = members
    text = StringIO()
    file.write(text)
    write_private(path, text.getvalue())


def read_credentials(path: Path, profile: str = DEFAULT_PROFILE) -> RootCredentials | None:
    """The key under that profile, or None."""
    file = _read(path)
    try:
        section = file[profile]
        return RootCredentials(section["aws_access_key_id"], section["aws_secret_access_key"])
    except KeyError:
        return None


def _read(path: Path) -> configparser.RawConfigParser:
    # In AWS's files `default` is a profile like others, not the section that others inherit from.
    file = configparser.RawConfigParser(default_section="")
    try:
        file.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        raise CredentialsUnreadable(
            f"the credentials file {path} is not in the AWS ini form any more: remove it, it is written anew at a start"
        ) from None
    return file
