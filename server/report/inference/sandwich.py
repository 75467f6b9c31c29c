"""The clustered variance of a sum of scores, for estimators that statsmodels does not have (instruments, weights)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def two_way(scores: Floats, person: Any, item: Any) -> float:
    """Return the variance of `scores.sum()` by participant plus by specimen minus by both, each times G / (G - 1).

    Args:
        scores: (n,) influence of each round on the estimate.
        person: (n,) int codes.
        item: (n,) int codes.

    Where the difference is not positive, the larger of the two one-way variances.
    """
    both = np.unique(np.column_stack([person, item]), axis=0, return_inverse=True)[1].ravel()
    by_person, by_item, by_both = (_one_way(scores, codes) for codes in (person, item, both))
    variance = by_person + by_item - by_both
    return variance if variance > 0 else max(by_person, by_item)


def _one_way(scores: Floats, codes: Any) -> float:
    sums = np.bincount(codes, scores)
    count = len(np.unique(codes))
    return float((sums**2).sum()) * count / (count - 1) if count > 1 else 0.0
