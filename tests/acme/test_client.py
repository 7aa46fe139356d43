"""Orders at pebble, Let's Encrypt's test server, with the DNS server of its authors."""

import dataclasses
from datetime import UTC, datetime

import pytest
from cryptography import x509

from gatewright.acme.client import obtain_certificate
from gatewright.acme.directory import Directory
from gatewright.acme.problems import OrderDelayed
from gatewright.controlplane.acm.issuing import signing_request
from gatewright.controlplane.private_keys import generate_key, key_to_pem
from support.pebble import needs_pebble, running_pebble, running_test_dns

pytestmark = [pytest.mark.e2e, needs_pebble]


@pytest.fixture(scope="module")
def dns(tmp_path_factory):
    with running_test_dns(tmp_path_factory.mktemp("dns")) as server:
        yield server


@pytest.fixture(scope="module")
def pebble(dns, tmp_path_factory):
    with running_pebble(tmp_path_factory.mktemp("pebble"), dns=dns.address, reject_nonces=50) as running:
        yield running


@pytest.fixture(scope="module")
def account_key():
    return key_to_pem(generate_key("EC_prime256v1"))


@pytest.fixture
def directory(pebble):
    return Directory(pebble.directory, "hostmaster@pebble-zone.net", pebble.ca_file)


def order(directory, account_key, zone, *names, algorithm="EC_prime256v1"):
    key = generate_key(algorithm)
    return key, obtain_certificate(directory, account_key, signing_request(names, key), zone)


def test_a_certificate_for_a_name_and_its_wildcard(directory, account_key, dns, pebble):
    key, obtained = order(directory, account_key, dns, "a.pebble-zone.net", "*.a.pebble-zone.net", algorithm="RSA_2048")

    leaf = x509.load_pem_x509_certificate(obtained.certificate_pem.encode())
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {"a.pebble-zone.net", "*.a.pebble-zone.net"} == set(names.get_values_for_type(x509.DNSName))
    assert key.public_key() == leaf.public_key()
    (issuer,) = x509.load_pem_x509_certificates(obtained.chain_pem.encode())
    leaf.verify_directly_issued_by(issuer)
    issuer.verify_directly_issued_by(x509.load_pem_x509_certificate(pebble.roots().encode()))
    assert leaf.not_valid_before_utc < datetime.now(UTC)


def test_the_same_account_orders_again(directory, account_key, dns):
    for name in ("b.pebble-zone.net", "c.pebble-zone.net"):
        assert order(directory, account_key, dns, name)[1].certificate_pem.startswith("-----BEGIN CERTIFICATE-----")


class Nowhere:
    def __init__(self):
        self.removed = []

    def put(self, domain_name, value):
        pass

    def remove(self, domain_name, value):
        self.removed.append(domain_name)


def test_a_name_that_is_not_proven_is_told_with_the_words_of_the_directory(directory, account_key):
    zone = Nowhere()
    with pytest.raises(OrderDelayed, match=r"^unproven\.pebble-zone\.net: No TXT records found.* \(unauthorized\)$"):
        order(directory, account_key, zone, "unproven.pebble-zone.net")
    assert ["unproven.pebble-zone.net"] == zone.removed


def test_a_directory_whose_own_certificate_nobody_trusts_is_not_used(directory, account_key, dns):
    stranger = dataclasses.replace(directory, ca_file=None)
    with pytest.raises(OrderDelayed, match=r"cannot be used: .*CERTIFICATE_VERIFY_FAILED"):
        order(stranger, account_key, dns, "d.pebble-zone.net")


def test_a_directory_that_is_not_there(account_key, dns):
    with pytest.raises(OrderDelayed, match=r"^The directory https://127\.0\.0\.1:1/dir cannot be used: "):
        order(Directory("https://127.0.0.1:1/dir"), account_key, dns, "e.pebble-zone.net")
