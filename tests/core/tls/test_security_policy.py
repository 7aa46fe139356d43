"""Security policies: the service model names them, and OpenSSL knows every suite."""

import ssl

import botocore.session
import pytest

from gatewright.core.tls.security_policy import (
    DEFAULT_API_POLICIES,
    DEFAULT_DOMAIN_POLICIES,
    SECURITY_POLICIES,
    TLS_1_0,
    TLS_1_2,
    TLS_1_3,
)

POLICIES = list(SECURITY_POLICIES.values())
BY_NAME = pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)


def model_enumeration(shape):
    return botocore.session.get_session().get_service_model("apigateway").shape_for(shape).enum


def test_the_table_has_the_policies_of_the_service_model():
    assert sorted(model_enumeration("SecurityPolicy")) == sorted(SECURITY_POLICIES)


@BY_NAME
def test_openssl_takes_exactly_the_suites_of_a_policy(policy):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if policy.tls12_suites:
        context.set_ciphers(f"{policy.openssl_cipher_list}:@SECLEVEL=0")
        negotiable = [cipher["name"] for cipher in context.get_ciphers() if not cipher["name"].startswith("TLS_")]
        assert list(policy.tls12_suites) == negotiable
    else:
        assert (TLS_1_3, "") == (policy.minimum_version, policy.openssl_cipher_list)
    known = {cipher["name"] for cipher in context.get_ciphers()}
    assert set(policy.openssl_ciphersuites.split(":")) <= known


@BY_NAME
def test_a_policys_words_mean_what_they_say(policy):
    suites = policy.tls13_suites + policy.tls12_suites
    assert len(set(suites)) == len(suites)
    assert policy.endpoint_types <= set(model_enumeration("EndpointType"))
    assert ("EDGE" in policy.name) == (policy.endpoint_types == {"EDGE"})
    if "PFS" in policy.name:
        assert all(suite.startswith("ECDHE-") for suite in policy.tls12_suites)
    if "FIPS" in policy.name:
        assert not any("CHACHA" in suite for suite in suites)
    if policy.minimum_version > TLS_1_0 and "Ext2" not in policy.name:
        assert not any(suite.endswith("-SHA") for suite in suites)


@pytest.mark.parametrize(
    ("name", "version", "enhanced", "shown"),
    [
        ("TLS_1_0", TLS_1_0, False, "<SecurityPolicy TLS_1_0: TLS 1.0 or newer, 21 suites>"),
        ("TLS_1_2", TLS_1_2, False, "<SecurityPolicy TLS_1_2: TLS 1.2 or newer, 15 suites>"),
        (
            "SecurityPolicy_TLS13_1_3_FIPS_2025_09",
            TLS_1_3,
            True,
            "<SecurityPolicy SecurityPolicy_TLS13_1_3_FIPS_2025_09: TLS 1.3 or newer, 2 suites>",
        ),
    ],
)
def test_a_policy_is_found_by_its_name(name, version, enhanced, shown):
    policy = SECURITY_POLICIES[name]
    assert (version, enhanced, shown) == (policy.minimum_version, policy.enhanced, repr(policy))


@pytest.mark.parametrize("defaults", [DEFAULT_API_POLICIES, DEFAULT_DOMAIN_POLICIES])
def test_every_endpoint_type_has_a_default_that_it_can_have(defaults):
    assert set(model_enumeration("EndpointType")) == set(defaults)
    for endpoint_type, name in defaults.items():
        assert endpoint_type in SECURITY_POLICIES[name].endpoint_types
