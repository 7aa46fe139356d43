"""What CloudWatch Logs refuses, in its own words (R unless marked)."""

from gatewright.controlplane.errors import ServiceError


def invalid_parameter(message: str) -> ServiceError:
    """InvalidParameterException, 400."""
    return ServiceError("InvalidParameterException", message)


def already_exists(what: str) -> ServiceError:
    """ResourceAlreadyExistsException; `what` is `log group` or `log stream`."""
    return ServiceError("ResourceAlreadyExistsException", f"The specified {what} already exists")


def does_not_exist(what: str) -> ServiceError:
    """ResourceNotFoundException."""
    return ServiceError("ResourceNotFoundException", f"The specified {what} does not exist.")


def bad_token() -> ServiceError:
    """A `nextToken` that was not given out."""
    return invalid_parameter("The specified nextToken is invalid.")
