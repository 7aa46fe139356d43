"""Fixtures every test may use: where the shared corpora are, if they are."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of data that others made; tests that read it skip where it is absent."""
    if not SHARED.is_dir():
        pytest.skip(f"the shared corpora are not beside this checkout ({SHARED} is not a folder)")
    return SHARED
