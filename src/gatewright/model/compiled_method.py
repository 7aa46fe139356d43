"""One method of a deployed API, as the data plane calls it.

Each request reads it, so it is a class of the compiled path (setup.py), and what its integration and facts cost is not
spent before somebody calls the method: an API of 10,000 resources goes live, in every worker, at the cost of its tree of
paths.
"""

from collections.abc import Callable
from sys import intern
from typing import TypeAlias

from gatewright.core.authorizers.authorizer import CompiledAuthorizer
from gatewright.core.context import MethodFacts
from gatewright.core.integration.http import HttpIntegration
from gatewright.core.integration.lambda_proxy import LambdaIntegration
from gatewright.core.integration.mock import MockIntegration
from gatewright.model.records import Method, Resource


class Unserved:
    """An integration that cannot be carried out, and what is missing, in words that follow "needs"."""

    __slots__ = ("what",)

    def __init__(self, what: str) -> None:
        self.what = what

    def __repr__(self) -> str:
        return f"<Unserved: {self.what}>"


CompiledIntegration: TypeAlias = HttpIntegration | LambdaIntegration | MockIntegration | Unserved


class CompiledMethod:
    """One method of one resource: who may call it, what it must carry, what it calls.

    (What each call reads comes first: it lies together, in few lines of the processor's cache.)
    """

    __slots__ = (
        "_compile",
        "_facts",
        "_integration",
        "_resource_id",
        "api_key_required",
        "authorization_type",
        "authorizer",
        "authorizer_id",
        "http_method",
        "required_parameters",
        "resource_path",
    )

    def __init__(
        self,
        resource: Resource,
        method: Method,
        compile_integration: Callable[[], CompiledIntegration],
        required_parameters: tuple[tuple[str, str], ...],
        authorizer: CompiledAuthorizer | None = None,
    ) -> None:
        # What many methods have alike is one object: a call of any finds it in the processor's cache.
        self.authorization_type = intern(method.authorization_type)
        self.api_key_required = method.api_key_required
        self.required_parameters = required_parameters  # (location, name), sorted by location then name
        self._integration: CompiledIntegration | None = None  # until the first call
        self._facts: MethodFacts | None = None
        self.authorizer = authorizer  # None also where the one that is named is not in the deployment
        self.authorizer_id = method.authorizer_id
        self.resource_path = resource.path
        self.http_method = intern(method.http_method)
        self._resource_id = resource.id
        self._compile = compile_integration

    @property
    def integration(self) -> CompiledIntegration:
        """What stands behind it, compiled by whoever asks first."""
        integration = self._integration
        if integration is None:
            integration = self._integration = self._compile()
        return integration

    @property
    def facts(self) -> MethodFacts:
        """What logs and mappings may ask of it."""
        facts = self._facts
        if facts is None:
            text = repr(self.integration)
            facts = self._facts = MethodFacts(self._resource_id, self.resource_path, text, self.http_method)
        return facts

    def __repr__(self) -> str:
        return f"<{self.http_method} {self.resource_path} → {self.integration!r}>"
