"""A real `gatewright serve` for tests: its own process tree, free loopback ports, a data directory of the test's.

    with running_gateway(tmp_path) as gateway:
        gateway.client("apigateway").create_rest_api(name="pets")
        subprocess.run(["aws", "apigateway", "get-rest-apis"], env=gateway.environment, check=True)
        ...  # the HTTPS listener: 127.0.0.1, gateway.https_port

On leaving, the gateway is told to stop and must end with exit code 0. What it logged is in `gateway.log()`, and is printed
when it does not start or stop as it should.
"""

import os
import selectors
import shlex
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import botocore.session
from botocore.config import Config

#: Ten times what a start takes on an idle machine; tests run beside others.
READY_SECONDS = 20.0
STOP_SECONDS = 40.0

# One session for all clients: it remembers the service models, whose loading costs more than a call.
_SESSION = botocore.session.Session()
_SESSION.set_config_variable("config_file", os.devnull)
_SESSION.set_config_variable("credentials_file", os.devnull)


def bare_environment(**more: str) -> dict[str, str]:
    """This process's environment without anything that would point AWS clients or gatewright elsewhere."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "GATEWRIGHT_"))}
    return {**kept, "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, **more}


class Gateway:
    """One installation; it can be started, killed and started again on the same data directory."""

    def __init__(self, data_dir: Path, *options: str, env=None, workers: int = 2, command=None) -> None:
        self.data_dir = data_dir
        self._options = options
        self._env = env or {}
        self._workers = workers
        self._command = command or [sys.executable, "-m", "gatewright", "serve"]
        self._process: subprocess.Popen | None = None
        self._log_path = data_dir.with_name(data_dir.name + ".log")
        self.ready_line = ""

    # -- life ------------------------------------------------------------------------------------------------------

    def spawn(self) -> None:
        """The process runs; nothing is said of its being ready."""
        with self._log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *self._command,
                    *("--data-dir", str(self.data_dir), "--workers", str(self._workers)),
                    *("--control", "127.0.0.1:0", "--https", "127.0.0.1:0", "--dns", "127.0.0.1:0"),
                    *("--log-level", "debug"),
                    *self._options,  # the last one of a name counts
                ],
                stdout=subprocess.PIPE,
                stderr=log,
                env=bare_environment(**self._env),
                start_new_session=True,
            )

    def start(self) -> None:
        """Every listener accepts."""
        self.spawn()
        self.ready_line = self._read_ready_line()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """It was asked to stop, and ended with exit code 0."""
        self.process.send_signal(number)
        code = self.wait()
        assert code == 0, f"exit code {code}; the log says:\n{self.log()}"

    def wait(self, seconds: float = STOP_SECONDS) -> int:
        """The exit code."""
        code = self.process.wait(seconds)
        self.process.stdout.close()
        return code

    def kill_tree(self) -> None:
        """kill -9 of every process of the tree at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.wait()

    @property
    def process(self) -> subprocess.Popen:
        """The supervisor."""
        assert self._process is not None, "it was not started"
        return self._process

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def log(self) -> str:
        """All that was written to standard error, over all starts."""
        return self._log_path.read_text(errors="replace")

    def processes(self) -> dict[str, int]:
        """The living children, by name (`control`, `worker-0`, …)."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                name, _, rest = (folder / "stat").read_text().partition(" (")[2].rpartition(") ")
            except OSError:
                continue
            state, parent = rest.split()[:2]
            if int(parent) == self.process.pid and state != "Z":
                found[name.removeprefix("gw:")] = int(folder.name)
        return found

    def wait_for(self, predicate, seconds: float = 10.0, interval: float = 0.02) -> float:
        """Waits until it is true; how long that took."""
        started = time.monotonic()
        while not predicate():
            waited = time.monotonic() - started
            assert waited < seconds, f"not true within {seconds} s; the log says:\n{self.log()}"
            time.sleep(interval)
        return time.monotonic() - started

    # -- addresses -------------------------------------------------------------------------------------------------

    @property
    def ready(self) -> dict[str, str]:
        """The words of the `ready` line."""
        return dict(word.split("=", 1) for word in self.ready_line.split()[1:])

    @property
    def endpoint(self) -> str:
        """The AWS_ENDPOINT_URL."""
        return self.ready["control"]

    @property
    def control_port(self) -> int:
        return urlsplit(self.ready["control"]).port

    @property
    def https_port(self) -> int:
        return urlsplit(self.ready["https"]).port

    @property
    def dns_port(self) -> int:
        return int(self.ready["dns"].rpartition(":")[2])

    @property
    def ca_file(self) -> Path:
        """The local certificate authority."""
        return self.data_dir / "ca.pem"

    # -- clients ---------------------------------------------------------------------------------------------------

    def cli(self, *arguments: str, check: bool = True, **more) -> subprocess.CompletedProcess:
        """Runs `gatewright {arguments} --data-dir …`."""
        return subprocess.run(
            [sys.executable, "-m", "gatewright", *arguments, "--data-dir", str(self.data_dir)],
            capture_output=True,
            text=True,
            check=check,
            timeout=60,
            env=bare_environment(**self._env),
            **more,
        )

    @property
    def credentials(self) -> tuple[str, str]:
        """The root's access key id and secret."""
        exports = self._exports()
        return exports["AWS_ACCESS_KEY_ID"], exports["AWS_SECRET_ACCESS_KEY"]

    @property
    def environment(self) -> dict[str, str]:
        """For AWS clients in processes of their own, and for `gatewright`."""
        return bare_environment(**self._env, **self._exports(), GATEWRIGHT_DATA_DIR=str(self.data_dir), AWS_PAGER="")

    def client(self, service: str, *, region: str = "us-east-1", credentials: tuple[str, str] | None = None):
        """A botocore client (what `boto3.client` returns)."""
        key, secret = credentials or self.credentials
        return _SESSION.create_client(
            service,
            region_name=region,
            endpoint_url=self.endpoint,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            config=Config(retries={"total_max_attempts": 1}, read_timeout=30, s3={"addressing_style": "path"}),
        )

    def tls_context(self) -> ssl.SSLContext:
        """Trusts the local certificate authority and nobody else."""
        return ssl.create_default_context(cafile=str(self.ca_file))

    def _exports(self) -> dict[str, str]:
        words = shlex.split(self.cli("env").stdout)
        return dict(word.split("=", 1) for word in words if word != "export")

    def _read_ready_line(self) -> str:
        deadline = time.monotonic() + READY_SECONDS
        text = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while (left := deadline - time.monotonic()) > 0:
                if not selector.select(left):
                    break
                data = os.read(self.process.stdout.fileno(), 4096)
                text += data
                for line in text.decode().splitlines(keepends=True):
                    if line.startswith("ready ") and line.endswith("\n"):
                        return line.rstrip("\n")
                if not data:
                    break
        if self.is_running:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.wait()
        raise AssertionError(f"the gateway did not become ready; the log says:\n{self.log()}")


@contextmanager
def running_gateway(folder: Path, *options: str, env=None, workers: int = 2) -> Iterator[Gateway]:
    """A gateway that is ready, with its data directory in `folder`; afterwards it must end well."""
    gateway = Gateway(folder / "data", *options, env=env, workers=workers)
    gateway.start()
    try:
        yield gateway
    except BaseException:
        if gateway.is_running:
            gateway.kill_tree()
        print(gateway.log(), file=sys.stderr)
        raise
    if gateway.is_running:
        gateway.stop()
