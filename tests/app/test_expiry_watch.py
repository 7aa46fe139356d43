"""Ends as metrics and in the log."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import pytest

from gatewright.app.expiry_watch import ExpiryWatch
from gatewright.controlplane.metrics import Metrics
from gatewright.model.records import Certificate
from support.ca import CertificateAuthority
from support.control import ControlHarness
from support.memory_store import MemoryStore
from support.truststore_world import URI, MutualTlsWorld

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


NAME = "api.example.com"


def within(days=20):
    """So many days from now, and a little."""
    return datetime.now(UTC) + timedelta(days=days, hours=1)


class TestWhatIsImportedOrSet:
    """At once, and once, though the last look at all was a moment ago."""

    @pytest.fixture
    def world(self, tmp_path):
        made = MutualTlsWorld(ControlHarness(tmp_path))
        made.upload(made.ca.certificate_pem)
        return made

    @pytest.fixture
    def told(self, world, caplog):
        """What is said since somebody looked last: kind and domain name."""
        watch = ExpiryWatch()
        caplog.set_level(logging.WARNING, "gatewright.app.expiry_watch")
        watch.look(world.harness.store, world.harness.now)
        caplog.clear()

        def look():
            watch.follow(world.harness.store, world.harness.now)
            said = list(caplog.messages)
            watch.follow(world.harness.store, world.harness.now)
            watch.look(world.harness.store, world.harness.now)
            assert said == caplog.messages, "it is said once"
            caplog.clear()
            return sorted(each.partition(" expires in")[0].removeprefix("The ") for each in said)

        return look

    def test_a_certificate(self, world, told):
        late = world.imported("late.example.com", not_after=within(200))
        soon = world.imported(NAME, not_after=within())
        assert [f"certificate {soon} of {NAME}"] == told()

        world.imported("late.example.com", arn=late, not_after=within(6))
        assert [f"certificate {late} of late.example.com"] == told()

    def test_a_certificate_that_is_named_by_a_domain_name(self, world, told):
        soon, proof = world.imported(NAME, not_after=within()), world.issued(NAME, not_after=within())
        assert 2 == len(told())
        world.create(NAME, arn=soon, ownershipVerificationCertificateArn=proof)

        assert [f"ownership certificate {proof} of {NAME}", f"server certificate {soon} of {NAME}"] == told()

    def test_a_truststore(self, world, told):
        world.create(NAME)
        told()
        world.upload(world.ca.certificate_pem + CertificateAuthority("Soon", not_after=within()).certificate_pem)
        assert [] == told(), "nothing was set yet"

        world.update(NAME, ("replace", "/mutualTlsAuthentication/truststoreUri", URI))
        (line,) = told()
        assert ("truststore entry", NAME) == (line[:16], line.rpartition(" of ")[2])
        assert "Soon" in line

    def test_by_itself(self, world, monkeypatch, caplog):
        monkeypatch.setattr("gatewright.app.expiry_watch.POLL_SECONDS", 0.01)
        watch = ExpiryWatch()
        watch.look(world.harness.store, world.harness.now)

        async def wait():
            following = asyncio.create_task(watch.keep_following(world.harness.store, lambda: world.harness.now))
            await asyncio.to_thread(world.imported, NAME, not_after=within())
            while NAME not in caplog.text:  # noqa: ASYNC110  nobody tells of a line
                await asyncio.sleep(0.01)
            following.cancel()

        asyncio.run(asyncio.wait_for(wait(), 10))
        assert "expires in 20 days" in caplog.text


def test_a_look_that_fails_is_told_and_the_next_is_made(monkeypatch, caplog):
    monkeypatch.setattr("gatewright.app.expiry_watch.POLL_SECONDS", 0.01)
    looks = []

    class Broken:
        def revision(self):
            looks.append(1)
            raise OSError("the disk is full")

    watch = ExpiryWatch()
    watch._revision = 1

    async def wait():
        following = asyncio.create_task(watch.keep_following(Broken(), lambda: NOW))
        while len(looks) < 2:  # noqa: ASYNC110  as above
            await asyncio.sleep(0.01)
        following.cancel()

    asyncio.run(asyncio.wait_for(wait(), 10))
    assert "Looking for ends of certificates failed; trying again: " in caplog.text
