"""REST APIs for tests, made with a botocore client as a user would make them, in a line or two.

api = ApiBuilder(gateway.client("apigateway"))
api.proxy("/pets/{id}", "GET", backend.url + "/pets/{id}")
api.mock("/health", "GET")
api.deploy("dev")
"""

import re
from collections.abc import Iterator

MOCK_TEMPLATE = {"application/json": '{"statusCode": 200}'}


class ApiBuilder:
    """One REST API and its resources by path."""

    def __init__(self, client, name: str = "pets", **more) -> None:
        self.client = client
        self.id: str = client.create_rest_api(name=name, endpointConfiguration={"types": ["REGIONAL"]}, **more)["id"]
        self._resources = {"/": client.get_resources(restApiId=self.id)["items"][0]["id"]}

    def resource(self, path: str) -> str:
        """The id of the resource at `path`, made with all above it if it was not there."""
        if path not in self._resources:
            parent, _, part = path.rpartition("/")
            made = self.client.create_resource(restApiId=self.id, parentId=self.resource(parent or "/"), pathPart=part)
            self._resources[path] = made["id"]
        return self._resources[path]

    def method(self, path: str, verb: str, authorization: str = "NONE", **more) -> dict[str, str]:
        """The method exists; the three words that name it in further calls."""
        where = {"restApiId": self.id, "resourceId": self.resource(path), "httpMethod": verb}
        self.client.put_method(**where, authorizationType=authorization, **more)
        return where

    def proxy(self, path: str, verb: str, uri: str, *, authorization: str = "NONE", **more) -> dict[str, str]:
        """An HTTP_PROXY method; path parameters of the resource are handed to those of the same name in `uri`."""
        names = re.findall(r"\{(\w+)\+?}", path)
        where = self.method(
            path, verb, authorization, requestParameters={f"method.request.path.{name}": True for name in names}
        )
        self.client.put_integration(
            **where,
            type="HTTP_PROXY",
            integrationHttpMethod=verb,
            uri=uri,
            requestParameters={f"integration.request.path.{n}": f"method.request.path.{n}" for n in names},
            **more,
        )
        return where

    def mock(self, path: str, verb: str = "GET", body: str = "", *, authorization: str = "NONE") -> dict[str, str]:
        """A MOCK method that answers 200 with `body`."""
        where = self.method(path, verb, authorization)
        self.client.put_integration(**where, type="MOCK", requestTemplates=MOCK_TEMPLATE)
        self.client.put_method_response(**where, statusCode="200")
        self.client.put_integration_response(**where, statusCode="200", responseTemplates={"application/json": body})
        return where

    def deploy(self, stage: str) -> str:
        """The id of a new deployment, which `stage` serves."""
        return self.client.create_deployment(restApiId=self.id, stageName=stage)["id"]


def leftovers(apigateway, acm) -> dict[str, list[str]]:
    """What these clients can see, by kind; of nothing an empty list."""
    return {
        "APIs": list(_each(apigateway, "get_rest_apis", "items", "id")),
        "domain names": list(_each(apigateway, "get_domain_names", "items", "domainName")),
        "certificates": certificate_arns(acm),
    }


def certificate_arns(acm) -> list[str]:
    """Every certificate; unasked the service lists those with RSA keys of up to 2048 bits only."""
    kinds = acm.meta.service_model.shape_for("KeyAlgorithm").enum
    return list(
        _each(acm, "list_certificates", "CertificateSummaryList", "CertificateArn", Includes={"keyTypes": kinds})
    )


NOTHING_LEFT = {"APIs": [], "domain names": [], "certificates": []}


def _each(client, operation: str, member: str, name: str, **arguments) -> Iterator[str]:
    for page in client.get_paginator(operation).paginate(**arguments):
        for item in page.get(member, []):
            yield item[name]


def import_certificate(client, issued, **more) -> str:
    """The ARN in ACM of a certificate of `support.ca`."""
    chain = {"CertificateChain": issued.chain_pem} if issued.issuers else {}
    imported = client.import_certificate(Certificate=issued.certificate_pem, PrivateKey=issued.key_pem, **chain, **more)
    return imported["CertificateArn"]


def create_domain(client, name: str, arn: str, api_id: str | None = None, *, base_path="", stage=None) -> dict:
    """A Regional domain name, mapped to the API when there is one; what `create_domain_name` answered."""
    made = client.create_domain_name(
        domainName=name, regionalCertificateArn=arn, endpointConfiguration={"types": ["REGIONAL"]}
    )
    if api_id is not None:
        given = {"basePath": base_path or None, "stage": stage}
        client.create_base_path_mapping(
            domainName=name, restApiId=api_id, **{key: value for key, value in given.items() if value is not None}
        )
    return made
