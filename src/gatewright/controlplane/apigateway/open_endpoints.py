"""Ways around mutual TLS: default endpoints of APIs behind a domain name that asks for client certificates.

S: "By default, clients can invoke your API by using the execute-api endpoint", so the guide has it disabled. The real
service leaves it at that; here the log says so when a way around is opened: mutual TLS is turned on, a mapping comes to
lead to such an API, or the API's default endpoint is opened again.
"""

import logging

from gatewright.controlplane.call import Call
from gatewright.model.records import BasePathMapping, DomainName, MappingOfApi, RestApi

logger = logging.getLogger(__name__)


def warn_of_open_endpoints(call: Call, domain: DomainName, api_id: str | None = None) -> None:
    """The domain name, which has mutual TLS or not, leads to this API from now on; or to all it has mappings for."""
    if domain.mutual_tls_authentication is None:
        return
    mappings = call.transaction.list_under(BasePathMapping, domain.account, domain.region, domain.domain_name)
    for found in sorted({mapping.rest_api_id for mapping in mappings} if api_id is None else {api_id}):
        api = call.transaction.get(RestApi, domain.account, domain.region, found)
        if api is not None and not api.disable_execute_api_endpoint:
            _warn(domain, api)


def warn_of_opened_endpoint(call: Call, previous: RestApi, api: RestApi) -> None:
    """The API was changed, which may have opened its default endpoint."""
    if api.disable_execute_api_endpoint or not previous.disable_execute_api_endpoint:
        return
    leading = call.transaction.list_under(MappingOfApi, api.account, api.region, api.id)
    for name in sorted({mapping.domain_name for mapping in leading}):
        domain = call.transaction.get(DomainName, api.account, api.region, name)
        if domain is not None and domain.mutual_tls_authentication is not None:
            _warn(domain, api)


def _warn(domain: DomainName, api: RestApi) -> None:
    logger.warning(
        "Mutual TLS of %s can be bypassed: API %s (%s) also answers at its default endpoint, which asks for no client "
        "certificate. Set disableExecuteApiEndpoint of the API to true and deploy it again.",
        domain.domain_name,
        api.id,
        api.name,
    )
