"""Certificates by SNI: which one a name gets (seen with `openssl s_client`), how it changes, what ACM does not take."""

import shutil
import socket
import ssl
import subprocess
import time
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from support.apis import ApiBuilder, create_domain, import_certificate, leftovers
from support.ca import CertificateAuthority, issue_self_signed
from support.connections import Stream, workers_of
from support.https import Connection, ask, served_certificate, trust

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not on this machine"),
]

FQDN, WILD, A_LABEL = "www.sni.example", "*.sni.example", "xn--bcher-kva.shop.example"
DEFAULT = "*.execute-api.us-east-1.gateway.localhost"


def openssl_certificate(gateway, *options):
    """The leaf that `openssl s_client` was shown."""
    shown = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{gateway.https_port}", *options],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
        timeout=60,
    )
    return x509.load_pem_x509_certificate(shown.stdout)


def common_name(certificate):
    return certificate.subject.rfc4514_string().removeprefix("CN=")


@pytest.fixture(scope="module")
def domains(gateway, apigateway, acm, authority):
    """An exact name, a wildcard beside it, and an internationalized name."""
    api = ApiBuilder(apigateway)
    api.mock("/health")
    api.deploy("dev")
    for name in (FQDN, WILD, A_LABEL):
        create_domain(apigateway, name, import_certificate(acm, authority.issue(name)), api.id, stage="dev")
    return api


SERVER_NAMES = [
    (FQDN, FQDN),
    ("WWW.Sni.EXAMPLE", FQDN),
    ("shop.sni.example", WILD),
    ("SHOP.sni.example", WILD),
    ("a.b.sni.example", DEFAULT),
    ("sni.example", DEFAULT),
    ("w.ww.sni.example", DEFAULT),
    (A_LABEL, A_LABEL),
    (A_LABEL.upper(), A_LABEL),
    ("other.shop.example", DEFAULT),
    ("unknown.example.org", DEFAULT),
    ("abcdefghij.execute-api.us-east-1.gateway.localhost", DEFAULT),
    ("*.sni.example", DEFAULT),  # no client may ask for it (RFC 6066 section 3 names hosts)
]


@pytest.mark.parametrize(("server_name", "expected"), SERVER_NAMES)
def test_the_server_name_decides_which_certificate_is_served(gateway, domains, server_name, expected):
    assert expected == common_name(openssl_certificate(gateway, "-servername", server_name))


def test_a_client_without_server_name_gets_the_default_certificate(gateway, domains):
    assert DEFAULT == common_name(openssl_certificate(gateway, "-noservername"))


def test_a_name_given_in_unicode_is_kept_and_served_as_its_a_label(gateway, apigateway, acm, authority):
    u_label, a_label = "bücher.unicode.example", "xn--bcher-kva.unicode.example"
    made = create_domain(apigateway, u_label, import_certificate(acm, authority.issue(a_label)))
    assert a_label == made["domainName"]
    assert a_label == common_name(openssl_certificate(gateway, "-servername", a_label))
    # A client that is given the U-label sends the A-label, and finds it covered.
    context = trust(authority.certificate_pem)
    answer = ask(gateway.https_port, a_label, "/", context=context, server_name=u_label)
    assert 403 == answer.status  # nothing is mapped


def test_strict_clients_accept_what_they_are_served(gateway, authority, domains):
    context = trust(authority.certificate_pem)
    for name in (FQDN, "shop.sni.example", A_LABEL):
        assert 200 == ask(gateway.https_port, name, "/health", context=context).status


def test_the_default_certificate_verifies_against_what_gatewright_ca_prints(gateway, domains):
    context = trust(gateway.cli("ca").stdout)
    host = f"{domains.id}.execute-api.us-east-1.gateway.localhost"
    assert 200 == ask(gateway.https_port, host, "/dev/health", context=context).status


def test_a_client_that_points_a_foreign_name_here_is_told_by_its_own_tls(gateway, domains):
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        ask(gateway.https_port, "unknown.example.org", "/", context=trust(gateway.ca_file))


def test_the_chain_is_sent_so_that_clients_need_only_the_root(gateway, apigateway, acm, domains):
    root = CertificateAuthority("Far Root")
    leaf = root.intermediate("Near").issue("deep.example")
    create_domain(apigateway, "deep.example", import_certificate(acm, leaf), domains.id, stage="dev")
    assert 200 == ask(gateway.https_port, "deep.example", "/health", context=trust(root.certificate_pem)).status


@pytest.mark.parametrize("key", ["rsa2048", "p256", "p384"])
def test_every_kind_of_key_that_acm_takes_is_served(gateway, apigateway, acm, authority, domains, key):
    name = f"{key}.keys.example"
    create_domain(apigateway, name, import_certificate(acm, authority.issue(name, key=key)), domains.id, stage="dev")
    assert 200 == ask(gateway.https_port, name, "/health", context=trust(authority.certificate_pem)).status


def test_after_its_domain_is_deleted_a_name_gets_the_wildcards_certificate_on_every_worker(
    gateway, apigateway, acm, authority, domains
):
    name = "gone.sni.example"
    own = import_certificate(acm, authority.issue(name))
    create_domain(apigateway, name, own, domains.id, stage="dev")
    assert {name} == {common_name(leaf) for leaf in leaves(gateway, name)}
    apigateway.delete_domain_name(domainName=name)
    assert {WILD} == {common_name(leaf) for leaf in leaves(gateway, name)}
    context = trust(authority.certificate_pem)
    assert 200 == ask(gateway.https_port, name, "/health", context=context).status  # by the wildcard's mapping
    acm.delete_certificate(CertificateArn=own)  # nobody uses it any more


def test_the_last_domain_of_a_name_gone_leaves_the_default_certificate(gateway, apigateway, acm, authority):
    name = "alone.example"
    create_domain(apigateway, name, import_certificate(acm, authority.issue(name)))
    assert {name} == {common_name(leaf) for leaf in leaves(gateway, name)}
    apigateway.delete_domain_name(domainName=name)
    assert {DEFAULT} == {common_name(leaf) for leaf in leaves(gateway, name)}


# -- rotation ----------------------------------------------------------------------------------------------------------


def leaves(gateway, name, connections=24):
    """What fresh connections are served: so many that no worker is left out (2 ** -23, were it a toss)."""
    return {x509.load_der_x509_certificate(served_certificate(gateway.https_port, name)) for _ in range(connections)}


def test_reimport_rotates_on_every_worker_within_100_ms_and_drops_no_connection(
    gateway, apigateway, acm, authority, domains
):
    name = "rotating.example"
    key = "p256"
    first = authority.issue(name, key=key)
    arn = import_certificate(acm, first)
    create_domain(apigateway, name, arn, domains.id, stage="dev")

    connections = []
    while len({*workers_of(gateway, [c.socket for c in connections])}) < 2 or len(connections) < 6:
        connections.append(Connection(gateway.https_port, name))
    assert {first.der} == {connection.certificate for connection in connections}
    streams = [Stream(connection) for connection in connections[:6]]
    kept = connections[6:]
    for stream in streams:
        stream.start()
    gateway.wait_for(lambda: all(len(stream.statuses) > 5 for stream in streams))

    slowest = []
    current = first
    for _ in range(5):
        before, current = current, authority.issue(name, key=key)
        import_certificate(acm, current, CertificateArn=arn)
        answered = time.monotonic()
        served = []  # (moments after the answer at which a connection was begun, its certificate)
        hit = set()
        while len(hit) < 2 or len(served) < 12:
            begun = time.monotonic() - answered
            with Connection(gateway.https_port, name) as connection:
                served.append((begun, connection.certificate))
                hit |= workers_of(gateway, [connection.socket])
            assert len(served) < 400, "one worker was never met"
        stale = [begun for begun, der in served if der != current.der]
        slowest.append(max(stale, default=0.0))
        assert {before.der, current.der} >= {der for _, der in served}
        assert max(stale, default=0.0) < 0.1, (
            f"the old certificate was served {max(stale) * 1000:.0f} ms after the answer"
        )

    counts = [len(stream.statuses) for stream in streams]
    gateway.wait_for(lambda: all(len(s.statuses) > count for s, count in zip(streams, counts, strict=True)))
    for stream in streams:
        stream.finish()
    assert [None] * len(streams) == [stream.failure for stream in streams]
    assert {200} == {status for stream in streams for status in stream.statuses}
    # They were never closed: on the same connections, with the certificate of their beginning.
    assert {first.der} == {connection.certificate for connection in connections}
    assert {200} == {connection.ask("/health").status for connection in kept} or not kept
    for connection in connections:
        connection.close()


def test_a_reimport_is_live_when_its_call_is_answered(gateway, apigateway, acm, authority, domains):
    """Stronger than the 100 ms: an answered change has reached every worker that is well."""
    name = "prompt.example"
    arn = import_certificate(acm, authority.issue(name))
    create_domain(apigateway, name, arn, domains.id, stage="dev")
    for _ in range(3):
        current = authority.issue(name)
        import_certificate(acm, current, CertificateArn=arn)
        assert {current.der} == {leaf.public_bytes(Encoding.DER) for leaf in leaves(gateway, name)}


def test_another_certificate_for_a_domain_is_served_on_every_worker(gateway, apigateway, acm, authority, domains):
    name = "moved.example"
    create_domain(apigateway, name, import_certificate(acm, authority.issue(name)), domains.id, stage="dev")
    second = authority.issue(name, key="rsa2048")
    apigateway.update_domain_name(
        domainName=name,
        patchOperations=[
            {"op": "replace", "path": "/regionalCertificateArn", "value": import_certificate(acm, second)}
        ],
    )
    assert {second.der} == {leaf.public_bytes(Encoding.DER) for leaf in leaves(gateway, name)}


# -- refusals ----------------------------------------------------------------------------------------------------------


NOT_COVERED = (
    400, "BadRequestException", "The domain name to be created is not covered by the provided certificate."
)  # fmt: skip


def refused(operation, *arguments, **more):
    """(status, error type, message) of a call that must be refused."""
    with pytest.raises(ClientError) as caught:
        operation(*arguments, **more)
    response = caught.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"], response["Error"]["Message"]


def test_a_certificate_that_does_not_cover_the_name_is_refused(apigateway, acm, authority):
    arn = import_certificate(acm, authority.issue("other.example"))
    assert NOT_COVERED == refused(create_domain, apigateway, "covered.example", arn)
    assert "covered.example" not in leftovers(apigateway, acm)["domain names"]
    acm.delete_certificate(CertificateArn=arn)  # it is not in use


@pytest.mark.parametrize("name", ["a.b.cover.example", "cover.example"])
def test_a_wildcard_certificate_covers_one_label(apigateway, acm, authority, name):
    arn = import_certificate(acm, authority.issue("*.cover.example"))
    assert NOT_COVERED == refused(create_domain, apigateway, name, arn)
    create_domain(apigateway, "one.cover.example", arn)
    apigateway.delete_domain_name(domainName="one.cover.example")


def test_a_wildcard_domain_needs_a_wildcard_certificate(apigateway, acm, authority):
    arn = import_certificate(acm, authority.issue("www.star.example"))
    assert NOT_COVERED == refused(create_domain, apigateway, "*.star.example", arn)


def test_a_key_that_does_not_match_is_refused(acm, authority):
    leaf, other = authority.issue("a.example"), authority.issue("a.example")
    answer = refused(acm.import_certificate, Certificate=leaf.certificate_pem, PrivateKey=other.key_pem)
    assert (400, "ValidationException", "The private key does not match the certificate.") == answer


def test_an_expired_certificate_is_refused(acm, authority):
    now = datetime.now(UTC)
    leaf = authority.issue("a.example", not_before=now - timedelta(days=9), not_after=now - timedelta(days=1))
    assert (400, "ValidationException", "The certificate has expired, is not valid.") == refused(
        import_certificate, acm, leaf
    )


def test_a_certificate_of_another_region_is_refused(gateway, apigateway, authority):
    arn = import_certificate(gateway.client("acm", region="eu-west-1"), authority.issue("far.example"))
    message = f"Invalid certificate ARN: {arn}. Certificate must be in 'us-east-1'."
    assert (400, "BadRequestException", message) == refused(create_domain, apigateway, "far.example", arn)


def test_a_reimport_that_would_leave_a_name_uncovered_or_keyless_changes_nothing(
    gateway, apigateway, acm, authority, domains
):
    name = "steady.example"
    leaf = authority.issue(name)
    arn = import_certificate(acm, leaf)
    create_domain(apigateway, name, arn, domains.id, stage="dev")
    other = authority.issue(name)
    assert 400 == refused(
        acm.import_certificate, CertificateArn=arn, Certificate=other.certificate_pem, PrivateKey=leaf.key_pem
    )[0]  # fmt: skip
    assert 400 == refused(import_certificate, acm, authority.issue(name, key="rsa2048"), CertificateArn=arn)[0]
    assert {leaf.der} == {each.public_bytes(Encoding.DER) for each in leaves(gateway, name)}


def test_a_certificate_in_use_cannot_be_deleted(apigateway, acm, authority):
    arn = import_certificate(acm, authority.issue("held.example"))
    create_domain(apigateway, "held.example", arn)
    assert (400, "ResourceInUseException") == refused(acm.delete_certificate, CertificateArn=arn)[:2]
    apigateway.delete_domain_name(domainName="held.example")
    acm.delete_certificate(CertificateArn=arn)


def test_a_self_signed_certificate_serves_clients_that_trust_it(gateway, apigateway, acm, domains):
    leaf = issue_self_signed("self.example")
    create_domain(apigateway, "self.example", import_certificate(acm, leaf), domains.id, stage="dev")
    assert 200 == ask(gateway.https_port, "self.example", "/health", context=trust(leaf.certificate_pem)).status


def test_a_domain_name_may_exist_once(apigateway, acm, authority):
    arn = import_certificate(acm, authority.issue("once.example"))
    create_domain(apigateway, "once.example", arn)
    for name in ("once.example", "ONCE.example"):
        message = "The domain name you provided already exists."
        assert (400, "BadRequestException", message) == refused(create_domain, apigateway, name, arn)


def test_a_plain_http_request_on_the_https_port_is_told_so(gateway):
    with socket.create_connection(("127.0.0.1", gateway.https_port), timeout=20) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: www.sni.example\r\n\r\n")
        assert plain.recv(4096).startswith(b"HTTP/1.1 400 ")
