"""The distribution that a host leads to, read from what CloudFront answers."""

from dataclasses import replace

import pytest

from gatewright.doctor.evidence import Domain, Evidence, HttpAnswer, NameAnswer, Unknown
from gatewright.doctor.front import HeaderRule
from gatewright.doctor.probes.api import NotServed
from gatewright.doctor.probes.deadline import CannotLook
from gatewright.doctor.probes.front import find_front, leads_to_front
from gatewright.doctor.question import parse_question

CDN = "d111111abcdef8.cloudfront.net"
ASKED = Evidence(parse_question("https://cdn.example.com/api/pets"), "2026-01-01T00:00:00+00:00")
LED = replace(ASKED, name=NameAnswer("192.0.2.53:53", "NOERROR", (CDN,), ("198.51.100.7",)))


def summary(domain: str = CDN, aliases=(), default=None, behaviors=()) -> dict:
    """One item of ListDistributions, with what is read of it."""
    return {
        "Id": f"E-{domain.partition('.')[0]}", "DomainName": domain, "Status": "Deployed", "Enabled": True,
        "Aliases": {"Quantity": len(aliases), **({"Items": list(aliases)} if aliases else {})},
        "Origins": {"Quantity": 2, "Items": [
            {"Id": "api", "DomainName": "API.example.com", "OriginPath": "/dev", "CustomOriginConfig": {
                "OriginProtocolPolicy": "https-only", "OriginSslProtocols": {"Quantity": 1, "Items": ["TLSv1.2"]}}},
            {"Id": "files", "DomainName": "files.s3.amazonaws.com", "OriginPath": "", "S3OriginConfig": {}}]},
        "DefaultCacheBehavior": {"TargetOriginId": "api", **(default or {"CachePolicyId": "own-cache"})},
        "CacheBehaviors": {"Quantity": len(behaviors), **({"Items": list(behaviors)} if behaviors else {})},
    }  # fmt: skip


class CloudFront:
    """Pages of distributions, and policies by id; a policy that is an exception is raised."""

    def __init__(self, *pages, policies=None) -> None:
        self.pages, self.policies, self.asked = pages, policies or {}, []

    def call(self, service, operation, **arguments):
        self.asked.append((operation, arguments))
        assert "cloudfront" == service
        if operation == "list_distributions":
            number = int(arguments.get("Marker", 0))
            more = number + 1 < len(self.pages)
            page = {"Items": list(self.pages[number]), "IsTruncated": more}
            return {"DistributionList": {**page, **({"NextMarker": str(number + 1)} if more else {})}}
        policy = self.policies.get(arguments["Id"])
        if isinstance(policy, Exception):
            raise policy
        if policy is None:
            return None
        if operation == "get_cache_policy":
            config = {"Name": "cache", "ParametersInCacheKeyAndForwardedToOrigin": {"HeadersConfig": policy}}
            return {"CachePolicy": {"CachePolicyConfig": config}}
        return {"OriginRequestPolicy": {"OriginRequestPolicyConfig": {"Name": "request", "HeadersConfig": policy}}}


NOTHING_PASSED = {"own-cache": {"HeaderBehavior": "none"}}


@pytest.mark.parametrize(
    ("evidence", "leads"),
    [
        (ASKED, False),
        (LED, True),
        (replace(ASKED, question=parse_question(f"https://{CDN}/")), True),
        (replace(ASKED, http=HttpAnswer(403, {"x-cache": "Error from cloudfront"})), True),
        (replace(ASKED, http=HttpAnswer(200, {"via": "1.1 x.CloudFront.net (CloudFront)"})), True),
        (replace(ASKED, http=HttpAnswer(200, {"via": "1.1 varnish"})), False),
        # A backend may have a CloudFront of its own, whose headers come through.
        (
            replace(
                LED,
                name=replace(LED.name, canonical_names=("d-1.example.net",)),
                domains=(Domain("cdn.example.com", regional_name="d-1.example.net"),),
                http=HttpAnswer(200, {"x-cache": "Hit from cloudfront"}),
            ),
            False,
        ),
        # What stands before an edge-optimized endpoint is the service's own.
        (replace(LED, domains=(Domain("cdn.example.com", endpoint_types=("EDGE",), distribution_name=CDN),)), False),
        (replace(ASKED, domains=(Domain("cdn.example.com", endpoint_types=("EDGE",)),),
                 http=HttpAnswer(200, {"x-amz-cf-id": "x"})), False),
        (replace(ASKED, question=parse_question("https://abcdefghij.execute-api.us-east-1.amazonaws.com/dev"),
                 http=HttpAnswer(200, {"x-amz-cf-id": "x"})), False),
    ],
)  # fmt: skip
def test_a_front_shows_in_the_name_or_in_the_answer(evidence, leads):
    assert leads is leads_to_front(evidence)


def test_it_is_found_on_a_later_page_by_its_own_name():
    api = CloudFront([summary("d2.cloudfront.net")], [summary()], policies=NOTHING_PASSED)
    front, unknowns = find_front(api, LED)
    assert ("E-d111111abcdef8", ()) == (front.id, unknowns)
    assert ("api.example.com", "/dev", "https-only", ("TLSv1.2",)) == (
        front.origins[0].domain, front.origins[0].path, front.origins[0].protocol_policy, front.origins[0].tls_versions,
    )  # fmt: skip
    assert front.origins[1].protocol_policy is None


def test_an_alias_of_the_very_name_comes_before_a_wildcard():
    exact, wild = summary("d2.cloudfront.net", ["cdn.example.com"]), summary("d3.cloudfront.net", ["*.example.com"])
    assert "E-d2" == find_front(CloudFront([wild, exact], policies=NOTHING_PASSED), ASKED)[0].id
    assert "E-d3" == find_front(CloudFront([wild], policies=NOTHING_PASSED), ASKED)[0].id
    assert find_front(CloudFront([summary("d4.cloudfront.net")]), ASKED) == (None, ())


def test_the_policies_of_the_behavior_that_the_path_meets_are_read_and_no_others():
    own = {"PathPattern": "/api/*", "TargetOriginId": "api", "CachePolicyId": "c", "OriginRequestPolicyId": "r"}
    policies = {
        "c": {"HeaderBehavior": "whitelist", "Headers": {"Quantity": 1, "Items": ["Authorization"]}},
        "r": {"HeaderBehavior": "allExcept", "Headers": {"Quantity": 1, "Items": ["Host"]}},
    }
    api = CloudFront([summary(behaviors=[own])], policies=policies)
    front, _ = find_front(api, LED)
    assert (HeaderRule("cache", "whitelist", ("Authorization",)), HeaderRule("request", "allExcept", ("Host",))) == (
        front.behaviors[0].rules
    )
    assert front.behaviors[1].rules is None
    assert ["list_distributions", "get_cache_policy", "get_origin_request_policy"] == [name for name, _ in api.asked]


def test_a_managed_policy_needs_no_call_and_an_older_behavior_has_none():
    managed = {"CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
               "OriginRequestPolicyId": "216adef6-5c7f-47e4-b989-5492eafa07d3"}  # fmt: skip
    api = CloudFront([summary(default=managed)])
    behavior = find_front(api, LED)[0].behaviors[0]
    assert (True, 1) == (behavior.passes("Host"), len(api.asked))
    older = {"ForwardedValues": {"QueryString": False, "Headers": {"Quantity": 1, "Items": ["Origin"]}}}
    behavior = find_front(CloudFront([summary(default=older)]), LED)[0].behaviors[0]
    assert (False, True) == (behavior.passes("Host"), behavior.passes("Origin"))


def test_a_policy_that_may_not_be_read_leaves_the_rest_of_the_distribution():
    refused = CannotLook("it is not permitted", "cloudfront:GetCachePolicy")
    front, unknowns = find_front(CloudFront([summary()], policies={"own-cache": refused}), LED)
    assert front.behaviors[0].passes("Host") is None
    assert (Unknown("front", "it is not permitted", "cloudfront:GetCachePolicy"),) == unknowns


def test_a_policy_that_is_gone_tells_nothing():
    assert find_front(CloudFront([summary()]), LED)[0].behaviors[0].passes("Host") is None


@pytest.mark.parametrize(
    ("error", "unknowns"),
    [(NotServed("it is not served here"), ()),
     (CannotLook("it is not permitted", "cloudfront:ListDistributions"),
      (Unknown("front", "it is not permitted", "cloudfront:ListDistributions"),))],
)  # fmt: skip
def test_where_there_is_no_cloudfront_there_is_nothing_to_know_and_a_refusal_is_unknown(error, unknowns):
    class Refusing:
        def call(self, *_, **__):
            raise error

    assert (None, unknowns) == find_front(Refusing(), LED)
