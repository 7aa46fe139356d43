import asyncio

import pytest

from bench import request_path


@pytest.mark.parametrize("option", [None, "metered", "access_log", "execution_log"])
def test_the_request_path_can_be_measured(monkeypatch, tmp_path, option):
    monkeypatch.setattr(request_path, "ROUNDS", 1)
    monkeypatch.setattr(request_path, "REQUESTS", 20)
    options = {name: name == option for name in ("metered", "access_log", "execution_log")}
    measured = request_path.measure(profile=False, folder=tmp_path, **options)
    assert 0 < asyncio.run(measured)
