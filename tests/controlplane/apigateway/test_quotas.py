"""The limits of tags and of deployments, each with a passing and a failing twin."""

import pytest

from gatewright.controlplane.apigateway.quotas import MAXIMUM_DEPLOYED_BYTES, check_deployed_size, check_tags
from gatewright.controlplane.errors import ServiceError
from gatewright.model import codec
from gatewright.model.feed import FrameDecoder, PublishedChange, Update, encode_frame
from gatewright.model.records import DeployedApi, EndpointConfiguration, Model, RestApi


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


def deployed(schema):
    api = RestApi("1", "us-east-1", "abcdefghij", "pets", "root", 1.0, EndpointConfiguration(("EDGE",)))
    model = Model("1", "us-east-1", api.id, "m", "Pet", "application/json", schema=schema)
    return DeployedApi("1", "us-east-1", api.id, "abc123", api, (), models=(model,))


# In the document a quote takes two bytes, and in the frame around it four.
LARGEST = (MAXIMUM_DEPLOYED_BYTES - 1_000) // 4


def test_the_largest_deployment_fits_a_frame():
    largest = deployed('"' * LARGEST)
    check_deployed_size(largest)
    change = PublishedChange(largest.KIND, "1", "us-east-1", largest.key, codec.encode(largest))
    (update,) = FrameDecoder().feed(encode_frame(Update(1, (change,))))
    assert (change,) == update.changes


def test_a_deployment_that_no_worker_could_be_told_of_is_refused():
    with pytest.raises(ServiceError, match="REST API abcdefghij is too large to be deployed") as refused:
        check_deployed_size(deployed('"' * (LARGEST + 251)))
    assert "BadRequestException" == refused.value.code
