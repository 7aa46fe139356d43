"""One method of a deployed API, as the data plane calls it.

Each request reads it, so it is of the compiled path (setup.py), and what it takes to call a method is not made before
somebody calls it: an API of 10,000 resources goes live, in every worker, at the cost of its tree of paths.
"""

from collections.abc import Callable
from typing import TypeAlias

from gatewright.core.authorizers.authorizer import CompiledAuthorizer
from gatewright.core.context import MethodFacts
from gatewright.core.integration.http import HttpIntegration
from gatewright.core.integration.lambda_proxy import LambdaIntegration
from gatewright.core.integration.mock import MockIntegration


class Unserved:
    """An integration that cannot be carried out, and what is missing, in words that follow "needs"."""

    __slots__ = ("what",)

    def __init__(self, what: str) -> None:
        self.what = what

    def __repr__(self) -> str:
        return f"<Unserved: {self.what}>"


CompiledIntegration: TypeAlias = HttpIntegration | LambdaIntegration | MockIntegration | Unserved


class CompiledMethod:
    """How calls are treated: who may call, what they must carry, what answers them.

    What a method has of its own, its names and the rest of its uri, is with its `MethodFacts`; so methods that are alike
    in all this are one object together, which calls of any of 10,000 find in the processor's cache.
    """

    __slots__ = (
        "api_key_required",
        "authorization_type",
        "authorizer",
        "authorizer_id",
        "integration",
        "required_parameters",
    )

    def __init__(
        self,
        integration: CompiledIntegration,
        *,
        authorization_type: str = "NONE",
        authorizer: CompiledAuthorizer | None = None,
        authorizer_id: str | None = None,
        api_key_required: bool = False,
        required_parameters: tuple[tuple[str, str], ...] = (),
    ) -> None:
        self.authorization_type = authorization_type
        self.api_key_required = api_key_required
        self.required_parameters = required_parameters  # (location, name), sorted by location then name
        self.integration = integration
        self.authorizer = authorizer  # None also where the one that is named is not in the deployment
        self.authorizer_id = authorizer_id

    def __repr__(self) -> str:
        return f"<CompiledMethod {self.authorization_type} → {self.integration!r}>"


class PlacedMethod:
    """A method at its resource: compiled by whoever calls it first."""

    __slots__ = ("_compile", "_compiled")

    def __init__(self, compile_method: Callable[[], tuple[CompiledMethod, MethodFacts]]) -> None:
        self._compile = compile_method
        self._compiled: tuple[CompiledMethod, MethodFacts] | None = None

    def find(self) -> tuple[CompiledMethod, MethodFacts]:
        """How its calls are treated, and which it is."""
        compiled = self._compiled
        if compiled is None:
            compiled = self._compiled = self._compile()
        return compiled

    def __repr__(self) -> str:
        return f"<PlacedMethod {self._compiled or 'that nobody called'}>"
