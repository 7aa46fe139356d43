"""Calls that a web page makes in the browser of somebody on this machine: told from those of AWS clients, and refused.

In lenient mode whoever reaches the control listener may change everything, and it listens on loopback alone. A browser
on this machine reaches it too, on behalf of whatever page is open. What this module knows is how a page's calls look:

- `Origin`: a browser adds it to every cross-origin POST and to whatever a script sends (Fetch Standard, section 3.2). A
  page of the control listener itself, the console, has the listener's own origin, which is the request's `Host`.
- `Sec-Fetch-Site`: a browser adds it to every request for a loopback address (Fetch Metadata, section 2.3). `none` is a
  person who typed the address. `same-site` is a page of another port, and so of another program.
- `Host`: by DNS rebinding a page's own name leads to loopback, and then the page is of one origin with us. Such a page
  has a name that its author could register, so only other names are taken.

An AWS client sends neither of the first two, and in the third the name that its endpoint URL has.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

#: `Sec-Fetch-Site` of pages that are our own, and of people.
_OWN_SITES: Final = ("same-origin", "none")

#: Names that nobody's DNS can point here: special ones (RFC 6761 section 6.3; Docker's name for the machine it runs on),
#: and AWS's own, which users who redirect an unconfigured client have.
_HARMLESS_DOMAINS: Final = ("localhost", "docker.internal", "amazonaws.com", "amazonaws.com.cn")


def explain_web_page(headers: Mapping[str, str]) -> str | None:
    """Why a web page of another origin may have sent a request with these (lower-case) headers; None: it did not."""
    host = headers.get("host", "")
    if not _is_harmless(host):
        return (
            f"The Host {host[:100]!r} is not a name of this machine: expected localhost or a loopback address such as "
            "127.0.0.1 in the endpoint URL, since any other name may be a web page's."
        )
    origin = headers.get("origin")
    if origin is not None and origin.lower() not in (f"http://{host.lower()}", f"https://{host.lower()}"):
        return f"A web page of {origin[:100]!r} sent this: expected a call of an AWS client, without the header Origin."
    site = headers.get("sec-fetch-site")
    if site is not None and site.lower() not in _OWN_SITES:
        return (
            f"A web page of another origin sent this (Sec-Fetch-Site: {site[:20]}): expected a call of an AWS client."
        )
    return None


def _is_harmless(host: str) -> bool:
    try:
        name = (urlsplit(f"//{host}").hostname or "").removesuffix(".")
    except ValueError:
        return False
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return any(name == domain or name.endswith(f".{domain}") for domain in _HARMLESS_DOMAINS)
