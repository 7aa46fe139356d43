import asyncio

from bench import request_path


def test_the_request_path_can_be_measured(monkeypatch):
    monkeypatch.setattr(request_path, "ROUNDS", 1)
    monkeypatch.setattr(request_path, "REQUESTS", 20)
    assert 0 < asyncio.run(request_path.measure(profile=False))
