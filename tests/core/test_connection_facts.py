import pytest

from gatewright.core.connection_facts import ClientVerdict, describe_client
from gatewright.core.reasons import CLIENT_CERT_EXPIRED
from support.client_chains import make, make_client
from support.exchange import make_connection


def test_a_client_s_certificate_is_read_once_for_all_requests_of_its_connection():
    connection = make_connection(client_chain=(make_client("device", make("Root")).der,))
    described = describe_client(connection)
    assert "CN=device,O=Fleet" == described["subjectDN"]
    assert described is describe_client(connection)


@pytest.mark.parametrize("chain", [(), (b"\x30\x00",)], ids=["none", "unreadable"])
def test_of_no_certificate_there_is_nothing_to_tell(chain):
    assert {} == describe_client(make_connection(client_chain=chain))


def test_a_verdict_and_a_connection_show_what_they_are_about():
    assert "<ClientVerdict let in until 7.5>" == repr(ClientVerdict("t", 7.5))
    assert "<ClientVerdict CLIENT_CERT_EXPIRED until 7.5>" == repr(ClientVerdict("t", 7.5, None, CLIENT_CERT_EXPIRED))
    connection = make_connection()
    assert f"<ConnectionFacts https from {connection.peer} for {connection.server_name}>" == repr(connection)
