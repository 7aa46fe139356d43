"""The account settings of API Gateway in one region: the role that writes logs, features, and the account throttle."""

from collections.abc import Mapping
from typing import Any, Final

from gatewright.controlplane.apigateway.patching import patched
from gatewright.controlplane.call import Call
from gatewright.model.patch_tables.account import TABLE
from gatewright.model.records import AccountSettings

#: M: `apiKeyVersion`; every account has had version 4 since usage plans came (C).
API_KEY_VERSION: Final = "4"


def get_account(call: Call, _params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The settings; an account that never changed any has the defaults."""
    return render_account(call, _account_settings(call))


def update_account(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The settings are what the patch operations made of them."""
    settings = patched(_account_settings(call), params, TABLE)
    call.transaction.put(settings)
    return render_account(call, settings)


def render_account(call: Call, settings: AccountSettings) -> dict[str, Any]:
    """The members of `Account`; the throttle is the installation's."""
    return {
        "cloudwatchRoleArn": settings.cloudwatch_role_arn,
        "throttleSettings": {
            "burstLimit": call.installation.account_burst_limit,
            "rateLimit": call.installation.account_rate_limit,
        },
        "features": list(settings.features),
        "apiKeyVersion": API_KEY_VERSION,
    }


def _account_settings(call: Call) -> AccountSettings:
    found = call.transaction.get(AccountSettings, call.account, call.region)
    return found or AccountSettings(call.account, call.region)
