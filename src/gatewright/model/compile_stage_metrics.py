"""From a stage's settings to where its requests are counted."""

from gatewright.core.metrics.stage_metrics import SeriesName, StageMetrics, api_dimension
from gatewright.model.compile_stage_logs import parse_setting_key
from gatewright.model.records import DeployedApi, Stage


def compile_stage_metrics(stage: Stage, deployed: DeployedApi) -> StageMetrics:
    """The tallies of a stage, under the name that its API was deployed with."""
    name = api_dimension(deployed.api.name, stage.api_id)
    detailed = {parse_setting_key(key): setting.metrics_enabled for key, setting in stage.method_settings.items()}
    return StageMetrics(SeriesName(stage.account, stage.region, stage.api_id, name, stage.stage_name), detailed)
