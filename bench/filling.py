"""Data directories with as much configuration as is wanted, made by the control plane's own operations.

Nothing listens: the operations that a client would call are called here, many in one transaction, since it is their work
that counts and not their transport. 10,000 domain names, each with a certificate of its own, take some 30 seconds.

Every domain name maps the base path `v1` to one API. That has `/small`, `/varied`, whose backend path is a stage
variable, and as many resources `/r00001` besides as are asked for, all of them HTTP_PROXY, each to a uri of its own.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.certificate import Issuer
from bench.proxies.gatewright import ACCOUNT, REGION
from bench.proxies.site import BASE_PATH
from gatewright.app.control import open_installation
from gatewright.app.credentials import random_text
from gatewright.controlplane.call import Call, Installation, Principal
from gatewright.controlplane.registry import OPERATIONS
from gatewright.settings.installation import make_settings
from gatewright.store.lock import DataDirectory
from gatewright.store.port import Store

STAGE: Final = "live"
#: So many domain names or resources are made in one transaction.
_AT_ONCE: Final = 250


@dataclass(frozen=True)
class Filled:
    """What a data directory holds."""

    data_dir: Path
    api_id: str
    domains: Sequence[str]
    resources: Sequence[str]


def fill(data_dir: Path, backend_port: int, *, domains: int, resources: int) -> Filled:
    """A new data directory with so many domain names, and an API with so many resources below its root."""
    settings = make_settings({"data_dir": str(data_dir), "region": REGION, "account_id": ACCOUNT, "workers": "1"})
    store = open_installation(settings, DataDirectory.open(data_dir))
    try:
        names = [f"d{number:05}.bench.example" for number in range(1, domains + 1)]
        paths = [f"/r{number:05}" for number in range(1, resources - 1)]
        api_id = _make_api(store, f"http://127.0.0.1:{backend_port}", paths)
        _make_domains(store, api_id, names)
    finally:
        store.close()
    return Filled(data_dir, api_id, names, ["/small", "/varied", *paths])


class _Operations:
    """The operations by name, inside one transaction."""

    def __init__(self, transaction: Any) -> None:
        self._transaction = transaction

    def __call__(self, service: str, operation: str, **params: Any) -> Mapping[str, Any]:
        call = Call(
            service=service,
            operation=operation,
            principal=Principal(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT, "bench"),
            region=REGION,
            request_id="bench",
            now=time.time(),
            random_text=random_text,
            transaction=self._transaction,
            installation=Installation("gateway.localhost", REGION, ACCOUNT),
        )
        answer: Any = OPERATIONS[service][operation](call, params)
        return answer or {}


@contextmanager
def _operations(store: Store) -> Iterator[_Operations]:
    with store.transaction() as transaction:
        yield _Operations(transaction)


def _make_api(store: Store, backend: str, paths: Sequence[str]) -> str:
    with _operations(store) as operate:
        api = operate("apigateway", "CreateRestApi", name="bench", endpointConfiguration={"types": ["REGIONAL"]})["id"]
        root = operate("apigateway", "GetResources", restApiId=api)["items"][0]["id"]
        _make_resource(operate, api, root, "small", f"{backend}/small")
        _make_resource(operate, api, root, "varied", f"{backend}/${{stageVariables.answer}}")
    for start in range(0, len(paths), _AT_ONCE):
        with _operations(store) as operate:
            for path in paths[start : start + _AT_ONCE]:
                _make_resource(operate, api, root, path[1:], f"{backend}/small?of={path[1:]}")
    with _operations(store) as operate:
        variables = {"answer": "small"}
        operate("apigateway", "CreateDeployment", restApiId=api, stageName=STAGE, variables=variables)
    return str(api)


def _make_resource(operate: _Operations, api: str, root: str, part: str, uri: str) -> None:
    made = operate("apigateway", "CreateResource", restApiId=api, parentId=root, pathPart=part)
    at = {"restApiId": api, "resourceId": made["id"], "httpMethod": "GET"}
    operate("apigateway", "PutMethod", **at, authorizationType="NONE")
    operate("apigateway", "PutIntegration", **at, type="HTTP_PROXY", integrationHttpMethod="GET", uri=uri)


def _make_domains(store: Store, api: str, names: Sequence[str]) -> None:
    issuer = Issuer()
    for start in range(0, len(names), _AT_ONCE):
        with _operations(store) as operate:
            for name in names[start : start + _AT_ONCE]:
                leaf, key = issuer.issue(name)
                imported = operate(
                    "acm", "ImportCertificate", Certificate=leaf, PrivateKey=key, CertificateChain=issuer.root_pem
                )
                operate(
                    "apigateway",
                    "CreateDomainName",
                    domainName=name,
                    regionalCertificateArn=imported["CertificateArn"],
                    endpointConfiguration={"types": ["REGIONAL"]},
                    securityPolicy="TLS_1_2",
                )
                mapping = {"basePath": BASE_PATH, "restApiId": api, "stage": STAGE}
                operate("apigateway", "CreateBasePathMapping", domainName=name, **mapping)
