"""Throttling and quotas: what a limit allows at an instant, without clock and storage."""
