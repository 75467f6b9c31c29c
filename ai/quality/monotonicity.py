"""Monotonicity: does the answer grow as the picture comes back, and does it move most where the map is strongest?"""

from __future__ import annotations

import numpy as np

from ai.asked import Asked
from ai.coarse import correlations, ranks
from ai.curves import curve
from ai.quality import Case, Maps, Scores, quality, where

ALIKE = "the model reacts to every cell alike, or the map holds all cells alike"


@quality(
    "monotonicity",
    family="faithfulness",
    reads="model",
    takes="signed",
    better="higher",
    cite="Arya et al. 2019, arXiv:1909.03012",
    needs=("passes",),
    unit="share",
)
def monotonicity(maps: Maps, case: Case, *, steps: int = 5) -> Scores:
    """Return the share of steps at which the target's probability does not fall, while pixels come back in rising order.

    From the mean colour, the least important pixels first; 1 is monotone, the paper's yes. Read from the curve of
    `deletion_mean` backwards: what is left there is what has come back here.
    """
    _, y = curve(Asked.of(case), maps, "mean", steps)
    return Scores((np.diff(y[:, ::-1]) >= 0).mean(1))


@quality(
    "monotonicity_correlation",
    family="faithfulness",
    reads="model",
    takes="absolute",
    better="higher",
    random=0.0,
    cite="Nguyen & Rodríguez Martínez 2020, arXiv:2007.07584",
    needs=("passes",),
    unit="correlation",
)
def monotonicity_correlation(
    maps: Maps, case: Case, *, draws: int = 3, side: int = 8, baseline: str = "noise"
) -> Scores:
    """Return Spearman's correlation over cells of the absolute map and how uncertain the answer is without the cell.

    That is the mean squared change of the target's probability when the cell is filled with noise, `draws` times, or once
    with another `baseline`. The changes depend on no map: one set of passes serves all methods.
    """
    asked = Asked.of(case)
    attributed, _ = asked.cells(maps, asked.grid(side))
    shown = [asked.noise(k) for k in range(draws)] if baseline == "noise" else [baseline]
    changes = [asked.without(side, base) for base in shown]
    rows = np.arange(len(maps)) % len(case.targets)
    whole = asked.plain(len(case.targets), probability=True)[:, None]
    moved = np.mean([(asked.target(c, probability=True) - whole) ** 2 for c in changes], axis=0)[rows]
    values = correlations(ranks(attributed), ranks(moved))
    return where(np.isfinite(values), values, ALIKE)
