"""The tables of what is left out agree with the service models."""

import pytest

from gatewright.controlplane.unimplemented import NOT_SERVED, not_served
from gatewright.wire.services import SERVED, load_service


def test_every_served_service_has_an_error_for_what_it_does_not_serve():
    assert SERVED.keys() == NOT_SERVED.keys()


@pytest.mark.parametrize("service", SERVED)
def test_the_error_is_modelled_with_that_status_unless_marked(service):
    form = NOT_SERVED[service]
    shape = next((s for s in load_service(service).error_shapes if form.code in (s.name, s.error_code)), None)
    assert form.modelled == (shape is not None)
    if shape is not None:
        assert form.status == shape.metadata.get("error", {}).get("httpStatusCode", 400)


def test_no_error_makes_a_client_try_again():
    assert set() == {form.status for form in NOT_SERVED.values()} & {429, 500, 502, 503, 504}


def test_the_sentence_names_the_operation_and_the_reason():
    error = not_served("apigateway", "CreateApiKey", "API keys come with metering")
    assert "CreateApiKey is not served by Gatewright yet: API keys come with metering" == error.message
