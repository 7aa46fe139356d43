"""What a stage logs, compiled: the format of its access log, where both logs go, and the level of each method."""

from collections.abc import Mapping
from typing import Final

from gatewright.core.context import RequestContext
from gatewright.core.logs.access_format import AccessFormat
from gatewright.core.logs.execution_log import NO_LOGGING, LogLevel, MethodLogging
from gatewright.core.logs.log_group import LogGroupName

#: The method setting for all methods of a stage.
EVERY_METHOD: Final = ("*", "*")


class AccessLog:
    """A format, and the group that its lines go to."""

    __slots__ = ("format", "group")

    def __init__(self, group: LogGroupName, format_text: str) -> None:
        self.group = group
        self.format = AccessFormat(format_text)

    def __repr__(self) -> str:
        return f"<AccessLog to {self.group.name}>"


class StageLogs:
    """The logs of one stage. `levels` is by (resource path, verb), in which either may be `*`."""

    __slots__ = ("_levels", "_of_methods", "access", "execution_group")

    def __init__(
        self,
        access: AccessLog | None,
        execution_group: LogGroupName,
        levels: Mapping[tuple[str, str], MethodLogging],
    ) -> None:
        self.access = access
        self.execution_group = execution_group
        self._levels = levels
        self._of_methods: dict[tuple[str, str, str], MethodLogging] = {}

    def of(self, context: RequestContext) -> MethodLogging:
        """What the execution log tells of this request: the setting of its method, else that of all methods.

        D: a method's own setting takes the place of the stage's whole, not member by member. A request that met no method
        has no execution log, except one whose client was refused: that happens before.
        """
        if not self._levels:
            return NO_LOGGING
        method = context.method
        if method is None:
            refused = context.client is not None and context.client.reason is not None
            return self._levels.get(EVERY_METHOD, NO_LOGGING) if refused else NO_LOGGING
        key = (method.resource_path, context.http_method, method.http_method)
        known = self._of_methods.get(key)
        if known is None:
            path, asked, verb = key
            # Guess: of a method ANY, the setting of the verb that was asked for comes before that of ANY.
            candidates = ((path, asked), (path, verb), (path, "*"), ("*", asked), EVERY_METHOD)
            found = (self._levels[each] for each in candidates if each in self._levels)
            known = self._of_methods[key] = next(found, NO_LOGGING)
        return known

    def __repr__(self) -> str:
        levels = {logging.level.name for logging in self._levels.values()}
        return f"<StageLogs access={self.access!r} execution={sorted(levels)}>"


def is_logged(levels: Mapping[tuple[str, str], MethodLogging]) -> bool:
    """Whether any method is."""
    return any(logging.level != LogLevel.OFF for logging in levels.values())
