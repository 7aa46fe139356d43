"""nginx as a TLS proxy."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bench.children import free_port
from bench.proxies.site import Proxy, Site, running_proxy

# Its defaults would close a connection after 1,000 requests, and put bodies into files. `reuseport` spreads connections
# over the workers as the other proxies do.
_CONFIGURATION: Final = """
{user}
worker_processes {workers};
daemon off;
pid nginx.pid;
error_log stderr error;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  tcp_nodelay on;
  keepalive_requests 1000000000;
  keepalive_timeout 1h;
  client_max_body_size 16m;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  upstream backend {{ server 127.0.0.1:{backend_port}; keepalive 256; keepalive_requests 1000000000; keepalive_timeout 1h; }}
  server {{
    listen 127.0.0.1:{port} ssl http2 reuseport backlog=4096;
    ssl_certificate {chain};
    ssl_certificate_key {key};
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_cache shared:sessions:10m;
    {client_certificates}
    location / {{
      proxy_pass http://backend;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_request_buffering off;
      proxy_buffers 16 64k;
      proxy_max_temp_file_size 0;
    }}
  }}
}}
"""


@contextmanager
def running_nginx(site: Site, path: str, *, client_authority: Path | None = None) -> Iterator[Proxy]:
    """nginx serves the site inside the block; with an authority, to clients that show a certificate of its making."""
    port = free_port()
    configuration = site.folder / "nginx.conf"
    configuration.write_text(
        _CONFIGURATION.format(
            user=render_user(),
            workers=site.workers,
            port=port,
            backend_port=site.backend_port,
            chain=site.certificate.chain,
            key=site.certificate.key,
            client_certificates=""
            if client_authority is None
            else f"ssl_verify_client on; ssl_client_certificate {client_authority};",
        )
    )
    command = [path, "-p", str(site.folder), "-c", str(configuration), "-e", "stderr"]
    with running_proxy("nginx", command, site, port) as proxy:
        yield proxy


def render_user() -> str:
    """The directive that keeps the workers of root's nginx able to read root's folders; others may not say it."""
    return f"user {getpass.getuser()};" if os.geteuid() == 0 else ""
