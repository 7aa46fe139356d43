"""From the name to a method: mapping, stage, resource, and whether the deployment has what the API has.

What this module knows: facts 2.1 steps 4 to 8, and that resources go live with a deployment only (facts 1.10), so that a
method which the API has and its stage has not is the sign of a deployment that was forgotten.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from gatewright.core.domains.base_path import BasePaths, render_base_path
from gatewright.core.routing.resource_tree import ResourceMatch, compile_resources
from gatewright.doctor.check import Check, Found, Link
from gatewright.doctor.commands import aws, deploy
from gatewright.doctor.evidence import Api, Evidence
from gatewright.doctor.finding import Outcome
from gatewright.doctor.names import parse_default_endpoint


def has_method(resources: Mapping[str, Iterable[str]], method: str, path: str) -> bool:
    """Whether these resources have the method for the path (facts 2.3)."""
    tree = compile_resources((template, dict.fromkeys(verbs, "")) for template, verbs in resources.items())
    return isinstance(tree.match(method, path), ResourceMatch)


def _mapping_missing(evidence: Evidence) -> Found | None:
    question, domain, mappings = evidence.question, evidence.domain, evidence.mappings
    if domain is None or mappings is None:
        return None
    if BasePaths({each.base_path: each for each in mappings}).select(question.path) is not None:
        return None
    if mappings and not question.asks_for_resource:
        return None
    api_id = evidence.api.id if evidence.api else "API_ID"
    stage = next(iter(evidence.api.stages), "STAGE") if evidence.api else "STAGE"
    words = ["apigateway", "create-base-path-mapping", "--domain-name", domain.name, "--rest-api-id", api_id,
             "--stage", stage]  # fmt: skip
    first = question.path.split("/")[1]
    if mappings and first:
        words += ["--base-path", first]
    held = ", ".join(render_base_path(each.base_path) for each in mappings) or "none at all"
    return Found(
        f"The domain name {domain.name} has no base path mapping for {question.path}.",
        (f"get-base-path-mappings {domain.name}: {held}",),
        "Map an API's stage to the domain name, or correct the path.",
        (aws(*words),),
    )


def _stage_missing(evidence: Evidence) -> Found | None:
    api = evidence.api
    if api is None or not api.found or api.stage is None or api.stage in api.stages:
        return None
    if not api.stage and not evidence.question.asks_for_resource:
        return None
    wanted = f"called {api.stage!r}" if api.stage else "in the path"
    name = api.stage or "STAGE"
    return Found(
        f"The API {api.id} has no stage {wanted}; it has {', '.join(api.stages) or 'none'}.",
        (f"get-stages {api.id}: {', '.join(api.stages) or 'none'}",),
        "Deploy the API to that stage, or correct the path or the mapping.",
        (deploy(api.id, name),) if api.stage else (),
    )


def _missing_in_stage(evidence: Evidence) -> Api | None:
    """The API whose deployed resources lack what is asked for."""
    api, question = evidence.api, evidence.question
    if api is None or api.deployed is None or api.stage not in api.stages or not question.asks_for_resource:
        return None
    if evidence.http is not None and 0 < evidence.http.status < 400:
        return None  # it was answered, whatever the summary says
    return None if has_method(api.deployed, question.method, api.resource_path) else api


def _held(resources: Mapping[str, Iterable[str]]) -> str:
    return ", ".join(f"{'|'.join(verbs)} {path}" for path, verbs in resources.items()) or "nothing"


def _not_redeployed(evidence: Evidence) -> Found | None:
    api = _missing_in_stage(evidence)
    if api is None or api.current is None or not has_method(api.current, evidence.question.method, api.resource_path):
        return None
    assert api.deployed is not None, "that is how it was found to lack the method"
    assert api.stage is not None, "a stage that exists has a name"
    return Found(
        f"The API {api.id} has {evidence.question.method} {api.resource_path}, and the deployment that its stage "
        f"{api.stage} serves does not: it was added later.",
        (f"deployment {api.stages[api.stage]}: {_held(api.deployed)}", f"get-resources: {_held(api.current)}"),
        "Deploy the API again.",
        (deploy(api.id, api.stage),),
    )


def _method_missing(evidence: Evidence) -> Found | None:
    api = _missing_in_stage(evidence)
    if api is None or api.current is None or has_method(api.current, evidence.question.method, api.resource_path):
        return None
    assert api.deployed is not None, "that is how it was found to lack the method"
    return Found(
        f"The API {api.id} has nothing for {evidence.question.method} {api.resource_path}.",
        (f"stage {api.stage} serves: {_held(api.deployed)}",),
        "Correct the path or the method, or add the method to the API and deploy it.",
        (
            aws(
                "apigateway",
                "get-resources",
                "--rest-api-id",
                api.id,
                "--query",
                "items[].[path,keys(resourceMethods||`{}`)]",
            ),
        ),
    )


def _default_endpoint_disabled(evidence: Evidence) -> Found | None:
    api, answer = evidence.api, evidence.http
    if api is None or not api.default_endpoint_disabled or not parse_default_endpoint(evidence.question.http_host):
        return None
    if answer is not None and answer.status not in (0, 403):
        return None  # the setting waits for a deployment
    enable = aws("apigateway", "update-rest-api", "--rest-api-id", api.id, "--patch-operations",
                 "op=replace,path=/disableExecuteApiEndpoint,value=false")  # fmt: skip
    return Found(
        f"The default endpoint of the API {api.id} is disabled.",
        (f"get-rest-api {api.id}: disableExecuteApiEndpoint true",),
        "Use the API's custom domain name; or enable the default endpoint and deploy the API.",
        (enable, *([deploy(api.id, api.stage)] if api.stage in api.stages and api.stage else [])),
    )


def _default_endpoint_open(evidence: Evidence) -> Found | None:
    api, domain = evidence.api, evidence.domain
    if api is None or not api.found or domain is None or not domain.is_mutual or api.default_endpoint_disabled:
        return None
    disable = aws("apigateway", "update-rest-api", "--rest-api-id", api.id, "--patch-operations",
                  "op=replace,path=/disableExecuteApiEndpoint,value=true")  # fmt: skip
    return Found(
        f"The domain name {domain.name} asks for client certificates, and the default endpoint of the API {api.id} lets "
        "everybody past it.",
        (f"get-rest-api {api.id}: disableExecuteApiEndpoint false",),
        "Disable the default endpoint and deploy the API.",
        (disable, *([deploy(api.id, api.stage)] if api.stage in api.stages and api.stage else [])),
    )


ADDRESS_CHECKS: Final = (
    Check("MAPPING_MISSING", Link.MAPPING, "No base path mapping fits the path", "facts 2.1 step 5", _mapping_missing),
    Check("STAGE_MISSING", Link.STAGE, "The API has no such stage", "facts 2.1 step 6", _stage_missing),
    Check("DEFAULT_ENDPOINT_DISABLED", Link.STAGE, "The default endpoint is disabled", "facts 2.1 step 4",
          _default_endpoint_disabled),
    Check("NOT_REDEPLOYED", Link.METHOD, "The API was changed and not deployed again", "facts 1.10", _not_redeployed,
          after=("DEFAULT_ENDPOINT_DISABLED",)),
    Check("METHOD_MISSING", Link.METHOD, "The API has no such method", "facts 2.4", _method_missing,
          after=("DEFAULT_ENDPOINT_DISABLED",)),
    Check("DEFAULT_ENDPOINT_OPEN", Link.STAGE, "The default endpoint goes past mutual TLS", "facts 3.1; seed 003",
          _default_endpoint_open, Outcome.WARNING),
)  # fmt: skip
