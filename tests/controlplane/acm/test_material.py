"""What an import brings, without a control plane around it: any bytes are material, or refused in ACM's words."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.controlplane.acm.material import Material, verify_material
from gatewright.controlplane.errors import ServiceError
from support.ca import CertificateAuthority

NOW = time.time()
ISSUED = CertificateAuthority().intermediate().issue("www.example.com")
PEMS = (ISSUED.certificate_pem.encode(), ISSUED.key_pem.encode(), ISSUED.chain_pem.encode())


def test_what_fits_together_is_material():
    material = verify_material(*PEMS, now=NOW)

    assert PEMS == (material.certificate_pem.encode(), material.key_pem, material.chain_pem.encode())


def test_material_shows_nothing_of_its_key():
    shown = repr(verify_material(*PEMS, now=NOW))

    assert not any(line in shown for line in ISSUED.key_pem.splitlines())


def damaged(pem):
    """A PEM text with some bytes changed, cut out or put in."""
    place = st.integers(0, len(pem) - 1)
    return st.one_of(
        st.builds(lambda at, new, length: pem[:at] + new + pem[at + length :], place, st.binary(max_size=8), st.integers(0, 8)),
        st.builds(lambda at: pem[:at], place),
        st.builds(lambda first, second: pem[first:] + pem[:second], place, place),
        st.binary(max_size=64),
    )  # fmt: skip


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_damaged_text_is_refused_as_a_validation_exception_or_still_good(data):
    broken = data.draw(st.sampled_from(range(3)))
    texts = [data.draw(damaged(pem)) if number == broken else pem for number, pem in enumerate(PEMS)]

    try:
        outcome = verify_material(*texts, now=NOW)
    except ServiceError as error:
        outcome = error.code

    assert outcome == "ValidationException" or isinstance(outcome, Material)


@pytest.mark.parametrize("now", [ISSUED.certificate.not_valid_before_utc, ISSUED.certificate.not_valid_after_utc])
def test_both_ends_of_the_validity_are_within_it(now):
    assert verify_material(*PEMS, now=now.timestamp())
