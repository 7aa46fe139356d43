"""BIND's `named` on a free loopback port, as somebody else's opinion of zone data and as a server that takes updates.

with running_named(tmp_path, {"example.com": ZONE_TEXT}, key=KEY) as port: ...
"""

import shutil
import socket
import subprocess
import time
from contextlib import contextmanager, suppress

import dns.message
import dns.query
import pytest

KEY_FILE = (
    'key "gatewright" {\n\talgorithm hmac-sha256;\n\tsecret "c2VjcmV0IG9mIHRoZSB0ZXN0cywgMzIgYnl0ZXMhISE=";\n};\n'
)


def need(*programs):
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not on this machine (Debian: bind9, bind9-dnsutils)")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running_named(folder, zones, *, key=KEY_FILE, port=None):
    need("named")
    port = port or free_port()
    stanzas = []
    for name, text in zones.items():
        path = folder / f"{name}.zone"
        if not path.exists():
            path.write_text(text)
        stanzas.append(
            f'zone "{name}" {{ type primary; file "{path}"; allow-update {{ key gatewright; }}; check-names ignore; }};'
        )
    configuration = folder / "named.conf"
    configuration.write_text(
        f"""{key}
options {{
  directory "{folder}"; pid-file none; session-keyfile none; listen-on port {port} {{ 127.0.0.1; }};
  listen-on-v6 {{ none; }}; recursion no; allow-query {{ any; }}; minimal-responses yes; minimal-any yes;
  dnssec-validation no; empty-zones-enable no; notify no;  zero-no-soa-ttl no;
}};
controls {{ }};
{chr(10).join(stanzas)}
"""
    )
    with (folder / "named.log").open("ab") as log:
        process = subprocess.Popen(["named", "-g", "-n", "1", "-c", str(configuration)], stderr=log, stdout=log)
    try:
        wait_until_it_answers(port, folder / "named.log", process)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def wait_until_it_answers(port, log, process):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError, EOFError, dns.exception.Timeout):
            dns.query.tcp(dns.message.make_query(".", "NS"), "127.0.0.1", port=port, timeout=0.5)
            return
        time.sleep(0.05)
    raise AssertionError(f"named does not answer; its log says:\n{log.read_text(errors='replace')[-3000:]}")
