"""Keys by the algorithm names of the service models, and as secrets."""

import pytest

from gatewright.controlplane.private_keys import can_generate, generate_key, key_from_pem, key_to_pem
from gatewright.core.x509.certificate import render_key_algorithm
from gatewright.wire.services import load_service


@pytest.mark.parametrize("algorithm", ["RSA_2048", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"])
def test_a_key_is_of_its_algorithm_and_survives_being_stored(algorithm):
    key = generate_key(algorithm)
    assert algorithm.replace("_", "-") == render_key_algorithm(key.public_key())
    assert key.private_numbers() == key_from_pem(key_to_pem(key)).private_numbers()


def test_all_algorithms_of_the_models_but_these():
    names = {name for service in ("acm", "acm-pca") for name in load_service(service).shape_for("KeyAlgorithm").enum}
    assert {"ML_DSA_44", "ML_DSA_65", "ML_DSA_87", "SM2"} == {name for name in names if not can_generate(name)}
