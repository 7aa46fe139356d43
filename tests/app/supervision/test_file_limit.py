"""Limits are a process's own, so each is set and raised in one of its own."""

import subprocess
import sys

import pytest

SCRIPT = """
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[1]), int(sys.argv[2])))
from gatewright.app.supervision.file_limit import raise_file_limit
raise_file_limit()
print(*resource.getrlimit(resource.RLIMIT_NOFILE))
"""


@pytest.mark.parametrize(("soft", "hard", "expected"), [(256, 2048, "2048 2048\n"), (512, 512, "512 512\n")])
def test_as_many_files_as_we_are_allowed(soft, hard, expected):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(soft), str(hard)], capture_output=True, text=True, check=True, timeout=60
    )
    assert expected == done.stdout
