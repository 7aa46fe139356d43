"""Settings and pings, as h2 keeps them."""

import pytest
from hyperframe.frame import PingFrame, SettingsFrame

from gatewright.dataplane.http2.agreement import Agreement
from gatewright.dataplane.http2.codec import RequestDecoder, ResponseEncoder
from gatewright.dataplane.http2.frames import PING, SETTINGS, ConnectionRefused, Frame


@pytest.fixture
def agreement():
    made = Agreement(RequestDecoder(), ResponseEncoder())
    made.begin()
    return made


def test_what_the_client_takes_of_a_new_stream_is_known_from_its_settings(agreement):
    assert 65_535 == agreement.send_window
    answer = agreement.receive(Frame(SETTINGS, 0, 0, b"\0\4\0\0\0\7"))
    assert SettingsFrame(0, flags=["ACK"]).serialize() == answer
    assert 7 == agreement.send_window


def test_a_ping_is_answered_with_what_it_brought(agreement):
    assert PingFrame(0, b"ABCDEFGH", flags=["ACK"]).serialize() == agreement.receive(Frame(PING, 0, 0, b"ABCDEFGH"))
    assert b"" == agreement.receive(Frame(PING, 1, 0, b"ABCDEFGH"))


def test_what_the_client_would_have_us_remember_is_not_remembered():
    encoder = ResponseEncoder()
    agreement = Agreement(RequestDecoder(), encoder)
    agreement.begin()
    for size in (0, 2**32 - 1, 100):
        agreement.receive(Frame(SETTINGS, 0, 0, b"\0\1" + size.to_bytes(4, "big")))
    assert 100 == encoder.header_table_size  # a number and no table
    assert b" \x88" == encoder.encode_head(200, length=None, date=None)
    assert b"\x88" == encoder.encode_head(200, length=None, date=None)


def test_an_impossible_setting_is_refused_with_its_code(agreement):
    with pytest.raises(ConnectionRefused) as refusal:
        agreement.receive(Frame(SETTINGS, 0, 0, b"\0\4\xff\xff\xff\xff"))
    assert "FLOW_CONTROL_ERROR" == refusal.value.code.name
