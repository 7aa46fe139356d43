from gatewright.core.context import AuthorizerFacts
from support.exchange import make_context, make_method, make_stage


def test_before_the_stage_is_known_there_are_no_stage_variables():
    assert {} == make_context().stage_variables
    stage = make_stage(variables={"backend": "b.test"})
    assert {"backend": "b.test"} == make_context(stage=stage).stage_variables


def test_an_event_has_what_the_authorizer_gave_and_the_gateway_s_own_names_over_it():
    facts = AuthorizerFacts("auth01", principal_id="me", properties={"tenant": "t1", "principalId": "it"}, latency_ms=7)
    assert {"tenant": "t1", "principalId": "me", "integrationLatency": 7} == facts.as_event()


def test_facts_show_what_they_are_of():
    assert "<AuthorizerFacts of auth01>" == repr(AuthorizerFacts("auth01"))
    assert "<MethodFacts /pets <MOCK>>" == repr(make_method("/pets", "<MOCK>"))
    stage = make_stage()
    assert f"<StageFacts {stage.api_id}/{stage.name}>" == repr(stage)
