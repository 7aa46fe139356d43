"""What is renewed, when, and what becomes of the order."""

import pytest

from gatewright.app.certificate_orders import OrdersInHand
from gatewright.controlplane.acm import orders
from gatewright.controlplane.acm.renewal import find_renewals, order_renewals
from gatewright.model.records import CertificateOrder
from support.orders import work_once

DAY = 86_400


@pytest.fixture
def work(harness):
    """Attempts every order that is due, once."""
    in_hand = OrdersInHand(harness.context, None)
    return lambda: work_once(in_hand)


@pytest.fixture
def due_orders(harness):
    def due_orders():
        with harness.store.read() as reader:
            return list(reader.all(CertificateOrder))

    return due_orders


@pytest.fixture
def upkeep(harness):
    def upkeep():
        due = find_renewals(harness.store, harness.now)
        order_renewals(harness.store, due, harness.now)
        return due

    return upkeep


class TestWhen:
    def test_45_days_before_the_end_if_something_uses_it(self, request_certificate, used, harness, upkeep, describe):
        arn = request_certificate()
        used(arn)
        harness.now = describe(arn)["NotAfter"].timestamp() - 45 * DAY - 1
        assert [] == upkeep()
        harness.advance(1)
        assert [arn] == [request.arn for request in upkeep()]
        assert "PENDING_AUTO_RENEWAL" == describe(arn)["RenewalSummary"]["RenewalStatus"]
        # One order is enough.
        assert [] == upkeep()

    def test_not_if_nothing_uses_it(self, request_certificate, harness, upkeep, describe):
        arn = request_certificate()
        harness.now = describe(arn)["NotAfter"].timestamp() - DAY
        assert [] == upkeep()
        assert "INELIGIBLE" == describe(arn)["RenewalEligibility"]

    def test_an_imported_one_never(self, ca, import_issued, used, harness, upkeep, describe):
        arn = import_issued(ca.issue("www.example.com"))
        used(arn)
        harness.now = describe(arn)["NotAfter"].timestamp() - DAY
        assert [] == upkeep()
        assert "INELIGIBLE" == describe(arn)["RenewalEligibility"]

    def test_one_that_was_exported_though_nothing_uses_it(self, acm, request_certificate, harness, upkeep, describe):
        arn = request_certificate(Options={"Export": "ENABLED"})
        acm.export_certificate(CertificateArn=arn, Passphrase=b"secret")
        harness.now = describe(arn)["NotAfter"].timestamp() - DAY
        assert [arn] == [request.arn for request in upkeep()]

    def test_one_that_has_run_out_comes_back(self, request_certificate, used, harness, upkeep, work, describe):
        arn = request_certificate()
        used(arn)
        harness.now = describe(arn)["NotAfter"].timestamp() + DAY
        assert "EXPIRED" == describe(arn)["Status"]
        upkeep()
        work()
        assert "ISSUED" == describe(arn)["Status"]

    @pytest.mark.parametrize(("life", "lead"), [(198, 45), (90, 30), (6, 2)])
    def test_sooner_for_those_that_live_shortly(self, life, lead):
        from types import SimpleNamespace

        certificate = SimpleNamespace(not_before=0.0, not_after=float(life * DAY))
        assert (life - lead) * DAY == pytest.approx(orders.renewal_starts(certificate))

    def test_not_one_that_is_deleted_meanwhile(self, acm, request_certificate, harness, due_orders, describe):
        arn = request_certificate(Options={"Export": "ENABLED"})
        acm.export_certificate(CertificateArn=arn, Passphrase=b"secret")
        harness.now = describe(arn)["NotAfter"].timestamp() - DAY
        due = find_renewals(harness.store, harness.now)
        acm.delete_certificate(CertificateArn=arn)
        order_renewals(harness.store, due, harness.now)
        assert [] == due_orders()


class TestByTheLocalAuthority:
    def test_new_key_same_arn_and_tags(self, acm, request_certificate, used, harness, work, describe):
        arn = request_certificate(Tags=[{"Key": "a", "Value": "1"}])
        used(arn)
        before, old = describe(arn), acm.get_certificate(CertificateArn=arn)["Certificate"]
        harness.advance(100 * DAY)
        acm.renew_certificate(CertificateArn=arn)
        # The old one is served until there is a new one.
        assert old == acm.get_certificate(CertificateArn=arn)["Certificate"]
        work()
        after = describe(arn)
        assert old != acm.get_certificate(CertificateArn=arn)["Certificate"]
        assert before["Serial"] != after["Serial"]
        assert before["CreatedAt"] == after["CreatedAt"]
        assert 100 * DAY == (after["NotAfter"] - before["NotAfter"]).total_seconds()
        assert ("SUCCESS", harness.now) == (
            after["RenewalSummary"]["RenewalStatus"],
            after["RenewalSummary"]["UpdatedAt"].timestamp(),
        )
        assert [{"Key": "a", "Value": "1"}] == acm.list_tags_for_certificate(CertificateArn=arn)["Tags"]
        assert 1 == len(acm.list_certificates(Includes={"keyTypes": ["EC_prime256v1"]})["CertificateSummaryList"])

    def test_the_workers_are_told(self, acm, request_certificate, used, harness, work):
        arn = request_certificate()
        used(arn)
        acm.renew_certificate(CertificateArn=arn)
        told = len(harness.published)
        work()
        assert told < len(harness.published)


class TestByAPrivateCa:
    @pytest.fixture
    def pca(self, harness):
        return harness.client("acm-pca")

    @pytest.fixture
    def authority_arn(self, pca):
        arn = pca.create_certificate_authority(
            CertificateAuthorityType="ROOT",
            CertificateAuthorityConfiguration={
                "KeyAlgorithm": "EC_prime256v1",
                "SigningAlgorithm": "SHA256WITHECDSA",
                "Subject": {"CommonName": "Root"},
            },
        )["CertificateAuthorityArn"]
        own = pca.issue_certificate(
            CertificateAuthorityArn=arn,
            Csr=pca.get_certificate_authority_csr(CertificateAuthorityArn=arn)["Csr"],
            SigningAlgorithm="SHA256WITHECDSA",
            TemplateArn="arn:aws:acm-pca:::template/RootCACertificate/V1",
            Validity={"Type": "DAYS", "Value": 3650},
        )["CertificateArn"]
        pem = pca.get_certificate(CertificateAuthorityArn=arn, CertificateArn=own)["Certificate"]
        pca.import_certificate_authority_certificate(CertificateAuthorityArn=arn, Certificate=pem)
        return arn

    @pytest.fixture
    def exported(self, acm, request_certificate, authority_arn):
        arn = acm.request_certificate(
            DomainName="www.corp.internal", CertificateAuthorityArn=authority_arn, KeyAlgorithm="EC_prime256v1"
        )["CertificateArn"]
        acm.export_certificate(CertificateArn=arn, Passphrase=b"secret")
        return arn

    def test_with_its_permission(self, acm, pca, authority_arn, exported, work, describe):
        pca.create_permission(
            CertificateAuthorityArn=authority_arn,
            Principal="acm.amazonaws.com",
            Actions=["IssueCertificate", "GetCertificate", "ListPermissions"],
        )
        before = describe(exported)["Serial"]
        acm.renew_certificate(CertificateArn=exported)
        work()
        assert before != describe(exported)["Serial"]

    def test_not_without_it(self, acm, exported, work, describe):
        before = describe(exported)["Serial"]
        acm.renew_certificate(CertificateArn=exported)
        work()
        certificate = describe(exported)
        assert (before, "ISSUED") == (certificate["Serial"], certificate["Status"])
        summary = certificate["RenewalSummary"]
        assert ("FAILED", "PCA_ACCESS_DENIED") == (summary["RenewalStatus"], summary["RenewalStatusReason"])


class TestRefusals:
    def test_an_imported_one(self, acm, ca, import_issued, refused):
        error = refused(acm.renew_certificate, CertificateArn=import_issued(ca.issue("www.example.com")))
        assert "ValidationException" == error.code
        assert error.message.startswith("Imported certificates are not renewed")

    def test_one_that_nothing_uses(self, acm, request_certificate, refused):
        error = refused(acm.renew_certificate, CertificateArn=request_certificate())
        assert "is not eligible for renewal" in error.message

    def test_one_that_is_not_issued_yet(self, acm, harness, request_certificate, refused):
        from dataclasses import replace

        installation = replace(harness.context.installation, acme_domains=())
        harness.context = replace(harness.context, installation=installation)
        error = refused(acm.renew_certificate, CertificateArn=request_certificate("www.shop.org"))
        assert "RequestInProgressException" == error.code


class TestOrders:
    @pytest.fixture
    def pending(self, acm, harness, request_certificate):
        """The ARN of a certificate that an ACME directory is to issue; there is none that could be asked."""
        from dataclasses import replace

        installation = replace(harness.context.installation, acme_domains=())
        harness.context = replace(harness.context, installation=installation)
        return request_certificate("www.shop.org")

    def test_attempts_are_made_five_times_in_the_first_hour_and_then_hourly(self, pending, harness, work, due_orders):
        begun = harness.now
        made = []
        for _ in range(8):
            harness.now = due_orders()[0].due_at
            made.append(harness.now - begun)
            work()
        assert [0, 15, 75, 315, 1275, 4875, 8475, 12075] == made

    def test_after_72_hours_there_is_none(self, pending, harness, work, due_orders, describe):
        harness.advance(72 * 3600 - 1)
        work()
        assert [] == due_orders()
        harness.advance(2)
        assert "VALIDATION_TIMED_OUT" == describe(pending)["Status"]

    def test_a_deleted_request_is_ordered_no_longer(self, acm, pending, due_orders, work):
        acm.delete_certificate(CertificateArn=pending)
        assert [] == due_orders()
        work()

    def test_an_order_that_lost_its_request_while_it_was_worked_on_is_dropped(self, acm, pending, harness, due_orders):
        (order,) = due_orders()
        acm.delete_certificate(CertificateArn=pending)
        with harness.store.transaction() as transaction:
            assert orders.postpone(transaction, order, harness.now) is None
            orders.refuse(transaction, order, "OTHER", harness.now)
        assert [] == due_orders()

    def test_a_refusal_is_the_failure_of_the_request(self, pending, harness, due_orders, describe):
        (order,) = due_orders()
        with harness.store.transaction() as transaction:
            orders.refuse(transaction, order, "CAA_ERROR", harness.now)
        certificate = describe(pending)
        assert ("FAILED", "CAA_ERROR") == (certificate["Status"], certificate["FailureReason"])
        assert [] == due_orders()

    def test_the_directory_may_ask_for_more_time(self, pending, harness, due_orders):
        (order,) = due_orders()
        with harness.store.transaction() as transaction:
            assert 500.0 == orders.postpone(transaction, order, harness.now, 500.0)
        assert harness.now + 500 == due_orders()[0].due_at

    def test_challenges_are_remembered_until_they_are_taken_away(self, pending, harness, due_orders):
        (order,) = due_orders()
        with harness.store.transaction() as transaction:
            orders.note_challenge(transaction, order, "www.shop.org", "one")
            orders.note_challenge(transaction, order, "www.shop.org", "two")
            orders.forget_challenge(transaction, order, "one")
            orders.postpone(transaction, order, harness.now)
        assert {"two": "www.shop.org"} == due_orders()[0].challenges
