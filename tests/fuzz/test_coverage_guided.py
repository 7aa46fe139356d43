"""A short run of the coverage-guided fuzzer, as `make fuzz` does it for longer."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
#: The sources before what is installed: only Python code can be instrumented, not what was compiled.
PYTHONPATH = f"{TESTS.parent / 'src'}{os.pathsep}{TESTS}"


@pytest.mark.e2e
@pytest.mark.parametrize("kind", ["requests", "answers"])
def test_a_coverage_guided_run_finds_nothing(kind, tmp_path):
    pytest.importorskip("atheris", reason="atheris has no wheel for this platform")
    run = subprocess.run(
        [sys.executable, "-m", "fuzz.http1", kind, "--seconds", "10"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": PYTHONPATH},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert 0 == run.returncode, run.stderr[-4_000:]
    executed = int(run.stderr.rpartition("stat::number_of_executed_units:")[2].split()[0])
    assert executed > 1_000
    assert [] == list(tmp_path.iterdir())


@pytest.mark.e2e
def test_what_breaks_a_rule_is_told(tmp_path):
    pytest.importorskip("atheris", reason="atheris has no wheel for this platform")
    (tmp_path / "input").write_bytes(b"\0GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    blind = (
        "import support.http1_stage as stage; stage.read_by_h11 = lambda data: []\n"
        "import sys, fuzz.http1; sys.argv[1:] = ['requests', '--input', 'input']; fuzz.http1.main()"
    )
    run = [sys.executable, "-c", blind]
    told = subprocess.run(
        run, cwd=tmp_path, env={**os.environ, "PYTHONPATH": PYTHONPATH}, capture_output=True, text=True, check=False
    )
    assert 0 != told.returncode
    assert "AssertionError" in told.stderr
