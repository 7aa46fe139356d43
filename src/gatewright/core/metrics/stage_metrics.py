"""Where the requests of one stage are counted: in one tally, or for methods with detailed metrics in each its own.

A request is counted once, in the finest tally that it has. Whoever keeps the counts adds a method's to its stage's, and a
stage's to its API's (facts 8.4: the dimensions of an API, of a stage, and of a method when detailed).
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from gatewright.core.context import MethodFacts
from gatewright.core.metrics.request_counts import RequestCounts

_NOT_DETAILED: Final[Mapping[tuple[str, str], bool]] = {}


class SeriesName(NamedTuple):
    """Whose requests; without resource and method: those of a stage that no method has tallied."""

    account: str
    region: str
    api_id: str
    api_name: str  # the dimension ApiName
    stage: str
    resource: str | None = None
    method: str | None = None


class Tally:
    """What was counted since it was last taken away."""

    __slots__ = ("counts", "name")

    def __init__(self, name: SeriesName) -> None:
        self.name = name
        self.counts = RequestCounts()

    def take(self) -> RequestCounts:
        """What was counted; counting begins anew."""
        counts, self.counts = self.counts, RequestCounts()
        return counts

    def __repr__(self) -> str:
        return f"<Tally of {self.name}: {self.counts!r}>"


class StageMetrics:
    """The tallies of one stage. `detailed` tells of the method settings whether they ask for detailed metrics.

    Its keys are (resource path, verb), either of which may be `*`; a method's own setting stands before that of all.
    Tallies are made when they are first needed: of 10,000 stages most may never be called.
    """

    __slots__ = ("_detailed", "_name", "_of_methods", "_whole", "is_detailed")

    def __init__(self, name: SeriesName, detailed: Mapping[tuple[str, str], bool]) -> None:
        self._name = name
        self._whole: Tally | None = None
        self._detailed = detailed if any(detailed.values()) else _NOT_DETAILED
        self.is_detailed = bool(self._detailed)  # False: `of` need not be told of the method
        self._of_methods: dict[MethodFacts, Tally] = {}

    @property
    def whole(self) -> Tally:
        """The tally of all requests that have no other."""
        if self._whole is None:
            self._whole = Tally(self._name)
        return self._whole

    def of(self, method: MethodFacts | None) -> Tally:
        """Where a request that met this method, or none, is counted."""
        if method is None or not self._detailed:
            return self.whole
        tally = self._of_methods.get(method)
        if tally is None:
            tally = self._of_methods[method] = self._make(method)
        return tally

    def _make(self, method: MethodFacts) -> Tally:
        path, verb = method.resource_path, method.http_method
        for key in ((path, verb), (path, "*"), ("*", verb), ("*", "*")):
            if key in self._detailed:
                if not self._detailed[key]:
                    break
                return Tally(self._name._replace(resource=path, method=verb))
        return self.whole

    def __repr__(self) -> str:
        return f"<StageMetrics of {self._name.api_name}/{self._name.stage}, {len(self._of_methods)} methods>"


def api_dimension(name: str, api_id: str) -> str:
    """The value of the dimension ApiName (facts 8.4): non-ASCII characters are left out; the id where nothing is left."""
    return name.encode("ascii", "ignore").decode() or api_id
