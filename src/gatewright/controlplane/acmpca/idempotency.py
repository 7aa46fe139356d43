"""Idempotency tokens: the same call made again within five minutes (or so) gives the ARN that the first one made."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from gatewright.controlplane.call import Call
from gatewright.model.records import IdempotencyToken

# M: "Idempotency tokens time out after five minutes".
_SECONDS = 300.0


def once(
    call: Call, params: Mapping[str, Any], scope: str, make: Callable[[], str], *, seconds: float = _SECONDS
) -> str:
    """The ARN that `make` gives, or the one it gave for the same token and parameters, `seconds` ago at most.

    U: with other parameters the token counts as another; the model has no error for that case.
    """
    token = params.get("IdempotencyToken")
    if token is None:
        return make()
    _forget_old(call, scope)
    parameters = _digest(json.dumps(params, sort_keys=True, default=repr))
    known = call.transaction.get(IdempotencyToken, call.account, call.region, scope, _digest(token))
    if known is not None and known.parameters == parameters:
        return known.arn
    arn = make()
    call.transaction.put(
        IdempotencyToken(
            account=call.account,
            region=call.region,
            scope=scope,
            token=_digest(token),
            parameters=parameters,
            arn=arn,
            expires_at=call.now + seconds,
        )
    )
    return arn


def _forget_old(call: Call, scope: str) -> None:
    for each in call.transaction.list_under(IdempotencyToken, call.account, call.region, scope):
        if each.expires_at <= call.now:
            call.transaction.delete(each)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
