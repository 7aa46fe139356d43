"""Mutual TLS over the life of a domain and of a connection: who gets in by which name, and what a change does.

One worker, real handshakes. A domain name of its own a test.
"""

import http.client
import itertools
import shutil
import ssl
import subprocess
from dataclasses import replace

import pytest

from gatewright.core.request_record import explain
from gatewright.model.records import BasePathMapping, Integration
from support.client_chains import make, make_client
from support.http2_over_tls import connect_http2
from support.mutual_tls import SUFFIX, MutualSite, ask, mutual, status_of, truststore_of
from support.worker import ACCOUNT, REGION, Backend, Worker, put

pytestmark = pytest.mark.e2e

FORBIDDEN = (403, b'{"message":"Forbidden"}', "ForbiddenException")
ROOT, OTHER = make("Root"), make("Other Root")
CLIENT, STRANGER = make_client("device", ROOT), make_client("stranger", OTHER)
_numbers = itertools.count()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    running = Worker(tmp_path_factory.mktemp("mutual"))
    yield MutualSite(running)
    assert 0 == running.stop()
    assert "Traceback" not in (running.folder / "worker.log").read_text()


@pytest.fixture(autouse=True)
def _closed(site):
    yield
    site.close_connections()


@pytest.fixture
def name(site):
    """A domain name that lets in whoever Root vouches for."""
    return site.serve(f"d{next(_numbers)}.{SUFFIX}", ROOT.pem)


def told(answer) -> tuple:
    return (answer.status, answer.body, answer.headers["x-amzn-ErrorType"])


def code_of(site, answer) -> str:
    (record,) = site.worker.records(answer.headers["x-amzn-RequestId"])
    return record["reason"]["code"]


# --- what a client sees and what is kept ----------------------------------------------------------------------------


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_good_certificate_comes_in_and_a_bad_one_gets_403_with_its_reason(site, name, version):
    assert 200 == status_of(site.connect(name, CLIENT, version=version))
    answer = ask(site.connect(name, STRANGER, version=version))
    assert FORBIDDEN == told(answer)
    (record,) = site.worker.records(answer.headers["x-amzn-RequestId"])
    assert "O = Fleet, CN = stranger" == record["clientCert"]["subject"].replace("=", " = ").replace("  ", " ")
    text = "\n".join(explain(record))
    assert "Access denied. Reason: Could not find issuer for certificate" in text
    assert "Put the whole chain into the truststore" in text
    assert "stranger" in text


def test_a_bad_certificate_is_told_so_on_every_path_and_before_anything_else(site, name):
    connection = site.connect(name, STRANGER)
    for path in ("/ping", "/x", "/"):
        assert FORBIDDEN == told(ask(connection, path)), path
    assert 200 == status_of(site.connect(name, CLIENT), "/ping")


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_no_certificate_ends_the_connection(site, name, version):
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    said = subprocess.run(
        [
            *("openssl", "s_client", version, "-ign_eof", "-connect", f"127.0.0.1:{site.worker.port}"),
            *("-servername", name),
        ],
        input=f"GET /x HTTP/1.1\r\nHost: {name}\r\n\r\n".encode(),
        capture_output=True,
        check=False,
    )
    assert b"HTTP/1.1" not in said.stdout
    alert = b"certificate required" if version == "-tls1_3" else b"handshake failure"
    assert alert in said.stderr
    assert b"No client certificate CA names sent" in said.stdout

    counted = 'gatewright_handshake_failures_total{fault="NO_CLIENT_CERTIFICATE"}'
    site.worker.publish()
    assert site.worker.feed.counters[counted] >= 1


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_no_session_is_resumed_on_the_same_domain_or_another(site, name, version, tmp_path):
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    strict = site.serve(f"d{next(_numbers)}.{SUFFIX}", OTHER.pem)
    opened = f"d{next(_numbers)}.{SUFFIX}"
    site.serve(opened, None, asks=False)
    (tmp_path / "client.pem").write_text(CLIENT.key_pem + CLIENT.pem)

    def connect(host, *options):
        return subprocess.run(
            [
                *("openssl", "s_client", version, "-ign_eof", "-connect", f"127.0.0.1:{site.worker.port}"),
                *("-servername", host, *options),
            ],
            input=f"GET /x HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode(),
            capture_output=True,
            check=False,
        )

    shown = ("-cert", str(tmp_path / "client.pem"))
    for made_for, made_with in ((name, shown), (opened, ())):
        session = tmp_path / f"{made_for}.session"
        assert b"HTTP/1.1 200" in connect(made_for, *made_with, "-sess_out", str(session)).stdout
        if (made_for, version) == (name, "-tls1_2"):
            assert not session.exists()  # the server has given it neither an id nor a ticket
            continue
        for host, answer in ((name, b"HTTP/1.1 200"), (strict, b"HTTP/1.1 403")):
            said = connect(host, *shown, "-sess_in", str(session))
            found = said.stdout
            assert answer in found, said
            assert answer in found
            assert b"New, " in found
            assert b"Reused, " not in found
            # And the session is no substitute for the certificate.
            assert b"HTTP/1.1" not in connect(host, "-sess_in", str(session)).stdout


def test_http2_is_spoken_as_well(site, name):
    with connect_http2(site.worker, name, client=CLIENT) as client:
        streams = [client.request("GET", "/x") for _ in range(20)]
        assert {200} == {client.answer(stream).status for stream in streams}
    with connect_http2(site.worker, name, client=STRANGER) as client:
        answer = client.answer(client.request("GET", "/x"))
        assert FORBIDDEN == (answer.status, answer.body, answer.headers["x-amzn-errortype"])


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_a_client_that_wants_short_records_gets_answers_of_any_size_whole(site, name, version, tmp_path):
    """RFC 6066 section 4, as small devices ask."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    (tmp_path / "client.pem").write_text(CLIENT.key_pem + CLIENT.pem)

    def answer(call):
        body = call.request.target[-1].encode() * int(call.request.headers["x-size"])
        call.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    sizes = [3_000, 10, 16_000, 40_000, 200_000, 600_000, 5]
    requests = [f"GET /v1/{number} HTTP/1.1\r\nHost: {name}\r\nX-Size: {size}\r\n" for number, size in enumerate(sizes)]
    with Backend(answer) as backend:
        host = site.worker.proxy(backend)
        site.worker.publish(put(BasePathMapping(ACCOUNT, REGION, name, "v1", host.partition(".")[0], "dev")))
        said = subprocess.run(
            [
                *("openssl", "s_client", version, "-quiet", "-connect", f"127.0.0.1:{site.worker.port}"),
                *("-servername", name, "-cert", str(tmp_path / "client.pem"), "-maxfraglen", "512"),
            ],
            input=("\r\n".join(requests) + "Connection: close\r\n\r\n").encode(),
            capture_output=True,
            check=False,
            timeout=30,
        )
    answers = said.stdout.split(b"HTTP/1.1 200 OK\r\n")
    assert b"" == answers.pop(0)
    bodies = [part.partition(b"\r\n\r\n")[2] for part in answers]
    assert [b"%d" % number * size for number, size in enumerate(sizes)] == bodies


# --- names ----------------------------------------------------------------------------------------------------------


def test_no_other_handshake_is_a_way_in(site, name):
    """Neither another domain's, with or without a certificate, nor a default endpoint's, nor one without a name."""
    opened = site.serve(f"d{next(_numbers)}.{SUFFIX}", None, asks=False)
    other = site.serve(f"d{next(_numbers)}.{SUFFIX}", ROOT.pem)
    for server_name, client in (
        (opened, None),
        (other, CLIENT),
        (site.default_endpoint, None),
        (None, None),
        ("nobody.test", None),
    ):
        answer = ask(site.connect(server_name, client), Host=name)
        assert FORBIDDEN == told(answer), server_name
        assert "HOST_MUTUAL_TLS" == code_of(site, answer)


def test_a_connection_of_the_domain_carries_nothing_for_others(site, name):
    opened = site.serve(f"d{next(_numbers)}.{SUFFIX}", None, asks=False)
    connection = site.connect(name, CLIENT)
    for host in (opened, site.default_endpoint, f"d999.{SUFFIX}"):
        assert 403 == status_of(connection, "/dev/x", Host=host)
    assert 200 == status_of(connection)
    # The domains themselves stay open, and so does the default endpoint.
    assert 200 == status_of(site.connect(opened, None))
    assert 200 == status_of(site.connect(site.default_endpoint, None), "/dev/x")
    assert 200 == status_of(site.connect(None, None), "/dev/x", Host=site.default_endpoint)


def test_over_http2_another_domains_connection_is_misdirected(site, name):
    opened = site.serve(f"d{next(_numbers)}.{SUFFIX}", None, asks=False)
    with connect_http2(site.worker, opened) as client:
        assert 421 == client.answer(client.request("GET", "/x", host=name)).status
        assert 200 == client.answer(client.request("GET", "/x")).status
    with connect_http2(site.worker, name, client=CLIENT) as client:
        assert 421 == client.answer(client.request("GET", "/x", host=opened)).status
        assert 200 == client.answer(client.request("GET", "/x")).status


def test_names_below_a_wildcard_domain_share_its_connections(site):
    wildcard = f"*.w{next(_numbers)}.{SUFFIX}"
    site.serve(wildcard, ROOT.pem)
    connection = site.connect(wildcard.replace("*", "a"), CLIENT)
    assert 200 == status_of(connection)
    assert 200 == status_of(connection, Host=wildcard.replace("*", "b"))


# --- changes --------------------------------------------------------------------------------------------------------


def test_another_truststore_is_asked_at_the_next_request_of_an_open_connection(site, name):
    inside, outside = site.connect(name, CLIENT), site.connect(name, STRANGER)
    assert (200, 403) == (status_of(inside), status_of(outside))
    site.worker.publish(put(truststore_of(name, OTHER.pem)))
    assert (403, 200) == (status_of(inside), status_of(outside))
    site.worker.publish(put(truststore_of(name, ROOT.pem + OTHER.pem)))
    assert (200, 200) == (status_of(inside), status_of(outside))


def test_another_truststore_is_asked_at_the_next_stream(site, name):
    with connect_http2(site.worker, name, client=CLIENT) as client:
        assert 200 == client.answer(client.request("GET", "/x")).status
        site.worker.publish(put(truststore_of(name, OTHER.pem)))
        assert 403 == client.answer(client.request("GET", "/x")).status


def test_a_connection_from_before_mutual_tls_is_refused_and_ended(site):
    name = site.serve(f"d{next(_numbers)}.{SUFFIX}", None, asks=False)
    connection = site.connect(name, None)
    assert 200 == status_of(connection)
    with connect_http2(site.worker, name) as client:
        assert 200 == client.answer(client.request("GET", "/x")).status
        site.serve(name, ROOT.pem)
        assert 403 == client.answer(client.request("GET", "/x")).status
        client.read_to_end()
        assert 0 == client.goaway
    answer = ask(connection)
    assert (FORBIDDEN, "close") == (told(answer), answer.headers["Connection"])
    assert "CLIENT_CERT_MISSING" == code_of(site, answer)
    assert 200 == status_of(site.connect(name, CLIENT))


def test_a_connection_goes_on_when_mutual_tls_is_turned_off(site, name):
    inside, outside = site.connect(name, CLIENT), site.connect(name, STRANGER)
    assert (200, 403) == (status_of(inside), status_of(outside))
    site.worker.publish(put(site.domain(name)))
    assert (200, 200) == (status_of(inside), status_of(outside))
    assert 200 == status_of(site.connect(name, None))


def test_without_its_truststore_a_domain_lets_nobody_in(site, name):
    connection = site.connect(name, CLIENT)
    assert 200 == status_of(connection)
    site.forget_truststore(name)
    for each in (connection, site.connect(name, CLIENT)):
        answer = ask(each)
        assert FORBIDDEN == told(answer)
        assert "TRUSTSTORE_MISSING" == code_of(site, answer)
    with pytest.raises((ssl.SSLError, ConnectionError, http.client.RemoteDisconnected)):
        ask(site.connect(name, None))


def test_a_truststore_that_cannot_be_read_lets_nobody_in(site, name):
    site.worker.publish(put(truststore_of(name, "-----BEGIN nothing")))
    answer = ask(site.connect(name, CLIENT))
    assert "TRUSTSTORE_UNREADABLE" == code_of(site, answer)
    site.worker.publish(put(truststore_of(name, ROOT.pem, revocation_lists="nothing")))
    assert "TRUSTSTORE_UNREADABLE" == code_of(site, ask(site.connect(name, CLIENT)))


def test_a_wanted_truststore_that_comes_after_its_domain_name_is_found(site):
    name = f"d{next(_numbers)}.{SUFFIX}"
    site.worker.publish(put(mutual(site.domain(name))))
    assert 403 == status_of(site.connect(name, CLIENT))
    site.serve(name, ROOT.pem)
    assert 200 == status_of(site.connect(name, CLIENT))


# --- mappings -------------------------------------------------------------------------------------------------------


def test_a_mapping_hands_the_certificate_to_the_backend(site, name):
    names = ("subjectDN", "issuerDN", "serialNumber", "validity.notBefore", "validity.notAfter", "clientCertPem")
    with Backend() as backend:
        host = site.worker.serve(
            Integration(
                "HTTP_PROXY",
                http_method="ANY",
                uri=backend.uri + "/{proxy}",
                request_parameters={
                    f"integration.request.header.X-{each.replace('.', '-')}": f"context.identity.clientCert.{each}"
                    for each in names
                },
            )
        )
        mapping = BasePathMapping(ACCOUNT, REGION, name, "v1", host.partition(".")[0], "dev")
        site.worker.publish(put(mapping))
        assert 200 == status_of(site.connect(name, CLIENT), "/v1/x")
        (first,) = backend.received
        # Where no certificate is asked for, there is none to tell of.
        site.worker.publish(put(replace(site.domain(name))))
        assert 200 == status_of(site.connect(name, None), "/v1/x")
        second = backend.received[-1]
    shown = {key.lower(): value for key, value in first.headers.items()}
    leaf = CLIENT.certificate
    serial = f"{leaf.serial_number:x}"
    serial = serial.zfill(len(serial) + len(serial) % 2)
    assert "CN=device,O=Fleet" == shown["x-subjectdn"]
    assert "CN=Root,O=Fleet" == shown["x-issuerdn"]
    assert ":".join(serial[at : at + 2] for at in range(0, len(serial), 2)) == shown["x-serialnumber"]
    assert f"{leaf.not_valid_after_utc:%Y} GMT" == shown["x-validity-notafter"][-8:]
    assert "x-validity-notbefore" in shown
    # A PEM text has line breaks, which a header cannot carry: it is left out.
    assert "x-clientcertpem" not in shown
    assert not [key for key in second.headers if key.lower().startswith("x-subject")]
