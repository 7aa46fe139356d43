"""A domain name with mutual TLS in Terraform: what was applied is what it finds, and all of it can be destroyed.

Changes are tested through the API (`tests/controlplane/apigateway`): the provider waits a minute after each change of a
domain name, whatever its status says.
"""

from pathlib import Path

import pytest

from support.apis import NOTHING_LEFT, leftovers
from support.ca import CertificateAuthority
from support.terraform import Module, write_key_pair

pytestmark = pytest.mark.e2e

MODULE = Path(__file__).parent / "mutual_tls.tf"


def test_a_truststore_with_a_version_and_a_proof_of_ownership(
    gateway, apigateway, acm, authority, terraform_plugins, tmp_path
):
    truststore = tmp_path / "certificates.pem"
    truststore.write_text(CertificateAuthority("Clients' Root").certificate_pem)
    files = write_key_pair(authority, tmp_path / "pair")
    module = Module(
        tmp_path / "module", MODULE.read_text(), gateway, terraform_plugins, truststore_file=truststore, **files
    )

    module.apply()
    assert "" == module.plan()
    found = apigateway.get_domain_name(domainName="www.example.com")
    versions = gateway.client("s3").list_object_versions(Bucket="truststores-of-terraform")["Versions"]
    assert {
        "truststoreUri": "s3://truststores-of-terraform/certificates.pem",
        "truststoreVersion": versions[0]["VersionId"],
    } == found["mutualTlsAuthentication"]
    assert ("AVAILABLE", True) == (found["domainNameStatus"], "ownershipVerificationCertificateArn" in found)

    module.destroy()
    assert NOTHING_LEFT == leftovers(apigateway, acm)
