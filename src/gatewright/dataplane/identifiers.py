"""Request ids, extended request ids and trace ids, drawn from the operating system's randomness by the block.

Facts 2.5: `x-amzn-RequestId` is a version 4 UUID, `x-amz-apigw-id` about 16 characters of Base64 that end in `=`,
a trace id `Root=1-{8 hex of the epoch}-{24 hex}`. One system call serves a hundred requests.
"""

from base64 import b64encode
from os import urandom

_BYTES_A_REQUEST = 16 + 11 + 12  # UUID, extended id, trace id
_BLOCK = _BYTES_A_REQUEST * 100


class RequestIds:
    """Calling it gives the next three."""

    __slots__ = ("_block", "_position")

    def __init__(self) -> None:
        self._block = b""
        self._position = _BLOCK

    def __call__(self, received_at: float) -> tuple[str, str, str]:
        """(request id, extended request id, trace id) of a request received at this instant."""
        start = self._position
        if start == _BLOCK:
            self._block = urandom(_BLOCK)
            start = 0
        self._position = start + _BYTES_A_REQUEST
        raw = self._block[start : start + _BYTES_A_REQUEST]
        digits = raw[:16].hex()
        variant = "89ab"[raw[8] >> 6]
        request_id = f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
        # Eleven bytes are sixteen characters, the last of them the padding.
        extended = b64encode(raw[16:27]).decode()
        return request_id, extended, f"Root=1-{int(received_at):08x}-{raw[27:].hex()}"
