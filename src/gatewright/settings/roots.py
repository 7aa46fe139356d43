"""Certificates that are trusted as roots, in a file."""

from __future__ import annotations

from pathlib import Path

from gatewright.settings.refusal import refuse


def parse_roots(option: str, text: str | None) -> Path | None:
    """A PEM file with at least one certificate."""
    if not text:
        return None
    import ssl  # noqa: PLC0415  only who gives the option pays for it

    path = Path(text).expanduser().absolute()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cafile=path)
    except ssl.SSLError:
        refuse(option, f"expected certificates in PEM in {path}, found none that can be read", "check the file")
    except OSError as error:
        refuse(option, f"expected a file of certificates, but {path} cannot be read: {error.strerror}", "check it")
    return path
