"""Telling a real DNS server, BIND, of hosted zones: what it then answers, and what happens while it does not."""

import asyncio
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace

import dns.message
import dns.query
import pytest

from gatewright.app.dns_updates import DnsUpdates
from gatewright.app.zones import ZoneKeeper
from gatewright.controlplane.route53.challenges import is_published, put_challenge, remove_challenge
from gatewright.model.hosted_zones import regional_hosted_zone_id
from gatewright.model.records import DnsUpdate
from gatewright.nameserver.updates import UpdateServer, make_key
from support.control import ACCOUNT, SUFFIX, ControlHarness
from support.named import free_port, running_named
from support.record_sets import alias, change, plain

pytestmark = pytest.mark.e2e

KEY = make_key("gatewright", "hmac-sha256", "c2VjcmV0IG9mIHRoZSB0ZXN0cywgMzIgYnl0ZXMhISE=")
THEIR_ZONE = "$TTL 60\n@ 60 IN SOA ns hostmaster 1 7200 900 1209600 60\n@ IN NS ns\nns IN A 127.0.0.1\n"
TARGET = "d-abcdefghij.execute-api.us-east-1.gateway.localhost"


@pytest.fixture
def harness(tmp_path):
    harness = ControlHarness(tmp_path)
    installation = replace(harness.context.installation, dns_updates=True)
    object.__setattr__(harness.context, "installation", installation)
    yield harness
    harness.store.close()


@pytest.fixture
def route53(harness):
    return harness.client("route53")


@pytest.fixture
def zone(route53):
    return route53.create_hosted_zone(Name="example.com", CallerReference="one")["HostedZone"]["Id"]


@contextmanager
def bind(tmp_path, port=None, zones=("example.com",)):
    folder = tmp_path / "named"
    folder.mkdir(exist_ok=True)
    with running_named(folder, dict.fromkeys(zones, THEIR_ZONE), port=port) as listening:
        yield listening


@asynccontextmanager
async def telling(harness, port, key=KEY):
    keeper = ZoneKeeper(harness.store, SUFFIX, "us-east-1", ["127.0.0.1"])
    updates = DnsUpdates(
        harness.store, UpdateServer("127.0.0.1", port, key), keeper.answer, asyncio.Lock(), first_pause=0.05
    )
    task = asyncio.create_task(updates.run())
    try:
        yield updates
    finally:
        task.cancel()


def waiting(harness):
    with harness.store.read() as reader:
        return [(each.name, each.type) for each in reader.all(DnsUpdate)]


async def told(harness, updates):
    """Everything was told."""
    updates.wake()
    async with asyncio.timeout(10):
        while waiting(harness):  # noqa: ASYNC110  there is no event to wait for
            await asyncio.sleep(0.02)


def tell(harness, port):
    async def run():
        async with telling(harness, port) as updates:
            await asyncio.sleep(0.1)  # so that a server that is new has been noted
            await told(harness, updates)

    asyncio.run(run())


def ask(port, name, record_type="A"):
    response = dns.query.tcp(dns.message.make_query(name, record_type), "127.0.0.1", port=port, timeout=5)
    return sorted(str(each) for rrset in response.answer for each in rrset)


def test_the_server_has_what_the_hosted_zone_has(harness, route53, zone, tmp_path):
    change(
        route53,
        zone,
        ("CREATE", plain("www.example.com", "A", "192.0.2.1", "192.0.2.2")),
        ("CREATE", plain("*.wild.example.com", "CNAME", "www.example.com")),
        ("CREATE", plain("text.example.com", "TXT", r'"\052" "two"')),
        ("CREATE", alias("example.com", "A", TARGET, regional_hosted_zone_id("us-east-1"))),
    )
    with bind(tmp_path) as port:
        tell(harness, port)
        assert ["192.0.2.1", "192.0.2.2"] == ask(port, "www.example.com")
        assert ["192.0.2.1", "192.0.2.2", "www.example.com."] == ask(port, "x.wild.example.com")
        assert ['"*" "two"'] == ask(port, "text.example.com", "TXT")
        assert ["127.0.0.1"] == ask(port, "example.com")
        # What the server's own apex has is its own.
        assert ["ns.example.com."] == ask(port, "example.com", "NS")
        change(
            route53,
            zone,
            ("UPSERT", plain("www.example.com", "A", "192.0.2.3")),
            ("DELETE", plain("text.example.com", "TXT", r'"\052" "two"')),
        )
        tell(harness, port)
        assert ["192.0.2.3"] == ask(port, "www.example.com")
        assert [] == ask(port, "text.example.com", "TXT")
        # A CNAME takes the place of an A record, and the other way round.
        change(
            route53,
            zone,
            ("DELETE", plain("www.example.com", "A", "192.0.2.3")),
            ("CREATE", plain("www.example.com", "CNAME", "ns.example.com")),
        )
        tell(harness, port)
        assert ["ns.example.com."] == ask(port, "www.example.com", "CNAME")
        change(
            route53,
            zone,
            ("DELETE", plain("www.example.com", "CNAME", "ns.example.com")),
            ("CREATE", plain("www.example.com", "A", "192.0.2.4")),
        )
        tell(harness, port)
        assert ["192.0.2.4"] == ask(port, "www.example.com")


def test_what_a_server_missed_it_is_told_when_it_is_back(harness, route53, zone, tmp_path, caplog):
    port = free_port()
    caplog.set_level("INFO")

    async def outage():
        async with telling(harness, port) as updates:
            await asyncio.sleep(0.3)
            assert ("www.example.com.", "A") in waiting(harness)
            server = bind(tmp_path, port)
            await asyncio.to_thread(server.__enter__)
            try:
                await told(harness, updates)
                assert ["192.0.2.1"] == await asyncio.to_thread(ask, port, "www.example.com")
            finally:
                await asyncio.to_thread(server.__exit__, None, None, None)

    change(route53, zone, ("CREATE", plain("www.example.com", "A", "192.0.2.1")))
    asyncio.run(outage())
    assert 1 == sum("gives no answer to an update" in record.message for record in caplog.records)
    assert "has been told of everything" in caplog.text


def test_a_restart_forgets_nothing(harness, route53, zone, tmp_path):
    with bind(tmp_path) as port:
        tell(harness, port)
        change(route53, zone, ("CREATE", plain("www.example.com", "A", "192.0.2.1")))
        assert [("www.example.com.", "A")] == waiting(harness)
        tell(harness, port)
        assert ["192.0.2.1"] == ask(port, "www.example.com")


def test_what_is_refused_holds_up_nothing_else(harness, route53, zone, tmp_path, caplog):
    other = route53.create_hosted_zone(Name="example.org", CallerReference="two")["HostedZone"]["Id"]
    change(route53, other, ("CREATE", plain("www.example.org", "A", "192.0.2.9")))
    change(route53, zone, ("CREATE", plain("www.example.com", "A", "192.0.2.1")))
    with bind(tmp_path) as port:

        async def run():
            async with telling(harness, port):
                async with asyncio.timeout(10):
                    while any("example.com" in name for name, _ in waiting(harness)) or not waiting(harness):  # noqa: ASYNC110
                        await asyncio.sleep(0.02)

        asyncio.run(run())
        assert ["192.0.2.1"] == ask(port, "www.example.com")
        assert ("www.example.org.", "A") in waiting(harness)
        assert "answers for no zone that www.example.org. is in" in caplog.text


def test_a_wrong_key_is_an_error_without_the_key(harness, route53, zone, tmp_path, caplog):
    change(route53, zone, ("CREATE", plain("www.example.com", "A", "192.0.2.1")))
    with bind(tmp_path) as port:

        async def run():
            async with telling(harness, port, make_key("gatewright", "hmac-sha256", "d3Jvbmcgc2VjcmV0")):
                await asyncio.sleep(0.5)

        asyncio.run(run())
        assert "does not accept the key" in caplog.text
        assert "d3Jvbmcgc2VjcmV0" not in caplog.text
        assert [] == ask(port, "www.example.com")


def test_a_challenge_outside_of_hosted_zones_is_told_and_taken_back(harness, tmp_path):
    def within(operation, value):
        with harness.store.transaction() as transaction:
            operation(transaction, harness.context.installation, ACCOUNT, "www.example.com", value)

    with bind(tmp_path) as port:
        within(put_challenge, "one")
        within(put_challenge, "two")
        tell(harness, port)
        with harness.store.read() as reader:
            assert is_published(reader, ACCOUNT, "www.example.com")
        assert ['"one"', '"two"'] == ask(port, "_acme-challenge.www.example.com", "TXT")
        within(remove_challenge, "one")
        within(remove_challenge, "two")
        tell(harness, port)
        assert [] == ask(port, "_acme-challenge.www.example.com", "TXT")
