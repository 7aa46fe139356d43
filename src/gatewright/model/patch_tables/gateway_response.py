"""What UpdateGatewayResponse may change (facts 1.6, recorded), and what a gateway response may hold at all."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from gatewright.core.mapping.expression import parse_mapping_expression, parse_mapping_key
from gatewright.model.patch import PatchOperation, PatchRefused, PatchRule, PatchTable
from gatewright.model.patch_setters import put_entry, remove_entry
from gatewright.model.records import GatewayResponse

#: R: NotFoundException, when a replace or remove names no parameter that is there.
UNKNOWN_PARAMETER: Final = "Invalid parameter name specified"

#: M: the pattern that PutGatewayResponse has for its member.
_STATUS_CODE: Final = re.compile(r"[1-5][0-9]{2}")


def check_response_parameter(name: str, value: str | None) -> None:
    """Refuses what cannot become a response header."""
    if not value:
        raise PatchRefused("Invalid null or empty value in responseParameters")
    for text, allowed in ((name, _names_a_header), (value, _can_be_known)):
        if not allowed(text):
            # C: seen by users of the AWS CLI and of the CDK for a wrong name and for an unquoted value.
            raise PatchRefused(
                "Invalid mapping expression specified: Validation Result: warnings : [], "
                f"errors : [Invalid mapping expression specified: {text}]"
            )


def _names_a_header(key: str) -> bool:
    try:
        return parse_mapping_key(key).kind == "gatewayresponse"
    except ValueError:
        return False


def _can_be_known(expression: str) -> bool:
    """D: facts 2.6. A gateway response knows neither the request's body nor what a backend said."""
    try:
        source = parse_mapping_expression(expression)
    except ValueError:
        return False
    return source.kind != "integration.response" and source.location != "body"


def check_response_template(_content_type: str, template: str | None) -> None:
    """Refuses a template that is none."""
    if not template:
        raise PatchRefused("Invalid null or empty value in responseTemplates")


def _set_status_code(
    response: GatewayResponse, operation: PatchOperation, _names: Mapping[str, str]
) -> GatewayResponse:
    # D: without a value the type has its own status again.
    status_code = operation.value or None
    if status_code is not None and not _STATUS_CODE.fullmatch(status_code):
        raise PatchRefused("Invalid status code specified")  # guess: the sentence
    return replace(response, status_code=status_code)


_PUT_TEMPLATE: Final = put_entry("response_templates", check=check_response_template)

TABLE: Final[PatchTable[GatewayResponse]] = PatchTable(
    rules=(
        # R: an operation that this path does not take is refused as if there were no such path.
        PatchRule("/statusCode", replace=_set_status_code, unsupported="Invalid patch path /statusCode"),
        PatchRule(
            "/responseParameters/{name}",
            add=put_entry("response_parameters", check=check_response_parameter),
            replace=put_entry("response_parameters", must_exist=UNKNOWN_PARAMETER, check=check_response_parameter),
            remove=remove_entry("response_parameters", must_exist=UNKNOWN_PARAMETER, when_empty={}),
        ),
        PatchRule(
            "/responseTemplates/{contentType}",
            add=_PUT_TEMPLATE,
            replace=_PUT_TEMPLATE,
            remove=remove_entry("response_templates", must_exist=UNKNOWN_PARAMETER, when_empty={}),
        ),
    ),
)
