"""Gatewright: a real `gatewright serve`, configured with boto3 as any user would.

A certificate imported into ACM, a REST API with `/small`, `/unlike` and `/{proxy+}` by HTTP_PROXY, a stage with method throttling and an
access log, a custom domain name, and a base path mapping. The limits are set so high that nothing is ever refused: what is
wanted is what it costs to count, not the answer 429.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import boto3
from botocore.config import Config

from bench.children import running, wait_until
from bench.proxies.site import BASE_PATH, DOMAIN, Proxy, Site

REGION: Final = "us-east-1"
ACCOUNT: Final = "000000000000"
#: Requests a second, and at once, that no load generator here will reach.
_NEVER_REACHED: Final = "1000000"
_STAGE: Final = "live"
_ACCESS_LOG_FORMAT: Final = '{"id":"$context.requestId","ip":"$context.identity.sourceIp","status":"$context.status"}'


@dataclass(frozen=True)
class Serving:
    """A `gatewright serve` that is ready."""

    pid: int
    https_port: int
    control: str
    credentials: tuple[str, str]

    def client(self, service: str) -> Any:
        """A client of one of its AWS APIs."""
        session = boto3.Session(*self.credentials, region_name=REGION)
        config = Config(retries={"total_max_attempts": 1}, read_timeout=60)
        return session.client(service, endpoint_url=self.control, config=config)


@contextmanager
def serving(
    folder: Path, data_dir: Path, workers: int, name: str = "gatewright", further: Sequence[str] = ()
) -> Iterator[Serving]:
    """Gatewright serves this data directory inside the block, with `further` options; its log is in `folder`."""
    key = "AKIA" + secrets.token_hex(8).upper()
    secret = secrets.token_hex(20)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "GATEWRIGHT_"))}
    environment = {**kept, "GATEWRIGHT_ROOT_ACCESS_KEY_ID": key, "GATEWRIGHT_ROOT_SECRET_ACCESS_KEY": secret}
    command = [
        *(sys.executable, "-m", "gatewright", "serve", "--data-dir", str(data_dir)),
        *("--control", "127.0.0.1:0", "--https", "127.0.0.1:0", "--dns", "off", "--log-level", "warning"),
        *("--workers", str(workers), "--region", REGION, "--account-id", ACCOUNT),
        *("--account-throttle", f"{_NEVER_REACHED}:{_NEVER_REACHED}"),
        *further,
    ]
    log = folder / f"{name}.log"
    with running(name, command, folder, environment) as process:
        wait_until(lambda: bool(read_ready(log)), process, log, seconds=60)
        addresses = read_ready(log)
        port = int(addresses["https"].rpartition(":")[2])
        yield Serving(process.pid, port, addresses["control"], (key, secret))


@contextmanager
def running_gatewright(site: Site, _path: str) -> Iterator[Proxy]:
    """Gatewright serves the site inside the block."""
    with serving(site.folder, site.folder / "gatewright", site.workers) as gateway:
        configure(gateway.client("acm"), gateway.client("apigateway"), site)
        yield Proxy("gatewright", gateway.https_port, gateway.pid)


def read_ready(log: Path) -> dict[str, str]:
    """The words of the line that says `ready`, by name; empty before it is written."""
    for line in log.read_text(errors="replace").splitlines(keepends=True):
        if line.startswith("ready ") and line.endswith("\n"):
            return dict(word.split("=", 1) for word in line.split()[1:] if "=" in word)
    return {}


def configure(acm: Any, apigateway: Any, site: Site) -> None:
    """The site is configured; workers serve it soon after."""
    certificate = acm.import_certificate(
        Certificate=site.certificate.leaf.read_bytes(),
        PrivateKey=site.certificate.key.read_bytes(),
        CertificateChain=site.certificate.issuer.read_bytes(),
    )
    api = apigateway.create_rest_api(name="bench", endpointConfiguration={"types": ["REGIONAL"]})["id"]
    root = apigateway.get_resources(restApiId=api)["items"][0]["id"]
    backend = f"http://127.0.0.1:{site.backend_port}"
    for part in ("small", "unlike"):
        literal = apigateway.create_resource(restApiId=api, parentId=root, pathPart=part)["id"]
        apigateway.put_method(restApiId=api, resourceId=literal, httpMethod="GET", authorizationType="NONE")
        apigateway.put_integration(
            restApiId=api,
            resourceId=literal,
            httpMethod="GET",
            type="HTTP_PROXY",
            integrationHttpMethod="GET",
            uri=f"{backend}/{part}",
        )
    greedy = apigateway.create_resource(restApiId=api, parentId=root, pathPart="{proxy+}")["id"]
    apigateway.put_method(
        restApiId=api,
        resourceId=greedy,
        httpMethod="ANY",
        authorizationType="NONE",
        requestParameters={"method.request.path.proxy": True},
    )
    apigateway.put_integration(
        restApiId=api,
        resourceId=greedy,
        httpMethod="ANY",
        type="HTTP_PROXY",
        integrationHttpMethod="ANY",
        uri=f"{backend}/{{proxy}}",
        requestParameters={"integration.request.path.proxy": "method.request.path.proxy"},
    )
    apigateway.create_deployment(restApiId=api, stageName=_STAGE)
    apigateway.update_stage(
        restApiId=api,
        stageName=_STAGE,
        patchOperations=[
            {"op": "replace", "path": "/*/*/throttling/rateLimit", "value": _NEVER_REACHED},
            {"op": "replace", "path": "/*/*/throttling/burstLimit", "value": _NEVER_REACHED},
            {
                "op": "replace",
                "path": "/accessLogSettings/destinationArn",
                "value": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:bench",
            },
            {"op": "replace", "path": "/accessLogSettings/format", "value": _ACCESS_LOG_FORMAT},
        ],
    )
    apigateway.create_domain_name(
        domainName=DOMAIN,
        regionalCertificateArn=certificate["CertificateArn"],
        endpointConfiguration={"types": ["REGIONAL"]},
        securityPolicy="TLS_1_2",
    )
    apigateway.create_base_path_mapping(domainName=DOMAIN, basePath=BASE_PATH, restApiId=api, stage=_STAGE)
