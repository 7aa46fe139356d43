"""The distribution in front of a host, as CloudFront tells of it, and what the account has behind its origin.

What this module knows (facts 12): a distribution is found by its own name or by an alias, which may be a wildcard. An
edge-optimized endpoint's distribution belongs to the service and is listed to nobody. The managed policies that matter for
Host and Authorization are published with their ids, so they need no call and no permission.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from gatewright.core.domains.hostname import wildcard_of
from gatewright.doctor.evidence import Evidence, OriginSide, Unknown
from gatewright.doctor.front import LEGACY, Behavior, Distribution, HeaderRule, Origin
from gatewright.doctor.names import is_distribution, parse_default_endpoint
from gatewright.doctor.probes.api import AwsApi, NotServed
from gatewright.doctor.probes.configuration import probe_configuration
from gatewright.doctor.probes.deadline import CannotLook, Deadline

#: A hundred a page: more distributions than accounts have by default (200).
_MOST_PAGES: Final = 10

# CloudFront developer guide, managed cache policies and managed origin request policies.
_MANAGED: Final[Mapping[str, HeaderRule]] = {
    "658327ea-f89d-4fab-a63d-7e88639e58f6": HeaderRule("CachingOptimized", "none"),
    "4135ea2d-6df8-44a3-9df3-4b5a84be39ad": HeaderRule("CachingDisabled", "none"),
    "216adef6-5c7f-47e4-b989-5492eafa07d3": HeaderRule("AllViewer", "allViewer"),
    "33f36d7e-f396-46d9-90e0-52428a34d9dc": HeaderRule("AllViewerAndCloudFrontHeaders-2022-06", "allViewer"),
    "b689b0a8-53d0-40ab-baf2-68738e2966ac": HeaderRule("AllViewerExceptHostHeader", "allExcept", ("Host",)),
}


def leads_to_front(evidence: Evidence) -> bool:
    """Whether the name, or the answer, shows a CloudFront that is not the gateway's own."""
    domain, question = evidence.domain, evidence.question
    own = {target for target, _ in domain.targets} if domain else set()
    chain = evidence.name.canonical_names if evidence.name else ()
    if distributions := {name for name in (question.host, *chain) if is_distribution(name)}:
        return bool(distributions - own)
    if parse_default_endpoint(question.host) or (domain is not None and "EDGE" in domain.endpoint_types):
        return False
    if own & set(chain):
        return False  # it leads to the gateway itself: what the answer says of a CloudFront is the backend's
    headers = evidence.http.headers if evidence.http else {}
    said = headers.get("via", "") + headers.get("x-cache", "")
    return "cloudfront" in said.lower() or "x-amz-cf-id" in headers


def find_front(api: AwsApi, evidence: Evidence) -> tuple[Distribution | None, tuple[Unknown, ...]]:
    """The account's distribution that the host leads to, and what could not be told of it; None when there is none."""
    host = evidence.question.host
    names = {host, *(evidence.name.canonical_names if evidence.name else ())}
    best: Mapping[str, Any] | None = None
    try:
        for summary in _distributions(api):
            aliases = summary.get("Aliases", {}).get("Items", ())
            if summary["DomainName"] in names or host in aliases:
                best = summary
                break
            if wildcard_of(host) in aliases:  # the name itself may still come
                best = summary
    except NotServed:
        return None, ()
    except CannotLook as error:
        return None, (Unknown("front", error.why, error.action),)
    return _read_distribution(api, best, evidence.question.path) if best else (None, ())


def _distributions(api: AwsApi) -> Iterable[Mapping[str, Any]]:
    arguments: dict[str, Any] = {}
    for _ in range(_MOST_PAGES):
        page = (api.call("cloudfront", "list_distributions", **arguments) or {}).get("DistributionList", {})
        yield from page.get("Items", ())
        if not page.get("IsTruncated") or not page.get("NextMarker"):
            return
        arguments["Marker"] = page["NextMarker"]


def _read_distribution(api: AwsApi, answer: Mapping[str, Any], path: str) -> tuple[Distribution, tuple[Unknown, ...]]:
    """The policies are read of the one behavior that the path meets."""
    answers = [
        *answer.get("CacheBehaviors", {}).get("Items", ()),
        {**answer["DefaultCacheBehavior"], "PathPattern": "*"},
    ]
    behaviors = [Behavior(each["PathPattern"], each["TargetOriginId"], None) for each in answers]
    met = next(number for number, each in enumerate(behaviors) if each.fits(path))
    unknowns: tuple[Unknown, ...] = ()
    try:
        behaviors[met] = replace(behaviors[met], rules=_read_rules(api, answers[met]))
    except CannotLook as error:
        unknowns = (Unknown("front", error.why, error.action),)
    distribution = Distribution(
        answer["Id"],
        answer["DomainName"],
        answer["Status"],
        answer["Enabled"],
        tuple(answer.get("Aliases", {}).get("Items", ())),
        tuple(_read_origin(each) for each in answer["Origins"]["Items"]),
        tuple(behaviors),
    )
    return distribution, unknowns


def _read_origin(answer: Mapping[str, Any]) -> Origin:
    custom = answer.get("CustomOriginConfig", {})
    return Origin(
        answer["Id"],
        answer["DomainName"].lower(),
        answer.get("OriginPath", ""),
        custom.get("OriginProtocolPolicy"),
        tuple(custom.get("OriginSslProtocols", {}).get("Items", ())),
    )


def _read_rules(api: AwsApi, answer: Mapping[str, Any]) -> tuple[HeaderRule, ...] | None:
    """What the behavior's policies pass on; None when one of them is not to be found."""
    if not answer.get("CachePolicyId"):
        named = tuple(answer.get("ForwardedValues", {}).get("Headers", {}).get("Items", ()))
        return (HeaderRule(LEGACY, "whitelist", named),)
    rules = [_cache_rule(api, answer["CachePolicyId"])]
    if answer.get("OriginRequestPolicyId"):
        rules.append(_origin_request_rule(api, answer["OriginRequestPolicyId"]))
    read = tuple(rule for rule in rules if rule is not None)
    return read if len(read) == len(rules) else None


def _cache_rule(api: AwsApi, policy_id: str) -> HeaderRule | None:
    if policy_id in _MANAGED:
        return _MANAGED[policy_id]
    answer = api.call("cloudfront", "get_cache_policy", Id=policy_id)
    if answer is None:
        return None
    config = answer["CachePolicy"]["CachePolicyConfig"]
    return _read_rule(config["Name"], config.get("ParametersInCacheKeyAndForwardedToOrigin", {}))


def _origin_request_rule(api: AwsApi, policy_id: str) -> HeaderRule | None:
    if policy_id in _MANAGED:
        return _MANAGED[policy_id]
    answer = api.call("cloudfront", "get_origin_request_policy", Id=policy_id)
    if answer is None:
        return None
    config = answer["OriginRequestPolicy"]["OriginRequestPolicyConfig"]
    return _read_rule(config["Name"], config)


def _read_rule(name: str, config: Mapping[str, Any]) -> HeaderRule:
    headers = config.get("HeadersConfig", {})
    return HeaderRule(name, headers.get("HeaderBehavior", "none"), tuple(headers.get("Headers", {}).get("Items", ())))


def probe_origin(
    api: AwsApi, evidence: Evidence, front: Distribution, deadline: Deadline
) -> tuple[OriginSide | None, tuple[Unknown, ...]]:
    """The configuration of what CloudFront asks its origin for, and what could not be looked at of it."""
    route = front.select_route(evidence.question.path)
    if route is None:
        return None, ()
    host, path = route.origin.domain, route.origin.path + evidence.question.path
    question = replace(evidence.question, host=host, path=path, headers={})
    found = probe_configuration(api, question, deadline)
    if found.api is None and not found.domains:
        return None, tuple(replace(each, step="origin") for each in found.unknowns)
    side = OriginSide(host, path, found.domains[0] if found.domains else None, found.mappings, found.api)
    return side, tuple(replace(each, step="origin") for each in found.unknowns)


def look_at_front(api: AwsApi, evidence: Evidence, deadline: Deadline) -> Evidence:
    """The evidence with the distribution and its origin; what could not be looked at is among the unknowns."""
    front, unknowns = find_front(api, evidence)
    if front is None:
        return replace(evidence, unknowns=(*evidence.unknowns, *unknowns))
    origin, more = probe_origin(api, evidence, front, deadline)
    return replace(evidence, front=front, origin=origin, unknowns=(*evidence.unknowns, *unknowns, *more))
