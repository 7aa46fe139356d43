"""The fault matrix of callers: keys, quotas, throttles, signatures and accounts, each wrong alone on one running gateway.

As in `test_doctor_matrix`, the doctor must name the fault first and nothing false; its commands are run as printed; after
them, or after what only the client can do, the same question finds nothing.
"""

import json
import os
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from click.testing import CliRunner

from gatewright.cli import main
from support.apis import ApiBuilder
from support.fault_score import attempt
from support.gateway import Gateway, running_gateway
from support.https import ask, distrust
from support.warm_aws import warm_aws

pytestmark = pytest.mark.e2e

OTHER_ACCOUNT = "111122223333"
TIGHT = {"rateLimit": 0.001, "burstLimit": 1}


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        status = self.server.status
        self.send_response(status)
        self.send_header("Retry-After", "3")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def busy():
    """A backend that answers with `busy.status`."""
    server = HTTPServer(("127.0.0.1", 0), _Handler)
    server.status = 200
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(10)


def ask_doctor(gateway: Gateway, target: str, *words: str) -> dict:
    """The doctor's JSON report, from within this process: starting one costs more than a diagnosis."""
    environment = {name: None for name in os.environ if name.startswith(("AWS_", "GATEWRIGHT_"))}
    ran = CliRunner().invoke(main, ["doctor", target, *words, "--json"], env={**environment, **gateway.environment})
    assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exc_info
    report = json.loads(ran.stdout)
    assert {"ok": 0, "problem": 1, "unknown": 2}[report["verdict"]] == ran.exit_code
    return report


class Site:
    """A healthy API: GET /keyed asks for a key of plan `gold`, /signed and /files/{name} for a signature, /open for nothing."""

    def __init__(self, gateway: Gateway, busy: HTTPServer, folder: Path) -> None:
        self.gateway, self.busy, self.folder = gateway, busy, folder
        self.apigateway = gateway.client("apigateway")
        self.api = ApiBuilder(self.apigateway)
        self.api.mock("/open")
        self.api.mock("/signed", authorization="AWS_IAM")
        self.api.mock("/signed", "POST", authorization="AWS_IAM")
        self.api.mock("/files/{name}", authorization="AWS_IAM")
        self.api.proxy("/busy", "GET", f"http://127.0.0.1:{busy.server_port}/")
        self.api.mock("/keyed")
        self.apigateway.update_method(
            restApiId=self.api.id, resourceId=self.api.resource("/keyed"), httpMethod="GET",
            patchOperations=[{"op": "replace", "path": "/apiKeyRequired", "value": "true"}],
        )  # fmt: skip
        self.api.deploy("dev")
        self.key_id, self.value = self.make_key("partner")
        self.plan = self.apigateway.create_usage_plan(
            name="gold", apiStages=[{"apiId": self.api.id, "stage": "dev"}]
        )["id"]  # fmt: skip
        self.join()
        exports = gateway.cli("account", "create", OTHER_ACCOUNT).stdout
        self.stranger = tuple(
            line.partition("=")[2].strip("'\"")
            for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
            for line in exports.split()
            if line.startswith(name)
        )

    @property
    def host(self) -> str:
        return f"{self.api.id}.execute-api.us-east-1.gateway.localhost"

    def make_key(self, name: str) -> tuple[str, str]:
        made = self.apigateway.create_api_key(name=name, enabled=True)
        return made["id"], made["value"]

    def join(self) -> None:
        self.apigateway.create_usage_plan_key(usagePlanId=self.plan, keyId=self.key_id, keyType="API_KEY")

    def part(self) -> None:
        self.apigateway.delete_usage_plan_key(usagePlanId=self.plan, keyId=self.key_id)

    def patch_plan(self, *changes: tuple[str, str, str]) -> None:
        patch = [{"op": op, "path": path, "value": value} for op, path, value in changes]
        self.apigateway.update_usage_plan(usagePlanId=self.plan, patchOperations=patch)

    def patch_stage(self, **values: str) -> None:
        patch = [{"op": "replace", "path": path, "value": value} for path, value in values.items()]
        self.apigateway.update_stage(restApiId=self.api.id, stageName="dev", patchOperations=patch)

    def call(self, path: str, **headers: str):
        """One request, with any certificate."""
        return ask(self.gateway.https_port, self.host, "/dev" + path, headers=headers, context=distrust())

    def spend(self, path: str, **headers: str) -> None:
        """Requests until they are refused for good: what was let in before, under another limit, passes within a moment."""
        refused = 0
        for _ in range(400):
            refused = refused + 1 if self.call(path, **headers).status == 429 else 0
            if refused == 2:
                return
            if refused:
                time.sleep(0.5)
        raise AssertionError(f"{path} is not throttled")

    def doctor(self, target: str, *words: str) -> dict:
        """The doctor's JSON report."""
        return ask_doctor(self.gateway, target, *words)

    def run(self, commands: list[str]) -> None:
        """As a user's shell runs what was printed."""
        if not commands:
            return
        environment = {**self.gateway.environment}
        environment["PATH"] = f"{self.programs}:{environment['PATH']}"
        done = subprocess.run(
            ["/bin/sh", "-ec", "\n".join(commands)], cwd=self.folder, env=environment, capture_output=True, text=True,
            timeout=60, check=False,
        )  # fmt: skip
        assert 0 == done.returncode, done.stderr

    def sign(
        self, path: str, signer=SigV4Auth, *, method: str = "GET", pair: tuple[str, str] | None = None, body: bytes = b"",
        host: str | None = None,
    ) -> dict[str, str]:  # fmt: skip
        """The headers of a request to /dev{path} that a signer of botocore's signed."""
        request = AWSRequest(method, f"https://{self.host}/dev{path}", headers={"Host": host or self.host}, data=body)
        signer(Credentials(*(pair or self.gateway.credentials)), "execute-api", "us-east-1").add_auth(request)
        return dict(request.headers.items())


@pytest.fixture(scope="module")
def site(busy, tmp_path_factory):
    with running_gateway(tmp_path_factory.mktemp("callers"), workers=1) as gateway:
        made = Site(gateway, busy, tmp_path_factory.mktemp("site"))
        other = gateway.client("sts", credentials=made.stranger)
        gateway.wait_for(lambda: _answers(other))
        with warm_aws(tmp_path_factory.mktemp("programs")) as made.programs:
            yield made


def _answers(sts) -> bool:
    try:
        return bool(sts.get_caller_identity())
    except sts.exceptions.ClientError:
        return False


def options(headers: dict[str, str]) -> list[str]:
    return [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]


def codes(report: dict) -> list[str]:
    return [finding["code"] for finding in report["findings"] if finding["outcome"] != "note"]


@dataclass
class Fault:
    """One thing wrong. `sends` and `resends` are the headers of the request before and after it is mended."""

    code: str
    breaks: Callable[[Site], object]
    path: str = "/keyed"
    sends: Callable[[Site], dict[str, str]] = lambda site: {"x-api-key": site.value}
    resends: Callable[[Site], dict[str, str]] | None = None
    mends: Callable[[Site], object] = lambda site: None  # what no command can
    restores: Callable[[Site], object] = lambda site: None
    case: str = ""
    seen: str = ""  # words of the evidence

    def __str__(self) -> str:
        return f"{self.code}-{self.case}" if self.case else self.code


def nothing(_site: Site) -> dict[str, str]:
    return {}


def disable(site: Site) -> None:
    site.apigateway.update_api_key(
        apiKey=site.key_id, patchOperations=[{"op": "replace", "path": "/enabled", "value": "false"}]
    )


def without_stage(site: Site) -> None:
    site.patch_plan(("remove", "/apiStages", f"{site.api.id}:dev"))


def without_plan(site: Site) -> None:
    """Neither key nor stage is in any plan."""
    site.part()
    without_stage(site)


def own_plan_again(site: Site) -> None:
    """The plan that the remedy made goes, and the key is in the old one."""
    for plan in site.apigateway.get_usage_plans()["items"]:
        if plan["id"] != site.plan:
            stages = [{"op": "remove", "path": "/apiStages", "value": f"{site.api.id}:dev"}]
            site.apigateway.update_usage_plan(usagePlanId=plan["id"], patchOperations=stages)
            site.apigateway.delete_usage_plan(usagePlanId=plan["id"])
    site.join()
    site.patch_plan(("add", "/apiStages", f"{site.api.id}:dev"))


def quota(site: Site) -> None:
    site.patch_plan(("replace", "/quota/limit", "3"), ("replace", "/quota/period", "WEEK"))
    site.spend("/keyed", **{"x-api-key": site.value})


def slow_plan(site: Site) -> None:
    site.patch_plan(("replace", "/throttle/rateLimit", "0.001"), ("replace", "/throttle/burstLimit", "1"))
    site.spend("/keyed", **{"x-api-key": site.value})


def slow_method_in_plan(site: Site) -> None:
    where = f"/apiStages/{site.api.id}:dev/throttle/~1keyed/GET"
    site.patch_plan(("add", f"{where}/rateLimit", "0.002"), ("add", f"{where}/burstLimit", "1"))
    # The stage allows still less, so that the log alone can tell.
    site.patch_stage(**{"/*/*/throttling/rateLimit": "0.001", "/*/*/throttling/burstLimit": "1000"})
    site.patch_stage(**{"/*/*/logging/loglevel": "ERROR"})
    site.spend("/keyed", **{"x-api-key": site.value})


def no_method_setting(key: str = "*/*"):
    def restores(site: Site) -> None:
        patch = [{"op": "remove", "path": f"/{key}"}]
        site.apigateway.update_stage(restApiId=site.api.id, stageName="dev", patchOperations=patch)

    return restores


def try_again(site: Site, path: str, headers: dict[str, str]) -> None:
    """The bucket was empty under the old limit: the first request under the new one finds it so, the next a token."""
    site.call(path, **headers)
    time.sleep(0.15)


def shut_stage(site: Site) -> None:
    site.patch_stage(**{"/~1open/GET/throttling/rateLimit": "0", "/~1open/GET/throttling/burstLimit": "0"})


def slow_stage(site: Site) -> None:
    site.patch_stage(**{"/*/*/throttling/rateLimit": "0.001", "/*/*/throttling/burstLimit": "1"})
    site.spend("/open")


def set_busy(site: Site, status: int) -> None:
    site.busy.status = status


class Unsorted(SigV4Auth):
    """Signs the query as it stands."""

    def canonical_query_string(self, request):
        return request.url.partition("?")[2]


FAULTS = [
    Fault("API_KEY_MISSING", nothing, sends=nothing, resends=lambda site: {"x-api-key": site.value}),
    Fault("API_KEY_UNKNOWN", nothing, sends=lambda site: {"x-api-key": "x" * 30},
          resends=lambda site: {"x-api-key": site.value}),
    Fault("API_KEY_DISABLED", disable),
    Fault("API_KEY_NOT_IN_PLAN", lambda site: site.part(), case="the plan has the stage"),
    Fault("API_KEY_NOT_IN_PLAN", without_stage, case="the plan has the key"),
    Fault("API_KEY_NOT_IN_PLAN", without_plan, case="no plan", restores=own_plan_again),
    Fault("QUOTA_EXCEEDED", quota, seen=", 0 left",
          restores=lambda site: site.patch_plan(("remove", "/quota", ""))),
    Fault("THROTTLED_PLAN", slow_plan, seen="it may also be the account",
          restores=lambda site: site.patch_plan(("remove", "/throttle", ""))),
    Fault("THROTTLED_PLAN", slow_method_in_plan, case="of one method, told by the log", seen="the execution log has",
          restores=no_method_setting()),
    Fault("THROTTLED_STAGE", shut_stage, path="/open", sends=nothing, case="of one method", seen="lets no request pass",
          restores=no_method_setting("~1open/GET")),
    Fault("THROTTLED_STAGE", slow_stage, path="/open", sends=nothing, case="of all methods",
          restores=no_method_setting()),
    Fault("THROTTLED_BACKEND", lambda site: set_busy(site, 429), path="/busy", sends=nothing,
          mends=lambda site: set_busy(site, 200), seen="Retry-After: 3"),
    Fault("CROSS_ACCOUNT_NEEDS_BOTH", nothing, path="/signed", sends=lambda site: site.sign("/signed", pair=site.stranger),
          resends=lambda site: site.sign("/signed"), seen=f"User: arn:aws:iam::{OTHER_ACCOUNT}:root"),
    Fault("SIGNATURE_MISMATCH", nothing, path="/files/a%20b", case="the path encoded once", seen="client:  path: ",
          sends=lambda site: site.sign("/files/a%20b", S3SigV4Auth), resends=lambda site: site.sign("/files/a%20b")),
    Fault("SIGNATURE_MISMATCH", nothing, path="/signed?b=1&a=2", case="the query not in order", seen="client:  query: b=1&a=2",
          sends=lambda site: site.sign("/signed?b=1&a=2", Unsorted), resends=lambda site: site.sign("/signed?b=1&a=2")),
    Fault("SIGNATURE_MISMATCH", nothing, path="/signed", case="another host", seen=":443",
          sends=lambda site: {**site.sign("/signed", host=f"{site.host}:443"), "Host": site.host},
          resends=lambda site: site.sign("/signed")),
    Fault("SIGNATURE_MISMATCH", nothing, path="/signed", case="another secret", seen="every line of the canonical request",
          sends=lambda site: site.sign("/signed", pair=(site.gateway.credentials[0], "wrong")),
          resends=lambda site: site.sign("/signed")),
]  # fmt: skip


def test_callers_who_may_are_healthy(site):
    for path, headers in (
        ("/open", {}),
        ("/keyed", {"x-api-key": site.value}),
        ("/busy", {}),
        ("/signed", site.sign("/signed")),
        ("/files/a%20b", site.sign("/files/a%20b")),
        ("/signed?b=1&a=2", site.sign("/signed?b=1&a=2")),
    ):
        report = site.doctor(f"https://{site.host}/dev{path}", *options(headers))
        assert ("ok", []) == (report["verdict"], report["findings"]), path


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_the_fault_is_named_first_and_mended(site, fault):
    with attempt(fault.code):
        target = f"https://{site.host}/dev{fault.path}"
        fault.breaks(site)
        report = site.doctor(target, *options(fault.sends(site)))
        assert ("problem", [fault.code]) == (report["verdict"], codes(report)), json.dumps(report, indent=1)
        (finding, *_) = report["findings"]
        assert fault.seen in "\n".join(finding["evidence"]), json.dumps(report, indent=1)
        fault.mends(site)
        site.run(finding["remedy"]["commands"])
        headers = (fault.resends or fault.sends)(site)
        if fault.code.startswith("THROTTLED"):
            try_again(site, fault.path, headers)
        report = site.doctor(target, *options(headers))
        assert ("ok", []) == (report["verdict"], report["findings"]), json.dumps(report, indent=1)
        fault.restores(site)


def test_the_account_throttle_is_named_and_a_start_with_more_mends_it(site, tmp_path):
    """What the remedy says is done with the installation itself; the module's gateway is another."""
    with attempt("THROTTLED_ACCOUNT"):
        slow = Gateway(tmp_path / "data", "--account-throttle", "0.001:1", workers=1)
        try:
            slow.start()
            api = ApiBuilder(slow.client("apigateway"))
            api.mock("/open")
            api.deploy("dev")
            target = f"https://{api.id}.execute-api.us-east-1.gateway.localhost/dev/open"
            assert "ok" == ask_doctor(slow, target)["verdict"]
            report = ask_doctor(slow, target)
            assert ("problem", ["THROTTLED_ACCOUNT"]) == (report["verdict"], codes(report)), report
            (finding,) = report["findings"]
            assert "no other limit is set: 0.001 requests a second, burst 1" in finding["evidence"]
            words = finding["remedy"]["text"].partition("gatewright serve ")[2].split()
            assert ["--account-throttle", "10:20"] == words
            slow.stop()
            slow = Gateway(tmp_path / "data", *words, workers=1)
            slow.start()
            for _ in range(3):  # the buckets of account and Region were empty
                time.sleep(0.15)
                report = ask_doctor(slow, target)
                if report["verdict"] == "ok":
                    break
            assert ("ok", []) == (report["verdict"], report["findings"]), report
        finally:
            if slow.is_running:
                slow.kill_tree()


def captured(site: Site, path: str, body: bytes = b"", method: str = "GET", **headers: str) -> str:
    """A file with the request as a client wrote it."""
    lines = [f"{method} /dev{path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    file = site.folder / "request.txt"
    file.write_bytes("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
    return str(file)


@pytest.mark.parametrize(
    ("sent", "arrives", "line", "cause"),
    [
        ({"host": "www.example.com"}, {}, "host", "The Host was rewritten on the way"),
        ({"path": "/signed?a=1"}, {"path": "/signed?a=1&added=2"}, "query", "A parameter was added"),
        ({"path": "/files/a"}, {"path": "/files/b"}, "path", "The path was rewritten on the way"),
        ({"method": "POST", "body": b"{}"}, {"method": "POST", "body": b"{ }"}, "payload hash", "The body was altered"),
    ],
)  # fmt: skip
def test_a_pasted_mismatch_and_the_captured_request_tell_the_line_that_was_changed_on_the_way(
    site, sent, arrives, line, cause
):
    with attempt("SIGNATURE_MISMATCH"):
        sent = {"path": "/signed", "method": "GET", "body": b"", "host": site.host, **sent}
        arrives = {"path": sent["path"], "method": "GET", "body": b"", **arrives}
        headers = site.sign(sent["path"], method=sent["method"], body=sent["body"], host=sent["host"])
        answer = ask(
            site.gateway.https_port, site.host, "/dev" + arrives["path"], method=arrives["method"], body=arrives["body"],
            headers={**headers, "Host": site.host}, context=distrust(),
        )  # fmt: skip
        assert 403 == answer.status
        file = captured(site, sent["path"], sent["body"], sent["method"], **headers)
        report = site.doctor(answer.body.decode(), "--request", file)
        assert ("problem", ["SIGNATURE_MISMATCH"]) == (report["verdict"], codes(report)), json.dumps(report, indent=1)
        (finding,) = report["findings"]
        assert cause in finding["cause"]
        _, client, gateway = finding["evidence"]
        assert client.startswith(f"client:  {line}: ")
        assert gateway.startswith(f"gateway: {line}: ")


def test_a_pasted_denial_is_judged_by_the_api_that_it_names(site):
    answer = site.call("/signed", **site.sign("/signed", pair=site.stranger))
    report = site.doctor(answer.body.decode())
    assert ("problem", ["CROSS_ACCOUNT_NEEDS_BOTH"]) == (report["verdict"], codes(report)), report


def test_a_text_and_a_log_that_say_nothing_known_are_no_sign_of_health(site, tmp_path):
    report = site.doctor("it does not work any more")
    assert ("unknown", ["ANSWER_UNEXPLAINED"]) == (report["verdict"], codes(report))
    log = tmp_path / "log.txt"
    log.write_text("(rid) Method completed with status: 200\n")
    assert "unknown" == site.doctor("x", "--log", str(log))["verdict"]


def test_a_line_of_an_execution_log_gives_the_remedy_its_names(site, tmp_path):
    log = tmp_path / "log.txt"
    log.write_text(
        "(rid) API Key **********F0yrv6 exceeded throttle limit for API Stage a1b2c3d4e5/dev: Key throttle limit exceeded for "
        "Usage Plan ID nnpegc, RestApi a1b2c3d4e5, Stage dev, Resource f646q2, HttpMethod GET. Limit: 5.00 Burst: 10\n"
    )
    report = site.doctor("the log", "--log", str(log))
    assert ("problem", ["THROTTLED_PLAN"]) == (report["verdict"], codes(report))
    assert "--usage-plan-id nnpegc" in report["findings"][0]["remedy"]["text"]


def test_a_request_id_is_found_in_the_breath_after_its_answer(site):
    answer = site.call("/keyed")
    report = site.doctor(answer.header("x-amzn-RequestId"))
    assert ("problem", ["API_KEY_MISSING"]) == (report["verdict"], codes(report))
