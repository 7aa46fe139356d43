from gatewright.core.context import MethodFacts
from gatewright.core.metrics.stage_metrics import SeriesName
from gatewright.model.compile_stage_metrics import compile_stage_metrics
from gatewright.model.records import DeployedApi, EndpointConfiguration, MethodSetting, RestApi, Stage

ACCOUNT, REGION, API = "000000000000", "us-east-1", "abcdefghij"
DEPLOYED = DeployedApi(
    ACCOUNT, REGION, API, "d1", RestApi(ACCOUNT, REGION, API, "pets ♥", "root", 0.0, EndpointConfiguration(())), ()
)
NAME = SeriesName(ACCOUNT, REGION, API, "pets ", "dev")


def tallied(settings, path, verb):
    stage = Stage(ACCOUNT, REGION, API, "dev", "d1", 0.0, 0.0, method_settings=settings)
    return compile_stage_metrics(stage, DEPLOYED).of(MethodFacts("r", path, "MOCK", verb)).name


def test_a_stage_is_counted_under_the_name_that_its_api_was_deployed_with():
    assert NAME == tallied({}, "/pets/{id}", "GET")


def test_method_settings_switch_the_method_dimension_on():
    detailed = NAME._replace(resource="/pets/{id}", method="GET")
    for key in ("*/*", "pets/{id}/GET", "~1pets~1{id}/GET"):
        assert detailed == tallied({key: MethodSetting(metrics_enabled=True)}, "/pets/{id}", "GET")
    assert NAME._replace(resource="/", method="ANY") == tallied(
        {"//ANY": MethodSetting(metrics_enabled=True)}, "/", "ANY"
    )
    off = {"*/*": MethodSetting(metrics_enabled=True), "pets/{id}/GET": MethodSetting()}
    assert NAME == tallied(off, "/pets/{id}", "GET")
