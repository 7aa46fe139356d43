"""Contexts by binding, certificate and policy: made once, kept while busy, bounded in number; and who resumes what."""

import ssl

import pytest

from gatewright.core.tls.security_policy import SECURITY_POLICIES
from gatewright.dataplane import tls
from gatewright.model.snapshot import Binding, CertificateMaterial
from support.ca import CertificateAuthority
from support.interpreted import on_sources

NOW = 1_800_000_000.0


@pytest.fixture(scope="module")
def leaf():
    return CertificateAuthority().issue("www.example.com")


def binding(leaf, identity, policy="TLS_1_2", name="www.example.com"):
    return Binding(name, CertificateMaterial(identity, leaf.certificate_pem, leaf.key_pem), policy)


@pytest.fixture
def made(monkeypatch):
    """The contexts that were made, in order."""
    contexts = []

    def make(*arguments, **named):
        contexts.append(make_server_context(*arguments, **named))
        return contexts[-1]

    make_server_context = tls.make_server_context
    monkeypatch.setattr(tls, "make_server_context", make)
    return contexts


@on_sources
def test_a_context_is_made_once_for_a_binding_certificate_and_policy(leaf, made):
    contexts = tls.TlsContexts()
    for each in (
        binding(leaf, "a"),
        binding(leaf, "b"),
        binding(leaf, "a", "TLS_1_0"),
        binding(leaf, "a", name="b.test"),
    ):
        before = len(made)
        contexts.begin(each, http2=True, now=NOW)
        contexts.begin(each, http2=True, now=NOW)
        assert before + 1 == len(made)


@on_sources
def test_the_least_recently_used_context_goes_first(leaf, made, monkeypatch):
    monkeypatch.setattr(tls, "_MAX_CONTEXTS", 2)
    contexts = tls.TlsContexts()
    for identity, count in (("a", 1), ("b", 2), ("a", 2), ("c", 3), ("a", 3), ("b", 4)):
        contexts.begin(binding(leaf, identity), http2=True, now=NOW)
        assert count == len(made)


@pytest.mark.parametrize("policy", SECURITY_POLICIES)
def test_every_policy_makes_a_context_of_its_versions(leaf, policy):
    context = tls.make_server_context(binding(leaf, "a").material, SECURITY_POLICIES[policy])
    assert SECURITY_POLICIES[policy].minimum_version == context.minimum_version
    wanted = set(SECURITY_POLICIES[policy].tls12_suites)  # none: TLS 1.3 alone, and OpenSSL's list is idle
    offered = {cipher["name"] for cipher in context.get_ciphers() if cipher["protocol"] != "TLSv1.3"}
    assert not wanted or offered <= wanted


def test_where_there_are_no_memory_files_the_key_lies_in_a_private_file_for_a_moment(leaf, monkeypatch, tmp_path):
    monkeypatch.delattr(tls.os, "memfd_create", raising=False)
    monkeypatch.setattr(tls.tempfile, "tempdir", str(tmp_path))
    assert isinstance(
        tls.make_server_context(binding(leaf, "a").material, SECURITY_POLICIES["TLS_1_2"]), ssl.SSLContext
    )
    assert [] == list(tmp_path.iterdir())


def test_a_key_of_another_certificate_is_refused(leaf):
    other = CertificateAuthority().issue("other.test")
    material = CertificateMaterial("x", leaf.certificate_pem, other.key_pem)
    with pytest.raises(ssl.SSLError):
        tls.make_server_context(material, SECURITY_POLICIES["TLS_1_2"])
