"""Every specimen of mutual TLS through a real handshake: curl and `openssl s_client` against one worker with many domains.

A specimen's certificate completes the handshake whatever is wrong with it, and HTTP says the rest. The exceptions are
certificates with keys that a client of TLS cannot prove to have.
"""

import json
import os
import re
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from gatewright.core.reasons import CATALOGUE
from support.client_chains import specimens
from support.mutual_tls import SUFFIX, MutualSite
from support.worker import SECONDS, Worker

pytestmark = pytest.mark.e2e

#: A client that may use the weak keys and signatures that the gateway is to refuse.
WEAK = """
openssl_conf = all
[all]
ssl_conf = ssl
[ssl]
system_default = client
[client]
CipherString = DEFAULT:@SECLEVEL=0
"""
FORBIDDEN = b'{"message":"Forbidden"}'
#: TLS has no signature scheme for this curve, so that its holder cannot prove to be that.
UNPROVABLE = {"key: the leaf has secp256k1"}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A domain name for each specimen, `s{number}.mutual.test`, with the files that its client needs."""
    running = Worker(tmp_path_factory.mktemp("specimens"))
    (running.folder / "openssl.cnf").write_text(WEAK)
    made = MutualSite(running)
    changes = []
    for number, specimen in enumerate(specimens()):
        changes += made.changes(f"s{number}.{SUFFIX}", specimen.truststore_pem)
        (running.folder / f"{number}.pem").write_text(specimen.client_pem)
        (running.folder / f"{number}.key").write_text(specimen.key_pem)
    running.publish(*changes)
    yield made
    assert 0 == running.stop()
    assert "Traceback" not in (running.folder / "worker.log").read_text()


def log_of(record: dict) -> str | None:
    """What the journal's line says after `Access denied. Reason: `; None of a request that came in."""
    reason = record["reason"]
    if reason is None:
        return None
    return CATALOGUE[reason["code"]].log.format_map(reason["facts"]).removeprefix("Access denied. Reason: ")


def read_journal(worker) -> dict[str, dict]:
    """The lines by request id."""
    lines = [line for path in worker.journal.glob("*.jsonl") for line in path.read_text().splitlines()]
    return {record["requestId"]: record for record in map(json.loads, lines)}


def collect(site, run) -> dict[str, tuple[int, bytes, str]]:
    """(status, body, request id) by specimen, of those that got an answer."""
    with ThreadPoolExecutor(4) as pool:
        outputs = pool.map(lambda number: run(site, number), range(len(specimens())))
    found = {}
    for specimen, output in zip(specimens(), outputs, strict=True):
        answer = re.search(rb"HTTP/1\.1 (\d+) .*?x-amzn-RequestId: (\S+).*?\r\n\r\n(.*?\})?", output, re.DOTALL)
        if answer is not None:
            found[str(specimen)] = (int(answer[1]), answer[3] or b"", answer[2].decode())
    return found


def run_curl(site, number: int) -> bytes:
    worker, name = site.worker, f"s{number}.{SUFFIX}"
    return subprocess.run(
        [
            *("curl", "--silent", "--show-error", "--include", "--max-time", "10", "--http1.1"),
            *("--connect-to", f"::127.0.0.1:{worker.port}", "--cacert", str(worker.ca_file)),
            *("--cert", str(worker.folder / f"{number}.pem"), "--key", str(worker.folder / f"{number}.key")),
            f"https://{name}/x",
        ],
        env={**os.environ, "OPENSSL_CONF": str(worker.folder / "openssl.cnf")},
        capture_output=True,
        check=False,
    ).stdout


def run_openssl(site, number: int) -> bytes:
    """TLS 1.2, where the client's certificate goes in the clear and before the server is done."""
    worker, name, folder = site.worker, f"s{number}.{SUFFIX}", site.worker.folder
    return subprocess.run(
        [
            *("openssl", "s_client", "-quiet", "-tls1_2", "-connect", f"127.0.0.1:{worker.port}", "-servername", name),
            *("-cert", str(folder / f"{number}.pem"), "-key", str(folder / f"{number}.key")),
            *("-cert_chain", str(folder / f"{number}.pem")),
        ],
        env={**os.environ, "OPENSSL_CONF": str(folder / "openssl.cnf")},
        input=f"GET /x HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode(),
        capture_output=True,
        check=False,
    ).stdout


@pytest.mark.parametrize(("program", "run"), [("curl", run_curl), ("openssl", run_openssl)])
def test_every_specimen_gets_its_verdict_over_http(site, program, run):
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    found = collect(site, run)
    assert {str(specimen) for specimen in specimens()} - UNPROVABLE == set(found)
    deadline = time.monotonic() + SECONDS
    while not {request_id for *_, request_id in found.values()} <= (journal := read_journal(site.worker)).keys():
        assert time.monotonic() < deadline, "not every request is in the journal"
        time.sleep(0.02)
    wrong = {}
    for specimen in specimens():
        if str(specimen) not in found:
            continue
        status, body, request_id = found[str(specimen)]
        expected = (200, None) if specimen.expected is None else (403, specimen.expected)
        told = (status, log_of(journal[request_id]))
        if told != expected or (status == 403 and body != FORBIDDEN):
            wrong[str(specimen)] = (told, body)
    assert {} == wrong
