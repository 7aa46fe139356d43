"""One control-plane call, from the HTTP request to the HTTP response.

    address → authenticate → operation → parse → check → operate → serialize

`dispatch` is that line. What each step finds has a type of its own and feeds the next. A step that refuses raises a
`ServiceError`, whatever goes wrong besides is our own bug; both become the error that the called service would send, so
`dispatch` never raises.

- An operation that changes something works in one write transaction, which also covers the rendering of its answer:
  when anything fails, nothing was changed. It must not await, since the store's writers queue behind it.
- An operation that only reads (`READ_ONLY`) gets a view that refuses to be changed, and may be a coroutine.
- A committed change is announced (`Context.published`) before the client hears of it, so that the next request of the
  same client to the data plane meets it.
- The log gets the traceback of our own bugs with the names of service and operation; never parameters, headers or bodies.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Final, Protocol

from botocore.model import ServiceModel

from gatewright.controlplane import registry
from gatewright.controlplane.authenticate import Admission, Caller, admit, claimed_signing_name, read_claim
from gatewright.controlplane.call import Call, Installation, Operation
from gatewright.controlplane.errors import ServiceError
from gatewright.controlplane.failure import describe_failure
from gatewright.controlplane.faults import Fault, make_error
from gatewright.controlplane.limits import body_limit
from gatewright.controlplane.read_only import ReadOnly
from gatewright.controlplane.unaddressed import refuse_unaddressed
from gatewright.controlplane.unicode import refuse_lone_surrogates
from gatewright.controlplane.unimplemented import not_served
from gatewright.model.identifiers import RandomText, make_extended_request_id, make_uuid
from gatewright.store.port import Store, Transaction
from gatewright.wire.constraints import check_constraints
from gatewright.wire.errors import serialize_error
from gatewright.wire.http import HttpRequest, HttpResponse
from gatewright.wire.operation_router import RoutedOperation, UnknownOperation, route_operation, select_protocol
from gatewright.wire.parse import SerializationError, parse_request
from gatewright.wire.serialize import serialize_response
from gatewright.wire.services import load_service, select_service

logger = logging.getLogger(__name__)

# Every operation whose name begins so leaves the service as it was (M: none of the served models has an exception among
# the operations that are registered).
READ_ONLY: Final = ("Get", "List", "Describe", "Head", "Test", "Search", "Lookup", "Filter")


class Observer(Protocol):
    """Is told of every call that was answered."""

    def __call__(self, service: str, operation: str, status: int, seconds: float) -> None:
        """`service` and `operation` are empty where the request named none."""


async def _nobody_waits(revision: int) -> None:
    """There are no workers to wait for."""


def _nobody_counts(service: str, operation: str, status: int, seconds: float) -> None:
    """There are no metrics to keep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What calls are answered with; made once, when the control plane starts."""

    store: Store
    installation: Installation
    now: Callable[[], float]
    random_text: RandomText
    admission: Admission = field(default_factory=Admission)
    operations: Mapping[str, Mapping[str, Operation]] = field(default_factory=lambda: registry.OPERATIONS)
    published: Callable[[int], Awaitable[None]] = _nobody_waits
    observe: Observer = _nobody_counts


async def dispatch(request: HttpRequest, context: Context) -> HttpResponse:
    """The answer to a call, whatever was sent."""
    started = perf_counter()
    request_id = make_uuid(context.random_text)
    claim = read_claim(request)
    name = select_service(request, claimed_signing_name(claim))
    if name is None:
        response = refuse_unaddressed(request, claimed_signing_name(claim), request_id)
        context.observe("", "", response.status, perf_counter() - started)
        return response
    service = load_service(name)
    protocol = select_protocol(service, request)
    routed: RoutedOperation | None = None
    try:
        _check_size(request, name, protocol)
        now = context.now()
        caller = admit(claim, request, name, protocol, context.admission, now, context.store, context.installation)
        routed = _route(service, protocol, request)
        operate = _select_operation(context, name, routed.operation.name)
        params = _parse(routed, request)
        _check(routed, params)
        response = await _operate(operate, routed, params, caller, now, request_id, context)
    except ServiceError as error:
        response = _render_error(error, service, protocol, routed, request_id)
    except Exception as failure:  # noqa: BLE001  whatever it is, the client gets an answer
        called = routed.operation.name if routed else "no operation yet"
        logger.error("Failed on %s (%s), request %s: %s", name, called, request_id, describe_failure(failure))
        response = _render_error(make_error(Fault.INTERNAL, name, protocol), service, protocol, routed, request_id)
    response = _sign_off(response, name, context.random_text)
    context.observe(name, routed.operation.name if routed else "", response.status, perf_counter() - started)
    return response


def _check_size(request: HttpRequest, service: str, protocol: str) -> None:
    limit = body_limit(service)
    if len(request.body) > limit:
        raise make_error(Fault.BODY_TOO_LARGE, service, protocol, f"The limit of this service is {limit} bytes.")


def _route(service: ServiceModel, protocol: str, request: HttpRequest) -> RoutedOperation:
    try:
        return route_operation(service, request)
    except UnknownOperation as unknown:
        raise make_error(Fault.UNKNOWN_OPERATION, service.service_name, protocol, str(unknown)) from None


def _select_operation(context: Context, service: str, operation: str) -> Operation:
    operate = context.operations.get(service, {}).get(operation)
    if operate is None:
        raise not_served(service, operation, registry.unimplemented_reason(service, operation))
    return operate


def _parse(routed: RoutedOperation, request: HttpRequest) -> Mapping[str, Any]:
    try:
        params = parse_request(routed, request)
        refuse_lone_surrogates(params)
    except SerializationError as error:
        service = routed.operation.service_model.service_name
        raise make_error(Fault.UNREADABLE_BODY, service, routed.protocol, str(error)) from None
    return params


def _check(routed: RoutedOperation, params: Mapping[str, Any]) -> None:
    message = check_constraints(routed.operation, params)
    if message is not None:
        raise ServiceError("ValidationException", message, status=400)


async def _operate(
    operate: Operation,
    routed: RoutedOperation,
    params: Mapping[str, Any],
    caller: Caller,
    now: float,
    request_id: str,
    context: Context,
) -> HttpResponse:
    """Runs the operation in a transaction of its kind; the answer is written before the transaction ends."""
    operation = routed.operation

    def call_in(transaction: Transaction) -> Call:
        return Call(
            service=operation.service_model.service_name,
            operation=operation.name,
            principal=caller.principal,
            region=caller.region,
            request_id=request_id,
            now=now,
            random_text=context.random_text,
            transaction=transaction,
            installation=context.installation,
        )

    def answer(result: Mapping[str, Any] | None) -> HttpResponse:
        return serialize_response(operation, result or {}, request_id=request_id, protocol=routed.protocol)

    if operation.name.startswith(READ_ONLY):
        with context.store.read() as reader:
            outcome = operate(call_in(ReadOnly(reader)), params)
            return answer(await outcome if isinstance(outcome, Awaitable) else outcome)
    with context.store.transaction() as transaction:
        outcome = operate(call_in(transaction), params)
        assert not isinstance(outcome, Awaitable), f"{operation.name} writes, so it must not await."
        response = answer(outcome)
    await _announce(context, request_id)
    return response


async def _announce(context: Context, request_id: str) -> None:
    """Waits until the change is published. It is committed already, so a failure here is no failure of the call."""
    try:
        await context.published(context.store.revision())
    except Exception as failure:  # noqa: BLE001  whatever it is, the change stands
        logger.error("Announcing the change of request %s failed: %s", request_id, describe_failure(failure))


def _render_error(
    error: ServiceError, service: ServiceModel, protocol: str, routed: RoutedOperation | None, request_id: str
) -> HttpResponse:
    return serialize_error(
        service,
        routed.operation if routed else None,
        error.code,
        # A message may quote what the client sent, down to bytes that are no text.
        error.message.encode("utf-8", "replace").decode("utf-8"),
        status=error.status,
        request_id=request_id,
        members=error.members,
        protocol=protocol,
    )


def _sign_off(response: HttpResponse, service: str, random_text: RandomText) -> HttpResponse:
    """Adds what API Gateway's own front end adds to every answer (facts 1.4)."""
    if service not in ("apigateway", "apigatewayv2"):
        return response
    headers = [*response.headers, ("x-amz-apigw-id", make_extended_request_id(random_text))]
    return HttpResponse(response.status, headers, response.body)
