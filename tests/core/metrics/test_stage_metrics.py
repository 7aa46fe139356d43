import pytest

from gatewright.core.context import MethodFacts
from gatewright.core.metrics.stage_metrics import SeriesName, StageMetrics, api_dimension

NAME = SeriesName("000000000000", "us-east-1", "abcdefghij", "pets", "dev")
GET_PETS = MethodFacts("r1", "/pets", "MOCK", "GET")
ANY_PETS = MethodFacts("r1", "/pets", "MOCK", "ANY")
EVERY = ("*", "*")


@pytest.mark.parametrize(
    ("detailed", "own"),
    [
        ({}, False),
        ({EVERY: False}, False),
        ({EVERY: True}, True),
        ({EVERY: True, ("/pets", "GET"): False}, False),
        ({EVERY: False, ("/pets", "GET"): True}, True),
        ({("/pets", "GET"): True}, True),
        ({("/pets", "*"): True}, True),
        ({("*", "GET"): True}, True),
        ({("/pets", "PUT"): True}, False),
    ],
)
def test_a_method_has_a_tally_of_its_own_where_its_setting_asks_for_it(detailed, own):
    metrics = StageMetrics(NAME, detailed)
    expected = NAME._replace(resource="/pets", method="GET") if own else NAME
    assert expected == metrics.of(GET_PETS).name
    assert metrics.of(GET_PETS) is metrics.of(GET_PETS)


def test_a_request_that_met_no_method_is_the_stage_s():
    metrics = StageMetrics(NAME, {EVERY: True})
    assert metrics.whole is metrics.of(None)


def test_a_method_is_told_as_the_api_has_it_whatever_clients_ask_for():
    assert "ANY" == StageMetrics(NAME, {EVERY: True}).of(ANY_PETS).name.method


def test_what_is_taken_is_not_counted_again():
    tally = StageMetrics(NAME, {}).whole
    tally.counts.add(200, 5, None)
    assert 1 == tally.take().latency.count
    assert 0 == tally.take().latency.count


@pytest.mark.parametrize(
    ("name", "dimension"), [("pets", "pets"), ("Zoë's pets", "Zo's pets"), ("тест", "abcdefghij"), ("", "abcdefghij")]
)
def test_the_dimension_has_what_of_the_name_is_ascii(name, dimension):
    assert dimension == api_dimension(name, "abcdefghij")


def test_they_say_what_they_are():
    metrics = StageMetrics(NAME, {EVERY: True})
    metrics.of(GET_PETS)
    assert "<StageMetrics of pets/dev, 1 methods>" == repr(metrics)
    assert repr(metrics.whole).startswith("<Tally of SeriesName(")
