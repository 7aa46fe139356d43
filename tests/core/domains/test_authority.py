"""Which hosts may share a connection of HTTP/2."""

import pytest

from gatewright.core.domains.authority import NO_DOMAIN, Asked, find_misdirection, may_share
from gatewright.core.reasons import AUTHORITY_MISDIRECTED, AUTHORITY_MUTUAL_TLS

DEFAULT = ("*.execute-api.us-east-1.gateway.localhost",)
API = "abcdefghij.execute-api.us-east-1.gateway.localhost"
OTHER_API = "klmnopqrst.execute-api.us-east-1.gateway.localhost"


@pytest.mark.parametrize(
    ("host", "server_name", "presented", "answers"),
    [
        # The handshake's own name, whatever the certificate.
        ("www.example.com", "www.example.com", ("www.example.com",), True),
        ("unknown.test", "unknown.test", DEFAULT, True),
        ("bare.example.com", "bare.example.com", (), True),
        # Default endpoints under the default certificate, of their own region only.
        (API, API, DEFAULT, True),
        (OTHER_API, API, DEFAULT, True),
        (API, None, DEFAULT, True),
        (OTHER_API.replace("us-east-1", "eu-west-1"), API, DEFAULT, False),
        (f"deep.{OTHER_API}", API, DEFAULT, False),
        # A wildcard stands for one label, in the certificate of a wildcard domain name and of any other.
        ("a.example.com", "b.example.com", ("*.example.com",), True),
        ("a.b.example.com", "b.example.com", ("*.example.com",), False),
        ("example.com", "b.example.com", ("*.example.com",), False),
        # A certificate of several names.
        ("shop.example.com", "www.example.com", ("www.example.com", "shop.example.com"), True),
        ("shop.example.com", "www.example.com", ("www.example.com", "Shop.Example.com"), True),
        # Everything else.
        ("shop.example.com", "www.example.com", ("www.example.com",), False),
        (API, "www.example.com", ("www.example.com",), False),
        ("www.example.com", API, DEFAULT, False),
        ("www.example.com", None, DEFAULT, False),
        ("unknown.test", API, DEFAULT, False),
        ("192.0.2.1", None, DEFAULT, False),
        ("", None, DEFAULT, False),
        ("", "www.example.com", ("*.example.com",), False),
        (".example.com", "www.example.com", ("*.example.com",), False),
        ("*.example.com", "www.example.com", ("www.example.com",), False),
    ],
)
def test_a_connection_answers_for_its_own_name_and_for_what_its_certificate_covers(
    host, server_name, presented, answers
):
    reason = find_misdirection(
        host, server_name=server_name, presented=presented, handshake=NO_DOMAIN, authority=NO_DOMAIN
    )
    assert (None if answers else AUTHORITY_MISDIRECTED) is reason


PLAIN, OTHER_PLAIN = Asked("www.example.com", False), Asked("shop.example.com", False)
MUTUAL, OTHER_MUTUAL = Asked("api.example.com", True), Asked("pay.example.com", True)


@pytest.mark.parametrize(
    ("may", "handshake", "authority"),
    [
        (True, PLAIN, OTHER_PLAIN),
        (True, PLAIN, NO_DOMAIN),
        (True, MUTUAL, MUTUAL),
        (False, PLAIN, MUTUAL),
        (False, NO_DOMAIN, MUTUAL),
        (False, MUTUAL, OTHER_MUTUAL),
        (False, MUTUAL, PLAIN),
        (False, MUTUAL, NO_DOMAIN),
    ],
)
def test_a_domain_with_mutual_tls_shares_its_connections_with_no_other(may, handshake, authority):
    assert may == may_share(handshake, authority)
    reason = find_misdirection(
        "b.example.com",
        server_name="a.example.com",
        presented=("*.example.com",),
        handshake=handshake,
        authority=authority,
    )
    assert (None if may else AUTHORITY_MUTUAL_TLS) is reason
