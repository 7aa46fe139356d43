"""The totals of all workers that ever were, so that a restarted worker does not take its counts with it.

What this module knows: a worker tells its totals since it began (`Ack.counters`), by Prometheus sample name: `name` or
`name{label="x"}`. What it keeps to: a sum never goes down while the control process lives. (It begins at nothing with a
new control process, as Prometheus expects of a counter.)
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
            self._ended.update(before[1])
        self._living[worker] = (process, dict(totals))

    def totals(self) -> dict[str, int]:
        """The sums, by sample name in order."""
        sums = Counter(self._ended)
        for _, totals in self._living.values():
            sums.update(totals)
        return dict(sorted(sums.items()))

    def render(self) -> bytes:
        """The sums in Prometheus' exposition format, version 0.0.4."""
        lines: list[str] = []
        metric = None
        for sample, value in self.totals().items():
            name = sample.partition("{")[0]
            if name != metric:
                metric = name
                lines.append(f"# TYPE {name} counter")
            lines.append(f"{sample} {value}")
        return "".join(f"{line}\n" for line in lines).encode()
