"""An AWS account that is not one: moto's server, in a process of its own, on a free port of this machine.

    with moto_account() as account:
        account.client("apigateway").create_rest_api(name="pets")
        account.endpoint                      # http://127.0.0.1:…

moto keeps records and evaluates nothing: no permission is checked, a distribution is deployed at once, and a deployment
has no summary of its methods. What a test needs of those it makes itself.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import botocore.session
from botocore.config import Config

#: Ten times what its imports take on an idle machine.
READY_SECONDS = 40.0
_KEYS = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "example"}


@dataclass(frozen=True)
class Account:
    """The running account."""

    endpoint: str

    def client(self, service: str):
        """A botocore client of us-east-1."""
        session = botocore.session.Session()
        session.set_config_variable("config_file", os.devnull)
        return session.create_client(
            service, "us-east-1", endpoint_url=self.endpoint, config=Config(read_timeout=20), **_KEYS
        )

    def write_profile(self, folder: Path, name: str, endpoint: str | None = None) -> dict[str, str]:
        """A home whose AWS configuration has that profile; the environment that makes it one's own."""
        (folder / ".aws").mkdir(exist_ok=True)
        config, credentials = folder / ".aws" / "config", folder / ".aws" / "credentials"
        config.write_text(f"[profile {name}]\nregion = us-east-1\nendpoint_url = {endpoint or self.endpoint}\n")
        keys = "".join(f"{key} = {value}\n" for key, value in _KEYS.items())
        credentials.write_text(f"[{name}]\n{keys}")
        return {"HOME": str(folder), "AWS_CONFIG_FILE": str(config), "AWS_SHARED_CREDENTIALS_FILE": str(credentials)}


@contextmanager
def moto_account() -> Iterator[Account]:
    """The account, empty but for what every account has."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
    )
    try:
        _wait_until_it_accepts(process, port)
        yield Account(f"http://127.0.0.1:{port}")
    finally:
        process.kill()
        process.wait(10)


def _wait_until_it_accepts(process: subprocess.Popen, port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, f"moto's server has ended with exit code {process.returncode}"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"moto's server does not accept connections within {READY_SECONDS} s")
