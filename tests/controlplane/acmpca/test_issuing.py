"""IssueCertificate and GetCertificate; OpenSSL and pyca judge the chains."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from cryptography.x509.verification import PolicyBuilder
from cryptography.x509.verification import Store as TrustAnchors

from gatewright.controlplane.acmpca.issuing import issue_end_entity
from gatewright.controlplane.errors import ServiceError

SAN = "subjectAltName=DNS:www.example.com"


def parse(pem):
    return x509.load_pem_x509_certificate(pem.encode())


def extension(pem, kind):
    return parse(pem).extensions.get_extension_for_class(kind)


class TestChains:
    @pytest.mark.parametrize("key", ["EC_prime256v1", "EC_secp384r1", "EC_secp521r1", "RSA_2048", "RSA_3072"])
    def test_openssl_and_pyca_accept_root_subordinate_and_leaf(self, authorities, harness, make_csr, openssl, key):
        root = authorities.root(key=key)
        subordinate = authorities.subordinate(root, key=key)

        issued = authorities.get(authorities.issue(subordinate, make_csr("/CN=www.example.com", SAN)))

        root_pem = authorities.client.get_certificate_authority_certificate(CertificateAuthorityArn=root)["Certificate"]
        verdict = openssl.verify(
            issued.pem, root=root_pem, chain=issued.chain, options=["-x509_strict", "-purpose", "sslserver"]
        )
        assert verdict.ok, verdict.said
        assert issued.chain.endswith(root_pem)
        policy = PolicyBuilder().store(TrustAnchors([parse(root_pem)])).time(datetime.fromtimestamp(harness.now, UTC))
        if key != "EC_secp521r1":  # the Web PKI's profile, which pyca keeps to, has no such CAs
            proven = policy.build_server_verifier(x509.DNSName("www.example.com")).verify(
                parse(issued.pem), x509.load_pem_x509_certificates(issued.chain.encode())
            )
            assert 3 == len(proven)

    def test_a_leaf_of_the_root_itself_has_the_root_for_its_chain(self, authorities, make_csr, openssl):
        root = authorities.create()
        root_pem = authorities.install(root)
        issued = authorities.get(authorities.issue(root, make_csr()))
        assert root_pem == issued.chain
        assert openssl.verify(issued.pem, root=root_pem).ok

    @pytest.mark.parametrize("signing", ["SHA384WITHRSA", "SHA512WITHRSA", "SHA256WITHRSA_PSS"])
    def test_the_signing_algorithm_is_the_callers_choice(self, authorities, make_csr, openssl, signing):
        root = authorities.create(key="RSA_2048")
        root_pem = authorities.install(root)
        issued = authorities.get(authorities.issue(root, make_csr(), signing=signing))
        assert openssl.verify(issued.pem, root=root_pem).ok
        text = openssl.show(issued.pem, "-text")
        assert ("rsassaPss" if signing.endswith("PSS") else f"sha{signing[3:6]}WithRSAEncryption") in text

    def test_of_another_family_than_the_key_is_refused(self, authorities, make_csr, refused):
        root = authorities.root()
        assert "InvalidArgsException" == refused(authorities.issue, root, make_csr(), signing="SHA256WITHRSA").code
        assert "InvalidArgsException" == refused(authorities.issue, root, make_csr(), signing="ML_DSA_44").code

    def test_the_arn_ends_with_the_serial_that_openssl_shows(self, authorities, make_csr, openssl):
        arn = authorities.issue(authorities.root(), make_csr())
        assert arn.rpartition("/")[2].upper() == openssl.show(authorities.get(arn).pem, "-serial").partition("=")[2]


class TestTemplates:
    @pytest.mark.parametrize(
        ("template", "purposes"),
        [
            (None, [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]),
            ("EndEntityCertificate", [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]),
            ("EndEntityClientAuthCertificate", [ExtendedKeyUsageOID.CLIENT_AUTH]),
            ("EndEntityServerAuthCertificate", [ExtendedKeyUsageOID.SERVER_AUTH]),
        ],
    )
    def test_end_entities(self, authorities, make_csr, template, purposes):
        pem = authorities.get(authorities.issue(authorities.root(), make_csr("/CN=client", SAN), template)).pem
        assert purposes == list(extension(pem, x509.ExtendedKeyUsage).value)
        usage = extension(pem, x509.KeyUsage)
        assert (True, True, True) == (usage.critical, usage.value.digital_signature, usage.value.key_encipherment)
        assert not usage.value.key_cert_sign
        assert x509.BasicConstraints(ca=False, path_length=None) == extension(pem, x509.BasicConstraints).value
        names = extension(pem, x509.SubjectAlternativeName).value
        assert ["www.example.com"] == names.get_values_for_type(x509.DNSName)
        assert "CN=client" == parse(pem).subject.rfc4514_string()

    @pytest.mark.parametrize("length", range(4))
    def test_subordinates_have_the_path_length_of_their_template(self, authorities, length):
        root = authorities.root()
        subordinate = authorities.create("Subordinate", "SUBORDINATE")
        pem = authorities.install(subordinate, root, f"SubordinateCACertificate_PathLen{length}", days=200)
        constraints = extension(pem, x509.BasicConstraints)
        assert (True, x509.BasicConstraints(ca=True, path_length=length)) == (constraints.critical, constraints.value)

    def test_a_ca_cannot_go_deeper_than_its_own_path_length(self, authorities, refused):
        upper = authorities.subordinate(authorities.root(), "SubordinateCACertificate_PathLen1")
        lower = authorities.create("Lower", "SUBORDINATE")
        told = refused(authorities.issue, upper, authorities.csr(lower), "SubordinateCACertificate_PathLen1")
        assert "ValidationException" == told.code
        authorities.install(lower, upper, "SubordinateCACertificate_PathLen0", days=100)
        assert "ACTIVE" == authorities.describe(lower)["Status"]

    def test_a_base_template_takes_no_extension_of_the_csr_but_its_names(self, authorities, make_csr):
        csr = make_csr("/CN=a", SAN, "basicConstraints=critical,CA:TRUE", "keyUsage=keyCertSign", "1.2.3.4=ASN1:NULL")
        pem = authorities.get(authorities.issue(authorities.root(), csr)).pem
        assert not extension(pem, x509.BasicConstraints).value.ca
        assert not extension(pem, x509.KeyUsage).value.key_cert_sign
        assert "1.2.3.4" not in [each.oid.dotted_string for each in parse(pem).extensions]

    def test_csr_passthrough_adds_what_the_template_does_not_define(self, authorities, make_csr):
        csr = make_csr(
            "/CN=a", SAN, "basicConstraints=critical,CA:TRUE", "extendedKeyUsage=codeSigning", "1.2.3.4=ASN1:NULL"
        )
        pem = authorities.get(authorities.issue(authorities.root(), csr, "EndEntityCertificate_CSRPassthrough")).pem
        assert not extension(pem, x509.BasicConstraints).value.ca
        assert ExtendedKeyUsageOID.CODE_SIGNING not in list(extension(pem, x509.ExtendedKeyUsage).value)
        assert "1.2.3.4" in [each.oid.dotted_string for each in parse(pem).extensions]
        blank = authorities.get(
            authorities.issue(authorities.root(), csr, "BlankEndEntityCertificate_CSRPassthrough")
        ).pem
        assert [ExtendedKeyUsageOID.CODE_SIGNING] == list(extension(blank, x509.ExtendedKeyUsage).value)

    def test_api_passthrough_gives_subject_names_and_purposes(self, authorities, make_csr, openssl):
        root = authorities.create()
        root_pem = authorities.install(root)
        passthrough = {
            "Subject": {"Country": "US", "CommonName": "From the API"},
            "Extensions": {
                "SubjectAlternativeNames": [
                    {"DnsName": "api.example.com"},
                    {"IpAddress": "192.0.2.7"},
                    {"Rfc822Name": "a@example.com"},
                    {"UniformResourceIdentifier": "https://example.com/a"},
                    {"DirectoryName": {"CommonName": "Somebody"}},
                    {"OtherName": {"TypeId": "1.3.6.1.4.1.311.20.2.3", "Value": "user@example.com"}},
                ],
                "KeyUsage": {"DigitalSignature": True, "NonRepudiation": True},
                "ExtendedKeyUsage": [
                    {"ExtendedKeyUsageType": "CLIENT_AUTH"},
                    {"ExtendedKeyUsageObjectIdentifier": "1.2.3.4.5"},
                ],
                "CertificatePolicies": [
                    {
                        "CertPolicyId": "2.5.29.32.0",
                        "PolicyQualifiers": [
                            {"PolicyQualifierId": "CPS", "Qualifier": {"CpsUri": "https://example.com/cps"}}
                        ],
                    }
                ],
                "CustomExtensions": [{"ObjectIdentifier": "1.2.3.4.9", "Value": "BQA=", "Critical": False}],
            },
        }
        arn = authorities.issue(
            root,
            make_csr("/CN=from-the-csr", SAN),
            "BlankEndEntityCertificate_APIPassthrough",
            ApiPassthrough=passthrough,
        )
        text = openssl.show(authorities.get(arn).pem, "-text", "-nameopt", "RFC2253")
        assert "Subject: CN=From the API,C=US" in text
        assert "DNS:api.example.com, IP Address:192.0.2.7, email:a@example.com, URI:https://example.com/a" in text
        names = extension(authorities.get(arn).pem, x509.SubjectAlternativeName).value
        directory = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Somebody")])
        assert [directory] == names.get_values_for_type(x509.DirectoryName)
        # Twelve, and the length: the tag of a UTF8String.
        assert b"\x0c\x10user@example.com" == names.get_values_for_type(x509.OtherName)[0].value
        assert "Digital Signature, Non Repudiation" in text
        assert "TLS Web Client Authentication, 1.2.3.4.5" in text
        assert "CPS: https://example.com/cps" in text
        assert "1.2.3.4.9" in text
        assert openssl.verify(authorities.get(arn).pem, root=root_pem).ok

    def test_api_passthrough_is_ignored_by_a_template_that_takes_nothing_from_the_api(self, authorities, make_csr):
        passed = {"Subject": {"CommonName": "From the API"}}
        pem = authorities.get(authorities.issue(authorities.root(), make_csr("/CN=csr"), ApiPassthrough=passed)).pem
        assert "CN=csr" == parse(pem).subject.rfc4514_string()

    @pytest.mark.parametrize(
        "extensions",
        [
            {"SubjectAlternativeNames": [{"IpAddress": "not an address"}]},
            {"SubjectAlternativeNames": [{"DnsName": "a.example", "Rfc822Name": "a@example.com"}]},
            {"SubjectAlternativeNames": [{}]},
            {"SubjectAlternativeNames": [{"EdiPartyName": {"PartyName": "a"}}]},
            {"KeyUsage": {"EncipherOnly": True}},
            {"ExtendedKeyUsage": [{}]},
            {
                "CustomExtensions": [
                    {"ObjectIdentifier": "2.39.999", "Value": "BQA="},
                    {"ObjectIdentifier": "1.2", "Value": "="},
                ]
            },
        ],
    )
    def test_what_x509_cannot_say_is_refused(self, harness, authorities, make_csr, refused, extensions):
        root = authorities.root()
        told = refused(
            authorities.issue, root, make_csr(), "EndEntityCertificate_APIPassthrough",
            ApiPassthrough={"Extensions": extensions},
        )  # fmt: skip
        assert told.code in ("InvalidArgsException", "ValidationException")

    def test_long_other_names_and_registered_ids(self, authorities, make_csr, openssl):
        long = "u" * 200
        names = [{"OtherName": {"TypeId": "1.3.6.1.4.1.311.20.2.3", "Value": long}}, {"RegisteredId": "1.2.3.4"}]
        arn = authorities.issue(
            authorities.root(),
            make_csr(),
            "EndEntityCertificate_APICSRPassthrough",
            ApiPassthrough={"Extensions": {"SubjectAlternativeNames": names}},
        )
        shown = openssl.show(authorities.get(arn).pem, "-ext", "subjectAltName")
        assert long in shown
        assert "Registered ID:1.2.3.4" in shown

    def test_a_blank_root_says_what_the_api_says(self, authorities):
        root = authorities.create()
        usage = {"Extensions": {"KeyUsage": {"KeyCertSign": True}}}
        template = "BlankRootCACertificate_PathLen2_APIPassthrough"
        pem = authorities.get(authorities.issue(root, authorities.csr(root), template, ApiPassthrough=usage)).pem
        authorities.client.import_certificate_authority_certificate(CertificateAuthorityArn=root, Certificate=pem)
        assert 2 == extension(pem, x509.BasicConstraints).value.path_length
        assert not extension(pem, x509.KeyUsage).value.crl_sign
        assert "ACTIVE" == authorities.describe(root)["Status"]

    def test_a_root_template_is_for_the_own_request_of_a_root_alone(self, authorities, make_csr, refused):
        root = authorities.root()
        assert "InvalidArgsException" == refused(authorities.issue, root, make_csr(), "RootCACertificate").code
        subordinate = authorities.subordinate(root)
        own = authorities.csr(subordinate)
        assert "InvalidArgsException" == refused(authorities.issue, subordinate, own, "RootCACertificate").code

    @pytest.mark.parametrize("name", ["EndEntity", "RootCACertificate_CSRPassthrough", "BlankEndEntityCertificate"])
    def test_an_unknown_template_is_refused(self, authorities, make_csr, refused, name):
        assert "InvalidArgsException" == refused(authorities.issue, authorities.root(), make_csr(), name).code


class TestValidity:
    @pytest.mark.parametrize(
        ("kind", "value", "expected"),
        [
            ("DAYS", 7, datetime(2025, 2, 7, 12, tzinfo=UTC)),
            ("MONTHS", 1, datetime(2025, 2, 28, 12, tzinfo=UTC)),
            ("YEARS", 1, datetime(2026, 1, 31, 12, tzinfo=UTC)),
            ("ABSOLUTE", 1_750_000_000, datetime(2025, 6, 15, 15, 6, 40, tzinfo=UTC)),
            ("END_DATE", 250901120000, datetime(2025, 9, 1, 12, tzinfo=UTC)),
            ("END_DATE", 20250901120000, datetime(2025, 9, 1, 12, tzinfo=UTC)),
        ],
    )
    def test_every_way_to_say_it(self, authorities, harness, make_csr, kind, value, expected):
        harness.now = datetime(2025, 1, 31, 12, tzinfo=UTC).timestamp()
        root = authorities.root(days=3650)
        pem = authorities.get(authorities.issue(root, make_csr(), Validity={"Type": kind, "Value": value})).pem
        assert expected == parse(pem).not_valid_after_utc
        # M: "the issuance time minus 60 minutes".
        assert datetime(2025, 1, 31, 11, tzinfo=UTC) == parse(pem).not_valid_before_utc

    def test_the_beginning_can_be_given(self, authorities, harness, make_csr, refused):
        root, begins = authorities.root(), int(harness.now) + 86_400
        arn = authorities.issue(root, make_csr(), ValidityNotBefore={"Type": "ABSOLUTE", "Value": begins})
        assert datetime.fromtimestamp(begins, UTC) == parse(authorities.get(arn).pem).not_valid_before_utc
        told = refused(authorities.issue, root, make_csr(), ValidityNotBefore={"Type": "DAYS", "Value": 1})
        assert "InvalidArgsException" == told.code

    @pytest.mark.parametrize(
        "validity",
        [
            {"Type": "DAYS", "Value": 301},  # the CA has 300
            {"Type": "ABSOLUTE", "Value": 1},
            {"Type": "END_DATE", "Value": 991231235959},  # 1999
            {"Type": "END_DATE", "Value": 99999999999999},
            {"Type": "DAYS", "Value": 10**15},
            {"Type": "YEARS", "Value": 10**6},
        ],
    )
    def test_beyond_the_ca_over_or_unreadable(self, authorities, make_csr, refused, validity):
        assert (
            "ValidationException" == refused(authorities.issue, authorities.root(), make_csr(), Validity=validity).code
        )

    def test_a_short_lived_ca_issues_for_seven_days(self, authorities, make_csr, refused):
        root = authorities.root(UsageMode="SHORT_LIVED_CERTIFICATE")
        assert authorities.issue(root, make_csr(), days=7)
        assert "ValidationException" == refused(authorities.issue, root, make_csr(), days=8).code


class TestRequests:
    def test_what_is_no_request_is_malformed(self, authorities, make_csr, refused):
        root = authorities.root()
        csr = make_csr()
        broken = csr.replace(csr.splitlines()[3][:4], b"AAAA")
        for bad in (b"-----BEGIN CERTIFICATE REQUEST-----\nAA==\n-----END CERTIFICATE REQUEST-----\n", broken, b"x"):
            assert "MalformedCSRException" == refused(authorities.issue, root, bad).code

    def test_another_keys_signature_is_malformed(self, authorities, make_csr, refused, openssl):
        lines = make_csr().splitlines()
        lines[-2] = lines[-2][:-4] + (b"AAAA" if lines[-2][-4:] != b"AAAA" else b"BBBB")
        assert "MalformedCSRException" == refused(authorities.issue, authorities.root(), b"\n".join(lines)).code

    def test_an_edwards_key_is_refused(self, authorities, make_csr, refused):
        told = refused(authorities.issue, authorities.root(), make_csr(key="ed25519"))
        assert "MalformedCSRException" == told.code

    def test_without_a_subject_the_names_are_critical_and_without_both_it_is_refused(
        self, authorities, make_csr, refused
    ):
        root = authorities.root()
        pem = authorities.get(authorities.issue(root, make_csr("/", SAN))).pem
        assert extension(pem, x509.SubjectAlternativeName).critical
        assert "MalformedCSRException" == refused(authorities.issue, root, make_csr("/")).code

    def test_the_same_token_within_five_minutes_issues_once(self, authorities, harness, make_csr):
        root, csr = authorities.root(), make_csr()
        first = authorities.issue(root, csr, IdempotencyToken="a\ttoken")
        assert first == authorities.issue(root, csr, IdempotencyToken="a\ttoken")
        assert first != authorities.issue(root, csr, IdempotencyToken="another")
        assert first != authorities.issue(root, csr)
        harness.advance(300)
        assert first != authorities.issue(root, csr, IdempotencyToken="a\ttoken")


class TestStates:
    def test_only_an_active_ca_issues(self, authorities, client, make_csr, refused):
        root = authorities.create()
        assert "The certificate authority is not in a valid state for issuing certificates." == (
            refused(authorities.issue, root, make_csr()).message
        )
        authorities.install(root)
        client.update_certificate_authority(CertificateAuthorityArn=root, Status="DISABLED")
        assert "InvalidStateException" == refused(authorities.issue, root, make_csr()).code
        assert (
            "InvalidStateException" == refused(authorities.issue, root, authorities.csr(root), "RootCACertificate").code
        )

    def test_an_expired_one_does_not(self, authorities, harness, make_csr, refused):
        root = authorities.root(days=1)
        harness.advance(86_401)
        assert "EXPIRED" == authorities.describe(root)["Status"]
        assert "InvalidStateException" == refused(authorities.issue, root, make_csr()).code

    def test_get_of_what_was_not_issued(self, authorities, client, make_csr, refused):
        root, other = authorities.root(), authorities.root()
        arn = authorities.issue(root, make_csr())
        get = client.get_certificate
        foreign = refused(get, CertificateAuthorityArn=other, CertificateArn=arn)
        unknown = refused(get, CertificateAuthorityArn=root, CertificateArn=f"{root}/certificate/{'0' * 32}")
        assert ["ResourceNotFoundException"] * 2 == [foreign.code, unknown.code]
        assert "InvalidArnException" == refused(get, CertificateAuthorityArn=root, CertificateArn=root).code


class TestForOtherServices:
    def test_an_end_entity_and_its_chain(self, authorities, harness, make_csr, openssl):
        root = authorities.create()
        root_pem = authorities.install(root)
        with harness.store.transaction() as transaction:
            pem, chain = issue_end_entity(
                transaction, root, make_csr(), {"Type": "DAYS", "Value": 13},
                now=harness.now, random_text=harness.random_text,
            )  # fmt: skip
        assert root_pem == chain
        assert openssl.verify(pem, root=root_pem).ok
        assert timedelta(days=13, hours=1) == parse(pem).not_valid_after_utc - parse(pem).not_valid_before_utc

    @pytest.mark.parametrize("arn", ["arn:aws:acm:us-east-1:000000000000:certificate/a", None])
    def test_of_no_ca(self, authorities, harness, make_csr, arn):
        unknown = "arn:aws:acm-pca:us-east-1:000000000000:certificate-authority/none"
        with (
            harness.store.transaction() as transaction,
            pytest.raises(ServiceError, match="InvalidArnException" if arn else "ResourceNotFoundException"),
        ):
            issue_end_entity(
                transaction, arn or unknown, make_csr(), {"Type": "DAYS", "Value": 1},
                now=harness.now, random_text=harness.random_text,
            )  # fmt: skip
