"""A domain name with mutual TLS in Terraform: applied, given another truststore, turned off and destroyed."""

from pathlib import Path

import pytest

from support.apis import NOTHING_LEFT, leftovers
from support.ca import CertificateAuthority
from support.terraform import Module, write_key_pair

pytestmark = pytest.mark.e2e

MODULE = Path(__file__).parent / "mutual_tls.tf"
BLOCK = "\n  mutual_tls_authentication {"


def test_a_truststore_is_applied_changed_and_taken_away(
    gateway, apigateway, acm, authority, terraform_plugins, tmp_path
):
    truststore = tmp_path / "certificates.pem"
    truststore.write_text(CertificateAuthority("First Root").certificate_pem)
    files = write_key_pair(authority, tmp_path / "pair")
    module = Module(
        tmp_path / "module", MODULE.read_text(), gateway, terraform_plugins, truststore_file=truststore, **files
    )

    def mutual_tls():
        return apigateway.get_domain_name(domainName="www.example.com").get("mutualTlsAuthentication")

    module.apply()
    assert "" == module.plan()
    first = mutual_tls()
    assert "s3://truststores-of-terraform/certificates.pem" == first["truststoreUri"]

    truststore.write_text(CertificateAuthority("Second Root").certificate_pem)
    module.apply()
    assert "" == module.plan()
    assert first["truststoreVersion"] != mutual_tls()["truststoreVersion"]

    before, _, _ = module.text.partition(BLOCK)
    module.write(before + "}\n")
    module.apply()
    assert "" == module.plan()
    assert mutual_tls() is None

    module.destroy()
    assert NOTHING_LEFT == leftovers(apigateway, acm)
