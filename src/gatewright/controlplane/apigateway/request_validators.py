"""Request validators of a REST API: named pairs of switches that methods point at (facts 10.5)."""

from collections.abc import Mapping
from typing import Any

from gatewright.controlplane.apigateway.free_ids import draw_free_id
from gatewright.controlplane.apigateway.method_pointers import refuse_while_pointed_at
from gatewright.controlplane.apigateway.pagination import page_under
from gatewright.controlplane.apigateway.patching import patched
from gatewright.controlplane.apigateway.rest_apis import require_rest_api
from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import bad_request, not_found
from gatewright.model.patch_tables.request_validator import BLANK_NAME, TABLE
from gatewright.model.records import RequestValidator, RestApi


def create_request_validator(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The API has one more validator; both switches are off unless asked for."""
    api_id = params["restApiId"]
    if call.transaction.get(RestApi, call.account, call.region, api_id) is None:
        # R: here, and only here, an unknown API is a bad request.
        raise bad_request("Invalid REST API identifier specified")
    if params.get("name") == "":
        raise bad_request(BLANK_NAME)  # R for an update
    validator = RequestValidator(
        account=call.account,
        region=call.region,
        api_id=api_id,
        id=draw_free_id(call, RequestValidator, api_id),
        name=params.get("name"),
        validate_request_body=params.get("validateRequestBody") or False,
        validate_request_parameters=params.get("validateRequestParameters") or False,
    )
    call.transaction.put(validator)
    return render_request_validator(validator)


def get_request_validator(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """One validator."""
    return render_request_validator(_existing(call, params))


def get_request_validators(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """A page of an API's validators."""
    api = require_rest_api(call, params["restApiId"])
    page, position = page_under(call, RequestValidator, params, api.id)
    return {"items": [render_request_validator(validator) for validator in page], "position": position}


def update_request_validator(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The validator is what the patch operations made of it; live with the next deployment."""
    validator = patched(_existing(call, params), params, TABLE)
    call.transaction.put(validator)
    return render_request_validator(validator)


def delete_request_validator(call: Call, params: Mapping[str, Any]) -> None:
    """The validator is gone; one that a method points at stays."""
    validator = _existing(call, params)
    refuse_while_pointed_at(call, validator, "request validator", lambda method: method.request_validator_id)
    call.transaction.delete(validator)


def render_request_validator(validator: RequestValidator) -> dict[str, Any]:
    """The members of `RequestValidator`."""
    return {
        "id": validator.id,
        "name": validator.name,
        "validateRequestBody": validator.validate_request_body,
        "validateRequestParameters": validator.validate_request_parameters,
    }


def _existing(call: Call, params: Mapping[str, Any]) -> RequestValidator:
    key = (params["restApiId"], params["requestValidatorId"])
    validator = call.transaction.get(RequestValidator, call.account, call.region, *key)
    if validator is None:
        # R: an unknown API is told in the same words.
        raise not_found("Invalid Request Validator identifier specified")
    return validator
