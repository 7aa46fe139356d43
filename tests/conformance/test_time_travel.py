"""`gatewright clock`: a gateway for tests lives through days in seconds, in all of its processes."""

from datetime import UTC, datetime, timedelta

import pytest

from support.apis import ApiBuilder, create_domain, import_certificate
from support.gateway import running_gateway
from support.https import ask, distrust

pytestmark = pytest.mark.e2e

#: In the middle of a day, so that no midnight of the machine's comes between.
START = "2030-06-10T12:00:00Z"
DAYS = {"startDate": "2030-06-10", "endDate": "2030-06-11"}


@pytest.fixture(scope="module")
def lenient(tmp_path_factory):
    with running_gateway(tmp_path_factory.mktemp("lenient"), "--auth", "lenient", "--retry-after", "on") as gateway:
        gateway.cli("clock", START)
        yield gateway


def count(gateway, host, key, attempts):
    """How many of so many requests were let through, and the last answer; each comes on a connection of its own."""
    answers = [
        ask(gateway.https_port, host, "/dev/pets", headers={"x-api-key": key}, context=distrust())
        for _ in range(attempts)
    ]
    return sum(answer.status == 200 for answer in answers), answers[-1]


def test_a_days_quota_is_there_again_on_the_next_day(lenient):
    client = lenient.client("apigateway")
    api = ApiBuilder(client)
    api.mock("/pets")
    resource = next(each for each in client.get_resources(restApiId=api.id)["items"] if each["path"] == "/pets")
    patch = [{"op": "replace", "path": "/apiKeyRequired", "value": "true"}]
    client.update_method(restApiId=api.id, resourceId=resource["id"], httpMethod="GET", patchOperations=patch)
    api.deploy("dev")
    key = client.create_api_key(name="partner", enabled=True)
    plan = client.create_usage_plan(
        name="small", apiStages=[{"apiId": api.id, "stage": "dev"}], quota={"limit": 4, "period": "DAY"}
    )["id"]
    client.create_usage_plan_key(usagePlanId=plan, keyId=key["id"], keyType="API_KEY")
    host = f"{api.id}.execute-api.us-east-1.gateway.localhost"

    let_through, refused = count(lenient, host, key["value"], 7)
    assert (4, 429, b'{"message":"Limit Exceeded"}') == (let_through, refused.status, refused.body)
    assert 0 < int(refused.header("Retry-After")) <= 12 * 3600, "until midnight"
    assert "10 Jun 2030" in refused.header("Date")

    assert "2030-06-11T" in lenient.cli("clock", "+1d").stdout
    assert 4 == count(lenient, host, key["value"], 7)[0]
    assert {key["id"]: [[4, 0], [4, 0]]} == client.get_usage(usagePlanId=plan, **DAYS)["items"]

    lenient.cli("clock", START)
    assert 0 == count(lenient, host, key["value"], 2)[0], "what was used that day stays used"


def test_certificates_run_out_and_are_renewed(lenient, authority):
    acm, client = lenient.client("acm"), lenient.client("apigateway")
    end = datetime(2030, 7, 1, tzinfo=UTC)
    leaf = authority.issue("ends.example", not_before=end - timedelta(days=60), not_after=end)
    imported = import_certificate(acm, leaf)
    issued = acm.request_certificate(DomainName="lasts.example", ValidationMethod="DNS")["CertificateArn"]
    api = ApiBuilder(client)
    api.mock("/pets")
    api.deploy("dev")
    create_domain(client, "ends.example", imported, api.id, stage="dev")
    create_domain(client, "lasts.example", issued, api.id, stage="dev")  # only what is in use is renewed

    def described(arn):
        return acm.describe_certificate(CertificateArn=arn)["Certificate"]

    first = described(issued)
    assert ("ISSUED", "ISSUED") == (described(imported)["Status"], first["Status"])
    lenient.cli("clock", "2030-07-02")
    assert "EXPIRED" == described(imported)["Status"]
    lenient.cli("clock", (first["NotAfter"] - timedelta(days=10)).isoformat())
    lenient.wait_for(lambda: described(issued)["NotAfter"] > first["NotAfter"])
    assert "ISSUED" == described(issued)["Status"]
    lenient.cli("clock", START)


def test_a_restart_is_at_the_machines_time_and_enforce_moves_nothing(unstarted):
    unstarted.start()
    told = unstarted.cli("clock", "+1d", check=False)
    assert 2 == told.returncode
    assert "expected one that was started with --auth lenient" in told.stderr
    unstarted.stop()
    told = unstarted.cli("clock", check=False)
    assert (2, True) == (told.returncode, "no gateway is running" in told.stderr)


def test_the_usage_report_lags_where_that_is_asked_for(tmp_path):
    with running_gateway(tmp_path, "--auth", "lenient", "--usage-lag", "600") as gateway:
        client = gateway.client("apigateway")
        api = ApiBuilder(client)
        api.mock("/pets")
        resource = next(each for each in client.get_resources(restApiId=api.id)["items"] if each["path"] == "/pets")
        patch = [{"op": "replace", "path": "/apiKeyRequired", "value": "true"}]
        client.update_method(restApiId=api.id, resourceId=resource["id"], httpMethod="GET", patchOperations=patch)
        api.deploy("dev")
        key = client.create_api_key(name="partner", enabled=True)
        plan = client.create_usage_plan(name="plan", apiStages=[{"apiId": api.id, "stage": "dev"}])["id"]
        client.create_usage_plan_key(usagePlanId=plan, keyId=key["id"], keyType="API_KEY")
        host = f"{api.id}.execute-api.us-east-1.gateway.localhost"
        gateway.cli("clock", START)
        gateway.wait_for(lambda: count(gateway, host, key["value"], 1)[0] == 1)
        assert 3 == count(gateway, host, key["value"], 3)[0]

        def used():
            today = DAYS["startDate"]
            report = client.get_usage(usagePlanId=plan, keyId=key["id"], startDate=today, endDate=today)
            return report["items"][key["id"]][0][0]

        assert 0 == used()
        gateway.cli("clock", "+11m")
        gateway.wait_for(lambda: used() == 4)
