"""CLOUDFRONT_ORIGIN_PATH: the origin path is put before each path, so that the API is asked for something else (facts 12)."""

from collections.abc import Iterable
from typing import Final

from gatewright.doctor.check import Check, Found, Link
from gatewright.doctor.checks.cloudfront.refused import describe_route, has_for_origin, origin_at, refused_route
from gatewright.doctor.commands import patch_distribution
from gatewright.doctor.evidence import Evidence, OriginSide


def _candidates(side: OriginSide) -> Iterable[str]:
    """Origin paths that could be meant: none, a stage of a default endpoint, a base path of a domain name."""
    yield ""
    if side.mappings is None:
        yield from (f"/{stage}" for stage in (side.api.stages if side.api else ()))
    else:
        yield from (f"/{each.base_path}" for each in side.mappings if each.base_path)


def _origin_path(evidence: Evidence) -> Found | None:
    refused, side, question = refused_route(evidence, 403, 404), evidence.origin, evidence.question
    if refused is None or side is None or has_for_origin(side, question.method, side.path) is not False:
        return None
    front, route, answer = refused
    right = next(
        (each for each in _candidates(side) if has_for_origin(side, question.method, each + question.path)), None
    )
    stages = tuple(side.api.stages) if side.api and side.mappings is None else ()
    if right is None:
        # No origin path would find a method: only a first segment that is no stage is the origin path's own mistake.
        if not stages or side.path.split("/")[1] in stages:
            return None
        right = f"/{stages[0]}" if len(stages) == 1 else "/STAGE"
    held = f"stages {', '.join(stages)}" if stages else "mappings " + ", ".join(
        each.base_path or "(none)" for each in side.mappings or ())  # fmt: skip
    return Found(
        f"The distribution {front.id} asks {side.host} for {side.path}, which it does not have: the origin path is "
        f"{route.origin.path or 'empty'} and has to be {right or 'empty'}.",
        (*describe_route(front, route, answer), f"{side.host} has the {held}"),
        "Correct the origin path; the default endpoint wants /STAGE, a custom domain name with a mapping none.",
        patch_distribution(front.id, f'{origin_at(route.origin)}.OriginPath = "{right}"'),
    )


CLOUDFRONT_ORIGIN_PATH: Final = Check(
    "CLOUDFRONT_ORIGIN_PATH", Link.MAPPING, "The distribution's origin path is wrong", "facts 12", _origin_path,
    after=("CLOUDFRONT_HOST_FORWARDED",),
)  # fmt: skip
