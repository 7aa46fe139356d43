"""The ClientHello: hellos that OpenSSL wrote, hellos cut and bent by hand, and any bytes at all."""

import ssl
import time
from struct import pack

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gatewright.core.tls.client_hello import (
    MAX_CLIENT_HELLO_SIZE,
    MAX_RECORDS,
    ClientHello,
    parse_client_hello,
)
from gatewright.core.tls.hello_fault import ClientHelloError, HelloFault


def real_hello(server_name=None, alpn=(), minimum=None, maximum=None):
    """What OpenSSL's client sends first."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if minimum:
        context.minimum_version = minimum
    if maximum:
        context.maximum_version = maximum
    if alpn:
        context.set_alpn_protocols(list(alpn))
    outgoing = ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=server_name).do_handshake()
    return outgoing.read()


MODERN = real_hello("www.example.com", ["h2", "http/1.1"])


def vector(size, data):
    return len(data).to_bytes(size) + data


def extension(kind, data):
    return pack(">H", kind) + vector(2, data)


def host_name(name, kind=0):
    return bytes([kind]) + vector(2, name)


def server_name(*entries):
    return extension(0, vector(2, b"".join(entries)))


def body(*extensions, session_id=b"", suites=b"\x13\x01", compression=b"\x00", version=b"\x03\x03"):
    start = version + bytes(32) + vector(1, session_id) + vector(2, suites) + vector(1, compression)
    return start + (vector(2, b"".join(extensions)) if extensions else b"")


def record(fragment, content_type=22, version=b"\x03\x01"):
    return bytes([content_type]) + version + vector(2, fragment)


def hello(*extensions, **fields):
    return record(b"\x01" + vector(3, body(*extensions, **fields)))


def said(data):
    """All that was found, as it can be compared; None while it is incomplete."""
    found = parse_client_hello(data)
    return None if found is None else (found.server_name, found.highest_version, found.record_count, found.size)


def refusal(data):
    with pytest.raises(ClientHelloError) as caught:
        parse_client_hello(data)
    return caught.value


# --- what OpenSSL writes ----------------------------------------------------------------------------------------------


def test_a_modern_hello_says_whom_it_wants_and_what_it_speaks():
    found = parse_client_hello(MODERN)
    assert "www.example.com" == found.server_name
    assert 0x0304 == found.highest_version
    assert (1, len(MODERN) - 5) == (found.record_count, found.size)


def test_a_tls_1_2_client_has_no_supported_versions_and_its_legacy_version_counts():
    found = parse_client_hello(real_hello("a.example", maximum=ssl.TLSVersion.TLSv1_2))
    assert 0x0303 == found.highest_version


def test_a_client_without_server_name_has_none():
    assert parse_client_hello(real_hello()).server_name is None


def test_what_follows_the_hello_is_left_alone():
    assert said(MODERN) == said(MODERN + b"\x14\x03\x03\x00\x01\x01")


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_kind_of_buffer_is_read(kind):
    assert said(MODERN) == said(kind(MODERN))


def test_the_repr_can_be_pasted_into_an_issue():
    found = parse_client_hello(hello(server_name(host_name(b"A.example"))))
    assert "<ClientHello server_name=a.example highest_version=0303, 65 bytes in 1 records>" == repr(found)


# --- pieces -----------------------------------------------------------------------------------------------------------


def test_every_proper_prefix_is_incomplete():
    for length in range(len(MODERN)):
        assert parse_client_hello(MODERN[:length]) is None, length
    assert isinstance(parse_client_hello(MODERN), ClientHello)


@pytest.mark.parametrize("size", [10, 100, 300])
def test_a_hello_cut_into_records_is_put_together(size):
    message = MODERN[5:]
    pieces = [message[at : at + size] for at in range(0, len(message), size)]
    cut = b"".join(record(piece) for piece in pieces)
    found, whole = parse_client_hello(cut), parse_client_hello(MODERN)
    assert (len(pieces), whole.size) == (found.record_count, found.size)
    assert (whole.server_name, whole.highest_version) == (found.server_name, found.highest_version)
    for length in range(0, len(cut), 7):
        assert parse_client_hello(cut[:length]) is None, length


def test_a_message_header_may_be_cut_too():
    message = MODERN[5:]
    cut = record(message[:1]) + record(message[1:3]) + record(message[3:])
    assert 3 == parse_client_hello(cut).record_count


def test_as_many_records_as_allowed_are_read_and_no_more():
    message = b"\x01" + vector(3, body())
    singles = [message[at : at + 1] for at in range(len(message))]
    assert len(singles) < MAX_RECORDS
    assert len(singles) == parse_client_hello(b"".join(map(record, singles))).record_count
    long = b"\x01" + vector(3, body(extension(21, bytes(100))))
    error = refusal(b"".join(record(long[at : at + 1]) for at in range(len(long))))
    assert "The ClientHello is too large: it is cut into more than 64 records." == str(error)


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        (b"WWW.Example.COM", "www.example.com"),
        (b"www.example.com.", "www.example.com"),
        (b"xn--bcher-kva.example", "xn--bcher-kva.example"),
        (b"b\xc3\xbccher.example", "b\\xc3\\xbccher.example"),
        (b"a\nb", "a\\x0ab"),
        (b"a" * 255, "a" * 255),
    ],
)
def test_the_server_name_is_canonical_and_strange_bytes_are_escaped(sent, name):
    assert name == parse_client_hello(hello(server_name(host_name(sent)))).server_name


def test_a_name_of_another_type_is_passed_over():
    assert "b" == parse_client_hello(hello(server_name(host_name(b"x", kind=9), host_name(b"b")))).server_name
    assert parse_client_hello(hello(server_name(host_name(b"x", kind=9)))).server_name is None


@pytest.mark.parametrize(
    ("name", "detail"),
    [
        (b"", "it is empty"),
        (b"a\0b", "it contains a NUL byte"),
        (b"a" * 256, "it has 256 bytes, and 255 is the most there may be"),
    ],
)
def test_an_unacceptable_server_name_is_refused_with_its_own_alert(name, detail):
    error = refusal(hello(server_name(host_name(name) + host_name(b"", kind=1))))
    assert f"The server name in the ClientHello is not acceptable: {detail}." == str(error)
    assert 112 == error.alert


# --- what is not TLS --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"GET / HTTP/1.1\r\n", b"G", b"POST", b"PRI * HTTP/2.0\r\n", b"PROPFIND / HTTP/1.1"])
def test_plain_http_is_recognized(data):
    error = refusal(data)
    assert HelloFault.PLAIN_HTTP is error.fault
    assert "Plain HTTP was sent to the HTTPS port." == str(error)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"\x80\x2e\x01\x00\x02", "The client sent an SSL 2.0 hello, which no supported version of TLS reads."),
        (b"\x80\x2e\x02", "What the client sent is not TLS: it begins with the byte 0x80."),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "What the client sent is not TLS: it begins with the byte 0x53."),
        (b"PROXY TCP4 10.0.0.1", "What the client sent is not TLS: it begins with the byte 0x50."),
        (b"\x15\x03\x01\x00\x02\x02\x28", "The client's first message is not a ClientHello: it is an alert."),
        (b"\x16\x02", "What the client sent is not TLS: a record has the major version 2 in place of 3."),
        (b"\x16\xfe\xff\0\0\0\0", "What the client sent is not TLS: a record has the major version 254 in place of 3."),
        (record(b"\x02\0\0\0"), "The client's first message is not a ClientHello: its handshake type is 2."),
        (record(b"\x02"), "The client's first message is not a ClientHello: its handshake type is 2."),
        (record(b""), "The ClientHello is malformed: a record is empty."),
        (
            record(b"\x01") + b"\x17",
            "The ClientHello is malformed: a record of type 23 stands between its fragments.",
        ),
        (
            record(b"\x01") + record(b"x", 23),
            "The ClientHello is malformed: a record of type 23 stands between its fragments.",
        ),
        (
            b"\x16\x03\x01\x40\x01",
            "The ClientHello is too large: a record announces 16385 bytes, and 16384 is the most there may be.",
        ),
        (
            record(b"\x01\x01\x00\x00"),
            "The ClientHello is too large: it announces 65540 bytes, and 65536 are read at most.",
        ),
    ],
)
def test_what_will_never_be_a_hello_is_named(data, sentence):
    assert sentence == str(refusal(data))


@pytest.mark.parametrize("data", [b"", b"\x80", b"\x80\x2e", b"\x16", b"\x16\x03", record(b"\x01"), record(b"\x01\0")])
def test_too_little_to_tell_is_incomplete(data):
    assert parse_client_hello(data) is None


def test_the_largest_hello_is_read():
    padding = MAX_CLIENT_HELLO_SIZE - 4 - len(body(extension(21, b"")))
    message = b"\x01" + vector(3, body(extension(21, bytes(padding))))
    pieces = [message[at : at + 16_384] for at in range(0, len(message), 16_384)]
    assert MAX_CLIENT_HELLO_SIZE == parse_client_hello(b"".join(map(record, pieces))).size


# --- bent hellos ------------------------------------------------------------------------------------------------------

VERSIONS = extension(43, vector(1, b"\x03\x04"))


def raw_hello(content):
    return record(b"\x01" + vector(3, content))


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (raw_hello(body()[:34]), "it ends before its session id"),
        (hello(session_id=bytes(33)), "its session id is too long"),
        (raw_hello(body(session_id=bytes(32))[:60]), "its session id is too long"),
        (hello(suites=b""), "its list of cipher suites has an impossible length"),
        (hello(suites=b"\x13\x01\x13"), "its list of cipher suites has an impossible length"),
        (raw_hello(body()[:-2]), "its list of cipher suites has an impossible length"),
        (hello(compression=b""), "its list of compression methods has an impossible length"),
        (raw_hello(body()[:-1]), "its list of compression methods has an impossible length"),
        (raw_hello(body() + b"\0"), "its extensions do not fill what is left of it"),
        (raw_hello(body() + b"\0\0\0"), "its extensions do not fill what is left of it"),
        (hello(b"\0\0\0"), "an extension's header is cut off"),
        (hello(b"\0\x2b\0\x09\0"), "the extension 43 is longer than what is left"),
        (hello(VERSIONS, VERSIONS), "the extension 43 comes twice"),
        (hello(extension(0, b"")), "its server_name extension has an impossible length"),
        (hello(extension(0, b"\0\x09\0\0\0")), "its server_name extension has an impossible length"),
        (hello(server_name(host_name(b"a"), b"\0\0")), "an entry of its server_name extension is cut off"),
        (hello(server_name(b"\0\0\x05a")), "an entry of its server_name extension is cut off"),
        (hello(server_name(host_name(b"a"), host_name(b"b"))), "it names two servers"),
        (hello(extension(43, b"\0")), "its supported_versions extension has an impossible length"),
        (hello(extension(43, b"\x03\x03\x04\x03")), "its supported_versions extension has an impossible length"),
        (hello(extension(43, b"\x04\x03\x04")), "its supported_versions extension has an impossible length"),
    ],
)
def test_a_malformed_hello_is_refused_with_what_is_wrong(data, detail):
    error = refusal(data)
    assert f"The ClientHello is malformed: {detail}." == str(error)
    assert (HelloFault.MALFORMED, 50) == (error.fault, error.alert)


def test_a_hello_without_extensions_is_complete():
    assert repr(ClientHello(None, 0x0303, 1, 45)) == repr(parse_client_hello(hello()))


def test_grease_versions_do_not_count():
    assert 0x0304 == parse_client_hello(hello(extension(43, b"\x04\x7a\x7a\x03\x04"))).highest_version
    assert 0 == parse_client_hello(hello(extension(43, b"\x02\x7a\x7a"))).highest_version


# --- fuzz -------------------------------------------------------------------------------------------------------------


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=600))
@example(b"\x16\x03\x01\x00\x00")
def test_any_bytes_are_a_hello_or_incomplete_or_the_declared_error(data):
    try:
        found = parse_client_hello(data)
    except ClientHelloError:
        return
    assert found is None or isinstance(found, ClientHello)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(MODERN) - 1), st.integers(0, 255)), max_size=6), st.integers(0, 600))
def test_a_bent_hello_is_a_hello_or_incomplete_or_the_declared_error(changes, length):
    data = bytearray(MODERN)
    for at, value in changes:
        data[at] = value
    answers = []
    for piece in (data[:length], data):
        try:
            answers.append(said(piece))
        except ClientHelloError:
            answers.append(ClientHelloError)
    # "Never" and a value stay what they are when more comes.
    if length <= len(data) and answers[0] is not None:
        assert answers[0] == answers[1]


def test_a_typical_hello_is_parsed_in_microseconds():
    best = min(timed_parse() for _ in range(5))
    # Measured: 6 to 9 µs. The bound leaves room for a busy machine and still catches a change of kind.
    assert best < 60e-6


def timed_parse(rounds=200):
    began = time.perf_counter()
    for _ in range(rounds):
        parse_client_hello(MODERN)
    return (time.perf_counter() - began) / rounds
