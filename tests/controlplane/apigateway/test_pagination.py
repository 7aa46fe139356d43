"""Pages of a collection, and what a client can do to a position."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.controlplane.apigateway.pagination import paginate
from gatewright.controlplane.errors import ServiceError


def pages(items, limit):
    found, position = [], None
    while True:
        page, position = paginate(items, {"limit": limit, "position": position}, key=str)
        found.append(page)
        if position is None:
            return found


def test_without_a_limit_a_page_has_25_items():
    assert [25, 25, 10] == [len(page) for page in pages([f"{n:03}" for n in range(60)], None)]


def test_a_page_has_500_items_at_most_and_one_at_least():
    items = [f"{n:04}" for n in range(501)]
    assert [500, 1] == [len(page) for page in pages(items, 9_999)]
    assert 1 == len(paginate(items, {"limit": -3}, key=str)[0])


def test_the_last_page_has_no_position_even_if_it_is_full():
    assert (["a", "b"], None) == paginate(["b", "a"], {"limit": 2}, key=str)


@given(st.sets(st.text(max_size=5), max_size=30), st.integers(1, 7))
@settings(max_examples=50)
def test_the_pages_together_are_all_items_once_and_in_order(items, limit):
    assert sorted(items) == [item for page in pages(list(items), limit) for item in page]


def test_items_that_go_or_come_move_no_other_item_to_another_page():
    _, position = paginate(["a", "b", "c", "d"], {"limit": 2}, key=str)
    assert ["bb", "c"] == paginate(["a", "bb", "c", "d"], {"limit": 2, "position": position}, key=str)[0]


@pytest.mark.parametrize("position", ["*", "a", "_w==", "not a token"])
def test_a_foreign_position_is_refused(position):
    with pytest.raises(ServiceError, match="Invalid position parameter specified"):
        paginate(["a"], {"position": position}, key=str)
