"""The limits of tags, each with a passing and a failing twin."""

import pytest

from gatewright.controlplane.apigateway.quotas import check_tags
from gatewright.controlplane.errors import ServiceError


@pytest.mark.parametrize(
    "tags", [{}, {str(n): "" for n in range(50)}, {"k" * 128: "v" * 256}, {"awsome": "x"}, {"team": "aws:x"}]
)
def test_tags_within_the_limits(tags):
    check_tags(tags)


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ({str(n): "" for n in range(51)}, "LimitExceededException"),
        ({"": "x"}, "BadRequestException"),
        ({"k" * 129: "v"}, "BadRequestException"),
        ({"k": "v" * 257}, "BadRequestException"),
        ({"aws:x": "y"}, "BadRequestException"),
        ({"AWS:x": "y"}, "BadRequestException"),
    ],
)
def test_tags_beyond_the_limits(tags, code):
    with pytest.raises(ServiceError) as refused:
        check_tags(tags)
    assert code == refused.value.code
