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
import botocore.parsers
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
#: An endpoint that does not have the service or the operation at all, as an installation of one's own may not.
_NOT_SERVED: Final = frozenset({"UnsupportedOperation", "UnknownOperationException", "InvalidAction", "NotImplemented"})
_ACTION: Final = re.compile(r"not authorized to perform: ?([A-Za-z0-9]+:[A-Za-z0-9*]+)")


class NotServed(CannotLook):
    """The endpoint does not have the operation: what it would tell of is not there either."""


class AwsApi:
    """The APIs of one account and region. Clients are made on first use."""

    def __init__(self, session: botocore.session.Session, region: str, endpoint_url: str | None) -> None:
        self.region = region
        self._session = session
        self._endpoint_url = endpoint_url
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._unreachable: dict[str, str] = {}  # by endpoint: with AWS each service has its own

    def call(self, service: str, operation: str, **arguments: Any) -> Mapping[str, Any] | None:
        """The answer; None when there is no such thing. Raises CannotLook."""
        permission = CALLS[(service, operation)]
        client = self._client(service)
        endpoint: str = client.meta.endpoint_url
        if endpoint in self._unreachable:
            raise CannotLook(self._unreachable[endpoint])
        try:
            answer: Mapping[str, Any] = getattr(client, operation)(**arguments)
        except botocore.exceptions.ClientError as error:
            code, message = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
            if code in _MISSING:
                return None
            if code in _NOT_SERVED:
                raise NotServed(f"{service} {operation} is not served here") from None
            if code in _FORBIDDEN:
                named = _ACTION.search(message)
                action = named[1] if named else permission.action
                raise CannotLook(f"{service} {operation} is not permitted", action) from None
            raise CannotLook(f"{service} {operation} was refused: {code}: {message}".rstrip(". ")) from None
        except botocore.parsers.ResponseParserError:
            raise CannotLook(f"{service} {operation} was answered with what is no answer of AWS's") from None
        except (botocore.exceptions.BotoCoreError, OSError) as error:
            self._unreachable[endpoint] = str(error).rstrip(". ")
            raise CannotLook(self._unreachable[endpoint]) from None
        return answer

    def find_secret(self, access_key_id: str) -> str | None:
        """The secret of that access key, when it is the one that the calls are signed with."""
        credentials = self._session.get_credentials()
        if credentials is None:
            return None
        frozen = credentials.get_frozen_credentials()
        return frozen.secret_key if frozen.access_key == access_key_id else None

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
