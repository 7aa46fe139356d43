"""Request ids, extended request ids and trace ids, drawn from the operating system's randomness by the block.

Facts 2.5: `x-amzn-RequestId` is a version 4 UUID, `x-amz-apigw-id` about 16 characters of Base64 that end in `=`,
a trace id `Root=1-{8 hex of the epoch}-{24 hex}`. Two system calls serve a hundred requests.
"""

from base64 import b64encode
from os import urandom

_REQUESTS = 100
_HEX = 2 * (16 + 12)  # digits a request: UUID and trace id
_BASE64 = 15  # characters a request, before the padding
_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


class RequestIds:
    """Calling it gives the next three."""

    __slots__ = ("_base64", "_hex", "_next")

    def __init__(self) -> None:
        self._hex = ""
        self._base64 = ""
        self._next = _REQUESTS

    def __call__(self, received_at: float) -> tuple[str, str, str]:
        """(request id, extended request id, trace id) of a request received at this instant."""
        number = self._next
        if number == _REQUESTS:
            self._hex = urandom(_REQUESTS * _HEX // 2).hex()
            self._base64 = b64encode(urandom(_REQUESTS * _BASE64)).decode()
            number = 0
        self._next = number + 1
        start = number * _HEX
        digits = self._hex[start : start + _HEX]
        # RFC 9562 section 5.4: version 4, and a variant of two bits beside two random ones.
        request_id = (
            f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{_VARIANT[digits[16]]}{digits[17:20]}-{digits[20:32]}"
        )
        start = number * _BASE64
        extended = self._base64[start : start + _BASE64] + "="
        return request_id, extended, f"Root=1-{int(received_at):08x}-{digits[32:]}"
