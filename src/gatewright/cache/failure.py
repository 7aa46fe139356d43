"""Why a Redis or Valkey cannot be used, in a sentence: what was expected, what was found, and what to do.

What redis-py raises is known by its class; what lies below it, a socket's or OpenSSL's error, is its context. What this
module keeps to: no sentence has a user's name or a password.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    ClusterDownError,
    MovedError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
)


class Failure(NamedTuple):
    """What was expected and found, and what somebody has to do; `passes`: it may pass by itself."""

    text: str
    remedy: str
    passes: bool = False

    def __str__(self) -> str:
        return f"{self.text}; {self.remedy}"


#: The errors of a certificate that is not of an authority that we know (OpenSSL, x509_vfy.h): issuer not found,
#: self-signed, self-signed in the chain, first certificate not verified.
_UNKNOWN_AUTHORITY: Final = (2, 18, 19, 20, 21)
_NOT_YET_VALID, _EXPIRED, _OTHER_NAME, _OTHER_ADDRESS = 9, 10, 62, 64

_WRITE_USER: Final = "write them as USER:PASSWORD@ before the host, characters such as /, ? and @ as %XX"
_LEAVE_TLS: Final = "if the port speaks without TLS, write redis:// (or valkey://)"
_LET_SPEAK: Final = "see that the server runs, listens there, and is not behind a firewall"

#: What a server answers, by the class that redis-py has for it.
_ANSWERS: Final[tuple[tuple[type[Exception], Failure], ...]] = (
    (
        NoPermissionError,
        Failure(
            "expected a user who may run scripts, found one who may not",
            "let that user run EVAL, EVALSHA, HGETALL and what the scripts use, on keys gatewright:*",
        ),
    ),
    (
        ReadOnlyError,
        Failure("expected a server that can be written to, found a replica", "name the primary in the URL"),
    ),
    (
        OutOfMemoryError,
        Failure("expected room for some keys, found the server's memory used up", "raise its maxmemory"),
    ),
    (
        MovedError,
        Failure(
            "expected one server, found one of a cluster that has not our keys", "name the one that has, or one alone"
        ),
    ),
    (
        ClusterDownError,
        Failure("expected a server that serves, found its cluster down", "mend the cluster", passes=True),
    ),
    (
        BusyLoadingError,
        Failure("expected a server that serves, found one that reads its data", "wait until it has", passes=True),
    ),
)


def explain_failure(error: Exception, options: Mapping[str, Any], *, is_tls: bool, has_answered: bool) -> Failure:
    """Of an error of a connection with these options of redis-py; `has_answered`: the connection was good before."""
    cause = error.__context__
    if isinstance(error, AuthenticationError):
        return _explain_login(str(error), options)
    for kind, failure in _ANSWERS:
        if isinstance(error, kind):
            return failure
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _explain_certificate(cause, options)
    if _was_closed(error, cause) and not has_answered:
        return _explain_close(options, is_tls=is_tls, in_handshake=" connecting to " in str(error))
    if isinstance(cause, ssl.SSLError):
        return _explain_tls(cause, options)
    if isinstance(cause, socket.gaierror):
        return Failure(f"expected a name with an address, found {_say(cause)!r}", "correct the host", passes=True)
    if isinstance(cause, OSError) and "path" in options:
        path = options["path"]
        return Failure(
            f"expected a socket of a server at {path}, found {_say(cause)!r}",
            "see that the server runs and has it as its unixsocket, and that unixsocketperm lets this user in",
            passes=True,
        )
    if isinstance(cause, TimeoutError) and "handshake" in str(cause):
        return Failure(
            "expected a TLS handshake, found no answer to it",
            _LEAVE_TLS,
        )
    text = str(error).strip().rstrip(".") or type(error).__name__
    if options.get("password"):
        text = text.replace(options["password"], "…")  # a server that does not know AUTH says what it was sent
    if "DB index is out of range" in text or "SELECT is not allowed" in text:
        number = options.get("db", 0)
        return Failure(
            f"expected a database {number}, found that the server has none", "write the number of one that it has"
        )
    if isinstance(cause, OSError) or _was_closed(error, cause):
        return Failure(f"expected an answer, found {_say(cause) or text!r}", _LET_SPEAK, passes=True)
    return Failure(f"expected the script's result, found {text!r}", "see the server's own log", passes=True)


def _explain_login(text: str, options: Mapping[str, Any]) -> Failure:
    if options.get("password") is None:
        return Failure("expected a server without a password, found that it asks for one", _WRITE_USER)
    if "without any password configured" in text:
        return Failure("expected a server that asks for a password, found that it has none", "leave it out of the URL")
    return Failure(
        "expected the URL's user and password to be right, found that the server does not take them",
        f"correct the password (and the user, who is 'default' where none is given); {_WRITE_USER}",
    )


def _explain_certificate(error: ssl.SSLCertVerificationError, options: Mapping[str, Any]) -> Failure:
    file = options.get("ssl_ca_certs")
    if error.verify_code in _UNKNOWN_AUTHORITY:
        known = "this machine knows" if file is None else f"this machine or {file} knows"
        return Failure(
            f"expected the server's certificate to be of an authority that {known}, found {error.verify_message!r}",
            "name the file of its authority with ?ssl_ca_certs=FILE",
        )
    if error.verify_code in (_OTHER_NAME, _OTHER_ADDRESS):
        return Failure(
            f"expected a certificate for {options.get('host')}, found one for another name",
            "write the host as the certificate has it, or give the server one that has this name",
        )
    if error.verify_code in (_EXPIRED, _NOT_YET_VALID):
        return Failure(
            f"expected a certificate that is valid now, found {error.verify_message!r}",
            "renew the server's certificate, or set this machine's clock",
        )
    return Failure(
        f"expected a certificate that can be verified, found {error.verify_message!r}",
        "give the server another certificate",
    )


def _explain_tls(error: ssl.SSLError, options: Mapping[str, Any]) -> Failure:
    reason = error.reason or str(error)
    if "WRONG_VERSION_NUMBER" in reason or "RECORD_LAYER" in reason:
        return Failure("expected a TLS handshake, found something else", _LEAVE_TLS)
    if "ALERT" in reason and ("CERTIFICATE" in reason or "UNKNOWN_CA" in reason):
        return _explain_refused_certificate(options)
    return Failure(f"expected a TLS handshake, found {_words(reason)!r}", "see the server's own log")


def _explain_close(options: Mapping[str, Any], *, is_tls: bool, in_handshake: bool) -> Failure:
    """The server has closed the connection before it answered anything."""
    if is_tls and in_handshake:
        return Failure("expected a TLS handshake, found the connection closed", _LEAVE_TLS)
    if is_tls:
        # In TLS 1.3 a server judges our certificate when the handshake is over for us (RFC 8446 section 4.4.2), and its
        # alert is lost when we have written by then.
        return _explain_refused_certificate(options)
    return Failure(
        "expected an answer, found the connection closed before any",
        "if the port is one for TLS, write rediss:// (or valkeys://); else see the server's own log",
    )


def _explain_refused_certificate(options: Mapping[str, Any]) -> Failure:
    if "ssl_certfile" not in options:
        return Failure(
            "expected an answer without a certificate of ours, found the connection closed after the TLS handshake",
            "name ours with ?ssl_certfile=FILE&ssl_keyfile=FILE, or set the server's tls-auth-clients to no",
        )
    return Failure(
        f"expected the server to take the certificate in {options['ssl_certfile']}, found the connection closed",
        "name one that is valid and of an authority in the server's tls-ca-cert-file",
    )


def _was_closed(error: Exception, cause: BaseException | None) -> bool:
    gone = (ConnectionResetError, BrokenPipeError, ssl.SSLEOFError, ssl.SSLZeroReturnError)
    return isinstance(cause, gone) or "Connection closed by server" in str(error)


def _say(cause: BaseException | None) -> str:
    if isinstance(cause, TimeoutError):
        return "none in time"
    return (getattr(cause, "strerror", None) or str(cause)).strip() if cause is not None else ""


def _words(reason: str) -> str:
    return reason.replace("_", " ").lower()
