"""The one refusal of the parsers."""


class SerializationError(Exception):
    """The request is not what its protocol or the operation's input shape wants; the message is for the client."""
