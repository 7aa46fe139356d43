"""One control-plane call, from the HTTP request to the HTTP response.

    address → operation → authenticate → settle the body → parse → check → operate → serialize

`dispatch` is that line. What each step finds has a type of its own and feeds the next. A step that refuses raises a
`ServiceError`, whatever goes wrong besides is our own bug; both become the error that the called service would send, so
`dispatch` never raises. The operation is found before the caller is judged, since a few operations need no signature; that
takes method, path, headers and a form's `Action`, nothing that is stored.

- An operation that changes something works in one write transaction, which also covers the rendering of its answer:
  when anything fails, nothing was changed. It must not await, since the store's writers queue behind it.
- What is costly and needs nothing stored (`Prepared`) is done in a thread before the transaction begins; an operation
  whose transaction takes long (`Lengthy`) works in a thread altogether.
- An operation that only reads (`READ_ONLY`) gets a view that refuses to be changed, and may be a coroutine.
- A large body is hashed and taken apart in a thread, so that nobody waits for the sums of an object of 100 MB.
- A committed change is announced (`Context.published`) before the client hears of it, so that the next request of the
  same client to the data plane meets it.
- The log gets the traceback of our own bugs with the names of service and operation; never parameters, headers or bodies.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Final, Protocol

from botocore.model import OperationModel

from gatewright.controlplane import registry
from gatewright.controlplane.addressee import Addressee, find_addressee
from gatewright.controlplane.authenticate import Admission, Caller, Claim, claimed_signing_name, read_claim
from gatewright.controlplane.call import Call, Installation, Lengthy, Operation, Prepared
from gatewright.controlplane.errors import ServiceError
from gatewright.controlplane.failure import describe_failure
from gatewright.controlplane.faults import Fault, make_error
from gatewright.controlplane.limits import MIB, body_limit
from gatewright.controlplane.read_only import ReadOnly
from gatewright.controlplane.request_body import settle_body
from gatewright.controlplane.rollout import NO_WORKERS, Rollout
from gatewright.controlplane.unaddressed import refuse_unaddressed
from gatewright.controlplane.unicode import refuse_lone_surrogates
from gatewright.controlplane.unimplemented import not_served
from gatewright.model.identifiers import RandomText, make_extended_request_id, make_uuid
from gatewright.store.log_files import NO_LOGS, LogFiles
from gatewright.store.metric_points import NO_METRICS, Metered
from gatewright.store.port import Store, Transaction
from gatewright.wire.bucket_host import with_bucket_in_path
from gatewright.wire.constraints import check_constraints
from gatewright.wire.errors import serialize_error
from gatewright.wire.http import HttpRequest, HttpResponse
from gatewright.wire.operation_router import RoutedOperation, UnknownOperation, route_operation
from gatewright.wire.parse import SerializationError, parse_request
from gatewright.wire.serialize import serialize_response

logger = logging.getLogger(__name__)

# Every operation whose name begins so leaves the service as it was (M: none of the served models has an exception among
# the operations that are registered).
READ_ONLY: Final = ("Get", "List", "Describe", "Head", "Test", "Search", "Lookup", "Filter")

# To hash so much takes a few milliseconds, a hundred times what it takes to hand work to a thread.
_LARGE_BODY: Final = 4 * MIB


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
    admission: Admission
    operations: Mapping[str, Mapping[str, Operation]] = field(default_factory=lambda: registry.OPERATIONS)
    published: Callable[[int], Awaitable[None]] = _nobody_waits
    observe: Observer = _nobody_counts
    writing: asyncio.Lock = field(default_factory=asyncio.Lock)
    logs: LogFiles = NO_LOGS
    metrics: Metered = NO_METRICS
    rollout: Rollout = NO_WORKERS


async def dispatch(request: HttpRequest, context: Context) -> HttpResponse:
    """The answer to a call, whatever was sent."""
    started = perf_counter()
    request_id = make_uuid(context.random_text)
    claim = read_claim(request)
    signing_name = claimed_signing_name(claim)
    addressee = find_addressee(request, signing_name)
    if addressee is None:
        response = refuse_unaddressed(request, signing_name, request_id)
        context.observe("", "", response.status, perf_counter() - started)
        return response
    operation: OperationModel | None = None
    try:
        try:
            _check_size(request, addressee)
            routed = _route(request, addressee, context.installation.suffix)
            operation = routed.operation
            now = context.now()
            understood = (claim, request, addressee, routed, now, context)
            if len(request.body) > _LARGE_BODY:
                caller, operate, params = await asyncio.to_thread(_understand, *understood)
            else:
                caller, operate, params = _understand(*understood)
            response = await _operate(operate, params, routed, caller, now, request_id, context)
        except ServiceError as error:
            response = _render_error(error, addressee, operation, request_id)
    except Exception as failure:  # noqa: BLE001  whatever it is, the client gets an answer
        what = f"{addressee.name} {operation.name if operation else '(no operation yet)'}"
        told = describe_failure(failure)
        logger.error("%s failed, request %s: %s", what, request_id, told)  # noqa: TRY400  `told` has the traceback
        response = _render_error(make_error(Fault.INTERNAL, addressee), addressee, operation, request_id)
    response = _sign_off(response, addressee, context.random_text)
    context.observe(addressee.name, operation.name if operation else "", response.status, perf_counter() - started)
    return response


def _check_size(request: HttpRequest, addressee: Addressee) -> None:
    limit = body_limit(addressee.name)
    if len(request.body) > limit:
        raise make_error(Fault.BODY_TOO_LARGE, addressee, f"The limit of this service is {limit} bytes.")


def _route(request: HttpRequest, addressee: Addressee, suffix: str) -> RoutedOperation:
    if addressee.name == "s3":
        request = with_bucket_in_path(request, suffix)
    try:
        return route_operation(addressee.service, request)
    except UnknownOperation as unknown:
        raise make_error(Fault.UNKNOWN_OPERATION, addressee, str(unknown)) from None


def _understand(
    claim: Claim, request: HttpRequest, addressee: Addressee, routed: RoutedOperation, now: float, context: Context
) -> tuple[Caller, Operation, Mapping[str, Any]]:
    """Who calls, what is to be done, and with which parameters; all that is judged before a transaction begins."""
    caller = context.admission.admit(claim, request, addressee, routed.operation, now)
    operate = _select_operation(context, addressee, routed.operation)
    params = _parse(routed, settle_body(request, addressee, routed.operation, caller), addressee)
    _check(params, routed.operation, addressee)
    return caller, operate, params


def _select_operation(context: Context, addressee: Addressee, operation: OperationModel) -> Operation:
    operate = context.operations.get(addressee.name, {}).get(operation.name)
    if operate is None:
        reason = registry.unimplemented_reason(addressee.name, operation.name)
        raise not_served(addressee.name, operation.name, reason)
    return operate


def _parse(routed: RoutedOperation, request: HttpRequest, addressee: Addressee) -> Mapping[str, Any]:
    try:
        params = parse_request(routed, request)
        refuse_lone_surrogates(params)
    except SerializationError as error:
        raise make_error(Fault.UNREADABLE_BODY, addressee, str(error)) from None
    return params


def _check(params: Mapping[str, Any], operation: OperationModel, addressee: Addressee) -> None:
    message = check_constraints(operation, params)
    if message is not None:
        raise make_error(Fault.CONSTRAINTS_NOT_MET, addressee, message)


async def _operate(
    operate: Operation,
    params: Mapping[str, Any],
    routed: RoutedOperation,
    caller: Caller,
    now: float,
    request_id: str,
    context: Context,
) -> HttpResponse:
    """Runs the operation in a transaction of its kind; the answer is written before the transaction ends."""
    operation = routed.operation
    if isinstance(operate, Prepared):
        operate = await asyncio.to_thread(operate.prepare, params)

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
            logs=context.logs,
            metrics=context.metrics,
            rollout=context.rollout,
        )

    def answer(result: Mapping[str, Any] | None) -> HttpResponse:
        return serialize_response(operation, result or {}, request_id=request_id, protocol=routed.protocol)

    def read() -> HttpResponse:
        with context.store.read() as reader:
            outcome = operate(call_in(ReadOnly(reader)), params)
            assert not isinstance(outcome, Awaitable), f"{operation.name} reads in a thread, so it must not await."
            return answer(outcome)

    if operation.name.startswith(READ_ONLY):
        if isinstance(operate, Lengthy):
            return await asyncio.to_thread(read)
        with context.store.read() as reader:
            outcome = operate(call_in(ReadOnly(reader)), params)
            return answer(await outcome if isinstance(outcome, Awaitable) else outcome)

    def write() -> HttpResponse:
        with context.store.transaction() as transaction:
            outcome = operate(call_in(transaction), params)
            assert not isinstance(outcome, Awaitable), f"{operation.name} writes, so it must not await."
            return answer(outcome)

    # The store's writers wait for each other in their threads; so that the loop does not, they wait for each other here.
    async with context.writing:
        response = await asyncio.to_thread(write) if isinstance(operate, Lengthy) else write()
    await _announce(context, request_id)
    return response


async def _announce(context: Context, request_id: str) -> None:
    """Waits until the change is published. It is committed already, so a failure here is no failure of the call."""
    try:
        await context.published(context.store.revision())
    except Exception as failure:  # noqa: BLE001  whatever it is, the change stands
        failed = describe_failure(failure)
        logger.error("Announcing the change of request %s failed: %s", request_id, failed)  # noqa: TRY400  as above


def _render_error(
    error: ServiceError, addressee: Addressee, operation: OperationModel | None, request_id: str
) -> HttpResponse:
    return serialize_error(
        addressee.service,
        operation,
        error.code,
        # A message may quote what the client sent, down to bytes that are no text.
        error.message.encode("utf-8", "replace").decode("utf-8"),
        status=error.status,
        request_id=request_id,
        members=error.members,
        protocol=addressee.protocol,
        headers=error.headers,
    )


def _sign_off(response: HttpResponse, addressee: Addressee, random_text: RandomText) -> HttpResponse:
    """Adds what API Gateway's own front end adds to every answer (facts 1.4)."""
    if addressee.name not in ("apigateway", "apigatewayv2"):
        return response
    headers = [*response.headers, ("x-amz-apigw-id", make_extended_request_id(random_text))]
    return HttpResponse(response.status, headers, response.body)
