"""A certificate that is imported anew under a mutual-TLS domain name, as `openssl s_client` sees it (seed 003)."""

import re
import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from support.apis import create_domain, import_certificate
from support.ca import CertificateAuthority

pytestmark = pytest.mark.e2e

NAME, PLAIN = "api.reimport.example", "plain.reimport.example"


def served(gateway, name):
    """The serial number of the certificate that a client is shown."""
    shown = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{gateway.https_port}", "-servername", name, "-tls1_2"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20, check=False,
    ).stdout  # fmt: skip
    block = re.search(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", shown, re.DOTALL)
    return x509.load_pem_x509_certificate(block[0].encode()).serial_number


def fragments(key):
    """Parts of a private key that would be found if it lay anywhere in the open."""
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return der[40:56], der[-60:-44]


def test_what_was_accepted_is_served_until_a_valid_import_also_after_a_restart(unstarted, authority):
    unstarted.start()
    acm, api, s3 = (unstarted.client(service) for service in ("acm", "apigateway", "s3"))
    s3.create_bucket(Bucket="trust")
    s3.put_object(Bucket="trust", Key="certificates.pem", Body=authority.certificate_pem.encode())
    proof = acm.request_certificate(DomainName=NAME, ValidationMethod="DNS")["CertificateArn"]
    first = authority.issue(NAME, fresh_key=True)
    arn = import_certificate(acm, first)
    create_domain(api, PLAIN, plain := import_certificate(acm, authority.issue(PLAIN)))
    api.create_domain_name(
        domainName=NAME,
        regionalCertificateArn=arn,
        endpointConfiguration={"types": ["REGIONAL"]},
        ownershipVerificationCertificateArn=proof,
        mutualTlsAuthentication={"truststoreUri": "s3://trust/certificates.pem"},
    )

    def status():
        return api.get_domain_name(domainName=NAME)["domainNameStatus"]

    foreign = CertificateAuthority("Another Root").issue(NAME, fresh_key=True)
    for refused in (foreign, authority.issue("www.other.example", fresh_key=True)):
        import_certificate(acm, refused, CertificateArn=arn)
        assert ("PENDING_CERTIFICATE_REIMPORT", first.certificate.serial_number) == (status(), served(unstarted, NAME))
    assert (
        refused.certificate.not_valid_after_utc
        == acm.describe_certificate(CertificateArn=arn)["Certificate"]["NotAfter"]
    ), "ACM has what was imported"
    wrong = authority.issue("www.other.example")
    import_certificate(acm, wrong, CertificateArn=plain)
    assert wrong.certificate.serial_number == served(unstarted, PLAIN), "without mutual TLS nothing is asked"

    unstarted.stop()
    data = b"".join(path.read_bytes() for path in unstarted.data_dir.rglob("*") if path.is_file())
    assert not [part for part in fragments(first.key) if part in data]
    unstarted.start()
    acm, api = unstarted.client("acm"), unstarted.client("apigateway")
    assert ("PENDING_CERTIFICATE_REIMPORT", first.certificate.serial_number) == (status(), served(unstarted, NAME))

    valid = authority.issue(NAME, fresh_key=True)
    import_certificate(acm, valid, CertificateArn=arn)
    assert ("AVAILABLE", valid.certificate.serial_number) == (status(), served(unstarted, NAME))
