"""No way into a domain name with mutual TLS but its own handshake with a good certificate: spellings, overlaps, versions.

Names overlap: an exact one asks for certificates below a wildcard that does not, and the other way about. The route behind each
is remembered (`pipeline.recall`) before anybody tries, as a good client has just used it.
"""

import itertools
import ssl

import pytest

from support.client_chains import make, make_client
from support.http2_over_tls import connect_http2
from support.mutual_tls import SUFFIX, MutualSite, ask, client_context, status_of, truststore_of
from support.worker import Worker, put

pytestmark = pytest.mark.e2e

ROOT, OTHER = make("Root"), make("Other Root")
CLIENT, STRANGER = make_client("device", ROOT), make_client("stranger", OTHER)

#: Each with its own wildcard, which covers the exact name too.
OPEN_WILDCARD, LOCKED = f"*.o.{SUFFIX}", f"m.o.{SUFFIX}"
LOCKED_WILDCARD, OPEN = f"*.l.{SUFFIX}", f"e.l.{SUFFIX}"
IN_LOCKED_WILDCARD = f"a.l.{SUFFIX}"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    running = Worker(tmp_path_factory.mktemp("ways"))
    made = MutualSite(running)
    made.serve(OPEN_WILDCARD, None, asks=False)
    made.serve(LOCKED, ROOT.pem)
    made.serve(LOCKED_WILDCARD, ROOT.pem)
    made.serve(OPEN, None, asks=False)
    for name in (LOCKED, IN_LOCKED_WILDCARD):
        assert 200 == status_of(made.connect(name, CLIENT))
    for name in (OPEN, f"b.o.{SUFFIX}"):
        assert 200 == status_of(made.connect(name, None))
    made.close_connections()
    yield made
    made.close_connections()
    assert 0 == running.stop()
    assert "Traceback" not in (running.folder / "worker.log").read_text()


def spellings(name: str) -> list[str]:
    """The name, as a Host may have it."""
    return [name, name.upper(), f"{name}.", f"{name}:443", f"{name}:", f"{name}.:8443", f"{name.title()}.", f"{name}.."]


def write_requests(host: str) -> list[bytes]:
    """A GET of /x from the host, in the ways that HTTP/1.1 has to write one."""
    return [
        f"GET /x HTTP/1.1\r\nHost: {host}\r\n\r\n".encode(),
        f"GET https://{host}/x HTTP/1.1\r\nHost: {host}\r\n\r\n".encode(),
        f"GET http://{host}/x HTTP/1.1\r\nHost: {host.upper()}\r\n\r\n".encode(),
        f"GET https://{host}/x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n".encode(),
        f"GET /x HTTP/1.0\r\nConnection: keep-alive\r\nHost:\t{host} \r\n\r\n".encode(),
    ]


def statuses(site, server_name: str | None, client, requests: bytes) -> list[int]:
    """Those of all answers to these bytes."""
    with site.worker.handshake(server_name, context=client_context(client)) as connection:
        connection.settimeout(10)
        connection.sendall(requests + b"GET /end HTTP/1.1\r\nHost: end\r\nConnection: close\r\n\r\n")
        said = b""
        while data := connection.recv(65_536):
            said += data
    return [int(part[:3]) for part in said.split(b"HTTP/1.1 ")[1:]]


#: (the domain's host, the handshake's server name, the certificate that is shown where one is asked for)
WAYS = [
    (LOCKED, f"b.o.{SUFFIX}", None),  # the wildcard's certificate covers both
    (LOCKED, IN_LOCKED_WILDCARD, CLIENT),  # another domain that let the client in
    (LOCKED, IN_LOCKED_WILDCARD, STRANGER),
    (LOCKED, OPEN, None),
    (LOCKED, f"x.m.o.{SUFFIX}", None),  # nobody's: a wildcard covers one label
    (LOCKED, "127.0.0.1", None),  # an address is no server name
    (LOCKED, None, None),
    (LOCKED, LOCKED, STRANGER),
    (LOCKED, f"{LOCKED.upper()}.", STRANGER),
    (IN_LOCKED_WILDCARD, OPEN, None),
    (IN_LOCKED_WILDCARD, f"b.o.{SUFFIX}", None),
    (IN_LOCKED_WILDCARD, LOCKED, CLIENT),
    (IN_LOCKED_WILDCARD, f"x.a.l.{SUFFIX}", None),
    (IN_LOCKED_WILDCARD, None, None),
    (IN_LOCKED_WILDCARD, f"z.l.{SUFFIX}", STRANGER),
]


@pytest.mark.parametrize(("host", "server_name", "client"), WAYS)
def test_no_spelling_of_the_host_is_a_way_in(site, host, server_name, client):
    requests = [request for spelling in spellings(host) for request in write_requests(spelling)]
    assert [403] * (len(requests) + 1) == statuses(site, server_name, client, b"".join(requests))


@pytest.mark.parametrize(("host", "server_name", "client"), WAYS)
def test_what_the_connection_did_before_is_no_way_in(site, host, server_name, client):
    """Pipelined behind requests that the connection may make, often enough for their heads to be recalled."""
    own = f"GET /x HTTP/1.1\r\nHost: {server_name or OPEN}\r\n\r\n".encode()
    other = f"GET /x HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    got = statuses(site, server_name, client, own * 3 + other + own + other * 3 + own)
    assert 10 == len(got)
    assert 200 not in [got[at] for at in (3, 5, 6, 7)]


@pytest.mark.parametrize(("host", "server_name", "client"), [way for way in WAYS if way[1] not in {None, "127.0.0.1"}])
def test_no_spelling_of_an_authority_is_a_way_in(site, host, server_name, client):
    with connect_http2(site.worker, server_name, client=client) as connection:
        connection.h2.config.validate_outbound_headers = False
        for spelling in spellings(host):
            for headers in ([], [("host", spelling)], [("host", spelling.upper())], [("host", server_name)]):
                answer = connection.answer(connection.request("GET", "/x", host=spelling, headers=headers))
                assert answer.reset is not None or answer.status in {403, 421}, (spelling, headers)
            answer = connection.answer(connection.request("GET", "/x", host=server_name, headers=[("host", spelling)]))
            assert answer.reset is not None or answer.status in {403, 421} or host == server_name


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("name", [LOCKED, LOCKED.upper(), f"{LOCKED}.", IN_LOCKED_WILDCARD, f"{IN_LOCKED_WILDCARD}."])
def test_every_spelling_of_the_server_name_asks_for_a_certificate(site, name, version):
    assert 200 == status_of(site.connect(name, CLIENT, version=version), Host=name)
    assert 403 == status_of(site.connect(name, STRANGER, version=version), Host=name)
    with pytest.raises((ssl.SSLError, ConnectionError, EOFError)):
        statuses_of_nobody(site, name, version)


def statuses_of_nobody(site, name: str, version) -> None:
    with site.worker.handshake(name, context=client_context(None, version=version)) as connection:
        connection.settimeout(10)
        connection.sendall(f"GET /x HTTP/1.1\r\nHost: {name}\r\n\r\n".encode())
        if not connection.recv(1):
            raise EOFError


_numbers = itertools.count()


def test_an_exact_name_that_comes_to_ask_is_not_entered_by_a_connection_of_its_wildcard(site):
    name = f"n{next(_numbers)}.o.{SUFFIX}"
    before = site.connect(name, None)
    sibling = site.connect(f"b.o.{SUFFIX}", None)
    assert (200, 200) == (status_of(before), status_of(sibling, Host=name))
    site.serve(name, ROOT.pem)
    assert (403, 403) == (status_of(before), status_of(sibling, Host=name))
    assert 200 == status_of(sibling)


def test_an_exact_name_with_another_truststore_judges_connections_of_its_wildcard_anew(site):
    name = f"n{next(_numbers)}.l.{SUFFIX}"
    before = site.connect(name, CLIENT)
    sibling = site.connect(IN_LOCKED_WILDCARD, CLIENT)
    assert (200, 200) == (status_of(before), status_of(sibling, Host=name))
    site.serve(name, OTHER.pem)
    assert (403, 403) == (status_of(before), status_of(sibling, Host=name))
    assert 200 == status_of(sibling)
    assert 200 == status_of(site.connect(name, STRANGER))


def test_a_refusal_tells_of_the_domain_that_refused_where_two_have_the_same_truststore(site):
    names = [f"n{next(_numbers)}.o.{SUFFIX}" for _ in range(2)]
    for name in names:
        site.serve(name, ROOT.pem)
        site.worker.publish(put(truststore_of(name, ROOT.pem)))
    for name in names:
        answer = ask(site.connect(name, STRANGER))
        (record,) = site.worker.records(answer.headers["x-amzn-RequestId"])
        assert (403, name) == (answer.status, record["reason"]["facts"]["domain"])
