"""Authorizers of a REST API: the Lambda functions that say who may call a method (facts 1.6, 2.7).

They are part of a deployment: what is changed here acts with the next one. Types TOKEN and REQUEST are served. Those that
verify tokens themselves (COGNITO_USER_POOLS, JWT) are refused when they are created, rather than when somebody calls.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from gatewright.controlplane.apigateway.method_pointers import refuse_while_pointed_at
from gatewright.controlplane.apigateway.pagination import page_under
from gatewright.controlplane.apigateway.patching import patched
from gatewright.controlplane.apigateway.rest_apis import require_rest_api
from gatewright.controlplane.apigateway.stages import require_stage
from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import bad_request, conflict, not_found
from gatewright.core.authorizers.identity import parse_identity_sources
from gatewright.model.identifiers import make_short_id
from gatewright.model.integration_uri import is_lambda_uri
from gatewright.model.patch_tables.authorizer import INVALID_TTL, TABLE
from gatewright.model.records import Authorizer, RestApi

_SERVED: Final = ("TOKEN", "REQUEST")
#: D, facts 1.5.
_MAX_TTL: Final = 3_600
_DEFAULT_TTL: Final = 300


def create_authorizer(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The API has one more authorizer."""
    if call.transaction.get(RestApi, call.account, call.region, params["restApiId"]) is None:
        # R: here, and only here, an unknown API is a conflict.
        raise conflict("Unable to complete operation due to concurrent modification. Please try again later.")
    ttl = params.get("authorizerResultTtlInSeconds")
    authorizer = _checked(
        Authorizer(
            account=call.account,
            region=call.region,
            api_id=params["restApiId"],
            id=make_short_id(call.random_text),
            name=params["name"],
            type=params["type"],
            auth_type=params.get("authType") or "custom",
            authorizer_uri=params.get("authorizerUri") or None,
            authorizer_credentials=params.get("authorizerCredentials") or None,
            identity_source=params.get("identitySource") or None,
            identity_validation_expression=params.get("identityValidationExpression") or None,
            authorizer_result_ttl_in_seconds=_DEFAULT_TTL if ttl is None else ttl,
        )
    )
    call.transaction.put(authorizer)
    return render_authorizer(authorizer)


def get_authorizer(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """One authorizer."""
    return render_authorizer(_existing(call, params))


def get_authorizers(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """A page of an API's authorizers."""
    api = require_rest_api(call, params["restApiId"])
    page, position = page_under(call, Authorizer, params, api.id)
    return {"items": [render_authorizer(authorizer) for authorizer in page], "position": position}


def update_authorizer(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The authorizer is what the patch operations made of it; live with the next deployment."""
    authorizer = _checked(patched(_existing(call, params), params, TABLE))
    call.transaction.put(authorizer)
    return render_authorizer(authorizer)


def delete_authorizer(call: Call, params: Mapping[str, Any]) -> None:
    """The authorizer is gone; one that a method points at stays."""
    authorizer = _existing(call, params)
    refuse_while_pointed_at(call, authorizer, "authorizer", lambda method: method.authorizer_id)
    call.transaction.delete(authorizer)


def flush_stage_authorizers_cache(call: Call, params: Mapping[str, Any]) -> None:
    """What authorizers said for the stage so far is forgotten, on every worker, when the call is answered."""
    stage = require_stage(call, params)
    call.transaction.put(replace(stage, authorizers_cache=stage.authorizers_cache + 1))


def render_authorizer(authorizer: Authorizer) -> dict[str, Any]:
    """The members of `Authorizer`."""
    return {
        "id": authorizer.id,
        "name": authorizer.name,
        "type": authorizer.type,
        "authType": authorizer.auth_type,
        "authorizerUri": authorizer.authorizer_uri,
        "authorizerCredentials": authorizer.authorizer_credentials,
        "identitySource": authorizer.identity_source,
        "identityValidationExpression": authorizer.identity_validation_expression,
        "authorizerResultTtlInSeconds": authorizer.authorizer_result_ttl_in_seconds,
    }


def _checked(authorizer: Authorizer) -> Authorizer:
    """The authorizer, or what is wrong with it. The sentences are guesses but where a mark says otherwise."""
    if authorizer.type not in _SERVED:
        raise bad_request(
            f"Gatewright serves authorizers of type {' and '.join(_SERVED)}; {authorizer.type} is not served yet."
        )
    if not authorizer.name.strip():
        raise bad_request("Authorizer name cannot be blank")
    if not is_lambda_uri(authorizer.authorizer_uri or ""):
        raise bad_request(  # C: seen by users of Terraform
            f"Invalid Authorizer URI: {authorizer.authorizer_uri or ''}. Authorizer URI should be a valid API Gateway ARN "
            "that represents a Lambda function invocation."
        )
    if not 0 <= authorizer.authorizer_result_ttl_in_seconds <= _MAX_TTL:
        raise bad_request(INVALID_TTL)
    try:
        sources = parse_identity_sources(authorizer.identity_source or "")
    except ValueError as error:
        raise bad_request(str(error)) from None
    if authorizer.type == "TOKEN" and [source.location for source in sources] != ["header"]:
        raise bad_request("Authorizers of type TOKEN must have one header as identity source")
    # D: what is remembered is found again by its identity.
    if not sources and authorizer.authorizer_result_ttl_in_seconds:
        raise bad_request("Authorizers of type REQUEST must have an identity source, unless caching is disabled")
    return authorizer


def _existing(call: Call, params: Mapping[str, Any]) -> Authorizer:
    key = (params["restApiId"], params["authorizerId"])
    authorizer = call.transaction.get(Authorizer, call.account, call.region, *key)
    if authorizer is None:
        raise not_found("Invalid Authorizer identifier specified")  # C: as of the other nouns
    return authorizer
