import asyncio

import pytest

from bench import request_path


@pytest.mark.parametrize(("access_log", "execution_log"), [(False, False), (True, False), (False, True)])
def test_the_request_path_can_be_measured(monkeypatch, tmp_path, access_log, execution_log):
    monkeypatch.setattr(request_path, "ROUNDS", 1)
    monkeypatch.setattr(request_path, "REQUESTS", 20)
    measured = request_path.measure(profile=False, access_log=access_log, execution_log=execution_log, folder=tmp_path)
    assert 0 < asyncio.run(measured)
