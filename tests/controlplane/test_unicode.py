"""Lone surrogates are found wherever they hide, and nothing else is refused."""

from datetime import UTC, datetime

import pytest

from gatewright.controlplane.unicode import refuse_lone_surrogates
from gatewright.wire.parse import SerializationError


@pytest.mark.parametrize("params", [{"a": "\ud800"}, {"\udfff": 1}, {"a": [{"b": ["x", "\udcff"]}]}])
def test_a_lone_surrogate_is_refused(params):
    with pytest.raises(SerializationError, match=r"an unpaired surrogate\.$"):
        refuse_lone_surrogates(params)


def test_everything_else_passes():
    refuse_lone_surrogates({"a": "\U0001f600", "b": [1, None, 2.5, True, b"\xff"], "c": datetime.now(UTC), "d": {}})
