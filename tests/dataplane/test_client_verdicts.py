"""Verdicts are made once, hold while nothing changes, and end when a certificate begins or ceases to be valid."""

from datetime import timedelta

import pytest

from gatewright.core.reasons import (
    CLIENT_CERT_EXPIRED,
    CLIENT_CERT_ISSUER_NOT_FOUND,
    CLIENT_CERT_MISSING,
    CLIENT_CERT_NOT_YET_VALID,
    CLIENT_CERT_UNREADABLE,
    TRUSTSTORE_MISSING,
    TRUSTSTORE_UNREADABLE,
)
from gatewright.dataplane import client_verdicts
from gatewright.dataplane.client_verdicts import ClientVerdicts
from gatewright.model.snapshot import ClientTrust
from support.client_chains import NOW, make, make_client
from support.exchange import make_connection
from support.interpreted import on_sources

ROOT = make("Root")
CLIENT = make_client("device", ROOT, days=(-1, 30))
START = NOW.timestamp()
DAY = 86_400.0


def trust(*made, identity="t", lists=None) -> ClientTrust:
    return ClientTrust("a.example", identity, "".join(each.pem for each in made), lists)


def connect(*made):
    return make_connection(client_chain=tuple(each.der for each in made))


@pytest.fixture
def judged(monkeypatch):
    """How many chains were verified."""
    count = []
    real = client_verdicts.verify_client_chain
    monkeypatch.setattr(client_verdicts, "verify_client_chain", lambda *a, **n: count.append(1) or real(*a, **n))
    return count


@on_sources
def test_a_verdict_is_made_once_for_a_connection_and_for_all_with_the_same_certificate(judged):
    verdicts, domain, connection = ClientVerdicts(), trust(ROOT), connect(CLIENT)
    first = verdicts.judge(connection, domain, START)
    assert (None, "O=Fleet, CN=device") == (first.reason, first.subject.replace(" = ", "="))
    assert first is verdicts.judge(connection, domain, START + 1)
    assert first is verdicts.judge(connect(CLIENT), domain, START + 1)
    # The same texts behind another domain name are the same truststore.
    assert first is verdicts.judge(connect(CLIENT), ClientTrust("b.example", "t", ROOT.pem, None), START + 1)
    assert [1] == judged


@on_sources
def test_another_truststore_makes_another_verdict(judged):
    verdicts, connection = ClientVerdicts(), connect(CLIENT)
    assert verdicts.judge(connection, trust(ROOT), START).reason is None
    assert CLIENT_CERT_ISSUER_NOT_FOUND is verdicts.judge(connection, trust(make("X"), identity="u"), START).reason
    assert verdicts.judge(connection, trust(ROOT), START).reason is None
    assert [1, 1] == judged


def test_a_verdict_ends_with_the_certificate_to_the_second():
    verdicts, domain, connection = ClientVerdicts(), trust(ROOT), connect(CLIENT)
    end = START + 30 * DAY
    for now, reason in ((START, None), (end - 1, None), (end, None), (end + 0.001, CLIENT_CERT_EXPIRED)):
        assert reason is verdicts.judge(connection, domain, now).reason, now


def test_a_refusal_ends_when_a_certificate_begins_to_be_valid():
    verdicts, early = ClientVerdicts(), make_client("early", ROOT, days=(2, 5))
    connection = connect(early)
    begin, end = START + 2 * DAY, START + 5 * DAY
    for now, reason in (
        (START, CLIENT_CERT_NOT_YET_VALID),
        (begin - 0.001, CLIENT_CERT_NOT_YET_VALID),
        (begin, None),
        (end + 1, CLIENT_CERT_EXPIRED),
    ):
        assert reason is verdicts.judge(connection, trust(ROOT), now).reason, now


def test_a_verdict_ends_with_a_certificate_of_the_truststore():
    fresh, old = make("Root", key=ROOT.key, days=(3, 90)), make("Root", key=ROOT.key, days=(-9, 1))
    verdicts, connection, domain = ClientVerdicts(), connect(CLIENT), trust(old, fresh)
    for days, reason in ((0, None), (2, CLIENT_CERT_EXPIRED), (4, None)):
        found = verdicts.judge(connection, domain, START + days * DAY).reason
        assert (reason is None) == (found is None), days


def test_what_the_client_sends_beside_its_certificate_is_part_of_the_verdicts_key():
    middle = make("Middle", ROOT)
    client = make_client("device", middle)
    verdicts = ClientVerdicts()
    bare = verdicts.judge(connect(client), trust(ROOT), START)
    told = verdicts.judge(connect(client, middle), trust(ROOT), START)
    assert ("", "; the client sent one, which does not count") == (bare.facts["sent"], told.facts["sent"])


@pytest.mark.parametrize(
    ("chain", "domain", "reason"),
    [
        ((), trust(ROOT), CLIENT_CERT_MISSING),
        ((CLIENT.der,), ClientTrust("a.example", "", None, None), TRUSTSTORE_MISSING),
        ((CLIENT.der,), ClientTrust("a.example", "x", "nothing", None), TRUSTSTORE_UNREADABLE),
        ((CLIENT.der,), trust(ROOT, lists="nothing"), TRUSTSTORE_UNREADABLE),
        ((b"\x30\x03\x02\x01\x01",), trust(ROOT), CLIENT_CERT_UNREADABLE),
    ],
)
def test_what_cannot_be_judged_is_refused(chain, domain, reason):
    verdict = ClientVerdicts().judge(make_connection(client_chain=chain), domain, START)
    assert reason is verdict.reason
    assert "domain" not in verdict.facts  # it may be kept for another with the same truststore
    assert verdict.reason.summary.format_map({"domain": domain.domain_name, **verdict.facts})


def test_names_of_any_length_are_kept_short():
    long = make_client("x" * 60, ROOT, names=())
    stranger = make_client(long.certificate.subject, make("Y"))
    verdict = ClientVerdicts().judge(connect(stranger), trust(ROOT), START)
    assert max(map(len, verdict.facts.values())) <= 512


@on_sources
def test_what_is_kept_is_bounded(monkeypatch, judged):
    monkeypatch.setattr(client_verdicts, "_MAX_VERDICTS", 2)
    monkeypatch.setattr(client_verdicts, "_MAX_PARSED_BYTES", 1_000)
    verdicts = ClientVerdicts()
    for identity, count in (("a", 1), ("b", 2), ("a", 2), ("c", 3), ("a", 3), ("b", 4)):
        verdicts.judge(connect(CLIENT), trust(ROOT, identity=identity), START)
        assert count == len(judged)
    assert len(verdicts._anchors) == 1


def test_with_revocation_lists_a_verdict_holds_for_a_minute():
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding

    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(ROOT.certificate.subject)
        .last_update(NOW - timedelta(days=1))
        .next_update(NOW + timedelta(days=1))
    )
    text = builder.sign(ROOT.key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()
    verdict = ClientVerdicts().judge(connect(CLIENT), trust(ROOT, lists=text), START)
    assert (None, START + 60) == (verdict.reason, verdict.until)
