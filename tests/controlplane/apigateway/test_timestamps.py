"""Instants on the wire: whole seconds, while the order of what was made is kept more exactly."""

from datetime import UTC, datetime

import pytest

from gatewright.controlplane.apigateway.timestamps import shown_instant
from support.control import START


@pytest.mark.parametrize("fraction", [0.0, 0.001, 0.999])
def test_a_fraction_of_a_second_is_not_shown(fraction):
    assert datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC) == shown_instant(START + fraction)


def test_what_was_made_within_a_second_is_listed_in_its_order(harness):
    client = harness.client("apigateway")
    for number in range(8):
        harness.advance(0.1)
        client.create_rest_api(name=str(number))
    items = client.get_rest_apis()["items"]
    assert [str(number) for number in range(8)] == [item["name"] for item in items]
    assert {datetime.fromtimestamp(START, UTC)} == {item["createdDate"] for item in items}
