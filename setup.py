"""Builds the package; where a C compiler is, the modules on a request's path are compiled with mypyc on the way.

They are the same typed sources either way, and behave the same (`make test` runs both). Compiled, the path of a small
request costs half the CPU (`python -m bench.request_path`, bench/RESULTS.md). docs/decisions/0005 says why and how.

GATEWRIGHT_COMPILE=1 insists (the build fails without a compiler), 0 leaves everything interpreted.
"""

import os
import shutil
import sys
import sysconfig
from pathlib import Path
from typing import Final

from setuptools import Extension, setup

_PACKAGE: Final = Path("src/gatewright")
#: What runs for every request, and nothing that runs once.
_COMPILED: Final = (
    "core/authorizers/*.py",
    "core/checksum.py",
    "core/connection_facts.py",
    "core/context.py",
    "core/context_variables.py",
    "core/decimals.py",
    "core/domains/*.py",
    "core/http/*.py",
    "core/iam/*.py",
    "core/integration/*.py",
    "core/logs/access_format.py",
    "core/logs/execution_log.py",
    "core/logs/log_group.py",
    "core/logs/stage_logs.py",
    "core/mapping/*.py",
    "core/metering/*.py",
    "core/metrics/distribution.py",
    "core/metrics/request_counts.py",
    "core/metrics/stage_metrics.py",
    "core/request_record.py",
    "core/responses/*.py",
    "core/routing/*.py",
    "core/sigv4/*.py",
    "core/tls/client_hello.py",
    "dataplane/activity.py",
    "dataplane/admission.py",
    "dataplane/authorization.py",
    "dataplane/authorizer_cache.py",
    "dataplane/authorizers.py",
    "dataplane/bounded_files.py",
    "dataplane/capacity.py",
    "dataplane/client_verdicts.py",
    "dataplane/connection.py",
    "dataplane/doubts.py",
    "dataplane/drive.py",
    "dataplane/http1.py",
    "dataplane/http1_exchange.py",
    "dataplane/http2/*.py",
    "dataplane/identifiers.py",
    "dataplane/journal.py",
    "dataplane/lateness.py",
    "dataplane/leased_meters.py",
    "dataplane/ledgers.py",
    "dataplane/local_connection.py",
    "dataplane/log_groups.py",
    "dataplane/metering.py",
    "dataplane/meters.py",
    "dataplane/mutual_tls.py",
    "dataplane/pipeline.py",
    "dataplane/refusal.py",
    "dataplane/request_metrics.py",
    "dataplane/robust_lock.py",
    "dataplane/room.py",
    "dataplane/slots.py",
    "dataplane/ticket_keys.py",
    "dataplane/tls.py",
    "dataplane/tls_connection.py",
    "dataplane/tls_session.py",
    "dataplane/upstream/*.py",
    "dataplane/world.py",
    "model/compiled_method.py",
    "model/plans.py",
    "model/shards.py",
    "model/snapshot.py",
)
#: mypyc's functions are visible to other libraries, which nobody asks for and for which each call and each constant goes
#: through a table. Without that a request takes some 3 % less (bench/RESULTS.md, "What bounds a handshake").
_CALLED_DIRECTLY: Final = ["-fvisibility=hidden", "-fno-plt"]
#: Commands that ask for names and files only; type-checking 60 modules for them would double the time of an install.
_WITHOUT_BUILDING: Final = frozenset({"egg_info", "dist_info", "sdist", "clean", "--version", "--name"})


def has_compiler() -> bool:
    """Whether C extensions of this Python can be built here: its compiler, or any, and its headers."""
    named = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
    return shutil.which(named) is not None and Path(sysconfig.get_path("include"), "Python.h").is_file()


def make_extensions() -> list[Extension]:
    """The compiled modules, or none."""
    wish = os.environ.get("GATEWRIGHT_COMPILE", "auto")
    if wish not in {"0", "1", "auto"}:
        raise SystemExit(f"GATEWRIGHT_COMPILE is {wish!r}; expected 0, 1 or auto.")
    if wish == "0" or _WITHOUT_BUILDING & set(sys.argv) or "editable_wheel" in sys.argv:
        return []
    if wish == "auto" and not has_compiler():
        sys.stderr.write(
            "No C compiler with the headers of this Python (Debian: gcc and python3-dev): Gatewright is installed "
            "interpreted, at twice the CPU a request.\n"
        )
        return []
    from mypyc.build import mypycify  # noqa: PLC0415  not needed without a compiler

    files = sorted({str(path) for pattern in _COMPILED for path in _PACKAGE.glob(pattern) if path.stat().st_size})
    # Types are judged by `make check`, with the settings in pyproject.toml; here they only guide the compiler.
    checking = ["--config-file=", "--ignore-missing-imports", "--disable-error-code=unused-ignore"]
    extensions: list[Extension] = mypycify([*checking, *files], opt_level="2", debug_level="0", group_name="gatewright")
    for extension in extensions:
        extension.extra_compile_args += _CALLED_DIRECTLY
    return extensions


setup(ext_modules=make_extensions())
