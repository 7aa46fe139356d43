"""What the installation and its accounts are called: the region, the root's account, the domain of default endpoints."""

import re
from typing import Final

from gatewright.settings.refusal import refuse

DEFAULT_SUFFIX: Final = "gateway.localhost"
DEFAULT_REGION: Final = "us-east-1"
DEFAULT_ACCOUNT: Final = "000000000000"

#: A default endpoint is a DNS name (253 characters) of which an API id and `.execute-api.{region}.` take up to 45.
_MAX_SUFFIX: Final = 200

_ACCOUNT_ID = re.compile(r"\d{12}", re.ASCII)
_REGION = re.compile(r"[a-z]{2,4}(?:-[a-z]+){1,3}-\d{1,2}", re.ASCII)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)


def parse_suffix(text: str) -> str:
    """The domain that default endpoints end with: lower-case labels with dots between."""
    name = text.strip().lower().removesuffix(".")
    if len(name) > _MAX_SUFFIX or not is_domain_name(name):
        refuse(
            "--suffix",
            f"expected a domain name of at most {_MAX_SUFFIX} characters such as {DEFAULT_SUFFIX}, found {text!r}",
            "write an international name in its A-label form (xn--…)",
        )
    return name


def parse_region(text: str) -> str:
    """A region's name, in the form that AWS gives them."""
    if not _REGION.fullmatch(text):
        refuse(
            "--region", f"expected a region such as {DEFAULT_REGION}, found {text!r}", "use the form area-place-number"
        )
    return text


def parse_account_id(option: str, text: str) -> str:
    """An AWS account's twelve digits."""
    if not _ACCOUNT_ID.fullmatch(text):
        refuse(option, f"expected the twelve digits of an account id, found {text!r}", f"for example {DEFAULT_ACCOUNT}")
    return text


def is_domain_name(text: str) -> bool:
    """True for lower-case labels with dots between."""
    return all(_LABEL.fullmatch(label) for label in text.split("."))
