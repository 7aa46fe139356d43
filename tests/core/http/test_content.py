import pytest

from gatewright.core.http.content import Message, Parts


def test_parts_are_joined_once_when_somebody_wants_them_in_one():
    parts = Parts([b"ab", b"c", b"def"])
    message = Message(parts)
    assert (6, [b"ab", b"c", b"def"]) == (message.size, list(parts.parts))
    assert b"abcdef" == message.body
    assert message.body is message.body
    assert (6, [b"abcdef"]) == (message.size, list(parts.parts))
    assert "<6 bytes in 1 parts>" == repr(parts)


@pytest.mark.parametrize("content", [b"", b"abc"])
def test_bytes_are_themselves(content):
    message = Message(content)
    assert message.body is content
    assert len(content) == message.size
