"""The members of a result that are to be written, checked against the shape on the way."""

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.model import Shape


def given_members(shape: Shape, values: Mapping[str, Any]) -> Iterator[tuple[str, Shape, Any]]:
    """Name, shape and value of each member that is there, in the model's order; None is the same as absent."""
    unknown = values.keys() - shape.members.keys()
    assert not unknown, f"Our own bug: the shape {shape.name} has no member {', '.join(sorted(unknown))}."
    for name, member in shape.members.items():
        value = values.get(name)
        if value is not None:
            yield name, member, value
