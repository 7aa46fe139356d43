"""`examples/custom-domain.sh`, as a newcomer would run it: the AWS CLI, openssl and curl against a running gateway."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.apis import NOTHING_LEFT, leftovers
from support.gateway import bare_environment

pytestmark = pytest.mark.e2e

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
_MISSING = [program for program in ("bash", "openssl", "curl") if shutil.which(program) is None]
needs_programs = pytest.mark.skipif(bool(_MISSING), reason=f"not on this machine: {', '.join(_MISSING)}")


def with_programs(environment, folder):
    """The environment, with the virtual environment's commands first on the PATH and temporary files in `folder`."""
    programs = str(Path(sys.executable).parent)
    return {**environment, "PATH": os.pathsep.join([programs, environment["PATH"]]), "TMPDIR": str(folder)}


def run_script(environment, folder):
    return subprocess.run(
        [EXAMPLES / "custom-domain.sh"],
        env=with_programs(environment, folder),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


@pytest.fixture(scope="module")
def finished(gateway, tmp_path_factory):
    """The script, run to its end, and the folder in which it worked."""
    folder = tmp_path_factory.mktemp("script")
    environment = {**gateway.environment, "GATEWRIGHT_HTTPS": f"127.0.0.1:{gateway.https_port}"}
    # What `gatewright env` prints is the script's own business.
    for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        environment.pop(name)
    return run_script(environment, folder), folder


@needs_programs
def test_the_backend_is_reached_through_the_name_with_exactly_its_certificate(finished):
    done, _ = finished
    assert 0 == done.returncode, done.stdout + done.stderr
    assert "Done: the backend was reached through the name, with exactly its certificate." in done.stdout
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["www.example.com", "www.example.com"] in lines
    assert ["shop.example.com", "*.example.com"] in lines
    assert ["unknown.example.org", "*.execute-api.us-east-1.gateway.localhost"] in lines


@needs_programs
def test_the_domain_names_answer_carries_where_to_point_dns(finished):
    done, _ = finished
    described = [line.split("\t") for line in done.stdout.splitlines() if line.startswith("d-")]
    assert 2 == len(described)
    for name, hosted_zone, status in described:
        assert name.endswith(".execute-api.us-east-1.gateway.localhost")
        assert ("Z1UJRXOUMOOFQ8", "AVAILABLE") == (hosted_zone, status)


@needs_programs
def test_it_leaves_nothing_behind(gateway, finished):
    _, folder = finished
    assert NOTHING_LEFT == leftovers(gateway.client("apigateway"), gateway.client("acm"))
    assert [] == list(folder.iterdir())


@needs_programs
def test_where_nothing_was_ever_started_it_says_how_to_start_a_gateway(tmp_path):
    (tmp_path / "work").mkdir()
    done = run_script(bare_environment(GATEWRIGHT_DATA_DIR=str(tmp_path / "none")), tmp_path / "work")
    assert 0 != done.returncode
    assert "custom-domain.sh: there is no gateway here yet; start one with: make serve" in done.stderr


@needs_programs
def test_where_the_gateway_has_stopped_it_says_so_and_changes_nothing(unstarted, tmp_path):
    unstarted.start()
    unstarted.stop()
    (tmp_path / "work").mkdir()
    # The port of another test's gateway would be an answer; nobody listens on port 1.
    environment = bare_environment(GATEWRIGHT_DATA_DIR=str(unstarted.data_dir), GATEWRIGHT_CONTROL="127.0.0.1:1")
    done = run_script(environment, tmp_path / "work")
    assert 0 != done.returncode
    assert "custom-domain.sh: no gateway answers at http://127.0.0.1:1; start one with: make serve" in done.stderr
    assert "4. Import" not in done.stdout
