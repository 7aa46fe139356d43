"""The totals of all workers that ever were, so that a restarted worker does not take its counts with it.

What this module knows: a worker tells its totals since it began (`Ack.counters`), by Prometheus sample name: `name` or
`name{label="x"}`. A name that ends in `_total` is a counter's, any other a gauge's: how much there is now. What it keeps to:

- A counter's sum never goes down while the control process lives. (It begins at nothing with a new control process, as
  Prometheus expects.)
- A gauge is summed over the workers that live.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping


class WorkerCounters:
    """Sums over workers."""

    def __init__(self) -> None:
        self._ended: Counter[str] = Counter()
        self._living: dict[int, tuple[int, Mapping[str, int]]] = {}  # by worker number: process, its totals

    def note(self, worker: int, process: int, totals: Mapping[str, int]) -> None:
        """The worker's process has counted so far."""
        before = self._living.get(worker)
        if before is not None and before[0] != process:
            self._ended.update({name: value for name, value in before[1].items() if _is_counter(name)})
        self._living[worker] = (process, dict(totals))

    def forget_gauges(self, worker: int, process: int) -> None:
        """The process has ended: it counts on, but it holds nothing any more."""
        before = self._living.get(worker)
        if before is not None and before[0] == process:
            counters = {name: value for name, value in before[1].items() if _is_counter(name)}
            self._living[worker] = (process, counters)

    def totals(self) -> dict[str, int]:
        """The sums, by sample name in order."""
        sums = Counter(self._ended)
        for _, totals in self._living.values():
            sums.update(totals)
        return dict(sorted(sums.items()))


def render_samples(samples: Mapping[str, int]) -> bytes:
    """Samples by name, in order, in Prometheus' exposition format, version 0.0.4."""
    lines: list[str] = []
    metric = None
    for sample, value in samples.items():
        name = sample.partition("{")[0]
        if name != metric:
            metric = name
            lines.append(f"# TYPE {name} {'counter' if _is_counter(name) else 'gauge'}")
        lines.append(f"{sample} {value}")
    return "".join(f"{line}\n" for line in lines).encode()


def _is_counter(sample: str) -> bool:
    return sample.partition("{")[0].endswith("_total")
