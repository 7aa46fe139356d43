"""The Invoke API that runs Lambda functions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from gatewright.settings.refusal import refuse

_INVOKE_URL = re.compile(
    r"https?://(?:(?:[A-Za-z0-9._-]|\{region\})+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>\d{1,5}))?(?:/[A-Za-z0-9._~/-]*)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class LambdaSettings:
    """The Invoke API that runs functions, and the access key that calls of it are signed with, if any."""

    url: str  # {region} in it stands for the region of the function
    access_key_id: str | None = None
    secret_access_key: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)


def parse_lambda(options: Mapping[str, str | None]) -> LambdaSettings | None:
    """The Invoke API, with the access key of the AWS environment beside it; the secret is in no message."""
    url = options.get("lambda")
    if not url:
        return None
    found = _INVOKE_URL.fullmatch(url)
    if found is None or not 1 <= int(found["port"] or 443) <= 65_535:
        refuse(
            "--lambda",
            f"expected http(s)://HOST[:PORT] of an Invoke API, found {url!r}",
            "that of AWS is https://lambda.{region}.amazonaws.com",
        )
    key, secret = options.get("aws_access_key_id") or None, options.get("aws_secret_access_key") or None
    if (key is None) != (secret is None):
        names = ("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID")
        missing, there = names if key else reversed(names)
        refuse(
            "--lambda",
            f"expected {missing} beside {there}, found it unset",
            "set both, or none to invoke functions without a signature",
        )
    return LambdaSettings(url, key, secret, options.get("aws_session_token") or None if key else None)
