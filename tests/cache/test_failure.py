"""Servers that cannot be used, real ones: a sentence says what was expected, what was found, and what to do."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest

from gatewright.cache.connection import CacheAway, CacheConnection, CachePlace, Script, ScriptCall
from gatewright.settings.cache import parse_cache
from support.ca import CertificateAuthority
from support.redis import RedisTls, running_redis

ADD = ScriptCall(Script("return redis.call('INCRBY', KEYS[1], ARGV[1])", "0" * 40), ["a"], [1])
SECRET = "s3cret/@?"
GIVEN = ":s3cret%2f%40%3F@"
#: A busy machine's handshake takes longer than a cache may.
PATIENCE = 3.0


@pytest.fixture(scope="module")
def authority():
    return CertificateAuthority("Cache Root")


@pytest.fixture(scope="module")
def files(tmp_path_factory, authority):
    """PEM files by what they are: certificates of authorities, and a node's own."""
    folder = tmp_path_factory.mktemp("files")
    node = authority.issue("node", client=True)
    stranger = CertificateAuthority("Other Root").issue("node", client=True)
    texts = {
        "ca": authority.certificate_pem,
        "other": CertificateAuthority("Other Root").certificate_pem,
        "node": node.certificate_pem + node.key_pem,
        "stranger": stranger.certificate_pem + stranger.key_pem,
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
    return {name: folder / name for name in texts}


@pytest.fixture(scope="module")
def servers(tmp_path_factory, authority):
    """By what they are like; all want the password."""
    yesterday = datetime.now(UTC) - timedelta(days=1)
    kinds = {
        "plain": None,
        "tls": RedisTls(authority.issue("localhost"), authority),
        "expired": RedisTls(
            authority.issue("localhost", not_before=yesterday - timedelta(9), not_after=yesterday), authority
        ),
        "asking": RedisTls(authority.issue("localhost"), authority, asks=True),
    }
    with ExitStack() as stack:
        yield {
            kind: stack.enter_context(running_redis(tmp_path_factory.mktemp(kind), password=SECRET, tls=tls))
            for kind, tls in kinds.items()
        }


def open_cache(text, patience=PATIENCE):
    """The connection that the option makes."""
    settings = parse_cache(text)
    return CacheConnection(CachePlace(settings.url, settings.shown, settings.prefix), patience=patience)


def write(text, servers, files):
    """The URL of a specimen: {plain} is a server's port, and {ca} a file."""
    ports = {kind: server.port for kind, server in servers.items()}
    sockets = {f"{kind}_socket": server.socket for kind, server in servers.items()}
    return text.format(given=GIVEN, **ports, **sockets, **files)


GOOD = [
    "redis://{given}127.0.0.1:{plain}/3?prefix=good",
    "rediss://{given}localhost:{tls}/3?prefix=good&ssl_ca_certs={ca}",
    "valkeys://default{given}localhost:{tls}/3?prefix=good&ssl_ca_certs={ca}",
    "rediss://{given}localhost:{asking}/3?prefix=good&ssl_ca_certs={ca}&ssl_certfile={node}",
    "unix://{given}{plain_socket}?db=3&prefix=good",
]


@pytest.mark.parametrize("text", GOOD)
def test_a_server_is_reached_with_password_and_database(servers, files, text):
    kind = next(kind for kind in servers if f"{{{kind}" in text)
    servers[kind].client.flushall()
    connection = open_cache(write(text, servers, files))
    assert [1] == connection.run([ADD])
    assert {"keys": 1, "expires": 0, "avg_ttl": 0} == servers[kind].client.info("keyspace")["db3"]
    connection.close()


def test_an_authority_that_the_machine_trusts_need_not_be_named(servers, files, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(files["ca"]))
    connection = open_cache(write("rediss://{given}localhost:{tls}", servers, files))
    assert 1 <= connection.run([ADD])[0]
    connection.close()


BAD = {
    "an authority that nobody named": (
        "rediss://{given}localhost:{tls}",
        "that this machine knows, found 'self-signed certificate in certificate chain'; name the file of its authority",
    ),
    "the wrong authority": (
        "rediss://{given}localhost:{tls}?ssl_ca_certs={other}",
        "of an authority that this machine or {other} knows, found 'self-signed certificate in certificate chain'; name",
    ),
    "an expired certificate": (
        "rediss://{given}localhost:{expired}?ssl_ca_certs={ca}",
        "expected a certificate that is valid now, found 'certificate has expired'; renew the server's certificate",
    ),
    "a certificate for another name": (
        "rediss://{given}127.0.0.1:{tls}?ssl_ca_certs={ca}",
        "expected a certificate for 127.0.0.1, found one for another name; write the host as the certificate has it",
    ),
    "a server that asks for a certificate": (
        "rediss://{given}localhost:{asking}?ssl_ca_certs={ca}",
        "found the connection closed after the TLS handshake; name ours with ?ssl_certfile=FILE&ssl_keyfile=FILE",
    ),
    "a certificate that the server does not take": (
        "rediss://{given}localhost:{asking}?ssl_ca_certs={ca}&ssl_certfile={stranger}",
        "expected the server to take the certificate in {stranger}, found the connection closed; name one that is valid",
    ),
    "a wrong password": (
        "rediss://:wr0ng@localhost:{tls}?ssl_ca_certs={ca}",
        "expected the URL's user and password to be right, found that the server does not take them; correct the password",
    ),
    "no password": (
        "redis://127.0.0.1:{plain}",
        "expected a server without a password, found that it asks for one; write them as USER:PASSWORD@ before the host",
    ),
    "a database that is not there": (
        "rediss://{given}localhost:{tls}/99?ssl_ca_certs={ca}",
        "expected a database 99, found that the server has none; write the number of one that it has",
    ),
    "a server without TLS behind rediss": (
        "rediss://{given}localhost:{plain}?ssl_ca_certs={ca}",
        "{plain}/0: expected a TLS handshake, found no answer to it; if the port speaks without TLS, write redis://",
    ),
    "a server with TLS behind redis": (
        "redis://{given}localhost:{tls}",
        "expected an answer, found the connection closed before any; if the port is one for TLS, write rediss://",
    ),
    "a socket that is not there": (
        "unix://{given}{plain_socket}x",
        "expected a socket of a server at {plain_socket}x, found 'No such file or directory'; see that the server runs",
    ),
    "a host that is not there": (
        "redis://{given}nowhere.invalid",
        "redis://nowhere.invalid:6379/0: expected a name with an address, found '",
    ),
}


@pytest.mark.parametrize(("text", "sentence"), BAD.values(), ids=BAD)
def test_what_is_wrong_is_said_with_what_to_do_and_without_the_password(servers, files, text, sentence):
    connection = open_cache(write(text, servers, files), patience=0.5 if "{plain}?" in text else PATIENCE)
    with pytest.raises(CacheAway) as away:
        connection.run([ADD])
    said = str(away.value)
    assert write(sentence, servers, files) in said
    assert ";" in said
    for word in (SECRET, "s3cret", "wr0ng", "None", "_ssl.c"):
        assert word not in said
