"""The published check values, and the folding CRC against the one that goes byte by byte."""

import random
import zlib
from base64 import b64decode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.core.checksum import ALGORITHMS, CRC32C, CRC64NVME, Crc, checksum_of

# "123456789" is the check string of the catalogue of parametrised CRC algorithms; the digests are those of coreutils.
CHECK = {
    "CRC32": "cbf43926",
    "CRC32C": "e3069283",
    "CRC64NVME": "ae8b14860a799888",
    "MD5": "25f9e794323b453885f5181f1b624d0b",
    "SHA1": "f7c3bc1d808e04732adf679965ccc34ca7ae3441",
    "SHA256": "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
    "SHA512": "d9e6762dd1c8eaf6d61b3c6192fc408d4d6d5f1176d0c29169bc24e71c3f274a"
    "d27fcd5811b313d681f7e55ec02d73d499c95455b6b5bb503acf574fba8ffe85",
}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_check_string_has_its_published_checksum(algorithm):
    assert CHECK[algorithm] == b64decode(checksum_of(algorithm, b"123456789")).hex()


def test_thirty_two_zeros_have_the_crc32c_of_the_iscsi_standard():
    # RFC 3720 appendix B.4 prints it in the order of transmission.
    assert "8a9136aa" == b64decode(checksum_of("CRC32C", bytes(32))).hex()


def test_folding_zlibs_polynomial_gives_what_zlib_gives():
    ours = Crc(0xEDB88320, 32)
    for size in (511, 512, 513, 1_000, 4_099, 1_000_003):
        content = random.Random(size).randbytes(size)
        assert zlib.crc32(content) == ours.of(content), size


@given(st.binary(min_size=0, max_size=700), st.integers(1, 40))
@settings(max_examples=60, deadline=None)
def test_folding_agrees_with_going_byte_by_byte(piece, times):
    content = piece * times
    assert CRC32C.plain(content) == CRC32C.of(content)
    assert CRC64NVME.plain(content) == CRC64NVME.of(content)
