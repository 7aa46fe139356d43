"""Models that a method request or response names: each must exist in the API."""

from collections.abc import Mapping

from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import bad_request
from gatewright.model.records import Model


def check_models(call: Call, api_id: str, models: Mapping[str, str] | None) -> None:
    """Refuses a map of content types to models of which one does not exist (R)."""
    for name in (models or {}).values():
        if call.transaction.get(Model, call.account, call.region, api_id, name) is None:
            raise bad_request(f"Invalid model identifier specified: {name}")
