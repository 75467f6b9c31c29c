"""An estimate: a number with what it was counted from, or the reason why there is none. Unknown is never zero."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

import msgspec


class Estimate(msgspec.Struct, frozen=True):
    """A measured value. Undefined is NaN with a reason (in JSON: null and the reason).

    `numerator / denominator` is the value wherever both are given; they are None for what is not a ratio of sums (a median,
    a distance), so whatever has them may be pooled as sum over sum.
    """

    value: float
    numerator: float | None
    denominator: float | None
    n: int
    """Rounds (for maps: cases) that had everything the measure needs."""
    why_undefined: str = ""
    low: float | None = None
    """95 % interval that the fit itself gives; None for what is counted, whose interval comes from resampling people."""
    high: float | None = None

    @property
    def defined(self) -> bool:
        """Tell whether there is a number."""
        return not math.isnan(self.value)


def undefined(why: str, n: int = 0, numerator: float | None = None, denominator: float | None = None) -> Estimate:
    """Return an estimate without a number; `why` is a phrase a person can read.

    >>> undefined("no scored round").why_undefined
    'no scored round'
    """
    if not why:
        raise ValueError("an undefined estimate needs a reason")
    return Estimate(math.nan, numerator, denominator, n, why)


def ratio(numerator: float, denominator: float, why: str, n: int | None = None) -> Estimate:
    """Return numerator / denominator; undefined because of `why` where the denominator is 0.

    `n` defaults to the denominator, for shares of rounds.

    >>> ratio(3, 4, "no round").value
    0.75
    >>> ratio(0, 0, "no round where the AI was wrong").defined
    False
    """
    count = int(denominator) if n is None else n
    if denominator == 0:
        return undefined(why, count, numerator, denominator)
    return Estimate(numerator / denominator, float(numerator), float(denominator), count)


def wilson(numerator: float, denominator: float) -> tuple[float, float]:
    """Return the 95 % interval of one person's share of rounds (Wilson 1927); NaN without rounds.

    >>> [round(end, 3) for end in wilson(8, 10)]
    [0.49, 0.943]
    """
    if denominator <= 0:
        return math.nan, math.nan
    z = statistics.NormalDist().inv_cdf(0.975)
    p, n = numerator / denominator, denominator
    middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max(0.0, (middle - half) / (1 + z * z / n)), min(1.0, (middle + half) / (1 + z * z / n))


def share(flags: Sequence[bool | None], why: str, n: int | None = None) -> Estimate:
    """Return the share of true ones; undefined because of `why` when there are none at all.

    >>> share([True, False, True, True], "no round").value
    0.75
    """
    return ratio(sum(flag is True for flag in flags), len(flags), why, n)


def mean(values: Sequence[float], why: str) -> Estimate:
    """Return the arithmetic mean, its sum and its count.

    >>> mean([1, 2, 6], "no time").value
    3.0
    """
    return ratio(math.fsum(values), len(values), why)


def median(values: Sequence[float], why: str) -> Estimate:
    """Return the median; it is no ratio of sums, so it has no numerator and no denominator.

    >>> median([1, 2, 6], "no time").value
    2.0
    """
    return Estimate(float(statistics.median(values)), None, None, len(values)) if values else undefined(why)
