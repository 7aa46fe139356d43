"""Which base path mappings lead to an API or to one of its stages: those keep it from being deleted.

Beside each mapping lies a `MappingOfApi`, so that a deletion never means to look through the mappings of all domain
names. Whoever stores or deletes a mapping does so here.
"""

from gatewright.model.records import BasePathMapping, DomainName, MappingOfApi, RestApi, Stage
from gatewright.store.port import Reader, Transaction


def put_mapping(transaction: Transaction, mapping: BasePathMapping, previous: BasePathMapping | None = None) -> None:
    """The mapping is stored, in place of `previous` if there was one, under whatever base path."""
    if previous is not None:
        delete_mapping(transaction, previous)
    transaction.put(mapping)
    transaction.put(_target_of(mapping))


def delete_mapping(transaction: Transaction, mapping: BasePathMapping) -> None:
    """The mapping is gone."""
    transaction.delete(mapping)
    transaction.delete(_target_of(mapping))


def delete_mappings_of_domain(transaction: Transaction, domain: DomainName) -> None:
    """No mapping of the domain name is left."""
    for mapping in transaction.list_under(BasePathMapping, domain.account, domain.region, domain.domain_name):
        delete_mapping(transaction, mapping)


def leads_to_api(reader: Reader, api: RestApi) -> bool:
    """Whether any domain name's mapping leads to the API, at whatever stage."""
    return bool(reader.list_under(MappingOfApi, api.account, api.region, api.id, limit=1))


def domains_leading_to_stage(reader: Reader, stage: Stage) -> list[str]:
    """The domain names with a mapping that names the stage, in order."""
    found = reader.list_under(MappingOfApi, stage.account, stage.region, *stage.key)
    return sorted({target.domain_name for target in found})


def _target_of(mapping: BasePathMapping) -> MappingOfApi:
    return MappingOfApi(
        account=mapping.account,
        region=mapping.region,
        rest_api_id=mapping.rest_api_id,
        stage=mapping.stage or "",
        domain_name=mapping.domain_name,
        base_path=mapping.base_path,
    )
