"""Which binding answers a handshake: the server name decides, and the reason is kept.

What this module knows (facts 1.7, 2.1 step 1): an exact domain name beats a wildcard, a wildcard covers exactly one
label, and a client that sends no server name, or one that nobody serves, gets the default certificate
`*.execute-api.{region}.{suffix}`: the knowledge centre's "wrong certificate".

Two dictionary lookups, whatever the number of domains. The plain version, a loop over the wildcard patterns, is the
oracle in the tests.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Generic, NamedTuple, TypeVar

from gatewright.core.domains.hostname import wildcard_of

T = TypeVar("T")


class SelectionReason(Enum):
    """Why this binding; the value is the sentence, with the names to fill in."""

    EXACT = "The server name {server_name} is a custom domain name."
    WILDCARD = "The server name {server_name} is covered by the custom domain name {matched}."
    DEFAULT_NO_SERVER_NAME = "The client sent no server name (SNI), so it got the default certificate."
    DEFAULT_UNKNOWN_NAME = (
        "No custom domain name covers the server name {server_name}, so it got the default certificate."
    )
    DEFAULT_ENDPOINT_NAME = (
        "The server name {server_name} is a default endpoint's, which the default certificate covers."
    )


class Selection(NamedTuple, Generic[T]):
    """The binding, why it was selected, the server name, and the name in the tables that matched it."""

    binding: T
    reason: SelectionReason
    server_name: str | None
    matched: str | None

    def explain(self) -> str:
        """The sentence for the log and the doctor."""
        return self.reason.value.format(server_name=self.server_name, matched=self.matched)


def select_binding(
    server_name: str | None,
    *,
    exact: Mapping[str, T],
    wildcards: Mapping[str, T],
    default: T,
    default_name: str,
) -> Selection[T]:
    """The binding for a canonical server name; `wildcards` and `default_name` are spelt `*.example.com`."""
    if server_name is None:
        return Selection(default, SelectionReason.DEFAULT_NO_SERVER_NAME, None, None)
    if server_name in exact:
        return Selection(exact[server_name], SelectionReason.EXACT, server_name, server_name)
    wildcard = wildcard_of(server_name)
    # A name cannot begin with a dot or an asterisk; one that does (a client may send anything) matches no wildcard.
    if wildcard is not None and server_name[0] not in ".*":
        if wildcard in wildcards:
            return Selection(wildcards[wildcard], SelectionReason.WILDCARD, server_name, wildcard)
        if wildcard == default_name:
            return Selection(default, SelectionReason.DEFAULT_ENDPOINT_NAME, server_name, default_name)
    return Selection(default, SelectionReason.DEFAULT_UNKNOWN_NAME, server_name, None)
