"""A request that went through a distribution and was refused: what it met on the way, and what is behind the origin.

The rule that the checks of this package keep by it: a distribution is only blamed when the request was refused as that
mistake is refused. What CloudFront passes on comes from its configuration, and what the API would answer to that from the
configuration behind the origin.
"""

from gatewright.core.domains.base_path import BasePaths
from gatewright.doctor.checks.address import has_method
from gatewright.doctor.evidence import Evidence, HttpAnswer, OriginSide
from gatewright.doctor.front import Behavior, Distribution, Origin, Route


def refused_route(evidence: Evidence, *statuses: int) -> tuple[Distribution, Route, HttpAnswer] | None:
    """What the path meets, when the request was answered with one of these."""
    front, answer = evidence.front, evidence.http
    if front is None or answer is None or answer.status not in statuses:
        return None
    route = front.select_route(evidence.question.path)
    return (front, route, answer) if route else None


def describe_route(front: Distribution, route: Route, answer: HttpAnswer) -> tuple[str, ...]:
    """Two lines of evidence: what is asked of whom, and what came back."""
    origin, cache = route.origin, answer.headers.get("x-cache", "")
    asked = f"{origin.domain}{origin.path or ', with no origin path'}"
    return (
        f"distribution {front.id} ({front.domain}): {route.behavior.pattern} is asked of {asked}",
        " ".join(filter(None, ("the answer was", str(answer.status), answer.error_type, cache))),
    )


def behavior_at(behavior: Behavior) -> str:
    """The behavior in the configuration, for jq."""
    if behavior.pattern == "*":
        return ".DefaultCacheBehavior"
    return f'(.CacheBehaviors.Items[] | select(.PathPattern == "{behavior.pattern}"))'


def origin_at(origin: Origin) -> str:
    """The origin in the configuration, for jq."""
    return f'(.Origins.Items[] | select(.Id == "{origin.id}"))'


def has_for_origin(side: OriginSide, method: str, path: str) -> bool | None:
    """Whether what is behind the origin has the method for the path; None: it cannot be told."""
    api, stage, rest = side.api, "", path
    if side.mappings is not None:
        match = BasePaths({each.base_path: each for each in side.mappings}).select(path)
        if match is None:
            return False
        if api is None or match.mapping.api_id != api.id:
            return None
        stage, rest = match.mapping.stage or "", match.remaining_path
    if not stage:
        stage, _, below = rest.lstrip("/").partition("/")
        rest = f"/{below}"
    if api is None or not api.found:
        return None
    if stage not in api.stages:
        return False
    resources = api.deployed or api.current
    return None if resources is None else has_method(resources, method, rest)
