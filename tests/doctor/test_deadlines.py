"""A dead resolver, an address that says nothing and a server that stalls end in `unknown`, with the step, in time."""

import socket
import time
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import botocore.session
import certifi
import pytest

from gatewright.doctor.diagnose import Surroundings, gather
from gatewright.doctor.examine import examine
from gatewright.doctor.probes.api import AwsApi
from gatewright.doctor.probes.connection import Trust
from gatewright.doctor.probes.deadline import CannotLook, Deadline, run_together
from gatewright.doctor.question import parse_question


def surroundings(**more) -> Surroundings:
    return Surroundings(datetime.now(UTC), None, Trust((certifi.where(),)), **more)


@contextmanager
def silent(kind: int):
    """A place of 127.0.0.1 that takes what comes and says nothing."""
    with socket.socket(socket.AF_INET, kind) as bound:
        bound.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            bound.listen()
        yield bound.getsockname()


@pytest.mark.parametrize(
    ("kind", "step", "why"),
    [(socket.SOCK_DGRAM, "dns", "does not answer"), (socket.SOCK_STREAM, "tls", "does not answer the handshake")],
)
def test_who_says_nothing_is_unknown_by_its_step(kind, step, why):
    with silent(kind) as place:
        around = surroundings(servers=(place,)) if step == "dns" else surroundings(place=place)
        target = "https://www.silent.test/" if step == "dns" else "https://192.0.2.1/"
        started = time.monotonic()
        evidence = gather(parse_question(target), around)
        assert time.monotonic() - started < 10
    assert why in next(unknown.why for unknown in evidence.unknowns if unknown.step == step)
    assert "unknown" == examine(evidence).verdict


@contextmanager
def black_hole():
    """A place of 127.0.0.1 that drops what is sent there: its queue of connections is full and nobody accepts them."""
    with socket.socket() as bound, ExitStack() as fillers:
        bound.bind(("127.0.0.1", 0))
        bound.listen(0)
        for _ in range(4):
            filler = fillers.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(bound.getsockname())
        yield bound.getsockname()


def test_an_address_that_drops_everything_is_unknown():
    with black_hole() as place:
        try:
            socket.create_connection(place, timeout=0.3).close()
        except TimeoutError:
            pass
        else:
            pytest.skip("this system's loopback accepts more connections than its queue has room for")
        started = time.monotonic()
        evidence = gather(parse_question("https://192.0.2.1/"), surroundings(place=place))
        assert time.monotonic() - started < 10
    assert "does not answer" in next(unknown.why for unknown in evidence.unknowns if unknown.step == "tcp")
    assert "unknown" == examine(evidence).verdict


def test_an_address_that_cannot_be_reached_in_time_is_unknown(monkeypatch):
    """The same on every system."""

    def times_out(*_, **__):
        raise TimeoutError

    monkeypatch.setattr("gatewright.doctor.probes.connection.socket.create_connection", times_out)
    evidence = gather(parse_question("https://192.0.2.1/"), surroundings())
    assert "does not answer" in next(unknown.why for unknown in evidence.unknowns if unknown.step == "tcp")


def test_when_resolver_endpoint_and_apis_all_stall_it_still_ends_in_time_and_names_each():
    with (
        silent(socket.SOCK_DGRAM) as resolver,
        silent(socket.SOCK_STREAM) as place,
        silent(socket.SOCK_STREAM) as apis,
    ):
        session = botocore.session.Session()
        session.set_credentials("AKIAIOSFODNN7EXAMPLE", "example")
        api = AwsApi(session, "us-east-1", f"http://127.0.0.1:{apis[1]}")
        around = replace(surroundings(servers=(resolver,), place=place), api=api)
        started = time.monotonic()
        evidence = gather(parse_question("https://www.silent.test/pets"), around)
        assert time.monotonic() - started < 10
    assert {"dns", "tls", "domain"} <= {unknown.step for unknown in evidence.unknowns}
    diagnosis = examine(evidence)
    assert ("unknown", {"COULD_NOT_LOOK"}) == (diagnosis.verdict, {finding.code for finding in diagnosis.findings})


def test_a_place_where_nobody_listens_is_a_problem():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        evidence = gather(parse_question("https://192.0.2.1/"), surroundings(place=bound.getsockname()))
    diagnosis = examine(evidence)
    assert ("problem", "CONNECTION_REFUSED") == (diagnosis.verdict, diagnosis.findings[0].code)


def test_probes_run_at_the_same_time_and_the_slow_ones_are_left_behind():
    def refused():
        raise CannotLook("it is not permitted", "acm:GetCertificate")

    started = time.monotonic()
    results = run_together(
        {"quick": lambda: 1, "slow": lambda: time.sleep(1), "refused": refused, "broken": lambda: 1 / 0},
        Deadline(),
        0.3,
    )
    assert time.monotonic() - started < 2
    assert 1 == results["quick"]
    assert "it did not end in time" == results["slow"].why
    assert "acm:GetCertificate" == results["refused"].action
    assert "ZeroDivisionError" in results["broken"].why
