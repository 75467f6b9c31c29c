"""Faithfulness estimate: does the map give each place what the answer loses without it?"""

from __future__ import annotations

import numpy as np

from ai.asked import Asked
from ai.coarse import correlations
from ai.quality import Case, Maps, Scores, quality, where
from ai.quality.monotonicity import ALIKE


@quality(
    "faithfulness_estimate",
    family="faithfulness",
    reads="model",
    takes="signed",
    better="higher",
    random=0.0,
    cite="Alvarez-Melis & Jaakkola 2018, NeurIPS, arXiv:1806.07538",
    needs=("passes",),
    unit="correlation",
)
def faithfulness_estimate(maps: Maps, case: Case, *, side: int = 12, baseline: str = "mean") -> Scores:
    """Return Pearson's correlation over cells of the map's sum and the fall of the target's logit without the cell.

    Cells go one at a time, so the falls depend on no map: one set of passes serves all methods, and infidelity with them.
    """
    asked = Asked.of(case)
    attributed, _ = asked.cells(maps, asked.grid(side))
    falls = asked.plain(len(case.targets), probability=False)[:, None]
    falls = falls - asked.target(asked.without(side, baseline), probability=False)
    values = correlations(attributed, falls[np.arange(len(maps)) % len(falls)])
    return where(np.isfinite(values), values, ALIKE)
