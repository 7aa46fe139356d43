"""The README's walk-through, run as it stands: every `sh` block in order, in one bash.

Three substitutions make it fit a test, and nothing else is changed: the HTTPS listener's port and the backend's port are
free ones instead of 8443 and 9000, and the virtual environment that is activated is the one that runs the tests. It runs
in a folder of its own that sees the repository's `examples`. Between two lines of a block the shell stops at the first
failure.
"""

import re
import shlex
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from support.apis import ApiBuilder
from support.gateway import bare_environment
from support.https import ask

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
_MISSING = [program for program in ("bash", "openssl", "curl") if shutil.which(program) is None]


def substitute(text, *replacements):
    """The text with each `old` replaced, which must be there."""
    for old, new in replacements:
        assert old in text, f"the README no longer says {old}: this test must follow it"
        text = text.replace(old, new)
    return text


@pytest.fixture(scope="module")
def finished(gateway, tmp_path_factory):
    """The walk-through, run to its end."""
    if _MISSING:
        pytest.skip(f"not on this machine: {', '.join(_MISSING)}")
    folder = tmp_path_factory.mktemp("newcomer")
    (folder / "examples").symlink_to(ROOT / "examples")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        backend = str(free.getsockname()[1])
    script = substitute(
        "".join(f"echo '=== block {number}'\n{block}" for number, block in enumerate(BLOCKS)),
        ("source .venv/bin/activate", f"PATH={shlex.quote(str(Path(sys.executable).parent))}:$PATH"),
        ("8443", str(gateway.https_port)),
        ("9000", backend),
    )
    # `&` starts the backend: it is up when it has printed its address, and ends with the shell.
    script = substitute(
        script,
        (
            f"python3 examples/backend.py {backend} &",
            f"coproc python3 examples/backend.py {backend}\nread -r <&${{COPROC[0]}}",
        ),
    )
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f"trap 'kill $COPROC_PID' EXIT\n{script}"],
        cwd=folder,
        env=bare_environment(GATEWRIGHT_DATA_DIR=str(gateway.data_dir), AWS_PAGER=""),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert 0 == done.returncode, done.stdout + done.stderr
    return done


def test_the_walk_through_reaches_the_backend_by_name_by_default_endpoint_and_with_a_client_certificate(finished):
    assert len(BLOCKS) == finished.stdout.count("=== block ")
    # examples/backend.py tells the path it was asked for.
    assert 3 == finished.stdout.count('"path": "/pets/7"')


def test_the_walk_through_shows_the_names_own_certificate(finished):
    assert re.search(r"^subject=CN ?= ?www\.example\.com$", finished.stdout, re.MULTILINE)


VARYING = [
    (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "REQUEST"),
    (r"[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}(:[0-9]{2}){3} \+0000", "TIME"),
    (r"API [a-z0-9]{10}", "API"),
    (r"TLS_[A-Z0-9_]+", "SUITE"),
    (r"after [0-9]+ ms", "after N ms"),
]


def without_varying(text):
    for pattern, name in VARYING:
        text = re.sub(pattern, name, text)
    return text


def test_what_the_readme_shows_of_explain_is_what_it_prints(gateway, finished, apigateway):
    transcript = re.search(
        r"^```\n\$ curl [^\n]*\n(.*?)\n\n\$ gatewright explain [^\n]*\n(.*?)^```$", README, re.MULTILINE | re.DOTALL
    )
    shown_answer, shown_explanation = transcript.groups()
    other = ApiBuilder(apigateway, "without cats")
    other.mock("/health")
    other.deploy("dev")
    repoint = [("/restapiId", other.id), ("/stage", "dev")]
    apigateway.update_base_path_mapping(
        domainName="www.example.com",
        basePath="v1",
        patchOperations=[{"op": "replace", "path": path, "value": value} for path, value in repoint],
    )
    answer = ask(gateway.https_port, "www.example.com", "/v1/cats/7")
    assert shown_answer == answer.body.decode()

    def explain():
        return gateway.cli("explain", answer.header("x-amzn-RequestId"), check=False)

    gateway.wait_for(lambda: explain().returncode == 0)
    assert without_varying(shown_explanation) == without_varying(explain().stdout)


def test_every_link_of_the_readme_leads_to_a_file():
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert [] == [link for link in links if not (ROOT / link).is_file()]
