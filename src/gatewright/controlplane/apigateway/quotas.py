"""The quotas that are enforced (facts 9), each with what it guards; the others are listed in docs/divergences.md.

A self-hosted installation has no reason to stop at the service's counts of APIs, resources, stages or domain names.
What remains are the limits that a client can see in a single request and that shape what a record may hold.
"""

import json
from collections.abc import Mapping
from typing import Final

from gatewright.controlplane.errors import bad_request, limit_exceeded
from gatewright.model import codec
from gatewright.model.feed import MAX_FRAME
from gatewright.model.records import DeployedApi

# D: "Tags: 50 per resource, key 128, value 256, prefix aws: reserved" (facts 1.10).
MAXIMUM_TAGS: Final = 50
MAXIMUM_TAG_KEY: Final = 128
MAXIMUM_TAG_VALUE: Final = 256
RESERVED_TAG_PREFIX: Final = "aws:"

# D: facts 1.10 and 9, fixed by the service. How long one may be is a rule of the stage's patch table.
MAXIMUM_STAGE_VARIABLES: Final = 100

# D: facts 9, "Resource policy 8,192 B".
MAXIMUM_POLICY_BYTES: Final = 8_192

# Ours: what a deployment froze reaches a worker in one frame of the feed. A 32nd of the frame is left for the names
# around the document, which take less than a kilobyte.
MAXIMUM_DEPLOYED_BYTES: Final = MAX_FRAME - MAX_FRAME // 32


def check_deployed_size(deployed: DeployedApi) -> None:
    """Refuses a deployment that no worker could be told of."""
    # In the frame the document is a string of JSON: its quotes and backslashes are escaped once more.
    size = len(json.dumps(codec.encode(deployed)))
    if size > MAXIMUM_DEPLOYED_BYTES:
        raise bad_request(
            f"REST API {deployed.api_id} is too large to be deployed: with its resources, methods, models, templates "
            f"and responses it takes {size:,} bytes, and at most {MAXIMUM_DEPLOYED_BYTES:,} can be sent to the workers. "
            "Nothing was deployed. Split the API, or make its templates and schemas smaller."
        )


def check_tags(tags: Mapping[str, str]) -> None:
    """Refuses tags that no resource may have. Guess: the sentences; the limits are documented."""
    if len(tags) > MAXIMUM_TAGS:
        raise limit_exceeded(f"The maximum number of tags allowed per resource is {MAXIMUM_TAGS}")
    for key, value in tags.items():
        if not 1 <= len(key) <= MAXIMUM_TAG_KEY:
            raise bad_request(f"Invalid tag key. Tag keys must be between 1 and {MAXIMUM_TAG_KEY} characters long.")
        if len(value) > MAXIMUM_TAG_VALUE:
            raise bad_request(f"Invalid tag value. Tag values can be at most {MAXIMUM_TAG_VALUE} characters long.")
        if key.lower().startswith(RESERVED_TAG_PREFIX):
            raise bad_request(f"Tag keys starting with '{RESERVED_TAG_PREFIX}' are reserved for system use")
