from gatewright.app.refusal_counters import tell_refusals
from gatewright.core.metering.charge import Level
from gatewright.core.reasons import CATALOGUE


def test_every_cause_has_its_counter_before_anybody_meets_it():
    told = tell_refusals({})
    assert {0} == set(told.values())
    assert {f'gatewright_refusals_total{{reason="{code}"}}' for code in CATALOGUE} == {
        name for name in told if name.startswith("gatewright_refusals_total")
    }


def test_every_level_has_its_counter():
    totals = {
        f'gatewright_refusals_total{{reason="THROTTLED_{level.name}"}}': number
        for number, level in enumerate(Level, start=1)
    }
    told = tell_refusals({**totals, 'gatewright_refusals_total{reason="QUOTA_EXCEEDED"}': 9})
    assert {
        f'gatewright_throttled_total{{level="{level.name.lower()}"}}': number
        for number, level in enumerate(Level, start=1)
    } == {name: value for name, value in told.items() if name.startswith("gatewright_throttled_total")}


def test_what_else_was_counted_is_there_and_all_is_in_order():
    told = tell_refusals({"gatewright_connections": 3, "a": 1})
    assert (3, 1) == (told["gatewright_connections"], told["a"])
    assert sorted(told) == list(told)
