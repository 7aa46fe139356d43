"""Each family has words for each fault, and botocore's client reads them."""

import pytest
from botocore.awsrequest import HeadersDict
from botocore.parsers import create_parser

from gatewright.controlplane.addressee import Addressee
from gatewright.controlplane.faults import FAULT_FORMS, UNKNOWN_PATHS, Fault, make_error
from gatewright.core.sigv4.refusal import ProtocolFamily
from gatewright.wire.errors import serialize_error
from gatewright.wire.services import SERVED, load_service

ADDRESSEES = [Addressee(load_service(name), protocol) for name, row in SERVED.items() for protocol in row.protocols]


def test_every_family_of_the_control_plane_has_a_form_for_every_fault():
    assert set(ProtocolFamily) - {ProtocolFamily.EXECUTE_API} == FAULT_FORMS.keys()
    assert {frozenset(Fault)} == {frozenset(forms) for forms in FAULT_FORMS.values()}


@pytest.mark.parametrize("addressee", ADDRESSEES, ids=lambda a: f"{a.name} {a.protocol}")
@pytest.mark.parametrize("fault", Fault)
def test_a_client_reads_code_message_and_status(addressee, fault):
    error = make_error(fault, addressee, "What was wrong.")
    sent = serialize_error(
        addressee.service,
        None,
        error.code,
        error.message,
        status=error.status,
        request_id="the-request-id",
        protocol=addressee.protocol,
    )
    read = create_parser(addressee.protocol).parse(
        {"status_code": sent.status, "headers": HeadersDict(sent.headers), "body": sent.body}, None
    )
    # CloudWatch models ValidationException, which its clients know by the query protocol's code.
    codes = {shape.name: shape.error_code for shape in addressee.service.error_shapes}
    assert codes.get(error.code, error.code) == read["Error"]["Code"]
    assert error.message == read["Error"]["Message"]
    assert error.status == read["ResponseMetadata"]["HTTPStatusCode"]
    assert "the-request-id" == read["ResponseMetadata"]["RequestId"]


def test_only_our_own_failures_look_like_ours():
    assert {Fault.INTERNAL} == {
        fault for forms in FAULT_FORMS.values() for fault, form in forms.items() if form.status >= 500
    }


def test_an_unknown_path_is_told_by_service():
    apigateway = Addressee(load_service("apigateway"), "rest-json")
    assert "Missing Authentication Token" == make_error(Fault.UNKNOWN_OPERATION, apigateway, "Detail.").message
    assert UNKNOWN_PATHS.keys() < SERVED.keys()
