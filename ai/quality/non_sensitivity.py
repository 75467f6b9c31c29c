"""Non-sensitivity: is the map silent just where the model does not care?"""

from __future__ import annotations

import numpy as np

from ai.asked import Asked
from ai.quality import Case, Maps, Scores, quality


@quality(
    "non_sensitivity",
    family="axiomatic",
    reads="model",
    takes="absolute",
    better="lower",
    cite="Nguyen & Rodríguez Martínez 2020, arXiv:2007.07584",
    needs=("passes",),
    unit="share",
)
def non_sensitivity(
    maps: Maps, case: Case, *, side: int = 12, baseline: str = "mean", small: float = 0.01, moved: float = 0.001
) -> Scores:
    """Return the share of cells where the map is silent and the answer moves, or the map speaks and nothing moves.

    Silent is a cell whose absolute sum is below `small` of the map's largest cell; unmoved an answer whose probability
    changes by less than `moved` without the cell. The changes depend on no map and are those of `faithfulness_estimate`.
    """
    asked = Asked.of(case)
    attributed, _ = asked.cells(maps, asked.grid(side))
    silent = attributed < small * attributed.max(1, keepdims=True)
    whole = asked.plain(len(case.targets), probability=True)[:, None]
    still = np.abs(asked.target(asked.without(side, baseline), probability=True) - whole) < moved
    return Scores((silent ^ still[np.arange(len(maps)) % len(still)]).mean(1))
