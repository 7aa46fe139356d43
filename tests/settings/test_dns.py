"""What the operator says of the DNS."""

import pytest

from gatewright.settings.address import Address
from gatewright.settings.dns import TsigKey
from gatewright.settings.installation import make_settings
from gatewright.settings.refusal import SettingsError
from support.options import refusal_of

ACCEPTED = [
    ({}, "dns", Address("127.0.0.1", 8053)),
    ({"dns": "off"}, "dns", None),
    ({}, "addresses", ("127.0.0.1",)),
    ({"https": "0.0.0.0:443"}, "addresses", ("127.0.0.1",)),
    ({"https": "[::]:443"}, "addresses", ("::1",)),
    ({"https": "localhost:443"}, "addresses", ("127.0.0.1",)),
    ({"https": "192.0.2.1:443"}, "addresses", ("192.0.2.1",)),
    ({"advertise": "192.0.2.1, 2001:DB8::1"}, "addresses", ("192.0.2.1", "2001:db8::1")),
    ({}, "dns_update", None),
    ({"dns_update": "ns.example:53"}, "dns_update", Address("ns.example", 53)),
]


@pytest.mark.parametrize(("options", "name", "expected"), ACCEPTED)
def test_what_is_said_of_the_dns_becomes_a_setting(options, name, expected):
    assert expected == getattr(make_settings(options), name)


REFUSED = [
    ({"dns": "no"}, "--dns: expected off, or HOST:PORT", "found 'no'"),
    ({"dns": "127.0.0.1:dns"}, "--dns: expected a port from 0 to 65535", "found 'dns'"),
    ({"advertise": "gate.example"}, "--advertise: expected IP addresses", "found 'gate.example'"),
    ({"dns_update": "127.0.0.1:0"}, "--dns-update: expected the port of a DNS server", "found '127.0.0.1:0'"),
    ({"dns_update": "127.0.0.1"}, "--dns-update: expected HOST:PORT", "found '127.0.0.1'"),
    ({"dns_update_key": "key"}, "--dns-update-key: expected --dns-update beside it", "unset"),
    ({"dns_update": "ns:53", "dns_update_key": "/nonexistent"}, "--dns-update-key: expected a file", "No such file"),
    (
        {"dns_update": "ns:53", "dns_update_key": "/dev/null"},
        "--dns-update-key: expected in /dev/null: key NAME",
        "found",
    ),
]


@pytest.mark.parametrize(("options", "begins", "contains"), REFUSED)
def test_what_cannot_be_used_is_refused_in_a_sentence(options, begins, contains):
    sentence = refusal_of(options)
    assert begins in sentence
    assert contains in sentence


SECRET = "c2VjcmV0IG9mIHRoZSB0ZXN0cw=="


@pytest.mark.parametrize(
    "text",
    [
        f'key "gatewright" {{\n\talgorithm hmac-sha256;\n\tsecret "{SECRET}";\n}};\n',
        f"# of ours\nkey gatewright {{ algorithm hmac-sha256; secret {SECRET}; }};",
    ],
    ids=["tsig-keygen", "bare"],
)
def test_a_tsig_key_is_read_from_its_file(tmp_path, text):
    path = tmp_path / "key"
    path.write_text(text)
    settings = make_settings({"dns_update": "127.0.0.1:53", "dns_update_key": str(path)})
    assert TsigKey("gatewright", "hmac-sha256", SECRET) == settings.dns_update_key
    assert SECRET not in repr(settings)


@pytest.mark.parametrize(
    "text",
    [
        f"key k {{ algorithm hmac-md5; secret {SECRET}; }};",
        "key k { algorithm hmac-sha256; secret not-base64; };",
        f"key k {{ secret {SECRET}; }};",
        "key k { algorithm hmac-sha256; };",
    ],
)
def test_a_tsig_key_that_cannot_be_used_is_refused_without_its_secret(tmp_path, text):
    path = tmp_path / "key"
    path.write_text(text)
    with pytest.raises(SettingsError, match="--dns-update-key: expected in") as refused:
        make_settings({"dns_update": "127.0.0.1:53", "dns_update_key": str(path)})
    assert SECRET not in str(refused.value)
