"""From samples to figures: medians over the rounds, ratios within each round, a table, and JSON.

A ratio is taken round by round and its median shown: both sides of it met the same machine, which a ratio of medians over
all rounds could not promise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Final

from bench.rounds import Measured, Sample

#: The peers that ratios are taken to.
REFERENCES: Final = ("nginx", "envoy")


@dataclass(frozen=True)
class Row:
    """The figures of one proxy in one scenario; times in microseconds, latencies in milliseconds."""

    proxy: str
    cpu_us: float
    cpu_us_lowest: float
    cpu_us_highest: float
    per_cpu_second: float
    ratios: Mapping[str, float | None]
    requests_per_second: float
    p50_ms: float | None
    p99_ms: float | None
    failures: int
    upstream_connections: int


def make_rows(samples: Mapping[str, Sequence[Sample]]) -> list[Row]:
    """A row for each proxy; one that answered nothing in some round has none."""
    costs = {name: [sample.cpu_us for sample in taken] for name, taken in samples.items()}
    whole = {
        name: [cost for cost in each if cost is not None] for name, each in costs.items() if each and None not in each
    }
    return [_make_row(name, samples[name], whole) for name in whole]


def compute_ratio(costs: Sequence[float], reference: Sequence[float] | None) -> float | None:
    """The median of the ratios of each round; None without a reference, or with one that cost nothing measurable."""
    if not reference or not all(reference):
        return None
    return median(ours / theirs for ours, theirs in zip(costs, reference, strict=True))


def _make_row(name: str, taken: Sequence[Sample], costs: Mapping[str, Sequence[float]]) -> Row:
    cost = median(costs[name])
    return Row(
        proxy=name,
        cpu_us=cost,
        cpu_us_lowest=min(costs[name]),
        cpu_us_highest=max(costs[name]),
        per_cpu_second=1e6 / cost if cost else float("inf"),
        ratios={reference: compute_ratio(costs[name], costs.get(reference)) for reference in REFERENCES},
        requests_per_second=median(sample.load.requests / sample.load.seconds for sample in taken),
        p50_ms=_median_ms([sample.load.p50 for sample in taken]),
        p99_ms=_median_ms([sample.load.p99 for sample in taken]),
        failures=sum(sample.load.failures for sample in taken),
        upstream_connections=sum(sample.upstream_connections for sample in taken),
    )


def _median_ms(latencies: Sequence[float | None]) -> float | None:
    known = [latency for latency in latencies if latency is not None]
    return median(known) / 1000 if known else None


_COLUMNS: Final = (
    "proxy",
    "CPU µs/request",
    "lowest–highest",
    "per CPU s",
    *(f"× {reference}" for reference in REFERENCES),
    "requests/s",
    "p50 ms",
    "p99 ms",
    "failed",
    "new upstream conns",
)


def render_table(measured: Measured) -> str:
    """One scenario as a Markdown table, with what is to be said of it below."""
    rows = make_rows(measured.samples)
    cells = [list(_COLUMNS), *(_render_row(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(_COLUMNS))]
    # Names to the left, numbers to the right.
    rule = [f":{'-' * (widths[0] - 1)}", *(f"{'-' * (width - 1)}:" for width in widths[1:])]
    lines = [_join(line, widths) for line in (cells[0], rule, *cells[1:])]
    notes = [f"\n{name} is not in the table: {why}" for name, why in measured.absent.items()]
    notes += [
        f"\n{row.proxy} failed {row.failures} requests: its figures stand for nothing." for row in rows if row.failures
    ]
    scenario = measured.scenario
    return "\n".join([f"### {scenario.name}: {scenario.title}", "", f"{scenario.shape.value}", "", *lines, *notes])


def make_document(
    measured: Sequence[Measured], *, machine: Mapping[str, Any], versions: Mapping[str, str], options: Mapping[str, Any]
) -> dict[str, Any]:
    """All that was measured, every sample too, for JSON."""
    return {
        "machine": dict(machine),
        "versions": dict(versions),
        "options": dict(options),
        "scenarios": [
            {
                "name": each.scenario.name,
                "title": each.scenario.title,
                "shape": each.scenario.shape.value,
                "rows": [asdict(row) for row in make_rows(each.samples)],
                "samples": {name: [asdict(sample) for sample in taken] for name, taken in each.samples.items()},
                "absent": each.absent,
            }
            for each in measured
        ],
    }


def _render_row(row: Row) -> list[str]:
    return [
        row.proxy,
        f"{row.cpu_us:.1f}",
        f"{row.cpu_us_lowest:.1f}–{row.cpu_us_highest:.1f}",
        f"{row.per_cpu_second:,.0f}",
        *(_render_number(row.ratios[reference]) for reference in REFERENCES),
        f"{row.requests_per_second:,.0f}",
        _render_number(row.p50_ms),
        _render_number(row.p99_ms),
        str(row.failures),
        str(row.upstream_connections),
    ]


def _render_number(number: float | None) -> str:
    return "–" if number is None else f"{number:.2f}"


def _join(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = zip(cells, widths, strict=True)
    padded = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)]
    return f"| {' | '.join(padded)} |"
