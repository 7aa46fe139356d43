"""The form of a query-protocol call, in its body or, for GET, in its query string."""

from urllib.parse import parse_qsl

from gatewright.wire.http import HttpRequest

FORM_CONTENT_TYPE = "application/x-www-form-urlencoded"

# IAM, ELB and EC2 take some hundreds of fields at most; the bound keeps a body of ampersands from costing seconds.
_MAX_FIELDS = 20_000


def read_form(request: HttpRequest) -> list[tuple[str, str]]:
    """The fields in their order; raises ValueError when they are not percent-encoded UTF-8, or too many."""
    source = request.body.decode() if request.method == "POST" else request.query
    return parse_qsl(source, keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)


def read_action(request: HttpRequest) -> dict[str, str]:
    """The fields by name, for `Action` and `Version`; {} for what is no form, whose refusal is the parser's to word."""
    try:
        return dict(read_form(request))
    except ValueError:
        return {}
