"""Methods with a Lambda authorizer: its answer, remembered or asked for, and the judgement of it (facts 2.7).

What is remembered (`authorizer_cache.py`) is the answer, never a verdict: the policy is evaluated for every request. Policies
that deny are remembered as well, failures are not.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from gatewright.core.authorizers.authorizer import AUTHORIZER_TIMEOUT, CompiledAuthorizer
from gatewright.core.authorizers.identity import digest_identity
from gatewright.core.authorizers.result import AuthorizerResult
from gatewright.core.context import AuthorizerFacts, RequestContext
from gatewright.core.errors import GatewayError
from gatewright.core.integration.http import BackendRequest, BackendResponse
from gatewright.core.integration.invocation import find_invocation_id, require_invoke_api
from gatewright.core.reasons import AUTHORIZER_NOT_SERVED, BACKEND_SATURATED, GATEWAY_OVERLOADED, URI_TOO_LONG
from gatewright.dataplane.authorizer_cache import AnswerKey
from gatewright.dataplane.ports import Ports
from gatewright.model.compiled_method import CompiledMethod
from gatewright.model.snapshot import Route

#: Facts 2.2: of methods with authorization.
_MAX_METHOD_ARN: Final = 1_600


class Inquiry(NamedTuple):
    """A question to an authorizer's function; `key` None: its answer is not remembered."""

    authorizer: CompiledAuthorizer
    call: BackendRequest
    method_arn: str
    key: AnswerKey | None


def ask_authorizer(method: CompiledMethod, route: Route, context: RequestContext, ports: Ports) -> Inquiry | None:
    """None for a caller whom a remembered answer lets in; else what is to be asked. Raises for one who is not let in."""
    authorizer = method.authorizer
    if authorizer is None or authorizer.unserved is not None:
        raise GatewayError(
            AUTHORIZER_NOT_SERVED,
            method=route.met.http_method,
            resource=route.met.resource_path,
            authorizer_id=method.authorizer_id,
            why="it is not in the deployment" if authorizer is None else authorizer.unserved,
        )
    identity = authorizer.identify(context)
    method_arn = make_method_arn(route, context)
    context.authorizer = AuthorizerFacts(authorizer.id, identity, is_token=authorizer.type == "TOKEN")
    key = _make_key(authorizer, identity, route) if authorizer.ttl else None
    if key is not None:
        result = ports.authorizer_cache.find(key, context.received_at)
        if result is not None:
            _tell(context.authorizer, result)
            authorizer.judge(result, method_arn, context)
            return None
    try:
        api = require_invoke_api(ports.invoke_api, authorizer.function)
    except GatewayError as error:
        raise _failed(authorizer, context.authorizer, error) from None
    call = api.frame(
        authorizer.function,
        authorizer.make_event(identity, method_arn, context),
        context,
        api_id=authorizer.api_id,
        source_arn=authorizer.arn,
        timeout_in_millis=AUTHORIZER_TIMEOUT,
    )
    context.authorizer.call = call
    return Inquiry(authorizer, call, method_arn, key)


async def settle(inquiry: Inquiry, context: RequestContext, ports: Ports) -> None:
    """Asks the function. Returns for a caller whom its answer lets in; raises `GatewayError` for one whom it does not."""
    authorizer, facts = inquiry.authorizer, context.authorizer
    assert facts is not None, "who asks has noted it"
    began = ports.now()
    try:
        answer = await ports.backends.call(inquiry.call)
    except GatewayError as error:
        if error.reason in (GATEWAY_OVERLOADED, BACKEND_SATURATED):
            raise
        raise _failed(authorizer, facts, error) from None
    finally:
        facts.latency_ms = int((ports.now() - began) * 1000)
    _note(facts, answer)
    try:
        result = authorizer.read_answer(answer, context)
    except GatewayError as error:
        facts.error = error.message or error.reason.code
        raise
    if inquiry.key is not None:
        ports.authorizer_cache.remember(inquiry.key, result, context.received_at + authorizer.ttl)
    _tell(facts, result)
    authorizer.judge(result, inquiry.method_arn, context)


def make_method_arn(route: Route, context: RequestContext) -> str:
    """The ARN of what is called, by the path of the request (facts 6.4); refuses one that is too long."""
    stage = route.entry.stage
    arn = (
        f"arn:aws:execute-api:{stage.region}:{stage.account}:{stage.api_id}/{stage.stage_name}/"
        f"{context.http_method}{route.path}"
    )
    if len(arn) > _MAX_METHOD_ARN:
        raise GatewayError(URI_TOO_LONG)
    return arn


def _make_key(authorizer: CompiledAuthorizer, identity: Sequence[tuple[str, str | None]], route: Route) -> AnswerKey:
    """Guess: another deployment of the stage asks anew, as its authorizer may be another."""
    stage = route.entry.stage
    return (
        stage.api_id,
        stage.stage_name,
        stage.deployment_id,
        stage.authorizers_cache,
        authorizer.id,
        digest_identity(identity),
    )


def _failed(authorizer: CompiledAuthorizer, facts: AuthorizerFacts, error: GatewayError) -> GatewayError:
    failure = authorizer.fail(error)
    facts.error = failure.reason.code
    return failure


def _note(facts: AuthorizerFacts, answer: BackendResponse) -> None:
    facts.answer = answer
    facts.status = answer.status
    facts.request_id = find_invocation_id(answer) or None


def _tell(facts: AuthorizerFacts, result: AuthorizerResult) -> None:
    facts.principal_id = result.principal_id
    facts.properties = result.properties
    facts.usage_identifier_key = result.usage_identifier_key
