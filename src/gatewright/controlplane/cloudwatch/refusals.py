"""What CloudWatch refuses, in its own words (R unless marked)."""

from collections.abc import Callable
from typing import TypeAlias

from gatewright.controlplane.errors import ServiceError

#: The error for a message: the operations say the same sentences with different codes.
Refuse: TypeAlias = Callable[[str], ServiceError]


def invalid_value(message: str) -> ServiceError:
    """InvalidParameterValue, 400."""
    return ServiceError("InvalidParameterValue", message)


def invalid_combination(message: str) -> ServiceError:
    """InvalidParameterCombination, 400."""
    return ServiceError("InvalidParameterCombination", message)


def validation_error(message: str) -> ServiceError:
    """ValidationError, 400, as GetMetricData says all that is wrong with its parameters."""
    return ServiceError("ValidationError", message)


def bad_token() -> ServiceError:
    """A `NextToken` that was not given out (M: the code; the sentence is ours)."""
    return ServiceError("InvalidNextToken", "The specified NextToken is invalid.")
