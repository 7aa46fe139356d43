import asyncio

from bench import handshake


def test_the_handshake_can_be_measured(monkeypatch):
    monkeypatch.setattr(handshake, "HANDSHAKES", 3)
    figures = asyncio.run(handshake.measure(profile=False))
    assert ["full", "resumed"] == list(figures)
    assert all(bare > 0 and ours > 0 for ours, bare in figures.values())
