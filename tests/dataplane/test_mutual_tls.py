"""The session of mutual TLS, pumped in memory: any certificate completes it, none ends it, and nothing is resumed."""

import ssl
from contextlib import suppress

import pytest

from gatewright.core.tls.security_policy import SECURITY_POLICIES
from gatewright.dataplane import mutual_tls
from gatewright.dataplane.mutual_tls import MutualTlsContexts, MutualTlsSession, make_mutual_context
from gatewright.dataplane.tls_session import ClientCertificateMissing, TlsFailed
from gatewright.model.snapshot import Binding, CertificateMaterial
from support.ca import CertificateAuthority
from support.client_chains import make, make_client
from support.interpreted import on_sources
from support.mutual_tls import client_context

VERSIONS = pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
POLICY = SECURITY_POLICIES["TLS_1_2"]
ROOT = make("Root")
MIDDLE = make("Middle", ROOT)
CLIENT = make_client("device", MIDDLE)


@pytest.fixture(scope="module")
def material():
    leaf = CertificateAuthority().issue("a.mutual.test")
    return CertificateMaterial("a", leaf.certificate_pem + (leaf.chain_pem or ""), leaf.key_pem)


class Pair:
    """A session of ours and a client of the stdlib's."""

    def __init__(self, material, context, session=None, *, http2=True):
        self.server = MutualTlsSession(make_mutual_context(material, POLICY, http2=http2))
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.client = context.wrap_bio(self.incoming, self.outgoing, server_hostname="a.mutual.test", session=session)

    def shake(self):
        """The handshake, to its end on both sides."""
        for _ in range(4):
            with suppress(ssl.SSLWantReadError):
                self.client.do_handshake()
            self.carry()
            if self.server.established:
                break
        with suppress(ssl.SSLWantReadError):
            self.client.do_handshake()
        return self

    def carry(self) -> bytes:
        """What the client has written goes to the server, and what that says goes back; the plaintext."""
        data = self.outgoing.read()
        heard = self.server.receive(data) if data else b""
        self.incoming.write(self.server.output)
        return heard


@VERSIONS
def test_the_handshake_is_completed_and_the_chain_handed_over(material, version):
    pair = Pair(material, client_context(CLIENT, sent=[MIDDLE, ROOT], version=version, http2=True)).shake()
    assert (CLIENT.der, MIDDLE.der, ROOT.der) == pair.server.client_chain
    assert (pair.client.version(), pair.client.cipher()[0]) == (pair.server.version, pair.server.cipher)
    assert ("h2", "h2") == (pair.client.selected_alpn_protocol(), pair.server.alpn)
    assert not pair.server.resumed
    pair.client.write(b"GET")
    assert b"GET" == pair.carry()
    pair.incoming.write(pair.server.send(b"200"))
    assert b"200" == pair.client.read(9)
    assert b"" == pair.server.output


@VERSIONS
def test_no_certificate_ends_the_handshake_with_the_versions_alert(material, version):
    pair = Pair(material, client_context(None, version=version))
    with pytest.raises(ClientCertificateMissing):
        pair.shake()
    assert not pair.server.established
    pair.incoming.write(pair.server.output)
    alert = "CERTIFICATE_REQUIRED" if version == ssl.TLSVersion.TLSv1_3 else "HANDSHAKE_FAILURE"
    with pytest.raises(ssl.SSLError, match=alert):
        pair.client.do_handshake() if version == ssl.TLSVersion.TLSv1_2 else pair.client.read(1)


@VERSIONS
def test_a_long_chain_that_leads_nowhere_costs_no_handshake(material, version):
    chain = [make("Level 0")]
    for number in range(12):
        chain.append(make(f"Level {number + 1}", chain[-1]))
    client = make_client("device", chain[-1])
    pair = Pair(material, client_context(client, sent=chain[::-1], version=version)).shake()
    # The leaf, and of the others as many as an explanation may need.
    assert (client.der, *(made.der for made in chain[::-1][:8])) == pair.server.client_chain


#: In clear TLS 1.2: a message's type, and where in its record a byte is altered; -1 is the last one.
ALTERED = {"the signature over the handshake": (15, -1), "the certificate's structure": (11, 5 + 4 + 3 + 3)}


@pytest.mark.parametrize(("kind", "place"), ALTERED.values(), ids=ALTERED)
def test_who_has_not_the_key_or_no_certificate_that_can_be_read_does_not_come_through(material, kind, place):
    pair = Pair(material, client_context(CLIENT, version=ssl.TLSVersion.TLSv1_2))
    with suppress(ssl.SSLWantReadError):
        pair.client.do_handshake()
    pair.carry()
    with suppress(ssl.SSLWantReadError):
        pair.client.do_handshake()
    flight = bytearray(pair.outgoing.read())
    at = 0
    while (flight[at], flight[at + 5]) != (22, kind):
        at += 5 + int.from_bytes(flight[at + 3 : at + 5], "big")
    end = at + 5 + int.from_bytes(flight[at + 3 : at + 5], "big")
    flight[end - 1 if place < 0 else at + place] ^= 1
    with pytest.raises(TlsFailed) as failed:
        pair.server.receive(bytes(flight))
    assert not isinstance(failed.value, ClientCertificateMissing)
    assert not pair.server.established


@VERSIONS
def test_nothing_is_resumed_and_an_attempt_does_no_harm(material, version):
    context = client_context(CLIENT, version=version)
    contexts = MutualTlsContexts()
    binding = Binding("a.mutual.test", material, "TLS_1_2", mutual_tls=True)
    session = None
    for _ in range(2):
        pair = Pair(material, context, session)
        pair.server = contexts.begin(binding, http2=False)
        pair.shake()
        pair.client.write(b"?")
        assert b"?" == pair.carry()
        pair.incoming.write(pair.server.send(b"!"))
        assert b"!" == pair.client.read(1)
        assert not pair.client.session_reused
        assert (CLIENT.der,) == pair.server.client_chain
        session = pair.client.session


@VERSIONS
@pytest.mark.parametrize("piece", [1, 3, 700, 1 << 20])
def test_any_division_of_the_bytes_gives_the_same_plaintext(material, version, piece):
    pair = Pair(material, client_context(CLIENT, version=version)).shake()
    sent = b""
    for size in (1, 100, 16_384, 40_000, 5):
        text = bytes([size % 251]) * size
        pair.client.write(text)
        sent += text
    octets = pair.outgoing.read()
    heard = b"".join(pair.server.receive(octets[at : at + piece]) for at in range(0, len(octets), piece))
    assert sent == heard
    # And afterwards, when nothing is left over, in one.
    pair.client.write(b"GET")
    assert b"GET" == pair.carry()


@VERSIONS
@pytest.mark.parametrize("size", [0, 1, 16_384, 16_385, 65_536])
def test_what_is_sent_arrives_whole(material, version, size):
    pair = Pair(material, client_context(CLIENT, version=version)).shake()
    text = b"x" * size
    pair.incoming.write(pair.server.send(memoryview(text)))
    pair.incoming.write(pair.server.close())
    heard = b""
    with suppress(ssl.SSLZeroReturnError):
        while chunk := pair.client.read(16_384):
            heard += chunk
    assert text == heard


def test_the_clients_goodbye_is_heard(material):
    pair = Pair(material, client_context(CLIENT)).shake()
    with suppress(ssl.SSLWantReadError):
        pair.client.unwrap()
    pair.carry()
    assert pair.server.closed_by_peer


def test_garbage_ends_the_session_and_leaves_an_alert(material):
    pair = Pair(material, client_context(CLIENT)).shake()
    pair.server.output  # noqa: B018  the tickets
    with pytest.raises(TlsFailed):
        pair.server.receive(b"\x17\x03\x03\x00\x20" + b"x" * 32)
    pair.incoming.write(pair.server.output)
    with pytest.raises(ssl.SSLError, match="BAD_RECORD_MAC"):
        pair.client.read(1)


def test_a_client_without_the_offered_protocols_goes_on_without(material):
    context = client_context(CLIENT)
    context.set_alpn_protocols(["acme-tls/1"])
    assert Pair(material, context).shake().server.alpn is None
    assert "http/1.1" == Pair(material, client_context(CLIENT, http2=True), http2=False).shake().server.alpn


@on_sources
def test_a_context_is_made_once_for_a_binding_and_the_least_recently_used_goes(material, monkeypatch):
    made = []
    monkeypatch.setattr(mutual_tls, "_MAX_CONTEXTS", 2)
    real = mutual_tls.make_mutual_context
    monkeypatch.setattr(mutual_tls, "make_mutual_context", lambda *a, **n: made.append(1) or real(*a, **n))
    contexts = MutualTlsContexts()
    for name, count in (("a", 1), ("b", 2), ("a", 2), ("c", 3), ("a", 3), ("b", 4)):
        contexts.begin(Binding(name, material, "TLS_1_2", mutual_tls=True), http2=True)
        assert count == len(made)


def test_a_certificate_that_cannot_be_used_is_an_error_of_tls(material):
    other = CertificateAuthority().issue("other.test")
    for broken in (
        CertificateMaterial("x", material.chain_pem, other.key_pem),
        CertificateMaterial("x", "nothing", other.key_pem),
        CertificateMaterial("x", material.chain_pem, ""),
    ):
        with pytest.raises(ssl.SSLError):
            make_mutual_context(broken, POLICY)


@pytest.mark.parametrize("policy", SECURITY_POLICIES)
def test_every_policy_makes_a_context(material, policy):
    assert make_mutual_context(material, SECURITY_POLICIES[policy]) is not None
