"""Orders over ACME, with a directory that is played: what is stored and logged of each outcome."""

import asyncio
import time
from dataclasses import replace

import pytest

from gatewright.acme import client
from gatewright.acme.client import Obtained
from gatewright.acme.directory import Directory
from gatewright.acme.problems import OrderDelayed, OrderRefused
from gatewright.app.authority import ensure_authority
from gatewright.app.certificate_orders import OrdersInHand, ensure_account_key
from gatewright.controlplane.acm.renewal import find_renewals, order_renewals
from gatewright.controlplane.apigateway.domain_upkeep import look_after_domain_names
from gatewright.model.records import CertificateOrder, ResourceRecordSet
from support.ca import CertificateAuthority
from support.control import ACCOUNT, ControlHarness
from support.orders import work_once
from support.truststore_world import MutualTlsWorld, refused

DIRECTORY = Directory("https://directory.example/dir")


@pytest.fixture
def harness():
    made = ControlHarness()
    made.now = float(int(time.time()))
    installation = replace(made.context.installation, acme_domains=())
    made.context = replace(made.context, installation=installation)
    made.client("route53").create_hosted_zone(Name="shop.org", CallerReference="1")
    return made


@pytest.fixture
def acm(harness):
    return harness.client("acm")


@pytest.fixture
def arn(acm):
    return acm.request_certificate(DomainName="www.shop.org", KeyAlgorithm="EC_prime256v1")["CertificateArn"]


@pytest.fixture
def play(monkeypatch, harness):
    """Works on all orders while the directory does this."""

    def play(obtain, directory=DIRECTORY):
        monkeypatch.setattr(client, "obtain_certificate", obtain)
        work_once(OrdersInHand(harness.context, directory))

    return play


def status(acm, arn):
    return acm.describe_certificate(CertificateArn=arn)["Certificate"]["Status"]


def challenges(harness):
    with harness.store.read() as reader:
        return [each.values for each in reader.all(ResourceRecordSet) if each.type == "TXT"]


def test_what_is_obtained_is_issued(acm, arn, play, harness):
    ca = CertificateAuthority()

    def obtain(directory, account_key, csr_pem, zone):
        from cryptography import x509

        assert DIRECTORY == directory
        csr = x509.load_pem_x509_csr(csr_pem)
        assert "www.shop.org" == csr.subject.rfc4514_string().removeprefix("CN=")
        zone.put("www.shop.org", "proof")
        seen.append(challenges(harness))
        zone.remove("www.shop.org", "proof")
        issued = ca.issue("www.shop.org", key=_PublicOnly(csr.public_key()))
        return Obtained(issued.certificate_pem, issued.chain_pem)

    seen = []
    play(obtain)
    assert "ISSUED" == status(acm, arn)
    assert [[('"proof"',)]] == seen
    assert [] == challenges(harness)


class _PublicOnly:
    """A key of which the authority needs the public half only."""

    def __init__(self, public_key):
        self._public_key = public_key

    def public_key(self):
        return self._public_key


def raising(error):
    def obtain(*_):
        raise error

    return obtain


def test_a_refusal_fails_the_request(acm, arn, play, caplog):
    play(raising(OrderRefused("CAA_ERROR", "CAA forbids it (caa)")))
    assert "FAILED" == status(acm, arn)
    assert f"The certificate {arn} (www.shop.org) will not be issued (CAA_ERROR): CAA forbids it (caa)" in caplog.text


def test_a_delay_is_told_and_tried_again(acm, arn, play, caplog):
    play(raising(OrderDelayed("too many (rateLimited)", 90.0)))
    assert "PENDING_VALIDATION" == status(acm, arn)
    assert "is not issued yet, trying again in 90 s: too many (rateLimited)" in caplog.text


def test_our_own_bug_is_not_retried_without_a_pause(acm, arn, play, caplog):
    play(raising(ZeroDivisionError("ours")))
    assert "ZeroDivisionError" in caplog.text
    assert "is not issued yet, trying again in 15 s: working on it failed here" in caplog.text


def test_nor_is_a_store_that_fails(acm, arn, play, caplog, monkeypatch, harness):
    monkeypatch.setattr("gatewright.controlplane.acm.orders.FIRST_PAUSE", 0.001)
    attempts = []

    def refuse(*_):
        attempts.append(1)
        if len(attempts) > 1:
            raise OrderDelayed("later")
        raise OrderRefused("OTHER", "no")

    def fail(*_):
        raise OSError("the disk is full")

    monkeypatch.setattr("gatewright.controlplane.acm.orders.refuse", fail)
    play(refuse)
    assert 2 == len(attempts)
    assert "Keeping the outcome of the order" in caplog.text


def test_without_a_directory_it_waits(acm, arn, play, caplog):
    play(None, directory=None)
    assert "none is configured now (--acme-directory)" in caplog.text


def test_a_name_that_nobody_here_answers_for_waits_for_its_zone(acm, play, caplog):
    acm.request_certificate(DomainName="www.elsewhere.org", KeyAlgorithm="EC_prime256v1")

    def obtain(directory, account_key, csr_pem, zone):
        zone.put("www.elsewhere.org", "proof")

    play(obtain)
    assert "www.elsewhere.org is in no hosted zone" in caplog.text


def test_what_a_dead_attempt_left_in_the_dns_is_taken_away_first(acm, arn, play, harness):
    def die(directory, account_key, csr_pem, zone):
        zone.put("www.shop.org", "left")
        raise OrderDelayed("killed")

    play(die)
    assert [('"left"',)] == challenges(harness)
    harness.advance(15)
    seen = []

    def look(*_):
        seen.append(challenges(harness))
        raise OrderDelayed("enough")

    play(look)
    assert [[]] == seen


def test_the_account_key_is_made_once(harness):
    assert ensure_account_key(harness.store) == ensure_account_key(harness.store)


def test_an_attempt_that_hangs_keeps_nobody_from_ending(arn, harness, monkeypatch):
    monkeypatch.setattr(client, "obtain_certificate", lambda *_: time.sleep(3600))

    async def begin_and_leave():
        task = asyncio.create_task(OrdersInHand(harness.context, DIRECTORY).work())
        await asyncio.sleep(0.2)
        task.cancel()

    started = time.monotonic()
    asyncio.run(begin_and_leave())
    assert time.monotonic() - started < 10
    with harness.store.read() as reader:
        assert [ACCOUNT] == [order.account for order in reader.all(CertificateOrder)]


def test_a_look_that_fails_is_told_and_made_again(harness, monkeypatch, caplog):
    monkeypatch.setattr("gatewright.app.certificate_orders.LOOK_SECONDS", 0.001)
    in_hand = OrdersInHand(harness.context, None)
    looks = []

    def fail():
        looks.append(1)
        raise OSError("the disk is full")

    monkeypatch.setattr(in_hand, "take_up", fail)

    async def watch():
        task = asyncio.create_task(in_hand.work())
        while len(looks) < 2:  # noqa: ASYNC110  the looks are not ours to signal
            await asyncio.sleep(0.001)
        task.cancel()

    asyncio.run(asyncio.wait_for(watch(), 10))
    assert "Looking for orders of certificates failed" in caplog.text


def test_a_domain_name_that_waits_for_a_renewal_is_told_of_it(caplog):
    """The proof of ownership has expired, which locks the domain name; its renewal opens it, in the record and in the log too."""
    world = MutualTlsWorld(ControlHarness())
    harness, name = world.harness, "api.example.com"
    ensure_authority(harness.store, harness.now)
    world.upload(world.ca.certificate_pem)
    proof = world.acm.request_certificate(DomainName=name, KeyAlgorithm="EC_prime256v1")["CertificateArn"]
    world.create(name, arn=world.imported(name), ownershipVerificationCertificateArn=proof)
    harness.advance(400 * 86_400)
    look_after_domain_names(harness.store, harness.now)
    assert "PENDING_OWNERSHIP_VERIFICATION" == world.stored(name).domain_name_status
    change = ("replace", "/regionalCertificateName", "mine")
    assert "The domain name cannot be updated" in refused(world.update, name, change).message
    caplog.set_level("INFO")

    order_renewals(harness.store, find_renewals(harness.store, harness.now), harness.now)
    work_once(OrdersInHand(harness.context, None))

    assert ("AVAILABLE", ("AVAILABLE", None)) == (world.stored(name).domain_name_status, world.status(name))
    assert f"Domain name {name} is AVAILABLE again." in caplog.messages
    assert "mine" == world.update(name, change)["regionalCertificateName"]
