"""`gatewright truststore check --impact`: who was let in lately and would be refused by a new truststore."""

import json
from base64 import b64encode
from datetime import timedelta
from hashlib import sha256

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from gatewright.cli import main
from support.client_chains import DAY, NOW, make, make_client

OLD, NEW = make("Old Root"), make("New Root")
STAYS, GOES = make_client("stays", NEW), make_client("goes", OLD)


def line(client, *, domain="api.example.com", seen=NOW, reason=None):
    """As a worker writes it."""
    return json.dumps(
        {
            "domainName": domain,
            "seenAt": int(seen.timestamp()),
            "reason": reason,
            "certificate": b64encode(client.der).decode(),
        }
    )


@pytest.fixture
def check(tmp_path):
    """Runs the command with the new root as truststore; lines by worker."""

    def check(workers, *arguments, truststore=NEW.pem, domain="api.example.com"):
        folder = tmp_path / "data" / "logs" / "clients"
        folder.mkdir(parents=True)
        for number, lines in enumerate(workers):
            (folder / f"worker-{number}-00000001.jsonl").write_text("".join(f"{each}\n" for each in lines))
        (tmp_path / "new.pem").write_text(truststore)
        given = ["--impact", domain, "--data-dir", tmp_path / "data", *arguments]
        return CliRunner().invoke(main, ["truststore", "check", str(tmp_path / "new.pem"), *map(str, given)])

    return check


def test_who_would_be_refused_is_named_with_the_cause(check):
    result = check([[line(STAYS), line(GOES, seen=NOW - 2 * DAY)], [line(GOES, seen=NOW - DAY), line(STAYS)]])

    assert (
        "1 of the 2 clients that api.example.com has let in lately would be refused." == result.output.splitlines()[0]
    )
    (named,) = result.output.splitlines()[1:]
    assert named.startswith(f"refused   {NOW - DAY:%Y-%m-%d}  O=Fleet, CN=goes: ")
    assert "Old Root" in named
    assert 1 == result.exit_code


def test_all_who_stay_is_0(check):
    result = check([[line(STAYS)]])

    assert ("0 of the 1 clients that api.example.com has let in lately would be refused.\n", 0) == (
        result.output,
        result.exit_code,
    )


def test_as_json(check):
    result = check([[line(GOES), line(STAYS)]], "--json")

    report = json.loads(result.output)
    assert ("api.example.com", 2) == (report["domainName"], report["seen"])
    (refused,) = report["refused"]
    assert ("O=Fleet, CN=goes", f"{NOW:%Y-%m-%d}", sha256(GOES.der).hexdigest(), "CLIENT_CERT_ISSUER_NOT_FOUND") == (
        refused["subject"],
        refused["lastSeen"],
        refused["fingerprint"],
        refused["code"],
    )


def test_a_revocation_list_that_comes_along_is_asked(check, tmp_path):
    crl = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(NEW.certificate.subject)
        .last_update(NOW - timedelta(hours=1))
        .next_update(NOW + DAY)
        .add_revoked_certificate(
            x509.RevokedCertificateBuilder()
            .serial_number(STAYS.certificate.serial_number)
            .revocation_date(NOW - timedelta(hours=1))
            .build()
        )
        .sign(NEW.key, hashes.SHA256())
    )
    (tmp_path / "new.crl").write_bytes(crl.public_bytes(Encoding.DER))

    result = check([[line(STAYS)]], "--crl", tmp_path / "new.crl", "--json")

    assert ["CLIENT_CERT_REVOKED"] == [each["code"] for each in json.loads(result.output)["refused"]]


@pytest.mark.parametrize(
    ("lines", "more"),
    [
        ([], {}),
        ([line(GOES, domain="other.example.com")], {}),
        ([line(GOES, reason="CLIENT_CERT_EXPIRED")], {}),
        ([line(GOES, seen=NOW - 33 * DAY)], {}),
        ([line(GOES)[:-9], '"text"', '{"domainName": "api.example.com", "reason": null}'], {}),
        ([line(GOES)], {"domain": "*.example.com"}),
    ],
)
def test_who_was_not_let_in_there_lately_does_not_count_and_nobody_at_all_is_2(check, lines, more):
    result = check([lines], **more)

    assert 2 == result.exit_code
    assert "has let in no client with a certificate in the last 30 days" in result.output


def test_how_far_it_looks_back(check):
    assert 1 == check([[line(GOES, seen=NOW - 33 * DAY)]], "--days", 40).exit_code


@pytest.mark.parametrize("arguments", [[], ["--cert", "x.pem", "--impact", "api.example.com"]])
def test_a_client_or_a_domain_name(tmp_path, arguments):
    (tmp_path / "new.pem").write_text(NEW.pem)

    result = CliRunner().invoke(main, ["truststore", "check", str(tmp_path / "new.pem"), *arguments])

    assert (2, True) == (result.exit_code, "expected is either --cert CLIENT, or --impact DOMAIN." in result.output)
