"""The two models that every new REST API has (R: facts 1.5, GetModels of a new API)."""

import json

from gatewright.controlplane.call import Call
from gatewright.model.identifiers import make_short_id
from gatewright.model.records import Model

_DRAFT_4 = "http://json-schema.org/draft-04/schema#"


def default_models(call: Call, api_id: str) -> tuple[Model, ...]:
    """`Empty` and `Error`, not stored yet."""
    empty = {"$schema": _DRAFT_4, "title": "Empty Schema", "type": "object"}
    error = {
        "$schema": _DRAFT_4,
        "title": "Error Schema",
        "type": "object",
        "properties": {"message": {"type": "string"}},
    }
    return tuple(
        Model(
            account=call.account,
            region=call.region,
            api_id=api_id,
            id=make_short_id(call.random_text),
            name=name,
            content_type="application/json",
            description=f"This is a default {name.lower()} schema model",
            schema=json.dumps(schema, indent=2),
        )
        for name, schema in (("Empty", empty), ("Error", error))
    )
