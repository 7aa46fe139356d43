"""Who resumes whose sessions: the same binding on any worker, and nobody else."""

import ssl

import pytest

from gatewright.core.tls.security_policy import SECURITY_POLICIES
from gatewright.dataplane import ticket_keys
from gatewright.dataplane.ticket_keys import TICKET_SECONDS, TicketKeys, make_bare_context, render_owner
from gatewright.dataplane.tls import TlsContexts
from gatewright.model.snapshot import Binding, CertificateMaterial
from support.ca import CertificateAuthority
from support.handshake import shake

NOW = 1_800_000_000.0
TLS_1_2, TLS_1_3 = SECURITY_POLICIES["TLS_1_2"], SECURITY_POLICIES["SecurityPolicy_TLS13_1_3_2025_09"]
A, B, C = (render_owner(name) for name in "abc")
AUTHORITY = CertificateAuthority()
VERSIONS = pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])


def client(version):
    context = ssl.create_default_context(cadata=AUTHORITY.certificate_pem)
    context.set_alpn_protocols(["h2", "http/1.1"])
    context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
    return context


def binding(issued, name, identity="1", policy="TLS_1_2"):
    return Binding(name, CertificateMaterial(name + identity, issued.certificate_pem, issued.key_pem), policy)


def begin(contexts, binding, *, http2=True, now=NOW):
    return contexts.begin(binding, http2=http2, now=now)


@pytest.fixture(scope="module")
def both():
    """One certificate for two names, as a wildcard's would be."""
    return AUTHORITY.issue("a.example.com", "b.example.com")


@VERSIONS
def test_a_session_is_resumed_by_another_worker(both, version):
    keys, context = TicketKeys(2), client(version)
    workers = [TlsContexts(keys), TlsContexts(keys)]
    site = binding(both, "a.example.com")
    first = shake(begin(workers[0], site), context, "a.example.com")
    again = shake(begin(workers[1], site), context, "a.example.com", first.session)
    third = shake(begin(workers[0], site), context, "a.example.com", again.session)
    assert [False, True, True] == [first.resumed, again.resumed, third.resumed]
    assert {(version.replace("_", "."), "h2", both.der)} == {each[2:] for each in (first, again, third)}


@VERSIONS
def test_without_keys_to_share_only_the_worker_that_began_a_session_resumes_it(both, version):
    context, site = client(version), binding(both, "a.example.com")
    workers = [TlsContexts(), TlsContexts()]
    session = shake(begin(workers[0], site), context, "a.example.com").session
    assert shake(begin(workers[0], site), context, "a.example.com", session).resumed
    assert not shake(begin(workers[1], site), context, "a.example.com", session).resumed


@VERSIONS
@pytest.mark.parametrize("count", [0, 8], ids=["each worker its own keys", "shared keys"])
@pytest.mark.parametrize(
    ("name", "identity", "policy"),
    [
        ("b.example.com", "1", "TLS_1_2"),
        ("a.example.com", "2", "TLS_1_2"),
        ("a.example.com", "1", "SecurityPolicy_TLS13_1_2_2021_06"),
    ],
    ids=["another domain", "another certificate", "another security policy"],
)
def test_a_session_is_not_resumed_for(both, version, count, name, identity, policy):
    contexts, context = TlsContexts(TicketKeys(count)), client(version)
    here, there = binding(both, "a.example.com"), binding(both, name, identity, policy)
    session = shake(begin(contexts, here), context, "a.example.com").session
    assert not shake(begin(contexts, there), context, name, session).resumed
    assert shake(begin(contexts, here), context, "a.example.com", session).resumed  # the twin: it was good


def test_a_policy_of_tls_13_alone_keeps_older_clients_out_although_the_session_begins_elsewhere(both):
    contexts = TlsContexts(TicketKeys(1))
    site = binding(both, "a.example.com", policy="SecurityPolicy_TLS13_1_3_2025_09")
    assert "TLSv1.3" == shake(begin(contexts, site), client("TLSv1_3"), "a.example.com").version
    with pytest.raises(Exception, match="UNSUPPORTED_PROTOCOL"):
        shake(begin(contexts, site), client("TLSv1_2"), "a.example.com")


def test_without_http2_none_is_agreed_on_although_the_session_begins_elsewhere(both):
    contexts = TlsContexts(TicketKeys(1))
    site = binding(both, "a.example.com")
    assert "http/1.1" == shake(begin(contexts, site, http2=False), client("TLSv1_3"), "a.example.com").alpn


def test_a_full_handshake_brings_one_ticket(both, monkeypatch):
    contexts = TlsContexts(TicketKeys(1))
    assert 1 == contexts.begin(binding(both, "a.example.com"), http2=True, now=NOW)._ssl.context.num_tickets
    assert [1] == [each.num_tickets for each in TicketKeys(1)._contexts]


def test_openssl_gives_tickets_the_lifetime_that_keys_are_kept_for(both):
    session = shake(
        begin(TlsContexts(TicketKeys(1)), binding(both, "a.example.com")), client("TLSv1_3"), "a.example.com"
    ).session
    assert (TICKET_SECONDS, TICKET_SECONDS) == (session.ticket_lifetime_hint, session.timeout)


def test_each_owner_has_a_key_of_its_own_and_keeps_it():
    keys = TicketKeys(2)
    a, b = keys.lend(A, TLS_1_2, NOW), keys.lend(B, TLS_1_2, NOW)
    assert a is not b
    for later in (1, 59, 61, 5_000, 100_000):
        assert (a, b) == (keys.lend(A, TLS_1_2, NOW + later), keys.lend(B, TLS_1_2, NOW + later))
    assert "<TicketKeys 2 of 2 lent>" == repr(keys)


def test_who_comes_when_all_are_lent_goes_without_until_the_last_ticket_of_one_has_expired():
    keys = TicketKeys(2)
    keys.lend(A, TLS_1_2, NOW)
    b = keys.lend(B, TLS_1_2, NOW)
    assert None is keys.lend(C, TLS_1_2, NOW + 1)
    a = keys.lend(A, TLS_1_2, NOW + 3_600)
    assert None is keys.lend(C, TLS_1_2, NOW + TICKET_SECONDS)
    assert b is keys.lend(C, TLS_1_3, NOW + TICKET_SECONDS + 100)
    assert ssl.TLSVersion.TLSv1_3 == b.minimum_version
    assert a is keys.lend(A, TLS_1_2, NOW + TICKET_SECONDS + 100)
    assert None is keys.lend(B, TLS_1_2, NOW + TICKET_SECONDS + 200), "its key has a new owner"


def test_a_worker_sees_that_another_lent_a_key_on():
    keys = TicketKeys(1)
    here, there = as_workers(keys)
    assert here.lend(A, TLS_1_2, NOW) is there.lend(A, TLS_1_2, NOW)
    late = NOW + TICKET_SECONDS + 100
    assert None is not there.lend(B, TLS_1_2, late)
    assert None is here.lend(A, TLS_1_2, late)
    assert None is not here.lend(B, TLS_1_2, late)


def test_a_worker_that_found_none_free_still_finds_what_another_was_lent(monkeypatch):
    keys = TicketKeys(1)
    here, there = as_workers(keys)
    here.lend(A, TLS_1_2, NOW)
    assert None is there.lend(B, TLS_1_2, NOW)
    assert None is not there.lend(A, TLS_1_2, NOW + 1)


def test_what_another_worker_was_lent_has_the_policy_here_too():
    keys = TicketKeys(2)
    here, there = as_workers(keys)
    here.lend(A, TLS_1_3, NOW)
    here.lend(B, TLS_1_2, NOW)
    assert None is there.lend(C, TLS_1_2, NOW)
    bare = make_bare_context()
    there._contexts = [bare, bare]
    assert ssl.TLSVersion.TLSv1_3 == there.lend(A, TLS_1_3, NOW + 1).minimum_version


def test_a_clock_that_went_back_lends_nothing_on():
    keys = TicketKeys(1)
    a = keys.lend(A, TLS_1_2, NOW)
    assert None is keys.lend(B, TLS_1_2, NOW - 100_000)
    assert a is keys.lend(A, TLS_1_2, NOW - 100_000)


def test_none_can_be_lent_where_there_are_none():
    assert None is TicketKeys(0).lend(A, TLS_1_2, NOW)


def test_where_there_are_no_memory_files_the_table_lies_in_a_file_without_a_name(monkeypatch, tmp_path):
    monkeypatch.delattr(ticket_keys.os, "memfd_create", raising=False)
    monkeypatch.setattr(ticket_keys.tempfile, "tempdir", str(tmp_path))
    keys = TicketKeys(1)
    assert [] == list(tmp_path.iterdir())
    assert keys.lend(A, TLS_1_2, NOW) is keys.lend(A, TLS_1_2, NOW)


def as_workers(keys):
    """Two copies as after a fork: contexts and table are shared, what each remembers is not."""
    copies = []
    for _ in range(2):
        copy = TicketKeys(0)
        copy._contexts, copy._file, copy._table = keys._contexts, keys._file, keys._table
        copies.append(copy)
    return copies
