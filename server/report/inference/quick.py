"""The default difference of two shares, many times over: what `cluster_robust` gives, from sums alone."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Quick(NamedTuple):
    """A difference with the three parts of its two-way variance, and the degrees of freedom (fewest clusters - 1)."""

    difference: float
    by_person: float
    by_item: float
    by_both: float
    df: int

    @property
    def error(self) -> float:
        """Return the standard error: the parts added up, or the larger one-way one where that leaves nothing."""
        one_way = self.by_person if math.isnan(self.by_item) else max(self.by_person, self.by_item)
        if math.isnan(self.by_item):
            return math.sqrt(one_way)
        variance = self.by_person + self.by_item - self.by_both
        return math.sqrt(variance if variance > 1e-15 else one_way)


def pairs(person: Any, item: Any) -> NDArray[np.intp]:
    """Return codes (n,) of the pairs of participant and specimen."""
    return np.unique(person * (int(item.max()) + 1) + item, return_inverse=True)[1].ravel()


def quick(y: Floats, x: NDArray[np.bool_], person: Any, item: Any, both: Any) -> Quick:
    """Return mean(y | x) - mean(y | not x) with variances clustered by participant, by specimen and by both.

    Args:
        y: (n,) zeros and ones.
        x: (n,) whether the round is of the contrast; both sides have rounds.
        person: (n,) int codes.
        item: (n,) int codes; where all are of one specimen its part is NaN and left out, as in the default.
        both: (n,) int codes of the pairs of the two, see `pairs`.
    """
    n, ahead, hits = len(y), float(np.count_nonzero(x)), float(y @ x)
    one, other = hits / ahead, (float(y.sum()) - hits) / (n - ahead)
    scores: Floats = np.where(x, (y - one) / ahead, (other - y) / (n - ahead))
    small = (n - 1) / (n - 2)
    parts: list[float] = []
    counts: list[int] = []
    for codes in (person, item, both):
        groups = int(np.count_nonzero(np.bincount(codes)))
        counts.append(groups)
        sums = np.bincount(codes, scores).astype(np.float64)
        parts.append(float((sums**2).sum()) * groups / (groups - 1) * small if groups > 1 else math.nan)
    df = counts[0] - 1 if math.isnan(parts[1]) else min(counts[:2]) - 1
    return Quick(one - other, parts[0], parts[1], parts[2], df)
