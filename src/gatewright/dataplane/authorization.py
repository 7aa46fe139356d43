"""May this caller? And, for requests that meet no method, the service's odd answer (facts 2.4, 5).

Methods are open (NONE), ask for a signature (AWS_IAM), or have a Lambda authorizer (CUSTOM, `authorizers.py`). Every access
key is an account root's until IAM is served, so a valid signature of the API's own account may, and one of another account may
not. Any other authorization type is refused: what cannot be judged is not let through.
"""

from datetime import UTC, datetime
from hashlib import sha256
from typing import NoReturn

from gatewright.core.context import RequestContext
from gatewright.core.errors import GatewayError
from gatewright.core.reasons import (
    AUTHORIZATION_NOT_SERVED,
    CROSS_ACCOUNT_NEEDS_BOTH,
    METHOD_MISSING,
    SIGNATURE_MISSING,
    SIGNATURE_REFUSED,
    TOKEN_EXPIRED,
)
from gatewright.core.sigv4.canonical import SignedRequest, collect_headers
from gatewright.core.sigv4.credential import parse_credential
from gatewright.core.sigv4.refusal import Cause, SignatureRefused
from gatewright.core.sigv4.verification import EXECUTE_API_SKEW, AccessKey, SigningKeys, verify_signature
from gatewright.dataplane.authorizers import Inquiry, ask_authorizer, make_method_arn
from gatewright.dataplane.ports import Ports
from gatewright.model.compiled_method import CompiledMethod
from gatewright.model.snapshot import Route, Snapshot

_signing_keys = SigningKeys()


def authorize(
    method: CompiledMethod, route: Route, context: RequestContext, snapshot: Snapshot, ports: Ports
) -> Inquiry | None:
    """None for a caller who may call the method; or the question that an authorizer must answer first.

    Raises `GatewayError` for a caller who may not.
    """
    authorization_type = method.authorization_type
    if authorization_type == "NONE":
        return None
    if authorization_type == "AWS_IAM":
        _authorize_signed(route, context, snapshot)
        return None
    if authorization_type == "CUSTOM":
        return ask_authorizer(method, route, context, ports)
    raise GatewayError(
        AUTHORIZATION_NOT_SERVED,
        method=route.met.http_method,
        resource=route.met.resource_path,
        authorization_type=authorization_type,
    )


def _authorize_signed(route: Route, context: RequestContext, snapshot: Snapshot) -> None:
    stage = route.entry.stage
    key = _verify(context, snapshot, stage.region)
    if key is None:
        raise GatewayError(SIGNATURE_MISSING, method=route.met.http_method, resource=route.met.resource_path)
    context.caller = key
    arn = make_method_arn(route, context)
    if key.account != stage.account:
        message = f"User: {key.arn} is not authorized to perform: execute-api:Invoke on resource: {arn}"
        raise GatewayError(
            CROSS_ACCOUNT_NEEDS_BOTH, message=message, caller=key.arn, api_id=stage.api_id, account=stage.account
        )


def refuse_unrouted(route: Route, context: RequestContext, snapshot: Snapshot, why: str) -> NoReturn:
    """A request without a method drops into the signature parser: what it says about Authorization comes first."""
    _verify(context, snapshot, route.entry.stage.region)
    stage = route.entry.stage
    raise GatewayError(
        METHOD_MISSING, api_id=stage.api_id, method=context.http_method, path=route.path, why=why.rstrip(".")
    )


def _verify(context: RequestContext, snapshot: Snapshot, region: str) -> AccessKey | None:
    """The access key that signed the request; None for an unsigned one."""
    request = context.request
    headers = collect_headers(
        (name.decode("latin-1"), value.decode("utf-8", "surrogateescape")) for _, name, value in request.headers
    )
    try:
        credential = parse_credential(headers, request.query)
        if credential is None:
            return None
        return verify_signature(
            credential,
            SignedRequest(request.method, request.path, request.query, headers, sha256(request.body).hexdigest()),
            snapshot.access_keys.get(credential.access_key_id),
            now=datetime.fromtimestamp(context.received_at, UTC),
            expected_service="execute-api",
            valid_regions=(region,),
            skew=EXECUTE_API_SKEW,
            signing_key=_signing_keys,
        )
    except SignatureRefused as refused:
        if refused.cause is Cause.SESSION_EXPIRED:
            raise GatewayError(TOKEN_EXPIRED) from None
        raise GatewayError(SIGNATURE_REFUSED, message=refused.message, error_type=refused.code) from None
