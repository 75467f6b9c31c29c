"""Region perturbation: how far the answer falls while whole squares go, most important first."""

from __future__ import annotations

import numpy as np

from ai.asked import Asked
from ai.quality import Case, Maps, Scores, quality


@quality(
    "region_perturbation",
    family="faithfulness",
    reads="model",
    takes="signed",
    better="higher",
    cite="Samek et al. 2017, IEEE TNNLS, doi:10.1109/TNNLS.2016.2599820",
    needs=("passes",),
    unit="probability",
)
def region_perturbation(
    maps: Maps, case: Case, *, steps: int = 6, side: int = 12, each: int = 4, baseline: str = "noise"
) -> Scores:
    """Return the area over the perturbation curve: the mean fall of the target's probability over the steps.

    The squares are the cells of a grid of `side`, ordered by the sum of the signed map; each step turns `each` more
    of them to noise, and the first point, where nothing is gone yet, counts as in the paper.
    """
    asked = Asked.of(case)
    gone = [each * k for k in range(1, steps + 1)]
    if gone[-1] > side * side:
        raise ValueError(f"{steps} steps of {each} squares are more than the {side * side} of the grid")
    left = asked.target(asked.curve(maps, gone, baseline, cells=asked.grid(side)), probability=True)
    whole = asked.plain(len(maps), probability=True)
    falls = np.column_stack([np.zeros(len(maps)), whole[:, None] - left])
    x = np.array([0, *gone]) / (side * side)
    return Scores(falls.mean(1), curves={"region perturbation": (x, falls)})
