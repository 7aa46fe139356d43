"""The backend's documents and counters."""

import json

import pytest
from bench.backend import make_document, parse_accepted

STATUS = "Active connections: 1 \nserver accepts handled requests\n 31 31 4711 \nReading: 0 Writing: 1 Waiting: 0 \n"


@pytest.mark.parametrize("size", [100, 10_240])
def test_a_document_is_json_of_exactly_that_size(size) -> None:
    document = make_document(size)
    assert size == len(document)
    assert {"text"} == set(json.loads(document))


def test_accepted_connections_are_the_first_counter() -> None:
    assert 31 == parse_accepted(STATUS)


def test_another_page_is_refused() -> None:
    with pytest.raises(ValueError, match="stub_status"):
        parse_accepted("<html>")
