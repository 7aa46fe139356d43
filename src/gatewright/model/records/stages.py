"""Stages: what is live at once beside the deployment that they serve."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class MethodSetting:
    """Settings of one method of a stage, or of all (`*/*`). Defaults as recorded (facts 1.5)."""

    metrics_enabled: bool = False
    logging_level: str | None = None
    data_trace_enabled: bool = False
    throttling_burst_limit: int = 5_000
    throttling_rate_limit: float = 10_000.0
    caching_enabled: bool = True
    cache_ttl_in_seconds: int = 300
    cache_data_encrypted: bool = False
    require_authorization_for_cache_control: bool = True
    unauthorized_cache_control_header_strategy: str = "SUCCEED_WITH_RESPONSE_HEADER"


@dataclass(frozen=True, slots=True)
class AccessLogSettings:
    """Where a stage's access log goes and the `$context` template of a line."""

    destination_arn: str | None = None
    format: str | None = None


@dataclass(frozen=True, slots=True)
class CanarySettings:
    """The part of a stage's traffic that meets another deployment."""

    deployment_id: str
    percent_traffic: float = 0.0
    stage_variable_overrides: Mapping[str, str] = field(default_factory=dict)
    use_stage_cache: bool = False


@dataclass(frozen=True, slots=True)
class Stage:
    """A deployment's name in the world. Everything here acts at once, without a deployment."""

    KIND: ClassVar[str] = "stage"

    account: str
    region: str
    api_id: str
    stage_name: str
    deployment_id: str
    created_date: float
    last_updated_date: float
    description: str | None = None
    client_certificate_id: str | None = None
    cache_cluster_enabled: bool = False
    cache_cluster_size: str | None = None
    method_settings: Mapping[str, MethodSetting] = field(default_factory=dict)
    variables: Mapping[str, str] | None = None
    documentation_version: str | None = None
    access_log_settings: AccessLogSettings | None = None
    canary_settings: CanarySettings | None = None
    tracing_enabled: bool = False
    web_acl_arn: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    authorizers_cache: int = (
        0  # grows with FlushStageAuthorizersCache: what was remembered under another number is not valid
    )

    @property
    def key(self) -> tuple[str, ...]:
        """(API id, stage name)."""
        return (self.api_id, self.stage_name)
