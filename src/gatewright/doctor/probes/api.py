"""Calls of the AWS APIs through botocore: reading ones only, each from the table of permissions.

The rules this file keeps: a call that is not permitted names the missing action; an endpoint that does not answer costs
one connection's deadline, once; nothing is retried, since a diagnosis is asked again sooner than a retry would help.
"""

import re
import threading
from collections.abc import Mapping
from typing import Any, Final

import botocore.config
import botocore.exceptions
import botocore.session

from gatewright.doctor.iam_policy import CALLS
from gatewright.doctor.probes.deadline import CannotLook

_FORBIDDEN: Final = frozenset(
    {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "Forbidden", "403"}
)
_MISSING: Final = frozenset(
    {
        "NotFoundException",
        "ResourceNotFoundException",
        "NoSuchKey",
        "NoSuchBucket",
        "NoSuchVersion",
        "404",
        "NoSuchHostedZone",
    }
)
_ACTION: Final = re.compile(r"not authorized to perform: ?([A-Za-z0-9]+:[A-Za-z0-9*]+)")


class AwsApi:
    """The APIs of one account and region. Clients are made on first use."""

    def __init__(self, session: botocore.session.Session, region: str, endpoint_url: str | None) -> None:
        self.region = region
        self._session = session
        self._endpoint_url = endpoint_url
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._unreachable: str | None = None

    def call(self, service: str, operation: str, **arguments: Any) -> Mapping[str, Any] | None:
        """The answer; None when there is no such thing. Raises CannotLook."""
        permission = CALLS[(service, operation)]
        if self._unreachable is not None:
            raise CannotLook(self._unreachable)
        try:
            answer: Mapping[str, Any] = getattr(self._client(service), operation)(**arguments)
        except botocore.exceptions.ClientError as error:
            code, message = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
            if code in _MISSING:
                return None
            if code in _FORBIDDEN:
                named = _ACTION.search(message)
                action = named[1] if named else permission.action
                raise CannotLook(f"{service} {operation} is not permitted", action) from None
            raise CannotLook(f"{service} {operation} was refused: {code}: {message}".rstrip(". ")) from None
        except (botocore.exceptions.BotoCoreError, OSError) as error:
            self._unreachable = str(error).rstrip(". ")
            raise CannotLook(self._unreachable) from None
        return answer

    def _client(self, service: str) -> Any:
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._session.create_client(
                    service,
                    region_name=self.region,
                    **({"endpoint_url": self._endpoint_url} if self._endpoint_url else {}),
                    config=botocore.config.Config(
                        connect_timeout=2,
                        read_timeout=4,
                        retries={"total_max_attempts": 1},
                        max_pool_connections=10,
                        s3={"addressing_style": "path"} if self._endpoint_url else {},
                    ),
                )
            return self._clients[service]
