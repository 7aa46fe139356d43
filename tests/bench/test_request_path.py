import asyncio

import pytest

from bench import metering, request_path


@pytest.mark.parametrize(
    "options",
    [[], ["--metered"], ["--access-log"], ["--execution-log"], ["--varied"], ["--resources", "3"], ["--names", "3"]],
)
def test_the_request_path_can_be_measured(monkeypatch, tmp_path, options):
    monkeypatch.setattr(request_path, "ROUNDS", 1)
    monkeypatch.setattr(request_path, "REQUESTS", 20)
    assert 0 < asyncio.run(request_path.measure(request_path.parse_options(options), tmp_path))


@pytest.mark.parametrize("keys", [0, 1, 3])
def test_the_metering_step_can_be_measured(monkeypatch, tmp_path, keys):
    monkeypatch.setattr(metering, "ROUNDS", 1)
    monkeypatch.setattr(metering, "REQUESTS", 20)
    assert 0 < metering.measure(keys, tmp_path / "meters")


def test_varied_requests_go_to_the_resources_and_are_no_two_alike():
    traffic = request_path.Traffic(metered=False, varied=True, resources=3, names=0)
    requests = [traffic.next()[0] for _ in range(30)]
    assert 30 == len(set(requests))
    assert {b"/v1/r00000", b"/v1/r00001", b"/v1/r00002"} == {request.split(b" ")[1] for request in requests}
