"""The fuzzers of HTTP/1.1 work, and find nothing where a test may look: in the same inputs each time.

`make fuzz` runs for long and goes elsewhere each time. Here nothing is left to chance: a run that found something new
would fail a change that has nothing to do with it, and pass the next time. What `make fuzz` finds is kept as a specimen.
"""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(find_spec("atheris") is None, reason="atheris has no wheel for this platform"),
]

TESTS = Path(__file__).parents[1]
#: The sources before what is installed: only Python code can be instrumented, not what was compiled.
PYTHONPATH = f"{TESTS.parent / 'src'}{os.pathsep}{TESTS}"

SPOILT = (
    "import support.http1_stage as stage; stage.read_by_h11 = lambda data: []\n"
    "import sys, fuzz.http1; sys.argv[1:] = {arguments!r}; fuzz.http1.main()"
)


def fuzz(folder, *command):
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": PYTHONPATH, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("kind", ["requests", "answers"])
def test_the_coverage_guided_fuzzer_begins_with_the_specimens_and_sees_what_they_reach(kind, tmp_path):
    run = fuzz(tmp_path, "-m", "fuzz.http1", kind, "--runs", "0")
    assert 0 == run.returncode, run.stderr[-4_000:]
    executed = int(run.stderr.rpartition("stat::number_of_executed_units:")[2].split()[0])
    assert executed > 200
    assert int(re.findall(r" cov: (\d+) ", run.stderr)[-1]) > 150
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(("kind", "count"), [("requests", 3_000), ("answers", 6_000)])
def test_mutants_of_the_specimens_break_no_rule(kind, count, tmp_path):
    run = fuzz(tmp_path, "-m", "fuzz.http1", kind, "--mutants", str(count), "--seed", "1")
    assert (0, f"{count} inputs broke no rule\n") == (run.returncode, run.stdout), run.stderr[-4_000:]
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("how", [["--input", "input"], ["--mutants", "100"]])
def test_what_breaks_a_rule_is_told_and_kept(how, tmp_path):
    (tmp_path / "input").write_bytes(b"\0GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    told = fuzz(tmp_path, "-c", SPOILT.format(arguments=["requests", *how]))
    assert 0 != told.returncode
    assert "AssertionError" in told.stderr
    for kept in tmp_path.glob("crash-*"):
        again = fuzz(tmp_path, "-c", SPOILT.format(arguments=["requests", "--input", kept.name]))
        assert "AssertionError" in again.stderr
    assert len(list(tmp_path.glob("crash-*"))) == (how[0] == "--mutants")
