"""Secrets at rest: sealed with AES-256-GCM under one key, which lies in a file beside the database.

What this module knows: the form of a sealed secret (one byte of version, a random 96-bit nonce, ciphertext with its
128-bit tag; NIST SP 800-38D 8.2.2 allows 2**32 random nonces a key, and a store seals far fewer). What it keeps to:

- The name of a secret is authenticated with it: one secret cannot be passed off as another by swapping rows.
- Neither the key nor a secret is in a `repr` or a message.
- The key file is its owner's alone, and appears whole or not at all.
"""

import os
import secrets
import stat
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gatewright.store.port import StoreError

_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_VERSION: Final = b"\x01"
_DOMAIN: Final = b"gatewright secret\x00"


class SecretBox:
    """Seals and unseals secrets under one key."""

    __slots__ = ("_cipher", "origin")

    def __init__(self, key: bytes, origin: str = "a key in memory") -> None:
        if len(key) != _KEY_BYTES:
            raise StoreError(f"a secret key has {_KEY_BYTES} bytes, {origin} has {len(key)}")
        self._cipher = AESGCM(key)
        self.origin = origin

    @classmethod
    def open(cls, path: Path, database: Path | None = None) -> "SecretBox":
        """The box whose key is in the file, which is made (with a random key) if it is not there.

        It is not made beside a `database` that has content: whatever is sealed there was sealed with the key that is missing.
        """
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not path.exists():
                if database is not None and database.exists() and database.stat().st_size > 0:
                    raise StoreError(
                        f"the secret key file {path} is missing, and the secrets in {database} cannot be read without it: "
                        "put it back from a copy, or start with an empty data directory"
                    )
                _write_new_key(path)
            return cls(_read_key(path), str(path))
        except OSError as error:
            raise StoreError(f"the secret key file {path} cannot be used: {error.strerror}") from error

    def __repr__(self) -> str:
        return f"SecretBox({self.origin!r})"

    def seal(self, name: str, value: bytes) -> bytes:
        """The sealed form of a secret of this name; never the same twice."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, value, _DOMAIN + name.encode())

    def unseal(self, name: str, sealed: bytes) -> bytes:
        """The secret, or `StoreError` if this key did not seal it, or not under this name, or it was altered."""
        # A view: what is sealed may be large.
        version, nonce, ciphertext = sealed[:1], sealed[1 : 1 + _NONCE_BYTES], memoryview(sealed)[1 + _NONCE_BYTES :]
        if version != _VERSION:
            raise StoreError(f"the secret {name} is in a form that this release does not know")
        try:
            return self._cipher.decrypt(nonce, ciphertext, _DOMAIN + name.encode())
        except (InvalidTag, ValueError):  # ValueError: cut off within nonce or tag
            raise StoreError(f"the secret {name} was not sealed with {self.origin}, or was altered since") from None


def _write_new_key(path: Path) -> None:
    """A key file at `path`, ours or that of another process that was quicker.

    Written under a name of its own and then linked: a death in between leaves no short key behind, and of two processes
    that start together one decides.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            return
    finally:
        draft.unlink()
    # Nothing may be sealed with a key whose name could be lost in a power cut.
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _read_key(path: Path) -> bytes:
    with path.open("rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & 0o077:
            raise StoreError(
                f"the secret key file {path} can be read by others (its mode is {mode:04o}): take that away with "
                f"`chmod 600 {path}`, and replace the private keys it protects if others had access"
            )
        key = file.read(_KEY_BYTES + 1)
    if len(key) != _KEY_BYTES:
        found = "more" if len(key) > _KEY_BYTES else str(len(key))
        raise StoreError(
            f"the secret key file {path} should hold {_KEY_BYTES} bytes and holds {found}: restore it from a copy; "
            f"without it the secrets of the store beside it are lost"
        )
    return key
