"""From a stage's settings to what its requests are logged by."""

from gatewright.core.logs.execution_log import LogLevel, MethodLogging
from gatewright.core.logs.log_group import execution_group, parse_log_group_arn
from gatewright.core.logs.stage_logs import AccessLog, StageLogs, is_logged
from gatewright.model.records import MethodSetting, Stage


def compile_stage_logs(stage: Stage) -> StageLogs | None:
    """The logs of a stage; None when nothing of it is logged."""
    access = _compile_access_log(stage)
    levels = {parse_setting_key(key): _compile_level(setting) for key, setting in stage.method_settings.items()}
    if not is_logged(levels):
        levels = {}
    if access is None and not levels:
        return None
    return StageLogs(access, execution_group(stage.account, stage.region, stage.api_id, stage.stage_name), levels)


def _compile_access_log(stage: Stage) -> AccessLog | None:
    settings = stage.access_log_settings
    if settings is None or settings.destination_arn is None or settings.format is None:
        return None
    group = parse_log_group_arn(settings.destination_arn)
    # A delivery stream of Firehose, or somebody else's log group: nothing is written there (docs/divergences.md).
    if group is None or group.account != stage.account:
        return None
    return AccessLog(group, settings.format)


def _compile_level(setting: MethodSetting) -> MethodLogging:
    return MethodLogging(LogLevel[setting.logging_level or "OFF"], setting.data_trace_enabled)


def parse_setting_key(key: str) -> tuple[str, str]:
    """The resource path and verb of a method setting's key: `*/*`, `pets/GET`, `~1pets~1{id}/GET` (facts 1.6)."""
    path, _, verb = key.rpartition("/")
    if path == "*":
        return path, verb
    return "/" + path.replace("~1", "/").replace("~0", "~").strip("/"), verb
