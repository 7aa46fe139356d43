"""Fixtures of ACM's tests: certificates are made by the clock of the machine, so the harness has that too."""

import time
from types import SimpleNamespace

import pytest

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
