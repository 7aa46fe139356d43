"""Which resource and method of a REST API a request meets.

What this module knows (facts 2.2 and 2.3):

- Per segment, from the left: a literal beats `{param}` beats `{proxy+}`, with fallback on the *method*: when the
  winning resource lacks the method, the next one in that order is asked.
- An exact method beats `ANY` of the same resource; `ANY` covers seven methods. HEAD does not follow from GET, nor
  OPTIONS from anything.
- One trailing slash is ignored. `//` is not collapsed: an empty segment matches neither a literal nor (we guess)
  a `{param}`, and only lives inside the value of a greedy parameter, which needs at least one character.
- Parameter values are percent-decoded (bytes that are no UTF-8 become U+FFFD, a guess). A greedy value keeps its inner
  slashes; an ignored trailing slash is not part of it (reported by users of the service; not in its documentation).
- Literals are compared percent-decoded (RFC 3986 section 6.2.2.2; what the service does is not documented, we guess).
  An encoded slash never divides segments.

The rules this file keeps: compile once, decide without looking at resources that cannot match. The plain version, which
tries every template on every path, lives beside the tests and must agree.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Generic, NamedTuple, TypeVar
from urllib.parse import unquote

T = TypeVar("T")

# Facts 2.3: what ANY stands for.
ANY_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")

_NO_PARAMETERS: Mapping[str, str] = MappingProxyType({})


class ResourceMatch(NamedTuple, Generic[T]):
    """The method that answers, the path template of its resource, and the decoded path parameters."""

    method: T
    resource_path: str
    path_parameters: Mapping[str, str]


class NoResource(NamedTuple):
    """No resource of the API has this path."""

    path: str

    def explain(self) -> str:
        """The sentence for the log and the doctor."""
        return f"No resource matches the path {self.path!r}."


class NoMethod(NamedTuple):
    """A resource has this path (the first in the order of precedence is named), and none that does has the method."""

    path: str
    method: str
    resource_path: str
    allowed: tuple[str, ...]

    def explain(self) -> str:
        """The sentence for the log and the doctor."""
        has = f"only {', '.join(self.allowed)}" if self.allowed else "no method at all"
        return f"The resource {self.resource_path} matches the path {self.path!r} and has {has}, not {self.method}."


class _Resource(Generic[T]):
    """A resource whose `ANY` is already spread over the methods that it covers."""

    __slots__ = ("methods", "parameters", "path")

    def __init__(self, path: str, methods: Mapping[str, T], parameters: tuple[tuple[str, int, bool], ...]) -> None:
        self.path = path
        self.methods: dict[str, T] = {}
        if "ANY" in methods:
            self.methods.update(dict.fromkeys(ANY_METHODS, methods["ANY"]))
        self.methods.update((name, method) for name, method in methods.items() if name != "ANY")
        self.parameters = parameters  # name, index of its segment, greedy?


class _Node(Generic[T]):
    __slots__ = ("greedy", "literals", "parameter", "parameter_name", "resource")

    def __init__(self) -> None:
        self.literals: dict[str, _Node[T]] = {}
        self.parameter: _Node[T] | None = None
        self.parameter_name: str | None = None
        self.greedy: _Node[T] | None = None
        self.resource: _Resource[T] | None = None


class ResourceTree(Generic[T]):
    """The compiled resources of one API."""

    __slots__ = ("_literals", "_root", "_size")

    def __init__(self, root: _Node[T], literals: dict[str, dict[str, ResourceMatch[T]]], size: int) -> None:
        self._root = root
        self._literals = literals
        self._size = size

    def __repr__(self) -> str:
        return f"<ResourceTree of {self._size} resources, {len(self._literals)} of them literal>"

    def match(self, method: str, path: str) -> ResourceMatch[T] | NoResource | NoMethod:
        """What answers `method` on the raw (percent-encoded) `path`, or which of the two was missing.

        A path that is a template without parameters costs one dictionary lookup: each of its segments prefers the
        literal, so nothing can precede it. (A shortcut: 0.3 µs in place of some 2 µs.)

        Any other path is a depth-first walk in the order of precedence. Its cost: the nodes form a tree, so each is
        reached along one way only and visited at most once; a visited node's template matches the beginning of the
        path; so at depth d at most 2**d nodes are visited, and never more than the API has. Siblings that do not match
        are never looked at, and the walk is never deeper than the deepest template, however long the path.
        """
        if "%" not in path:
            # One slash at the end does not count, except where it is all there is: "/", and the empty segment of "//".
            literal = self._literals.get(path[:-1] if len(path) > 2 and path[-1] == "/" else path)
            if literal is not None and method in literal:
                return literal[method]
        return self._walk(method, path)

    def _walk(self, method: str, path: str) -> ResourceMatch[T] | NoResource | NoMethod:
        if not path.startswith("/"):
            return NoResource(path)
        raw = path.split("/")[1:]
        if raw[-1] == "":
            raw.pop()
        segments = [unquote(segment) for segment in raw] if "%" in path else raw
        count = len(segments)
        refusal: NoMethod | None = None
        pending = [(self._root, 0)]
        while pending:
            node, depth = pending.pop()
            if depth == count:
                resource = node.resource
                if resource is None:
                    continue
                if method in resource.methods:
                    return ResourceMatch(resource.methods[method], resource.path, _parameters(resource, raw))
                if refusal is None:
                    refusal = NoMethod(path, method, resource.path, tuple(sorted(resource.methods)))
                continue
            segment = segments[depth]
            # Last in, first out: the least preferred first. A greedy parameter takes all that is left, if there is any.
            if node.greedy is not None and (segment or depth + 1 < count):
                pending.append((node.greedy, count))
            if segment:
                if node.parameter is not None:
                    pending.append((node.parameter, depth + 1))
                literal = node.literals.get(segment)
                if literal is not None:
                    pending.append((literal, depth + 1))
        return refusal or NoResource(path)


def compile_resources(resources: Iterable[tuple[str, Mapping[str, T]]]) -> ResourceTree[T]:
    """The resources (path template, methods by name) in the form that `match` reads; refuses contradictions."""
    root: _Node[T] = _Node()
    literals: dict[str, dict[str, ResourceMatch[T]]] = {}
    size = 0
    for template, methods in resources:
        if not template.startswith("/"):
            raise ValueError(f"The resource path {template!r} does not begin with a slash.")
        node = root
        parameters: list[tuple[str, int, bool]] = []
        parts = template[1:].split("/") if template != "/" else []
        for index, part in enumerate(parts):
            if not part:
                raise ValueError(f"The resource path {template!r} has an empty path part.")
            if not (part.startswith("{") and part.endswith("}")):
                node = node.literals.setdefault(unquote(part), _Node())
                continue
            name = part[1:-1]
            greedy = name.endswith("+")
            if greedy and index + 1 < len(parts):
                raise ValueError(f"The resource path {template!r} goes on after the greedy parameter {part}.")
            parameters.append((name.removesuffix("+"), index, greedy))
            node = _greedy_child(node) if greedy else _parameter_child(node, name, template)
        if node.resource is not None:
            raise ValueError(f"The resource paths {node.resource.path!r} and {template!r} match the same requests.")
        node.resource = _Resource(template, methods, tuple(parameters))
        size += 1
        decoded = [unquote(part) for part in parts]
        if not parameters and not any("/" in part for part in decoded):
            literals["/" + "/".join(decoded)] = {
                name: ResourceMatch(method, template, _NO_PARAMETERS) for name, method in node.resource.methods.items()
            }
    return ResourceTree(root, literals, size)


def _greedy_child(node: _Node[T]) -> _Node[T]:
    if node.greedy is None:
        node.greedy = _Node()
    return node.greedy


def _parameter_child(node: _Node[T], name: str, template: str) -> _Node[T]:
    # The service allows one variable path part among siblings, so two names here are a contradiction.
    if node.parameter is None:
        node.parameter, node.parameter_name = _Node(), name
    elif node.parameter_name != name:
        raise ValueError(
            f"The resource path {template!r} calls a parameter {{{name}}} "
            f"that a sibling calls {{{node.parameter_name}}}."
        )
    return node.parameter


def _parameters(resource: _Resource[T], raw: list[str]) -> dict[str, str]:
    return {
        name: unquote("/".join(raw[index:]) if greedy else raw[index]) for name, index, greedy in resource.parameters
    }
