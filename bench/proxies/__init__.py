"""The proxies that are measured, in the order in which they take turns.

All serve the same certificate, by TLS 1.3 or 1.2 and HTTP/1.1, and hand every request to the same backend over connections
that they keep. Each has the same number of workers, buffers bodies of 1 MB in memory at most, and writes no access log but
Gatewright, which is measured with all that it does by default.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final

from bench.programs import ENVOY, HAPROXY, NGINX, Program
from bench.proxies.envoy import running_envoy
from bench.proxies.gatewright import running_gatewright
from bench.proxies.haproxy import running_haproxy
from bench.proxies.nginx import running_nginx
from bench.proxies.site import Proxy, Site

Starter = Callable[[Site, str], AbstractContextManager[Proxy]]

#: By name: the program that it needs (None: it is this checkout) and what starts it.
PROXIES: Final[dict[str, tuple[Program | None, Starter]]] = {
    "gatewright": (None, running_gatewright),
    "nginx": (NGINX, running_nginx),
    "haproxy": (HAPROXY, running_haproxy),
    "envoy": (ENVOY, running_envoy),
}
