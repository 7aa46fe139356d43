"""PEM blocks: the whole ones, and the broken ones with their place and fault."""

import pytest

from gatewright.core.x509.pem import PemBlock, parse_pem_blocks


def block(label, text="AAEC", end=None):
    return f"-----BEGIN {label}-----\n{text}\n-----END {end or label}-----\n"


def parse(text):
    return list(parse_pem_blocks(text.encode()))


def test_blocks_come_in_order_with_their_lines_and_text_between_them_is_passed_over():
    text = "hello\n" + block("CERTIFICATE") + "\n  between\n" + block("X509 CRL", "AA\nEC")
    assert [
        PemBlock(1, 2, "CERTIFICATE", b"\0\1\2", None),
        PemBlock(2, 7, "X509 CRL", b"\0\1\2", None),
    ] == parse(text)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (block("CERTIFICATE", "A!"), "it is not base64 between its boundaries"),
        (block("CERTIFICATE", "AAE"), "it is not base64 between its boundaries"),
        (block("CERTIFICATE", end="CRL"), "its END line says CRL"),
        ("-----BEGIN CERTIFICATE-----\nAAEC\n", "it has no END line"),
        ("-----END CERTIFICATE-----\n", "it ends without having begun"),
    ],
)
def test_a_broken_block_has_its_fault_and_leaves_the_next_one_whole(text, fault):
    broken, *rest = parse(text + block("CERTIFICATE"))
    assert (1, 1, "CERTIFICATE", None, fault) == broken
    assert [b"\0\1\2"] == [each.content for each in rest]


@pytest.mark.parametrize("label", ["PRIVATE KEY", "RSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY"])
def test_of_a_private_key_nothing_is_read(label):
    (found,) = parse(block(label))
    assert found.is_private_key
    assert found.content is None
    assert "AAEC" not in repr(found)


def test_text_without_boundaries_has_no_blocks():
    assert [] == parse("-----BEGIN nothing")
