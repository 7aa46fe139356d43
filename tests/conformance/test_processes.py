"""The process tree under traffic: workers and the control process are killed, and the whole is asked to stop."""

import json
import os
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from contextlib import ExitStack

import pytest

from support.apis import ApiBuilder, create_domain, import_certificate
from support.backends import EchoBackend
from support.connections import Stream, workers_of
from support.fault_score import attempt
from support.https import Connection, ask, read_answer
from support.record_sets import alias, change
from support.standin_network import StandInServer

pytestmark = pytest.mark.e2e

NAME = "www.processes.example"


@pytest.fixture(scope="module")
def api(gateway, apigateway, acm, authority, backend):
    made = ApiBuilder(apigateway)
    made.mock("/health")
    made.proxy("/pets/{id}", "GET", backend.url + "/pets/{id}")
    made.deploy("dev")
    create_domain(apigateway, NAME, import_certificate(acm, authority.issue(NAME)), made.id, stage="dev")
    return made


@pytest.fixture
def held(gateway, api):
    """Three connections of each worker's or more, by worker; they are closed after the test."""
    by_worker = {"worker-0": [], "worker-1": []}
    with ExitStack() as stack:
        while min(map(len, by_worker.values())) < 3:
            connection = stack.enter_context(Connection(gateway.https_port, NAME))
            assert 200 == connection.ask("/health").status  # so it was accepted
            (worker,) = workers_of(gateway, [connection.socket])
            by_worker[worker].append(connection)
            assert sum(map(len, by_worker.values())) < 400, "the kernel gives all connections to one worker"
        yield by_worker


def test_a_killed_worker_is_back_within_a_second_and_the_others_go_on(gateway, held):
    survivors = [Stream(connection, "/pets/7") for connection in held["worker-1"][:3]]
    for stream in survivors:
        stream.start()
    gateway.wait_for(lambda: all(len(stream.statuses) > 5 for stream in survivors))
    before = gateway.processes()

    os.kill(before["worker-0"], signal.SIGKILL)
    killed = time.monotonic()
    # Back means: the new process answers on a connection that the kernel gave to it.
    while True:
        with Connection(gateway.https_port, NAME) as connection:
            assert 200 == connection.ask("/health").status, "no new client is refused meanwhile"
            if workers_of(gateway, [connection.socket]) == {"worker-0"}:
                break
        assert time.monotonic() - killed < 20
    back = time.monotonic() - killed

    counts = [len(stream.statuses) for stream in survivors]
    gateway.wait_for(lambda: all(len(s.statuses) > c + 5 for s, c in zip(survivors, counts, strict=True)))
    for stream in survivors:
        stream.finish()
    assert [None] * 3 == [stream.failure for stream in survivors]
    assert {200} == {status for stream in survivors for status in stream.statuses}
    after = gateway.processes()
    assert before["worker-1"] == after["worker-1"]
    assert before["control"] == after["control"]
    assert before["worker-0"] != after["worker-0"]
    assert back < 1.0


def test_a_worker_that_was_restarted_knows_what_changed_meanwhile_and_later(gateway, apigateway, api):
    killed = gateway.processes()["worker-1"]
    os.kill(killed, signal.SIGKILL)
    api.mock("/while-away")
    api.deploy("dev")
    gateway.wait_for(lambda: gateway.processes().get("worker-1", killed) != killed)
    assert_every_worker_answers(gateway, "/while-away")
    api.mock("/when-back")
    api.deploy("dev")
    assert_every_worker_answers(gateway, "/when-back")


def assert_every_worker_answers(gateway, path):
    met = set()
    while met != {"worker-0", "worker-1"}:
        with Connection(gateway.https_port, NAME) as connection:
            met |= workers_of(gateway, [connection.socket])
            assert 200 == connection.ask(path).status


def test_without_its_control_process_the_data_plane_goes_on_and_changes_reach_it_again(gateway, apigateway, api):
    with Connection(gateway.https_port, NAME) as connection:
        stream = Stream(connection, "/pets/7")
        stream.start()
        gateway.wait_for(lambda: len(stream.statuses) > 5)
        before = gateway.processes()
        os.kill(before["control"], signal.SIGKILL)
        count = len(stream.statuses)
        gateway.wait_for(lambda: len(stream.statuses) > count + 5)
        assert 200 == ask(gateway.https_port, NAME, "/health").status

        # The listener was never closed, so a client waits instead of being refused; and then its change is live.
        api.mock("/after-control")
        api.deploy("dev")
        gateway.wait_for(lambda: all_links_up(gateway))
        assert_every_worker_answers(gateway, "/after-control")
        api.mock("/and-again")
        api.deploy("dev")
        assert_every_worker_answers(gateway, "/and-again")
        stream.finish()
    assert stream.failure is None
    assert {200} == set(stream.statuses)
    after = gateway.processes()
    assert before["control"] != after["control"]
    assert (before["worker-0"], before["worker-1"]) == (after["worker-0"], after["worker-1"])


def all_links_up(gateway):
    with urllib.request.urlopen(f"{gateway.endpoint}/_gatewright/health", timeout=20) as answer:
        return json.load(answer)["status"] == "ok"


def test_a_worker_that_hangs_stops_neither_the_operator_nor_the_others(gateway, api, held):
    hanging = gateway.processes()["worker-0"]
    os.kill(hanging, signal.SIGSTOP)
    try:
        api.mock("/while-it-hangs")
        api.deploy("dev")
        assert 200 == held["worker-1"][0].ask("/while-it-hangs").status
    finally:
        os.kill(hanging, signal.SIGCONT)
    assert 200 == held["worker-0"][0].ask("/health").status, "it goes on where it was"
    gateway.wait_for(lambda: held["worker-0"][0].ask("/while-it-hangs").status == 200)
    assert hanging == gateway.processes()["worker-0"]


@pytest.fixture
def beside(api, gateway, authority):
    """The doctor's report on the name, whose DNS is right. It meets a server in the living worker's place: which worker a
    connection meets is the kernel's choice."""
    client, made = gateway.client("route53"), gateway.client("apigateway").get_domain_name(domainName=NAME)
    zone = client.create_hosted_zone(Name=NAME, CallerReference="updating")["HostedZone"]["Id"]
    change(client, zone, ("CREATE", alias(NAME, "A", made["regionalDomainName"], made["regionalHostedZoneId"])))
    with StandInServer() as server, tempfile.NamedTemporaryFile("w", suffix=".pem") as roots:
        roots.write(authority.certificate_pem)
        roots.flush()
        server.certificates = {None: authority.issue(NAME)}
        server.answers = {(NAME, "/health"): (200, {"Content-Type": "application/json"}, "{}")}
        words = ("doctor", f"https://{NAME}/health", "--address", server.address, "--cacert", roots.name, "--json")

        def ask_doctor() -> tuple[str, list[dict]]:
            found = subprocess.run(
                [sys.executable, "-m", "gatewright", *words], env=gateway.environment, capture_output=True, timeout=60,
                check=False,
            )  # fmt: skip
            report = json.loads(found.stdout)
            return report["verdict"], report["findings"]

        yield ask_doctor


@attempt("DOMAIN_UPDATING")
def test_a_domain_name_is_updating_while_a_worker_hangs(gateway, api, acm, authority, beside):
    client = gateway.client("apigateway")
    arn = import_certificate(acm, authority.issue(NAME))
    hanging = gateway.processes()["worker-0"]
    os.kill(hanging, signal.SIGSTOP)
    try:
        patch = [{"op": "replace", "path": "/regionalCertificateArn", "value": arn}]
        assert "UPDATING" == client.update_domain_name(domainName=NAME, patchOperations=patch)["domainNameStatus"]
        seen = client.get_domain_name(domainName=NAME)
        assert "UPDATING" == seen["domainNameStatus"]
        assert "on its way to all workers" in seen["domainNameStatusMessage"]
        verdict, findings = beside()
        assert ("ok", [("DOMAIN_UPDATING", "warning")]) == (
            verdict, [(each["code"], each["outcome"]) for each in findings],
        )  # fmt: skip
    finally:
        os.kill(hanging, signal.SIGCONT)
    gateway.wait_for(lambda: client.get_domain_name(domainName=NAME)["domainNameStatus"] == "AVAILABLE")
    assert "domainNameStatusMessage" not in client.get_domain_name(domainName=NAME)
    assert ("ok", []) == beside()


def test_sigterm_lets_a_slow_request_finish_and_takes_no_new_connection(unstarted, authority):
    unstarted.start()
    with EchoBackend() as slow:
        made = ApiBuilder(unstarted.client("apigateway"))
        made.proxy("/wait", "GET", slow.url + "/wait")
        made.mock("/health")
        made.deploy("dev")
        host = f"{made.id}.execute-api.us-east-1.gateway.localhost"
        answers = []
        asking = [
            threading.Thread(target=lambda: answers.append(ask(unstarted.https_port, host, "/dev/wait")))
            for _ in range(4)
        ]
        idle = Connection(unstarted.https_port, host)
        assert 200 == idle.ask("/dev/health").status
        for thread in asking:
            thread.start()
        for _ in asking:
            assert slow.waiting.acquire(timeout=20)

        unstarted.process.send_signal(signal.SIGTERM)
        unstarted.wait_for(lambda: is_refused(unstarted.https_port, host))
        assert unstarted.is_running, "four requests are still under way"
        assert [] == answers
        assert b"" == idle.socket.recv(100), "who waits for nothing is let go"
        idle.close()
        slow.release()
        assert 0 == unstarted.wait()
        for thread in asking:
            thread.join()
    assert [200] * 4 == [answer.status for answer in answers]
    assert ["close"] * 4 == [answer.header("Connection") for answer in answers]


def test_a_request_of_which_half_has_arrived_at_sigterm_is_answered(unstarted):
    unstarted.start()
    with EchoBackend() as echo:
        made = ApiBuilder(unstarted.client("apigateway"))
        made.proxy("/up", "POST", echo.url + "/up")
        made.deploy("dev")
        host = f"{made.id}.execute-api.us-east-1.gateway.localhost"
        with Connection(unstarted.https_port, host) as connection:
            head = f"POST /dev/up HTTP/1.1\r\nHost: {host}\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n"
            connection.socket.sendall(head.encode())
            # Leave to go on proves that the worker has the head.
            assert connection.socket.recv(100).startswith(b"HTTP/1.1 100 ")
            connection.socket.sendall(b"hello")
            unstarted.process.send_signal(signal.SIGTERM)
            unstarted.wait_for(lambda: is_refused(unstarted.https_port, host))
            connection.socket.sendall(b"world")
            answer = read_answer(connection.socket)
        assert (200, "helloworld") == (answer.status, answer.json()["body"])
    assert 0 == unstarted.wait()


def is_refused(port, host):
    try:
        Connection(port, host).close()
    except (ConnectionError, ssl.SSLEOFError, TimeoutError):
        return True
    return False


def test_the_ready_line_comes_when_every_listener_accepts(unstarted):
    unstarted.start()
    assert unstarted.ready_line.startswith("ready ")
    assert "000000000000" == unstarted.client("sts").get_caller_identity()["Account"]
    assert 403 == ask(unstarted.https_port, "unknown.example", "/").status
    assert {"control", "worker-0", "worker-1"} == set(unstarted.processes())
    unstarted.stop()
