"""Sparseness: how much of a map lies in few places."""

from __future__ import annotations

import numpy as np

from ai.quality import Case, Maps, Scores, quality


@quality(
    "sparseness",
    family="complexity",
    reads="map",
    takes="absolute",
    better="higher",
    cite="Chalasani et al. 2020, ICML, arXiv:1810.06583",
    unit="Gini index",
)
def sparseness(maps: Maps, case: Case) -> Scores:
    """Return the Gini index of the absolute values: 0 spread evenly, near 1 all in one place.

    Sum over ranks i = 1..d of (2 i - d - 1) v_i, divided by d times the sum of all v.
    """
    del case
    v = np.sort(maps.reshape(len(maps), -1).astype(np.float64), axis=1)
    d = v.shape[1]
    return Scores((v @ (2 * np.arange(1, d + 1) - d - 1)) / (d * v.sum(1)))
