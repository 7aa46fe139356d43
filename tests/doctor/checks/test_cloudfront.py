"""The distribution in front: what each check says beside its specimens, and what it leaves alone."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from gatewright.doctor.evidence import BasePath, DeployedMethod, Domain, Evidence, HttpAnswer
from gatewright.doctor.examine import examine
from gatewright.doctor.finding import Finding, Outcome
from gatewright.doctor.front import LEGACY, Behavior, HeaderRule
from gatewright.doctor.question import parse_question
from gatewright.model.codec import decode_document

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "doctor"
MISSING_TOKEN = HttpAnswer(403, {"x-amzn-errortype": "MissingAuthenticationTokenException"}, "{}")
FORBIDDEN = HttpAnswer(403, {"x-amzn-errortype": "ForbiddenException"}, "{}")


def specimen(name: str) -> Evidence:
    return decode_document(Evidence, json.loads((GOLDEN / f"{name}.json").read_text()))


HEALTHY = specimen("CLOUDFRONT_ORIGIN_PATH.passing")


def through(evidence: Evidence, path: str, origin_path: str, answer: HttpAnswer, **side) -> Evidence:
    """The same distribution with another origin path, asked for another path."""
    front, origin = evidence.front, evidence.origin
    asked = origin_path + path
    stage, _, rest = asked.lstrip("/").partition("/")
    api = replace(origin.api, stage=stage, resource_path=f"/{rest}")
    return replace(
        evidence,
        question=parse_question(f"https://cdn.example.com{path}"),
        front=replace(front, origins=(replace(front.origins[0], path=origin_path),)),
        origin=replace(origin, path=asked, **{"api": api, **side}),
        http=answer,
    )


def found(evidence: Evidence, code: str) -> Finding | None:
    return next((each for each in examine(evidence).findings if each.code == code), None)


@pytest.mark.parametrize(
    ("path", "origin_path", "right"),
    [
        ("/pets", "", "/dev"),  # the first segment is no stage
        ("/pets", "/prod", "/dev"),  # nor is this
        ("/dev/pets", "/dev", ""),  # named twice
        ("/pets", "/dev/v1", "/dev"),  # more than the stage
    ],
)
def test_the_origin_path_that_would_find_the_method_is_named(path, origin_path, right):
    finding = found(through(HEALTHY, path, origin_path, MISSING_TOKEN), "CLOUDFRONT_ORIGIN_PATH")
    assert finding.cause.endswith(f"has to be {right or 'empty'}.")
    assert f'.OriginPath = "{right}"' in finding.remedy.commands[1]


@pytest.mark.parametrize(
    ("path", "origin_path", "answer"),
    [
        ("/nowhere", "/dev", MISSING_TOKEN),  # the method is missing, whatever the origin path
        ("/pets", "/dev", FORBIDDEN),  # the path is right, and refused for something else
        ("/pets", "", HttpAnswer(200)),  # it works: a function at the edge may rewrite the path
        ("/pets", "", HttpAnswer(502)),
    ],
)
def test_an_origin_path_that_is_not_the_cause_is_not_blamed(path, origin_path, answer):
    assert found(through(HEALTHY, path, origin_path, answer), "CLOUDFRONT_ORIGIN_PATH") is None


def test_a_custom_domain_name_as_origin_wants_what_its_mappings_have():
    api = replace(HEALTHY.origin.api, stage="dev", resource_path="/dev/pets")
    domain = Domain("api.example.com", regional_name="d-abcdefghij.execute-api.us-east-1.amazonaws.com")
    side = {"host": "api.example.com", "domain": domain, "mappings": (BasePath("", "abcdefghij", "dev"),), "api": api}
    finding = found(through(HEALTHY, "/pets", "/dev", MISSING_TOKEN, **side), "CLOUDFRONT_ORIGIN_PATH")
    assert "has to be empty" in finding.cause
    assert "api.example.com has the mappings (none)" in finding.evidence
    side = {**side, "mappings": (BasePath("shop", "abcdefghij", "dev"),)}
    finding = found(through(HEALTHY, "/pets", "", FORBIDDEN, **side), "CLOUDFRONT_ORIGIN_PATH")
    assert "has to be /shop" in finding.cause


@pytest.mark.parametrize(
    ("rules", "change"),
    [
        # The cache policy may stay when it is not what passes Host on.
        ((HeaderRule("own", "none"), HeaderRule("AllViewer", "allViewer")), ".DefaultCacheBehavior |= (.OriginRequest"),
        ((HeaderRule("own", "whitelist", ("Host",)),), ".DefaultCacheBehavior |= (.CachePolicyId"),
        ((HeaderRule(LEGACY, "whitelist", ("*",)),), ".DefaultCacheBehavior |= (.CachePolicyId"),
    ],
)
def test_the_policy_that_passes_host_on_is_replaced(rules, change):
    front = replace(HEALTHY.front, behaviors=(Behavior("*", "api", rules),))
    finding = found(replace(HEALTHY, front=front, http=FORBIDDEN), "CLOUDFRONT_HOST_FORWARDED")
    assert change in finding.remedy.commands[1]


def test_a_behavior_of_its_own_is_changed_by_its_pattern():
    own = Behavior("/p*", "api", (HeaderRule("AllViewer", "allViewer"),))
    front = replace(HEALTHY.front, behaviors=(own, *HEALTHY.front.behaviors))
    finding = found(replace(HEALTHY, front=front, http=FORBIDDEN), "CLOUDFRONT_HOST_FORWARDED")
    assert '(.CacheBehaviors.Items[] | select(.PathPattern == "/p*")) |=' in finding.remedy.commands[1]


def test_a_host_that_the_api_knows_may_be_passed_on():
    front = replace(HEALTHY.front, behaviors=(Behavior("*", "api", (HeaderRule("AllViewer", "allViewer"),)),))
    known = replace(HEALTHY, front=front, http=FORBIDDEN, domains=(Domain("cdn.example.com"),))
    assert found(known, "CLOUDFRONT_HOST_FORWARDED") is None
    unread = replace(HEALTHY.front, behaviors=(Behavior("*", "api", None),))
    assert found(replace(HEALTHY, front=unread, http=FORBIDDEN), "CLOUDFRONT_HOST_FORWARDED") is None


@pytest.mark.parametrize(
    ("method", "header", "authorization", "told"),
    [
        ("GET", "Bearer x", "NONE", True),
        ("GET", None, "CUSTOM", True),
        ("GET", None, "NONE", False),
        ("POST", "Bearer x", "NONE", False),  # CloudFront leaves the header to these
    ],
)
def test_a_dropped_authorization_is_told_where_it_was_wanted(method, header, authorization, told):
    side = HEALTHY.origin
    api = replace(side.api, deployed={"/pets": {method: DeployedMethod(authorization)}}, resource_path="/pets")
    headers = {"Authorization": header} if header else {}
    evidence = replace(
        HEALTHY, http=MISSING_TOKEN, origin=replace(side, api=api),
        question=parse_question("https://cdn.example.com/pets", method=method, headers=headers),
        front=replace(HEALTHY.front, behaviors=(Behavior("*", "api", (HeaderRule("CachingDisabled", "none"),)),)),
    )  # fmt: skip
    assert told is (found(evidence, "CLOUDFRONT_AUTHORIZATION_DROPPED") is not None)


@pytest.mark.parametrize(
    ("policy", "versions", "security_policy", "why"),
    [
        ("https-only", ("SSLv3",), None, "wants TLS 1.2"),
        ("match-viewer", ("TLSv1", "TLSv1.1"), "TLS_1_2", "wants TLS 1.2"),
        ("http-only", ("TLSv1.2",), None, "no port 80"),
        ("https-only", ("TLSv1", "TLSv1.2"), None, None),
        ("https-only", ("TLSv1",), "TLS_1_0", None),
        (None, (), None, None),
    ],
)
def test_an_origin_that_is_spoken_to_as_it_does_not_speak(policy, versions, security_policy, why):
    origin = replace(HEALTHY.front.origins[0], protocol_policy=policy, tls_versions=versions)
    domain = Domain("api.example.com", security_policy=security_policy) if security_policy else None
    evidence = replace(
        HEALTHY, http=HttpAnswer(502, {"x-cache": "Error from cloudfront"}),
        front=replace(HEALTHY.front, origins=(origin,)), origin=replace(HEALTHY.origin, domain=domain),
    )  # fmt: skip
    finding = found(evidence, "CLOUDFRONT_OLD_TLS")
    assert (why is None) == (finding is None)
    if finding is not None:
        assert why in finding.cause


def test_a_distribution_on_its_way_is_a_warning_while_it_answers_and_a_disabled_one_is_enabled():
    deploying = replace(HEALTHY, front=replace(HEALTHY.front, status="InProgress"))
    assert Outcome.WARNING is found(deploying, "CLOUDFRONT_NOT_DEPLOYED").outcome
    disabled = replace(HEALTHY, front=replace(HEALTHY.front, enabled=False), http=None)
    finding = found(disabled, "CLOUDFRONT_NOT_DEPLOYED")
    assert Outcome.PROBLEM is finding.outcome
    assert "jq '.Enabled = true' config.json > new-config.json" == finding.remedy.commands[1]


def test_where_no_distribution_was_found_nothing_is_said_of_one():
    evidence = replace(HEALTHY, front=None, origin=None, domains=None, http=HttpAnswer(502))
    assert [] == [each.code for each in examine(evidence).findings if each.code.startswith("CLOUDFRONT")]
