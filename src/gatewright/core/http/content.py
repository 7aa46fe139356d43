"""The content of a message: bytes, or those of a large one in the parts in which they came.

Most that comes large only passes through, and a megabyte that is joined on its way is a megabyte copied. So it is joined
when somebody asks for it in one: a mapping, a log with data trace, HTTP/2.
"""

from collections.abc import Sequence


class Parts:
    """What came, part by part, none of them empty; `size` is their bytes together."""

    __slots__ = ("_parts", "size")

    def __init__(self, parts: Sequence[bytes]) -> None:
        self._parts = parts
        self.size = sum([len(part) for part in parts])

    @property
    def parts(self) -> Sequence[bytes]:
        """As they came; one, after they were joined."""
        return self._parts

    def join(self) -> bytes:
        """In one, which takes their place."""
        parts = self._parts
        if len(parts) != 1:
            parts = self._parts = (b"".join(parts),)
        return parts[0]

    def __repr__(self) -> str:
        return f"<{self.size} bytes in {len(self._parts)} parts>"


class Message:
    """What has content."""

    __slots__ = ("content",)

    def __init__(self, content: bytes | Parts) -> None:
        self.content = content

    @property
    def body(self) -> bytes:
        """The content in one."""
        content = self.content
        return content.join() if isinstance(content, Parts) else content

    @property
    def size(self) -> int:
        """How many bytes it has."""
        content = self.content
        return content.size if isinstance(content, Parts) else len(content)
