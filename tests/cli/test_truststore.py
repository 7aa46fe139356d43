"""`gatewright truststore`: its verdicts, its exit codes, and that no private key is shown."""

import json

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from gatewright.cli import main
from support.client_chains import DAY, NOW, make, make_client, specimens

ROOT = make("Root")
MIDDLE = make("Middle", ROOT)
CLIENT = make_client("device", MIDDLE)
GOOD = ROOT.pem + MIDDLE.pem


def run(*arguments):
    return CliRunner().invoke(main, ["truststore", *map(str, arguments)])


@pytest.fixture
def file(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_lint_lists_each_certificate_and_exits_0_when_all_are_good(file):
    result = run("lint", file("store.pem", GOOD))
    end = f"{NOW + 90 * DAY:%Y-%m-%dT%H:%M:%SZ}"
    assert f"good  {end}  O=Fleet, CN=Root\ngood  {end}  O=Fleet, CN=Middle\n" == result.output
    assert 0 == result.exit_code


def test_lint_tells_the_warnings_and_exits_1(file):
    result = run("lint", file("store.pem", MIDDLE.pem))
    assert 1 == result.exit_code
    assert result.output.startswith("bad   ")
    assert "\nWarnings:\n  - The certificate 'O=Fleet, CN=Middle' does not lead to a self-signed root" in result.output


def test_lint_as_json_has_what_the_domain_name_would_show(file):
    result = run("lint", "--json", file("store.pem", GOOD + "-----BEGIN CERTIFICATE-----\n"))
    report = json.loads(result.output)
    (warning,) = report["truststoreWarnings"]
    assert warning.startswith("Block 3 of the PEM text (line ")
    assert [warning] == report["unreadable"]
    assert [("O=Fleet, CN=Root", True, []), ("O=Fleet, CN=Middle", False, [])] == [
        (each["subject"], each["selfSigned"], each["warnings"]) for each in report["certificates"]
    ]
    assert 1 == result.exit_code


def test_check_shows_the_path_of_a_client_that_is_let_in(file):
    result = run("check", file("store.pem", GOOD), "--cert", file("client.pem", CLIENT.pem))
    end = f"{NOW + 90 * DAY:%Y-%m-%dT%H:%M:%SZ}"
    assert [
        "allowed   The client would be let in.",
        f"path      O=Fleet, CN=device (until {end})",
        f"            O=Fleet, CN=Middle (until {end})",
        f"              O=Fleet, CN=Root (until {end})",
        f"until     {end}",
    ] == result.output.splitlines()
    assert 0 == result.exit_code


def test_check_tells_the_log_line_the_answer_and_the_remedy_of_one_that_is_refused(file):
    result = run("check", file("store.pem", ROOT.pem), "--cert", file("client.pem", CLIENT.pem + MIDDLE.pem))
    assert [
        (
            "refused   The truststore has no certificate of 'O=Fleet, CN=Middle', which issued 'O=Fleet, CN=device'; the "
            "client sent one, which does not count."
        ),
        "log       Access denied. Reason: Could not find issuer for certificate",
        'answer    403 {"message":"Forbidden"}',
        "          x-amzn-ErrorType: ForbiddenException",
        (
            "to mend   Put the whole chain into the truststore, from the issuing CA to the self-signed root, and update the "
            "domain name; what the client sends does not complete it."
        ),
        "known as  reported by users of Amazon API Gateway",
    ] == result.output.splitlines()
    assert 1 == result.exit_code


@pytest.mark.parametrize("specimen", specimens()[:40], ids=str)
def test_check_as_json_foretells_each_specimen(specimen, file):
    result = run(
        "check", file("s.pem", specimen.truststore_pem), "--cert", file("c.pem", specimen.client_pem), "--json"
    )
    report = json.loads(result.output)
    if specimen.expected is None:
        assert ("allowed", 0) == (report["verdict"], result.exit_code)
    else:
        assert (f"Access denied. Reason: {specimen.expected}", 1) == (report["log"], result.exit_code)
        assert (403, '{"message":"Forbidden"}') == (report["status"], report["body"])


def test_check_reads_a_certificate_in_der_and_revocation_lists(file):
    builder = x509.CertificateRevocationListBuilder().issuer_name(MIDDLE.certificate.subject)
    entry = x509.RevokedCertificateBuilder().serial_number(CLIENT.certificate.serial_number)
    builder = builder.add_revoked_certificate(entry.revocation_date(NOW - DAY).build())
    crl = builder.last_update(NOW - DAY).next_update(NOW + DAY).sign(MIDDLE.key, hashes.SHA256())
    store, client = file("store.pem", GOOD), file("client.der", CLIENT.der)
    assert 0 == run("check", store, "--cert", client).exit_code
    result = run("check", store, "--cert", client, "--crl", file("crl.pem", crl.public_bytes(Encoding.PEM)))
    assert (1, True) == (result.exit_code, "Access denied. Reason: certificate revoked" in result.output)


@pytest.mark.parametrize("arguments", [["lint"], ["check", "--cert"]])
def test_a_private_key_is_warned_of_and_not_shown(arguments, file):
    both = file("both.pem", CLIENT.key_pem + CLIENT.pem + GOOD)
    result = run(arguments[0], both, *arguments[1:], *([both] if len(arguments) > 1 else []))
    assert "both.pem contains a private key, which is not needed here and is not shown." in result.stderr
    assert "both.pem" not in result.stdout
    assert not [line for line in CLIENT.key_pem.splitlines() if line and line in result.output]


def test_a_name_cannot_write_to_the_terminal(file):
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a\x1b[2Jb\ngood  forged")])
    result = run("lint", file("store.pem", make(subject).pem))
    assert "\x1b" not in result.output
    assert 1 == len(result.output.splitlines())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["lint", "none.pem"], "none.pem cannot be read (No such file or directory)."),
        (["lint", "empty.pem"], "empty.pem cannot be a truststore: The truststore has no PEM block;"),
        (["check", "good.pem", "--cert", "key.pem"], "key.pem has no certificate that can be read: expected is"),
        (
            ["check", "good.pem", "--cert", "client.pem", "--crl", "client.pem"],
            "The revocation lists cannot be used: Block 1 of the PEM text is no X509 CRL: it is a CERTIFICATE.",
        ),
    ],
)
def test_a_file_that_cannot_be_used_ends_the_command_with_2(arguments, message, file, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    file("empty.pem", "")
    file("good.pem", GOOD)
    file("key.pem", CLIENT.key_pem)
    file("client.pem", CLIENT.pem)
    result = run(*arguments)
    assert (2, True) == (result.exit_code, message in result.output)
