"""A client of HTTP/2, made with h2's client side, joined to a session without a network between them."""

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import ConnectionTerminated, DataReceived, ResponseReceived, StreamEnded, StreamReset
from h2.settings import SettingCodes
from hyperframe.frame import Frame, GoAwayFrame, RstStreamFrame

from gatewright.core.http.message import Response
from gatewright.dataplane.http2.received import Received
from gatewright.dataplane.http2.session import Http2Session
from gatewright.dataplane.room import Room

DATE = b"Sat, 21 Nov 2026 02:00:00 GMT"
GET = [
    (b":method", b"GET"),
    (b":scheme", b"https"),
    (b":authority", b"api.example.com"),
    (b":path", b"/orders?limit=1"),
]
POST = [(b":method", b"POST"), *GET[1:]]


class Client:
    """What the client was told is gathered by stream; what the session received, in `received`."""

    def __init__(
        self, *, settings: dict[SettingCodes, int] | None = None, acknowledge: bool = True, room: Room | None = None
    ) -> None:
        self.session = Http2Session(room or Room(2**40))
        self.session.initiate()
        # Outbound headers are sent as the test has them: most tests are about what h2 would not send.
        self.h2 = H2Connection(
            H2Configuration(
                client_side=True,
                header_encoding=None,
                validate_outbound_headers=False,
                normalize_outbound_headers=False,
            )
        )
        if settings:
            self.h2.local_settings.update(settings)
            self.h2.local_settings.acknowledge()
        self.h2.initiate_connection()
        self.acknowledge = acknowledge
        self.now = 0.0
        self.received: list[Received] = []
        self.headers: dict[int, list[tuple[bytes, bytes]]] = {}
        self.informational: list[int] = []
        self.bodies: dict[int, bytes] = {}
        self.ended: list[int] = []
        self.resets: dict[int, int] = {}
        self.goaway: ConnectionTerminated | GoAwayFrame | None = None
        self.data_order: list[int] = []
        self.pump()

    def pump(self) -> list[Received]:
        """Bytes go both ways until neither side has any; what the session received with them."""
        received = []
        while True:
            received += self.session.receive(self.h2.data_to_send(), self.now)
            output = self.session.output()
            if not output:
                break
            self.take(output)
        self.received += received
        return received

    def take(self, output: bytes) -> None:
        for event in self.h2.receive_data(output):
            match event:
                case ResponseReceived():
                    self.headers[event.stream_id] = [tuple(field) for field in event.headers]
                case DataReceived():
                    self.bodies[event.stream_id] = self.bodies.get(event.stream_id, b"") + event.data
                    self.data_order.append(event.stream_id)
                    if self.acknowledge:
                        self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                case StreamEnded():
                    self.ended.append(event.stream_id)
                case StreamReset():
                    self.resets[event.stream_id] = event.error_code
                case ConnectionTerminated():
                    self.goaway = event
                case _ if type(event).__name__ == "InformationalResponseReceived":
                    self.informational.append(event.stream_id)

    def request(self, headers=GET, body: bytes | None = None, trailers=None) -> int:
        """Send a request, whatever the windows let through of it."""
        stream_id = self.h2.get_next_available_stream_id()
        self.h2.send_headers(stream_id, headers, end_stream=body is None and trailers is None)
        if body is not None:
            self.send_body(stream_id, body, end_stream=trailers is None)
        if trailers is not None:
            self.h2.send_headers(stream_id, trailers, end_stream=True)
        self.pump()
        return stream_id

    def send_body(self, stream_id: int, body: bytes, *, end_stream: bool = True) -> int:
        """How much of the body the windows let through."""
        at = 0
        while at < len(body):
            size = min(16_384, self.h2.local_flow_control_window(stream_id), len(body) - at)
            if size <= 0:
                break
            self.h2.send_data(stream_id, body[at : at + size])
            at += size
            self.pump()
        if at == len(body) and end_stream:
            self.h2.end_stream(stream_id)
        self.pump()
        return at

    def answer(self, stream_id: int, body: bytes = b"{}", *, status: int = 200, headers=(), head_only=False) -> None:
        self.session.respond(stream_id, Response(status, list(headers), body), head_only=head_only, date=DATE)
        self.pump()

    def send_raw(self, *frames: Frame | bytes) -> list[Received]:
        """Frames that h2 would not send, behind its back; what the session received with them."""
        octets = b"".join(frame if isinstance(frame, bytes) else frame.serialize() for frame in frames)
        received = self.session.receive(octets, self.now)
        self.received += received
        self.take_raw(self.session.output())
        return received

    def take_raw(self, output: bytes) -> None:
        """What h2 must not see, since it did not send what this answers."""
        while output:
            frame, length = Frame.parse_frame_header(memoryview(output[:9]))
            frame.parse_body(memoryview(output[9 : 9 + length]))
            output = output[9 + length :]
            if isinstance(frame, GoAwayFrame):
                self.goaway = frame
            elif isinstance(frame, RstStreamFrame):
                self.resets[frame.stream_id] = frame.error_code

    @property
    def ended_with(self) -> ErrorCodes | None:
        """The code that the connection ended with, or None while it lives."""
        assert self.session.closed == (self.goaway is not None and self.goaway.error_code != ErrorCodes.NO_ERROR)
        return ErrorCodes(self.goaway.error_code) if self.goaway is not None and self.session.closed else None
