"""Why the first bytes of a client will never be a ClientHello: one row, one sentence, one alert."""

from enum import Enum


class HelloFault(Enum):
    """How the sentence begins, and the alert to answer (RFC 8446 section 6)."""

    PLAIN_HTTP = ("Plain HTTP was sent to the HTTPS port", 10)
    SSLV2 = ("The client sent an SSL 2.0 hello, which no supported version of TLS reads", 70)
    NOT_TLS = ("What the client sent is not TLS", 10)
    NOT_CLIENT_HELLO = ("The client's first message is not a ClientHello", 10)
    TOO_LARGE = ("The ClientHello is too large", 22)
    MALFORMED = ("The ClientHello is malformed", 50)
    SERVER_NAME = ("The server name in the ClientHello is not acceptable", 112)

    def __init__(self, sentence: str, alert: int) -> None:
        self.sentence = sentence
        self.alert = alert


class ClientHelloError(Exception):
    """The bytes are not, and will never become, a ClientHello."""

    def __init__(self, fault: HelloFault, detail: str = "") -> None:
        super().__init__(f"{fault.sentence}: {detail}." if detail else f"{fault.sentence}.")
        self.fault = fault

    @property
    def alert(self) -> int:
        """The alert's number that says this to the client."""
        return self.fault.alert
