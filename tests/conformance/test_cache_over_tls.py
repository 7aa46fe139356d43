"""A gateway whose cache is reached over TLS: whatever the server shows, requests are served, and the log says what to do."""

from datetime import UTC, datetime, timedelta
from urllib.request import urlopen

import pytest

from support.apis import ApiBuilder
from support.ca import CertificateAuthority
from support.gateway import running_gateway
from support.https import ask, distrust
from support.redis import RedisTls, running_redis

pytestmark = pytest.mark.e2e

SECRET = "n0t-in-any-log"


def is_up(gateway):
    """Whether it shares its meters."""
    with urlopen(f"{gateway.endpoint}/_gatewright/metrics", timeout=10) as answer:
        return b"\ngatewright_cache_up 1\n" in answer.read()


def test_a_certificate_that_ran_out_stops_the_sharing_and_nothing_else(tmp_path):
    authority = CertificateAuthority("Cache Root")
    (tmp_path / "ca.pem").write_text(authority.certificate_pem)
    good = RedisTls(authority.issue("localhost"), authority)
    now = datetime.now(UTC)
    old = authority.issue("localhost", not_before=now - timedelta(days=9), not_after=now - timedelta(days=1))
    with running_redis(tmp_path, password=SECRET, tls=good) as redis:
        cache = f"rediss://:{SECRET}@localhost:{redis.port}/2?ssl_ca_certs={tmp_path / 'ca.pem'}"
        with running_gateway(tmp_path, "--cache", cache) as gateway:
            api = ApiBuilder(gateway.client("apigateway"))
            api.mock("/pets")
            api.deploy("dev")
            host = f"{api.id}.execute-api.us-east-1.gateway.localhost"

            def serves():
                return 200 == ask(gateway.https_port, host, "/dev/pets", context=distrust()).status

            gateway.wait_for(lambda: is_up(gateway))
            assert serves()
            gateway.wait_for(lambda: redis.client.info("keyspace").keys() == {"db2"})

            redis.kill()
            gateway.wait_for(lambda: "cannot be used" in gateway.log())
            assert serves()
            redis.tls = RedisTls(old, authority)
            redis.start()
            gateway.wait_for(lambda: "found 'certificate has expired'; renew the server's certificate" in gateway.log())
            assert serves()
            assert not is_up(gateway)

            redis.kill()
            redis.tls = good
            redis.start()
            gateway.wait_for(lambda: is_up(gateway))
            assert serves()
            said = gateway.log()
    assert f"rediss://localhost:{redis.port}/2 is back after" in said
    assert 1 == said.count("has expired")
    assert SECRET not in said
