"""What the account has for the host: domain name, certificate, mappings, API, stage, integration, truststore, zone.

Each function asks for one noun and returns evidence; what depends on nothing else is asked for at the same time. A noun
that could not be asked for is an `Unknown` of its step, and what hangs on it is not looked at.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from gatewright.core.domains.base_path import NO_BASE_PATH, BasePaths
from gatewright.core.domains.hostname import wildcard_of
from gatewright.core.routing.resource_tree import ResourceMatch, compile_resources
from gatewright.core.x509.coverage import find_covering_name
from gatewright.core.x509.pem import parse_pem_blocks
from gatewright.doctor.evidence import (
    Api,
    BasePath,
    DeployedMethod,
    Domain,
    Integration,
    StoredCertificate,
    TruststoreObject,
    Unknown,
    Zone,
    ZoneRecord,
)
from gatewright.doctor.names import is_address, is_gateway_target, parse_default_endpoint, parse_vpc_endpoint
from gatewright.doctor.probes.api import AwsApi, NotServed
from gatewright.doctor.probes.deadline import CannotLook, Deadline, run_together
from gatewright.doctor.question import Question

#: Pages of zones, resources and certificates that are read; a diagnosis need not see every one of thousands.
_MOST_PAGES: Final = 10
#: APIs whose resources are compared with the path: each costs a call.
_MOST_CANDIDATES: Final = 10
_ADDRESS_TYPES: Final = ("A", "AAAA", "CNAME")


@dataclass
class Configuration:
    """What was found, filled by `probe_configuration` alone."""

    domains: tuple[Domain, ...] | None = None
    certificate: StoredCertificate | None = None
    mappings: tuple[BasePath, ...] | None = None
    api: Api | None = None
    integration: Integration | None = None
    truststore: TruststoreObject | None = None
    unknowns: list[Unknown] = field(default_factory=list)


def probe_configuration(api: AwsApi, question: Question, deadline: Deadline) -> Configuration:
    """Everything that the AWS APIs tell of the request that is asked about."""
    found = Configuration()
    api_id = _addressed_api(question)
    if api_id is not None:
        stage, _, rest = question.path.lstrip("/").partition("/")
        _look_at_api(api, question, found, api_id, stage, "/" + rest)
        return found
    if (
        parse_vpc_endpoint(question.http_host)
        or is_gateway_target(question.http_host)
        or is_address(question.http_host)
    ):
        return found
    found.domains = _asked(found, "domain", lambda: find_domains(api, question.http_host))
    if found.domains is None:
        return found
    if not found.domains:
        found.certificate = _asked(found, "certificate", lambda: find_usable_certificate(api, question.http_host))
        return found
    domain = found.domains[0]
    looks: dict[str, Callable[[], object]] = {"mapping": lambda: find_mappings(api, domain.name)}
    if domain.certificate_arn:
        arn = domain.certificate_arn
        looks["certificate"] = lambda: find_certificate(api, arn)
    if domain.is_mutual:
        looks["truststore"] = lambda: find_truststore(api, domain)
    results = run_together(looks, deadline)
    found.unknowns += [result for result in results.values() if isinstance(result, Unknown)]
    mappings, certificate, truststore = (results.get(step) for step in ("mapping", "certificate", "truststore"))
    found.certificate = certificate if isinstance(certificate, StoredCertificate) else None
    found.truststore = truststore if isinstance(truststore, TruststoreObject) else None
    if not isinstance(mappings, tuple):
        return found
    found.mappings = mappings
    match = BasePaths({each.base_path: each for each in mappings}).select(question.path)
    if match is None:
        found.api = _asked(found, "api", lambda: find_likely_api(api, question))
        return found
    mapping, rest = match.mapping, match.remaining_path
    stage = mapping.stage
    if not stage:
        stage, _, below = rest.lstrip("/").partition("/")
        rest = "/" + below
    _look_at_api(api, question, found, mapping.api_id, stage, rest)
    return found


def _addressed_api(question: Question) -> str | None:
    """The API that the Host names by itself, or the header on a VPC endpoint's own name (facts 14)."""
    endpoint = parse_default_endpoint(question.http_host)
    if endpoint is not None:
        return endpoint.api_id
    return question.header("x-apigw-api-id") if parse_vpc_endpoint(question.http_host) else None


def _asked(found: Configuration, step: str, ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except CannotLook as error:
        found.unknowns.append(Unknown(step, error.why, error.action))
        return None


def _look_at_api(
    api: AwsApi, question: Question, found: Configuration, api_id: str, stage: str, resource_path: str
) -> None:
    found.api = _asked(found, "api", lambda: find_api(api, api_id, stage, resource_path))
    if found.api is None or not found.api.found:
        return
    resources = _asked(found, "api", lambda: list(_resources(api, api_id)))
    if resources is None:
        return
    found.api = replace(found.api, current={each["path"]: tuple(each.get("resourceMethods", ())) for each in resources})
    tree = compile_resources(
        (each["path"], {verb: f"{each['id']} {verb}" for verb in each.get("resourceMethods", ())}) for each in resources
    )
    match = tree.match(question.method, resource_path)
    if isinstance(match, ResourceMatch):
        resource_id, verb = match.method.split(" ")
        found.integration = _asked(
            found, "integration", lambda: find_integration(api, api_id, resource_id, match.resource_path, verb)
        )


def find_domains(api: AwsApi, host: str) -> tuple[Domain, ...]:
    """The domain names that cover the host: its own before the wildcard."""
    names = [name for name in (host, wildcard_of(host)) if name]
    answers = (api.call("apigateway", "get_domain_name", domainName=name) for name in names)
    return tuple(_read_domain(answer) for answer in answers if answer is not None)


def _read_domain(answer: Mapping[str, Any]) -> Domain:
    mutual = answer.get("mutualTlsAuthentication") or {}
    types = tuple(answer.get("endpointConfiguration", {}).get("types", ()))
    edge_only = types == ("EDGE",)
    return Domain(
        name=answer["domainName"],
        status=answer.get("domainNameStatus", "AVAILABLE"),
        status_message=answer.get("domainNameStatusMessage", ""),
        endpoint_types=types,
        regional_name=answer.get("regionalDomainName"),
        regional_zone_id=answer.get("regionalHostedZoneId"),
        distribution_name=answer.get("distributionDomainName"),
        distribution_zone_id=answer.get("distributionHostedZoneId"),
        certificate_arn=answer.get("certificateArn") if edge_only else answer.get("regionalCertificateArn"),
        ownership_certificate_arn=answer.get("ownershipVerificationCertificateArn"),
        security_policy=answer.get("securityPolicy"),
        access_mode=answer.get("endpointAccessMode") or None,
        truststore_uri=mutual.get("truststoreUri") or None,
        truststore_version=mutual.get("truststoreVersion"),
        truststore_warnings=tuple(mutual.get("truststoreWarnings", ())),
    )


def find_certificate(api: AwsApi, arn: str) -> StoredCertificate:
    """The certificate of that ARN, or that there is none."""
    answer = api.call("acm", "get_certificate", CertificateArn=arn)
    if answer is None:
        return StoredCertificate(arn, found=False)
    chain = tuple(_blocks(answer.get("CertificateChain", "")))
    return StoredCertificate(arn, certificate=answer.get("Certificate"), chain=chain)


def _blocks(text: str) -> Iterable[str]:
    end = "-----END CERTIFICATE-----"
    count = sum(block.label == "CERTIFICATE" for block in parse_pem_blocks(text.encode()))
    return [part.strip() + f"\n{end}\n" for part in text.split(end)[:count]]


def find_usable_certificate(api: AwsApi, host: str) -> StoredCertificate | None:
    """A certificate of the account that covers the host and could be given to a new domain name."""
    kinds = ["RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1"]
    arguments: dict[str, Any] = {"CertificateStatuses": ["ISSUED"], "Includes": {"keyTypes": kinds}}
    for page in pages(api, "acm", "list_certificates", "NextToken", "NextToken", **arguments):
        for each in page.get("CertificateSummaryList", ()):
            names = each.get("SubjectAlternativeNameSummaries") or [each.get("DomainName", "")]
            if find_covering_name(names, host):
                return StoredCertificate(each["CertificateArn"], status="ISSUED", kind=each.get("Type"))
    return None


def find_mappings(api: AwsApi, domain_name: str) -> tuple[BasePath, ...]:
    """The domain name's base path mappings."""
    items = (
        item
        for page in pages(api, "apigateway", "get_base_path_mappings", "position", "position", domainName=domain_name)
        for item in page.get("items", ())
    )
    return tuple(
        BasePath(
            "" if item.get("basePath") in (None, NO_BASE_PATH) else item["basePath"],
            item["restApiId"],
            item.get("stage"),
        )
        for item in items
    )


def find_likely_api(api: AwsApi, question: Question) -> Api | None:
    """The API that a missing mapping would be for: the only one, or the only one with the method that is asked for."""
    answer = api.call("apigateway", "get_rest_apis", limit=_MOST_CANDIDATES)
    ids = [each["id"] for each in answer.get("items", ())] if answer else []
    if len(ids) > 1:
        ids = [each for each in ids if _serves(api, each, question)]
    return find_api(api, ids[0], None, "/", summary=False) if len(ids) == 1 else None


def _serves(api: AwsApi, api_id: str, question: Question) -> bool:
    resources = [(each["path"], dict.fromkeys(each.get("resourceMethods", ()), "")) for each in _resources(api, api_id)]
    return isinstance(compile_resources(resources).match(question.method, question.path), ResourceMatch)


def find_api(api: AwsApi, api_id: str, stage: str | None, resource_path: str, *, summary: bool = True) -> Api:
    """The API, its stages and what the stage's deployment froze."""
    answer = api.call("apigateway", "get_rest_api", restApiId=api_id)
    if answer is None:
        return Api(api_id, found=False, protocol=_find_protocol(api, api_id), stage=stage)
    stages = api.call("apigateway", "get_stages", restApiId=api_id) or {}
    by_name = {each["stageName"]: each.get("deploymentId", "") for each in stages.get("item", ())}
    deployed = None
    if summary and stage in by_name:
        deployment = api.call(
            "apigateway", "get_deployment", restApiId=api_id, deploymentId=by_name[stage], embed=["apisummary"]
        )
        # An endpoint that gives no summary has not said that the deployment is empty.
        deployed = _read_summary(deployment["apiSummary"]) if deployment and "apiSummary" in deployment else None
    return Api(
        api_id,
        name=answer.get("name", ""),
        default_endpoint_disabled=bool(answer.get("disableExecuteApiEndpoint")),
        access_mode=answer.get("endpointAccessMode") or None,
        endpoint_types=tuple(answer.get("endpointConfiguration", {}).get("types", ())) or None,
        policy=unescape_policy(answer.get("policy")),
        key_source=answer.get("apiKeySource"),
        stage=stage,
        resource_path=resource_path,
        stages=by_name,
        deployed=deployed,
    )


def _find_protocol(api: AwsApi, api_id: str) -> str | None:
    """HTTP or WEBSOCKET, of an API that is no REST API."""
    try:
        return (api.call("apigatewayv2", "get_api", ApiId=api_id) or {}).get("ProtocolType")
    except NotServed:
        return None


def unescape_policy(text: str | None) -> str | None:
    """The resource policy as JSON: GetRestApi may have it escaped once more than its JSON asks for (facts 6.4)."""
    if not text:
        return None
    try:
        json.loads(text)
    except ValueError:
        return text.replace('\\"', '"').replace("\\\\", "\\")
    return text


def _read_summary(summary: Mapping[str, Any]) -> dict[str, dict[str, DeployedMethod]]:
    return {
        path: {
            verb: DeployedMethod(each.get("authorizationType", "NONE"), bool(each.get("apiKeyRequired")))
            for verb, each in methods.items()
        }
        for path, methods in summary.items()
    }


def _resources(api: AwsApi, api_id: str) -> Iterable[Mapping[str, Any]]:
    for page in pages(api, "apigateway", "get_resources", "position", "position", restApiId=api_id, limit=500):
        yield from page.get("items", ())


def find_integration(api: AwsApi, api_id: str, resource_id: str, path: str, verb: str) -> Integration | None:
    """The method's integration as the API has it now."""
    answer = api.call("apigateway", "get_integration", restApiId=api_id, resourceId=resource_id, httpMethod=verb)
    if answer is None:
        return None
    return Integration(
        resource_id, path, verb, answer["type"], answer.get("uri", ""), answer.get("timeoutInMillis", 29_000),
        answer.get("connectionType", "INTERNET"),
    )  # fmt: skip


def find_truststore(api: AwsApi, domain: Domain) -> TruststoreObject | None:
    """The truststore that the domain name took, and the newest version of its object."""
    uri = domain.truststore_uri or ""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    version = {"VersionId": domain.truststore_version} if domain.truststore_version else {}
    answer = api.call("s3", "get_object", Bucket=bucket, Key=key, **version)
    if answer is None:
        return None
    newest = api.call("s3", "head_object", Bucket=bucket, Key=key) if domain.truststore_version else None
    pem = answer["Body"].read().decode("ascii", "replace")
    modified = answer["LastModified"].isoformat() if "LastModified" in answer else None
    return TruststoreObject(uri, pem, domain.truststore_version, (newest or {}).get("VersionId"), modified)


def find_zone(api: AwsApi, host: str) -> Zone | None:
    """The account's public hosted zone that the host falls into, the longest of them, with its records of that name."""
    best: Mapping[str, Any] | None = None
    for page in pages(api, "route53", "list_hosted_zones", "NextMarker", "Marker"):
        for zone in page.get("HostedZones", ()):
            name = zone["Name"].rstrip(".").lower()
            covers = host == name or host.endswith("." + name)
            private = zone.get("Config", {}).get("PrivateZone")
            if covers and not private and (best is None or len(name) > len(best["Name"].rstrip("."))):
                best = zone
    if best is None:
        return None
    answer = api.call(
        "route53", "list_resource_record_sets", HostedZoneId=best["Id"], StartRecordName=host, MaxItems="20"
    )
    records = tuple(
        _read_record(best["Id"], each)
        for each in (answer or {}).get("ResourceRecordSets", ())
        if each["Name"].rstrip(".").lower() == host and each["Type"] in _ADDRESS_TYPES
    )
    return Zone(best["Id"].rpartition("/")[2], best["Name"].rstrip("."), records)


def _read_record(zone_id: str, answer: Mapping[str, Any]) -> ZoneRecord:
    alias = answer.get("AliasTarget", {}).get("DNSName")
    return ZoneRecord(
        zone_id.rpartition("/")[2],
        answer["Name"].rstrip("."),
        answer["Type"],
        tuple(each["Value"].rstrip(".") for each in answer.get("ResourceRecords", ())),
        alias.rstrip(".").lower() if alias else None,
    )


def pages(
    api: AwsApi, service: str, operation: str, token: str, argument: str, **arguments: Any
) -> Iterable[Mapping[str, Any]]:
    """The pages of a listing, as many as are read."""
    for _ in range(_MOST_PAGES):
        page = api.call(service, operation, **arguments)
        if page is None:
            return
        yield page
        if not page.get(token):
            return
        arguments[argument] = page[token]
