"""The security policies: a named set of the oldest TLS version and the cipher suites that a domain accepts.

What this module knows: the service model's `SecurityPolicy` names; the developer guide's pages "Supported security
policies", "Choose a security policy for your custom domain" and "Security policy for WebSocket APIs"; and facts 1.7.
Suites are spelt as in OpenSSL and listed in the order of the guide, which is the order of preference.

How sure each row is stands in it. DOCUMENTED: the guide's list was read whole (that of TLS_1_0 in an older edition,
from before TLS 1.3). PARTLY: versions and the first suites were read; the rest follows the Elastic Load Balancing
policy of the same name. GUESS: the suites follow the Elastic Load Balancing or CloudFront policy of the same name.

The groups of key exchange are in no table of the guide. They are those of the Elastic Load Balancing policies (guess): X25519
and the NIST curves of 256 and 384 bits, FIPS without X25519, PQ with hybrids of ML-KEM before them. FIPS here means what is
negotiated, not a validated module.
"""

from enum import Enum
from typing import NamedTuple

TLS_1_0 = 0x0301
TLS_1_2 = 0x0303
TLS_1_3 = 0x0304


class Evidence(Enum):
    """How much of a row was read in the service's documentation."""

    DOCUMENTED = "documented"
    PARTLY = "partly documented"
    GUESS = "guess"


class SecurityPolicy(NamedTuple):
    """One policy; `minimum_version` is the wire's number, and every newer version is accepted too (facts 1.7)."""

    name: str
    minimum_version: int
    tls13_suites: tuple[str, ...]
    tls12_suites: tuple[str, ...]
    endpoint_types: frozenset[str]
    evidence: Evidence

    def __repr__(self) -> str:
        version = _VERSION_NAMES[self.minimum_version]
        count = len(self.tls13_suites) + len(self.tls12_suites)
        return f"<SecurityPolicy {self.name}: {version} or newer, {count} suites>"

    @property
    def enhanced(self) -> bool:
        """Facts 1.7: needs an endpoint access mode, and excludes mutual TLS and mappings to HTTP APIs."""
        return self.name.startswith("SecurityPolicy_")

    @property
    def classic_groups(self) -> tuple[str, ...]:
        """The groups of key exchange without ML-KEM, as OpenSSL spells them, in the order of preference."""
        return _NIST_CURVES if "FIPS" in self.name else ("X25519", *_NIST_CURVES)

    @property
    def groups(self) -> tuple[str, ...]:
        """All groups. OpenSSL has the hybrids of ML-KEM (FIPS 203) from 3.5 on."""
        return (*_HYBRIDS, *self.classic_groups) if "_PQ_" in self.name else self.classic_groups

    @property
    def openssl_cipher_list(self) -> str:
        """The suites of TLS 1.2 and older as OpenSSL's `set_cipher_list` takes them; empty for TLS 1.3 alone."""
        return ":".join(self.tls12_suites)

    @property
    def openssl_ciphersuites(self) -> str:
        """The suites of TLS 1.3 as OpenSSL's `set_ciphersuites` takes them."""
        return ":".join(self.tls13_suites)


_VERSION_NAMES = {TLS_1_0: "TLS 1.0", TLS_1_2: "TLS 1.2", TLS_1_3: "TLS 1.3"}

_NIST_CURVES = ("P-256", "P-384")
_HYBRIDS = ("X25519MLKEM768", "SecP256r1MLKEM768", "SecP384r1MLKEM1024")

_AES = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384")
_AES_CHACHA = (*_AES, "TLS_CHACHA20_POLY1305_SHA256")

_ECDHE_GCM = (
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
)
# The guide lists, for each key size, GCM before CBC.
_ECDHE_GCM_CBC = (
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES128-SHA256",
    "ECDHE-RSA-AES128-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-AES256-SHA384",
    "ECDHE-RSA-AES256-SHA384",
)
_RSA_SHA2 = ("AES128-GCM-SHA256", "AES128-SHA256", "AES256-GCM-SHA384", "AES256-SHA256")
_LEGACY_TLS_1_0 = (
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES128-SHA256",
    "ECDHE-RSA-AES128-SHA256",
    "ECDHE-ECDSA-AES128-SHA",
    "ECDHE-RSA-AES128-SHA",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-AES256-SHA384",
    "ECDHE-RSA-AES256-SHA384",
    "ECDHE-RSA-AES256-SHA",
    "ECDHE-ECDSA-AES256-SHA",
    "AES128-GCM-SHA256",
    "AES128-SHA256",
    "AES128-SHA",
    "AES256-GCM-SHA384",
    "AES256-SHA256",
    "AES256-SHA",
)
_EXTENDED = (
    *_ECDHE_GCM_CBC,
    "ECDHE-ECDSA-AES128-SHA",
    "ECDHE-RSA-AES128-SHA",
    "ECDHE-RSA-AES256-SHA",
    "ECDHE-ECDSA-AES256-SHA",
    "AES128-GCM-SHA256",
    "AES128-SHA256",
    "AES128-SHA",
    "AES256-GCM-SHA384",
    "AES256-SHA256",
    "AES256-SHA",
)
_CLOUDFRONT_2018 = (
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES128-SHA256",
    "ECDHE-RSA-AES128-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-CHACHA20-POLY1305",
    "ECDHE-ECDSA-AES256-SHA384",
    "ECDHE-RSA-AES256-SHA384",
    "AES128-GCM-SHA256",
    "AES256-GCM-SHA384",
    "AES128-SHA256",
)

_ANY_ENDPOINT = frozenset({"EDGE", "REGIONAL", "PRIVATE"})
_PUBLIC = frozenset({"EDGE", "REGIONAL"})
_REGION = frozenset({"REGIONAL", "PRIVATE"})
_EDGE = frozenset({"EDGE"})

_POLICIES = (
    # NOTE: the guide's edge table for the legacy names has fewer suites (no AES256-SHA256, for one); the Regional one
    # is kept for both, since Gatewright ends TLS at one place. Its DES-CBC3-SHA is left out: OpenSSL 3 is built without.
    SecurityPolicy("TLS_1_0", TLS_1_0, _AES_CHACHA, _LEGACY_TLS_1_0, _PUBLIC, Evidence.DOCUMENTED),
    SecurityPolicy("TLS_1_2", TLS_1_2, _AES_CHACHA, (*_ECDHE_GCM_CBC, *_RSA_SHA2), _ANY_ENDPOINT, Evidence.DOCUMENTED),
    SecurityPolicy("SecurityPolicy_TLS13_1_3_2025_09", TLS_1_3, _AES_CHACHA, (), _REGION, Evidence.DOCUMENTED),
    SecurityPolicy("SecurityPolicy_TLS13_1_3_FIPS_2025_09", TLS_1_3, _AES, (), _REGION, Evidence.DOCUMENTED),
    SecurityPolicy(
        "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09", TLS_1_2, _AES_CHACHA, _ECDHE_GCM, _REGION, Evidence.PARTLY
    ),
    SecurityPolicy("SecurityPolicy_TLS13_1_2_FIPS_PFS_PQ_2025_09", TLS_1_2, _AES, _ECDHE_GCM, _REGION, Evidence.PARTLY),
    SecurityPolicy(
        "SecurityPolicy_TLS13_1_2_PQ_2025_09", TLS_1_2, _AES_CHACHA, _ECDHE_GCM_CBC, _REGION, Evidence.GUESS
    ),
    SecurityPolicy("SecurityPolicy_TLS13_1_2_FIPS_PQ_2025_09", TLS_1_2, _AES, _ECDHE_GCM_CBC, _REGION, Evidence.GUESS),
    SecurityPolicy(
        "SecurityPolicy_TLS13_1_2_Ext2_PQ_2025_09", TLS_1_2, _AES_CHACHA, _EXTENDED, _REGION, Evidence.GUESS
    ),
    SecurityPolicy("SecurityPolicy_TLS13_1_2_Ext2_FIPS_PQ_2025_09", TLS_1_2, _AES, _EXTENDED, _REGION, Evidence.GUESS),
    SecurityPolicy("SecurityPolicy_TLS13_1_2_2021_06", TLS_1_2, _AES_CHACHA, _ECDHE_GCM_CBC, _REGION, Evidence.GUESS),
    SecurityPolicy("SecurityPolicy_TLS13_2025_EDGE", TLS_1_3, _AES_CHACHA, (), _EDGE, Evidence.GUESS),
    SecurityPolicy("SecurityPolicy_TLS12_PFS_2025_EDGE", TLS_1_2, _AES_CHACHA, _ECDHE_GCM, _EDGE, Evidence.GUESS),
    SecurityPolicy("SecurityPolicy_TLS12_2018_EDGE", TLS_1_2, _AES_CHACHA, _CLOUDFRONT_2018, _EDGE, Evidence.GUESS),
)

SECURITY_POLICIES = {policy.name: policy for policy in _POLICIES}

# Facts 1.7, and the guide's table "Default security policies".
DEFAULT_API_POLICIES = {"EDGE": "TLS_1_0", "REGIONAL": "TLS_1_0", "PRIVATE": "TLS_1_2"}
DEFAULT_DOMAIN_POLICIES = {"EDGE": "TLS_1_2", "REGIONAL": "TLS_1_2", "PRIVATE": "TLS_1_2"}
