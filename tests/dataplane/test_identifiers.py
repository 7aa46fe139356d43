import base64
import re
import uuid

from gatewright.dataplane.identifiers import RequestIds


def test_a_thousand_requests_have_three_ids_each_and_none_twice():
    ids = RequestIds()
    drawn = [ids(1_795_225_000.9) for _ in range(1_000)]
    for request_id, extended_id, trace_id in drawn:
        parsed = uuid.UUID(request_id)
        assert (4, uuid.RFC_4122, request_id) == (parsed.version, parsed.variant, str(parsed))
        assert (16, "=", 11) == (len(extended_id), extended_id[-1], len(base64.b64decode(extended_id, validate=True)))
        assert re.fullmatch(r"Root=1-6b00f5a8-[0-9a-f]{24}", trace_id), trace_id
    for column in zip(*drawn, strict=True):
        assert 1_000 == len(set(column))
