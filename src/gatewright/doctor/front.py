"""A CloudFront distribution in front of an API: which origin it asks for a path, and which headers it passes on.

What this module knows (facts 12; CloudFront developer guide, cache behavior settings): the first cache behavior whose
path pattern fits is taken, the default one when none fits; `*` stands for any characters and `?` for one, and letters are
told apart by case. A header reaches the origin when the cache policy, the origin request policy or the older
`ForwardedValues` passes it. What edge-optimized endpoints have in front of them belongs to the service and is not meant.
"""

import re
from dataclasses import dataclass
from typing import Final, NamedTuple

#: What stands in a rule for the settings of a behavior that has no cache policy yet.
LEGACY: Final = "ForwardedValues"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a distribution gets its answers; the protocols are None of an S3 origin."""

    id: str
    domain: str
    path: str = ""  # put before each request's path
    protocol_policy: str | None = None  # http-only, match-viewer, https-only
    tls_versions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HeaderRule:
    """Which headers of the viewer's request one policy passes on, in the words of the CloudFront API."""

    policy: str
    behavior: str  # none, whitelist, allViewer, allViewerAndWhitelistCloudFront, allExcept
    headers: tuple[str, ...] = ()

    def passes(self, header: str) -> bool:
        """Whether the viewer's header of that name reaches the origin by this rule."""
        named = {each.lower() for each in self.headers} & {header.lower(), "*"}
        match self.behavior:
            case "whitelist":
                return bool(named)
            case "allViewer" | "allViewerAndWhitelistCloudFront":
                return True
            case "allExcept":
                return not named
        return False


@dataclass(frozen=True, slots=True)
class Behavior:
    """What is done with the paths that fit a pattern; `rules`, the cache policy's first, is None when one could not be read."""

    pattern: str
    origin_id: str
    rules: tuple[HeaderRule, ...] | None = ()

    def passes(self, header: str) -> bool | None:
        """Whether the viewer's header reaches the origin; None: it cannot be told."""
        return None if self.rules is None else any(rule.passes(header) for rule in self.rules)

    def fits(self, path: str) -> bool:
        """Whether the pattern has the path; a slash before a pattern may be left out."""
        text = re.escape(self.pattern.removeprefix("/")).replace(r"\*", ".*").replace(r"\?", ".")
        return re.fullmatch(text, path.removeprefix("/"), re.DOTALL) is not None


class Route(NamedTuple):
    """The behavior and the origin that a path meets."""

    behavior: Behavior
    origin: Origin


@dataclass(frozen=True, slots=True)
class Distribution:
    """The account's distribution that the host leads to; the default behavior is the last and has the pattern `*`."""

    id: str
    domain: str
    status: str = "Deployed"  # or InProgress
    enabled: bool = True
    aliases: tuple[str, ...] = ()
    origins: tuple[Origin, ...] = ()
    behaviors: tuple[Behavior, ...] = ()

    def select_route(self, path: str) -> Route | None:
        """What the path meets; None when an origin group answers it, whose member cannot be told."""
        behavior = next(each for each in self.behaviors if each.fits(path))
        origin = next((each for each in self.origins if each.id == behavior.origin_id), None)
        return Route(behavior, origin) if origin else None
