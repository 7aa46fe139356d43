"""What both ends of a connection agree on, which h2 keeps: settings, their rules, their acknowledgements; and pings.

h2 could keep the streams as well. It did until that was measured: of the 40 µs that HTTP/2 added to a request, 20 were h2's
frame buffer, state machines and events (`bench/RESULTS.md`), so streams are `streams`', and windows `uploads`' and
`outbox`'. What comes here is rare and fiddly.
"""

from typing import Any, Final

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes, Settings

from gatewright.dataplane.http2 import frames
from gatewright.dataplane.http2.codec import MAX_HEADER_LIST, RequestDecoder, ResponseEncoder
from gatewright.dataplane.http2.frames import ConnectionRefused, Frame
from gatewright.dataplane.http2.streams import STREAM_WINDOW

#: nginx's number, and above the 100 that RFC 9113 section 6.5.2 asks for.
MAX_CONCURRENT_STREAMS: Final = 128

_CONFIGURATION: Final = H2Configuration(client_side=False, header_encoding=None)
_SETTINGS: Final = {
    SettingCodes.MAX_CONCURRENT_STREAMS: MAX_CONCURRENT_STREAMS,
    SettingCodes.MAX_HEADER_LIST_SIZE: MAX_HEADER_LIST,
    SettingCodes.INITIAL_WINDOW_SIZE: STREAM_WINDOW,
    SettingCodes.MAX_FRAME_SIZE: frames.MAX_FRAME,
}


class Agreement:
    """h2's connection, which is only ever shown SETTINGS and PING. It sets the sizes of our decoder's table."""

    __slots__ = ("_connection", "send_window")

    def __init__(self, decoder: RequestDecoder, encoder: ResponseEncoder) -> None:
        self._connection = connection = H2Connection(_CONFIGURATION)
        codec: Any = connection
        codec.decoder, codec.encoder = decoder, encoder
        connection.local_settings = Settings(client=False, initial_values=dict(_SETTINGS))
        self.send_window = STREAM_WINDOW  # what the client takes of a new stream's answer

    def begin(self) -> bytes:
        """Our settings. The client's preface is `frames`' to look at."""
        self._connection.initiate_connection()
        self._connection.receive_data(frames.PREFACE)
        return self._connection.data_to_send()

    def receive(self, frame: Frame) -> bytes:
        """Take what the client wants; our answer."""
        connection = self._connection
        try:
            connection.receive_data(frames.render_frame(*frame))
        except ProtocolError as error:
            raise ConnectionRefused(ErrorCodes(error.error_code), str(error) or type(error).__name__) from error
        self.send_window = connection.remote_settings.initial_window_size
        return connection.data_to_send()
