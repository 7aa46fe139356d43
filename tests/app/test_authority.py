import re
import shutil
import ssl
import subprocess
import time
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.verification import PolicyBuilder
from cryptography.x509.verification import Store as Anchors

from gatewright.app.authority import authority_pem, ensure_authority, ensure_default_certificate
from gatewright.model.records import CertificateAuthority, DefaultCertificate
from gatewright.store.port import StoreError
from support.stores import make_store

NOW = 1_800_000_000.5
DAY = 86_400.0
SUFFIX = "gateway.localhost"
BASE = "execute-api.us-east-1.gateway.localhost"


@pytest.fixture
def store(tmp_path):
    store = make_store(tmp_path)
    yield store
    store.close()


def parse(pem: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem.encode())


def secret_of(store, record) -> bytes:
    with store.read() as reader:
        return reader.get_secret(record.secret_name)


def openssl_verify(folder: Path, issued: DefaultCertificate, anchor: str, host: str, at: float) -> str:
    (folder / "ca.pem").write_text(anchor)
    (folder / "leaf.pem").write_text(issued.certificate_pem)
    if shutil.which("openssl") is None:
        pytest.skip("the openssl command, which judges the certificates here, is not installed")
    judge = ["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", host]
    run = subprocess.run(
        [*judge, "-attime", str(int(at)), "-CAfile", "ca.pem", "leaf.pem"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return run.stdout + run.stderr


def handshake(folder: Path, store, issued: DefaultCertificate, anchor: str, host: str) -> None:
    """A strict Python client meets a server with the certificate, both in memory."""
    (folder / "chain.pem").write_text(issued.certificate_pem + issued.chain_pem)
    (folder / "key.pem").write_bytes(secret_of(store, issued))
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(folder / "chain.pem", folder / "key.pem")
    client_side = ssl.create_default_context(cadata=anchor)
    client_side.verify_flags |= ssl.VERIFY_X509_STRICT
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_side.wrap_bio(to_client, to_server, server_hostname=host)
    server = server_side.wrap_bio(to_server, to_client, server_side=True)
    pending = [client, server]
    while pending:
        side = pending.pop(0)
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            pending.append(side)


# The authority


def test_the_authority_is_made_once_and_kept(store):
    made = ensure_authority(store, NOW)
    assert made == ensure_authority(store, NOW + 100 * DAY)
    assert 1 == store.revision()
    assert made.certificate_pem == authority_pem(store)


def test_the_authority_is_a_root_for_ten_years_that_signs_leaves_only(store):
    root = parse(ensure_authority(store, NOW).certificate_pem)
    assert "CN=Gatewright local CA,O=Gatewright" == root.subject.rfc4514_string() == root.issuer.rfc4514_string()
    assert int(NOW) - 3600 == root.not_valid_before_utc.timestamp()
    assert int(NOW) - 3600 + 3650 * DAY == root.not_valid_after_utc.timestamp()
    assert "secp256r1" == root.public_key().curve.name
    constraints = root.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (True, x509.BasicConstraints(ca=True, path_length=0)) == (constraints.critical, constraints.value)
    usage = root.extensions.get_extension_for_class(x509.KeyUsage)
    assert (True, True, True, False) == (
        usage.critical,
        usage.value.key_cert_sign,
        usage.value.crl_sign,
        usage.value.digital_signature,
    )


def test_the_authoritys_key_is_a_secret_that_fits_its_certificate(store):
    made = ensure_authority(store, NOW)
    key = load_pem_private_key(secret_of(store, made), password=None)
    assert parse(made.certificate_pem).public_key() == key.public_key()


def test_near_its_end_the_authority_is_issued_anew_and_what_it_issued_stays_good(store, tmp_path):
    first = ensure_authority(store, NOW)
    near_end = first.not_after - 44 * DAY
    issued = ensure_default_certificate(store, "us-east-1", SUFFIX, first.not_after - 300 * DAY)
    second = ensure_authority(store, near_end)
    assert second.not_after > first.not_after + 3000 * DAY
    assert "leaf.pem: OK\n" == openssl_verify(tmp_path, issued, second.certificate_pem, f"abc.{BASE}", near_end)


def test_before_the_first_start_there_is_no_authority_to_show(store):
    with pytest.raises(StoreError, match="there is no certificate authority yet: `gatewright serve` makes one"):
        authority_pem(store)


def test_an_authority_whose_key_is_lost_is_not_passed_over(store):
    made = ensure_authority(store, NOW)
    with store.transaction() as transaction:
        transaction.delete_secret(made.secret_name)
    with pytest.raises(StoreError, match="the secret certificate-authority is missing from the store"):
        ensure_default_certificate(store, "us-east-1", SUFFIX, NOW)


# The default certificate


@pytest.mark.parametrize("host", [f"a1b2c3d4e5.{BASE}", f"d-a1b2c3d4e5.{BASE}", BASE])
def test_openssl_accepts_the_default_certificate_for_every_default_endpoint(store, tmp_path, host):
    issued = ensure_default_certificate(store, "us-east-1", SUFFIX, NOW)
    assert "leaf.pem: OK\n" == openssl_verify(tmp_path, issued, authority_pem(store), host, NOW)


@pytest.mark.parametrize("host", ["www.example.com", f"a.b.{BASE}", "a.execute-api.eu-west-1.gateway.localhost"])
def test_openssl_refuses_it_for_any_other_name(store, tmp_path, host):
    issued = ensure_default_certificate(store, "us-east-1", SUFFIX, NOW)
    assert "hostname mismatch" in openssl_verify(tmp_path, issued, authority_pem(store), host, NOW)


def test_pycas_verifier_accepts_it_as_a_web_servers(store):
    """The verifier keeps the rules of the Baseline Requirements on top of RFC 5280's."""
    issued = ensure_default_certificate(store, "us-east-1", SUFFIX, NOW)
    leaf = parse(issued.certificate_pem)
    policy = PolicyBuilder().store(Anchors([parse(authority_pem(store))])).time(leaf.not_valid_before_utc)
    assert 2 == len(policy.build_server_verifier(x509.DNSName(f"abc.{BASE}")).verify(leaf, []))


def test_a_strict_python_client_completes_the_handshake(store, tmp_path):
    issued = ensure_default_certificate(store, "us-east-1", SUFFIX, time.time())
    handshake(tmp_path, store, issued, authority_pem(store), f"a1b2c3d4e5.{BASE}")
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        handshake(tmp_path, store, issued, authority_pem(store), "www.example.com")


def test_the_default_certificate_says_what_it_is(store):
    issued = ensure_default_certificate(store, "us-east-1", SUFFIX, NOW)
    leaf = parse(issued.certificate_pem)
    assert f"CN=*.{BASE}" == leaf.subject.rfc4514_string()
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert [f"*.{BASE}", BASE] == names.value.get_values_for_type(x509.DNSName)
    assert int(NOW) - 3600 == leaf.not_valid_before_utc.timestamp()
    assert int(NOW) - 3600 + 397 * DAY == leaf.not_valid_after_utc.timestamp() == issued.not_after
    assert authority_pem(store) == issued.chain_pem
    assert (
        parse(issued.certificate_pem).public_key() == load_pem_private_key(secret_of(store, issued), None).public_key()
    )
    assert ("", "us-east-1") == (issued.account, issued.region)


def test_serial_numbers_are_large_and_never_the_same(store):
    issued = [ensure_default_certificate(store, region, SUFFIX, NOW) for region in ("a", "b", "c")]
    serials = {parse(record.certificate_pem).serial_number for record in issued}
    assert 3 == len(serials)
    assert all(0 < serial < 2**159 for serial in serials)
    assert max(serials) > 2**100


def test_a_default_certificate_that_will_do_is_kept(store):
    issued = ensure_default_certificate(store, "us-east-1", SUFFIX, NOW)
    revision = store.revision()
    assert issued == ensure_default_certificate(store, "us-east-1", SUFFIX, issued.not_after - 45 * DAY)
    assert revision == store.revision()


@pytest.mark.parametrize(
    ("suffix", "days_left"), [(SUFFIX, 44.9), (SUFFIX, -1), ("gateway.example.com", 300), ("localhost", 300)]
)
def test_one_near_its_end_or_for_another_suffix_is_issued_anew_with_another_key(store, tmp_path, suffix, days_left):
    old = ensure_default_certificate(store, "us-east-1", SUFFIX, NOW)
    old_key = secret_of(store, old)
    now = old.not_after - days_left * DAY
    new = ensure_default_certificate(store, "us-east-1", suffix, now)
    assert old_key != secret_of(store, new)
    host = f"abc.execute-api.us-east-1.{suffix}"
    assert "leaf.pem: OK\n" == openssl_verify(tmp_path, new, authority_pem(store), host, now)
    with store.read() as reader:
        assert [new] == list(reader.all(DefaultCertificate))


def test_one_of_another_authority_is_issued_anew(store, tmp_path):
    old = ensure_default_certificate(store, "us-east-1", SUFFIX, NOW)
    with store.transaction() as transaction:
        transaction.delete(transaction.get(CertificateAuthority, "", ""))
    new = ensure_default_certificate(store, "us-east-1", SUFFIX, NOW)
    assert old.chain_pem != new.chain_pem
    assert "leaf.pem: OK\n" == openssl_verify(tmp_path, new, authority_pem(store), f"abc.{BASE}", NOW)
    assert "leaf.pem: OK\n" not in openssl_verify(tmp_path, old, authority_pem(store), f"abc.{BASE}", NOW)


def test_none_outlives_its_authority(store):
    authority = ensure_authority(store, NOW)
    issued = ensure_default_certificate(store, "us-east-1", SUFFIX, authority.not_after - 100 * DAY)
    assert authority.not_after == issued.not_after


def test_a_suffix_too_long_for_a_common_name_is_in_the_alternative_names_alone(store, tmp_path):
    suffix = ".".join(["a" * 40, "b" * 40, "example"])
    issued = ensure_default_certificate(store, "us-east-1", suffix, NOW)
    leaf = parse(issued.certificate_pem)
    assert [] == list(leaf.subject)
    assert leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).critical
    host = f"abc.execute-api.us-east-1.{suffix}"
    assert "leaf.pem: OK\n" == openssl_verify(tmp_path, issued, authority_pem(store), host, NOW)


def test_no_private_key_is_in_the_stores_files(store, tmp_path):
    issued = ensure_default_certificate(store, "us-east-1", SUFFIX, NOW)
    content = b"".join((tmp_path / f"gatewright.db{end}").read_bytes() for end in ("", "-wal"))
    assert b"BEGIN CERTIFICATE" in content
    assert b"PRIVATE KEY" not in content
    body = re.sub(rb"-----[^-]+-----|\s", b"", secret_of(store, issued))
    assert body[60:100] not in content
