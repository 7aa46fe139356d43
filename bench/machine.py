"""The machine under the figures: without it they say nothing."""

from __future__ import annotations

import os
import platform
import ssl
from pathlib import Path


def describe_machine() -> dict[str, str]:
    """Cores, CPU model, kernel, memory, Python and its OpenSSL."""
    return {
        "cores": str(len(os.sched_getaffinity(0))),
        "cpu": _read_field("/proc/cpuinfo", "model name"),
        "memory": _read_field("/proc/meminfo", "MemTotal"),
        "kernel": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "python's OpenSSL": ssl.OPENSSL_VERSION,
    }


def read_load() -> float:
    """Processes that wanted to run during the last minute, on average: what else is going on here."""
    return os.getloadavg()[0]


def _read_field(path: str, name: str) -> str:
    for line in Path(path).read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return "unknown"
