"""Faithfulness correlation: does what the map gives to random parts go with what the answer loses without them?"""

from __future__ import annotations

import numpy as np

from ai.asked import Asked
from ai.coarse import correlations
from ai.quality import Case, Maps, Scores, quality, where
from ai.quality.monotonicity import ALIKE


@quality(
    "faithfulness_correlation",
    family="faithfulness",
    reads="model",
    takes="signed",
    better="higher",
    random=0.0,
    cite="Bhatt, Weller & Moura 2020, IJCAI, arXiv:2005.00631",
    needs=("passes",),
    unit="correlation",
)
def faithfulness_correlation(
    maps: Maps, case: Case, *, draws: int = 60, side: int = 12, share: float = 0.2, baseline: str = "mean"
) -> Scores:
    """Return Pearson's correlation over `draws` random subsets of cells of their sum in the map and the logit's fall.

    Subsets are `share` of the cells of a grid of `side`, the same for all images and methods: one set of passes serves
    all. A grid of the image's side takes single pixels.
    """
    asked = Asked.of(case)
    attributed, _ = asked.cells(maps, asked.grid(side))
    masks, logits = asked.subsets(side, max(1, round(share * side * side)), draws, baseline)
    falls = asked.plain(len(case.targets), probability=False)[:, None] - asked.target(logits, probability=False)
    values = correlations(attributed @ masks.numpy().astype(np.float64).T, falls[np.arange(len(maps)) % len(falls)])
    return where(np.isfinite(values), values, ALIKE)
