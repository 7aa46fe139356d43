"""A client of HTTP/2 over a real connection, made with h2's client side.

with connect_http2(worker, host) as client:
    stream = client.request("GET", "/dev/x")
    client.answer(stream).body
"""

import contextlib
import ssl
from dataclasses import dataclass, field

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, ResponseReceived, StreamEnded, StreamReset
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes
from hyperframe.frame import Frame, GoAwayFrame

from support.client_chains import Made, show_certificate

#: Room for an answer of 10 MB without a pause.
_WINDOW = 2**24


@dataclass
class Answer:
    """What a stream was told."""

    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    ended: bool = False
    reset: int | None = None

    @property
    def status(self) -> int:
        return int(self.headers[":status"])


class Http2Client:
    """One connection. Reads happen inside the methods only; `order` has the streams as they ended."""

    def __init__(self, connection: ssl.SSLSocket, host: str, *, window: int = _WINDOW) -> None:
        self.host = host
        self.socket = connection
        self.h2 = H2Connection(H2Configuration(client_side=True, header_encoding="latin-1"))
        self.h2.initiate_connection()
        self.h2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: window})
        self.h2.increment_flow_control_window(window)
        self.answers: dict[int, Answer] = {}
        self.order: list[int] = []
        self.goaway: int | None = None
        self._unread = b""
        self.closed = False
        self.flush()

    def flush(self) -> None:
        self.socket.sendall(self.h2.data_to_send())

    def begin(self, method: str, path: str, *, host: str | None = None, headers=(), end: bool = True) -> int:
        """Send a request's head."""
        stream = self.h2.get_next_available_stream_id()
        pseudo = [(":method", method), (":scheme", "https"), (":authority", host or self.host), (":path", path)]
        self.answers[stream] = Answer()
        self.h2.send_headers(stream, [*pseudo, *headers], end_stream=end)
        self.flush()
        return stream

    def request(self, method: str, path: str, body: bytes | None = None, **how) -> int:
        """Send a whole request."""
        if body is None:
            return self.begin(method, path, **how)
        stream = self.begin(method, path, headers=[("content-length", str(len(body)))], end=False, **how)
        at = 0
        while at < len(body):
            room = min(self.h2.local_flow_control_window(stream), self.h2.max_outbound_frame_size)
            if room <= 0:
                self.read()
                continue
            self.h2.send_data(stream, body[at : at + room])
            at += room
            self.flush()
        self.h2.end_stream(stream)
        self.flush()
        return stream

    def read(self) -> None:
        """Take what comes next."""
        data = self.socket.recv(65_536)
        if not data:
            self.closed = True
            return
        self._unread += data
        while len(self._unread) >= 9:
            frame, length = Frame.parse_frame_header(memoryview(self._unread[:9]))
            octets = self._unread[: 9 + length]
            if len(octets) < 9 + length:
                break
            self._unread = self._unread[9 + length :]
            if isinstance(frame, GoAwayFrame):
                # h2 would take nothing after it, but the answers under way still come.
                frame.parse_body(memoryview(octets[9:]))
                self.goaway = frame.error_code
            else:
                self._take(octets)
        with contextlib.suppress(OSError):  # the other end may be gone with its last word
            self.flush()

    def _take(self, frame: bytes) -> None:
        for event in self.h2.receive_data(frame):
            match event:
                case ResponseReceived():
                    self.answers[event.stream_id].headers = dict(event.headers)
                case DataReceived():
                    self.answers[event.stream_id].body += event.data
                    with contextlib.suppress(ProtocolError):  # the stream may have ended with it
                        self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                case StreamEnded():
                    self.answers[event.stream_id].ended = True
                    self.order.append(event.stream_id)
                case StreamReset():
                    self.answers[event.stream_id].reset = event.error_code

    def answer(self, stream: int) -> Answer:
        """The stream's answer, when it is whole."""
        answer = self.answers[stream]
        while not (answer.ended or answer.reset is not None or self.closed):
            self.read()
        return answer

    def read_to_end(self) -> None:
        """Read until the other end closes."""
        while not self.closed:
            self.read()


def http2_context(authority_pem: str) -> ssl.SSLContext:
    """A client's TLS that offers HTTP/2 and trusts the authority whatever the name."""
    context = ssl.create_default_context(cadata=authority_pem)
    context.check_hostname = False
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


@contextlib.contextmanager
def connect_http2(worker, host: str, *, server_name: str | None = None, client: Made | None = None, **how):
    """A connection of HTTP/2 to the worker, for requests to the host; `client` is shown where a certificate is asked for."""
    context = http2_context(worker.authority.certificate_pem)
    if client is not None:
        show_certificate(context, client)
    with worker.handshake(server_name or host, context=context) as connection:
        assert connection.selected_alpn_protocol() == "h2"
        yield Http2Client(connection, host, **how)
