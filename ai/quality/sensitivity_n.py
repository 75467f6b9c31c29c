"""Sensitivity-n: faithfulness correlation over subsets of several sizes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ai.asked import Asked
from ai.coarse import correlations
from ai.quality import Case, Maps, Scores, quality, where
from ai.quality.monotonicity import ALIKE

SHARES = (0.05, 0.1, 0.2, 0.4, 0.7)
"""Sizes of the subsets, as shares of all cells."""


@quality(
    "sensitivity_n",
    family="faithfulness",
    reads="model",
    takes="signed",
    better="higher",
    random=0.0,
    cite="Ancona et al. 2018, ICLR, arXiv:1711.06104",
    needs=("passes",),
    unit="correlation",
)
def sensitivity_n(maps: Maps, case: Case, *, draws: int = 20, side: int = 12, baseline: str = "mean") -> Scores:
    """Return the mean over sizes of Pearson's correlation of a random subset's sum in the map and the logit's fall.

    Each image is judged by itself, over `draws` subsets of each size; sizes where nothing moves are left out. The subsets
    are those of `faithfulness_correlation`, run once for all methods.
    """
    asked, rows = Asked.of(case), np.arange(len(maps)) % len(case.targets)
    attributed, _ = asked.cells(maps, asked.grid(side))
    whole = asked.plain(len(case.targets), probability=False)[:, None]
    found = list[np.ndarray]()
    for share in SHARES:
        masks, logits = asked.subsets(side, max(1, round(share * side * side)), draws, baseline)
        falls = whole - asked.target(logits, probability=False)
        found.append(correlations(attributed @ masks.numpy().astype(np.float64).T, falls[rows]))
    y = np.column_stack(found)
    good: NDArray[np.bool_] = np.isfinite(y)
    values = np.where(good, y, 0).sum(1) / np.maximum(good.sum(1), 1)
    made = where(np.any(good, axis=1), values, ALIKE)
    return Scores(made.values, made.why, curves={"sensitivity-n": (np.array(SHARES), y)})
