"""The verbs that a method or an integration may have, and the two sentences about all others (R)."""

from typing import Final

from gatewright.controlplane.errors import bad_request

HTTP_METHODS: Final = ("GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "ANY")


def check_http_method(verb: str | None) -> str:
    """The verb, if it is one."""
    if not verb:
        raise bad_request("Enumeration value for HttpMethod must be non-empty")
    if verb not in HTTP_METHODS:
        raise bad_request(f"Invalid HttpMethod specified. Valid options are {','.join(HTTP_METHODS)}")
    return verb
