"""What UpdateAccount may change (facts 1.6): the role that writes logs, and the features."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from gatewright.model.patch import PatchOperation, PatchRefused, PatchRule, PatchTable
from gatewright.model.records import AccountSettings

#: D: every account has it by now, and it cannot be given back.
USAGE_PLANS: Final = "UsagePlans"
FEATURES: Final = (USAGE_PLANS, "BlockedForRoutingRules")

_ROLE_ARN: Final = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[\w+=,.@/-]+")


def _set_role(settings: AccountSettings, operation: PatchOperation, _names: Mapping[str, str]) -> AccountSettings:
    # Seen from Terraform: an empty value takes the role away.
    if not operation.value:
        return replace(settings, cloudwatch_role_arn=None)
    if not _ROLE_ARN.fullmatch(operation.value):
        raise PatchRefused("Invalid ARN specified in the request")
    return replace(settings, cloudwatch_role_arn=operation.value)


def _named_feature(operation: PatchOperation) -> str:
    if operation.value not in FEATURES:
        # Guess: the sentence.
        raise PatchRefused(f"Invalid feature specified. Must be one of: [{', '.join(FEATURES)}]")
    return operation.value


def _add_feature(settings: AccountSettings, operation: PatchOperation, _names: Mapping[str, str]) -> AccountSettings:
    feature = _named_feature(operation)
    if feature in settings.features:
        return settings
    return replace(settings, features=(*settings.features, feature))


def _remove_feature(settings: AccountSettings, operation: PatchOperation, _names: Mapping[str, str]) -> AccountSettings:
    feature = _named_feature(operation)
    if feature == USAGE_PLANS:
        # D for the rule, guess for the sentence.
        raise PatchRefused(f"Feature {USAGE_PLANS} cannot be removed from an account")
    return replace(settings, features=tuple(each for each in settings.features if each != feature))


TABLE: Final[PatchTable[AccountSettings]] = PatchTable(
    rules=(
        PatchRule("/cloudwatchRoleArn", replace=_set_role),
        PatchRule("/features", add=_add_feature, remove=_remove_feature),
    ),
)
