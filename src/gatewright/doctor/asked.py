"""The method that a request meets, with its stage: what the checks of keys and throttles ask first."""

from typing import NamedTuple

from gatewright.doctor.evidence import Api, DeployedMethod, Evidence, HttpAnswer, Integration


class Asked(NamedTuple):
    """The method that answered for the request, with its stage."""

    api: Api
    integration: Integration
    stage: str

    @property
    def name(self) -> str:
        """`GET /pets`."""
        return f"{self.integration.verb} {self.integration.resource_path}"

    @property
    def method(self) -> DeployedMethod | None:
        """What the deployment says of it."""
        return (self.api.deployed or {}).get(self.integration.resource_path, {}).get(self.integration.verb)


def find_asked(evidence: Evidence) -> Asked | None:
    """The method that the request meets, as far as the configuration tells."""
    api, integration = evidence.api, evidence.integration
    if api is None or integration is None or not api.stage:
        return None
    return Asked(api, integration, api.stage)


def describe_answer(evidence: Evidence) -> str:
    """One line of evidence; empty where there was no answer."""
    answer = evidence.http
    return f"the gateway answered {answer.status} {answer.error_type}: {answer.body}" if answer else ""


def is_gateways_own(answer: HttpAnswer) -> bool:
    """The gateway itself refused; a backend that is a gateway too has an error type, and headers that were remapped (facts 7.3)."""
    return bool(answer.error_type) and not any(name.startswith("x-amzn-remapped-") for name in answer.headers)
