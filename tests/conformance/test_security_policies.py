"""Security policies by their tables: sslyze looks at a running gateway with a domain name for each policy and kind of key."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gatewright.core.tls.security_policy import SECURITY_POLICIES, TLS_1_0, TLS_1_2, TLS_1_3, SecurityPolicy
from gatewright.dataplane.tls_policy import is_narrowing
from support.apis import import_certificate

pytestmark = pytest.mark.e2e

SCANNER = Path(sys.prefix) / "sslyze" / "bin" / "python"
SCAN = Path(__file__).parents[1] / "support" / "scan_tls.py"
#: What a certificate's key leaves over of a policy's suites of TLS 1.2 and older: those that begin so.
SIGNERS = {"p256": ("ECDHE-ECDSA-",), "rsa2048": ("ECDHE-RSA-", "AES")}
VERSIONS = {"TLS_1_0": TLS_1_0, "TLS_1_1": 0x0302, "TLS_1_2": TLS_1_2, "TLS_1_3": TLS_1_3}
#: As sslyze names the groups.
GROUP_NAMES = {"X25519": "X25519", "P-256": "secp256r1", "P-384": "secp384r1"}


def name_of(policy: SecurityPolicy, key: str) -> str:
    return f"{policy.name.lower().replace('_', '-')}.{key}.example"


def create_domain(apigateway, policy: SecurityPolicy, key: str, arn: str) -> None:
    edge = "REGIONAL" not in policy.endpoint_types
    apigateway.create_domain_name(
        domainName=name_of(policy, key),
        securityPolicy=policy.name,
        endpointConfiguration={"types": ["EDGE" if edge else "REGIONAL"]},
        **{"certificateArn" if edge else "regionalCertificateArn": arn},
        **({"endpointAccessMode": "BASIC"} if policy.enhanced else {}),
    )


@pytest.fixture(scope="module")
def scanned(gateway, apigateway, acm, authority):
    """What sslyze found, by server name; one run for all of them."""
    if not SCANNER.exists():
        pytest.skip(f"sslyze is not installed in {SCANNER.parents[1]} (`make e2e` does it)")
    names = []
    for key in SIGNERS:
        arn = import_certificate(acm, authority.issue(f"*.{key}.example", key=key))
        for policy in SECURITY_POLICIES.values():
            create_domain(apigateway, policy, key, arn)
            names.append(name_of(policy, key))
    done = subprocess.run(
        [SCANNER, SCAN, str(gateway.https_port), *names], capture_output=True, text=True, timeout=120, check=False
    )
    assert 0 == done.returncode, done.stderr
    return json.loads(done.stdout)


each_domain = pytest.mark.parametrize("key", SIGNERS)
each_policy = pytest.mark.parametrize("policy", SECURITY_POLICIES.values(), ids=SECURITY_POLICIES)


@each_domain
@each_policy
def test_a_domain_accepts_the_versions_of_its_policy(scanned, policy, key):
    expected = [name for name, number in VERSIONS.items() if number >= policy.minimum_version]
    assert expected == list(scanned[name_of(policy, key)]["suites"])


@each_domain
@each_policy
def test_a_domain_accepts_the_suites_of_its_policy_that_its_key_can_sign(scanned, policy, key):
    signed = {suite for suite in policy.tls12_suites if suite.startswith(SIGNERS[key])}
    suites = scanned[name_of(policy, key)]["suites"]
    assert (signed if policy.minimum_version <= TLS_1_2 else set()) == set(suites.get("TLS_1_2", ()))
    # AEADs and SHA-2 in place of SHA-1 came with TLS 1.2 (RFC 5246 section 1.2).
    older = {suite for suite in signed if suite.endswith("-SHA")}
    for version in ("TLS_1_0", "TLS_1_1"):
        assert (older if policy.minimum_version <= VERSIONS[version] else set()) == set(suites.get(version, ()))


@each_domain
@each_policy
def test_a_domain_accepts_the_suites_of_tls_13_and_the_groups_of_its_policy(scanned, policy, key):
    assert is_narrowing(), "the OpenSSL of this Python cannot be reached, and policies are not kept to"
    found = scanned[name_of(policy, key)]
    assert set(policy.tls13_suites) == set(found["suites"]["TLS_1_3"])
    # sslyze tries no hybrids of ML-KEM, which only PQ policies have.
    assert {GROUP_NAMES[group] for group in policy.classic_groups} == set(found["groups"])
