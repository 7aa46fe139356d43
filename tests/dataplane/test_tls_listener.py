"""Certificates by SNI over real handshakes: stdlib ssl, `openssl s_client` and curl ask (fact sheet 1.7, 2.1 step 1)."""

import contextlib
import shutil
import socket
import ssl
import subprocess
from dataclasses import replace

import pytest

from gatewright.model.records import BasePathMapping
from support.worker import ACCOUNT, REGION, SUFFIX, Backend, certificate, delete, domain, put

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def named(worker):
    """www.example.com and *.example.com, each with its own certificate."""
    issued = {name: worker.authority.issue(name) for name in ("www.example.com", "*.example.com")}
    worker.publish(
        certificate("exact", issued["www.example.com"]),
        certificate("wild", issued["*.example.com"]),
        put(domain("www.example.com", "exact")),
        put(domain("*.example.com", "wild")),
    )
    return worker


DEFAULT = {f"*.{SUFFIX}"}


@pytest.mark.parametrize(
    ("server_name", "names"),
    [
        ("www.example.com", {"www.example.com"}),
        ("WWW.Example.COM", {"www.example.com"}),
        ("shop.example.com", {"*.example.com"}),
        ("a.b.example.com", DEFAULT),
        ("example.com", DEFAULT),
        ("unknown.test", DEFAULT),
        (f"abcdefghij.{SUFFIX}", DEFAULT),
        (None, DEFAULT),
    ],
)
def test_the_server_name_selects_the_certificate(named, server_name, names):
    assert names == named.names(server_name)


@pytest.mark.parametrize(
    ("arguments", "subject"),
    [
        (["-servername", "www.example.com"], "CN = www.example.com"),
        (["-servername", "www.example.com."], "CN = www.example.com"),
        (["-servername", "shop.example.com"], "CN = *.example.com"),
        (["-noservername"], f"CN = *.{SUFFIX}"),
        (["-servername", "www.example.com", "-tls1_2"], "CN = www.example.com"),
    ],
)
def test_openssl_sees_the_same(named, arguments, subject):
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    shown = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{named.port}", "-CAfile", str(named.ca_file), *arguments],
        input=b"",
        capture_output=True,
        timeout=20,
        check=False,
    ).stdout.decode()
    assert subject.replace(" ", "") in shown.replace(" ", "")
    assert "Verify return code: 0 (ok)" in shown


def test_a_policy_keeps_older_versions_out_and_the_default_endpoint_lets_them_in(named):
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")

    def old(name):
        return subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{named.port}", "-servername", name, "-tls1_1",
             "-cipher", "ALL:@SECLEVEL=0"],
            input=b"", capture_output=True, timeout=20, check=False,
        ).stdout  # fmt: skip

    assert b"Cipher is (NONE)" in old("www.example.com")
    assert b"Protocol  : TLSv1.1" in old(f"abcdefghij.{SUFFIX}")


def test_curl_reaches_the_backend_through_a_custom_domain_name(named):
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    with Backend() as backend:
        host = named.proxy(backend)
        named.publish(put(BasePathMapping(ACCOUNT, REGION, "www.example.com", "v1", host.partition(".")[0], "dev")))
        done = subprocess.run(
            ["curl", "-sS", "--cacert", str(named.ca_file), "--connect-to", f"www.example.com:443:127.0.0.1:{named.port}",
             "-o", "/dev/null", "-w", "%{http_code} %{ssl_verify_result}", "https://www.example.com/v1/pets/7?q=1"],
            capture_output=True, timeout=20, check=False,
        )  # fmt: skip
        assert (b"200 0", b"") == (done.stdout, done.stderr)
        assert "/pets/7?q=1" == backend.received[0].target


def test_after_the_end_of_the_exact_name_the_wildcards_certificate_answers(named):
    issued = named.authority.issue("gone.example.com")
    gone = domain("gone.example.com", "gone")
    named.publish(certificate("gone", issued), put(gone))
    assert {"gone.example.com"} == named.names("gone.example.com")
    named.publish(delete(gone))
    assert {"*.example.com"} == named.names("gone.example.com")


def test_rotation_reaches_new_handshakes_at_once_and_open_connections_go_on(named):
    name = "rotating.test"
    first, second = named.authority.issue(name, fresh_key=True), named.authority.issue(name, fresh_key=True)
    with Backend() as backend:
        api = named.proxy(backend).partition(".")[0]
        named.publish(
            certificate(name, first),
            put(domain(name, name)),
            put(BasePathMapping(ACCOUNT, REGION, name, "", api, "dev")),
        )
        with named.client(name) as connection:
            for issued in (first, second):
                named.publish(certificate(name, issued))
                with named.handshake(name) as fresh:
                    assert issued.der == fresh.getpeercert(binary_form=True)
                connection.request("GET", "/x")
                response = connection.getresponse()
                assert (200, False) == (response.status, response.will_close)
                response.read()
            assert first.der == connection.sock.getpeercert(binary_form=True)


def test_resumption_does_not_bring_a_rotated_certificate_back(named):
    name = "resumed.test"
    first, second = named.authority.issue(name), named.authority.issue(name)
    context = ssl.create_default_context(cadata=named.authority.certificate_pem)
    context.maximum_version = ssl.TLSVersion.TLSv1_2  # whose session is there as soon as the handshake is
    named.publish(certificate(name, first), put(domain(name, name)))
    with named.handshake(name, context=context) as connection:
        session = connection.session
    named.publish(certificate(name, second))
    with context.wrap_socket(named.dial(), server_hostname=name, session=session) as connection:
        assert not connection.session_reused
        assert second.der == connection.getpeercert(binary_form=True)


def test_a_domain_whose_certificate_cannot_be_used_ends_the_handshake_and_nothing_else(named):
    broken = named.authority.issue("broken.test")
    named.publish(replace(certificate("broken", broken), secret="no key"), put(domain("broken.test", "broken")))
    with pytest.raises(ssl.SSLError, match="INTERNAL_ERROR"):
        named.names("broken.test")
    assert {"www.example.com"} == named.names("www.example.com")


def test_a_domain_without_its_certificate_gets_the_default_one(named):
    named.publish(put(domain("bare.test", "never-imported")))
    assert DEFAULT == named.names("bare.test")


def test_plain_http_on_the_https_port_is_told_so(named):
    with named.dial() as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n")
        answer = plain.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert answer.endswith(b'{"message":"Plain HTTP was sent to the HTTPS port. Use https://"}')


def test_what_is_not_tls_gets_an_alert(named):
    with named.dial() as rubbish:
        rubbish.sendall(b"\x00\x01\x02\x03\x04\x05")
        assert b"\x15\x03\x01\x00\x02\x02\x0a" == rubbish.makefile("rb").read()


def test_a_hello_in_single_bytes_is_read(named):
    context = ssl.create_default_context(cadata=named.authority.certificate_pem)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(incoming, outgoing, server_hostname="www.example.com")
    with named.dial() as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        done = False
        while not done:
            with contextlib.suppress(ssl.SSLWantReadError):
                client.do_handshake()
                done = True
            for byte in outgoing.read():
                connection.sendall(bytes((byte,)))
            if not done:
                incoming.write(connection.recv(65_536))
    assert {("DNS", "www.example.com")} == set(client.getpeercert()["subjectAltName"])


def test_a_client_that_says_goodbye_is_answered_in_kind(named):
    with named.handshake("www.example.com") as connection, connection.unwrap() as rest:  # waits for our close_notify
        assert b"" == rest.recv(1)


def test_a_strict_domain_wants_the_same_name_in_handshake_and_host(named):
    strict = replace(domain("strict.example.com", "wild"), endpoint_access_mode="STRICT")
    with Backend() as backend:
        api = named.proxy(backend).partition(".")[0]
        named.publish(put(strict), put(BasePathMapping(ACCOUNT, REGION, "strict.example.com", "", api, "dev")))
        assert 200 == named.fetch("GET", "strict.example.com", "/x").status
        fronted = named.fetch("GET", "www.example.com", "/x", headers={"Host": "strict.example.com"})
        assert (403, b'{"message":"Forbidden"}') == (fronted.status, fronted.body)
