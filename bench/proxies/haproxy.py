"""HAProxy as a TLS proxy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from bench.children import free_port
from bench.proxies.site import Proxy, Site, running_proxy

_CONFIGURATION: Final = """
global
  nbthread {workers}
  maxconn 4096
  log stderr format raw local0 err
defaults
  mode http
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  option http-keep-alive
  http-reuse always
frontend https
  bind 127.0.0.1:{port} backlog 4096 ssl crt {chain_and_key} alpn h2,http/1.1 ssl-min-ver TLSv1.2
  default_backend backend
backend backend
  server backend 127.0.0.1:{backend_port}
"""


@contextmanager
def running_haproxy(site: Site, path: str) -> Iterator[Proxy]:
    """HAProxy serves the site inside the block."""
    port = free_port()
    configuration = site.folder / "haproxy.cfg"
    configuration.write_text(
        _CONFIGURATION.format(
            workers=site.workers,
            port=port,
            backend_port=site.backend_port,
            chain_and_key=site.certificate.chain_and_key,
        )
    )
    # -db: stay in the foreground.
    with running_proxy("haproxy", [path, "-db", "-f", str(configuration)], site, port) as proxy:
        yield proxy
