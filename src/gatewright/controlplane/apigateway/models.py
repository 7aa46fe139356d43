"""Models of a REST API: named JSON schemas (draft 4) that methods refer to by content type (facts 10.5)."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from gatewright.controlplane.apigateway.pagination import page_under
from gatewright.controlplane.apigateway.patching import patched
from gatewright.controlplane.apigateway.rest_apis import require_rest_api
from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import bad_request, conflict, not_found
from gatewright.core.mapping.sample_template import render_sample_template
from gatewright.model.identifiers import make_short_id
from gatewright.model.patch import PatchRefused
from gatewright.model.patch_tables.model import TABLE, parse_model_schema
from gatewright.model.records import Model, Resource

# D: CreateModel, "Must be alphanumeric".
_NAME: Final = re.compile(r"[A-Za-z0-9]+")

#: D: facts 10.5, how one model refers to another of the same API.
_REFERENCE: Final = re.compile(r"https?://apigateway\.amazonaws\.com/restapis/(?P<api>[^/]+)/models/(?P<name>[^/#]+)")


def create_model(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The API has one more model, under a name that none of its models had."""
    api = require_rest_api(call, params["restApiId"])
    name = params["name"]
    if not name:
        raise bad_request("Model name must be non-empty")
    if not _NAME.fullmatch(name):
        raise bad_request(f"Model name must be alphanumeric: {name}")  # C
    if call.transaction.get(Model, call.account, call.region, api.id, name) is not None:
        raise conflict("Model name already exists for this REST API")
    try:
        schema = parse_model_schema(params.get("schema"))
    except PatchRefused as refused:
        raise bad_request(refused.message) from refused
    model = Model(
        account=call.account,
        region=call.region,
        api_id=api.id,
        id=make_short_id(call.random_text),
        name=name,
        content_type=params["contentType"],
        # R: an empty description is none.
        description=params.get("description") or None,
        schema=schema,
    )
    call.transaction.put(model)
    return render_model(model)


def get_model(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """One model; with `flatten`, all models that it refers to are inside its schema."""
    model = _existing(call, params)
    members = render_model(model)
    if params.get("flatten"):
        members["schema"] = _flattened(call, model)
    return members


def get_models(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """A page of an API's models."""
    api = require_rest_api(call, params["restApiId"])
    page, position = page_under(call, Model, params, api.id)
    return {"items": [render_model(model) for model in page], "position": position}


def get_model_template(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """A mapping template to begin with, made from the model's schema and those that it refers to."""
    schema = json.loads(_flattened(call, _existing(call, params)))
    return {"value": render_sample_template(schema)}


def update_model(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The model is what the patch operations made of it; live with the next deployment."""
    model = patched(_existing(call, params), params, TABLE)
    call.transaction.put(model)
    return render_model(model)


def delete_model(call: Call, params: Mapping[str, Any]) -> None:
    """The model is gone; one that a method names stays."""
    model = _existing(call, params)
    resources = call.transaction.list_under(Resource, call.account, call.region, model.api_id)
    for where in _uses(model.name, resources):
        raise conflict(f"Cannot delete model '{model.name}', is referenced in {where}")
    call.transaction.delete(model)


def render_model(model: Model) -> dict[str, Any]:
    """The members of `Model`; the schema is text, as it was given."""
    return {
        "id": model.id,
        "name": model.name,
        "description": model.description,
        "schema": model.schema,
        "contentType": model.content_type,
    }


def _existing(call: Call, params: Mapping[str, Any]) -> Model:
    model = call.transaction.get(Model, call.account, call.region, params["restApiId"], params["modelName"])
    if model is None:
        # R: an unknown API is told in the same words.
        raise not_found(f"Invalid model name specified: {params['modelName']}")
    return model


def _uses(name: str, resources: list[Resource]) -> Iterator[str]:
    """Where methods name the model, as the service says it: R for requests, guess for responses."""
    # R: of `/` and `/test` the service names `/test` first.
    for resource in sorted(resources, key=lambda each: each.path, reverse=True):
        for method in resource.resource_methods.values():
            where = f"{resource.path}/{method.http_method}"
            if name in (method.request_models or {}).values():
                yield f"method request: {where}"
            for response in method.method_responses.values():
                if name in (response.response_models or {}).values():
                    yield f"method response: {where}/{response.status_code}"


def _flattened(call: Call, model: Model) -> str:
    """The model's schema with the models it refers to, directly or not, in `definitions`.

    Guess: where the service puts them. The result is a schema on its own, which is what the flag is for.
    """
    definitions: dict[str, Any] = {}
    schema, named = _localised(model.schema, model.api_id)
    waiting = sorted(named)
    while waiting:
        name = waiting.pop()
        other = call.transaction.get(Model, call.account, call.region, model.api_id, name)
        if name in definitions or other is None:
            continue
        definitions[name], named = _localised(other.schema, model.api_id)
        waiting += sorted(named)
    if definitions:
        schema["definitions"] = {**schema.get("definitions", {}), **definitions}
    return json.dumps(schema)


def _localised(schema_text: str | None, api_id: str) -> tuple[dict[str, Any], set[str]]:
    """A schema whose references to the API's models point into its own `definitions`, and the models' names."""
    named: set[str] = set()

    def localised(value: Any) -> Any:
        if isinstance(value, list):
            return [localised(each) for each in value]
        if isinstance(value, dict):
            return {key: local(each) if key == "$ref" else localised(each) for key, each in value.items()}
        return value

    def local(reference: Any) -> Any:
        found = _REFERENCE.fullmatch(reference) if isinstance(reference, str) else None
        if found is None or found["api"] != api_id:
            return reference
        named.add(found["name"])
        return f"#/definitions/{found['name']}"

    schema: dict[str, Any] = localised(json.loads(schema_text or "{}"))
    return schema, named
