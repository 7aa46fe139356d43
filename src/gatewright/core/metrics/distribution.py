"""How whole milliseconds were distributed: count, sum, least, most, and a histogram that gives percentiles.

The histogram's buckets are the numbers below 128 themselves, and 64 a power of two beyond. So a percentile is exact below
128 ms, and beyond it is within 1/128 (0.8 %) of the value that was there. Histograms of two distributions add up to the
histogram of both: what workers counted in a second is kept by the minute, the hour, or over all stages, without loss.
"""

from collections.abc import Iterable
from typing import Any, Final

#: Values of as many bits are their own bucket.
_EXACT_BITS: Final = 7
_HALF: Final = 1 << (_EXACT_BITS - 1)
#: Far beyond the 29 s that an integration may take (facts 7.2); it bounds the number of buckets: 960.
MOST: Final = (1 << 20) - 1

#: How far a percentile may be from the value that was there, as a part of that value.
RELATIVE_ERROR: Final = 1 / (2 * _HALF)


def bucket_of(value: int) -> int:
    """The bucket of a value from 0 to `MOST`."""
    if value < 2 * _HALF:
        return value
    shift = value.bit_length() - _EXACT_BITS
    return shift * _HALF + (value >> shift)


def span_of(bucket: int) -> tuple[int, int]:
    """The least and the most value of a bucket."""
    if bucket < 2 * _HALF:
        return bucket, bucket
    shift = bucket // _HALF - 1
    least = (bucket - shift * _HALF) << shift
    return least, least + (1 << shift) - 1


class Distribution:
    """Values that were seen. `least` and `most` mean nothing while `count` is 0."""

    __slots__ = ("buckets", "count", "least", "most", "total")

    def __init__(self) -> None:
        self.count = 0
        self.total = 0
        self.least = 0
        self.most = 0
        self.buckets: dict[int, int] = {}

    def __repr__(self) -> str:
        return f"<Distribution of {self.count} from {self.least} to {self.most}>"

    def add(self, value: int) -> None:
        """One more value. (For every request: 0.1 µs when compiled.)"""
        if value < 0:
            value = 0  # the clock was set back meanwhile
        elif value > MOST:
            value = MOST
        if self.count == 0:
            self.least = self.most = value
        elif value < self.least:
            self.least = value
        elif value > self.most:
            self.most = value
        self.count += 1
        self.total += value
        bucket = bucket_of(value)
        self.buckets[bucket] = self.buckets.get(bucket, 0) + 1

    def merge(self, other: "Distribution") -> None:
        """All that the other has seen, too."""
        if other.count == 0:
            return
        if self.count == 0:
            self.least, self.most = other.least, other.most
        else:
            self.least = min(self.least, other.least)
            self.most = max(self.most, other.most)
        self.count += other.count
        self.total += other.total
        for bucket, count in other.buckets.items():
            self.buckets[bucket] = self.buckets.get(bucket, 0) + count

    def percentile(self, percent: float) -> float:
        """The value that `percent` of all do not exceed (nearest rank), within `RELATIVE_ERROR`. There must be one."""
        assert self.count > 0, "nothing was seen"
        # Thousandths of a millionth: binary fractions of percents (99.9) must not reach for the next rank.
        rank = max(1, -(-self.count * round(percent * 1_000_000_000) // 100_000_000_000))
        if rank >= self.count:
            return float(self.most)
        seen = 0
        for bucket in sorted(self.buckets):
            seen += self.buckets[bucket]
            if seen >= rank:
                least, most = span_of(bucket)
                return min(max((least + most) / 2, float(self.least)), float(self.most))
        raise AssertionError("the buckets hold fewer values than were counted")

    def count_below(self, bound: int) -> int:
        """How many values are below a bound that is below 128, or a power of two: exact."""
        first = bucket_of(bound)
        return sum(count for bucket, count in self.buckets.items() if bucket < first)

    def encode(self) -> list[Any]:
        """As JSON has it; `decode_distribution` reads it."""
        flat: list[int] = []
        for bucket, count in self.buckets.items():
            flat += (bucket, count)
        return [self.count, self.total, self.least, self.most, flat]


def decode_distribution(encoded: list[Any]) -> Distribution:
    """What `encode` wrote. A `ValueError` or `TypeError` tells of anything else."""
    made = Distribution()
    made.count, made.total, made.least, made.most, flat = encoded
    made.buckets = dict(zip(flat[::2], flat[1::2], strict=True))
    return made


def distribution_of(values: Iterable[tuple[int, int]]) -> Distribution:
    """The distribution of values, each with how often it was there."""
    made = Distribution()
    for value, count in values:
        if count > 0:
            part = Distribution()
            part.add(value)
            part.count, part.total, part.buckets = count, value * count, {bucket_of(value): count}
            made.merge(part)
    return made
