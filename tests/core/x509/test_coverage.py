"""Coverage: RFC 9525's wildcard rules, and OpenSSL's opinion on the same certificate."""

import shutil
import subprocess

import pytest

from gatewright.core.x509.certificate import CertificateFacts
from gatewright.core.x509.coverage import Coverage, evaluate_coverage, find_covering_name
from support.ca import CertificateAuthority

CA = CertificateAuthority()


@pytest.mark.parametrize(
    ("presented", "domain_name", "covered_by"),
    [
        (["www.example.com"], "www.example.com", "www.example.com"),
        (["WWW.Example.com."], "www.example.com", "WWW.Example.com."),
        (["a.example", "*.example.com"], "www.example.com", "*.example.com"),
        (["*.example.com"], "*.example.com", "*.example.com"),
        (["*.xn--bcher-kva.example"], "www.xn--bcher-kva.example", "*.xn--bcher-kva.example"),
        # One label, no more and no less.
        (["*.example.com"], "example.com", None),
        (["*.example.com"], "a.b.example.com", None),
        (["*.com"], "example.com", "*.com"),
        # Left-most, whole, and only one.
        (["w*.example.com"], "www.example.com", None),
        (["www.*.com"], "www.example.com", None),
        (["*.*.com"], "www.example.com", None),
        (["*"], "localhost", None),
        (["*."], "localhost", None),
        # A wildcard domain name needs the same wildcard.
        (["www.example.com", "example.com"], "*.example.com", None),
        (["*.com"], "*.example.com", None),
        (["*.example.com"], ".example.com", None),
        ([], "www.example.com", None),
    ],
)
def test_a_name_is_covered_by_itself_or_a_wildcard_for_its_first_label(presented, domain_name, covered_by):
    assert covered_by == find_covering_name(presented, domain_name)


def facts(*names, **how):
    return CertificateFacts.from_der(CA.issue(*names, **how).der)


def test_the_common_name_counts_only_without_dns_names():
    assert "old.example" == evaluate_coverage(facts(common_name="old.example"), "old.example").covered_by
    assert evaluate_coverage(facts("new.example", common_name="old.example"), "old.example").covered_by is None


@pytest.mark.parametrize(
    ("certificate", "said"),
    [
        (facts("*.a.example"), "The certificate's name *.a.example covers www.a.example."),
        (
            facts("a.example", "*.b.example"),
            "The certificate does not cover www.a.example; it has a.example, *.b.example.",
        ),
        (facts(), "The certificate does not cover www.a.example; it has no DNS name at all."),
    ],
)
def test_the_decision_is_a_sentence(certificate, said):
    assert said == evaluate_coverage(certificate, "www.a.example").explain()


def test_a_decision_names_what_was_presented():
    certificate = facts("a.example", "b.example")
    assert Coverage("c.example", None, ("a.example", "b.example")) == evaluate_coverage(certificate, "c.example")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the openssl command is not installed")
@pytest.mark.parametrize(
    "domain_name",
    ["www.example.com", "example.com", "a.b.example.com", "exact.example.org", "www.exact.example.org"],
)
def test_openssl_agrees(domain_name):
    leaf = CA.issue("*.example.com", "exact.example.org")
    said = subprocess.run(
        ["openssl", "x509", "-noout", "-checkhost", domain_name],
        input=leaf.certificate_pem.encode(),
        capture_output=True,
        check=False,  # newer versions exit 1 for a name that does not match
    ).stdout.decode()
    covered = evaluate_coverage(CertificateFacts.from_der(leaf.der), domain_name).covered_by is not None
    assert ("does match" in said) == covered
    assert ("does NOT match" in said) != covered
