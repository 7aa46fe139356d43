"""Fixtures of ACM's tests: certificates are made by the clock of the machine, so the harness has that too."""

import time
from types import SimpleNamespace

import pytest

from gatewright.app.authority import ensure_authority
from gatewright.controlplane.acm.associations import set_associations
from support.ca import CertificateAuthority


@pytest.fixture(scope="session")
def ca():
    return CertificateAuthority()


@pytest.fixture
def harness(harness):
    harness.now = float(int(time.time()))
    return harness


@pytest.fixture
def acm(harness):
    return harness.client("acm")


@pytest.fixture
def import_issued(acm):
    """Imports what the authority issued and gives the ARN; more arguments go to ImportCertificate."""

    def import_issued(issued, client=acm, **more):
        if issued.chain_pem:
            more.setdefault("CertificateChain", issued.chain_pem)
        answer = client.import_certificate(Certificate=issued.certificate_pem, PrivateKey=issued.key_pem, **more)
        return answer["CertificateArn"]

    return import_issued


@pytest.fixture
def refused(acm):
    """Makes a call that must fail and gives its code, message and status."""

    def refused(operation, **parameters):
        with pytest.raises(acm.exceptions.ClientError) as caught:
            operation(**parameters)
        error, answer = caught.value.response["Error"], caught.value.response["ResponseMetadata"]
        return SimpleNamespace(code=error["Code"], message=error["Message"], status=answer["HTTPStatusCode"])

    return refused


@pytest.fixture
def local_authority(harness):
    """The authority of the installation, as a start makes it."""
    return ensure_authority(harness.store, harness.now)


@pytest.fixture
def request_certificate(acm, local_authority):
    """Requests a certificate, P-256 unless another key is asked for, and gives the ARN."""

    def request_certificate(domain_name="www.example.com", client=acm, **more):
        more = {"ValidationMethod": "DNS", "KeyAlgorithm": "EC_prime256v1", **more}
        return client.request_certificate(DomainName=domain_name, **more)["CertificateArn"]

    return request_certificate


@pytest.fixture
def describe(acm):
    """The detail of a certificate."""

    def describe(arn, client=acm):
        return client.describe_certificate(CertificateArn=arn)["Certificate"]

    return describe


@pytest.fixture
def used(harness):
    """Notes that a domain name uses a certificate."""

    def used(arn):
        user = "arn:aws:apigateway:us-east-1::/domainnames/www.example.com"
        with harness.store.transaction() as transaction:
            set_associations(transaction, user, before=(), after=(arn,))

    return used
