"""The backend behind every proxy: nginx over plain HTTP on loopback, connections kept alive.

| path | answers |
|---|---|
| `/small` | a JSON document of 100 bytes |
| `/unlike` | the same, with a header that no other answer has |
| `/files/SIZE` | a JSON document of that size (`10k`, `1m`) |
| `/echo/SIZE` | the same to any method, after the whole request body has arrived |

Each path is there below `/v1` too: a proxy that does not know base paths hands the client's path on as it came.
"""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.children import accepts, free_port, running, wait_until
from bench.proxies.nginx import render_user

SMALL_BYTES: Final = 100
SIZES: Final = {"10k": 10 * 1024, "1m": 1024 * 1024}

# An answer before the body has arrived would make proxies give up the connection; nginx as a proxy reads it first, hence
# the second hop inside the backend. `sendfile` and an open-file cache keep the backend from being what is measured.
_CONFIGURATION: Final = """
{user}
worker_processes 1;
daemon off;
pid backend.pid;
error_log stderr error;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  tcp_nodelay on;
  keepalive_requests 1000000000;
  keepalive_timeout 1h;
  open_file_cache max=100;
  default_type application/json;
  client_max_body_size 16m;
  client_body_buffer_size 2m;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  upstream files {{ server 127.0.0.1:{port}; keepalive 256; keepalive_requests 1000000000; }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    root www;
    location = /status {{ stub_status; }}
    location ~ ^(?:/v1)?/unlike$ {{ add_header X-Number $request_id; }}
    location ~ ^(?:/v1)?/echo/(.*)$ {{
      proxy_pass http://files/files/$1;
      proxy_method GET;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Content-Length "";
      proxy_pass_request_body off;
      proxy_buffers 16 64k;
      proxy_max_temp_file_size 0;
    }}
  }}
}}
"""


@dataclass(frozen=True)
class Backend:
    """A running backend."""

    port: int

    def count_connections(self) -> int:
        """Connections accepted up to now, this question's own among them."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/status", timeout=5) as answer:
            return parse_accepted(answer.read().decode())


def parse_accepted(status: str) -> int:
    """The number of accepted connections in what nginx's stub_status module says."""
    counters = re.search(r"server accepts handled requests\s+(\d+)", status)
    if counters is None:
        raise ValueError(f"expected the page of nginx's stub_status, found {status!r}")
    return int(counters[1])


@contextmanager
def running_backend(folder: Path, nginx: str) -> Iterator[Backend]:
    """The backend accepts inside the block."""
    www = folder / "www"
    (www / "files").mkdir(parents=True)
    (www / "v1").symlink_to(".")
    for name in ("small", "unlike"):
        (www / name).write_bytes(make_document(SMALL_BYTES))
    for name, size in SIZES.items():
        (www / "files" / name).write_bytes(make_document(size))
    port = free_port()
    configuration = folder / "nginx.conf"
    configuration.write_text(_CONFIGURATION.format(user=render_user(), port=port))
    command = [nginx, "-p", str(folder), "-c", str(configuration), "-e", "stderr"]
    with running("backend", command, folder) as process:
        wait_until(lambda: accepts(port), process, folder / "backend.log")
        yield Backend(port)


def make_document(size: int) -> bytes:
    """A JSON document of exactly that many bytes."""
    head, tail = b'{"text": "', b'"}'
    return head + b"x" * (size - len(head) - len(tail)) + tail
