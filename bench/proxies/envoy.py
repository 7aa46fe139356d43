"""Envoy as a TLS proxy, with no HTTP filter but the router, which it cannot do without."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from bench.children import free_port
from bench.proxies.site import Proxy, Site, running_proxy

_EXTENSIONS: Final = "type.googleapis.com/envoy.extensions"


@contextmanager
def running_envoy(site: Site, path: str) -> Iterator[Proxy]:
    """Envoy serves the site inside the block."""
    port = free_port()
    configuration = site.folder / "envoy.json"
    configuration.write_text(json.dumps(make_configuration(site, port), indent=1))
    command = [path, "-c", str(configuration), "--concurrency", str(site.workers), "--log-level", "error"]
    # Hot restart would share memory with any other Envoy of this machine.
    with running_proxy("envoy", [*command, "--disable-hot-restart"], site, port) as proxy:
        yield proxy


def make_configuration(site: Site, port: int) -> dict[str, Any]:
    """The static configuration: one listener, one route, one cluster."""
    tls = {
        "@type": f"{_EXTENSIONS}.transport_sockets.tls.v3.DownstreamTlsContext",
        "common_tls_context": {
            "alpn_protocols": ["h2", "http/1.1"],
            "tls_params": {"tls_minimum_protocol_version": "TLSv1_2", "tls_maximum_protocol_version": "TLSv1_3"},
            "tls_certificates": [
                {
                    "certificate_chain": {"filename": str(site.certificate.chain)},
                    "private_key": {"filename": str(site.certificate.key)},
                }
            ],
        },
    }
    manager = {
        "@type": f"{_EXTENSIONS}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "https",
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "all",
                    "domains": ["*"],
                    "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "backend"}}],
                }
            ]
        },
        "http_filters": [
            {
                "name": "envoy.filters.http.router",
                "typed_config": {"@type": f"{_EXTENSIONS}.filters.http.router.v3.Router"},
            }
        ],
    }
    return {
        "static_resources": {
            "listeners": [
                {
                    "name": "https",
                    "address": _address(port),
                    "filter_chains": [
                        {
                            "transport_socket": {"name": "envoy.transport_sockets.tls", "typed_config": tls},
                            "filters": [
                                {"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}
                            ],
                        }
                    ],
                }
            ],
            "clusters": [
                {
                    "name": "backend",
                    "type": "STATIC",
                    "connect_timeout": "5s",
                    "load_assignment": {
                        "cluster_name": "backend",
                        "endpoints": [{"lb_endpoints": [{"endpoint": {"address": _address(site.backend_port)}}]}],
                    },
                }
            ],
        }
    }


def _address(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}
