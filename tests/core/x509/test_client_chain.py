"""Paths from a client's certificate to a root: our verdict on each specimen, OpenSSL's, pyca's, and why they differ."""

import shutil
import subprocess
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from OpenSSL import crypto

from gatewright.core.errors import GatewayError
from gatewright.core.x509.client_chain import MAXIMUM_VISITS, verify_client_chain
from gatewright.core.x509.path_certificate import PathCertificate
from gatewright.core.x509.truststore import Truststore
from support.client_chains import (
    BAD_SIGNATURE,
    DAY,
    LATE,
    NO_ISSUER,
    NOT_CA,
    NOW,
    Made,
    Specimen,
    make,
    make_client,
    pooled_key,
    specimens,
)

SPECIMENS = {str(specimen): specimen for specimen in specimens()}

#: Where OpenSSL (`openssl verify -purpose sslclient -check_ss_sig -auth_level 2 -verify_depth 3`: set as near to our
#: rules as it goes) says otherwise, and why. True: OpenSSL lets the client in.
OPENSSL_DIFFERS = {
    "signature: the leaf has SHA-224": (True, "112 bits are security level 2; API Gateway asks for SHA-256"),
    "signature: the root has SHA-1": (
        True,
        "a trust anchor's signature is not judged; the truststore's limits name all",
    ),
    "signature: RSA with PSS": (True, "known to OpenSSL; not among the algorithms that API Gateway names"),
    "signature: Ed25519": (True, "known to OpenSSL; not among the algorithms that API Gateway names"),
    "key: the leaf has p521": (True, "API Gateway names P-256 and P-384"),
    "key: the intermediate has p521": (True, "API Gateway names P-256 and P-384"),
    "key: the leaf has secp256k1": (True, "API Gateway names P-256 and P-384"),
    "key: the intermediate has secp256k1": (True, "API Gateway names P-256 and P-384"),
    "key: the leaf has ed25519": (True, "known to OpenSSL; not among the keys that API Gateway names"),
    "purpose: the leaf has anyExtendedKeyUsage": (False, "RFC 5280 section 4.2.1.12 lets it stand for any purpose"),
    "extension: critical policy constraints": (True, "known to OpenSSL, and without a policy check not acted upon"),
    "twins: cross-signed, and the other root is missing": (
        False,
        "OpenSSL follows the first issuer and does not search",
    ),
    "twins: two keys of one CA without key identifiers": (
        False,
        "OpenSSL follows the first issuer and does not search",
    ),
    "twins: two CAs that certify each other, with one root": (False, "OpenSSL follows the first issuer, in a circle"),
}

#: The same for pyca's client verifier, which follows the CA/Browser Forum's rules of the public web. True: it lets in.
PYCA_DIFFERS = {
    "self-signed: in the truststore, made by openssl req -x509": (False, "a leaf that says CA:TRUE is refused"),
    "CA: the leaf is a CA's certificate": (False, "a leaf that says CA:TRUE is refused"),
    "CA: the leaf is an intermediate of the truststore": (False, "a leaf that says CA:TRUE is refused"),
    "CA: the intermediate has no key usage": (False, "the public web asks for it"),
    "depth: five CAs": (True, "its depth counts intermediates; four of them and a root pass"),
    "signature: the root has SHA-1": (True, "a trust anchor's signature is not judged"),
    "signature: RSA with PSS": (True, "allowed on the public web"),
    "key: the leaf has rsa1024": (True, "only the keys of issuers are judged"),
    "key: the leaf has p521": (True, "allowed on the public web"),
    "key: the intermediate has p521": (True, "allowed on the public web"),
    "key: the leaf has secp256k1": (True, "only the keys of issuers are judged"),
    "key: the leaf has ed25519": (True, "only the keys of issuers are judged"),
    "purpose: the leaf has anyExtendedKeyUsage": (False, "clientAuth itself is asked for"),
    "purpose: the leaf has a key usage without digitalSignature": (True, "the leaf's key usage is not judged"),
    "names: a common name that is none, without DNS names": (False, "a leaf without alternative names is refused"),
    "names: a subject below the permitted directory name": (False, "constraints on directory names are not known"),
    "chaining: the issuer's name in another case and kind of string": (False, "names are compared byte by byte"),
    "twins: two keys of one CA without key identifiers": (False, "a certificate without key identifiers is refused"),
} | dict.fromkeys(
    (name for name, specimen in SPECIMENS.items() if " URI " in name and specimen.expected is None),
    (False, "constraints on URIs are not known"),
)


def log_of(specimen: Specimen) -> str | None:
    """What the gateway would log after `Reason: `; None when the client comes in."""
    truststore = Truststore.from_pem(specimen.truststore_pem.encode())
    try:
        verify_client_chain(specimen.client.der, truststore, NOW, sent=[made.der for made in specimen.sent])
    except GatewayError as error:
        refusal = error
    else:
        return None
    for sentence in (refusal.reason.summary, refusal.reason.remedy):
        assert sentence.format_map(refusal.facts)
    return refusal.reason.log.format_map(refusal.facts).removeprefix("Access denied. Reason: ")


def openssl_accepts(specimen: Specimen, folder) -> bool:
    """OpenSSL's verdict, with the truststore as the only place to find certificates."""
    (folder / "store.pem").write_text(specimen.truststore_pem)
    (folder / "client.pem").write_text(specimen.client.pem)
    ran = subprocess.run(
        ["openssl", "verify", "-purpose", "sslclient", "-check_ss_sig", "-auth_level", "2", "-verify_depth", "3",
         "-attime", str(int(NOW.timestamp())), "-no-CApath", "-no-CAstore",
         "-CAfile", folder / "store.pem", folder / "client.pem"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return ran.returncode == 0


def pyca_accepts(specimen: Specimen) -> bool:
    """pyca's verdict: the self-signed certificates are its trust anchors, the others may be used on the way."""
    certificates = [made.certificate for made in specimen.truststore]
    roots = [one for one in certificates if one.subject == one.issuer]
    others = [one for one in certificates if one.subject != one.issuer]
    if not roots:
        return False
    verifier = PolicyBuilder().store(Store(roots)).time(NOW).max_chain_depth(4).build_client_verifier()
    try:
        verifier.verify(specimen.client.certificate, others)
    except VerificationError:
        return False
    return True


@pytest.mark.parametrize("name", SPECIMENS)
def test_each_specimen_is_let_in_or_refused_with_its_reason(name):
    assert SPECIMENS[name].expected == log_of(SPECIMENS[name])


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the openssl command is not installed")
def test_openssl_agrees_but_for_the_differences_that_are_explained(tmp_path):
    differ = {
        name: accepted
        for name, specimen in SPECIMENS.items()
        if (accepted := openssl_accepts(specimen, tmp_path)) != (specimen.expected is None)
    }
    assert {name: accepted for name, (accepted, _why) in OPENSSL_DIFFERS.items()} == differ


def test_pyca_agrees_but_for_the_differences_that_are_explained():
    differ = {
        name: accepted
        for name, specimen in SPECIMENS.items()
        if (accepted := pyca_accepts(specimen)) != (specimen.expected is None)
    }
    assert {name: accepted for name, (accepted, _why) in PYCA_DIFFERS.items()} == differ


def test_every_rule_has_a_good_twin_and_a_bad_one():
    verdicts = {rule: {s.expected is None for s in SPECIMENS.values() if s.rule == rule} for rule in
                {s.rule for s in SPECIMENS.values()} - {"integrity", "validity"}}  # fmt: skip
    assert set() == {rule for rule, both in verdicts.items() if both != {True, False}}


# --- the proof ------------------------------------------------------------------------------------------------------

ROOT = make("Root")
MIDDLE = make("Middle", ROOT, days=(-1, 30))
CLIENT = make_client("device", MIDDLE)
ALONE = make_client("alone")


def store_of(*made: Made) -> Truststore:
    return Truststore.from_pem("".join(each.pem for each in made).encode())


def test_the_proof_has_the_path_and_the_instant_until_which_it_holds():
    proof = verify_client_chain(CLIENT.der, store_of(ROOT, MIDDLE), NOW)
    assert ["O=Fleet, CN=device", "O=Fleet, CN=Middle", "O=Fleet, CN=Root"] == [each.subject for each in proof.path]
    assert (2, CLIENT.der, NOW + 30 * DAY) == (proof.depth, proof.leaf.der, proof.not_after)
    alone = make_client("alone")
    assert 0 == verify_client_chain(alone.der, store_of(alone), NOW).depth


def test_both_ends_of_the_validity_count():
    store, second = store_of(ROOT, MIDDLE), timedelta(seconds=1)
    end, begin = NOW + 30 * DAY, NOW - DAY
    assert verify_client_chain(CLIENT.der, store, end) == verify_client_chain(CLIENT.der, store, begin)
    for instant, code in ((end + second, "CLIENT_CERT_EXPIRED"), (begin - second, "CLIENT_CERT_NOT_YET_VALID")):
        with pytest.raises(GatewayError, match=code):
            verify_client_chain(CLIENT.der, store, instant)


def test_what_the_client_sent_is_told_and_does_not_count():
    with pytest.raises(GatewayError) as caught:
        verify_client_chain(CLIENT.der, store_of(ROOT), NOW, sent=[b"\x30", ROOT.der, MIDDLE.der])
    assert (
        "The truststore has no certificate of 'O=Fleet, CN=Middle', which issued 'O=Fleet, CN=device'; the client sent "
        "one, which does not count."
    ) == caught.value.reason.summary.format_map(caught.value.facts)


@pytest.mark.parametrize(
    ("how", "truststore", "expected"),
    [
        ({"days": (-9, -1)}, [], NO_ISSUER),
        ({"days": (-9, -1)}, [ROOT, make("Middle", ROOT, identifiers=False)], NO_ISSUER),
        ({"days": (-9, -1), "identifiers": False}, [ROOT, make("Middle", ROOT)], BAD_SIGNATURE),
        ({"days": (-9, -1)}, [ROOT, make("Middle", ROOT, key=MIDDLE.key, ca=False)], NOT_CA),
        ({"days": (-9, -1)}, [ROOT, MIDDLE], LATE),
    ],
)
def test_of_several_faults_the_earliest_step_is_told(how, truststore, expected):
    specimen = Specimen("order", "", tuple(truststore or [ROOT]), make_client("device", MIDDLE, **how), expected)
    assert expected == log_of(specimen)


def test_of_several_paths_the_one_that_came_furthest_is_told():
    not_a_ca = make("Middle", ROOT, key=MIDDLE.key, ca=False)
    late = make("Middle", ROOT, key=MIDDLE.key, days=(-9, -1))
    for order in ([not_a_ca, late, ROOT], [late, not_a_ca, ROOT]):
        assert LATE == log_of(Specimen("order", "", tuple(order), CLIENT, LATE))


WITH_ALONE = store_of(ROOT, MIDDLE, ALONE)

# --- bytes that somebody sends --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "der",
    [
        b"",
        b"\x30\x00",
        CLIENT.der[:-1],
        CLIENT.der + b"\x00",
        b"\xff" * 900,
        # A common name of type BIT STRING.
        CLIENT.der.replace(b"\x0c\x06device", b"\x03\x06\x00evice"),
    ],
)
def test_what_is_no_certificate_is_refused_as_unreadable(der):
    with pytest.raises(GatewayError, match="CLIENT_CERT_UNREADABLE"):
        verify_client_chain(der, store_of(ROOT, MIDDLE), NOW)


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
@settings(max_examples=300, deadline=None)
@given(client=st.sampled_from([CLIENT, ALONE]), place=st.floats(0, 1, exclude_max=True), byte=st.integers(1, 255))
def test_no_altered_byte_is_let_in_nor_breaks_the_verifier(client, place, byte):
    altered = bytearray(client.der)
    altered[int(place * len(altered))] ^= byte
    with pytest.raises(GatewayError):
        verify_client_chain(bytes(altered), WITH_ALONE, NOW)


def test_a_signature_algorithm_that_nobody_knows_is_a_weak_one():
    # ecdsa-with-SHA256 becomes 1.2.840.10045.4.3.9, on a certificate that would be checked with its own key.
    known, unknown = bytes.fromhex("2a8648ce3d040302"), bytes.fromhex("2a8648ce3d040309")
    with pytest.raises(GatewayError, match="CLIENT_CERT_WEAK_SIGNATURE"):
        verify_client_chain(ALONE.der.replace(known, unknown), store_of(ROOT), NOW)


def count_signatures(monkeypatch) -> list[None]:
    checked: list[None] = []
    check = PathCertificate.is_signed_by

    def counting(certificate, issuer):
        checked.append(None)
        return check(certificate, issuer)

    monkeypatch.setattr(PathCertificate, "is_signed_by", counting)
    return checked


def test_a_bundle_of_twins_that_certify_one_another_does_not_make_the_search_long(monkeypatch):
    # Thirty CAs of one name and without key identifiers, each pair cross-signed, and no root: 30^4 paths.
    keys = [pooled_key("p256", number) for number in range(30)]
    twins = [make("Twin", key=key, identifiers=False, days=(-1, 90 + n)) for n, key in enumerate(keys)]
    crossed = [
        make("Twin", twins[(n + step) % 30], key=keys[n], identifiers=False, issuer_name=None)
        for n in range(30)
        for step in range(1, 12)
    ]
    store = store_of(*crossed)
    checked = count_signatures(monkeypatch)
    stranger = make("Twin", identifiers=False)
    with pytest.raises(GatewayError):
        verify_client_chain(make_client("device", stranger, identifiers=False).der, store, NOW)
    with pytest.raises(GatewayError, match=r"SEARCH_EXHAUSTED|SIGNATURE_WRONG|TOO_LONG"):
        verify_client_chain(make_client("device", twins[0], identifiers=False).der, store, NOW)
    assert len(checked) <= 4 * MAXIMUM_VISITS


def test_certificates_that_cannot_hold_do_not_stand_in_the_way_of_one_that_does():
    late = [make("Middle", ROOT, key=MIDDLE.key, days=(-9 - n / 1000, -1)) for n in range(MAXIMUM_VISITS + 10)]
    assert 2 == verify_client_chain(CLIENT.der, store_of(*late, ROOT, MIDDLE), NOW).depth


# --- properties: small random PKIs ----------------------------------------------------------------------------------


@st.composite
def pkis(draw):
    """A few CAs with few names and keys, so that twins, cross-signs, loops and gaps are common, and a leaf."""
    made: list[Made] = []
    for _ in range(draw(st.integers(1, 5))):
        issuer = draw(st.sampled_from([None, *made]))
        ca = draw(st.sampled_from([True, True, True, False]))
        made.append(
            make(
                f"CA {draw(st.integers(0, 2))}",
                issuer,
                key=pooled_key("p256", draw(st.integers(0, 3))),
                ca=ca,
                path_length=draw(st.sampled_from([None, None, 0, 1])) if ca else None,
                days=draw(st.sampled_from([(-1, 90), (-1, 90), (-1, 90), (-9, -1)])),
                usages=draw(st.sampled_from([("key_cert_sign",), None])),
                identifiers=draw(st.booleans()),
            )
        )
    leaf = make_client("device", draw(st.sampled_from(made)), identifiers=draw(st.booleans()))
    return draw(st.lists(st.sampled_from(made), min_size=1, unique_by=lambda each: each.der)), leaf


def openssl_library_accepts(truststore, leaf: x509.Certificate) -> bool:
    store = crypto.X509Store()
    for certificate in truststore:
        store.add_cert(crypto.X509.from_cryptography(certificate))
    store.set_flags(crypto.X509StoreFlags.CHECK_SS_SIGNATURE)
    store.set_time(NOW.replace(tzinfo=None))
    try:
        crypto.X509StoreContext(store, crypto.X509.from_cryptography(leaf)).verify_certificate()
    except crypto.X509StoreContextError:
        return False
    return True


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(pkis())
def test_openssl_accepts_each_path_that_we_prove_and_we_prove_one_where_it_finds_one(pki):
    truststore, leaf = pki
    try:
        proof = verify_client_chain(leaf.der, store_of(*truststore), NOW)
    except GatewayError:
        # OpenSSL does not search, so what it finds is there to be found. Five CAs cannot be told from four by its
        # library here; `pkis` makes chains of five CAs only of loops, which a path does not need.
        assert not openssl_library_accepts([each.certificate for each in truststore], leaf.certificate)
        return
    path = [each.certificate for each in proof.path[1:]]
    # Between two certificates of one name OpenSSL takes the first that the identifiers allow, whoever signed.
    assume(len(path) == len({each.subject for each in path}))
    assert openssl_library_accepts(path, leaf.certificate)
