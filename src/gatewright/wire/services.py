"""Which AWS services are served, how their requests are told apart, and where their models come from.

One listener serves every service (DESIGN 1), so each request is first of all a question: whose is it? The answers, in
the order in which they are trusted:

1. the service name in the signature's scope, because the client signed it;
2. `X-Amz-Target`, whose prefix is unique to a service;
3. a label `s3` of `Host`: what follows is a bucket's path, whatever it looks like;
4. the path, where a service has one that nobody else uses;
5. the first label of `Host`;
6. `Version` of a query-protocol call, which is unique among the served services.

The table repeats a few words of each model's metadata, so that choosing a service loads no model: ec2's alone takes a
fifth of a second. A test holds the table equal to the models.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from botocore.loaders import Loader
from botocore.model import ServiceModel

from gatewright.wire.bucket_host import is_host_of_s3
from gatewright.wire.form import read_action
from gatewright.wire.http import HttpRequest


@dataclass(frozen=True, slots=True)
class ServedService:
    """What tells one served service's requests from another's; `protocols` in the order of the service model."""

    name: str
    # Also the first label of the service's host, for all that are served.
    signing_name: str
    api_version: str
    protocols: tuple[str, ...]
    target_prefix: str | None = None
    # A path that starts so belongs to this service and to no other that shares the listener.
    path_prefixes: tuple[str, ...] = ()

    @property
    def is_query(self) -> bool:
        """True when a call may be a form with `Action` and `Version`."""
        return bool({"query", "ec2"}.intersection(self.protocols))


_API_GATEWAY_PATHS = (
    "/account",
    "/apikeys",
    "/clientcertificates",
    "/domainnameaccessassociations",
    "/domainnames",
    "/rejectdomainnameaccessassociations",
    "/restapis",
    "/sdktypes",
    "/tags/",
    "/usageplans",
    "/vpclinks",
)

# Lambda's operations bear the date of the API version that brought them.
_LAMBDA_PATHS = tuple(
    f"/{date}/"
    for date in (
        "2014-11-13",
        "2015-03-31",
        "2016-08-19",
        "2017-03-31",
        "2017-10-31",
        "2018-10-31",
        "2019-09-25",
        "2019-09-30",
        "2020-04-22",
        "2020-06-30",
        "2021-07-20",
        "2021-10-31",
        "2021-11-15",
        "2024-08-31",
        "2025-11-30",
        "2025-12-01",
        "2026-07-09",
    )
)

_TABLE = (
    # v2 shares host and signing name with v1, and is known by its path (facts 1.1); it stands first for that reason.
    ServedService("apigatewayv2", "apigateway", "2018-11-29", ("rest-json",), path_prefixes=("/v2/",)),
    ServedService("apigateway", "apigateway", "2015-07-09", ("rest-json",), path_prefixes=_API_GATEWAY_PATHS),
    ServedService(
        "apigatewaymanagementapi", "execute-api", "2018-11-29", ("rest-json",), path_prefixes=("/@connections/",)
    ),
    ServedService("acm", "acm", "2015-12-08", ("json",), target_prefix="CertificateManager"),
    ServedService("acm-pca", "acm-pca", "2017-08-22", ("smithy-rpc-v2-cbor", "json"), target_prefix="ACMPrivateCA"),
    ServedService("s3", "s3", "2006-03-01", ("rest-xml",)),
    ServedService("iam", "iam", "2010-05-08", ("query",)),
    ServedService("sts", "sts", "2011-06-15", ("query",)),
    ServedService("logs", "logs", "2014-03-28", ("json",), target_prefix="Logs_20140328"),
    ServedService("route53", "route53", "2013-04-01", ("rest-xml",), path_prefixes=("/2013-04-01/",)),
    ServedService("lambda", "lambda", "2015-03-31", ("rest-json",), path_prefixes=_LAMBDA_PATHS),
    ServedService("cloudfront", "cloudfront", "2020-05-31", ("rest-xml",), path_prefixes=("/2020-05-31/",)),
    ServedService("elbv2", "elasticloadbalancing", "2015-12-01", ("query",)),
    ServedService("ec2", "ec2", "2016-11-15", ("ec2",)),
    ServedService(
        "cloudwatch",
        "monitoring",
        "2010-08-01",
        ("smithy-rpc-v2-cbor", "json", "query"),
        target_prefix="GraniteServiceVersion20100801",
    ),
)

SERVED: Mapping[str, ServedService] = {service.name: service for service in _TABLE}


@cache
def load_service(name: str) -> ServiceModel:
    """The botocore model of a served service, read from disk at the first call."""
    if name not in SERVED:
        raise KeyError(f"{name!r} is not among the served services: {', '.join(SERVED)}.")
    return ServiceModel(_loader().load_service_model(name, "service-2"), service_name=name)


def default_protocol(service: ServiceModel) -> str:
    """The protocol of a service whose request is not at hand: the first that is not CBOR, as botocore's clients choose."""
    protocols = SERVED[service.service_name].protocols
    return next(protocol for protocol in protocols if protocol != "smithy-rpc-v2-cbor")


@cache
def _loader() -> Loader:
    return Loader()


def select_service(request: HttpRequest, signing_name: str | None) -> str | None:
    """The name of the served service that a request is for, or None when it is for none of them."""
    if signing_name is not None:
        return _select_by_signing_name(request, signing_name)
    return (
        _select_by_target(request)
        or ("s3" if is_host_of_s3(request.headers.get("host", "")) else None)
        or _select_by_path(request, _TABLE)
        or _select_by_host(request)
        or _select_by_version(request)
    )


def _select_by_signing_name(request: HttpRequest, signing_name: str) -> str | None:
    candidates = tuple(service for service in _TABLE if service.signing_name == signing_name)
    if not candidates:
        return None
    # Where services share a signing name, the last of them is the one without a prefix of its own to insist on.
    return _select_by_path(request, candidates) or candidates[-1].name


def _select_by_target(request: HttpRequest) -> str | None:
    prefix = request.headers.get("x-amz-target", "").rpartition(".")[0]
    # A Smithy RPC v2 client sends no target; the same prefix stands in the path: /service/{prefix}/operation/{name}.
    if not prefix and request.path.startswith("/service/"):
        prefix = request.path.split("/")[2]
    return next((service.name for service in _TABLE if prefix and service.target_prefix == prefix), None)


def _select_by_path(request: HttpRequest, candidates: tuple[ServedService, ...]) -> str | None:
    return next((service.name for service in candidates if request.path.startswith(service.path_prefixes)), None)


def _select_by_host(request: HttpRequest) -> str | None:
    label = request.headers.get("host", "").partition(".")[0].lower()
    return next((service.name for service in reversed(_TABLE) if service.signing_name == label), None)


def _select_by_version(request: HttpRequest) -> str | None:
    form = read_action(request)
    if "Action" not in form:
        return None
    version = form.get("Version")
    return next((service.name for service in _TABLE if service.is_query and service.api_version == version), None)
