"""Which limit is named for a 429, and how sure that is."""

import pytest

from gatewright.doctor.checks import CHECKS
from gatewright.doctor.evidence import Api, DeployedMethod, Evidence, HttpAnswer, Integration
from gatewright.doctor.finding import Finding
from gatewright.doctor.limits import Limits, PlanLimits, PresentedKey, Throttle
from gatewright.doctor.question import Question

KEY = PresentedKey(found=True, id="key001")
ACCOUNT = Throttle(10_000.0, 5_000)


def throttled(
    limits: Limits | None, error_type: str = "TooManyRequestsException", header: str = "x-amzn-requestid", **more
) -> list[Finding]:
    api = Api("a1b2c3d4e5", stage="dev", stages={"dev": "dep"}, deployed={"/pets": {"GET": DeployedMethod()}})
    headers = {"x-amzn-requestid": "id", header: "id", **({"x-amzn-errortype": error_type} if error_type else {})}
    evidence = Evidence(
        Question("x", host="www.example.com", path="/pets"), "2026-11-21T00:00:00+00:00", api=api,
        integration=Integration("res001", "/pets", "GET", "HTTP_PROXY", "http://b.test/"), limits=limits,
        http=HttpAnswer(429, headers, '{"message":"Too Many Requests"}'), **more,
    )  # fmt: skip
    found = [check.run(evidence) for check in CHECKS]
    return [each for each in found if each is not None]


def plan(**more) -> PlanLimits:
    return PlanLimits("plan01", "gold", has_key=True, has_stage=True, **more)


@pytest.mark.parametrize(
    ("code", "limits"),
    [
        ("THROTTLED_ACCOUNT", Limits(account=ACCOUNT)),
        ("THROTTLED_STAGE", Limits(stage=Throttle(0, 100), stage_setting="*/*", account=ACCOUNT)),
        ("THROTTLED_PLAN", Limits(KEY, (plan(throttle=Throttle(5, 0)),), stage=Throttle(0, 0), account=ACCOUNT)),
    ],
)
def test_the_only_limit_or_one_that_is_shut_is_named_for_sure(code, limits):
    (finding,) = throttled(limits)
    assert code == finding.code
    assert "most likely" not in finding.cause


@pytest.mark.parametrize(
    ("code", "limits"),
    [
        ("THROTTLED_PLAN", Limits(KEY, (plan(throttle=Throttle(5, 10)),), stage=Throttle(50, 100), account=ACCOUNT)),
        ("THROTTLED_STAGE", Limits(KEY, (plan(throttle=Throttle(5, 10)),), stage=Throttle(2, 100), account=ACCOUNT)),
        ("THROTTLED_PLAN", Limits(KEY, (plan(throttle=Throttle(50, 10), method_throttle=Throttle(1, 1)),),
                                  stage=Throttle(2, 100), account=ACCOUNT)),
    ],
)  # fmt: skip
def test_of_several_the_tightest_is_the_likeliest_and_the_others_are_listed(code, limits):
    (finding,) = throttled(limits)
    assert code == finding.code
    assert "most likely" in finding.cause
    assert 2 == sum(line.startswith("it may also be") for line in finding.evidence)


def test_the_execution_log_decides():
    limits = Limits(KEY, (plan(throttle=Throttle(5, 10)),), stage=Throttle(2, 100), account=ACCOUNT)
    (finding,) = throttled(limits, logged={"code": "THROTTLED_ACCOUNT", "message": "Account throttle limit exceeded"})
    assert "THROTTLED_ACCOUNT" == finding.code
    assert "the execution log has: Account throttle limit exceeded" in finding.evidence


def test_a_plan_that_lacks_the_key_or_the_stage_meters_nothing():
    other = PlanLimits("plan02", "silver", has_key=False, has_stage=True, throttle=Throttle(1, 1))
    assert ["THROTTLED_ACCOUNT"] == [each.code for each in throttled(Limits(None, (other,), account=ACCOUNT))]


def test_without_the_limits_nothing_is_claimed_and_a_backends_429_is_its_own():
    assert [] == throttled(None)
    assert ["THROTTLED_BACKEND"] == [each.code for each in throttled(None, error_type="")]


def test_a_backend_that_is_a_gateway_too_is_known_by_the_headers_that_were_remapped():
    told = throttled(Limits(account=ACCOUNT), header="x-amzn-remapped-x-amzn-requestid")
    assert ["THROTTLED_BACKEND"] == [each.code for each in told]
