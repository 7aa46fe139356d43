"""CLOUDFRONT_HOST_FORWARDED and CLOUDFRONT_AUTHORIZATION_DROPPED: one header too many, one too few (facts 12)."""

from typing import Final

from gatewright.core.routing.resource_tree import ResourceMatch, compile_resources
from gatewright.doctor.check import Check, Found, Link
from gatewright.doctor.checks.cloudfront.refused import behavior_at, describe_route, has_for_origin, refused_route
from gatewright.doctor.commands import patch_distribution
from gatewright.doctor.evidence import Evidence, OriginSide
from gatewright.doctor.front import LEGACY, Behavior
from gatewright.doctor.names import parse_default_endpoint

#: Of these CloudFront takes the Authorization header away unless it is told otherwise, by its guide.
_STRIPPED_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
# The managed policies AllViewerExceptHostHeader and CachingDisabled, by the ids that CloudFront publishes.
_ALL_BUT_HOST: Final = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
_NO_CACHE: Final = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"


def _pass_all_but_host(behavior: Behavior, *, keep_cache_policy: bool) -> str:
    """The change to the configuration, for jq; the older settings of a behavior cannot stand beside policies."""
    cache = "" if keep_cache_policy else (
        f'.CachePolicyId = "{_NO_CACHE}" | del(.ForwardedValues, .MinTTL, .DefaultTTL, .MaxTTL) | ')  # fmt: skip
    return f'{behavior_at(behavior)} |= ({cache}.OriginRequestPolicyId = "{_ALL_BUT_HOST}")'


def _host_forwarded(evidence: Evidence) -> Found | None:
    refused, side = refused_route(evidence, 403, 502), evidence.origin
    if refused is None or side is None or evidence.domains:
        return None
    front, route, answer = refused
    if not route.behavior.passes("Host") or answer.error_type == "MissingAuthenticationTokenException":
        return None
    host = evidence.question.http_host
    if host == route.origin.domain:
        return None
    cache, *_ = rules = route.behavior.rules or ()
    passed_by = ", ".join(rule.policy for rule in rules if rule.passes("Host"))
    keep = not cache.passes("Host") and cache.policy != LEGACY
    what = "a default endpoint" if parse_default_endpoint(side.host) else "another domain name"
    return Found(
        f"The distribution {front.id} passes the viewer's Host {host} on to {side.host}, {what}, and API Gateway has no "
        "domain name of that name.",
        (*describe_route(front, route, answer), f"Host is passed on by {passed_by}"),
        "Pass on all headers but Host (the managed policy AllViewerExceptHostHeader); or make the name a custom domain name "
        "of the API.",
        patch_distribution(front.id, _pass_all_but_host(route.behavior, keep_cache_policy=keep)),
    )


def _wants_authorization(side: OriginSide, method: str) -> bool:
    """Whether the API authorizes this path at all."""
    api = side.api
    if api is None or not api.deployed:
        return False
    tree = compile_resources(
        (path, {verb: each.authorization for verb, each in verbs.items()}) for path, verbs in api.deployed.items()
    )
    match = tree.match(method, api.resource_path)
    return isinstance(match, ResourceMatch) and match.method != "NONE"


def _authorization_dropped(evidence: Evidence) -> Found | None:
    refused, side, question = refused_route(evidence, 401, 403), evidence.origin, evidence.question
    if refused is None or side is None or question.method not in _STRIPPED_METHODS:
        return None
    front, route, answer = refused
    if route.behavior.passes("Authorization") is not False or has_for_origin(side, question.method, side.path) is False:
        return None
    if question.header("Authorization") is None and not _wants_authorization(side, question.method):
        return None
    if answer.error_type not in ("MissingAuthenticationTokenException", "UnauthorizedException"):
        return None
    return Found(
        f"The distribution {front.id} takes the Authorization header away before it asks {side.host}.",
        (*describe_route(front, route, answer),
         "passed on by: " + (", ".join(f"{rule.policy} ({rule.behavior})" for rule in route.behavior.rules or ()))),
        "Cache nothing for these paths, and pass on all headers but Host (CachingDisabled, AllViewerExceptHostHeader).",
        patch_distribution(front.id, _pass_all_but_host(route.behavior, keep_cache_policy=False)),
    )  # fmt: skip


CLOUDFRONT_HOST_FORWARDED: Final = Check(
    "CLOUDFRONT_HOST_FORWARDED",
    Link.DOMAIN,
    "The distribution passes on the viewer's Host",
    "facts 12",
    _host_forwarded,
)
CLOUDFRONT_AUTHORIZATION_DROPPED: Final = Check(
    "CLOUDFRONT_AUTHORIZATION_DROPPED", Link.AUTHORIZATION, "The distribution drops Authorization", "facts 12",
    _authorization_dropped,
)  # fmt: skip
