"""TLS sessions are resumed whichever worker the next connection meets, after the death of workers too, and by nobody else."""

import os
import signal
import ssl
import urllib.request

import pytest

from support.apis import ApiBuilder, create_domain, import_certificate
from support.connections import workers_of
from support.https import Connection, trust

pytestmark = pytest.mark.e2e

NAMES = ("a.resumed.example", "b.resumed.example")
WORKERS = {"worker-0", "worker-1"}


@pytest.fixture(scope="module")
def api(gateway, apigateway, acm, authority):
    """Two domain names that have one certificate, which covers both."""
    made = ApiBuilder(apigateway)
    made.mock("/health")
    made.deploy("dev")
    arn = import_certificate(acm, authority.issue(*NAMES))
    for name in NAMES:
        create_domain(apigateway, name, arn, made.id, stage="dev")
    return made


@pytest.fixture(params=["TLSv1_2", "TLSv1_3"])
def context(request, api, authority):
    made = trust(authority.certificate_pem)
    made.minimum_version = made.maximum_version = ssl.TLSVersion[request.param]
    return made


def connect(gateway, name, context, session=None):
    """Whether the session was resumed, the newest session, and the worker that answered."""
    with Connection(gateway.https_port, name, context=context, session=session) as connection:
        assert 200 == connection.ask("/health").status  # with the answer, at the latest, comes the ticket
        (worker,) = workers_of(gateway, [connection.socket])
        return connection.socket.session_reused, connection.socket.session, worker


def resume_everywhere(gateway, name, context, session):
    """Connections with this session, until both workers have answered one; whether it was resumed each time."""
    met, resumed = set(), []
    while met != WORKERS:
        again, _, worker = connect(gateway, name, context, session)
        met.add(worker)
        resumed.append(again)
        assert len(resumed) < 100, "the kernel gives all connections to one worker"
    return set(resumed)


def test_every_worker_resumes_what_one_began(gateway, context):
    before = count_resumed(gateway)
    resumed, session, _ = connect(gateway, NAMES[0], context)
    assert not resumed
    assert {True} == resume_everywhere(gateway, NAMES[0], context, session)
    gateway.wait_for(lambda: count_resumed(gateway) >= before + 2)


def test_a_worker_that_takes_the_place_of_a_dead_one_resumes_its_sessions(gateway, context):
    _, session, worker = connect(gateway, NAMES[0], context)
    killed = gateway.processes()[worker]
    os.kill(killed, signal.SIGKILL)
    gateway.wait_for(lambda: gateway.processes().get(worker, killed) != killed)
    assert {True} == resume_everywhere(gateway, NAMES[0], context, session)


def test_no_worker_resumes_the_session_of_one_domain_for_another(gateway, context):
    _, session, _ = connect(gateway, NAMES[0], context)
    assert {False} == resume_everywhere(gateway, NAMES[1], context, session)


def test_no_worker_resumes_what_was_begun_with_another_certificate(gateway, acm, apigateway, authority, api, context):
    name = f"rotated-{context.minimum_version.name.lower().replace('_', '-')}.resumed.example"
    arn = import_certificate(acm, authority.issue(name))
    create_domain(apigateway, name, arn, api.id, stage="dev")
    _, session, _ = connect(gateway, name, context)
    import_certificate(acm, authority.issue(name), CertificateArn=arn)
    assert {False} == resume_everywhere(gateway, name, context, session)


def count_resumed(gateway):
    with urllib.request.urlopen(f"{gateway.endpoint}/_gatewright/metrics", timeout=10) as answer:
        for line in answer.read().decode().splitlines():
            if line.startswith("gatewright_handshakes_resumed_total "):
                return int(float(line.split()[1]))
    return 0
