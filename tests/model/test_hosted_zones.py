import re

import pytest

from gatewright.model.hosted_zones import EDGE_HOSTED_ZONE_ID, REGIONAL_HOSTED_ZONE_IDS, regional_hosted_zone_id


@pytest.fixture
def facts(shared):
    return (shared / "reference" / "api-gateway-facts.md").read_text()


def test_the_table_is_that_of_the_facts(facts):
    (line,) = [line for line in facts.splitlines() if line.startswith("- Regional hosted zones")]

    assert dict(re.findall(r"([a-z]+(?:-[a-z]+)+-\d) `(Z\w+)`", line)) == dict(REGIONAL_HOSTED_ZONE_IDS)
    assert EDGE_HOSTED_ZONE_ID in line


def test_a_region_of_ones_own_has_no_zone():
    assert regional_hosted_zone_id("moon-north-1") is None
