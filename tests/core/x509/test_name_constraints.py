"""Name constraints by kind of name; host names, mail addresses, URIs and directory names are among the specimens."""

from ipaddress import ip_address, ip_network

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from gatewright.core.x509.certificate import CertificateFacts
from gatewright.core.x509.name_constraints import MAXIMUM_COMPARISONS, find_constraint_violation
from support.client_chains import make, make_client

ROOT = make("Root")


def violation(*names, permitted=(), excluded=(), subject="device", is_leaf=True):
    client = CertificateFacts.from_der(make_client(subject, ROOT, names=names).der)
    return find_constraint_violation(client, x509.NameConstraints(permitted or None, excluded or None), is_leaf=is_leaf)


def address(text):
    return x509.IPAddress(ip_network(text) if "/" in text else ip_address(text))


@pytest.mark.parametrize(
    ("name", "network", "inside"),
    [
        ("10.1.2.3", "10.0.0.0/8", True),
        ("11.1.2.3", "10.0.0.0/8", False),
        ("2001:db8::1", "2001:db8::/32", True),
        ("2001:db9::1", "2001:db8::/32", False),
        ("10.1.2.3", "::/0", False),
    ],
)
def test_an_address_lies_in_a_network_of_its_kind(name, network, inside):
    assert inside is (violation(address(name), permitted=[address(network)]) is None)
    assert inside is (violation(address(name), excluded=[address(network)]) is not None)


def test_a_violation_says_which_list_and_which_name():
    fleet = [x509.DNSName("fleet.example")]
    assert ("permitted", "the name a.example is not among those permitted") == violation(
        x509.DNSName("a.example"), permitted=fleet
    )
    assert ("excluded", "the name fleet.example is excluded") == violation(
        x509.DNSName("fleet.example"), excluded=fleet
    )


def test_what_is_excluded_stays_so_among_what_is_permitted():
    how = {"permitted": [x509.DNSName("fleet.example")], "excluded": [x509.DNSName("bad.fleet.example")]}
    assert violation(x509.DNSName("a.fleet.example"), **how) is None
    assert "excluded" == violation(x509.DNSName("x.bad.fleet.example"), **how).subtree


def test_every_name_counts_and_names_of_other_kinds_do_not():
    fleet = [x509.DNSName("fleet.example")]
    assert violation(x509.DNSName("fleet.example"), x509.RFC822Name("a@b.example"), permitted=fleet) is None
    assert violation(x509.DNSName("fleet.example"), x509.DNSName("b.example"), permitted=fleet)


def test_a_kind_of_name_that_is_not_known_is_refused():
    oid = x509.RegisteredID(x509.ObjectIdentifier("1.2.3"))
    assert "a kind of name whose constraints are not known" in violation(oid, permitted=[oid]).why
    assert violation(x509.DNSName("a.example"), permitted=[oid]) is None


def test_a_mail_address_in_the_subject_counts_and_one_beyond_ascii_matches_nothing():
    fleet = [x509.RFC822Name("fleet.example")]
    for mail, allowed in (("a@fleet.example", True), ("a@other.example", False), ("a@fleet.exämple", False)):
        subject = x509.Name([x509.NameAttribute(NameOID.EMAIL_ADDRESS, mail)])
        assert allowed is (violation(subject=subject, permitted=fleet) is None)


def test_a_uri_without_a_host_is_in_no_tree():
    fleet = [x509.UniformResourceIdentifier("fleet.example")]
    for uri in ("urn:a:b", "spiffe://[fleet.example/a"):
        assert violation(x509.UniformResourceIdentifier(uri), permitted=fleet)


def test_the_common_name_of_a_ca_is_no_host_name():
    fleet = [x509.DNSName("fleet.example")]
    assert violation(subject="ca.other.example", permitted=fleet)
    assert violation(subject="ca.other.example", permitted=fleet, is_leaf=False) is None


def test_a_certificate_without_names_violates_nothing():
    assert violation(subject=x509.Name([]), permitted=[x509.DirectoryName(x509.Name([]))]) is None


def test_the_work_that_a_client_can_ask_for_is_bounded():
    names = [x509.DNSName(f"n{n}.fleet.example") for n in range(300)]
    permitted = [x509.DNSName(f"n{n}.other.example") for n in range(MAXIMUM_COMPARISONS // 300)]
    assert ("permitted", "it has 301 names, too many to compare") == violation(*names, permitted=permitted)
