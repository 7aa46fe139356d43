"""`examples/mutual-tls.sh`, as a newcomer would run it: the commands of AWS's guide against a running gateway."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.apis import NOTHING_LEFT, leftovers

pytestmark = pytest.mark.e2e

SCRIPT = Path(__file__).resolve().parents[2] / "examples" / "mutual-tls.sh"
_MISSING = [program for program in ("bash", "openssl", "curl") if shutil.which(program) is None]
needs_programs = pytest.mark.skipif(bool(_MISSING), reason=f"not on this machine: {', '.join(_MISSING)}")


@needs_programs
def test_only_clients_of_the_truststore_are_let_in_and_nothing_is_left(gateway, tmp_path):
    environment = {
        **gateway.environment,
        "GATEWRIGHT_HTTPS": f"127.0.0.1:{gateway.https_port}",
        "TMPDIR": str(tmp_path),
    }
    # What `gatewright env` prints is the script's own business.
    for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        environment.pop(name)
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment["PATH"]])

    done = subprocess.run(
        [SCRIPT], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=240
    )

    assert 0 == done.returncode, done.stdout + done.stderr
    assert "Done: only clients with a certificate of the truststore were let in." in done.stdout
    assert 2 == done.stdout.count('{"message":"Forbidden"} 403')
    assert NOTHING_LEFT == leftovers(gateway.client("apigateway"), gateway.client("acm"))
    assert [] == gateway.client("s3").list_buckets()["Buckets"]
    assert [] == list(tmp_path.iterdir())
