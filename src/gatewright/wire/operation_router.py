"""From a request to the operation it calls, by the rule of the protocol it speaks.

| protocol | the operation is named by |
|---|---|
| rest-json, rest-xml | method, path template, constants in the query string |
| json | `X-Amz-Target: {targetPrefix}.{operation}` |
| query, ec2 | the form fields `Action` and `Version` |
| smithy-rpc-v2-cbor | the path `/service/{targetPrefix}/operation/{operation}` |

REST templates are compiled once a service: a literal segment beats a label, a label beats a greedy label. Amazon S3
gives many operations one method and path; those are told apart by the query string and headers, see `_rank`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import parse_qsl, unquote

from botocore.model import OperationModel, OperationNotFoundError, ServiceModel

from gatewright.wire.form import read_action
from gatewright.wire.http import HttpRequest
from gatewright.wire.services import SERVED, default_protocol


class UnknownOperation(Exception):
    """No operation of the service answers to this request."""


@dataclass(frozen=True, slots=True)
class RoutedOperation:
    """The operation a request calls, the protocol it was called in, and the labels found in the path (decoded)."""

    operation: OperationModel
    protocol: str
    labels: Mapping[str, str] = field(default_factory=dict)


def select_protocol(service: ServiceModel, request: HttpRequest) -> str:
    """The protocol in which a request speaks to a service; only some services understand more than one."""
    protocols = SERVED[service.service_name].protocols
    if "smithy-rpc-v2-cbor" in protocols and request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        return "smithy-rpc-v2-cbor"
    if "query" in protocols and "x-amz-target" not in request.headers:
        return "query"
    return default_protocol(service)


def route_operation(service: ServiceModel, request: HttpRequest) -> RoutedOperation:
    """The operation that a request calls; raises UnknownOperation when the service has none such."""
    protocol = select_protocol(service, request)
    match protocol:
        case "json":
            return RoutedOperation(_by_target(service, request), protocol)
        case "query" | "ec2":
            return RoutedOperation(_by_action(service, request), protocol)
        case "smithy-rpc-v2-cbor":
            return RoutedOperation(_by_rpc_path(service, request), protocol)
        case _:
            return _by_uri(service, request, protocol)


def _by_target(service: ServiceModel, request: HttpRequest) -> OperationModel:
    target = request.headers.get("x-amz-target", "")
    prefix, _, name = target.rpartition(".")
    if prefix != service.metadata["targetPrefix"]:
        raise UnknownOperation(f"The header X-Amz-Target {target!r} does not begin with this service's prefix.")
    return _by_name(service, name)


def _by_action(service: ServiceModel, request: HttpRequest) -> OperationModel:
    form = read_action(request)
    version = form.get("Version")
    if version is not None and version != service.api_version:
        raise UnknownOperation(f"The version {version!r} is not this service's version {service.api_version}.")
    return _by_name(service, form.get("Action", ""))


def _by_rpc_path(service: ServiceModel, request: HttpRequest) -> OperationModel:
    match request.path.split("/"):
        case ["", "service", prefix, "operation", name] if prefix == service.metadata["targetPrefix"]:
            return _by_name(service, name)
    raise UnknownOperation(f"The path {request.path!r} is not /service/<name>/operation/<name> of this service.")


def _by_name(service: ServiceModel, name: str) -> OperationModel:
    try:
        return service.operation_model(name)
    except OperationNotFoundError:
        raise UnknownOperation(f"The service {service.service_name} has no operation {name!r}.") from None


# --- REST: method, path template, query constants ---


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One operation under a path template, and what its requests carry besides the path."""

    operation: OperationModel
    # From the template: ("acl", "") for `?acl`, ("list-type", "2") for `?list-type=2`.
    constants: tuple[tuple[str, str], ...]
    required_queries: tuple[str, ...]
    required_headers: tuple[str, ...]
    label_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Template:
    """A path template; a segment is its literal text, or None for a label. A greedy label can only be the last."""

    segments: tuple[str | None, ...]
    greedy: bool
    candidates: list[_Candidate]

    def match(self, path: list[str]) -> list[str] | None:
        """The raw text of each label, when the path's segments fit."""
        found = []
        fixed = len(self.segments) - self.greedy
        for template, segment in zip(self.segments[:fixed], path[:fixed], strict=True):
            if template is None and segment:
                found.append(segment)
            elif template != segment:
                return None
        if self.greedy:
            rest = "/".join(path[fixed:])
            return [*found, rest] if rest else None
        return found


@dataclass(frozen=True, slots=True)
class _RouteTable:
    """A service's templates: the ordinary ones by method and number of segments, the greedy ones by method."""

    exact: Mapping[tuple[str, int], list[_Template]]
    greedy: Mapping[str, list[_Template]]

    def select(self, method: str, path: str) -> Iterator[tuple[_Template, list[str]]]:
        """The templates that fit, the most specific first, with the raw labels."""
        segments = path.split("/")[1:]
        # A slash at the end makes no difference: route53's own template for record sets ends in one, clients vary.
        # One slash, not several: `/bucket//` is S3's object with the key "/".
        trimmed = path.removesuffix("/").split("/")[1:]
        for template in self.exact.get((method, len(trimmed)), ()):
            if (labels := template.match(trimmed)) is not None:
                yield template, labels
        for template in self.greedy.get(method, ()):
            if len(segments) >= len(template.segments) and (labels := template.match(segments)) is not None:
                yield template, labels


def _by_uri(service: ServiceModel, request: HttpRequest, protocol: str) -> RoutedOperation:
    try:
        query = dict(parse_qsl(request.query, keep_blank_values=True, errors="strict"))
        for template, raw_labels in _compile_routes(service).select(request.method, request.path):
            fitting = [
                candidate
                for candidate in template.candidates
                if all(query.get(name) == value for name, value in candidate.constants)
            ]
            if fitting:
                chosen = max(fitting, key=lambda candidate: _rank(candidate, query, request.headers))
                labels = [unquote(label, errors="strict") for label in raw_labels]
                return RoutedOperation(chosen.operation, protocol, dict(zip(chosen.label_names, labels, strict=True)))
    except ValueError as error:
        raise UnknownOperation(f"The path or query string is not percent-encoded UTF-8: {error}") from None
    raise UnknownOperation(f"The service {service.service_name} has no operation at {request.method} {request.path}.")


def _rank(candidate: _Candidate, query: Mapping[str, str], headers: Mapping[str, str]) -> tuple[int, bool, int, bool]:
    """How well a request fits one of several operations under the same method and path; the greatest wins.

    More constants win (`?acl` over none). Then an operation whose required query and header members are all there wins
    over one that lacks some, and more of them win: so `PUT /bucket/key` is PutObject, with `x-amz-copy-source` it is
    CopyObject, with `partNumber` and `uploadId` UploadPart, with all three UploadPartCopy. Absent required members only
    lose a comparison: an operation that stands alone is still chosen, and its constraints name what is missing. Last, an
    operation that the model calls deprecated yields to its successor.
    """
    present = sum(name in query for name in candidate.required_queries)
    present += sum(name in headers for name in candidate.required_headers)
    required = len(candidate.required_queries) + len(candidate.required_headers)
    return len(candidate.constants), present == required, present, not candidate.operation.deprecated


@cache
def _compile_routes(service: ServiceModel) -> _RouteTable:
    templates: dict[tuple[str, tuple[str | None, ...], bool], _Template] = {}
    for name in service.operation_names:
        operation = service.operation_model(name)
        path, _, constants = operation.http["requestUri"].partition("?")
        raw_segments = path.rstrip("/").split("/")[1:]
        segments = tuple(None if segment.startswith("{") else segment for segment in raw_segments)
        greedy = path.endswith("+}")
        key = (operation.http["method"], segments, greedy)
        template = templates.setdefault(key, _Template(segments, greedy, []))
        template.candidates.append(
            _Candidate(
                operation=operation,
                constants=tuple(parse_qsl(constants, keep_blank_values=True)),
                required_queries=tuple(_required_names(operation, "querystring")),
                required_headers=tuple(header.lower() for header in _required_names(operation, "header")),
                label_names=tuple(segment.strip("{+}") for segment in raw_segments if segment.startswith("{")),
            )
        )
    exact: dict[tuple[str, int], list[_Template]] = {}
    greedy_by_method: dict[str, list[_Template]] = {}
    for (method, segments, greedy), template in sorted(templates.items(), key=lambda item: _specificity(item[0][1])):
        if greedy:
            greedy_by_method.setdefault(method, []).append(template)
        else:
            exact.setdefault((method, len(segments)), []).append(template)
    return _RouteTable(exact, greedy_by_method)


def _specificity(segments: tuple[str | None, ...]) -> tuple[bool, ...]:
    """Sorts a literal segment before a label, from the left."""
    return tuple(segment is None for segment in segments)


def _required_names(operation: OperationModel, location: str) -> Iterator[str]:
    shape = operation.input_shape
    for name in () if shape is None else shape.required_members:
        serialization = shape.members[name].serialization
        if serialization.get("location") == location:
            yield serialization.get("name", name)
