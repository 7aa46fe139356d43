"""Whole installations: what happens to processes, and to clients meanwhile."""

import http.client
import json
import os
import signal
import socket
import stat
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from support import standin_installation
from support.gateway import Gateway, running_gateway

pytestmark = pytest.mark.e2e

DEFAULT_ENDPOINT = "abcdefghij.execute-api.us-east-1.gateway.localhost"


def health(gateway):
    try:
        with urllib.request.urlopen(gateway.endpoint + "/_gatewright/health", timeout=10) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return json.load(error)


def ask_https(gateway, host=DEFAULT_ENDPOINT, path="/dev/"):
    """The status of one request on a connection of its own."""
    with (
        socket.create_connection(("127.0.0.1", gateway.https_port), timeout=10) as plain,
        gateway.tls_context().wrap_socket(plain, server_hostname=host) as secured,
    ):
        secured.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        answer = http.client.HTTPResponse(secured)
        answer.begin()
        answer.read()
        return answer.status


def standin(tmp_path, **behaviour):
    return Gateway(tmp_path / "data", env=behaviour, command=[sys.executable, standin_installation.__file__])


def is_alive(pid):
    """False also for a process that only waits to be reaped."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


# -- children that die -------------------------------------------------------------------------------------------------


def test_a_killed_worker_is_back_within_a_second_and_no_client_is_refused(gateway):
    before = gateway.processes()
    os.kill(before["worker-0"], signal.SIGKILL)
    started = time.monotonic()
    statuses = {ask_https(gateway) for _ in range(20)}
    assert {403} == statuses  # no such API, said by whichever worker
    took = time.monotonic() - started + gateway.wait_for(lambda: health(gateway)["status"] == "ok")
    after = gateway.processes()
    assert before["worker-1"] == after["worker-1"]
    assert before["worker-0"] != after["worker-0"]
    assert took < 5, "even on a busy machine"
    assert "worker-0" in gateway.log()
    assert "was ended by SIGKILL" in gateway.log()


def test_a_killed_worker_is_started_again_at_once(gateway):
    killed = gateway.processes()["worker-1"]
    os.kill(killed, signal.SIGKILL)
    took = gateway.wait_for(lambda: gateway.processes().get("worker-1", killed) != killed)
    assert took < 1.0


def test_a_killed_control_process_disturbs_no_worker_and_comes_back(gateway):
    gateway.client("apigateway").create_rest_api(name="before")
    before = gateway.processes()
    os.kill(before["control"], signal.SIGKILL)
    assert 403 == ask_https(gateway)
    gateway.wait_for(lambda: gateway.processes().get("control", before["control"]) != before["control"])
    # Its listener never closed: this call waits for the new process.
    names = [api["name"] for api in gateway.client("apigateway").get_rest_apis()["items"]]
    assert ["before"] == names
    gateway.wait_for(lambda: health(gateway)["status"] == "ok")
    after = gateway.processes()
    assert (before["worker-0"], before["worker-1"]) == (after["worker-0"], after["worker-1"])


def test_children_end_when_the_supervisor_is_killed_and_the_next_start_finds_all_in_order(unstarted):
    unstarted.start()
    children = unstarted.processes()
    leftover = Path(unstarted.data_dir / "run").readlink()
    os.kill(unstarted.process.pid, signal.SIGKILL)
    unstarted.wait()
    took = unstarted.wait_for(lambda: not any(map(is_alive, children.values())))
    assert took < 2.0
    unstarted.start()
    assert 403 == ask_https(unstarted)
    assert not leftover.exists()
    unstarted.stop()


def test_a_start_right_after_the_supervisor_was_killed_waits_for_its_children_to_end(unstarted):
    unstarted.start()
    os.kill(unstarted.process.pid, signal.SIGKILL)
    unstarted.wait()
    unstarted.start()
    assert 403 == ask_https(unstarted)
    unstarted.stop()


def test_workers_that_cannot_start_end_everything_with_a_message(tmp_path):
    gateway = standin(tmp_path, STANDIN_WORKER="crashes")
    gateway.spawn()
    assert 1 == gateway.wait()
    assert "builtins.RuntimeError" in gateway.log()
    assert 'raise RuntimeError("the stand-in crashes")' in gateway.log()
    assert "before it was ready, 5 times in a row: see its messages above" in gateway.log()


def test_a_control_process_that_says_there_is_no_use_is_not_tried_again(tmp_path):
    gateway = standin(tmp_path, STANDIN_CONTROL="hopeless")
    gateway.spawn()
    assert 1 == gateway.wait()
    assert "which is for good" in gateway.log()
    assert "starting it again" not in gateway.log()


def test_a_machine_without_a_process_to_give_is_asked_again_while_the_others_serve(tmp_path):
    gateway = standin(tmp_path, STANDIN_FORKS="+++-")  # control, two workers, and the first that is put back
    gateway.start()
    try:
        before = gateway.processes()
        os.kill(before["worker-0"], signal.SIGKILL)
        gateway.wait_for(lambda: "worker-0 cannot be started: Resource temporarily unavailable" in gateway.log())
        assert before["worker-1"] == gateway.processes()["worker-1"]
        gateway.wait_for(lambda: "worker-0" in gateway.processes())
    finally:
        gateway.stop()


@pytest.mark.parametrize("forks", ["-", "+-"])
def test_a_start_for_which_there_is_no_process_ends_at_once_with_a_sentence(tmp_path, forks):
    gateway = standin(tmp_path, STANDIN_FORKS=forks)
    gateway.spawn()
    assert 1 == gateway.wait(10)
    assert "cannot be started: Resource temporarily unavailable. Ending." in gateway.log()


# -- stopping ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_exit_code_0_and_nothing_is_left(unstarted, number):
    unstarted.start()
    runtime = Path(unstarted.data_dir / "run").readlink()
    assert runtime.is_dir()
    assert 0o700 == stat.S_IMODE(runtime.stat().st_mode)
    unstarted.stop(number)
    left = {path.name for path in unstarted.data_dir.iterdir()}
    assert not runtime.exists()
    assert {"run", "serve.json"}.isdisjoint(left)


def test_a_signal_while_it_starts_ends_it_too(unstarted):
    unstarted.spawn()
    unstarted.wait_for(lambda: unstarted.processes().get("control"))
    unstarted.stop()
    assert not (unstarted.data_dir / "serve.json").exists()


def test_a_ctrl_c_in_a_terminal_reaches_all_processes_and_ends_them_in_order(unstarted):
    unstarted.start()
    os.killpg(unstarted.process.pid, signal.SIGINT)
    assert 0 == unstarted.wait()


def test_children_are_given_time_to_finish(tmp_path):
    gateway = standin(tmp_path, STANDIN_WORKER="lingers")
    gateway.start()
    gateway.stop()
    assert "worker-0 has finished" in gateway.log()
    assert "worker-1 has finished" in gateway.log()


def test_a_second_signal_ends_everything_at_once(tmp_path):
    gateway = standin(tmp_path, STANDIN_WORKER="ignores")
    gateway.start()
    gateway.process.terminate()
    gateway.wait_for(lambda: "Stopping" in gateway.log())
    assert gateway.is_running
    gateway.process.terminate()
    assert 1 == gateway.wait(5)
    assert {} == gateway.processes()


class SlowBackend(BaseHTTPRequestHandler):
    """Answers after a second and a half."""

    def do_GET(self):
        self.server.begun.release()
        time.sleep(1.5)
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"done")

    def log_message(self, *_):
        pass


@pytest.fixture
def slow_backend():
    with ThreadingHTTPServer(("127.0.0.1", 0), SlowBackend) as server:
        server.begun = threading.Semaphore(0)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def refuses(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except ConnectionRefusedError:
        return True
    return False


def deploy_proxy(gateway, uri):
    """The id of an API whose `GET /` goes to `uri`, deployed to the stage `dev`."""
    client = gateway.client("apigateway")
    api = client.create_rest_api(name="proxy")
    root = client.get_resources(restApiId=api["id"])["items"][0]["id"]
    where = {"restApiId": api["id"], "resourceId": root, "httpMethod": "GET"}
    client.put_method(**where, authorizationType="NONE")
    client.put_integration(**where, type="HTTP_PROXY", integrationHttpMethod="GET", uri=uri)
    client.create_deployment(restApiId=api["id"], stageName="dev")
    return api["id"]


def test_requests_in_flight_are_finished_after_sigterm(gateway, slow_backend):
    api = deploy_proxy(gateway, f"http://127.0.0.1:{slow_backend.server_port}/")
    answers = []

    def ask_by_https():
        answers.append(("https", ask_https(gateway, f"{api}.execute-api.us-east-1.gateway.localhost")))

    def ask_by_control():
        with urllib.request.urlopen(f"{gateway.endpoint}/_aws/execute-api/{api}/dev/", timeout=20) as answer:
            answers.append(("control", answer.status, answer.read()))

    threads = [threading.Thread(target=ask_by_https), threading.Thread(target=ask_by_control)]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert slow_backend.begun.acquire(timeout=10)
    gateway.process.terminate()
    gateway.wait_for(lambda: refuses(gateway.https_port) and refuses(gateway.control_port), 1.4)
    assert gateway.is_running
    assert 0 == gateway.wait()
    for thread in threads:
        thread.join()
    assert [("control", 200, b"done"), ("https", 200)] == sorted(answers)


# -- starting ----------------------------------------------------------------------------------------------------------


def test_a_second_serve_on_the_same_data_directory_refuses(gateway):
    second = Gateway(gateway.data_dir)
    second.spawn()
    assert 1 == second.wait()
    assert f"is held by process {gateway.process.pid}: a gatewright already serves this data directory" in second.log()
    assert 403 == ask_https(gateway)


@pytest.mark.parametrize("option", ["--control", "--https"])
def test_a_busy_port_is_refused_and_the_option_named(tmp_path, option):
    with socket.socket() as other:
        # Somebody who would share the port, as another gatewright would.
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        gateway = Gateway(tmp_path / "data", option, f"127.0.0.1:{port}")
        gateway.spawn()
        assert 1 == gateway.wait()
    assert f"{option}: another process listens on 127.0.0.1:{port} already" in gateway.log()


def test_another_secret_key_is_refused_with_one_message(unstarted):
    unstarted.start()
    unstarted.stop()
    key = unstarted.data_dir / "secret.key"
    key.write_bytes(bytes(32))
    unstarted.spawn()
    assert 1 == unstarted.wait()
    assert 1 == unstarted.log().count("were sealed with another key")


def test_files_with_secrets_are_for_their_owner_alone(gateway):
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in gateway.data_dir.iterdir() if path.is_file()}
    assert 0o700 == stat.S_IMODE(gateway.data_dir.stat().st_mode)
    assert {"credentials": 0o600, "secret.key": 0o600, "gatewright.db": 0o600, "serve.json": 0o600} == {
        name: modes[name] for name in ("credentials", "secret.key", "gatewright.db", "serve.json")
    }


def test_root_credentials_may_be_set_from_outside_and_changed(tmp_path):
    first = {
        "GATEWRIGHT_ROOT_ACCESS_KEY_ID": "AKIAFIRSTFIRSTFIRST1",
        "GATEWRIGHT_ROOT_SECRET_ACCESS_KEY": "the-first-secret",
    }
    second = {
        "GATEWRIGHT_ROOT_ACCESS_KEY_ID": "AKIASECONDSECONDSEC2",
        "GATEWRIGHT_ROOT_SECRET_ACCESS_KEY": "the-second-secret",
    }
    with running_gateway(tmp_path, env=first) as gateway:
        assert ("AKIAFIRSTFIRSTFIRST1", "the-first-secret") == gateway.credentials
        assert "000000000000" == gateway.client("sts").get_caller_identity()["Account"]
    with running_gateway(tmp_path, env=second) as gateway:
        assert "000000000000" == gateway.client("sts").get_caller_identity()["Account"]
        with pytest.raises(ClientError, match="security token"):
            gateway.client("sts", credentials=("AKIAFIRSTFIRSTFIRST1", "the-first-secret")).get_caller_identity()
        assert "the-first-secret" not in gateway.log()
        assert "the-second-secret" not in gateway.log()


def test_lenient_mode_says_so_and_takes_any_credentials(tmp_path):
    with running_gateway(tmp_path, "--auth", "lenient") as gateway:
        assert "lenient" == gateway.ready["auth"]
        assert "no signature is verified" in gateway.log()
        identity = gateway.client("sts", credentials=("123456789012", "whatever")).get_caller_identity()
        assert "123456789012" == identity["Account"]


# -- state -------------------------------------------------------------------------------------------------------------


def test_after_a_kill_of_the_whole_tree_what_was_acknowledged_is_there_and_nothing_by_halves(unstarted):
    unstarted.start()
    acknowledged = set()
    client = unstarted.client("apigateway")

    def change_until_killed():
        number = 0
        while True:
            try:
                api = client.create_rest_api(name=f"api-{number}")
                acknowledged.add(api["id"])
                number += 1
            except (BotoCoreError, ClientError):
                return

    changing = threading.Thread(target=change_until_killed)
    changing.start()
    unstarted.wait_for(lambda: len(acknowledged) >= 15)
    unstarted.kill_tree()
    changing.join()

    unstarted.start()
    client = unstarted.client("apigateway")
    found = {api["id"] for page in client.get_paginator("get_rest_apis").paginate() for api in page["items"]}
    assert acknowledged <= found
    assert len(found) <= len(acknowledged) + 1  # at most the one whose answer was not heard
    roots = [[r["path"] for r in client.get_resources(restApiId=api)["items"]] for api in found]
    assert [["/"]] * len(found) == roots
    unstarted.stop()


def test_a_new_region_gets_its_default_certificate_with_its_first_api(gateway):
    gateway.client("apigateway", region="eu-central-1").create_rest_api(name="pets")
    host = "abcdefghij.execute-api.eu-central-1.gateway.localhost"
    assert {403} == {ask_https(gateway, host) for _ in range(8)}  # the context verifies name and chain


def test_worker_counts_and_health_are_told(gateway):
    assert 403 == ask_https(gateway)
    told = health(gateway)
    assert {"expected": 2, "connected": 2} == told["workers"]
    assert {"worker-0": told["revision"], "worker-1": told["revision"]} == told["served"]

    def metrics():
        with urllib.request.urlopen(gateway.endpoint + "/_gatewright/metrics", timeout=10) as answer:
            return answer.read().decode()

    gateway.wait_for(lambda: 'gatewright_requests_total{status="403"} 1\n' in metrics())


def test_two_processes_of_one_installation_do_not_share_a_database_connection(gateway):
    database = str(gateway.data_dir / "gatewright.db")

    def opened(pid):
        return {str(path.readlink()) for path in Path(f"/proc/{pid}/fd").iterdir() if path.is_symlink()}

    holders = {name for name, pid in gateway.processes().items() if database in opened(pid)}
    assert holders <= {"control"}
    assert database not in opened(gateway.process.pid)


def test_the_supervisor_has_one_thread_so_that_it_may_fork(gateway):
    assert "\nThreads:\t1\n" in Path(f"/proc/{gateway.process.pid}/status").read_text()


def test_the_tree_needs_no_terminal_and_logs_one_line_a_record(gateway):
    lines = gateway.log().splitlines()
    assert [] == [line for line in lines if not line.startswith("20")]
