"""What a policy leaves over of OpenSSL's versions, suites and groups, found by handshakes with a client that offers one."""

import ssl

import pytest

from gatewright.core.tls.security_policy import SECURITY_POLICIES, TLS_1_2, TLS_1_3
from gatewright.dataplane import tls_policy
from gatewright.dataplane.ticket_keys import TicketKeys, make_bare_context
from gatewright.dataplane.tls import TlsContexts
from gatewright.dataplane.tls_policy import apply_policy, is_narrowing
from gatewright.dataplane.tls_session import TlsFailed
from gatewright.model.snapshot import Binding, CertificateMaterial
from support.ca import CertificateAuthority
from support.handshake import shake

AUTHORITY = CertificateAuthority()
NAME = "a.example.com"
each_policy = pytest.mark.parametrize("policy", SECURITY_POLICIES.values(), ids=SECURITY_POLICIES)
GROUPS = ("X25519", "prime256v1", "secp384r1", "secp521r1", "X448")
CURVES = {"P-256": "prime256v1", "P-384": "secp384r1"}


@pytest.fixture(scope="module")
def issued():
    return AUTHORITY.issue(NAME)


def served(issued, policy, keys):
    material = CertificateMaterial("1", issued.certificate_pem, issued.key_pem)
    return TlsContexts(keys).begin(Binding(NAME, material, policy.name), http2=True, now=1e9)


def may(issued, policy, keys, group):
    client = ssl.create_default_context(cadata=AUTHORITY.certificate_pem)
    client.minimum_version = TLS_1_3
    client.set_ecdh_curve(group)
    try:
        shake(served(issued, policy, keys), client, NAME)
    except (ssl.SSLError, TlsFailed):
        return False
    return True


@each_policy
def test_a_context_has_the_suites_of_tls_13_that_its_policy_has(policy):
    context = make_bare_context()
    apply_policy(context, policy)
    assert policy.minimum_version == context.minimum_version
    found = [cipher["name"] for cipher in context.get_ciphers() if cipher["name"].startswith("TLS_")]
    assert list(policy.tls13_suites) == found


@pytest.mark.parametrize(
    "name", ["TLS_1_2", "SecurityPolicy_TLS13_1_3_FIPS_2025_09", "SecurityPolicy_TLS13_1_2_PQ_2025_09"]
)
@pytest.mark.parametrize("keys", [None, 1], ids=["its own tickets", "lent ticket keys"])
def test_a_session_takes_no_group_that_its_policy_does_not_have(issued, name, keys):
    policy, keys = SECURITY_POLICIES[name], keys and TicketKeys(keys)
    wanted = {CURVES.get(group, group) for group in policy.classic_groups}
    assert wanted == {group for group in GROUPS if may(issued, policy, keys, group)}


def test_a_key_that_was_lent_under_another_policy_has_the_new_ones_suites(issued):
    keys, policy = TicketKeys(1), SECURITY_POLICIES["SecurityPolicy_TLS13_1_3_FIPS_2025_09"]
    wide = keys.lend(b"a" * 16, SECURITY_POLICIES["TLS_1_2"], 1e9)
    narrow = keys.lend(b"b" * 16, policy, 1e9 + 100_000)
    assert wide is narrow
    assert list(policy.tls13_suites) == [each["name"] for each in narrow.get_ciphers() if each["name"][:4] == "TLS_"]


def test_what_openssl_does_not_know_is_said(issued):
    unknown = SECURITY_POLICIES["TLS_1_2"]._replace(tls13_suites=("TLS_SHA256_SHA256_OF_TOMORROW",))
    with pytest.raises(ssl.SSLError, match="OpenSSL does not know the suites of TLS_1_2"):
        apply_policy(make_bare_context(), unknown)


def test_without_openssls_functions_the_versions_are_kept_to(monkeypatch):
    monkeypatch.setattr(tls_policy, "_find_openssl", lambda: None)
    context = make_bare_context()
    apply_policy(context, SECURITY_POLICIES["TLS_1_2"])
    assert TLS_1_2 == context.minimum_version
    assert not is_narrowing()
