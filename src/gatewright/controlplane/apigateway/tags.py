"""Tags of whatever can be tagged, named by its control-plane ARN (facts 1.3, 1.10).

The tags of a resource are part of its record. This module knows which ARN names which record.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, TypeAlias
from urllib.parse import unquote

from gatewright.controlplane.apigateway.api_keys import require_api_key
from gatewright.controlplane.apigateway.quotas import check_tags
from gatewright.controlplane.apigateway.rest_apis import require_rest_api
from gatewright.controlplane.apigateway.usage_plans import require_usage_plan
from gatewright.controlplane.call import Call
from gatewright.controlplane.errors import ServiceError, bad_request, not_found
from gatewright.model.records import ApiKey, DomainName, RestApi, Stage, UsagePlan

Tagged: TypeAlias = RestApi | Stage | DomainName | ApiKey | UsagePlan

_ARN: Final = re.compile(r"arn:aws[a-z-]*:apigateway:(?P<region>[a-z0-9-]+):(?P<account>[0-9]{12})?:(?P<path>/.+)")


def tag_resource(call: Call, params: Mapping[str, Any]) -> None:
    """The resource has these tags besides those it had; of the same key the new value holds."""
    record = _named_by(call, params["resourceArn"])
    tags = {**record.tags, **params["tags"]}
    check_tags(tags)
    call.transaction.put(replace(record, tags=tags))


def untag_resource(call: Call, params: Mapping[str, Any]) -> None:
    """The resource has none of these tags; a key that it does not have is no error."""
    record = _named_by(call, params["resourceArn"])
    tags = {key: value for key, value in record.tags.items() if key not in params["tagKeys"]}
    call.transaction.put(replace(record, tags=tags))


def get_tags(call: Call, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """All tags of the resource (facts 1.1: not paginated)."""
    return {"tags": dict(_named_by(call, params["resourceArn"]).tags)}


def _stage(call: Call, api_id: str, name: str) -> Tagged:
    return _found(
        call.transaction.get(Stage, call.account, call.region, api_id, name), "Invalid stage identifier specified"
    )


def _domain_name(call: Call, name: str) -> Tagged:
    return _found(
        call.transaction.get(DomainName, call.account, call.region, name.lower()),
        "Invalid domain name identifier specified",
    )


def _found(record: Tagged | None, message: str) -> Tagged:
    if record is None:
        raise not_found(message)
    return record


def _none_yet(message: str) -> Callable[..., Tagged]:
    """For nouns that this installation cannot hold yet, so that none of them is found."""

    def refuse(_call: Call, *_names: str) -> Tagged:
        raise not_found(message)

    return refuse


#: Facts 1.3: the path of an ARN → how its record is found.
_NOUNS: Final[Mapping[str, Callable[..., Tagged]]] = {
    r"/restapis/([^/]+)": require_rest_api,
    r"/restapis/([^/]+)/stages/([^/]+)": _stage,
    r"/domainnames/([^/]+)": _domain_name,
    r"/apikeys/([^/]+)": require_api_key,
    r"/usageplans/([^/]+)": require_usage_plan,
    r"/clientcertificates/([^/]+)": _none_yet("Invalid client certificate identifier specified"),
    r"/vpclinks/([^/]+)": _none_yet("Invalid Vpc Link identifier specified"),
}


def _named_by(call: Call, arn: str) -> Tagged:
    """The record that an ARN names, in the caller's account and the call's region."""
    # The AWS documentation asks for an ARN that is URL-encoded already; clients that do so encode it twice.
    found = _ARN.fullmatch(unquote(arn) if arn.lower().startswith("arn%3a") else arn)
    if found is None or found["region"] != call.region or found["account"] not in (None, call.account):
        raise _no_such_arn()
    for pattern, find in _NOUNS.items():
        names = re.fullmatch(pattern, found["path"])
        if names is not None:
            return find(call, *names.groups())
    raise _no_such_arn()


def _no_such_arn() -> ServiceError:
    # R for integrations, guess for tags.
    return bad_request("Invalid ARN specified in the request")
