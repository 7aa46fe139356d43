"""Which service a request is for and which protocol it speaks: known before anything else is, and enough to refuse it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from botocore.model import ServiceModel

from gatewright.core.sigv4.refusal import ProtocolFamily
from gatewright.wire.http import HttpRequest
from gatewright.wire.operation_router import select_protocol
from gatewright.wire.services import load_service, select_service

#: Names that a client may sign with in place of the service's own: S3's rules for directory buckets and for Object Lambda
#: (M, the endpoint rules of s3).
SIGNING_ALIASES: Mapping[str, str] = MappingProxyType({"s3express": "s3", "s3-object-lambda": "s3"})


class Addressee(NamedTuple):
    """A served service, and the one of its protocols in which it was called and will answer."""

    service: ServiceModel
    protocol: str

    @property
    def name(self) -> str:
        """The service's name as botocore's clients have it: `apigateway`, `elbv2`."""
        name: str = self.service.service_name
        return name

    @property
    def family(self) -> ProtocolFamily:
        """Whose words the service uses for its refusals: its protocol's, except that S3 has its own."""
        return ProtocolFamily.S3 if self.name == "s3" else ProtocolFamily(self.protocol)


def find_addressee(request: HttpRequest, signing_name: str | None) -> Addressee | None:
    """Who is called; `signing_name` is the service to which the client scoped its signature, if it signed."""
    name = select_service(request, SIGNING_ALIASES.get(signing_name or "", signing_name))
    if name is None:
        return None
    service = load_service(name)
    return Addressee(service, select_protocol(service, request))
