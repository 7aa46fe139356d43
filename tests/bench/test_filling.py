"""A data directory is filled with what was asked for, and by the control plane's own operations."""

from bench.filling import fill

from gatewright.model.records import Certificate, DeployedApi, DomainName
from support.stores import make_store


def test_so_many_domain_names_with_a_certificate_each_and_so_many_resources(tmp_path):
    filled = fill(tmp_path, 8080, domains=3, resources=5)

    store = make_store(tmp_path)
    with store.read() as reader:
        domains = list(reader.all(DomainName))
        (deployed,) = reader.all(DeployedApi)
        certificates = {certificate.arn for certificate in reader.all(Certificate)}
    store.close()
    assert filled.domains == [domain.domain_name for domain in domains]
    assert certificates == {domain.regional_certificate_arn for domain in domains}
    assert 3 == len(certificates)
    assert {"/", *filled.resources} == {resource.path for resource in deployed.resources}
    assert 5 == len(filled.resources)
