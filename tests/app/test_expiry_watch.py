"""Ends as metrics and in the log."""

import logging

import pytest

from gatewright.app.expiry_watch import ExpiryWatch
from gatewright.controlplane.metrics import Metrics
from gatewright.model.records import Certificate
from support.memory_store import MemoryStore

NOW = 1_700_000_000.0
DAY = 86_400.0
ARN = "arn:aws:acm:us-east-1:000000000000:certificate/a"


@pytest.fixture
def store():
    store = MemoryStore()
    with store.transaction() as transaction:
        transaction.put(
            Certificate(
                "000000000000", "us-east-1", "a", "", None, "www.example.com", (), NOW, NOW + 8 * DAY, created_at=NOW
            )
        )
    return store


def test_a_line_a_stage_and_a_metric_always(store, caplog):
    watch = ExpiryWatch()
    metrics = Metrics(watch)
    with caplog.at_level(logging.WARNING):
        for now in (NOW, NOW + 3600, NOW + DAY, NOW + DAY + 3600):
            watch.look(store, now)
    assert ["expires in 8 days", "expires in 7 days"] == [
        message.partition(", on ")[0].partition("www.example.com ")[2] for message in caplog.messages
    ]
    line = (
        'gatewright_expiry_timestamp_seconds{account="000000000000",domain_name="www.example.com",'
        f'kind="certificate",name="{ARN}",region="us-east-1"}} 1.7006912e+09'
    )
    assert line in metrics.render().decode()


def test_what_is_gone_is_not_shown(store):
    watch = ExpiryWatch()
    watch.look(store, NOW)
    with store.transaction() as transaction:
        transaction.delete_under(Certificate, "000000000000", "us-east-1", "a")
    watch.look(store, NOW)
    assert ARN not in Metrics(watch).render().decode()
