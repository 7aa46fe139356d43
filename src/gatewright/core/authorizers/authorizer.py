"""A compiled authorizer, what it is told of a request, and what its answer means for the request (facts 2.7).

TOKEN: one header, which a regular expression may have to match; a request without it, or with another, gets 401 and nobody
is asked. REQUEST: any number of sources; where answers are remembered, all of them must be there. The policy in an answer
is evaluated for each request, remembered or not, on the ARN of what is called.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from gatewright.core.authorizers.identity import IdentitySource, read_identity
from gatewright.core.authorizers.result import UNAUTHORIZED, AuthorizerResult, parse_result
from gatewright.core.context import RequestContext
from gatewright.core.errors import GatewayError
from gatewright.core.iam.policy import Verdict
from gatewright.core.integration.http import BackendResponse
from gatewright.core.integration.invocation import (
    FunctionName,
    check_invocation,
    find_function_error,
    find_invocation_id,
    read_said,
)
from gatewright.core.integration.proxy_event import describe_request
from gatewright.core.reasons import (
    AUTHORIZER_ANSWER_MALFORMED,
    AUTHORIZER_DENIED,
    AUTHORIZER_FAILED,
    AUTHORIZER_IDENTITY_MISSING,
    AUTHORIZER_IDENTITY_REFUSED,
    AUTHORIZER_SAYS_UNAUTHORIZED,
    AUTHORIZER_SILENT,
)

_INVOKE: Final = "execute-api:Invoke"
#: Guess: of REST APIs nothing is documented; the longest that an integration may take.
AUTHORIZER_TIMEOUT: Final = 29_000


class CompiledAuthorizer:
    """An authorizer of one API in one stage."""

    __slots__ = ("api_arn", "api_id", "expression", "function", "id", "sources", "ttl", "type", "unserved")

    def __init__(
        self,
        authorizer_id: str,
        *,
        type: str,  # noqa: A002  the service's word
        api_id: str,
        api_arn: str,
        function: FunctionName,
        sources: Sequence[IdentitySource],
        expression: re.Pattern[str] | None,
        ttl: int,
        unserved: str | None = None,
    ) -> None:
        self.id = authorizer_id
        self.type = type
        self.api_id = api_id
        self.api_arn = api_arn
        self.function = function
        self.sources = tuple(sources)
        self.expression = expression
        self.ttl = ttl
        self.unserved = unserved  # why it cannot be asked

    def __repr__(self) -> str:
        return f"<CompiledAuthorizer {self.id} {self.type} {self.function}>"

    @property
    def arn(self) -> str:
        """What calls of the function come from (facts 1.3)."""
        return f"{self.api_arn}/authorizers/{self.id}"

    def identify(self, context: RequestContext) -> list[tuple[str, str | None]]:
        """Who the caller says they are, by source; raises for one that nobody need be asked about."""
        identity = read_identity(self.sources, context)
        if self.type == "TOKEN" or self.ttl:
            for expression, value in identity:
                if value is None:
                    raise GatewayError(
                        AUTHORIZER_IDENTITY_MISSING,
                        authorizer_id=self.id,
                        source=expression,
                        request_id=context.request_id,
                    )
        if self.type == "TOKEN" and self.expression is not None and not self.expression.fullmatch(identity[0][1] or ""):
            raise GatewayError(
                AUTHORIZER_IDENTITY_REFUSED,
                authorizer_id=self.id,
                source=identity[0][0],
                expression=self.expression.pattern,
                request_id=context.request_id,
            )
        return identity

    def make_event(self, identity: Sequence[tuple[str, str | None]], method_arn: str, context: RequestContext) -> bytes:
        """What the function is told."""
        event: dict[str, Any] = {"type": self.type, "methodArn": method_arn}
        if self.type == "TOKEN":
            event["authorizationToken"] = identity[0][1]
        else:
            event.update(describe_request(context, signed=False))
        return json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")

    def read_answer(self, answer: BackendResponse, context: RequestContext) -> AuthorizerResult:
        """The function's answer; raises for one that says Unauthorized, failed, or cannot be used."""
        try:
            check_invocation(answer, self.function)
        except GatewayError as error:
            raise self.fail(error) from None
        error_kind = find_function_error(answer)
        if error_kind is not None:
            said = read_said(answer.body)
            if said == UNAUTHORIZED:
                raise GatewayError(
                    AUTHORIZER_SAYS_UNAUTHORIZED,
                    authorizer_id=self.id,
                    function=self.function,
                    request_id=context.request_id,
                )
            why = f"the function failed: {said} (Lambda request id {find_invocation_id(answer)})"
            raise GatewayError(
                AUTHORIZER_FAILED, authorizer_id=self.id, function=self.function, why=why, mend="Mend the function."
            )
        try:
            return parse_result(answer.body)
        except ValueError as error:
            raise GatewayError(
                AUTHORIZER_ANSWER_MALFORMED, authorizer_id=self.id, function=self.function, why=str(error)
            ) from None

    def fail(self, error: GatewayError) -> GatewayError:
        """The refusal of a request whose authorizer could not be asked, and why that was."""
        facts: Mapping[str, Any] = error.facts
        return GatewayError(
            AUTHORIZER_FAILED,
            authorizer_id=self.id,
            function=self.function,
            why=f"{error.reason.code}: {error.reason.summary.format_map(facts).rstrip('.')}",
            mend=error.reason.remedy.format_map(facts),
        )

    def judge(self, result: AuthorizerResult, method_arn: str, context: RequestContext) -> None:
        """Returns for a caller whose policy allows the call; raises for one whose policy does not."""
        verdict = result.policy.evaluate(_INVOKE, method_arn, describe_call(context))
        if verdict is Verdict.ALLOWED:
            return
        reason = AUTHORIZER_DENIED if verdict is Verdict.EXPLICIT_DENY else AUTHORIZER_SILENT
        raise GatewayError(reason, authorizer_id=self.id, method_arn=method_arn, principal=result.principal_id)


def describe_call(context: RequestContext) -> Mapping[str, str]:
    """The condition keys of a call that all authorization types have (facts 6.4), by lower-case name."""
    known = {
        "aws:sourceip": context.connection.peer,
        "aws:securetransport": "true" if context.connection.entry == "https" else "false",
        "aws:epochtime": str(int(context.received_at)),
        "aws:currenttime": str(int(context.received_at)),
    }
    for key, header in (("aws:referer", b"referer"), ("aws:useragent", b"user-agent")):
        value = context.request.header(header)
        if value is not None:
            known[key] = value.decode("latin-1")
    return known
