"""Stores for tests: real ones, in a file of the test's own."""

from pathlib import Path

from gatewright.store.port import Store
from gatewright.store.secrets import SecretBox
from gatewright.store.sqlite import open_store


def make_store(folder: Path, **options: int) -> Store:
    """An SQLite store in this folder, with its key beside it; called again, the same store opened once more."""
    return open_store(folder / "gatewright.db", SecretBox.open(folder / "secret.key"), **options)
