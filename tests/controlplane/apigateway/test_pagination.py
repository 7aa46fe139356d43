"""Pages of a collection, and what a client can do to a position."""

from base64 import b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.controlplane.apigateway.pagination import paginate
from gatewright.controlplane.errors import ServiceError
from gatewright.model.records import DomainName, EndpointConfiguration
from gatewright.store.relational import RelationalReader
from support.control import ACCOUNT, REGION


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


class TestPagesOfTheStore:
    """`page_under` gives what `paginate` gives of everything that is there."""

    @pytest.fixture
    def api(self, harness):
        client = harness.client("apigateway")
        api = client.create_rest_api(name="pets")["id"]
        for name in ("B", "a", "Ab", "C9"):
            client.create_model(restApiId=api, name=name, contentType="application/json", schema="{}")
        return client, api

    def test_they_are_all_items_once_and_in_order(self, api):
        client, api = api
        pages = list(client.get_paginator("get_models").paginate(restApiId=api, PaginationConfig={"PageSize": 2}))
        assert [2, 2, 2] == [len(page["items"]) for page in pages]
        assert ["Ab", "B", "C9", "Empty", "Error", "a"] == [item["name"] for page in pages for item in page["items"]]

    def test_a_position_whose_item_is_gone_still_holds(self, api):
        client, api = api
        first = client.get_models(restApiId=api, limit=2)
        client.delete_model(restApiId=api, modelName="B")
        second = client.get_models(restApiId=api, limit=1, position=first["position"])
        assert ["C9"] == [item["name"] for item in second["items"]]

    def test_no_more_is_read_than_is_shown(self, harness, monkeypatch):
        read = []
        list_under = RelationalReader.list_under

        def counting(self, *where, **part):
            found = list_under(self, *where, **part)
            read.append(len(found))
            return found

        client = harness.client("apigateway")
        with harness.store.transaction() as transaction:
            for number in range(60):
                transaction.put(
                    DomainName(ACCOUNT, REGION, f"{number:02}.example.com", EndpointConfiguration(("EDGE",)), 1.0)
                )
        monkeypatch.setattr(RelationalReader, "list_under", counting)
        answer = client.get_domain_names(limit=10)
        assert (10, True, [11]) == (len(answer["items"]), "position" in answer, read)

    @pytest.mark.parametrize("key", ["\n", "a\x1fb"])
    def test_behind_a_key_that_no_record_can_have_there_is_nothing(self, api, key):
        client, api = api
        position = b64encode(f"/{key}".encode()).decode()
        assert [] == client.get_models(restApiId=api, position=position)["items"]
